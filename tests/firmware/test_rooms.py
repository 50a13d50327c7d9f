"""Who may know whom, and what the firmware does without, read from its sources."""

import ast

import pytest
from yutu2.firmware import firmware_dir

ROVER = firmware_dir() / "rover"

# What the modules of a room may import of the rover, beside their own room
MAY_KNOW = {
    "tables": set(),
    "kernel": set(),
    "link": set(),
    "store": set(),
    "board": set(),
    "world": {"kernel", "tables"},
    "flight": {"kernel", "tables"},
    "instruments": {"kernel", "tables"},
    "services": {"kernel", "link", "store", "tables"},
    "inputs": {"kernel", "tables", "store"},
}
# Those beside the rooms: app builds a rover of its parts, boot_pico and boot_desktop start it
BESIDE = {"__init__", "app", "boot_pico", "boot_desktop"}
MACHINE = {"time", "machine", "os", "random", "select", "termios", "tty"}
IN_INTEGERS = ("world", "flight", "instruments")

SOURCES = sorted(ROVER.rglob("*.py"))


def tree_of(source):
    return ast.parse(source.read_text(encoding="utf-8"))


def room_of(source):
    """The folder of a module, or None of one beside the rooms."""
    return source.relative_to(ROVER).parts[0] if source.parent != ROVER else None


def imports(source):
    """(level, dotted name) of all that a module imports, also within functions; level 0 is absolute."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ((node.level, name) for name in names)


def known(source):
    """The rooms, and modules beside them, that a module imports."""
    depth = len(source.relative_to(ROVER).parts)
    return {name.split(".")[0] for level, name in imports(source) if level and level == depth}


def test_the_sources_were_found():
    assert {room_of(source) for source in SOURCES} >= {None, *MAY_KNOW}
    assert known(ROVER / "services" / "telemetry.py") == {"kernel", "link", "tables"}
    assert known(ROVER / "app.py") >= {"flight", "inputs", "kernel", "link", "services", "store", "world"}


def check_a_module_knows_only_the_rooms_that_it_may(source):
    room = room_of(source)
    if room is None:
        assert source.stem in BESIDE, "a new module beside the rooms: it belongs in one"
    else:
        assert known(source) <= MAY_KNOW[room] | {room}


def check_the_rover_s_own_modules_are_imported_relatively(source):
    assert all(level or name.split(".")[0] != "rover" for level, name in imports(source))
    assert all(level <= len(source.relative_to(ROVER).parts) for level, _ in imports(source))


def check_only_the_board_touches_the_machine(source):
    if room_of(source) != "board":
        assert not {name for level, name in imports(source) if not level and name.split(".")[0] in MACHINE}


MODULES = {"sys", "machine"}  # sys.implementation.name reaches through nothing


def chain_of(node):
    """The names of an attribute chain, self and the rover that a service is given left out; empty of anything else."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return []
    chain = [node.id, *reversed(names)]
    while len(chain) > 1 and chain[0] in ("self", "rover", "_rover"):
        chain.pop(0)
    return chain


def check_only_app_reaches_through_an_object(source):
    """rover.monitors.status is handed out by app; rover.a.monitors.status would be a way through a."""
    if source != ROVER / "app.py":
        chains = [chain_of(node) for node in ast.walk(tree_of(source)) if isinstance(node, ast.Attribute)]
        assert [".".join(chain) for chain in chains if len(chain) > 2 and chain[0] not in MODULES] == []


LONGEST = 60  # lines of a function
LONGER = {"_draw": 303, "relief": 79}  # of world, whose inner loops are one function for viper


def functions_in(source):
    return [node for node in ast.walk(tree_of(source)) if isinstance(node, ast.FunctionDef)]


def check_functions_are_short(source):
    for function in functions_in(source):
        length = function.end_lineno - function.lineno + 1
        assert length <= LONGER.get(function.name, LONGEST), function.name


def check_constructors_take_six_positional_arguments_at_most(source):
    for function in functions_in(source):
        if function.name == "__init__":
            assert len(function.args.args) <= 7, (source, function.lineno)  # self is one


def unloaded(source):
    """(room, name) of the modules that a module unloads by their names."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "unload":
            room, *names = (each.value if isinstance(each, ast.Constant) else None for each in node.args)
            yield from ((room, name) for name in names if name is not None)


def test_what_is_unloaded_is_a_module():
    found = [each for source in SOURCES for each in unloaded(source)]
    assert len(found) > 15
    assert [f"{room}/{name}" for room, name in found if not (ROVER / room / f"{name}.py").is_file()] == []


def test_world_and_flight_compute_in_integers():
    for source in (source for source in SOURCES if room_of(source) in IN_INTEGERS):
        for node in ast.walk(tree_of(source)):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, (float, complex))), node.lineno
            assert not (isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div)), node.lineno
            assert not (isinstance(node, ast.Name) and node.id == "float"), node.lineno
        assert not {name for _, name in imports(source)} & {"math", "cmath"}


UNORDERED = (ast.Dict, ast.DictComp, ast.Set, ast.SetComp)
GOES_THROUGH = {"all", "any", "enumerate", "extend", "filter", "iter", "join", "list", "map", "max", "min", "sorted"}
GOES_THROUGH |= {"sum", "tuple", "zip"}


def name_of(node):
    """The last word of a name such as self._counts, or None."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def is_unordered(node):
    return isinstance(node, UNORDERED) or (isinstance(node, ast.Call) and name_of(node.func) in ("dict", "set"))


def unordered_names():
    """What is the name of a dict or set somewhere in the firmware."""
    for source in SOURCES:
        for node in ast.walk(tree_of(source)):
            if isinstance(node, ast.Assign) and is_unordered(node.value):
                yield from map(name_of, node.targets)
            elif isinstance(node, ast.arguments) and node.kwarg:
                yield node.kwarg.arg


def gone_through(tree):
    """The expressions that something in the module iterates."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.comprehension)):
            yield node.iter
        elif isinstance(node, ast.Starred):
            yield node.value
        elif isinstance(node, ast.Call) and name_of(node.func) in GOES_THROUGH:
            yield from node.args


NAMES = set(unordered_names())


def check_no_dict_or_set_is_gone_through(source):
    """MicroPython's have no order: what is sent would differ from runtime to runtime."""
    for node in gone_through(tree_of(source)):
        assert not is_unordered(node), node.lineno
        assert name_of(node) not in NAMES, node.lineno
        called = name_of(node.func) if isinstance(node, ast.Call) else None
        assert called not in ("keys", "values", "items"), node.lineno


def test_the_rule_sees_the_firmware_s_dicts():
    assert {"CRAFTS", "LOADS", "_counts", "_type_counts"} <= NAMES


@pytest.mark.parametrize(
    "check",
    [
        check_a_module_knows_only_the_rooms_that_it_may,
        check_the_rover_s_own_modules_are_imported_relatively,
        check_only_the_board_touches_the_machine,
        check_only_app_reaches_through_an_object,
        check_functions_are_short,
        check_constructors_take_six_positional_arguments_at_most,
        check_no_dict_or_set_is_gone_through,
    ],
)
def test_each_module_keeps_the_rule(check):
    for source in SOURCES:
        check(source)
