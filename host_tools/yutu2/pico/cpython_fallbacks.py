"""Remove code for CPython from the firmware, because on a board it would only take heap.

Of `if sys.implementation.name == "...":` only the branch for MicroPython stays; a pure-Python fallback of a viper
function, `def ..._plain`, is removed if nothing uses it any more. Line numbers stay the same.
"""

import ast
from collections.abc import Iterator, Mapping

from yutu2.pico.source_edits import Edit, apply_edits, replace_node

_CONDITION = "sys.implementation.name == {!r}"
_FALLBACK_SUFFIX = "_plain"


def without_fallbacks(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the sources of a firmware without code for CPython. A source that does not parse is left as it is."""
    return {path: _without_fallbacks(text) for path, text in sources.items()}


def _without_fallbacks(text: str) -> str:
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return text  # mpy-cross reports the error
    text = apply_edits(text, _untaken_branches(body))
    while unused := list(_unused_fallbacks(ast.parse(text).body)):
        text = apply_edits(text, (replace_node(fallback, "pass") for fallback in unused))
    return text


def _unused_fallbacks(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """Yield the fallbacks that nothing but themselves uses."""
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name.endswith(_FALLBACK_SUFFIX):
            names = (name for other in body if other is not node for name in ast.walk(other))
            if not any(isinstance(name, ast.Name) and name.id == node.name for name in names):
                yield node


def _untaken_branches(body: list[ast.stmt]) -> Iterator[Edit]:
    """Yield the edits that remove branches never taken; MicroPython compiles the others without their condition."""
    for node in body:
        if not isinstance(node, ast.If) or ast.unparse(node.test) not in map(
            _CONDITION.format, ("micropython", "cpython")
        ):
            continue
        is_true = ast.unparse(node.test) == _CONDITION.format("micropython")
        yield replace_node(node.test, str(is_true))
        for statement in node.orelse if is_true else node.body:
            yield replace_node(statement, "pass")
