"""Ground tools of the Yutu-2 rover emulator."""
