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
    assert life.end(2) == ("TC_FAILED", "STOPPED", 0)
    # ... with its own reports, in the same millisecond
    assert life.answers(0, within=1)[-1] == "TC_DONE"
    assert life.over_after(0, within=1) == life.over_after(2) == pytest.approx(200, abs=0.001)


def test_at_first_it_is_disabled(command):
    life = command((100, ADD), (110, REPORT), (200, DRIVE), days="0.02")
    assert life.end(2) == "TC_DONE"
    (report,) = life.told("EVENT_ACTIONS")
    assert (table(report), report.fields["apid"]) == ([("ACTIVITY_START", False)], ["COMPUTER"])


@pytest.mark.parametrize("ended", [DISABLE, DELETE, "EVENT_ACTION_DELETE_ALL"])
def test_it_is_executed_no_more(command, ended):
    life = command((100, ADD), (110, ENABLE), (120, ended), (200, DRIVE), (900, REPORT), days="0.02")
    assert life.end(2) == "TC_DONE"
    assert life.end(3) == "TC_DONE"
    assert table(life.told("EVENT_ACTIONS")[0]) == ([("ACTIVITY_START", False)] if ended == DISABLE else [])
    # In memory they are only while there are some
    assert (life.rover.reporting.events.actions is None) == (ended != DISABLE)


def test_it_lives_on_over_a_reset(command):
    life = command((100, ADD), (110, ENABLE), (600, DRIVE), lines=["2020-11-11T00:05Z reset"], days="0.02")
    assert life.told("CRASH_REPORT")
    assert life.end(2) == ("TC_FAILED", "STOPPED", 0)


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
    assert life.end(2) == ("TC_FAILED", "STOPPED", 0)


@pytest.mark.slow  # eighty commands, forty observations
def test_an_event_that_is_suppressed_counts_too(command):
    """Thirty of its kind are reported in a row; the next ones are not."""
    stop = "STOP_OBSERVING instrument=ASAN"
    sent = [(100 + n, "OBSERVE activity=ASAN_OBSERVE units=1" if n % 2 == 0 else stop) for n in range(80)]
    add = f"EVENT_ACTION_ADD {OF} command=(PING)"
    life = command((10, add), (11, ENABLE), *sent, days="0.02")
    assert life.rover.reporting.events.suppressed > 0
    last = life.told("ACTIVITY_START")[-1].time
    assert any(report.time > last for report in life.told("ALIVE"))


def test_before_the_night_nothing_is_executed(command):
    add = "EVENT_ACTION_ADD apid=COMPUTER event=ROVER_SLEEP command=(PING)"
    enable = "EVENT_ACTION_ENABLE apid=COMPUTER event=ROVER_SLEEP"
    life = command((10, add), (11, enable), (100, "MOVE event=NIGHTFALL"), days="0.003")
    assert life.reports[-1].name == "ROVER_SLEEP"
    assert not life.told("ALIVE")


# --- No action makes the rover unreachable ---

TO_SLEEP = "MOVE event=NIGHTFALL"
IDLE = {"plan": f"plan 1 {DICTIONARY.hash.hex()} 0\n"}  # after waking nothing is done but what is commanded


def action(event, command):
    of = f"apid=COMPUTER event={event}"
    return f"EVENT_ACTION_ADD {of} command=({command})", f"EVENT_ACTION_ENABLE {of}"


def sent_to_sleep(command, *sent, **options):
    """A rover that an action has sent to sleep in the morning, minutes before it wakes again; `sent` comes after."""
    add, enable = action("ACTIVITY_START", TO_SLEEP)
    return command((100, add), (110, enable), (200, DRIVE), *sent, **IDLE, **options)


def woken_after(life):
    """Seconds from the start to the waking."""
    return round((life.told("ROVER_WAKE")[0].time - life.reports[0].time).total_seconds())


@pytest.fixture(scope="module")
def woken_s(command):
    """When a rover wakes that has been sent to sleep after 200 s."""
    return woken_after(command((200, TO_SLEEP), **IDLE))


def withheld(life):
    return [tuple(event.fields.values()) for event in life.told("ACTION_WITHHELD")]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("event", ["ROVER_WAKE", "NIGHT_COLD", "STEP_DONE", "ACTIVE_START"])
def test_what_is_detected_as_it_wakes_has_no_action(command, event):
    add, enable = action(event, TO_SLEEP)
    life = command((100, add), (110, enable), (200, TO_SLEEP))
    assert len(life.told("ROVER_SLEEP")) == len(life.told("ROVER_WAKE")) == 1
    assert set(withheld(life)) == {(event, "JUST_AWAKE")}


