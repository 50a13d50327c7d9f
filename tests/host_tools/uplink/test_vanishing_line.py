"""A port that vanishes in any call is the end of the line: one exception for a program, one line for a user."""

import os
import pty
import re
import signal
import socket
import struct
import sys
import tty

import pytest
import serial
import yutu2
from yutu2.cli import main as cli
from yutu2.cli.shell import script
from yutu2.dictionary.model import load
from yutu2.line import source
from yutu2.runs import run

URL = "/dev/ttyACM0"
# What pyserial raises when a device is unplugged, or closed under a call, by platform and call
ERRORS = [
    serial.SerialException("device reports readiness to read but returned no data"),
    serial.PortNotOpenError(),
    OSError(6, "No such device or address"),
    TypeError("'NoneType' object cannot be interpreted as an integer"),
    AttributeError("'NoneType' object has no attribute 'hEvent'"),
    ValueError("filedescriptor out of range in select()"),
]
by_error = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
by_call = pytest.mark.parametrize("call", ["read", "write", "in_waiting", "close"])


def fail_in(monkeypatch, kind, call, error):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(kind, call, property(fail) if call == "in_waiting" else fail)


@pytest.fixture
def vanish(stand_in, monkeypatch):
    """`vanish(call, error)`: from now on that call of the rover's port raises that error."""
    return lambda call, error: fail_in(monkeypatch, type(stand_in), call, error)


@by_error
@by_call
def test_a_command_ends_with_the_line(vanish, call, error):
    vanish(call, error)
    with pytest.raises(yutu2.LineEnded, match=r"^the line has ended: "), yutu2.connect(URL) as rover:
        rover.send("PING")


@by_error
def test_waiting_ends_with_the_line(vanish, stand_in, error):
    stand_in.stages = []
    rover = yutu2.connect(URL)
    sent = rover.post("PING")
    vanish("read", error)
    for wait in (lambda: rover.wait(sent), lambda: rover.wait_for("ALIVE"), rover.poll, lambda: rover.post("PING")):
        with pytest.raises(yutu2.LineEnded, match=r"^the line has ended: "):
            wait()


def test_all_that_comes_after_tells_the_same_reason(vanish):
    rover = yutu2.connect(URL)
    vanish("write", OSError(5, "Input/output error"))
    told = set()
    for _ in range(3):
        with pytest.raises(yutu2.LineEnded) as end:
            rover.send("PING")
        told.add(str(end.value))
    assert told == {"the line has ended: [Errno 5] Input/output error"}


def test_what_went_wrong_before_a_port_fails_to_close_is_the_error(vanish, stand_in):
    stand_in.stages = [("TC_REFUSED", {"code": "NOT_IN_MODE", "data": 5})]
    vanish("close", OSError(5, "Input/output error"))
    with pytest.raises(yutu2.CommandFailed), yutu2.connect(URL) as rover:
        rover.send("PING")


@by_error
def test_a_port_that_vanishes_while_it_is_opened(monkeypatch, error):
    fail_in(monkeypatch, source.serial, "serial_for_url", error)
    for kind in (yutu2.LineEnded, yutu2.WrongUse):
        with pytest.raises(kind) as end:
            yutu2.connect(URL)
        assert URL in str(end.value)
        assert "\n" not in str(end.value)


@pytest.fixture
def command(monkeypatch, capsys):
    """`command(*arguments)`: runs it in this process; (exit status, lines on standard error)."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["yutu2", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code or 0, capsys.readouterr().err.splitlines()

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def files(tmp_path):
    """A plan and an uplink file."""
    plan, uplink = tmp_path / "day.plan", tmp_path / "day.uplink"
    head = f"dictionary {load().hash.hex()}\nlunar-day 24\n"
    plan.write_text(head + "go: at sunrise + 2.5d drive bearing=315 distance=2\n")
    uplink.write_text("2020-11-12T07:00:00Z PING\n")
    return {"plan": plan, "uplink": uplink}


@by_error
@by_call
@pytest.mark.parametrize("line", ["send PING --to", "shell", "plan load {plan} --to", "schedule load {uplink} --to"])
def test_commands_to_a_rover_end_with_one_line_and_status_3(command, vanish, files, monkeypatch, line, call, error):
    monkeypatch.setattr(script, "read_into", lambda lines, file: (lines.put("PING"), lines.put(None)))
    vanish(call, error)
    status, err = command(*line.format(**files).split(), URL)
    assert (status, len(err)) == (3, 1)
    assert err[0].startswith("yutu2: the line has ended: ")


class Port:
    """Gives octets, and then fails in a call with an error."""

    def __init__(self, octets, call, error):
        self._octets = octets
        self._call = call
        self._error = error

    def _fail(self, call):
        if call == self._call and (not self._octets or call == "close"):
            raise self._error

    @property
    def in_waiting(self):
        self._fail("in_waiting")
        return len(self._octets)

    def read(self, size):
        self._fail("read")
        if not self._octets:
            raise source.SocketClosed("the end")
        octets, self._octets = self._octets[:size], self._octets[size:]
        return octets

    def close(self):
        self._fail("close")


@by_error
@pytest.mark.parametrize("call", ["read", "in_waiting", "close"])
@pytest.mark.parametrize("line", ["decode socket://x:1", "run --target socket://x:1 --out {out}"])
def test_commands_that_receive_keep_what_came_before(command, morning, tmp_path, monkeypatch, line, call, error):
    out = tmp_path / "run"
    for module in (source, run):
        monkeypatch.setattr(module, "open_port", lambda url: Port(morning, call, error))
    status, err = command(*line.format(out=out).split())
    assert status == 0
    notes = [line for line in err if line.startswith("yutu2: ")]
    # The end of a device, and one that does not close, is an end like others
    assert len(notes) == (call != "close" and "returned no data" not in str(error))
    assert all("the line has ended: " in note for note in notes)
    if line.startswith("run"):
        assert (out / "downlink.tm").read_bytes() == morning
        assert (out / "summary.json").exists()
    else:
        assert "nothing lost" in err[-1]


def test_a_pty_that_is_closed_at_its_other_end():
    master, slave = pty.openpty()
    tty.setraw(slave)
    rover = yutu2.connect(os.ttyname(slave))
    os.close(slave)
    os.close(master)
    with pytest.raises(yutu2.LineEnded, match="the other end has closed the line, or the device is unplugged"):
        while True:
            rover.poll()


@pytest.fixture
def resetting():
    """The URL of a server, and what resets the connection to it once it has sent octets and waited."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset(octets=b"", wait=lambda: None):
            connection, _ = server.accept()
            connection.sendall(octets)
            wait()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        yield f"socket://127.0.0.1:{server.getsockname()[1]}", reset


