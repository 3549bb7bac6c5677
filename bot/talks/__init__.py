"""What Rasa keeps of a talk, and how it keeps one talk's messages in order. `endpoints.yml` names these classes."""
