"""A rover behind pyserial's interface."""

import time
from datetime import UTC, datetime

import pytest
import serial
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import to_datetime
from yutu2.line.emulator import EmulatorPort, RoverEnded
from yutu2.line.runtime import RuntimeMissing
from yutu2.line.source import SourceError, open_port

HOUR = "start=2020-11-12&days=0.04"  # in the middle of lunar day 24: a few frames
LONG = "start=2020-11-09T04:00:00Z&days=20"  # more than twice what a port holds
SLOW = "start=2020-11-12&days=1&speed=60"  # a frame a second
NIGHT = "start=2020-12-01&days=1&speed=1"  # asleep: nothing comes
BACKLOG = 1 << 20


@pytest.fixture(scope="module")
def hour(unix_port, run_rover):
    """The downlink of that hour, from the firmware itself."""
    return run_rover(unix_port, "--start=2020-11-12", "--days=0.04").stdout


def wait_for(condition):
    """Waits until it holds; pytest's own time limit ends a wait in vain."""
    while not condition():
        time.sleep(0.01)


@pytest.mark.parametrize("target", ["unix", "cpython"])
def test_each_target_gives_the_octets_of_the_firmware(rover, all_of, hour, target):
    assert len(hour) > 2000
    assert all_of(rover(HOUR, target)) == hour


def test_after_the_last_octet_the_end_of_the_run_is_told_with_its_status(rover, hour):
    port = rover(HOUR)
    assert port.read(len(hour)) == hour
    for _ in range(2):
        with pytest.raises(RoverEnded) as ended:
            port.read()
        assert ended.value.status == 0
    assert isinstance(ended.value, serial.SerialException)


def test_the_status_of_a_rover_that_was_told_nonsense(rover, capfd):
    port = rover("lunar_day=0")
    with pytest.raises(RoverEnded) as ended:
        port.read()
    assert ended.value.status == 2
    assert str(ended.value).startswith("the rover ended with exit status 2: lunar-day: '0' is not a number")
    assert capfd.readouterr().err == ""


def test_a_read_beyond_the_end_gives_what_there_is(rover, hour):
    port = rover(HOUR)
    assert port.read(len(hour) - 5) == hour[:-5]
    assert port.read(1000) == hour[-5:]
    with pytest.raises(RoverEnded):
        port.read(1000)


def test_without_a_timeout_a_read_waits_for_all_that_it_asked_for(rover):
    assert len(rover(SLOW).read(2 * 1119)) == 2 * 1119


def test_with_timeout_0_a_read_takes_what_has_come(rover, hour):
    port = rover(HOUR, timeout=0)
    data = bytearray()
    while len(data) < len(hour):
        data += port.read(500)
    assert data == hour


@pytest.mark.parametrize("timeout", [0, 0.01])
def test_when_nothing_comes_a_read_ends_at_its_timeout(rover, timeout):
    assert rover(NIGHT, timeout=timeout).read(10) == b""


def test_a_timeout_gives_what_came_before_it(rover):
    port = rover(SLOW, timeout=0.2)
    wait_for(lambda: port.in_waiting)
    data = port.read(1 << 19)
    assert data
    assert len(data) < 1 << 19


def test_nothing_asked_for_is_nothing_read(rover, hour):
    port = rover(HOUR)
    assert port.read(0) == b""
    assert port.read(len(hour)) == hour
    assert port.read(0) == b""


def test_in_waiting_counts_what_can_be_read_at_once(rover, hour):
    port = rover(HOUR, timeout=0)
    wait_for(lambda: port.in_waiting == len(hour))
    assert port.read(7) == hour[:7]
    assert port.in_waiting == len(hour) - 7
    assert port.read(port.in_waiting) == hour[7:]
    assert port.in_waiting == 0


def test_reset_input_buffer_throws_away_what_has_come(rover, hour):
    port = rover(HOUR)
    wait_for(lambda: port.in_waiting == len(hour))
    port.reset_input_buffer()
    assert port.in_waiting == 0
    with pytest.raises(RoverEnded):
        port.read()


@pytest.mark.slow
def test_a_rover_that_nobody_reads_waits_and_loses_nothing(rover, all_of, unix_port, run_rover):
    port = rover(LONG)
    wait_for(lambda: port.in_waiting >= BACKLOG)
    before = 0
    while port.in_waiting > before:
        before = port.in_waiting
        time.sleep(0.2)
    assert before < 2 * BACKLOG
    data = all_of(port)
    assert len(data) > 2 * BACKLOG
    assert data == run_rover(unix_port, "--start=2020-11-09T04:00:00Z", "--days=20").stdout


def test_a_closed_port_says_so(rover):
    port = rover(HOUR)
    port.close()
    for use in (port.read, lambda: port.write(b"x"), lambda: port.in_waiting, port.reset_input_buffer, port.flush):
        with pytest.raises(serial.PortNotOpenError):
            use()


def test_a_port_can_be_opened_again(rover, all_of, hour):
    port = rover(HOUR)
    port.read(100)
    with pytest.raises(serial.SerialException, match="already open"):
        port.open()
    port.close()
    port.open()
    assert all_of(port) == hour


def test_octets_can_be_written(rover):
    port = rover(NIGHT)
    assert port.write(b"\xeb\x90" + bytes(300)) == 302
    assert port.write(bytearray(b"abc")) == 3
    assert port.write(b"") == 0
    port.flush()
    port.reset_output_buffer()


def test_writing_to_a_rover_that_has_ended_is_an_error_of_pyserial(rover, all_of):
    port = rover(HOUR)
    all_of(port)
    with pytest.raises(serial.SerialException, match="the rover's run is over"):
        port.write(b"x")


def test_line_settings_are_taken(rover, all_of, hour):
    port = rover(HOUR)
    port.baudrate, port.rtscts, port.dtr, port.rts, port.break_condition = 9600, True, False, False, True
    assert (port.cts, port.dsr, port.cd, port.ri) == (True, True, True, False)
    assert all_of(port) == hour


def test_it_is_a_stream_of_the_standard_library(rover, hour):
    with rover(HOUR) as port:
        assert isinstance(port, EmulatorPort)
        assert port.readable()
        buffer = bytearray(50)
        assert port.readinto(buffer) == 50
        assert buffer == hour[:50]
        assert port.read_until(b"\x1a\xcf\xfc\x1d") == hour[50 : 1119 + 4]


@pytest.mark.parametrize("query", ["speed=60", "", "craft=lander&seed=3"])
def test_a_rover_that_is_told_no_time_begins_awake(rover, query):
    with rover(query) as port:
        frame = port.read(1119)
    packets = TelemetryDecoder(load()).feed_packets(frame)
    assert [to_datetime(int.from_bytes(packets[0].data[7:11]))] == [datetime(2020, 11, 12, tzinfo=UTC)]


def test_a_micropython_that_is_not_there_is_told_without_the_url():
    with pytest.raises(RuntimeMissing, match=r"^--micropython: program /no/such not found; leave the option out"):
        open_port("emulator://unix?micropython=/no/such")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("emulator://unix?lunar_dya=3", "unknown option 'lunar_dya'; did you mean lunar_day?"),
        ("emulator://unix?link=/dev/null", "unknown option 'link'"),
        ("emulator://mars", "unknown target 'mars'; choose from unix"),
        ("emulator://", "unknown target ''"),
    ],
)
def test_a_wrong_url_is_told_in_one_line(url, told):
    with pytest.raises(SourceError) as error:
        open_port(url)
    assert told in str(error.value)
    assert str(error.value).startswith(url)
    assert "\n" not in str(error.value)
