"""Text files that a person writes for a run: plans, scenarios, uplink files, run options; their grammar and checks."""
