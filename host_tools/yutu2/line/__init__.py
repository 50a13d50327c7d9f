"""Serial lines, real and emulated: everything is opened through pyserial's `serial_for_url`."""
