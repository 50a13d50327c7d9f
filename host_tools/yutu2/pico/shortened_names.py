"""Gives parameters short names: on a board a name lies in the heap, and of those nobody asks for most.

MicroPython keeps the names of parameters for calls by keyword; local variables have none. So a parameter that no call
names is called by a letter, the same few in all functions.
"""

import ast
from collections.abc import Iterator, Mapping
from string import ascii_lowercase

from yutu2.pico.editing import Edit, edited

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def shorten(sources: Mapping[str, str]) -> dict[str, str]:
    """The sources of a firmware, by path, with short parameters. What does not parse stays as it is."""
    trees = {}
    for path, text in sources.items():
        try:
            trees[path] = ast.parse(text)
        except SyntaxError:
            continue  # mpy-cross will tell
    keywords = {node.arg for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    if None in keywords:
        return dict(sources)  # a call with **: it may name any
    return {
        path: edited(text, _edits(trees[path], keywords)) if path in trees else text for path, text in sources.items()
    }


def _edits(node: ast.AST, keywords: set[str | None]) -> Iterator[Edit]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield from _renamed(child, keywords)
        else:
            yield from _edits(child, keywords)


def _renamed(function: _Function, keywords: set[str | None]) -> Iterator[Edit]:
    """Renames the parameters of a function that lies in no other, wherever they are used in it."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    nodes = [*parameters, *(node for part in body for node in ast.walk(part))]
    names = {name for node in nodes if (name := _name(node))}
    fixed = {"self", *keywords, *(name for node in nodes for name in _others(node))}
    letters = (letter for letter in ascii_lowercase if letter not in names | fixed)
    wanted = [parameter.arg for parameter in parameters if len(parameter.arg) > 1 and parameter.arg not in fixed]
    short = dict(zip(wanted, letters, strict=False))
    for node in nodes:
        name = _name(node)
        if name in short and isinstance(node, ast.arg | ast.Name):
            end = node.col_offset + len(name.encode())
            yield Edit(node.lineno, node.col_offset, node.lineno, end, short[name])


def _name(node: ast.AST) -> str:
    """The variable that a node is."""
    return node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else ""


def _others(node: ast.AST) -> list[str]:
    """Variables that are bound or used where a node has no place for them."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.ExceptHandler():
            return [node.name or ""]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        case ast.Global() | ast.Nonlocal():
            return node.names
        case ast.JoinedStr():
            # {name=} tells the name
            return [_name(inner) for inner in ast.walk(node)]
    return []
