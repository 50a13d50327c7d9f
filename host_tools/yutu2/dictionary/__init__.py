"""The mission dictionary: reads it, checks it, makes the firmware's tables from it."""
