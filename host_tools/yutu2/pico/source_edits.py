"""Edit source texts without moving any line."""

import ast
from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """Represent a replacement: position, with lines from 1 and columns in octets as in `ast`, and new text."""

    line: int
    column: int
    last_line: int
    end: int
    text: str


def replace_node(node: ast.expr | ast.stmt, text: str) -> Edit:
    """Return the edit that replaces a node with `text`."""
    return Edit(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0, text)


def apply_edits(source: str, edits: Iterable[Edit]) -> str:
    """Return the source after edits that do not overlap. A node of several lines leaves empty lines."""
    lines = source.encode().splitlines(keepends=True)
    for line, column, last_line, end, text in sorted(edits, reverse=True):
        head, tail = lines[line - 1][:column], lines[last_line - 1][end:]
        lines[line - 1 : last_line] = [head + text.encode() + b"\n" * (last_line - line) + tail]
    return b"".join(lines).decode()
