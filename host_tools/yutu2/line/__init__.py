"""Serial lines, real and emulated: all are opened as ports of pyserial."""
