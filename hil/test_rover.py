"""What a rover does, wherever it runs. The order spares starts: a rover that speaks is watched by several tests."""

from datetime import timedelta
from itertools import pairwise

import pytest
from yutu2.dictionary.model import load
from yutu2.uplink.cltu import cltu
from yutu2.uplink.encode import packet, read_request
from yutu2.uplink.frame import bd_frame, with_error_control

HOUSEKEEPING = "HK_COMPUTER"
PERIOD = timedelta(seconds=60)
SPEED = 60
ENOUGH = 3  # housekeeping reports: at speed 1 they take as many minutes
ENOUGH_TO_TELL_SPEED = 5
DAWN = ["WARM_UP", "WING_OPEN", "MAST_UP", "MOTORS_ON", "PAYLOAD_ON"]
TEXT = set(range(0x20, 0x7F)) | set(b"\t\r\n")


def test_it_speaks_after_a_start_with_our_dictionary(rover):
    first = rover.first_words()
    assert rover.downlink.foreign_hash is None
    assert first.fields["dictionary"] == load().hash.hex()


@pytest.mark.needs("settings")
def test_a_start_in_mid_day_begins_in_the_mode_that_the_sun_calls_for(rover):
    assert rover.first_words().fields["mode"] == "ACTIVE"


def test_housekeeping_comes_at_its_period_in_mission_time(rover):
    rover.report(HOUSEKEEPING, within_s=20, number=ENOUGH)
    times = [report.time for report in rover.downlink.named(HOUSEKEEPING)]
    assert {later - earlier for earlier, later in pairwise(times)} == {PERIOD}


@pytest.mark.needs("settings")
def test_mission_time_goes_as_fast_as_was_asked(rover):
    rover.report(HOUSEKEEPING, within_s=20, number=ENOUGH_TO_TELL_SPEED)
    downlink = rover.downlink
    arrived = [(when, report.time) for when, report in zip(downlink.arrivals, downlink.reports, strict=True)]
    (began, first), (ended, last) = arrived[0], arrived[-1]
    assert 0.9 * SPEED < (last - first).total_seconds() / (ended - began) < 1.1 * SPEED


def test_nothing_is_lost_or_damaged_and_only_text_stands_between_frames(rover):
    rover.report(HOUSEKEEPING, within_s=20, number=ENOUGH)
    account = rover.downlink.account
    assert account["frames"]["damaged"] == account["frames"]["duplicate"] == 0
    assert account["packets"]["damaged"] == account["packets"]["incomplete"] == 0
    assert not any(counts["lost"] for counts in (*account["channels"].values(), *account["apids"].values()))
    skipped = rover.downlink.skipped()
    if "settings" in rover.cannot and account["skipped"] and account["skipped"][0][0] == 0:
        del skipped[0]  # we came in the middle of a frame
    assert all(set(stretch) <= TEXT for stretch in skipped), skipped


def test_the_rover_s_own_count_is_what_came(rover):
    rover.report(HOUSEKEEPING, within_s=20, number=ENOUGH)
    reports = [report for report in rover.downlink.reports if report.service is not None]
    counted = [(place, report.fields) for place, report in enumerate(reports) if report.name == HOUSEKEEPING]
    offsets = {fields["packets_sent"] - place for place, fields in counted}
    assert len(offsets) == 1
    assert {fields["frames_dropped"] for _, fields in counted} == {0}
    if "settings" not in rover.cannot:  # seen from its start
        assert offsets == {0}


def telecommand(line, count):
    """The transmission of a command, past the sequence of frames."""
    octets = packet(read_request(line.split(), load()), load().apids["COMPUTER"], count)
    return cltu(with_error_control(bd_frame(load().craft["rover"]["spacecraft"], octets)))