def test_a_connection_that_is_reset(resetting):
    url, reset = resetting
    rover = yutu2.connect(url)
    reset()
    with pytest.raises(yutu2.LineEnded, match="Connection reset by peer"):
        rover.send("PING")


def test_a_connection_that_is_reset_while_it_is_decoded(command, start, resetting, morning, morning_file):
    url, reset = resetting
    process = start("decode", url, "--format", "jsonl")
    reset(morning, process.stdout.readline)
    _, err = process.communicate()
    note, account = err.decode().splitlines()
    assert process.returncode == 0
    assert re.fullmatch(
        rf"yutu2: {url}: the line has ended: .*reset by peer; the octets received before are used", note
    )
    assert [account] == command("decode", morning_file)[1]


@pytest.fixture
def firmware(tmp_path):
    """`firmware(lines)`: the URL of an interpreter that is a shell script, and its path."""

    def make(lines):
        path = tmp_path / "micropython"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)
        return f"emulator://unix?speed=60&micropython={path}"

    return make


ENDS = [
    ("exit 7", "the rover ended with exit status 7"),
    ("echo one >&2; echo two >&2; exit 1", "the rover ended with exit status 1: one; two"),
    ("seq 100 >&2; exit 1", "the rover ended with exit status 1: 98; 99; 100"),
    ("printf 'rover: no line end' >&2; exit 3", "the rover ended with exit status 3: no line end"),
    ("printf '\\377\\n' >&2; exit 1", r"the rover ended with exit status 1: \xff"),
    ("echo out of memory >&2; kill -9 $$", "the rover was killed by SIGKILL: out of memory"),
    ("kill -SEGV $$", "the rover was killed by SIGSEGV"),
    ("true", "the rover's run is over, exit status 0"),
]


@pytest.mark.parametrize(("lines", "told"), ENDS, ids=[lines for lines, _ in ENDS])
def test_a_firmware_that_ends_at_once_is_told_with_status_and_output(firmware, lines, told):
    for _ in range(2):
        with pytest.raises(yutu2.LineEnded) as end, yutu2.connect(firmware(lines)) as rover:
            rover.send("PING")
        assert str(end.value) == f"the line has ended: {told}"


def test_commands_tell_it_in_one_line(command, firmware, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "read_into", lambda lines, file: (lines.put("PING"), lines.put(None)))
    url = firmware("echo why >&2; exit 7")
    line = "yutu2: the line has ended: the rover ended with exit status 7: why"
    assert command("send", "PING", "--to", url) == (3, [line])
    status, err = command("shell", url)
    assert (status, len(err)) == (3, 1)
    assert err[0].startswith(line)
    for arguments in (["decode", url], ["run", "--target", url], ["run", "--micropython", tmp_path / "micropython"]):
        assert command(*arguments) == (1, ["yutu2: the rover ended with exit status 7: why"])


def test_a_rover_that_refuses_its_options_is_used_wrongly(command):
    status, err = command("send", "PING", "--to", "emulator://unix?seed=none")
    assert status == 2
    assert err[0].startswith("yutu2: the line has ended: the rover ended with exit status 2: seed: 'none'")


def test_a_rover_that_is_killed_in_the_middle():
    with yutu2.connect("emulator://unix?speed=60") as rover:
        rover.send("PING")
        os.kill(rover._port._child.pid, signal.SIGKILL)
        with pytest.raises(yutu2.LineEnded, match=r"^the line has ended: the rover was killed by SIGKILL$"):
            while True:
                rover.send("PING")


def test_what_a_rover_sent_before_it_was_killed_is_kept(command, firmware, morning, morning_file, tmp_path):
    url, out = firmware(f"cat {morning_file}; echo dying >&2; kill -9 $$"), tmp_path / "run"
    killed = "the rover was killed by SIGKILL"
    # Its last words come over a pipe of their own: before the last octets, when they are passed on, or behind them
    status, lines = command("run", "--target", url, "--out", out)
    assert (status, lines) in [(1, [f"yutu2: {killed}: dying"]), (1, ["dying", f"yutu2: {killed}"])]
    assert (out / "downlink.tm").read_bytes() == morning
    assert '"interrupted": false' in (out / "summary.json").read_text()
    status, (*notes, account) = command("decode", url)
    used = "the octets received before are used"
    assert notes in [[f"yutu2: {url}: {killed}: dying; {used}"], ["dying", f"yutu2: {url}: {killed}; {used}"]]
    assert (status, [account]) == (0, command("decode", morning_file)[1])


def test_what_a_rover_says_on_its_way_is_passed_on(command, firmware, morning_file):
    url = firmware(f"echo notice >&2; sleep 0.2; cat {morning_file}; echo late >&2")
    assert command("decode", url)[1][:2] == ["notice", "late"]
