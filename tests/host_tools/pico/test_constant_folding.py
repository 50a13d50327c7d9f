"""Constants folded from module to module: what changes in a source, and what must not."""

import pytest
from yutu2.firmware import firmware_dir
from yutu2.pico.constant_folding import fold_constants
from yutu2.pico.image import board_files, compile_module

TABLES = """\
from micropython import const

ZERO = const(0)
COLD = const(-350)
LAYOUT = const(">BH")
NOT_A_CONSTANT = 7
ROWS = ((ZERO, COLD),)
"""


def folded(source, path="rover/app.py", **others):
    """A module folded along with TABLES, and other modules of the rover by name."""
    names = {f"rover/{name}.py": text for name, text in others.items()}
    return fold_constants({"rover/__init__.py": "", "rover/tables.py": TABLES} | names | {path: source})


def code_of(source):
    """A source without the lines that say nothing."""
    return [line for line in source.splitlines() if line not in ("", "pass")]


def run(sources, path):
    """What a folded module leaves behind when it runs, on its own: its imports must be gone."""
    names = {}
    exec(sources[path], names)
    return names


def test_an_imported_constant_becomes_its_number_and_its_import_goes():
    sources = folded("from .tables import ZERO\n\n\ndef first(row):\n    return row[ZERO]\n")
    assert code_of(sources["rover/app.py"]) == ["def first(row):", "    return row[0]"]


def test_a_negative_number_binds_as_its_name_did():
    sources = folded("from .tables import COLD\nSQUARE = COLD**2\nWARM = -COLD\n")
    assert {"SQUARE": 122500, "WARM": 350}.items() <= run(sources, "rover/app.py").items()


def test_a_text_is_folded_too():
    sources = folded("from .tables import LAYOUT\nfields = LAYOUT\n")
    assert run(sources, "rover/app.py")["fields"] == ">BH"


def test_a_constant_of_an_imported_module_is_folded():
    sources = folded("from . import tables\ncold = tables.COLD\nrows = tables.ROWS\n")
    assert code_of(sources["rover/app.py"]) == ["from . import tables", "cold = (-350)", "rows = tables.ROWS"]


@pytest.mark.parametrize(
    ("path", "statement", "use"),
    [
        ("rover/flight/day.py", "from ..tables import ZERO", "ZERO"),
        ("rover/flight/day.py", "from .. import tables", "tables.ZERO"),
        ("rover/flight/__init__.py", "from ..tables import ZERO as first", "first"),
        ("rover/app.py", "from rover.tables import ZERO", "ZERO"),
        ("main.py", "from rover.tables import ZERO", "ZERO"),
    ],
)
def test_modules_are_found_from_wherever_they_are_imported(path, statement, use):
    source = folded(f"{statement}\nvalue = {use}\n", path)[path]
    assert source.endswith("\nvalue = 0\n")


def test_what_an_import_brings_besides_is_still_imported():
    sources = folded("from .tables import (\n    COLD,\n    ROWS as rows,\n    ZERO,\n)\nvalue = rows[ZERO]\n")
    assert sources["rover/app.py"] == "from .tables import ROWS as rows\n\n\n\n\nvalue = rows[0]\n"


def test_an_import_within_a_function_leaves_a_body_behind():
    sources = folded("def cold():\n    from .tables import COLD\n    return COLD\n")
    assert run(sources, "rover/app.py")["cold"]() == -350


def test_tables_keep_what_is_no_constant_and_their_rows_have_numbers():
    assert code_of(folded("")["rover/tables.py"]) == ["NOT_A_CONSTANT = 7", "ROWS = ((0, (-350)),)"]


def test_const_itself_is_imported_only_where_it_is_called():
    computed = "from micropython import const\n_BITS = const(1 << 3)\n"
    assert "import" not in folded(computed)["rover/app.py"]
    called = "from micropython import const\nvalue = [const(3)]\n"
    assert folded(called)["rover/app.py"] == called


def test_no_line_moves():
    source = (
        "from .tables import (\n    COLD,\n    ZERO,\n)  # of the dictionary\n\n\n"
        "def fail():\n    cold = [\n        COLD,  # £\n        ZERO,\n    ]\n    raise ValueError(cold)\n"
    )
    after = folded(source)["rover/app.py"]
    assert [line.replace("(-350)", "COLD").replace("0", "ZERO") for line in after.splitlines()[4:]] == (
        source.splitlines()[4:]
    )


def test_characters_of_many_octets_shift_nothing():
    source = "from .tables import ZERO\ntold = 'Ünïcödé ☾', ZERO, 'ZERO'; more = ZERO\n"
    assert folded(source)["rover/app.py"].splitlines()[1] == "told = 'Ünïcödé ☾', 0, 'ZERO'; more = 0"


LEFT_ALONE = {
    "an attribute": "value = it.ZERO",
    "an attribute that is written": "it.ZERO = 1",
    "a keyword": "value = it(ZERO=1)",
    "a text": "value = 'ZERO'",
    "a comment": "value = 1  # ZERO",
    "a format": "value = '%(ZERO)d' % it",
}


