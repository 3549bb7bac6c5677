"""The assistant of a ketamine clinic: everything around Rasa that must not fail."""

__version__ = "0.1.0"
