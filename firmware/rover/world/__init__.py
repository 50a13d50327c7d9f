"""The Moon that the emulator makes up, in integers. Knows no other room."""
