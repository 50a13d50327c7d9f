"""Board images for the Raspberry Pi Pico, and an emulated Pico to run them on.

The tools that this room leans on come with the extra ``yutu2[pico]``; each module asks for them when it needs them.
"""
