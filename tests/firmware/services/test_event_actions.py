"""Event-actions, ST[19]: what the ground has given an event is done when that is detected, and only then."""

import struct

import pytest
from yutu2.dictionary.model import load
from yutu2.uplink.encode import packet, read_request

DICTIONARY = load()
EVENTS = {event.name: event for event in DICTIONARY.events}
CODES = {label: number for number, label in DICTIONARY.enums["tc_failure"].items()}
OF = "apid=COMPUTER event=ACTIVITY_START"
ADD = f"EVENT_ACTION_ADD {OF} command=(STOP)"
ENABLE, DISABLE, DELETE = (f"EVENT_ACTION_{what} {OF}" for what in ("ENABLE", "DISABLE", "DELETE"))
DRIVE = "DRIVE bearing=180 distance=5"
REPORT = "EVENT_ACTION_REPORT"


def wrong(number, code):
    return ("TC_START_FAILED", "WRONG_INSTRUCTION", number << 16 | CODES[code])


def table(report):
    return list(zip(report.fields["event"], report.fields["enabled"], strict=True))


def test_when_the_event_is_detected_the_command_is_executed(command):
    life = command((100, ADD), (110, ENABLE), (200, DRIVE), days="0.02")
    assert life.end(2) == ("TC_FAILED", "FAILED", 17)  # STOPPED
    # ... with its own reports, in the same millisecond
    assert life.answers(0, within=1)[-1] == "TC_DONE"
    assert life.over_after(0, within=1) == life.over_after(2) == pytest.approx(200, abs=0.001)


def test_at_first_it_is_disabled(command):
    life = command((100, ADD), (110, REPORT), (200, DRIVE), days="0.02")
    assert life.end(2) == "TC_DONE"
    (report,) = life.told("EVENT_ACTIONS")
    assert (table(report), report.fields["apid"]) == ([("ACTIVITY_START", 0)], ["COMPUTER"])


@pytest.mark.parametrize("ended", [DISABLE, DELETE, "EVENT_ACTION_DELETE_ALL"])
def test_it_is_executed_no_more(command, ended):
    life = command((100, ADD), (110, ENABLE), (120, ended), (200, DRIVE), (900, REPORT), days="0.02")
    assert life.end(2) == "TC_DONE"
    assert life.end(3) == "TC_DONE"
    assert table(life.told("EVENT_ACTIONS")[0]) == ([("ACTIVITY_START", 0)] if ended == DISABLE else [])
    # In memory they are only while there are some
    assert (life.rover.voice.events.actions is None) == (ended != DISABLE)


def test_it_lives_on_over_a_reset(command):
    life = command((100, ADD), (110, ENABLE), (600, DRIVE), lines=["2020-11-11T00:05Z reset"], days="0.02")
    assert life.told("CRASH_REPORT")
    assert life.end(2) == ("TC_FAILED", "FAILED", 17)


def test_what_leads_to_its_own_event_does_not_go_on_without_end(command):
    add = f"EVENT_ACTION_ADD {OF} command=(OBSERVE activity=ASAN_OBSERVE units=1)"
    life = command((100, add), (110, ENABLE), (200, "TURN bearing=0"), (400, "TURN bearing=180"), days="0.02")
    # Once for each turn: the start of the observation is the same event again
    starts = [event.fields["activity"] for event in life.told("ACTIVITY_START")]
    assert starts == ["DRIVE", "ASAN_OBSERVE"] * 2


def test_a_chain_of_actions_ends(command):
    """Two that call forth each other's event at the same time."""
    add = (
        "EVENT_ACTION_ADD apid=COMPUTER,COMPUTER event=ACTIVITY_START,ACTIVITY_FAILED "
        "command=(STOP),(DRIVE bearing=180 distance=5)"
    )
    enable = "EVENT_ACTION_ENABLE apid=COMPUTER,COMPUTER event=ACTIVITY_START,ACTIVITY_FAILED"
    life = command((100, add), (110, enable), (200, DRIVE), days="0.02")
    assert len(life.told("ACTIVITY_START")) == 2
    assert life.end(2) == ("TC_FAILED", "FAILED", 17)


@pytest.mark.slow  # eighty commands, forty observations
def test_an_event_that_is_suppressed_counts_too(command):
    """Thirty of its kind are reported in a row; the next ones are not."""
    stop = "STOP_OBSERVING instrument=ASAN"
    sent = [(100 + n, "OBSERVE activity=ASAN_OBSERVE units=1" if n % 2 == 0 else stop) for n in range(80)]
    add = f"EVENT_ACTION_ADD {OF} command=(PING)"
    life = command((10, add), (11, ENABLE), *sent, days="0.02")
    assert life.rover.voice.events.suppressed > 0
    last = life.told("ACTIVITY_START")[-1].time
    assert any(report.time > last for report in life.told("ALIVE"))


