"""Ctrl-C: what has been sent is whole."""

import os
import select
import signal
import subprocess
import sys

import pytest
from rover.app import Rover
from rover.board.outbox import Outbox
from rover.inputs.settings import Settings
from yutu2.firmware import firmware_dir

FIRMWARE = str(firmware_dir())
FRAME = 1119
OPTIONS = ("--start=2020-11-12", "--days=30")


def assert_whole(stream, received):
    """No frame is damaged or missing; only the last packet may be cut, and on a line in pieces the last frame."""
    account = received.account
    tail = account["octets"]["skipped"]
    assert tail < FRAME
    assert account["skipped"] in ([], [[len(stream) - tail, tail]])
    assert account["packets"]["damaged"] == 0
    assert account["packets"]["incomplete"] <= 1
    assert not any(counts["lost"] for counts in (*account["channels"].values(), *account["apids"].values()))
    masters = [stream[at + 6] for at in range(0, len(stream) - tail, FRAME)]
    assert masters == [count & 0xFF for count in range(len(masters))]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("speed", ["max", "2000"])
def test_an_interrupted_run_leaves_whole_frames_and_returns_130(interpreter, receive, speed):
    command = [*interpreter, str(firmware_dir() / "main.py"), *OPTIONS, f"--speed={speed}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as rover:
        stream = b""
        while len(stream) < 5 * 1119:
            select.select([rover.stdout], [], [])
            stream += os.read(rover.stdout.fileno(), 65536)
        rover.send_signal(signal.SIGINT)
        stream += rover.stdout.read()
        told = rover.stderr.read()
    assert (rover.returncode, told) == (130, b"")
    received = receive(stream)
    assert len(stream) % FRAME == 0
    assert_whole(stream, received)
    assert len(received.housekeeping()) > 50


class Interrupter:
    """Raises KeyboardInterrupt at the n-th line of the firmware that is reached, as a signal may."""

    def __init__(self, lines):
        self.left = lines

    def __call__(self, frame, event, argument):
        file = frame.f_code.co_filename
        if not file.startswith(FIRMWARE) or file.endswith("octets.py"):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self


def interrupted(line, lines):
    """Interrupts a rover so many lines after its frame has room for half a report only. False: it had done it."""
    rover = Rover(Settings({"start": "2020-11-12", "days": "1"}, speed="max"), line, line, line)
    rover.mode_manager.start(None)
    rover.scheduler.run(rover.clock.s + 13 * 60 + 30)
    assert not line.frames
    tracer = sys.gettrace()
    try:
        sys.settrace(Interrupter(lines))
        rover.scheduler.run(rover.clock.s + 60)
    except KeyboardInterrupt:
        rover.stop()
        return True
    finally:
        sys.settrace(tracer)
    assert line.frames
    return False


def put_behind_a_queue(line):
    """Lets frames go to the line as those of a paced rover do: through the queue, in pieces."""

    def take(frame, gone):
        piece = frame[gone : gone + 256]
        line.frames.append(bytes(piece))
        return len(piece)

    def send(frame):
        outbox.put(frame)
        drain()

    def drain():
        while outbox.step():
            pass

    outbox = Outbox(take)
    line.send, line.drain = send, drain


@pytest.mark.parametrize("queued", [False, True], ids=["max", "paced"])
def test_wherever_it_is_interrupted_what_was_sent_is_whole(make_line, receive, queued):
    lines = 1
    while True:
        line = make_line()
        if queued:
            put_behind_a_queue(line)
        if not interrupted(line, lines):
            break
        stream = b"".join(line.frames)
        assert_whole(stream, receive(stream))
        lines += 1
    assert lines > 100  # the whole way from the scheduler to the line was tried
