"""A schedule on the emulated Pico: on its flash, and over a restart; the octets of the Unix port."""

from datetime import UTC, datetime, timedelta

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.mission.scenario import compile_scenario
from yutu2.mission.uplink_file import compile_uplink
from yutu2.uplink.encode import as_words, read_request

START = datetime(2020, 11, 11, 6, tzinfo=UTC)
SPAN = {"start": "2020-11-11T06:00:00Z", "days": "0.004"}
DUE = [timedelta(milliseconds=20_000 + 9_001 * number) for number in range(24)]
RESTARTED = timedelta(seconds=120)  # from a reset at 100 s on
# At the end tells what of the schedule is still on the flash
PROGRAM = b"""
import gc
gc.threshold(16384)  # as main.py does
from rover import boot_pico

class Told(boot_pico.Rover):
    def run(self):
        super().run()
        print("left", self.store.entries())

boot_pico.Rover = Told
boot_pico.main()
"""


@pytest.fixture(scope="module")
def texts():
    """What the ground hands over, compiled."""
    times = [START + due for due in DUE]
    words = as_words({"sub_schedule": 0, "time": times[::2] + times[1::2], "command": ["PING"] * len(DUE)})
    lines = ["06:00:01Z SCHEDULE_ENABLE", f"06:00:02Z {read_request(['SCHEDULE_INSERT', *words], load()).what}"]
    return {
        "uplink": compile_uplink("\n".join("2020-11-11T" + line for line in lines), "uplink", load()).compiled(),
        "scenario": compile_scenario("2020-11-11T06:01:40Z reset", "scenario", load()).compiled(),
    }


@pytest.fixture(scope="module")
def board(make_rover, texts):
    """A board that has lived it over UART."""
    settings = SPAN | {"speed": "max", "link": "uart", "baud": "921600", "scenario": "scenario", "uplink": "uplink"}
    board = make_rover(settings, {"main.py": PROGRAM} | {name: text.encode() for name, text in texts.items()})
    assert board.run_until(b"run is over", 30_000), board.usb_received.take()
    return board


@pytest.fixture(scope="module")
def downlink(board):
    return board.uart_received.take()


def test_the_board_sends_the_octets_of_the_unix_port(downlink, texts, unix_port, run_rover, tmp_path):
    options = [f"--{name}={value}" for name, value in SPAN.items()]
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        options.append(f"--{name}={tmp_path / name}")
    done = run_rover(unix_port, *options)
    assert done.returncode == 0, done.stderr
    assert downlink == done.stdout


def test_each_command_is_executed_once_and_on_time_or_right_after_the_restart(downlink):
    reports = TelemetryDecoder(load()).feed(downlink)
    assert [report.name for report in reports if report.name == "CRASH_REPORT"] == ["CRASH_REPORT"]
    executed = [report.time - START for report in reports if report.name == "ALIVE"]
    caught = [due for due in DUE if RESTARTED - timedelta(seconds=20) <= due < RESTARTED]
    assert len(caught) == 3
    assert executed == [RESTARTED if due in caught else due for due in DUE]


def test_on_its_flash_is_left_that_the_schedule_is_enabled_and_the_record_of_its_last_group(board):
    assert b"left [128, 129]\r\n" in board.usb_received.take()
    assert board.resets == []
