"""Leaves at home what a module has for CPython alone: on a board it lies in the heap, and is never called.

A board runs MicroPython, so of `if sys.implementation.name == "...":` one branch is left; and a plain twin of viper,
`def ..._plain`, goes when nothing uses it any more. No line moves.
"""

import ast
from collections.abc import Iterator, Mapping

from yutu2.pico.editing import Edit, edited, over

_TEST = "sys.implementation.name == {!r}"
_TWIN = "_plain"


def without_twins(sources: Mapping[str, str]) -> dict[str, str]:
    """The sources of a firmware, by path from its folder, without that. What does not parse stays as it is."""
    return {path: _stripped(text) for path, text in sources.items()}


def _stripped(text: str) -> str:
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return text  # mpy-cross will tell
    text = edited(text, _decided(body))
    while unused := list(_unused(ast.parse(text).body)):
        text = edited(text, (over(twin, "pass") for twin in unused))
    return text


def _unused(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """The plain twins of which only they themselves make use."""
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name.endswith(_TWIN):
            names = (name for other in body if other is not node for name in ast.walk(other))
            if not any(isinstance(name, ast.Name) and name.id == node.name for name in names):
                yield node


def _decided(body: list[ast.stmt]) -> Iterator[Edit]:
    """The branch that is never taken goes; MicroPython compiles the other one as if no condition were there."""
    for node in body:
        if not isinstance(node, ast.If) or ast.unparse(node.test) not in map(_TEST.format, ("micropython", "cpython")):
            continue
        holds = ast.unparse(node.test) == _TEST.format("micropython")
        yield over(node.test, str(holds))
        for statement in node.orelse if holds else node.body:
            yield over(statement, "pass")