def test_before_the_night_nothing_is_executed(command):
    add = "EVENT_ACTION_ADD apid=COMPUTER event=ROVER_SLEEP command=(PING)"
    enable = "EVENT_ACTION_ENABLE apid=COMPUTER event=ROVER_SLEEP"
    life = command((10, add), (11, enable), (100, "MOVE event=NIGHTFALL"), days="0.003")
    assert life.reports[-1].name == "ROVER_SLEEP"
    assert not life.told("ALIVE")


def test_a_disabled_one_is_replaced_an_enabled_one_is_not(command):
    other = f"EVENT_ACTION_ADD {OF} command=(PING)"
    life = command((100, ADD), (110, other), (120, ENABLE), (130, ADD), (200, DRIVE), days="0.02")
    assert life.end(1) == "TC_DONE"
    assert life.end(3) == wrong(1, "REFUSED")
    assert life.end(4) == "TC_DONE"
    assert life.told("ALIVE")


def test_the_lander_has_them_too(command):
    add = "EVENT_ACTION_ADD apid=COMPUTER event=SAFE_ENTER command=(PING)"
    enable = "EVENT_ACTION_ENABLE apid=COMPUTER event=SAFE_ENTER"
    life = command((10, add), (11, enable), (12, "MOVE event=FAULT"), craft="lander", days="0.003")
    assert life.told("ALIVE")


def test_there_are_eight_at_most_and_all_of_a_command_or_none(command):
    names = list(EVENTS)[:9]

    def add(some):
        columns = ("apid=" + ",".join(["COMPUTER"] * len(some)), "event=" + ",".join(some))
        return " ".join(["EVENT_ACTION_ADD", *columns, "command=" + ",".join(["(PING)"] * len(some))])

    life = command(
        (10, add(names)), (11, REPORT), (12, add(names[:8])), (13, REPORT), (14, add(names[8:])), days="0.003"
    )
    assert life.end(0) == wrong(9, "NO_ROOM")
    empty, full = life.told("EVENT_ACTIONS")
    assert (table(empty), table(full)) == ([], [(name, 0) for name in names[:8]])
    assert life.end(4) == wrong(1, "NO_ROOM")


@pytest.mark.parametrize("words", [ENABLE, DISABLE, DELETE])
def test_an_event_without_action_is_told(command, words):
    life = command((10, ADD), (20, words.replace("ACTIVITY_START", "PLAN_END")), (30, REPORT), days="0.003")
    assert life.end(1) == wrong(1, "UNKNOWN_ID")
    assert table(life.told("EVENT_ACTIONS")[0]) == [("ACTIVITY_START", 0)]


def test_of_two_events_one_is_unknown_and_neither_is_enabled(command):
    words = ENABLE.replace("COMPUTER", "COMPUTER,COMPUTER").replace("ACTIVITY_START", "ACTIVITY_START,PLAN_END")
    life = command((10, ADD), (20, words), (30, REPORT), days="0.003")
    assert life.end(1) == wrong(2, "UNKNOWN_ID")
    assert table(life.told("EVENT_ACTIONS")[0]) == [("ACTIVITY_START", 0)]


def instruction(apid, event, octets):
    return struct.pack(">HH", apid, event) + octets


PING = packet(read_request(["PING"], DICTIONARY), 1, 5)
LARGE = packet(read_request(["HK_ENABLE", "structure=" + ",".join(["HK_POWER"] * 30)], DICTIONARY), 1, 5)
EVENT = EVENTS["PLAN_END"].selector


@pytest.mark.parametrize(
    ("number", "instructions", "code"),
    [
        (1, [instruction(1, 9999, PING)], "UNKNOWN_ID"),
        (1, [instruction(1, 0, PING)], "UNKNOWN_ID"),
        (1, [instruction(2, EVENT, PING)], "UNKNOWN_ID"),
        (2, [instruction(1, EVENT, PING), instruction(1, 1, PING[:-1] + b"\xee")], "WRONG_CHECKSUM"),
        (1, [instruction(1, EVENT, LARGE)], "WRONG_LENGTH"),
    ],
)
def test_what_is_wrong_in_an_instruction_is_told(command, number, instructions, code):
    life = command((10, (19, 1, bytes([len(instructions)]) + b"".join(instructions))), days="0.003")
    assert life.end(0) == wrong(number, code)
    assert life.rover.voice.events.actions is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x02" + instruction(1, EVENT, PING),
        b"\x01" + instruction(1, EVENT, PING[:-3]),
        b"\x01" + instruction(1, EVENT, PING) + b"\x00",
        b"\x01\x00",
    ],
)
def test_a_length_that_cannot_be_is_told(command, data):
    life = command((10, (19, 1, data)), days="0.003")
    assert life.end(0)[:2] == ("TC_START_FAILED", "WRONG_LENGTH")
    assert life.rover.voice.events.actions is None


def test_the_store_does_not_take_it(command):
    life = command((100, ADD), (120, REPORT), lines=["2020-11-11T00:01Z flash_error"], days="0.003")
    assert life.end(0)[:2] == ("TC_START_FAILED", "FAILED")
    assert table(life.told("EVENT_ACTIONS")[0]) == []
