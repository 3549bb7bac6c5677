"""The chat element in a real browser, before the real gateway."""
