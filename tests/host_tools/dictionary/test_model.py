"""The dictionary is read whole, and what cannot be in it is told in one line."""

import re
import struct

import pytest
from yutu2.dictionary.model import TYPES, DictionaryError, load
from yutu2.firmware import firmware_dir

SMALL = """
# A dictionary with one of each
[mission]
name = "small"
epoch = 2019-01-01T00:00:00Z
apids = { TIME = 0, COMPUTER = 1 }

[enum.mode]
NIGHT = 0
DAY = 1

[packet.TIME]
text = "time"
apid = "TIME"
fields = [{ name = "rate", type = "u8" }]

[packet.HK]
text = "housekeeping"
apid = "COMPUTER"
service = 3
subservice = 25
structure = 1
period_s = 60
fields = [{ name = "mode", type = "u8", enum = "mode" }, { name = "volt", type = "i16", scale = 0.01, unit = "V" }]

[event.WAKE]
id = 1
severity = "info"
text = "awake at {volt} V"
fields = [{ name = "volt", type = "i16", scale = 0.01, unit = "V" }]

[event.SLEEP]
id = 2
severity = "high"
text = "asleep"

[craft.rover]
spacecraft = 24
"""


@pytest.fixture
def read(tmp_path):
    """`read(text)`: the dictionary of that text."""
    count = 0

    def read(text):
        nonlocal count
        count += 1
        path = tmp_path / f"{count}.toml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return read


def test_packets_and_events_are_read(read):
    dictionary = read(SMALL)
    time, housekeeping = dictionary.packets
    assert (time.apid, time.service, time.subservice, time.selector) == (0, None, None, None)
    assert (housekeeping.apid, housekeeping.service, housekeeping.subservice, housekeeping.selector) == (1, 3, 25, 1)
    assert [(event.name, event.service, event.subservice, event.selector) for event in dictionary.events] == [
        ("WAKE", 5, 1, 1),
        ("SLEEP", 5, 4, 2),
    ]
    mode, volt = housekeeping.fields
    assert mode.labels == {0: "NIGHT", 1: "DAY"}
    assert (volt.scale, volt.unit, volt.code) == (0.01, "V", "h")


def test_the_firmware_s_own_dictionary_has_no_fault():
    dictionary = load()
    assert dictionary.hash == load(firmware_dir() / "dictionary.toml").hash
    assert {packet.name for packet in dictionary.packets} >= {"TIME", "HK_COMPUTER"}
    assert {event.name for event in dictionary.events} >= {"ROVER_WAKE", "LANDER_WAKE", "ROVER_SLEEP", "LANDER_SLEEP"}


@pytest.mark.parametrize(("name", "octets"), [("u8", 1), ("i16", 2), ("u32", 4), ("i32", 4), ("hash4", 4)])
def test_a_field_takes_as_many_octets_as_its_type_says(name, octets):
    assert struct.calcsize(">" + TYPES[name]) == octets


def test_the_hash_is_of_the_content_not_of_comments_and_order(read):
    first = read(SMALL)
    mission, *tables = re.split(r"\n(?=\[)", SMALL)
    assert len(tables) == 7
    shuffled = "\n".join([mission, *reversed(tables)]).replace("# A dictionary with one of each", "# other words")
    assert shuffled != SMALL
    assert read(shuffled).hash == first.hash
    assert len(first.hash) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("scale = 0.01", "scale = 0.02"),
        ('name = "mode"', 'name = "state"'),
        ('type = "i16"', 'type = "u16"'),
        ("DAY = 1", "DAY = 2"),
        ("period_s = 60", "period_s = 61"),
        ("spacecraft = 24", "spacecraft = 4"),
        ('text = "asleep"', 'text = "sleeping"'),
    ],
)
def test_the_hash_changes_with_the_content(read, old, new):
    assert read(SMALL.replace(old, new)).hash != read(SMALL).hash


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '"rate", type = "u8"',
            '"rate", type = "u7"',
            "TIME.rate: type 'u7' is none of u8, u16, u32, i8, i16, i32, hash4",
        ),
        ('apid = "TIME"', 'apid = "CLOCK"', "TIME: apid 'CLOCK' is not in mission.apids"),
        ('enum = "mode"', 'enum = "mood"', "HK.mode: there is no enum 'mood'"),
        ('severity = "high"', 'severity = "huge"', "SLEEP: severity 'huge' is none of info, low, medium, high"),
        ("id = 2", "id = 1", "SLEEP cannot be told from WAKE"),
        ('text = "asleep"\n', "", "SLEEP: 'text' is missing"),
        ("scale = 0.01, unit", "sclae = 0.01, unit", "HK.volt: 'sclae' is not known here"),
        ("DAY = 1", "DAY = 0", "enum.mode: DAY and NIGHT are both 0"),
        ("NIGHT = 0", "WAKE = 0", "WAKE is a label of enum 'mode' and an event too"),
        ("{volt} V", "{amps} A", "WAKE: its text speaks of {amps}, which is none of its fields"),
        ("id = 2", "id = 70000", "SLEEP.id: 70000 is not a number from 0 to 65535"),
        ("COMPUTER = 1", "COMPUTER = 3000", "mission.apids.COMPUTER: 3000 is not a number from 0 to 2046"),
        (
            'name = "volt", type = "i16", scale = 0.01, unit = "V" }]\n\n[event',
            'name = "mode", type = "u8" }]\n\n[event',
            "HK.mode: stands there twice",
        ),
        ("spacecraft = 24", 'wake_event = "WOKE"', "craft.rover.wake_event: there is no event 'WOKE'"),
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
        "constants",
        "place",
        "id",
        "big APID",
        "fields",
        "craft",
        "TOML",
    ],
)
def test_what_cannot_be_is_told_in_one_line(read, old, new, told):
    with pytest.raises(DictionaryError) as error:
        read(SMALL.replace(old, new))
    place, _, text = str(error.value).partition(".toml: ")
    assert place
    assert text.startswith(told)


def test_housekeeping_of_the_same_structure_cannot_be_told_apart(read):
    twin = SMALL[SMALL.index("[packet.HK]") : SMALL.index("[event.WAKE]")].replace("HK", "HK_TOO")
    with pytest.raises(DictionaryError, match=r"HK_TOO cannot be told from HK$"):
        read(SMALL + twin)
