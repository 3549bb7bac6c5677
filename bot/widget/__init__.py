"""The chat element for the clinic's own site, and the demonstration page."""