def test_a_telecommand_is_answered_and_a_damaged_one_is_not(rover):
    damaged = bytearray(telecommand("PING", 1))
    damaged[12] ^= 0x18
    rover.write(bytes(damaged) + telecommand("PING", 2))
    rover.report("TC_DONE", within_s=5)
    for name in ("TC_ACCEPTED", "TC_STARTED", "TC_DONE"):
        assert [report.raw["sequence_control"] & 0x3FFF for report in rover.downlink.named(name)] == [2]
    assert len(rover.downlink.named("ALIVE")) == 1


@pytest.mark.needs("console")
def test_an_interrupt_after_silence_gives_the_console_back(rover):
    assert b"rover: the REPL is yours" in rover.leave_for_console()
    assert b"42" in rover.ask(b"print(6 * 7)\r", b"42\r\n>>> ")


@pytest.mark.needs("console")
def test_a_soft_reset_at_the_console_starts_the_rover_again(console):
    console.soft_reset()
    assert console.first_words().fields["packets_sent"] == 0


@pytest.mark.needs("settings")
def test_a_wedged_target_is_made_to_speak_again(rover):
    rover.wedge()
    assert not rover.alive()
    assert rover.recover() == ("soft reset" if "console" not in rover.cannot else "hard reset")
    assert rover.alive()
    assert "it speaks again" in rover.journal[-1]


@pytest.mark.needs("console", "run pin")
def test_a_target_that_is_deaf_to_the_interrupt_is_reset_by_its_pin(console):
    console.run(b'import micropython, time; exec("micropython.kbd_intr(-1)\\nwhile True: time.sleep(1)")')
    assert console.recover() == "hard reset"


@pytest.mark.needs("console")
def test_a_rover_that_hangs_is_restarted_by_its_watchdog_and_tells(console):
    console.ask(b"import time; from rover import app, boot_pico; from rover.board import startup\r", b">>> ")
    # No 3 s in which a user may have the console, and a first activity that does not come back
    console.ask(b"startup.wants_repl = lambda light: False\r", b">>> ")
    console.ask(b"app.Rover.run = lambda rover: time.sleep(60)\r", b">>> ")
    console.run(b"boot_pico.main()")
    told = console.report("CRASH_REPORT", within_s=25).fields
    assert (told["reason"], told["count"]) == ("WATCHDOG", 1)


@pytest.mark.needs("settings")
def test_a_wake_up_is_told_once_and_so_is_each_step_to_the_readiness_for_work(wake_up):
    assert wake_up.events() == ["ROVER_WAKE", "NIGHT_COLD", "PLAN_BEGIN", *["STEP_DONE"] * len(DAWN), "ACTIVE_START"]
    assert [step.fields["step"] for step in wake_up.named("STEP_DONE")] == DAWN
    wake, ready = (wake_up.named(name)[0].time for name in ("ROVER_WAKE", "ACTIVE_START"))
    assert timedelta(minutes=20) <= ready - wake <= timedelta(minutes=45)
    assert wake_up.account["frames"]["damaged"] == 0


@pytest.mark.needs("settings")
def test_the_same_settings_twice_give_the_same_octets(wake_up, wake_up_again):
    assert wake_up.frames()
    assert wake_up_again.frames() == wake_up.frames()


@pytest.mark.needs("settings file")
def test_the_octets_are_those_of_a_desktop(wake_up, wake_up_on_a_desktop):
    assert wake_up.frames() == wake_up_on_a_desktop.frames()


@pytest.mark.needs("console")
def test_after_the_run_the_console_is_there(target, wake_up_again):
    assert target.ask(b"print(6 * 7)\r", b"42\r\n>>> ")


@pytest.mark.needs("settings file")
def test_a_setting_that_cannot_be_is_told_and_its_default_holds(live, target):
    came = live({"start": "2020-11-09T04:30:00Z", "days": "0.001", "speed": "max", "seed": "minus one"})
    assert [event.fields for event in came.named("SETTING_REFUSED")] == [{"setting": "SETTING_SEED"}]
    assert came.named(HOUSEKEEPING)[0].fields["mode"] == "ACTIVE"
