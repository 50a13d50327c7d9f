"""A rover at work, run or commanded from here: run, dry run, client, validation."""
