"""Board images for the Raspberry Pi Pico, and an emulated Pico to run them on.

The libraries that this package needs come with the extra ``yutu2[pico]``; each module imports them on use.
"""
