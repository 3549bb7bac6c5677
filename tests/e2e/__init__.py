"""The real thing from the outside: Rasa, model, action server, gateway, supervisor, browser."""
