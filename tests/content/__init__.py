"""What authors wrote."""
