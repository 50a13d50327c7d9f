"""A paced rover and a ground that does not read for a while."""

import os
import select
import subprocess
import time

import pytest
from yutu2.firmware import firmware_dir

START = "2020-11-12T00:00:00"


@pytest.mark.sampled(1)
def test_frames_without_room_are_dropped_whole_and_told_in_housekeeping(interpreter, receive):
    options = (f"--start={START}", "--days=2", "--speed=100000")
    command = [*interpreter, str(firmware_dir() / "main.py"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, pipesize=4096) as rover:
        select.select([rover.stdout], [], [])
        # Some seventy frames a second: the pipe and the queue hold eleven
        time.sleep(1)
        stream = rover.stdout.read()
    assert rover.returncode == 0
    received = receive(stream)
    account = received.account
    assert account["octets"]["skipped"] == account["frames"]["damaged"] == account["packets"]["damaged"] == 0
    last = received.housekeeping()[-1]
    lost = account["channels"]["0"]["lost"]
    assert 0 < lost < 256
    # Files wait until there is room
    assert last.fields["frames_dropped"] == lost == sum(each["lost"] for each in account["channels"].values())
    # All frames but the one that holds this report and those after it
    good = sum(each["good"] for each in account["channels"].values())
    assert 0 <= good + lost - last.fields["frames_sent"] <= 2


def test_at_its_end_a_paced_rover_gives_the_ground_a_moment_to_take_the_last_frames(interpreter, receive_whole):
    """Seven frames: the pipe holds four of them, the queue the others."""
    command = [*interpreter, str(firmware_dir() / "main.py"), f"--start={START}", "--days=0.08", "--speed=100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, pipesize=4096) as rover:
        select.select([rover.stdout], [], [])
        time.sleep(0.5)
        received = receive_whole(rover.stdout.read())
    assert rover.returncode == 0
    assert len(received.housekeeping()) == 116


def test_at_max_the_rover_waits_for_the_ground_and_drops_nothing(unix_port, receive_whole):
    command = [*unix_port, str(firmware_dir() / "main.py"), f"--start={START}", "--days=3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as rover:
        stream = b""
        while piece := os.read(rover.stdout.fileno(), 1000):
            stream += piece
            time.sleep(0.0005)
    received = receive_whole(stream)
    assert len(received.housekeeping()) == 3 * 1440 + 1
    assert received.housekeeping()[-1].fields["frames_dropped"] == 0
