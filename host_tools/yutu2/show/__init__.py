"""What a person or a program gets to see: records, timeline, calendar."""
