"""Control of on-board monitoring: which monitors check their limits."""

import pytest
from rover.tables import (
    DISABLED,
    ENABLED,
    MON_CHARGE,
    MON_COMMANDS,
    MON_HOT,
    MON_MEMORY,
    MONITORS,
    PASSIVE,
    RETIRED,
)
from yutu2.dictionary.model import load

MONITOR_NAMES = [monitor.name for monitor in load().monitors]
DONE = ["TC_ACCEPTED", "TC_STARTED", "TC_DONE"]


def names(reports):
    return [report.name for report in reports]


def status(ground):
    return list(ground.rover.monitors.status)


@pytest.mark.parametrize("before", [ENABLED, DISABLED, PASSIVE, RETIRED])
@pytest.mark.parametrize(("command", "after"), [("MONITOR_ENABLE", ENABLED), ("MONITOR_DISABLE", DISABLED)])
def test_each_is_switched_whatever_it_was_and_no_other(ground, before, command, after):
    monitors = ground.rover.monitors
    for monitor in range(len(MONITORS)):
        monitors.set_status(monitor, before)
    assert names(ground.send(f"{command} monitor=MON_HOT,MON_MEMORY")) == DONE
    assert [number for number, it in enumerate(status(ground)) if it == after != before] == (
        [MON_HOT, MON_MEMORY] if after != before else []
    )
    assert {status(ground)[MON_HOT], status(ground)[MON_MEMORY]} == {after}


def test_all_names_of_the_dictionary_are_monitors(ground):
    assert names(ground.send(f"MONITOR_DISABLE monitor={','.join(MONITOR_NAMES)}")) == DONE
    assert set(status(ground)) == {DISABLED}


def test_the_command_loss_timer_acts_when_it_is_enabled_and_no_command_comes(ground):
    ground.send("MONITOR_ENABLE monitor=MON_COMMANDS")
    begun_s = ground.rover.clock.s
    reports = ground.run(80 * 3600)
    told = next(report for report in reports if report.name == "NO_COMMANDS")
    assert told.fields["no_command"] == MONITORS[MON_COMMANDS][2] + 1
    assert "SAFE_ENTER" in names(reports)
    assert ground.rover.mode_record.entered_s - begun_s <= 73 * 3600 + 180


def test_what_the_schedule_commands_is_no_call_of_the_ground(ground):
    """Else a command-loss timer would never act on a rover that commands itself."""
    ground.send("PARAMETER_SET parameter=COMMAND_LOSS_H value=1")
    ground.send("MONITOR_ENABLE monitor=MON_COMMANDS")
    ground.send("SCHEDULE_ENABLE")
    for minute, event in ((30, "FAULT"), (60, "RECOVERED"), (90, "FAULT"), (110, "RECOVERED")):
        time = f"2020-11-11T{6 + minute // 60:02}:{minute % 60:02}"
        ground.send(f"SCHEDULE_INSERT sub_schedule=0 time={time} command=(MOVE event={event})")
    reports = ground.run(2 * 3600 + 200)
    assert names(reports).count("SAFE_ENTER") >= 2
    assert "NO_COMMANDS" in names(reports)


def test_a_disabled_one_is_silent(make_ground):
    ground = make_ground("2020-11-11T06:10:00Z clock_jump seconds=100")
    ground.send("MONITOR_DISABLE monitor=MON_CLOCK")
    assert "CLOCK_JUMPED" not in names(ground.run(3600))
    assert ground.rover.clock.onboard_s() - ground.rover.clock.s == 100


def test_one_that_is_on_goes_on_where_it_is(make_ground):
    """Else a ground that says so again would end what a broken limit has brought."""
    ground = make_ground("2020-11-11T06:10:00Z sensor_stuck sensor=BATTERY_CHARGE")
    ground.rover.monitors.broken = 1 << MON_CHARGE
    ground.send("MONITOR_ENABLE monitor=MON_CHARGE")
    assert ground.rover.monitors.broken == 1 << MON_CHARGE
    ground.send("MONITOR_DISABLE monitor=MON_CHARGE")
    assert ground.rover.monitors.broken == 0


def test_a_restart_ends_it(make_ground):
    ground = make_ground("2020-11-11T07:00:00Z reset")
    ground.send("MONITOR_DISABLE monitor=MON_HOT")
    ground.run(3700)
    assert status(ground) == [row[8] for row in MONITORS]


@pytest.mark.parametrize("monitor", [len(MONITORS), 65535])
def test_one_that_is_not_there_is_refused_and_none_is_switched(ground, monitor):
    before = status(ground)
    (report,) = ground.send_data(12, 2, bytes([2, 0, MON_HOT]) + monitor.to_bytes(2))
    assert (report.name, report.fields["code"], report.raw["data"]) == (
        "TC_REFUSED",
        "WRONG_ARGUMENT",
        2 << 16 | monitor,
    )
    assert status(ground) == before
