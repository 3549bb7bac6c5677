"""This project beside other ways of doing it, in one run, on the same data."""
