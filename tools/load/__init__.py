"""A day of a clinic, faster and faster: how much it takes, and what becomes of others when one client floods it."""
