"""The whole topology of docs/deploy.md as plain processes on this machine: for trying it out, for load, and for faults."""
