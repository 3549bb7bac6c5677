"""Reads the section `on_call` of `clinic.yml`: every problem is named, with its place and what to write instead."""
