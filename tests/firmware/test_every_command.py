"""Each telecommand of the dictionary, sent for real over standard input to the rover on the Unix port."""

import os
import signal
import subprocess
import threading
import time

import pytest
from yutu2.firmware import firmware_dir

# Five minutes, also on a busy machine more than the conversation takes; the rover is interrupted when all is answered
AWAKE = ("--start=2020-11-12", "--days=0.2", "--speed=60")
LASTS_MS = 3000  # of telecommands that must be over before the next one, as `conversation` has them


class Downlink:
    """What a rover sends, read in a thread until it ends."""

    def __init__(self, pipe):
        self.octets = b""
        self.ended = False
        self._pipe = pipe
        self._came = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_until(self, condition):
        """Wait until `condition(octets)` holds, or the rover has ended."""
        with self._came:
            self._came.wait_for(lambda: self.ended or condition(self.octets))

    def join(self):
        """Wait until the rover has ended."""
        self._reader.join()

    def _read(self):
        while piece := os.read(self._pipe.fileno(), 65536):
            with self._came:
                self.octets += piece
                self._came.notify()
        with self._came:
            self.ended = True
            self._came.notify()


@pytest.mark.slow
def test_each_has_the_reports_that_the_standard_asks_for(unix_port, conversation, heard_of):
    def is_answered(number):
        return lambda octets: len(heard_of(conversation, octets)[number][1]) == len(conversation[number].heard)

    command = [*unix_port, str(firmware_dir() / "main.py"), *AWAKE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as rover:
        downlink = Downlink(rover.stdout)
        for number, said in enumerate(conversation):
            rover.stdin.write(said.cltu)
            if said.ms == LASTS_MS:
                downlink.wait_until(is_answered(number))
            else:
                time.sleep(said.ms / 1000)
        downlink.wait_until(is_answered(len(conversation) - 1))
        rover.send_signal(signal.SIGINT)
        downlink.join()
    assert rover.returncode == 130
    assert heard_of(conversation, downlink.octets) == [(said.name, said.heard) for said in conversation]
