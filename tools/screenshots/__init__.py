"""Pictures of pages for the documentation, taken with the Chromium of this machine."""
