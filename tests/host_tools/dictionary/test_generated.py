"""The firmware's tables and its own plan are what their sources say, and no older."""

import importlib
import shutil
import struct

import pytest
from yutu2.dictionary.model import is_host_s, load, load_file
from yutu2.dictionary.tables import firmware_tables
from yutu2.firmware import firmware_dir
from yutu2.mission.generation import generated_files

EVENTS = {event.name: event.selector for event in load().events}


@pytest.fixture(scope="module")
def tables():
    """The names of `tables`, as the rover sees them."""
    return importlib.import_module("rover.tables")


@pytest.fixture(scope="module")
def commands():
    """The names of `commands.py`."""
    return importlib.import_module("rover.tables.commands")


@pytest.fixture(scope="module")
def crafts():
    """The names of `crafts.py`."""
    return importlib.import_module("rover.tables.crafts")


def constants_of(table):
    return {name: value for name, value in vars(table).items() if not name.startswith("_")}


def test_the_files_are_what_the_generator_makes():
    for path, text in generated_files().items():
        told = f"{path} is not what dictionary.toml and lunar_day.plan say: run `yutu2 dictionary generate`"
        assert path.read_text(encoding="utf-8") == text, told


@pytest.fixture
def checkout(tmp_path, monkeypatch, environment):
    """A copy of repository and command that may be written to: its firmware."""
    root = firmware_dir().parent
    for folder in ("firmware", "host_tools"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setitem(environment, "PYTHONPATH", str(tmp_path / "host_tools"))
    return tmp_path / "firmware"


def test_a_changed_dictionary_goes_into_tables_and_plan(yutu2, checkout):
    dictionary = checkout / "dictionary.toml"
    dictionary.write_text(dictionary.read_text().replace("data_kib = 4096", "data_kib = 30000"))
    ours = load_file(dictionary).hash.hex()
    done = yutu2("dictionary", "generate", env={})  # in a process that imports the copy
    tables = [f"rover/tables/{name}.py" for name in ("__init__", "commands", "crafts", "faults")]
    names = (*tables, "lunar_day.plan", "rover/inputs/default_plan.py")
    assert (done.status, done.out, done.err.splitlines()) == (0, b"", [str(checkout / name) for name in names])
    assert "data_kib = 30000" in (checkout / names[2]).read_text()
    assert f"\ndictionary {ours}\n" in (checkout / names[4]).read_text()
    assert f'    b"plan 1 {ours} 0\\n"\n' in (checkout / names[5]).read_text()


def test_a_broken_plan_leaves_all_as_it_was(yutu2, checkout):
    dictionary, plan = checkout / "dictionary.toml", checkout / "lunar_day.plan"
    dictionary.write_text(dictionary.read_text().replace("data_kib = 4096", "data_kib = 30000"))
    plan.write_text(plan.read_text().replace("pcam_ring", "pcam_rong"))
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    done = yutu2("dictionary", "generate", env={})  # in a process that imports the copy
    assert (done.status, done.out) == (2, b"")
    assert "unknown activity 'pcam_rong'; did you mean pcam_ring?" in done.err
    assert {path: path.read_bytes() for path in before} == before


def test_the_command_writes_the_same(yutu2, tmp_path):
    path = tmp_path / "generated.py"
    done = yutu2("dictionary", "generate", "--out", path)
    assert (done.status, done.out, done.err) == (0, b"", f"{path}\n")
    assert path.read_text(encoding="utf-8") == firmware_tables(load())


def test_the_command_says_where_it_cannot_write(refused, tmp_path):
    path = tmp_path / "missing" / "generated.py"
    assert refused("dictionary", "generate", "--out", path) == (
        f"yutu2: {path}: cannot be written: No such file or directory"
    )


def test_it_holds_the_hash_of_the_dictionary(tables):
    assert load().hash == tables.HASH


def test_the_rover_packs_housekeeping_as_long_as_it_says(tables):
    for packet in load().packets:
        if packet.service == 3:
            # An array at the end is not packed with the rest
            values = [bytes(4) if field.type == "hash4" else 0 for field in packet.fields if field.count is None]
            packed = struct.pack(getattr(tables, f"{packet.name}_FIELDS"), packet.selector, *values)
            array = sum(struct.calcsize(">" + field.code) for field in packet.fields if field.count is not None)
            assert getattr(tables, packet.name) == packet.selector
            assert getattr(tables, f"{packet.name}_SIZE") == len(packed) + array
            assert getattr(tables, f"{packet.name}_PERIOD_S", None) == packet.period_s


def test_the_rover_has_a_row_for_each_event(tables):
    events = load().events
    size = tables.EVENT_ROW
    assert len(tables.EVENTS) == size * (max(event.selector for event in events) + 1)
    for event in events:
        at = getattr(tables, event.name) * size
        apid, severity, *kinds = tables.EVENTS[at : at + size]
        assert (apid, severity) == (event.apid, event.subservice)
        assert ["BbHhIi"[kind - 1] for kind in kinds if kind] == [field.code for field in event.fields]


def test_the_values_of_enumerations_are_those_of_the_dictionary(tables, commands):
    dictionary = load()
    of_standard = [name for name in dictionary.enums if is_host_s(name)]
    assert len(of_standard) == 7
    for name in dictionary.enums.keys() - set(of_standard):
        labels = dictionary.enums[name]
        for number, label in labels.items():
            assert getattr(commands if name == "tc_failure" else tables, label) == number


def test_each_reason_is_a_code_of_its_own(commands):
    dictionary = load()
    for name, code in dictionary.failure_codes.items():
        assert getattr(commands, name.upper()) == code
        for number, label in dictionary.enums[name].items():
            assert dictionary.enums["failure_code"][code + number] == label


def test_each_command_has_its_row(commands):
    modes = {label: number for number, label in load().enums["mode"].items()}
    assert len(commands.COMMANDS) == len(load().commands)
    for command, row in zip(load().commands, commands.COMMANDS, strict=True):
        kind, function, code, repeat, legal, *limits = row
        assert divmod(kind, 256) == (command.service, command.subservice)
        assert function == (command.function or 0)
        if command.function is not None:
            assert getattr(commands, f"FUNCTION_{command.name}") == command.function
        placed = command.placed
        assert code == (">" + "".join(argument.code for argument in placed) if placed else "")
        assert repeat == (2 if command.is_open else command.repeat)
        assert [mode for mode, number in modes.items() if legal >> number & 1] == list(command.modes)
        ranges = [limits for argument in placed for limits in argument.ranges]
        assert list(zip(limits[::2], limits[1::2], strict=True)) == ranges
        # What is in range can be packed
        for values in zip(*ranges, strict=True):
            struct.pack(code, *values)


def test_each_parameter_has_its_row(tables, commands):
    assert len(commands.PARAMETERS) == len(load().parameters)
    for parameter in load().parameters:
        code, default, least, most = commands.PARAMETERS[getattr(tables, parameter.name) - 1]
        assert (default, least, most) == (parameter.default, parameter.least, parameter.most)
        assert [struct.unpack(code, struct.pack(code, value))[0] for value in (least, most)] == [least, most]


def test_each_craft_has_its_constants(crafts):
    epoch_s = {"rover": 224520, "lander": 181560}  # 2019-01-03T14:22:00Z, 02:26:00Z
    for name, constants in load().craft.items():
        craft = constants_of(crafts.CRAFTS[name])
        expected = {label: value for label, value in constants.items() if label != "first_start"}
        expected["first_start_s"] = epoch_s[name]
        for event in ("wake_event", "sleep_event"):
            expected[event] = EVENTS[constants[event]]
        assert {label: value for label, value in craft.items() if value is not None} == expected
    assert crafts.CRAFTS["lander"].nap_start_elevation is None


def test_each_craft_has_its_body(crafts):
    bodies = {name: constants_of(body) for name, body in crafts.BODIES.items()}
    assert bodies == load().bodies


def test_each_craft_has_its_loads_in_their_order(tables, crafts):
    loads = load().loads
    assert set(crafts.LOADS) == {"rover", "lander"}
    for craft, milliwatts in crafts.LOADS.items():
        assert len(milliwatts) == len(loads)
        for label, power in loads.items():
            assert milliwatts[getattr(tables, label)] == power[craft]


def test_each_mode_has_its_moves(tables):
    dictionary = load()
    modes, events = dictionary.enums["mode"], dictionary.enums["mode_event"]
    assert len(events) == tables.MODE_EVENTS
    assert len(tables.MOVES) == len(modes) * len(events)
    for mode, row in dictionary.moves.items():
        for event, expected in row.items():
            outcome = tables.MOVES[getattr(tables, mode) * tables.MODE_EVENTS + getattr(tables, event)]
            told = dictionary.enums["refusal"][outcome - 128] if outcome >= 128 else modes[outcome]
            assert told == expected


def test_each_monitor_stands_where_its_number_says(tables):
    dictionary = load()
    assert len(tables.MONITORS) == len(dictionary.monitors)
    nothing = (1 << 30) - 1  # a limit that no value is past
    for monitor in dictionary.monitors:
        parameter, low, high, repetitions, event, responses, rearm_s, stale, status = tables.MONITORS[
            getattr(tables, monitor.name)
        ]
        assert dictionary.enums["parameter"][parameter] == monitor.parameter
        assert (low, high) == (
            -nothing if monitor.low is None else monitor.low,
            nothing if monitor.high is None else monitor.high,
        )
        assert (repetitions, rearm_s) == (monitor.repetitions, monitor.rearm_s)
        assert event == (None if monitor.event is None else EVENTS[monitor.event])
        actions = dictionary.enums["action"]
        assert tuple(actions[action] for action in responses) == monitor.responses
        assert (None if stale is None else actions[stale]) == monitor.stale
        assert dictionary.enums["monitor_status"][status] == monitor.status


def test_each_fault_has_its_number(tables):
    numbers = {name: number for name, number in vars(tables).items() if name.startswith("FAULT_")}
    assert numbers == {f"FAULT_{fault.name.upper()}": fault.id for fault in load().faults}


def test_what_a_scenario_may_do_is_what_the_dictionary_has():
    rows = importlib.import_module("rover.tables.faults").FAULTS
    assert len(rows) == len(load().faults)
    for fault in load().faults:
        limits = [(argument.least, argument.most) for argument in fault.arguments]
        (least, most), (other_least, other_most) = (*limits, (0, 0), (0, 0))[:2]
        assert rows[fault.id - 1] == (fault.momentary, least, most, other_least, other_most), fault.name
