"""`yutu2 shell`, from a pipe and at a terminal."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest
from rover.link.security import Security
from yutu2.uplink.security import make_key, read_key

TIME = "2020-11-12 06:00:00.000"
WHERE, HERE = b"\x1b[6n", b"\x1b[5;1R"  # what a terminal is asked, and answers: in which row and column the cursor is
CTRL_C, CTRL_D = b"\x03", b"\x04"


class TestScript:
    def test_all_that_is_done_has_status_0(self, yutu2, device, far_rover):
        done = yutu2("shell", device, input=b"ping\n# a comment\nTIME_RATE rate=3")
        assert (done.status, done.err) == (0, "")
        assert done.out.decode().splitlines() == [
            f"  {TIME}  TC_ACCEPTED     PING",
            f"  {TIME}  TC_STARTED      PING",
            f"  {TIME}  ALIVE",
            f"  {TIME}  TC_DONE         PING",
            f"  {TIME}  TC_ACCEPTED     TIME_RATE",
            f"  {TIME}  TC_STARTED      TIME_RATE",
            f"  {TIME}  TC_DONE         TIME_RATE",
        ]
        assert far_rover.commands == [(17, 1), (9, 1)]

    def test_a_refusal_has_status_1(self, yutu2, device, far_rover):
        far_rover.stages = [("TC_REFUSED", {"code": "NOT_IN_MODE", "data": 5})]
        done = yutu2("shell", device, input=b"\nSTOP\nPING\n")
        assert (done.status, done.err) == (1, "yutu2: ended at line 2, which was not done\n")
        assert done.out.decode() == f"  {TIME}  TC_REFUSED      STOP NOT_IN_MODE: the mode is SAFE\n"

    def test_no_answer_has_status_3(self, yutu2, device, far_rover):
        far_rover.stages = []
        done = yutu2("shell", device, "--timeout", "1", input=b"PING\n")
        assert (done.status, done.out) == (3, b"")
        assert done.err.splitlines() == [
            "yutu2: PING is not over after 1 s: the rover has taken it and says nothing of it",
            "yutu2: ended at line 1, which was not done",
        ]

    @pytest.mark.parametrize("line", [b"PONG", b"\xff\xfe"])
    def test_a_wrong_line_has_status_2(self, yutu2, device, line):
        done = yutu2("shell", device, input=line)
        assert done.status == 2
        assert done.err.splitlines()[0].startswith("yutu2: unknown command '")

    def test_lines_of_any_editor_are_obeyed(self, yutu2, device, far_rover):
        done = yutu2("shell", device, input=b"\xef\xbb\xbfPING\r\n\r\n# a comment\rTIME_RATE rate=3\rPONG\r\n")
        assert far_rover.commands == [(17, 1), (9, 1)]
        assert done.err.splitlines()[-1] == "yutu2: ended at line 5, which was not done"

    def test_nothing_to_do_is_done(self, yutu2, device):
        assert yutu2("shell", device).status == 0

    def test_with_a_key_commands_are_secured(self, yutu2, device, far_rover, tmp_path):
        key = tmp_path / "key"
        make_key(key)
        far_rover.receiver.security = Security(read_key(key))
        assert yutu2("shell", device, "--key", key, input=b"PING\n").status == 0

    def test_a_line_that_is_not_there_is_told(self, refused):
        assert "/dev/none: no such serial port; " in refused("shell", "/dev/none")


class Typist:
    """Someone at a terminal of 100 columns at which `yutu2 shell` runs."""

    def __init__(self, process, terminal):
        self.process = process
        self._terminal = terminal
        self.screen = self.all = b""

    def type(self, keys):
        os.write(self._terminal, keys)

    def wait_for(self, text):
        """Until the text appears, and then forgets all that was shown."""
        until_s = time.monotonic() + 30
        while text not in self.screen:
            assert time.monotonic() < until_s, self.screen.decode()
            self.listen()
        self.screen = b""

    def leave(self):
        """Ctrl-D until the shell has ended; what is typed while it prints a line may be lost. Gives its exit status."""
        while self.process.poll() is None:
            self.type(CTRL_D)
            self.listen()
        return self.process.returncode

    def listen(self):
        """Takes what is shown within a moment."""
        if select.select([self._terminal], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):  # the end of a terminal
                shown = os.read(self._terminal, 10_000)
                self.screen += shown
                self.all += shown
                if WHERE in shown:
                    self.type(HERE)


@pytest.fixture
def sit_down(environment, tmp_path):
    """`sit_down(url, term="xterm")`: a Typist. Its history is in tmp_path."""
    opened = []

    def start(url, term="xterm"):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        variables = {"TERM": term, "XDG_STATE_HOME": str(tmp_path), "NO_COLOR": "1"}
        command = [sys.executable, "-m", "yutu2", "shell", url]
        process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment | variables, start_new_session=True
        )
        os.close(slave)
        opened.append((process, master))
        typist = Typist(process, master)
        typist.wait_for(b"rover>")
        return typist

    yield start
    for process, master in opened:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)


def test_at_a_terminal_commands_are_completed_and_obeyed(sit_down, device, far_rover, tmp_path):
    typist = sit_down(device)
    typist.type(b"time_r")
    typist.wait_for(b"reports the time each")  # in the menu of what it may become
    typist.type(b"\t")
    typist.wait_for(b"TIME_RATE")
    typist.type(b" rate=3\r")
    typist.wait_for(b"TC_DONE         TIME_RATE")
    typist.type(b"pong\r")
    typist.wait_for(b"unknown command 'pong'")
    assert typist.leave() == 0
    assert far_rover.commands == [(9, 1)]
    assert "+TIME_RATE rate=3\n" in (tmp_path / "yutu2" / "history").read_text()


@pytest.mark.slow
def test_a_line_of_another_time_comes_back(sit_down, device, far_rover):
    for keys in (b"PING\r", b"\x1b[A\r"):
        typist = sit_down(device)
        typist.type(keys)
        typist.wait_for(b"TC_DONE         PING")
        assert typist.leave() == 0
    assert far_rover.commands == [(17, 1)] * 2


@pytest.mark.slow
def test_ctrl_c_ends_a_wait_and_not_the_shell(sit_down, device, far_rover):
    far_rover.stages = [("TC_ACCEPTED", {})]
    typist = sit_down(device)
    typist.type(b"PING\r")
    typist.wait_for(b"waiting for PING")
    typist.type(CTRL_C)
    typist.wait_for(b"not waited for any more: PING")
    typist.type(b"half a li" + CTRL_C + b"TIME_RATE rate=1\r")
    typist.wait_for(b"TC_ACCEPTED     TIME_RATE")
    assert typist.leave() == 0


def test_a_terminal_without_escapes_has_a_plain_prompt(sit_down, device, far_rover):
    far_rover.stages = [("TC_ACCEPTED", {})]
    typist = sit_down(device, "dumb")
    typist.type(b"PING\r")
    typist.wait_for(b"TC_ACCEPTED     PING\r\nrover> ")
    typist.process.send_signal(signal.SIGINT)
    typist.wait_for(b"not waited for any more: PING")
    typist.type(b"pong\r")
    typist.wait_for(b"unknown command 'pong'")
    assert typist.leave() == 0
    assert b"\x1b" not in typist.all


@pytest.mark.slow
def test_the_end_of_the_line_ends_it(sit_down):
    typist = sit_down("emulator://unix?start=2020-11-12&days=0.1&speed=10000")
    typist.wait_for(b"the line has ended")
    assert typist.leave() == 3
