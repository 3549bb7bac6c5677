"""The client of the talking part."""
