"""Doubles of everything outside of the use cases, and what builds them."""
