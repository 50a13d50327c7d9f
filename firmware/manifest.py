"""Freezes the rover into a build of MicroPython: `make BOARD=RPI_PICO_W FROZEN_MANIFEST=.../firmware/manifest.py`.

A settings file stays in the board's file system. A main.py there is not run: the frozen one comes first.
"""
# ruff: noqa: F821 - include, package and module are given by the build

import json

# MicroPython's own: without it the board mounts no file system
include("$(PORT_DIR)/boards/manifest.py")

# The same files as with mip. The desktop's stay out: no board loads them, and they would take its flash.
with open("package.json") as listing:
    names = [name for name, _ in json.load(listing)["urls"]]

package("rover", files=[name[len("rover/") :] for name in names if name.startswith("rover/")])
module("main.py")
