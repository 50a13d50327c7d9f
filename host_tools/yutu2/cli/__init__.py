"""The command `yutu2`: parses, calls, prints."""
