"""Remake every generated text, in the order in which they depend on each other: `python -m tests.remake`.

Firmware tables and the dictionary hash of the plan, golden streams, the blocks of README.md that show output or the
plan, and, unless `--quick` is given, the fault catalogue (a minute or two).
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults import catalogue
from tests.golden import remake as golden

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def yutu2(*arguments: str, folder: Path = ROOT) -> str:
    """Run the command in a folder and return its standard output."""
    command = [sys.executable, "-m", "yutu2", *arguments]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def with_block(text: str, name: str, content: str) -> str:
    """Return `text` with new content between the marks `<!-- name -->` and `<!-- end of name -->`, fences kept."""
    pattern = rf"(<!-- {name} -->\n```\w*\n).*?(```\n<!-- end of {name} -->)"
    found = re.search(pattern, text, re.DOTALL)
    if found is None:
        raise SystemExit(f"README.md has no block {name}")
    return text[: found.end(1)] + content + text[found.start(2) :]


def remake_readme() -> None:
    """Put the transcript of lunar day 24, the rover's own plan and the scores of `calendar` into README.md."""
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        transcript = yutu2("run", "--lunar-day", "24", "--out", "day24", folder=Path(folder))
    plan = (ROOT / "firmware" / "lunar_day.plan").read_text(encoding="utf-8")
    scores = [line for line in yutu2("calendar").splitlines(keepends=True) if " judged: mean error " in line]
    text = with_block(text, "transcript", transcript)
    text = with_block(text, "plan", plan[plan.index("\ndictionary ") + 1 :])
    text = with_block(text, "calendar", "".join(scores))
    README.write_text(text, encoding="utf-8")


def main() -> None:
    """Run every generator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave the fault catalogue out")
    arguments = parser.parse_args()
    print(yutu2("dictionary", "generate"), end="")
    golden.main()
    remake_readme()
    print(README)
    if not arguments.quick:
        catalogue.main()


if __name__ == "__main__":
    main()
