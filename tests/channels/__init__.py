"""The gateway from the outside: real sockets, a real database, a Rasa that is told what to say."""
