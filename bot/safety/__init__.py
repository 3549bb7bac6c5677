"""The screen: knows text, not people. A pure function of what was written."""
