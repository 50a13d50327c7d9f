"""After any legal commands the rover can be commanded again: a PING is answered in each lunar day that follows."""

import importlib.util
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yutu2.dictionary.model import load

BENCH = Path(__file__).parents[1] / "bench" / "reachable.py"
NAME = "yutu2_tests_reachable"
DAY_S = 86400
# All that the ground may set, at the end at which it does most harm in the cold and in low Sun
LIMITS = (
    "PARAMETER_SET parameter=HEATER_ON,HEATER_OFF,PARK_ELEVATION,NAP_START_ELEVATION,COMMAND_LOSS_H "
    "value=-30,-12,30,31,1"
)
MONITORS = ",".join(name for name in load().enums["monitor"].values() if name.startswith("MON_"))
SLEEP = "MOVE event=NIGHTFALL"
HELD = "ACTION_WITHHELD"
MOST_EARTH_DAYS = 24  # without an answer: a night, and the morning until an empty battery is charged again


@pytest.fixture(scope="session")
def bench(micropython):
    """The module tests/bench/reachable.py."""
    spec = importlib.util.spec_from_file_location(NAME, BENCH)
    sys.modules[NAME] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def action(event, command):
    of = f"apid=COMPUTER event={event}"
    return [f"EVENT_ACTION_ADD {of} command=({command})", f"EVENT_ACTION_ENABLE {of}"]


def schedule(bench, start_s, every_s, commands):
    """The schedule, full of these commands in turn."""
    lines = ["SCHEDULE_ENABLE"]
    for first in range(0, 128, 16):
        times = ",".join(bench.utc(start_s + 300 + every_s * number) for number in range(first, first + 16))
        chosen = ",".join(f"({commands[number % len(commands)]})" for number in range(first, first + 16))
        lines.append(f"SCHEDULE_INSERT sub_schedule=0 time={times} command={chosen}")
    return lines


def in_a_loop(bench, start_s):
    """Back in time to where the schedule sends it to sleep."""
    insert = f"SCHEDULE_INSERT sub_schedule=0 time={bench.utc(start_s + 60)} command=({SLEEP})"
    back = f"TIME_SET time={bench.utc(start_s)}"
    return [
        "SCHEDULE_ENABLE",
        *action("STEP_DONE", back),
        *action("ACTIVE_START", insert),
        *action("NAP_START", insert),
    ]


# Commands, and the part of the lunar day in which they are sent: an hour later it is sent to sleep
NASTY = {
    "asleep on waking": (0.9, lambda *_: action("ROVER_WAKE", SLEEP)),
    "exhausted on each step of dawn": (0.5, lambda *_: action("STEP_DONE", "MOVE event=EXHAUSTED")),
    "asleep when the night is reported": (0.05, lambda *_: action("NIGHT_COLD", SLEEP)),
    "asleep on what is reported of actions": (0.2, lambda *_: [*action("ROVER_WAKE", SLEEP), *action(HELD, SLEEP)]),
    "asleep in safe mode, which comes on waking": (
        0.3,
        lambda *_: [*action("SAFE_ENTER", "MOVE event=EXHAUSTED"), *action("ROVER_WAKE", "MOVE event=FAULT")],
    ),
    "asleep when no command has come": (
        0.1,
        lambda *_: [
            "PARAMETER_SET parameter=COMMAND_LOSS_H value=1",
            "MONITOR_ENABLE monitor=MON_COMMANDS",
            *action("NO_COMMANDS", SLEEP),
            *action("SAFE_ENTER", SLEEP),
        ],
    ),
    "asleep by the schedule each time that it has woken": (
        0.03,
        lambda bench, start_s: schedule(bench, start_s, 740, [SLEEP]),
    ),
    "asleep by the schedule, from which nobody wakes it before the next dawn": (
        0.7,
        lambda bench, start_s: schedule(bench, start_s, 6 * 3600, [SLEEP, "MOVE event=EXHAUSTED"]),
    ),
    "a loop through time": (0.1, in_a_loop),
    "drained: no monitors, heaters late, in low Sun": (
        0.8,
        lambda *_: [f"MONITOR_DISABLE monitor={MONITORS}", LIMITS, "PARAMETER_SET parameter=PARK_ELEVATION value=9.5"],
    ),
    "drained, and safe each hour": (
        0.4,
        lambda bench, start_s: [
            f"MONITOR_DISABLE monitor={MONITORS}",
            "MONITOR_ENABLE monitor=MON_COMMANDS",
            LIMITS,
            *schedule(
                bench, start_s, 9000, ["MOVE event=FAULT", "MOVE event=RECOVERED", "DRIVE bearing=0 distance=50"]
            ),
        ],
    ),
    "parked in the morning": (0.1, lambda *_: [f"MONITOR_DISABLE monitor={MONITORS}", "MOVE event=DUSK"]),
    "at the end of on-board time": (
        0.2,
        lambda *_: [
            "TIME_SET time=2053-01-09T13:37:03Z",
            "SCHEDULE_ENABLE",
            "SCHEDULE_INSERT sub_schedule=0 time=2053-01-09T13:37:03.999Z command=(TIME_SET time=2019-01-01T00:00:00Z)",
        ],
    ),
    "silent: nothing is reported by itself": (
        0.95,
        lambda *_: [
            "HK_DISABLE structure=HK_COMPUTER,HK_POWER,HK_DRIVE",
            "TIME_RATE rate=8",
            f"EVENTS_DISABLE event=ROVER_WAKE,ROVER_SLEEP,SAFE_ENTER,{HELD}",
            f"MONITOR_DISABLE monitor={MONITORS}",
        ],
    ),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", NASTY)
def test_the_nastiest_sequences_leave_it_reachable(bench, name):
    phase, write = NASTY[name]
    start_s = bench.start_of(24, phase)
    commands = write(bench, start_s)
    lines = [f"{bench.utc(start_s + 60 + number)} {command}" for number, command in enumerate(commands)]
    lines.append(f"{bench.utc(start_s + 3600)} {SLEEP}")
    outcome = bench.run(bench.sequence(lines, start_s), 1)
    assert outcome.trouble == ""
    assert outcome.gap_s < MOST_EARTH_DAYS * bench.DAY


@pytest.mark.sampled(1)
@pytest.mark.parametrize("turn", range(4))
@settings(max_examples=2)
@given(chance=st.randoms(use_true_random=False))
def test_sequences_by_chance_leave_it_reachable(bench, turn, chance):
    it = bench.make_sequence(chance)
    outcome = bench.run(it, 2)
    assert outcome.trouble == "", it.text


def test_each_command_of_the_dictionary_comes_up(bench):
    dictionary = bench.load()
    lines = [line for seed in range(200) for line in bench.make_sequence(random.Random(seed)).lines]
    missing = {command.name for command in dictionary.commands} - {line.split()[1] for line in lines}
    assert not missing


def test_a_rover_that_does_not_answer_is_reported(bench):
    """One whose firmware ends, and one that answers on the first day alone."""
    it = bench.sequence([f"{bench.utc(59_000_060)} PING"], 59_000_000)
    done = bench.subprocess.CompletedProcess
    _, end_s = bench.uplink_of(it, 0)
    assert bench.judge(done([], 1, "", "MemoryError"), end_s, 1).trouble.startswith("the firmware ended with status 1")
    told = "\n".join(map(str, range(end_s + 3600, end_s + 90000, 3600))) + "\ndone\n"
    assert bench.judge(done([], 0, told, ""), end_s, 1).trouble == ""
    assert bench.judge(done([], 0, told, ""), end_s, 2).trouble == "no PING answered in 58.1 Earth days"
