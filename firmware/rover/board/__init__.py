"""The port: the only room that touches the machine, files, pins and ticks. Knows no rover logic."""
