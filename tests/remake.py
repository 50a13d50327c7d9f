"""Remake every generated text, in the order in which they depend on each other: `python -m tests.remake`.

Firmware tables and the dictionary hash of the plan, golden streams, the blocks of the documentation that show output or
the plan, and, unless `--quick` is given, the fault catalogue (a minute or two).
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults import catalogue
from tests.golden import remake as golden
from tests.pages import ROOT, put_marked, refusal


def yutu2(*arguments: str, folder: Path = ROOT) -> str:
    """Run the command in a folder and return its standard output."""
    command = [sys.executable, "-m", "yutu2", *arguments]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def remake_pages() -> None:
    """Put the transcript of lunar day 24, the plan, its refusal and the scores of `calendar` into their pages."""
    with tempfile.TemporaryDirectory() as folder:
        transcript = yutu2("run", "--lunar-day", "24", "--out", "day24", folder=Path(folder))
    plan = (ROOT / "firmware" / "lunar_day.plan").read_text(encoding="utf-8")
    scores = [line for line in yutu2("calendar").splitlines(keepends=True) if " judged: mean error " in line]
    blocks = {
        "transcript": transcript,
        "plan": plan[plan.index("\ndictionary ") + 1 :],
        "refusal": refusal(),
        "calendar": "".join(scores),
    }
    for page in sorted({put_marked(name, content) for name, content in blocks.items()}):
        print(page)


def main() -> None:
    """Run every generator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave the fault catalogue out")
    arguments = parser.parse_args()
    print(yutu2("dictionary", "generate"), end="")
    golden.main()
    remake_pages()
    if not arguments.quick:
        catalogue.main()


if __name__ == "__main__":
    main()
