"""Each telecommand of the dictionary, sent for real over standard input to the rover on the Unix port."""

import subprocess
import time

from yutu2.firmware import firmware_dir

AWAKE = ("--start=2020-11-12", "--days=0.0095", "--speed=60")


def test_each_has_the_reports_that_the_standard_asks_for(unix_port, conversation, heard_of):
    command = [*unix_port, str(firmware_dir() / "main.py"), *AWAKE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as rover:
        for said in conversation:
            time.sleep(said.ms / 1000)
            rover.stdin.write(said.cltu)
        downlink, _ = rover.communicate()
    assert rover.returncode == 0
    assert heard_of(conversation, downlink) == [(said.name, said.heard) for said in conversation]
