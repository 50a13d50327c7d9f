"""Charts and lists for a person to read."""
