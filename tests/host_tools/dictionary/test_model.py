"""The dictionary is read whole, and what cannot be in it is told in one line."""

import re
import struct

import pytest
from yutu2.dictionary.model import TYPES, DictionaryError, load, load_file
from yutu2.dictionary.tables import firmware_tables
from yutu2.firmware import firmware_dir


def test_packets_and_events_are_read(read, small):
    dictionary = read(small)
    time, housekeeping, *_ = dictionary.packets
    assert (time.apid, time.service, time.subservice, time.selector) == (0, None, None, None)
    assert (housekeeping.apid, housekeeping.service, housekeeping.subservice, housekeeping.selector) == (1, 3, 25, 1)
    assert [(event.name, event.service, event.subservice, event.selector) for event in dictionary.events] == [
        ("WAKE", 5, 1, 1),
        ("SLEEP", 5, 4, 2),
    ]
    mode, volt = housekeeping.fields
    assert mode.labels == {0: "NIGHT", 1: "DAY"}
    assert (volt.scale, volt.unit, volt.code) == (0.01, "V", "h")


def test_the_last_field_of_a_packet_may_be_an_array(read, small):
    text = small.replace('unit = "V" }]\n\n[event.WAKE', 'unit = "V", count = 3 }]\n\n[event.WAKE')
    _, housekeeping, *_ = read(text).packets
    volt = housekeeping.fields[-1]
    assert (volt.count, volt.code) == (3, "3h")
    # An array is not packed with the rest
    assert 'HK_FIELDS = const(">HB")\nHK_SIZE = const(9)\n' in firmware_tables(read(text))


def test_the_firmware_s_own_dictionary_has_no_fault():
    dictionary = load()
    assert dictionary.hash == load_file(firmware_dir() / "dictionary.toml").hash
    assert {packet.name for packet in dictionary.packets} >= {"TIME", "HK_COMPUTER"}
    assert {event.name for event in dictionary.events} >= {"ROVER_WAKE", "LANDER_WAKE", "ROVER_SLEEP", "LANDER_SLEEP"}


@pytest.mark.parametrize(("name", "octets"), [("u8", 1), ("i16", 2), ("u32", 4), ("i32", 4), ("hash4", 4)])
def test_a_field_takes_as_many_octets_as_its_type_says(name, octets):
    assert struct.calcsize(">" + TYPES[name]) == octets


def test_the_hash_is_of_the_content_not_of_comments_and_order(read, small):
    first = read(small)
    mission, *tables = re.split(r"\n(?=\[)", small)
    assert len(tables) == 46
    # Monitors, activities and parameters alone stand in the order of their numbers
    ordered = [table for table in tables if table.startswith(("[monitor.", "[activity.", "[parameter."))]
    others = [table for table in reversed(tables) if table not in ordered]
    shuffled = "\n".join([mission, *others, *ordered]).replace("# A dictionary with one of each", "# other words")
    assert shuffled != small
    assert read(shuffled).hash == first.hash
    assert len(first.hash) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("scale = 0.01", "scale = 0.02"),
        ('name = "mode"', 'name = "state"'),
        ('"volt", type = "i16"', '"volt", type = "u16"'),
        ("SHED = 1", "SHED = 3"),
        ("period_s = 60", "period_s = 61"),
        ("spacecraft = 24", "spacecraft = 4"),
        ('text = "asleep"', 'text = "sleeping"'),
        ("box_j = 70000", "box_j = 70001"),
        ("rover = 14000", "rover = 14001"),
        ('DUSK = "ASLEEP"', 'DUSK = "AWAKE"'),
        ("low = 250", "low = 251"),
        ("max = 200", "max = 201"),
        ("unit_kib = 960", "unit_kib = 961"),
        ("[3, 1630]", "[3, 1631]"),
    ],
)
def test_the_hash_changes_with_the_content(read, small, old, new):
    assert read(small.replace(old, new)).hash != read(small).hash


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '"rate", type = "u8"',
            '"rate", type = "u7"',
            "TIME.rate: type 'u7' is none of u8, u16, u32, i8, i16, i32, bool, id4, time4, hash4",
        ),
        ('apid = "TIME"', 'apid = "CLOCK"', "TIME: apid 'CLOCK' is not in mission.apids"),
        ('enum = "mode"', 'enum = "mood"', "HK.mode: there is no enum 'mood'"),
        ('severity = "high"', 'severity = "huge"', "SLEEP: severity 'huge' is none of info, low, medium, high"),
        ("id = 2\nseverity", "id = 1\nseverity", "SLEEP cannot be told from WAKE"),
        ('text = "asleep"\n', "", "SLEEP: 'text' is missing"),
        ("scale = 0.01, unit", "sclae = 0.01, unit", "HK.volt: 'sclae' is not known here"),
        ("DAY = 1", "DAY = 0", "enum.mode: DAY and NIGHT are both 0"),
        ("DAY = 1", "DAY = 2", "enum.mode: must count from 0, in order"),
        ("NIGHT = 0", "WAKE = 0", "WAKE is a label of enum 'mode' and an event too"),
        ("{volt} V", "{amps} A", "WAKE: its text speaks of {amps}, which is none of its fields"),
        ("id = 2\nseverity", "id = 70000\nseverity", "SLEEP.id: 70000 is not a number from 0 to 65535"),
        ("COMPUTER = 1", "COMPUTER = 3000", "mission.apids.COMPUTER: 3000 is not a number from 0 to 2046"),
        (
            'name = "volt", type = "i16", scale = 0.01, unit = "V" }]\n\n[event',
            'name = "mode", type = "u8" }]\n\n[event',
            "HK.mode: stands there twice",
        ),
        ("spacecraft = 24", 'wake_event = "WOKE"', "craft.rover.wake_event: there is no event 'WOKE'"),
        ("[body.rover]\nbox_j = 70000\n", "[body]\n", "body: 'rover' is missing"),
        ("[body.rover]", "[body.beagle]\n[body.rover]", "body: 'beagle' is not known here; there are rover"),
        ("[craft.rover]", "[craft.lander]\n[craft.rover]", "body: 'lander' is missing"),
        (
            'unit = "V" }]\n\n[event.WAKE',
            "count = 0 }]\n\n[event.WAKE",
            "HK.volt.count: 0 is not a number from 1 to 1024",
        ),
        (
            'unit = "V" }]\n\n[event.WAKE',
            "count = 1025 }]\n\n[event.WAKE",
            "HK.volt.count: 1025 is not a number from 1 to 1024",
        ),
        (
            '"u8", enum = "mode" }',
            '"u8", count = 2 }',
            "HK.mode: an array is of numbers, and the last field of its packet",
        ),
        ('name = "rate", type = "u8"', 'name = "rate", type = "hash4", count = 2', "TIME.rate: an array is of numbers"),
        ('unit = "V" }]\n\n[event.SLEEP', "count = 2 }]\n\n[event.SLEEP", "WAKE.volt: 'count' is not known here"),
        ("LOAD_MAST", "WAKE", "WAKE is a label of enum 'load' and an event too"),
        ("service = 17\nsubservice = 2", "service = 3\nsubservice = 26", "ALIVE: 'structure' is missing"),
        ("repeat = true\nfields = [", "repeat = true\nfields = []\n#", "SETTINGS: without fields nothing repeats"),
        ('of = "parameter" }]\n', 'of = "id" }]\n', "SETTINGS.value.of: there is no field 'id' before it"),
        ("NIGHT = 0", "NIGHT 0", "Expected '=' after a key in a key/value pair (at line 9, column 7)"),
    ],
    ids=[
        "type",
        "apid",
        "enum",
        "severity",
        "twins",
        "missing",
        "unknown",
        "labels",
        "numbers",
        "constants",
        "place",
        "id",
        "big APID",
        "fields",
        "craft",
        "body missing",
        "body of no craft",
        "craft without a body",
        "no array",
        "long array",
        "array before the end",
        "array of octets",
        "array of an event",
        "load",
        "structure",
        "repeat",
        "of",
        "TOML",
    ],
)
def test_what_cannot_be_is_told_in_one_line(read, small, old, new, told):
    with pytest.raises(DictionaryError) as error:
        read(small.replace(old, new))
    place, _, text = str(error.value).partition(".toml: ")
    assert place
    assert text.startswith(told)