@pytest.mark.parametrize(("after_s", "is_withheld"), [(3599, True), (3600, False)])
def test_the_hour_without_actions_ends(command, woken_s, after_s, is_withheld):
    add, enable = action("ACTIVITY_START", "PING")
    life = command((100, add), (110, enable), (200, TO_SLEEP), (woken_s + after_s, "TURN bearing=0"), **IDLE)
    assert (withheld(life) == [("ACTIVITY_START", "JUST_AWAKE")]) == is_withheld
    assert bool(life.told("ALIVE")) != is_withheld


def test_the_hour_is_one_of_world_time(command, woken_s):
    add, enable = action("ACTIVITY_START", "PING")
    later = (woken_s + 100, "TIME_SET time=2030-01-01"), (woken_s + 3000, "TURN bearing=0")
    life = command((100, add), (110, enable), (200, TO_SLEEP), *later, **IDLE)
    assert withheld(life) == [("ACTIVITY_START", "JUST_AWAKE")]


def test_an_action_puts_it_to_sleep_once(command, woken_s):
    life = sent_to_sleep(command, (woken_s + 3700, DRIVE), (woken_s + 4700, REPORT))
    assert life.end(3) == "TC_DONE"
    assert len(life.told("ROVER_SLEEP")) == 1
    assert withheld(life) == [("ACTIVITY_START", "SENT_TO_SLEEP")]
    assert woken_after(life) == pytest.approx(woken_s, abs=200)
    assert table(life.told("EVENT_ACTIONS")[0]) == [("ACTIVITY_START", 0)]


def test_once_more_when_the_ground_enables_it_again(command, woken_s):
    life = sent_to_sleep(command, (woken_s + 3700, ENABLE), (woken_s + 3800, DRIVE))
    assert len(life.told("ROVER_SLEEP")) == 2


def test_only_the_one_that_did_it_is_disabled(command):
    """A second one is executed in the same millisecond."""
    sent = [(100 + 10 * number, text) for number, text in enumerate(action("SAFE_ENTER", TO_SLEEP))]
    sent += [(130 + 10 * number, text) for number, text in enumerate(action("ACTIVITY_FAILED", "PING"))]
    life = command(*sent, (200, DRIVE), (210, "MOVE event=FAULT"), (5000, REPORT), **IDLE)
    assert life.told("ALIVE")[0].time == life.told("ROVER_SLEEP")[0].time
    assert sorted(table(life.told("EVENT_ACTIONS")[0])) == [("ACTIVITY_FAILED", 1), ("SAFE_ENTER", 0)]


def test_what_the_ground_itself_puts_to_sleep_disables_nothing(command, woken_s):
    add, enable = action("ACTIVITY_START", "MOVE event=COOL")
    life = command((100, add), (110, enable), (200, DRIVE), (300, TO_SLEEP), (woken_s + 3700, REPORT), **IDLE)
    assert table(life.told("EVENT_ACTIONS")[0]) == [("ACTIVITY_START", 1)]


def test_it_is_disabled_even_if_the_store_does_not_take_that(command, woken_s):
    broken = ["2020-11-11T00:02:30Z flash_error"]
    life = sent_to_sleep(command, (woken_s + 3700, DRIVE), lines=broken)
    assert len(life.told("ROVER_SLEEP")) == 1
    assert life.end(3) == "TC_DONE"


@pytest.mark.slow
def test_after_one_restart_too_many_there_is_no_action_for_an_hour(command):
    add, enable = action("SAFE_ENTER", TO_SLEEP)
    resets = [f"2020-11-11T00:{minute:02}Z reset" for minute in (5, 6, 7, 8)]
    life = command((100, add), (110, enable), lines=resets)
    assert life.told("SAFE_ENTER")
    assert not life.told("ROVER_SLEEP")
    assert withheld(life) == [("SAFE_ENTER", "JUST_AWAKE")]


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
    assert table(life.told("EVENT_ACTIONS")[0]) == [("ACTIVITY_START", False)]


def test_of_two_events_one_is_unknown_and_neither_is_enabled(command):
    words = ENABLE.replace("COMPUTER", "COMPUTER,COMPUTER").replace("ACTIVITY_START", "ACTIVITY_START,PLAN_END")
    life = command((10, ADD), (20, words), (30, REPORT), days="0.003")
    assert life.end(1) == wrong(2, "UNKNOWN_ID")
    assert table(life.told("EVENT_ACTIONS")[0]) == [("ACTIVITY_START", False)]


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
    assert life.rover.reporting.events.actions is None


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
    assert life.rover.reporting.events.actions is None


def test_the_store_does_not_take_it(command):
    life = command((100, ADD), (120, REPORT), lines=["2020-11-11T00:01Z flash_error"], days="0.003")
    assert life.end(0)[:2] == ("TC_START_FAILED", "FAILED")
    assert table(life.told("EVENT_ACTIONS")[0]) == []
