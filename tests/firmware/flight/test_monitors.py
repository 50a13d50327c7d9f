"""Monitors over random rows of values: when they fire, what follows, and when they fall silent."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rover.flight.monitors import Monitors
from rover.tables import (
    MON_CHARGE,
    MON_CLOCK,
    MON_COMMANDS,
    MON_EXCESS,
    MON_HOT,
    MON_MEMORY,
    MON_SUN,
    MONITORS,
    P_SUN,
)
from rover.tables.commands import PARAMETERS
from yutu2.dictionary.model import load

DEFINITIONS = load().monitors
MODES = {name: number for number, name in load().enums["monitor_status"].items()}
ACTIONS = load().enums["action"]
DEFAULTS = [0, *(row[1] for row in PARAMETERS)]  # of what the ground may set, by id
MOST = 8  # firings without an end
LOOK_S = 180

# Those with limits, by number; MON_SUN has none
LIMITED = [number for number, row in enumerate(MONITORS) if number != MON_SUN]
MONITOR = st.sampled_from(LIMITED)
# Whether the value is out of limits, look after look
SEQUENCES = st.lists(st.tuples(st.booleans(), st.integers(1, 12)).map(lambda run: [run[0]] * run[1]), max_size=12).map(
    lambda runs: [out for run in runs for out in run]
)


def row_of(monitor):
    """(parameter, a value within limits, one out of them, repetitions, actions, re-arm in s) by the dictionary."""
    parameter, low, high, repetitions, _, actions, rearm_s, _, _ = MONITORS[monitor]
    has_low = low > -(1 << 29)
    return parameter, low if has_low else high, low - 1 if has_low else high + 1, repetitions, actions, rearm_s


class Watched:
    """Monitors of which one is looked at: all others have no value to judge."""

    def __init__(self, told, monitor, status="ENABLED"):
        self.monitor = monitor
        self.parameter, self.good, self.bad, self.repetitions, self.actions, self.rearm_s = row_of(monitor)
        self.told = told
        self.responses = []  # (action, level)
        self.held = 0
        self.parameters = list(DEFAULTS)
        self.monitors = Monitors(told, self._respond, self._holds, self.parameters)
        for other in range(len(MONITORS)):
            self.monitors.set_status(other, MODES[status if other == monitor else "DISABLED"])
        self.now_s = 1000

    def sample(self, value, times=1, wait_s=LOOK_S):
        for _ in range(times):
            self.now_s += wait_s
            values = [None] * 10
            values[P_SUN] = 0
            values[self.parameter] = value
            self.monitors.check(values, self.now_s)

    def fire(self):
        """Goes out of limits until it fires, however long it must wait for that."""
        fired = len(self.responses)
        while len(self.responses) == fired:
            self.sample(self.bad)

    def _respond(self, monitor, action, level):
        assert monitor == self.monitor
        self.responses.append((action, level))

    def _holds(self, monitor):
        assert monitor == self.monitor
        self.held += 1


def model(watched, sequence):
    """What should be told, look after sample: a level for each firing, "holds", "retired"."""
    told, level, fired_s, broken, out, within, retired = [], 0, None, False, 0, 0, False
    for number, is_out in enumerate(sequence):
        now_s = number * LOOK_S
        out, within = (out + 1, 0) if is_out else (0, within + 1)
        rearmed = fired_s is None or now_s - fired_s >= watched.rearm_s
        if not retired and is_out and out >= watched.repetitions and (rearmed or not broken):
            level = 1 if rearmed and not broken else level + 1
            told.append((number, level))
            broken, fired_s = True, now_s
            if level == MOST:
                told.append((number, "retired"))
                retired = True
        elif broken and within >= watched.repetitions:
            told.append((number, "holds"))
            broken = False
    return told


@given(MONITOR, SEQUENCES)
@example(MON_CLOCK, [True] * (MOST + 2) + [False] * 3 + [True] * 3)
@example(monitor=0, sequence=[True] * 31 + [False, False, True, False])
def test_it_fires_holds_and_retires_as_the_dictionary_says(make_told, monitor, sequence):
    watched = Watched(make_told(), monitor)
    found = []
    for number, is_out in enumerate(sequence):
        watched.told.events.clear()
        before = len(watched.responses)
        watched.sample(watched.bad if is_out else watched.good)
        names = watched.told.names()
        fired = [name for name in names if name not in ("LIMIT_HOLDS", "MONITOR_RETIRED")]
        assert fired == [DEFINITIONS[monitor].event] * len(fired)
        if fired:
            found.append((number, "fired"))
        found += [(number, "retired")] * names.count("MONITOR_RETIRED") + [(number, "holds")] * names.count(
            "LIMIT_HOLDS"
        )
        if watched.actions:
            assert len(watched.responses) - before == len(fired)
    expected = model(watched, sequence)
    assert found == [(number, what if isinstance(what, str) else "fired") for number, what in expected]
    levels = [what for _, what in expected if not isinstance(what, str)]
    if watched.actions:
        levels = [min(level, len(watched.actions)) for level in levels]
        assert watched.responses == [(watched.actions[level - 1], level) for level in levels]
    assert watched.held == sum(what == "holds" for _, what in expected)


@given(MONITOR, st.integers(0, 20))
def test_it_fires_at_the_last_of_its_repetitions_and_no_sooner(make_told, monitor, times):
    watched = Watched(make_told(), monitor)
    watched.sample(watched.bad, times)
    assert (DEFINITIONS[monitor].event in watched.told.names()) == (times >= watched.repetitions)


@given(MONITOR, st.integers(1, 10))
def test_one_value_within_its_limits_begins_the_count_anew(make_told, monitor, rounds):
    watched = Watched(make_told(), monitor)
    for _ in range(rounds):
        watched.sample(watched.bad, watched.repetitions - 1)
        watched.sample(watched.good)
    assert watched.told.events == []


@pytest.mark.parametrize("monitor", LIMITED, ids=lambda number: DEFINITIONS[number].name)
def test_out_of_limits_without_end_it_goes_from_response_to_response_and_falls_silent_after_eight(told, monitor):
    watched = Watched(told, monitor)
    watched.sample(watched.bad, 10 * MOST, wait_s=watched.rearm_s)
    assert told.names().count(DEFINITIONS[monitor].event) == MOST
    assert told.names()[-1] == "MONITOR_RETIRED"
    responses = [ACTIONS[action] for action, _ in watched.responses]
    named = list(DEFINITIONS[monitor].responses)
    assert responses == (named + named[-1:] * MOST)[: MOST if named else 0]
    assert [level for _, level in watched.responses] == [
        min(firing, len(named)) for firing in range(1, len(responses) + 1)
    ]


@given(MONITOR, st.integers(1, 6))
def test_still_out_of_limits_it_does_not_fire_again_before_it_is_rearmed(make_told, monitor, parts):
    watched = Watched(make_told(), monitor)
    watched.sample(watched.bad, watched.repetitions, wait_s=1)
    watched.sample(watched.bad, parts, wait_s=(watched.rearm_s - 1) // parts)
    assert watched.told.names() == [DEFINITIONS[monitor].event]


@given(MONITOR, st.integers(0, 20))
def test_its_limit_holds_after_as_many_values_within(make_told, monitor, times):
    watched = Watched(make_told(), monitor)
    watched.sample(watched.bad, watched.repetitions)
    watched.sample(watched.good, times)
    held = times >= watched.repetitions
    assert watched.told.names().count("LIMIT_HOLDS") == watched.held == held
    assert (watched.monitors.broken == 0) == held


@pytest.mark.parametrize("monitor", [MON_CHARGE, MON_HOT, MON_MEMORY], ids=lambda number: DEFINITIONS[number].name)
@pytest.mark.parametrize(("wait_s", "level"), [(1, 2), (None, 1)], ids=["at once", "later"])
def test_what_comes_back_goes_on_at_the_next_level_unless_it_was_calm_for_long(told, monitor, wait_s, level):
    watched = Watched(told, monitor)
    watched.sample(watched.bad, watched.repetitions, wait_s=1)
    watched.sample(watched.good, watched.repetitions, wait_s=1)
    watched.sample(watched.good, wait_s=wait_s or watched.rearm_s)
    watched.sample(watched.bad, watched.repetitions, wait_s=1)
    assert [level for _, level in watched.responses] == [1, level]


@given(MONITOR, SEQUENCES)
@example(MON_CLOCK, [True] * MOST)
def test_passive_it_reports_and_does_nothing(make_told, monitor, sequence):
    watched, enabled = Watched(make_told(), monitor, "PASSIVE"), Watched(make_told(), monitor)
    for is_out in sequence:
        for one in (watched, enabled):
            one.sample(one.bad if is_out else one.good)
    assert watched.responses == []
    assert watched.told.events == enabled.told.events


@given(MONITOR, SEQUENCES, st.sampled_from(["DISABLED", "RETIRED"]))
def test_disabled_or_retired_it_is_silent(make_told, monitor, sequence, status):
    watched = Watched(make_told(), monitor, status)
    for is_out in sequence:
        watched.sample(watched.bad if is_out else watched.good)
    assert (watched.told.events, watched.responses, watched.monitors.broken) == ([], [], 0)


@given(MONITOR)
def test_enabled_again_it_starts_anew(make_told, monitor):
    watched = Watched(make_told(), monitor)
    watched.sample(watched.bad, 10 * MOST, wait_s=watched.rearm_s)
    watched.responses.clear()
    watched.monitors.set_status(monitor, MODES["ENABLED"])
    watched.sample(watched.bad, watched.repetitions)
    assert [level for _, level in watched.responses] == [1] * bool(watched.actions)


def test_only_the_command_loss_timer_is_off_by_default(told):
    monitors = Monitors(told, None, None, DEFAULTS)
    assert [number for number, status in enumerate(monitors.status) if status != MODES["ENABLED"]] == [MON_COMMANDS]


def stale(told, parameters, times):
    """Monitors that find no value for these parameters, and good ones for all others. Returns the responses."""
    responses = []
    monitors = Monitors(told, lambda *response: responses.append(response), None, DEFAULTS)
    good = {row_of(number)[0]: row_of(number)[1] for number in LIMITED} | {P_SUN: 40_000}
    # Within both limits of those that have a lower and an upper one each
    good |= {MONITORS[MON_CHARGE][0]: 900, MONITORS[MON_HOT][0]: 200, MONITORS[LIMITED[4]][0]: 0}
    values = [None if parameter in parameters else good[parameter] for parameter in range(10)]
    for number in range(times):
        monitors.check(values, 1000 + number * LOOK_S)
    return [(monitor, ACTIONS[action], level) for monitor, action, level in responses]


@given(st.sets(st.integers(0, 8)))
def test_what_has_no_value_is_not_judged(make_told, parameters):
    told = make_told()
    assert stale(told, parameters, 50) == []
    assert told.events == []


@pytest.mark.parametrize(
    ("times", "responses"), [(2, []), (3, [(MON_SUN, "GO_SAFE", 1)]), (50, [(MON_SUN, "GO_SAFE", 1)])]
)
def test_without_a_sun_sensor_it_goes_safe_after_three_looks(told, times, responses):
    assert stale(told, {P_SUN}, times) == responses


@pytest.mark.parametrize("monitor", [MON_CHARGE, MON_HOT, MON_EXCESS], ids=lambda number: DEFINITIONS[number].name)
def test_a_limit_of_which_nothing_is_known_does_not_hold(told, monitor):
    """A sensor that dies while a limit is broken: nobody knows, so nobody says that all is well."""
    watched = Watched(told, monitor)
    watched.sample(watched.bad, watched.repetitions)
    watched.sample(None, 50)
    assert "LIMIT_HOLDS" not in told.names()
    assert watched.monitors.broken == 1 << monitor
