"""Rasa graph components. Loaded by Rasa alone; nothing else may import this room."""
