"""`python -m yutu2`."""

from yutu2.cli import main

main()
