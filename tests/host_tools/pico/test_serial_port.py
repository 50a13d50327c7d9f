import threading
import time
from types import SimpleNamespace

import pytest
import serial
from yutu2.pico import pacing, serial_port
from yutu2.pico.errors import EmulatorError
from yutu2.pico.serial_port import EmulatedPicoPort

ECHO = """
import machine, time
u = machine.UART(0, 115200, rxbuf=512)
while True:
    if u.any():
        u.write(u.read())
    else:
        time.sleep_ms(1)
"""


@pytest.fixture
def echo_port(make_board):
    board = make_board(ECHO, usb=False)
    board.run_ms(60)
    with EmulatedPicoPort(board, "uart") as port:
        yield port


class Wall:
    """A clock in place of the wall's, which a busy machine does not delay: each look at it takes 1 ms."""

    def __init__(self):
        self.ms = 0

    def monotonic(self):
        self.ms += 1
        return self.ms / 1000


@pytest.fixture
def wall(monkeypatch):
    wall = Wall()
    for module in (serial_port, pacing):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=wall.monotonic))
    return wall


def test_what_is_written_comes_back_through_the_board(echo_port):
    assert echo_port.write(b"ping pong") == 9
    assert echo_port.read(4) == b"ping"
    assert echo_port.read(5) == b" pong"


def test_read_until_and_in_waiting_work_as_on_any_port(echo_port):
    echo_port.write(b"line\nrest")
    assert echo_port.read_until(b"\n") == b"line\n"
    while echo_port.in_waiting < 4:
        pass
    assert echo_port.read(echo_port.in_waiting) == b"rest"


def test_two_runs_through_a_port_are_the_same_emulated_time(make_board):
    def run():
        board = make_board(ECHO, usb=False)
        board.run_ms(60)
        port = EmulatedPicoPort(board, "uart")
        port.write(b"0123456789")
        return port.read(10), board.now_us

    assert run() == run()


def test_a_timeout_is_of_the_wall_and_gives_what_there_is(echo_port, wall):
    echo_port.timeout = 0.3
    echo_port.write(b"ab")
    assert echo_port.read(100) == b"ab"
    assert wall.ms == pytest.approx(300, abs=2)
    echo_port.timeout = 0
    assert echo_port.read(1) == b""
    assert wall.ms == pytest.approx(300, abs=4)


def test_a_paced_port_keeps_emulated_time_behind_the_wall(make_board, wall):
    board = make_board(ECHO, usb=False)
    board.run_ms(60)
    port = EmulatedPicoPort(board, "uart", paced=True, timeout=0.5)
    before = board.now_us
    assert port.read(1) == b""
    assert wall.ms == pytest.approx(500, abs=2)
    assert board.now_us - before == pytest.approx(500_000, abs=10_000)


def test_input_is_forgotten_on_demand(echo_port):
    echo_port.write(b"old")
    echo_port.read(1)
    echo_port.pico.run_ms(10)
    echo_port.reset_input_buffer()
    echo_port.write(b"new")
    assert echo_port.read(3) == b"new"


def test_a_reader_in_another_thread_is_woken(echo_port):
    echo_port.timeout = None
    got = []
    reader = threading.Thread(target=lambda: got.append(echo_port.read(1000)))
    reader.start()
    echo_port.write(b"some")
    while len(echo_port._buffer) < 4:
        time.sleep(0.01)
    echo_port.cancel_read()
    reader.join()
    assert got == [b"some"]


def test_a_closed_port_and_a_board_without_power_say_so(echo_port):
    echo_port.pico.power_cut()
    with pytest.raises(serial.SerialException, match="lost its power"):
        echo_port.read(1)
    echo_port.close()
    for use in (lambda: echo_port.read(1), lambda: echo_port.write(b"x"), lambda: echo_port.in_waiting):
        with pytest.raises(serial.SerialException):
            use()


def test_the_usb_link_has_the_repl(make_board):
    port = EmulatedPicoPort(make_board(""))
    port.write(b"print(1 + 1)\r")
    assert port.read_until(b"2\r\n>>> ").endswith(b"2\r\n>>> ")


def test_an_unknown_link_lists_the_known_ones(make_board):
    with pytest.raises(EmulatorError, match="'spi': usb or uart"):
        EmulatedPicoPort(make_board(""), "spi")
