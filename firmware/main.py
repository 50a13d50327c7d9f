"""Starts the rover: `micropython main.py --help` tells the options."""

import sys

from rover.app import main

sys.exit(main(sys.argv[1:]))
