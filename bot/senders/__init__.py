"""How something leaves the house."""
