"""Starts the rover: on a board by itself, on a desktop as its options tell (`micropython main.py --help`)."""

import gc
import sys

if sys.implementation.name == "micropython":
    # Collected often while the modules load, what stays lies close together: else free memory falls to pieces
    gc.threshold(16384)
if sys.platform == "rp2":
    from rover.board.pico import repl_pin_is_held

    # At once, before all that takes a second to load
    if repl_pin_is_held():
        print("rover: the REPL is yours; Ctrl-D starts the rover")
    else:
        from rover.embedded import main

        main()
else:
    try:
        from rover.desktop import main

        status = main(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
