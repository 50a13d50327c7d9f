"""How the run of a rover behind pyserial's interface is ended, and who is woken by it."""

import signal
import subprocess
import sys
import threading
import time

import pytest
import serial

HOUR = "start=2020-11-12&days=0.04"  # in the middle of lunar day 24: a few frames
LONG = "start=2020-11-09T04:00:00Z&days=90"  # more than twice what a port holds
SLOW = "start=2020-11-12&days=1&speed=60"  # a frame a second
NIGHT = "start=2020-12-01&days=1&speed=1"  # asleep: nothing comes


@pytest.mark.parametrize("target", ["unix", "cpython"])
@pytest.mark.parametrize("query", [LONG, SLOW], ids=["max", "paced"])
def test_close_in_the_middle_ends_the_rover(rover, children, target, query):
    port = rover(query, target)
    port.read(1)
    assert len(children()) == 1
    port.close()
    assert not port.is_open
    assert children() == []
    port.close()


def test_close_ends_a_rover_that_sleeps(rover, children):
    port = rover(NIGHT, timeout=0.5)
    port.read(1)
    port.close()
    assert children() == []


@pytest.mark.parametrize("target", ["unix", "cpython"])
def test_close_while_the_rover_starts_ends_it_without_a_word(rover, children, capfd, target):
    for moment in range(0, 60, 3):
        port = rover(HOUR, target)
        time.sleep(moment / 1000)
        port.close()
    assert children() == []
    assert capfd.readouterr().err == ""


INTERRUPTED = """
import sys
from yutu2.line.emulator import RoverEnded
from yutu2.line.source import open_port
port = open_port(f"emulator://{sys.argv[1]}?start=2020-12-01&days=1&speed=1")
port.timeout = 0.5  # by then the rover runs
port.read(1)
port.interrupt()
port.timeout = 2
try:
    port.read(1)
except RoverEnded as ended:
    print(ended.status)
port.close()
"""


@pytest.mark.parametrize(
    "target",
    [
        "unix",
        "cpython",
    ],
)
def test_a_rover_can_be_interrupted_where_ctrl_c_is_ignored_as_in_the_background_of_a_shell(target):
    command = [sys.executable, "-c", INTERRUPTED, target]
    deaf = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    finally:
        signal.signal(signal.SIGINT, deaf)
    assert done.stdout == "130\n"


def test_close_wakes_a_read_in_another_thread(rover):
    port = rover(NIGHT)
    outcome = []

    def read():
        try:
            outcome.append(port.read(1))
        except serial.SerialException as error:
            outcome.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    port.close()
    reader.join()
    assert len(outcome) == 1


def test_cancel_read_wakes_a_read_in_another_thread(rover):
    port = rover(NIGHT)
    outcome = []
    reader = threading.Thread(target=lambda: outcome.append(port.read(1)))
    reader.start()
    # Until it waits, there is nothing to cancel
    while reader.is_alive():
        port.cancel_read()
        reader.join(0.01)
    assert outcome == [b""]
    assert port.is_open


def test_a_read_that_is_about_to_begin_is_cancelled_too(rover):
    # As with a real port: else a reader that had just looked at its flag waits for ever
    port = rover(SLOW)
    port.cancel_read()
    assert port.read(1119) == b""
