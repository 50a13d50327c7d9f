"""The pages of documentation: their shell blocks, programs and marked blocks, for the tests and for `tests.remake`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / name
    for name in (
        "README.md",
        "host_tools/README.md",
        "firmware/README.md",
        "firmware/EXTENDING.md",
        "hil/README.md",
        "tests/README.md",
        ".github/CONTRIBUTING.md",
    )
]
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    """Return a page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def fenced(page: Path, language: str) -> list[str]:
    """Return the texts of the blocks in one language, as `sh`, in their order."""
    return [text for found, text in _FENCED.findall(page.read_text(encoding="utf-8")) if found == language]


def marked(name: str) -> tuple[Path, str]:
    """Return the page with the marks `<!-- name -->` and `<!-- end of name -->`, and the block between them."""
    pattern = re.compile(rf"<!-- {name} -->\n```\w*\n(.*?)```\n<!-- end of {name} -->", re.DOTALL)
    found = [(page, match[1]) for page in PAGES for match in pattern.finditer(page.read_text(encoding="utf-8"))]
    if len(found) != 1:
        raise LookupError(f"{len(found)} pages have a block {name}")
    return found[0]


def put_marked(name: str, content: str) -> Path:
    """Replace a marked block, its marks and fences kept, and return its page."""
    page, _ = marked(name)
    text = page.read_text(encoding="utf-8")
    pattern = rf"(<!-- {name} -->\n```\w*\n).*?(```\n<!-- end of {name} -->)"
    text = re.sub(pattern, lambda match: match[1] + content + match[2], text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")
    return page


def commands(page: Path) -> list[str]:
    """Return the commands of a page's shell blocks, a line each; one with a here-document has several lines."""
    found = []
    for block in fenced(page, "sh"):
        lines = iter(block.splitlines())
        for line in lines:
            command = [line]
            if end := re.search(r"<<'(\w+)'$", line):
                for rest in lines:
                    command.append(rest)
                    if rest == end[1]:
                        break
            if line.strip():
                found.append("\n".join(command))
    return found


def here_document(block: str) -> str:
    """Return the text of the only here-document of a shell block."""
    (found,) = re.findall(r"<<'(\w+)'\n(.*?)^\1$", block, re.MULTILINE | re.DOTALL)
    return found[1]


def refusal() -> str:
    """Return what `yutu2 plan check` prints on the rover's own plan with one step that cannot begin."""
    plan = (ROOT / "firmware" / "lunar_day.plan").read_text(encoding="utf-8")
    step = "again: with spectrum1 + 10min asan_observe minutes=5\n"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mine.plan").write_text(plan + step, encoding="utf-8")
        command = [sys.executable, "-m", "yutu2", "plan", "check", "mine.plan"]
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    if done.returncode != 2:
        raise RuntimeError(f"the plan is not refused: {done.stdout}{done.stderr}")
    return done.stderr
