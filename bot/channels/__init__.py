"""Where messages come in: verify, hand to intake, write the answer on the wire."""
