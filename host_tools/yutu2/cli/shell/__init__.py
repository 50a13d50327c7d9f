"""A rover commanded line by line, at a prompt or from a script, with its telemetry beside it."""
