"""How long commands take to start: `python tests/bench/start_up.py`. Prints processor time above `python -c pass`.

The least of several runs: what other programs take of the machine makes a run longer, never shorter.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 9
AIMS_S = {"yutu2 --help": 0.12, "yutu2 decode EMPTY": 0.25}


def processor_s(command: list[str]) -> float:
    """User and system time of a command, in s."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def least_s(command: list[str]) -> float:
    """The least of several runs, after one that fills the caches of compiled modules."""
    processor_s(command)
    return min(processor_s(command) for _ in range(RUNS))


def main() -> int:
    """Print a row for each command, with its aim. Return 1 if one is missed."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.tm")
        empty.touch()
        python = least_s([sys.executable, "-c", "pass"])
        print(f"python -c pass      {python:.3f} s, the least of {RUNS} runs on {os.cpu_count()} processors")
        for name, aim_s in AIMS_S.items():
            words = [str(empty) if word == "EMPTY" else word for word in name.split()[1:]]
            above = least_s([sys.executable, "-m", "yutu2", *words]) - python
            missed += above > aim_s
            print(f"{name:18}  {above:.3f} s above it, aim {aim_s:g} s: {'met' if above <= aim_s else 'MISSED'}")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
