"""The lunar day of a whole craft: its moves, its nights, safe mode, and what survives a restart."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from rover import tables
from rover.app import Rover
from rover.inputs.settings import Settings
from yutu2.firmware import to_datetime, to_seconds

HOUR = 3600
LOOK_S = 180
# The rover's lunar day 24: it wakes on 9 November about 03:30, is ready at 04:10, naps from 14 November 13:16 to 19
# November 03:42, parks on 21 November about 14:44 and sleeps from 19:50 on
DAWN = {"start": "2020-11-08T06:00", "days": "1.2"}
WORK = "2020-11-11T06:00:00"
AT_WORK = {"start": "2020-11-11T00:00", "days": "1"}
IN_MODE = {
    "WAKING": "2020-11-09T03:50",
    "ACTIVE": "2020-11-11T06:00",
    "NAP": "2020-11-16T06:00",
    "PARKING": "2020-11-21T16:00",
}
NIGHT = "2020-11-28T06:00"


def at(report):
    return to_seconds(report.time)


def to_seconds_of(text):
    return to_seconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


def modes(received):
    """Each mode that housekeeping tells, once for each time in it."""
    told = [report.fields["mode"] for report in received.housekeeping()]
    return [mode for number, mode in enumerate(told) if number == 0 or told[number - 1] != mode]


def days_from(time, days):
    """Options of a run that begins six hours before a time of IN_MODE."""
    return {"start": time[:10] + "T00:00", "days": str(days)}


# --- Speaking and silence ---


@pytest.mark.parametrize("mode", IN_MODE)
def test_a_run_that_begins_by_day_speaks_at_once(live, mode):
    received = live(start=IN_MODE[mode], days="0.1").received
    begun = {"WAKING": "ACTIVE"}.get(mode, mode)
    assert received.housekeeping()[0].fields["mode"] == begun
    assert at(received.housekeeping()[0]) == to_seconds(received.reports[0].time)
    assert not received.told("ROVER_WAKE", "ACTIVE_START", "NAP_START", "PARKING_START")


def test_a_run_that_begins_by_night_is_silent(live):
    assert live(start=NIGHT, days="3").received.reports == []


def test_all_is_sent_before_it_falls_silent(make_rover, receive_whole):
    rover = make_rover(start="2020-11-21T12:00", days="1")
    rover.mode_manager.start(None)
    rover.scheduler.run(rover.end_s)
    assert receive_whole(b"".join(rover.line.frames)).events()[-1].name == "ROVER_SLEEP"


NOTICE = (tables.SETTING_REFUSED, tables.SETTING_SEED)


@pytest.mark.parametrize(
    ("start", "days", "names"),
    [
        ("2020-11-11", "1", ["SETTING_REFUSED"]),
        ("2020-11-08T20:00", "0.5", ["ROVER_WAKE", "SETTING_REFUSED"]),
        (NIGHT, "3", []),
        ("2020-11-21", "19", ["SETTING_REFUSED", "ROVER_SLEEP", "ROVER_WAKE"]),
    ],
)
def test_a_notice_is_told_once_and_as_soon_as_it_speaks(make_line, receive_whole, start, days, names):
    line = make_line()
    Rover(Settings({"start": start, "days": days}, speed="max"), line, line, line, notices=[NOTICE]).run()
    told = receive_whole(b"".join(line.frames)).told("ROVER_WAKE", "SETTING_REFUSED", "ROVER_SLEEP")
    assert [event.name for event in told] == names


# --- Dawn and night ---


def test_at_dawn_it_speaks_tells_its_night_and_comes_to_life_step_by_step(live):
    life = live(**DAWN)
    assert life.names() == ["ROVER_WAKE", "NIGHT_COLD", *["STEP_DONE"] * 5, "ACTIVE_START"]
    assert modes(life.received) == ["WAKING", "ACTIVE"]


def test_a_night_is_told_from_dusk_to_dawn_each_six_hours(live):
    received = live(start="2020-11-21", days="18.5").received
    asleep, woken = map(at, received.told("ROVER_SLEEP", "ROVER_WAKE"))
    entries = received.told("HK_NIGHT")
    times = [report.raw["measured_at"] for report in entries]
    assert 0 <= times[0] - asleep <= 600
    assert all(6 * HOUR <= later - earlier <= 6 * HOUR + 600 for earlier, later in pairwise(times))
    assert 0 <= woken - times[-1] <= 6 * HOUR + 600
    cold = received.told("NIGHT_COLD")[0]
    assert cold.fields["silent"] == (woken - asleep) // HOUR
    assert cold.raw["ground_temperature"] == min(report.raw["ground_temperature"] for report in entries)
    assert cold.raw["box_temperature"] == min(report.raw["box_temperature"] for report in entries)


def test_a_reset_in_the_night_shortens_no_night(live):
    received = live(f"{NIGHT} reset", start="2020-11-21", days="18.5").received
    asleep, woken = map(at, received.told("ROVER_SLEEP", "ROVER_WAKE"))
    assert received.told("NIGHT_COLD")[0].fields["silent"] == pytest.approx((woken - asleep) // HOUR, abs=1)


def test_in_the_night_it_is_deaf(live):
    received = live(f"{NIGHT} request event=FAULT", start="2020-11-21", days="18.5").received
    assert not received.told("MODE_REFUSED", "SAFE_ENTER")
    assert modes(received)[-1] == "ACTIVE"


def test_an_exhausted_battery_sends_it_to_sleep_and_light_wakes_it_again(live):
    lines = ["2020-11-11 load_draws_more load=LOAD_RADIO watts=200 for 1d", "2020-11-11 dust percent=80 for 2d"]
    names = live(*lines, start="2020-11-11", days="4").names()
    asleep = names.index("ROVER_SLEEP")
    assert "BATTERY_CRITICAL" in names[:asleep]
    assert "ROVER_WAKE" in names[asleep:]
    assert "CRASH_REPORT" not in names


@pytest.mark.slow  # twelve days each, twice
@pytest.mark.parametrize("sensor", ["SUN_ELEVATION", "SUN_AZIMUTH"])
def test_without_a_sun_sensor_the_day_still_ends_about_when_it_should(live, sensor):
    span = {"start": "2020-11-12", "days": "12"}
    received = live(f"2020-11-12 sensor_dead sensor={sensor}", **span).received
    due = live(**span).received.told("ROVER_SLEEP")[0]
    assert abs(at(received.told("ROVER_SLEEP")[0]) - at(due)) < 6 * HOUR
    assert not received.told("BATTERY_LOW", "BATTERY_CRITICAL")


# --- The ground's wishes ---


@pytest.mark.parametrize(
    ("mode", "event", "reason"),
    [
        ("WAKING", "HEAT", "NOT_EQUIPPED"),
        ("WAKING", "RECOVERED", "NOT_SAFE"),
        ("ACTIVE", "DAWN", "AWAKE"),
        ("ACTIVE", "COOL", "NOT_NAPPING"),
        ("NAP", "HEAT", "IS_NAPPING"),
        ("PARKING", "DUSK", "IS_PARKING"),
        ("PARKING", "EQUIPPED", "IS_EQUIPPED"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(live, mode, event, reason):
    options = DAWN if mode == "WAKING" else days_from(IN_MODE[mode], 1)
    received = live(f"{IN_MODE[mode]} request event={event}", **options).received
    refused = received.told("MODE_REFUSED")
    assert [report.fields for report in refused] == [{"mode": mode, "event": event, "reason": reason}]


def test_in_safe_mode_nothing_else_is_done(live):
    lines = [f"{WORK} request event=FAULT"]
    lines += [f"2020-11-11T08:00:{number:02} request event={event}" for number, event in enumerate(["HEAT", "DUSK"])]
    received = live(*lines, **AT_WORK).received
    assert [report.fields["reason"] for report in received.told("MODE_REFUSED")] == ["IS_SAFE", "IS_SAFE"]
    assert modes(received) == ["ACTIVE", "SAFE"]


@pytest.mark.parametrize(("event", "mode"), [("HEAT", "NAP"), ("DUSK", "PARKING"), ("FAULT", "SAFE")])
def test_what_can_be_is_done_at_once(live, event, mode):
    received = live(f"{WORK} request event={event}", **AT_WORK).received
    first = next(report for report in received.housekeeping() if report.fields["mode"] == mode)
    assert 0 <= at(first) - to_seconds_of(WORK) <= 60


# --- Safe mode ---

BY_COMMAND = f"{WORK} request event=FAULT"


def safe_enters(received):
    return [report.fields for report in received.told("SAFE_ENTER")]


def test_safe_mode_tells_its_reason_its_count_and_since_when(live):
    received = live(BY_COMMAND, **AT_WORK).received
    (entered,) = safe_enters(received)
    assert entered == {"reason": "BY_COMMAND", "count": 1, "entered_at": to_datetime(to_seconds_of(WORK))}
    assert modes(received) == ["ACTIVE", "SAFE"]
    assert received.told("HK_POWER")[-1].fields["safe_count"] == 1


def test_a_reset_does_not_wipe_it_out(live):
    received = live(BY_COMMAND, "2020-11-11T12:00 reset", **AT_WORK).received
    first, second = safe_enters(received)
    assert first == second
    assert modes(received)[-1] == "SAFE"


def test_a_night_does_not_wipe_it_out(live):
    received = live("2020-11-21T06:00 request event=FAULT", start="2020-11-21", days="19").received
    first, second = safe_enters(received)
    assert first == second
    names = [event.name for event in received.events()]
    assert names[names.index("ROVER_SLEEP") :].count("SAFE_ENTER") == 1
    assert modes(received)[-1] == "SAFE"


def test_each_entry_counts_on(live):
    lines = [
        BY_COMMAND,
        "2020-11-11T08:00 request event=RECOVERED",
        "2020-11-11T12:00 reset",
        "2020-11-11T14:00 request event=FAULT",
    ]
    assert [entered["count"] for entered in safe_enters(live(*lines, **AT_WORK).received)] == [1, 2]


def test_the_ground_ends_it(live):
    received = live(BY_COMMAND, "2020-11-11T08:00 request event=RECOVERED", **AT_WORK).received
    left = received.told("SAFE_EXIT")
    assert [report.fields for report in left] == [{"reason": "BY_COMMAND", "by": "GROUND_CALLED", "lasted": 2 * HOUR}]
    assert modes(received) == ["ACTIVE", "SAFE", "WAKING", "ACTIVE"]


def test_what_the_ground_began_no_rule_ends(live):
    received = live(BY_COMMAND, start="2020-11-11", days="5").received
    assert not received.told("SAFE_EXIT")
    assert modes(received)[-1] == "SAFE"


def blinded(*times):
    """Lines that leave the craft without a Sun sensor for two hours each: it goes safe, and is well again."""
    return [f"{time} sensor_dead sensor=SUN_ELEVATION for 2h" for time in times]


def test_the_rule_ends_it_when_for_twelve_hours_no_limit_was_broken(live):
    received = live(*blinded("2020-11-11T06:00"), start="2020-11-11", days="2").received
    assert [entered["reason"] for entered in safe_enters(received)] == ["MON_SUN"]
    holds = next(report for report in received.told("LIMIT_HOLDS") if report.fields["monitor"] == "MON_SUN")
    left = received.told("SAFE_EXIT")[0]
    assert left.fields["by"] == "NO_LIMIT_BROKEN"
    assert 12 * HOUR - LOOK_S <= at(left) - at(holds) <= 12 * HOUR + LOOK_S
    assert modes(received) == ["ACTIVE", "SAFE", "WAKING", "ACTIVE"]


@pytest.mark.slow
def test_the_rule_ends_it_three_times_in_a_lunar_day_and_again_in_the_next(live):
    times = ["2020-11-10T00:00", "2020-11-11T00:00", "2020-11-12T00:00", "2020-11-13T00:00"]
    received = live(*blinded(*times), start="2020-11-09T12:00", days="31").received
    left = [str(report.time)[:10] for report in received.told("SAFE_EXIT")]
    assert left[:3] == ["2020-11-10", "2020-11-11", "2020-11-12"]
    assert left[3:] == ["2020-12-09"]
    assert safe_enters(received)[-1] == safe_enters(received)[3]


# --- Restarts ---


def crashes(received):
    return [(report.fields["reason"], report.fields["count"]) for report in received.told("CRASH_REPORT")]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("mode", IN_MODE)
def test_after_a_reset_it_goes_on_where_it_was(live, mode):
    options = DAWN if mode == "WAKING" else days_from(IN_MODE[mode], 0.8)
    received = live(f"{IN_MODE[mode]} reset", **options).received
    assert crashes(received) == [("POWER_ON", 1)]
    crash = received.told("CRASH_REPORT")[0]
    after = [report.fields["mode"] for report in received.housekeeping() if report.time >= crash.time]
    assert after[0] == mode
    assert modes(received)[-1] == {"WAKING": "ACTIVE"}.get(mode, modes(live(**options).received)[-1])


def test_a_reset_in_the_night_is_told_in_the_morning(live):
    received = live(f"{NIGHT} reset", start="2020-11-21", days="18.5").received
    names = [event.name for event in received.events() if event.name in ("ROVER_SLEEP", "ROVER_WAKE", "CRASH_REPORT")]
    assert names == ["ROVER_SLEEP", "ROVER_WAKE", "CRASH_REPORT"]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("minutes", range(0, 45, 5))
def test_a_reset_in_the_dawn_breaks_no_healthy_load(live, minutes):
    received = live(f"2020-11-09T{3 + (30 + minutes) // 60:02}:{(30 + minutes) % 60:02} reset", **DAWN).received
    assert not received.told("LOAD_EXCESS", "LOAD_MISSING", "LOAD_ISOLATED", "LOAD_DEAD")
    assert received.told("HK_POWER")[-1].fields["loads_isolated"] == []


@pytest.mark.slow
def test_what_was_suppressed_before_a_reset_is_told_after_it(live):
    requests = [f"2020-11-11T06:00:{number:02} request event=DAWN" for number in range(50)]
    received = live(*requests, "2020-11-11T06:01 reset", **AT_WORK).received
    told = sum(report.fields["count"] for report in received.told("EVENTS_SUPPRESSED"))
    assert len(received.told("MODE_REFUSED")) + told == 50


@pytest.mark.slow  # 270 starts of a rover
def test_resets_without_number_are_counted_as_far_as_the_count_goes(live):
    resets = [f"2020-11-11T{number // 60:02}:{number % 60:02} reset" for number in range(1, 270)]
    assert crashes(live(*resets, **AT_WORK).received)[-1] == ("POWER_ON", 255)


def squeezed(*times):
    return [f"{time} memory_squeeze kib=24 for 5h" for time in times]


@pytest.mark.slow
def test_short_of_memory_it_restarts_itself_three_times_a_lunar_day_and_then_goes_safe(live):
    times = [f"2020-11-11T{hour:02}:00" for hour in (0, 6, 12, 18)]
    received = live(*squeezed(*times), start="2020-11-10T12:00", days="2").received
    assert crashes(received) == [("SELF", 1), ("SELF", 2), ("SELF", 3)]
    assert [entered["reason"] for entered in safe_enters(received)] == ["RESETS"]
    assert at(received.told("SAFE_ENTER")[0]) > to_seconds_of(f"{times[3]}:00")


@pytest.mark.slow
def test_a_hang_that_lasts_ends_in_safe_mode_and_no_loop(live):
    received = live(f"{WORK} hang for 3h", **AT_WORK).received
    assert crashes(received) == [("WATCHDOG", count) for count in range(1, 5)]
    assert [entered["reason"] for entered in safe_enters(received)] == ["RESETS"]


def test_an_empty_battery_in_the_night_restarts_nothing(live):
    received = live("2020-11-21 battery_aged percent=10", start="2020-11-21", days="19").received
    assert received.told("ROVER_WAKE")
    assert len(crashes(received)) <= 1


# --- Limits and responses ---


@pytest.mark.slow  # twelve days
def test_by_default_nobody_misses_commands(live):
    received = live(start="2020-11-09T12:00", days="12").received
    assert not received.told("NO_COMMANDS", "SAFE_ENTER")


ENABLED = "2020-11-10 monitor monitor=MON_COMMANDS status=ENABLED"


@pytest.mark.slow
def test_the_command_loss_timer_takes_it_to_safety_after_three_days(live):
    received = live(ENABLED, start="2020-11-10", days="4").received
    assert [report.fields for report in received.told("NO_COMMANDS")] == [{"no_command": 73}]
    assert [entered["reason"] for entered in safe_enters(received)] == ["MON_COMMANDS"]
    assert 73 * HOUR <= at(received.told("SAFE_ENTER")[0]) - to_seconds_of("2020-11-10T00:00:00") <= 73 * HOUR + LOOK_S


@pytest.mark.slow  # four days
def test_any_command_winds_it_up_again(live):
    received = live(ENABLED, "2020-11-12 request event=DAWN", start="2020-11-10", days="4").received
    assert not received.told("NO_COMMANDS", "SAFE_ENTER")


WEAK = "2020-11-10T12:00 strings_lost count=5 for 12h"


@pytest.mark.slow  # four days
def test_what_was_shed_comes_back_when_its_limit_holds_again(live):
    life = live(WEAK, start="2020-11-10", days="4")
    assert "SHED" in [report.fields["action"] for report in life.received.told("RESPONSE")]
    assert not life.rover.equipment.shed
    assert life.rover.equipment.on & 1 << tables.LOAD_PAYLOAD


@pytest.mark.slow  # four days, twice
def test_what_was_shed_comes_back_when_the_ground_disables_its_monitor(live):
    shed = live(WEAK, start="2020-11-10", days="4").received.told("RESPONSE")[0]
    later = f"{str(shed.time)[:10]}T{str(shed.time)[11:16]}:59 monitor monitor=MON_CHARGE status=DISABLED"
    life = live(WEAK, later, start="2020-11-10", days="4")
    assert not life.rover.equipment.shed


def test_a_monitor_that_the_ground_makes_passive_reports_and_does_nothing(live):
    passive = "2020-11-11 monitor monitor=MON_EXCESS status=PASSIVE"
    received = live(passive, f"{WORK} load_stuck_on load=LOAD_HEATER", **AT_WORK).received
    assert received.told("LOAD_EXCESS")
    assert not received.told("RESPONSE", "LOAD_ISOLATED")
