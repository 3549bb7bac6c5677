"""Use cases: what happens when a message comes in, whoever brings it."""