@pytest.mark.parametrize("line", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_only_looks_like_the_name_stays(line):
    source = folded(f"from .tables import ZERO\nit = make(ZERO)\n{line}\n")["rover/app.py"]
    assert source == f"pass\nit = make(0)\n{line}\n"


SHADOWS = {
    "a local variable": "def use():\n    ZERO = 5\n    return ZERO",
    "an argument": "def use(ZERO=5):\n    return ZERO",
    "a loop": "def use():\n    for ZERO in (5,):\n        return ZERO",
    "a comprehension": "def use():\n    return [ZERO for ZERO in (5,)][0]",
    "a lambda": "use = lambda ZERO=5: ZERO",
    "a function": "def use():\n    def ZERO():\n        return 5\n    return ZERO()",
    "a class": "def use():\n    class ZERO(int):\n        pass\n    return ZERO(5)",
    "an error": "def use():\n    try:\n        1 // 0\n    except ArithmeticError as ZERO:\n        return ZERO and 5",
    "an imported module": "def use():\n    import sys as ZERO\n    return ZERO and 5",
    "an unpacking": "def use():\n    first, (ZERO, _) = 1, (5, 2)\n    return ZERO",
    "another import": "def use():\n    from .other import ZERO\n    return ZERO",
    "an assignment to the module": "def use():\n    global ZERO\n    ZERO = 5\n    return ZERO",
    "an f-string": "def use():\n    return int(f'{ZERO}') + 5",
}


@pytest.mark.parametrize("shadow", SHADOWS.values(), ids=SHADOWS)
def test_a_name_that_means_something_else_as_well_stays(shadow):
    source = f"from .tables import ZERO\n\n\n{shadow}\n\n\nbefore = ZERO\nvalue = use()\n"
    sources = folded(source, other="from micropython import const\nZERO = const(5)\n")
    assert sources["rover/app.py"] == source
    # Whoever imports it must find it
    assert "ZERO = const(0)" in sources["rover/tables.py"]


def test_a_name_that_an_import_gives_may_mean_something_else_as_well():
    source = "from .tables import ZERO as first\nfirst = first or 5\n"
    sources = folded(source)
    assert sources["rover/app.py"] == source
    assert "ZERO = const(0)" in sources["rover/tables.py"]


ASKS = {
    "the module": "from . import tables\ndef use(name):\n    return getattr(tables, name)",
    "the module, by another name": "from . import tables as them\nvalue = them",
    "a module or something else": "def use():\n    from . import tables\n    return tables.COLD\ntables = None",
    "all of it": "from .tables import *",
    "the whole package": "import rover\nvalue = rover.tables.COLD",
    "the module by its whole name": "import rover.tables as tables\nvalue = tables.COLD",
    "whoever has the module": "from .between import tables\nvalue = tables.COLD",
    "whoever has the module, as such": "from . import between\nvalue = between.tables.COLD",
    "one that writes it": "from . import tables\ntables.COLD = 1",
    "whoever has imported it": "from .other import COLD as value",
    "an f-string": "from . import tables\nvalue = f'{tables.COLD}'",
}


@pytest.mark.parametrize("source", ASKS.values(), ids=ASKS)
def test_a_definition_stays_that_somebody_may_ask_for(source):
    others = {"between": "from . import tables\n", "other": "from .tables import COLD\n"}
    sources = folded(source + "\n", **others)
    assert "COLD = const(-350)" in sources["rover/tables.py"]
    assert sources["rover/app.py"] == source + "\n"
    assert sources["rover/between.py"] == others["between"]


def test_what_another_module_hands_on_is_not_lost():
    sources = folded("from .other import COLD\nvalue = COLD\n", other="from .tables import COLD, ZERO\n")
    assert sources["rover/other.py"] == "from .tables import COLD\n"


def test_what_does_not_parse_is_left_to_the_compiler():
    assert folded("def (:\n")["rover/app.py"] == "def (:\n"


FIRMWARE = {
    path.relative_to(firmware_dir()).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(firmware_dir().rglob("*.py"))
    if path.name != "manifest.py"
}
FOLDED = fold_constants(FIRMWARE)


def test_each_module_of_the_firmware_folds_and_compiles():
    for path, source in FIRMWARE.items():
        assert FOLDED[path].count("\n") == source.count("\n"), path
        assert compile_module(FOLDED[path], path, firmware_dir() / path)


def test_all_numbers_of_the_dictionary_are_gone_from_its_tables():
    assert FIRMWARE["rover/tables/__init__.py"].count(" = const(") > 200
    assert "const" not in FOLDED["rover/tables/__init__.py"]


def test_a_board_gets_the_folded_modules(tmp_path):
    (tmp_path / "rover").mkdir()
    for name, text in {"main.py": "", "rover/tables.py": TABLES, "rover/app.py": "from .tables import ZERO\n"}.items():
        (tmp_path / name).write_text(text)
    assert b"ZERO" not in b"".join(board_files(tmp_path).values())
