"""Puts other words into a source, and leaves each line where it is."""

import ast
from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """A place in a source, and what shall stand there; lines from 1 on, columns in octets, as `ast` counts them."""

    line: int
    column: int
    last_line: int
    end: int
    text: str


def over(node: ast.expr | ast.stmt, text: str) -> Edit:
    """Puts `text` in the place of a node."""
    return Edit(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0, text)


def edited(source: str, edits: Iterable[Edit]) -> str:
    """The source after edits of which none overlap. A node of several lines leaves empty ones behind."""
    lines = source.encode().splitlines(keepends=True)
    for line, column, last_line, end, text in sorted(edits, reverse=True):
        head, tail = lines[line - 1][:column], lines[last_line - 1][end:]
        lines[line - 1 : last_line] = [head + text.encode() + b"\n" * (last_line - line) + tail]
    return b"".join(lines).decode()
