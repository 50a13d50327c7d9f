"""Starts the rover: on a board by itself, on a desktop as its options tell (`micropython main.py --help`)."""

import sys

if sys.platform == "rp2":
    from rover.embedded import main

    main()
else:
    from rover.desktop import main

    sys.exit(main(sys.argv[1:]))
