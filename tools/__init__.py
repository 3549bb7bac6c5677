"""Checks and measurements for developers."""