@pytest.mark.parametrize(
    "part",
    [
        *["mission", "enum", "packet", "event", "craft", "body", "load", "moves", "monitor", "fault"],
        *["activity", "route", "command", "parameter", "detail", "failure_code"],
    ],
)
def test_no_part_may_be_missing(read, small, part):
    tables = re.split(r"\n(?=\[)", small)
    rest = [table for table in tables if not re.match(rf"\[{part}[.\]]", table)]
    assert len(rest) < len(tables)
    with pytest.raises(DictionaryError, match=rf": there is no \[{part}\]$"):
        read("\n".join(rest))


def test_loads_are_an_enumeration_too(read, small):
    dictionary = read(small)
    assert dictionary.enums["load"] == {0: "LOAD_RADIO", 1: "LOAD_MAST"}
    assert dictionary.bodies == {"rover": {"box_j": 70000}}


def test_housekeeping_of_the_same_structure_cannot_be_told_apart(read, small):
    twin = small[small.index("[packet.HK]") : small.index("[event.WAKE]")].replace("HK", "HK_TOO")
    with pytest.raises(DictionaryError, match=r"HK_TOO cannot be told from HK$"):
        read(small + twin)


def test_other_reports_have_no_structure(read, small):
    *_, alive, settings = read(small).packets
    assert (alive.service, alive.subservice, alive.selector, alive.fields) == (17, 2, None, ())
    assert settings.repeat
    assert [field.of for field in settings.fields] == [None, "parameter"]
    twin = small[small.index("[packet.ALIVE]") : small.index("[packet.SETTINGS]")].replace("ALIVE", "AWAKE_TOO")
    with pytest.raises(DictionaryError, match=r"AWAKE_TOO cannot be told from ALIVE$"):
        read(small + twin)


def test_a_dictionary_with_the_old_names_of_keys_still_loads(read, small):
    old = re.sub(r"\bmin = ", "least = ", re.sub(r"\bmax = ", "most = ", small))
    assert old.count("least = ") == old.count("most = ") == 6
    before, now = read(old), read(small)
    assert (before.commands, before.parameters) == (now.commands, now.parameters)
    assert (before.faults, before.activities) == (now.faults, now.activities)
    # What a rover sends is the hash of the file that it was made from, with the names as they stood there
    assert before.hash != now.hash


def test_a_key_by_both_of_its_names_is_refused(read, small):
    text = small.replace("min = 2, max = 3", "min = 2, least = 2, max = 3")
    with pytest.raises(DictionaryError, match="'least' is the old name of 'min'; give 'min' alone"):
        read(text)
