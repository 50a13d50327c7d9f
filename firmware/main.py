"""Starts the rover: on a board by itself, on a desktop as its options tell (`micropython main.py --help`)."""

import gc
import sys

if sys.implementation.name == "micropython":
    # Collected often while the modules load, what stays lies close together: else free memory falls to pieces
    gc.threshold(16384)
if sys.platform == "rp2":
    # Else a file struct.py that lies beside this one, or in lib, would be taken for the module of MicroPython
    places = sys.path[:]
    sys.path[:] = [".frozen"]
    for name in ("array", "binascii", "cryptolib", "hashlib", "io", "machine", "os", "select", "struct", "time"):
        sys.modules[name] = __import__(name)
    sys.path[:] = places
    from rover.board.startup import repl_pin_is_held

    # At once, before all that takes a second to load
    if repl_pin_is_held():
        print("rover: the REPL is yours; Ctrl-D starts the rover")
    else:
        from rover.boot_pico import main

        main()
else:
    try:
        from rover.boot_desktop import main

        status = main(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
