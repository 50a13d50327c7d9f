"""Fold constants across modules, as MicroPython does within one, to save heap on a board.

On a board, a name takes some 20 octets of heap, and 8 more in each module that uses it. So each use of a `NAME =
const(...)` that is a number or a text, in its own module or in one that imports it, is replaced by its value; then
imports and definitions that nothing uses any more are removed. Line numbers stay the same, so that a traceback on a
board matches the source.

A name that a module also binds to anything else, even to a local variable, is left alone in that module.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from yutu2.pico.source_edits import Edit, apply_edits, replace_node


class _Origin(NamedTuple):
    """Identify where a name is defined."""

    module: str
    name: str


_CONST = _Origin("micropython", "const")  # handled by mpy-cross; never called on a board


def fold_constants(sources: Mapping[str, str]) -> dict[str, str]:
    """Fold the constants of a firmware. sources: by path in its folder; one that does not parse is left as it is."""
    modules: dict[str, _Module] = {}
    for path, text in sources.items():
        try:
            module = _Module(path, text, modules)
        except SyntaxError:
            continue  # mpy-cross reports the error
        modules[module.name] = module
    for module in modules.values():
        module.visit(module.tree)
    while any(module.propagate() for module in modules.values()):
        pass
    return {**sources, **{module.path: module.folded_source() for module in modules.values()}}


class _Module(ast.NodeVisitor):
    """Analyse one module: what to fold, and which names other modules must keep for it.

    modules: all, by dotted name. constants: name -> definition and replacement text.
    """

    def __init__(self, path: str, text: str, modules: "Mapping[str, _Module]") -> None:
        self.path = path
        self.name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.tree = ast.parse(text)
        self._text = text
        self._package = self.name if path.endswith("/__init__.py") else self.name.rpartition(".")[0]
        self._modules = modules
        self._imports = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)]
        self._edits: list[Edit] = []
        self._kept: set[str] = set()  # names that are needed, here or elsewhere
        definitions = {name: (node, text) for node, name, text in _definitions(self.tree.body)}
        origins: dict[str, set[_Origin | None]] = {}
        for node in ast.walk(self.tree):
            for name, origin in self._bindings(node):
                origins.setdefault(name, set()).add(_Origin(self.name, name) if node in definitions else origin)
        self._origins = {name: found.pop() if len(found) == 1 else None for name, found in origins.items()}
        self.constants = {name.id: place for name, place in definitions.items() if self._origins[name.id]}

    def keep(self, *names: str) -> bool:
        """Mark these names, or all, as needed. Return whether that changed anything."""
        before = len(self._kept)
        self._kept.update(names or self._origins)
        return len(self._kept) > before

    def propagate(self) -> bool:
        """Mark in the other modules what this one still imports from them. Return whether that changed anything."""
        changed = False
        for node in self._imports:
            for alias in self._needed_aliases(node):
                origin = self._origin(node, alias)
                module = self._modules.get(origin.module)
                if module is not None:
                    changed |= module.keep() if alias.name == "*" else module.keep(alias.name)
                imported = self._resolve(origin)
                if isinstance(imported, _Module) and (alias.asname or alias.name) in self._kept:
                    changed |= imported.keep()  # it may be used under this name for any attribute
        return changed

    def folded_source(self) -> str:
        """Return the source with its edits, after `propagate` of all modules."""
        edits = [replace_node(node, "pass") for name, (node, _) in self.constants.items() if name not in self._kept]
        for statement in self._imports:
            needed = self._needed_aliases(statement)
            if len(needed) < len(statement.names):
                rest = ast.ImportFrom(statement.module, needed, statement.level)
                edits.append(replace_node(statement, ast.unparse(rest) if needed else "pass"))
        return apply_edits(self._text, self._edits + edits)

    # --- The visit ---

    def visit_Assign(self, node: ast.Assign) -> None:
        """Skip the name and `const` of a definition."""
        match node:
            case ast.Assign(targets=[ast.Name()], value=ast.Call(func=ast.Name(id="const"), args=[value])):
                self.visit(value)
            case _:
                self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """Keep all names of a module that is imported as a whole, or that is in such a package."""
        for alias in node.names:
            for module in self._modules.values():
                if f"{module.name}.".startswith(f"{alias.name}."):
                    module.keep()

    def visit_Name(self, node: ast.Name) -> None:
        """Fold a constant; keep any other name."""
        self._use(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Fold a constant of a module; keep any other name of a module there."""
        self._use(node)

    def _use(self, node: ast.Name | ast.Attribute) -> None:
        meaning = self._meaning(node)
        if isinstance(meaning, str) and isinstance(node.ctx, ast.Load):
            self._edits.append(replace_node(node, meaning))
        elif isinstance(meaning, _Module):
            meaning.keep()  # any attribute may be used
        elif isinstance(node, ast.Name):
            self._kept.add(node.id)
        elif isinstance(module := self._meaning(node.value), _Module):
            module.keep(node.attr)
        else:
            self.visit(node.value)

    # --- Resolving names ---

    def _meaning(self, node: ast.expr) -> "str | _Module | None":
        """Return the value of the constant that an expression names, or the module that it names; None for neither."""
        match node:
            case ast.Name():
                origin = self._origins.get(node.id)
                return self._resolve(origin) if origin is not None else None
            case ast.Attribute():
                module = self._meaning(node.value)
                return self._resolve(_Origin(module.name, node.attr)) if isinstance(module, _Module) else None
        return None

    def _resolve(self, origin: _Origin) -> "str | _Module | None":
        module = self._modules.get(origin.module)
        if module is not None and origin.name in module.constants:
            return module.constants[origin.name][1]
        return self._modules.get(".".join(origin))

    def _needed_aliases(self, node: ast.ImportFrom) -> list[ast.alias]:
        """Return the names that an import must still import."""
        return [alias for alias in node.names if not self._is_unneeded(alias, self._origin(node, alias))]

    def _is_unneeded(self, alias: ast.alias, origin: _Origin) -> bool:
        is_constant = origin == _CONST or isinstance(self._resolve(origin), str)
        return is_constant and (alias.asname or alias.name) not in self._kept

    def _bindings(self, node: ast.AST) -> list[tuple[str, _Origin | None]]:
        """Return the names that a node binds, with their origins; None: not from another module."""
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                return [(node.id, None)]
            case ast.arg():
                return [(node.arg, None)]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.ExceptHandler():
                return [(node.name or "", None)]
            case ast.Import():
                return [(alias.asname or alias.name.partition(".")[0], None) for alias in node.names]
            case ast.ImportFrom():
                return [(alias.asname or alias.name, self._origin(node, alias)) for alias in node.names]
            case ast.JoinedStr():
                # Left alone: a text may end the literal, and {NAME=} shows the name
                return [(inner.id, None) for inner in ast.walk(node) if isinstance(inner, ast.Name)]
        return []

    def _origin(self, node: ast.ImportFrom, alias: ast.alias) -> _Origin:
        """Return the origin of an imported name, with relative imports resolved."""
        parents = self._package.split(".")
        base = parents[: len(parents) + 1 - node.level] if node.level else []
        return _Origin(".".join([*base, node.module] if node.module else base), alias.name)


def _definitions(statements: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.Name, str]]:
    """Yield each constant that is a number or a text: definition, name, replacement text."""
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name() as name], value=ast.Call(func=ast.Name(id="const"), args=[value])):
                try:
                    constant = ast.literal_eval(value)
                except ValueError:
                    continue  # computed: MicroPython folds it in its own module
                if isinstance(constant, int | str):
                    text = repr(constant)
                    yield statement, name, f"({text})" if text.startswith("-") else text
