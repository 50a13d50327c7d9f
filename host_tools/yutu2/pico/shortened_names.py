"""Shorten the names of parameters, to save heap on a board.

MicroPython keeps the names of parameters for calls by keyword, but not those of local variables. So a parameter that no
call names becomes a letter, the same few in all functions.
"""

import ast
from collections.abc import Iterator, Mapping
from string import ascii_lowercase

from yutu2.pico.source_edits import Edit, apply_edits

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def shorten_parameters(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the sources of a firmware, by path, with short parameter names; those that do not parse unchanged."""
    trees = {}
    for path, text in sources.items():
        try:
            trees[path] = ast.parse(text)
        except SyntaxError:
            continue  # mpy-cross reports the error
    keywords = {node.arg for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    if None in keywords:
        return dict(sources)  # a call with ** may name any parameter
    return {
        path: apply_edits(text, _edits(trees[path], keywords)) if path in trees else text
        for path, text in sources.items()
    }


def _edits(node: ast.AST, keywords: set[str | None]) -> Iterator[Edit]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield from _parameter_edits(child, keywords)
        else:
            yield from _edits(child, keywords)


def _parameter_edits(function: _Function, keywords: set[str | None]) -> Iterator[Edit]:
    """Yield edits that rename the parameters of an outermost function wherever they are used in it."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    nodes = [*parameters, *(node for part in body for node in ast.walk(part))]
    names = {name for node in nodes if (name := _name(node))}
    fixed = {"self", *keywords, *(name for node in nodes for name in _other_names(node))}
    letters = (letter for letter in ascii_lowercase if letter not in names | fixed)
    wanted = [parameter.arg for parameter in parameters if len(parameter.arg) > 1 and parameter.arg not in fixed]
    short = dict(zip(wanted, letters, strict=False))
    for node in nodes:
        name = _name(node)
        if name in short and isinstance(node, ast.arg | ast.Name):
            end = node.col_offset + len(name.encode())
            yield Edit(node.lineno, node.col_offset, node.lineno, end, short[name])


def _name(node: ast.AST) -> str:
    """Return the name of the variable that a node represents, "" for others."""
    return node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else ""


def _other_names(node: ast.AST) -> list[str]:
    """Return variables that a node binds or uses, but that `_name` does not cover."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.ExceptHandler():
            return [node.name or ""]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        case ast.Global() | ast.Nonlocal():
            return node.names
        case ast.JoinedStr():
            # {name=} shows the name
            return [_name(inner) for inner in ast.walk(node)]
    return []
