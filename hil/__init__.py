"""One suite of behaviours, asked of any target: `pytest hil --target unix | pico-emulated | DEVICE | URL`."""
