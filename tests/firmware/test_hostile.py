"""The up-link under attack: the bench of a million inputs, with 20,000 of them."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench" / "hostile.py"


def test_nothing_is_done_that_was_not_sent_and_the_heap_stays_flat(micropython):
    done = subprocess.run([sys.executable, BENCH, "--inputs", "20000"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("telecommands begun that nobody sent 0") == 2
