"""Folds constants from module to module, as MicroPython does within one: on a board each name lies in the heap.

There a name costs some 20 octets, and 8 more in each module that has it. So each use of a `NAME = const(...)` with a
number or a text, in its own module or in one that imports it, becomes that number or text; then the imports go that
nothing needs any more, and so do the definitions. No line moves: a traceback on a board names the line of the source.

A name that a module binds to anything else besides, be it a local variable, stays as it is in that whole module.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from yutu2.pico.editing import Edit, edited, over


class _Origin(NamedTuple):
    """Where a name comes from."""

    module: str
    name: str


_CONST = _Origin("micropython", "const")  # mpy-cross does what it asks for; on a board nobody calls it


def fold(sources: Mapping[str, str]) -> dict[str, str]:
    """Folds the sources of a firmware, by path from its folder. What does not parse stays as it is."""
    modules: dict[str, _Module] = {}
    for path, text in sources.items():
        try:
            module = _Module(path, text, modules)
        except SyntaxError:
            continue  # mpy-cross will tell
        modules[module.name] = module
    for module in modules.values():
        module.visit(module.tree)
    while any(module.ask() for module in modules.values()):
        pass
    return {**sources, **{module.path: module.folded() for module in modules.values()}}


class _Module(ast.NodeVisitor):
    """One of all `modules`, by dotted name. A visit finds what to fold, and what others must keep for it.

    constants: name -> definition, and the text that stands for it.
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
        self._kept: set[str] = set()  # names that are needed as such, here or elsewhere
        definitions = {name: (node, text) for node, name, text in _definitions(self.tree.body)}
        origins: dict[str, set[_Origin | None]] = {}
        for node in ast.walk(self.tree):
            for name, origin in self._bound(node):
                origins.setdefault(name, set()).add(_Origin(self.name, name) if node in definitions else origin)
        self._origins = {name: found.pop() if len(found) == 1 else None for name, found in origins.items()}
        self.constants = {name.id: place for name, place in definitions.items() if self._origins[name.id]}

    def keep(self, *names: str) -> bool:
        """Keeps these names, or all. Returns whether that is news."""
        before = len(self._kept)
        self._kept.update(names or self._origins)
        return len(self._kept) > before

    def ask(self) -> bool:
        """Asks the other modules to keep what is still imported from them. Returns whether that is news."""
        news = False
        for node in self._imports:
            for alias in self._needed(node):
                origin = self._origin(node, alias)
                module = self._modules.get(origin.module)
                if module is not None:
                    news |= module.keep() if alias.name == "*" else module.keep(alias.name)
                imported = self._found(origin)
                if isinstance(imported, _Module) and (alias.asname or alias.name) in self._kept:
                    news |= imported.keep()  # who has it from here, or takes it for a variable, may ask for anything
        return news

    def folded(self) -> str:
        """The source, when all have asked."""
        edits = [over(node, "pass") for name, (node, _) in self.constants.items() if name not in self._kept]
        for statement in self._imports:
            needed = self._needed(statement)
            if len(needed) < len(statement.names):
                rest = ast.ImportFrom(statement.module, needed, statement.level)
                edits.append(over(statement, ast.unparse(rest) if needed else "pass"))
        return edited(self._text, self._edits + edits)

    # --- The visit ---

    def visit_Assign(self, node: ast.Assign) -> None:
        """Passes over name and `const` of a definition."""
        match node:
            case ast.Assign(targets=[ast.Name()], value=ast.Call(func=ast.Name(id="const"), args=[value])):
                self.visit(value)
            case _:
                self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """Keeps all that a module has which is imported as a whole, or that lies in such a package."""
        for alias in node.names:
            for module in self._modules.values():
                if f"{module.name}.".startswith(f"{alias.name}."):
                    module.keep()

    def visit_Name(self, node: ast.Name) -> None:
        """Folds a constant; any other name is kept."""
        self._use(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Folds a constant of a module; any other name of a module is kept there."""
        self._use(node)

    def _use(self, node: ast.Name | ast.Attribute) -> None:
        meaning = self._meaning(node)
        if isinstance(meaning, str) and isinstance(node.ctx, ast.Load):
            self._edits.append(over(node, meaning))
        elif isinstance(meaning, _Module):
            meaning.keep()  # who has the module as such may ask it for anything
        elif isinstance(node, ast.Name):
            self._kept.add(node.id)
        elif isinstance(module := self._meaning(node.value), _Module):
            module.keep(node.attr)
        else:
            self.visit(node.value)

    # --- What names mean ---

    def _meaning(self, node: ast.expr) -> "str | _Module | None":
        """What stands for the constant that an expression names, or the module; None: it names neither."""
        match node:
            case ast.Name():
                origin = self._origins.get(node.id)
                return self._found(origin) if origin is not None else None
            case ast.Attribute():
                module = self._meaning(node.value)
                return self._found(_Origin(module.name, node.attr)) if isinstance(module, _Module) else None
        return None

    def _found(self, origin: _Origin) -> "str | _Module | None":
        module = self._modules.get(origin.module)
        if module is not None and origin.name in module.constants:
            return module.constants[origin.name][1]
        return self._modules.get(".".join(origin))

    def _needed(self, node: ast.ImportFrom) -> list[ast.alias]:
        """What an import must still import."""
        return [alias for alias in node.names if not self._is_spare(alias, self._origin(node, alias))]

    def _is_spare(self, alias: ast.alias, origin: _Origin) -> bool:
        is_constant = origin == _CONST or isinstance(self._found(origin), str)
        return is_constant and (alias.asname or alias.name) not in self._kept

    def _bound(self, node: ast.AST) -> list[tuple[str, _Origin | None]]:
        """The names that a node binds, with their origins; None: not from another module."""
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
                # Left alone: a text would end it, and {NAME=} tells the name
                return [(inner.id, None) for inner in ast.walk(node) if isinstance(inner, ast.Name)]
        return []

    def _origin(self, node: ast.ImportFrom, alias: ast.alias) -> _Origin:
        """Where an imported name comes from, without dots in front."""
        parents = self._package.split(".")
        base = parents[: len(parents) + 1 - node.level] if node.level else []
        return _Origin(".".join([*base, node.module] if node.module else base), alias.name)


def _definitions(statements: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.Name, str]]:
    """Each constant that is a number or a text: definition, name, what stands for it."""
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
