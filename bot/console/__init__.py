"""The staff console: see, take over, answer, close."""
