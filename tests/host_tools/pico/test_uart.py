"""UART0 of the emulated board: every octet, at its time, and those that are lost counted."""

from itertools import pairwise

import pytest

SEND_4_KB = """
import machine
u = machine.UART(0, 921600, txbuf=512)
b = bytes(range(256))
for i in range(16):
    u.write(b)
u.flush()
"""
# 48 MHz / 16 / 3.25, the closest that the PL011's divisor comes to 921600
REAL_RATE = 48e6 / 16 / 3.25


def test_four_kilobytes_arrive_whole_and_at_the_baud_rate(make_board):
    board = make_board(SEND_4_KB)
    assert board.run_until(lambda: len(board.uart_received) >= 4096, 500)
    pieces = board.uart_received.take_chunks()
    assert b"".join(piece.octets for piece in pieces) == bytes(range(256)) * 16
    assert all(len(piece.octets) == 1 for piece in pieces)
    # the first 32 leave back to back from the FIFO; the rest may wait for the program, but never come faster
    octet_us = 10e6 / REAL_RATE
    assert pieces[31].time_us - pieces[0].time_us == pytest.approx(31 * octet_us, abs=2)
    assert pieces[-1].time_us - pieces[0].time_us == pytest.approx(4095 * octet_us, rel=0.05)
    gaps = [later.time_us - earlier.time_us for earlier, later in pairwise(pieces)]
    assert min(gaps) >= int(octet_us)


def test_a_second_stop_bit_and_parity_take_their_time(make_board):
    board = make_board("import machine\nu = machine.UART(0, 115200, parity=0, stop=2)\nu.write(b'abcdefgh')\n")
    assert board.run_until(b"abcdefgh", 200, link="uart")
    pieces = board.uart_received.take_chunks()
    assert pieces[-1].time_us - pieces[0].time_us == pytest.approx(7 * 12e6 / 115200, rel=0.01)


ECHO_COUNT = """
import machine, time
u = machine.UART(0, 115200, rxbuf=%d)
u.write('ready\\n'); u.flush()
%s
time.sleep_ms(60)
u.write('got %%d\\n' %% len(u.read() or b'')); u.flush()
"""


def test_octets_sent_to_the_board_arrive_at_the_baud_rate(make_board):
    board = make_board(ECHO_COUNT % (1024, "while u.any() < 300: pass\nu.write('all\\n')"))
    assert board.run_until(b"ready\n", 200, link="uart")
    start = board.now_us
    board.send_uart(b"x" * 300)
    assert board.run_until(b"all\n", 200, link="uart")
    assert board.now_us - start == pytest.approx(304 * 10e6 / 115200, rel=0.05)
    assert board.uart_overruns == 0
    assert board.run_until(b"got 300\n", 200, link="uart")


def test_octets_that_arrive_while_interrupts_are_off_overrun_the_fifo_and_are_counted(make_board):
    busy = (
        "s = machine.disable_irq()\nt = time.ticks_us()\n"
        "while time.ticks_diff(time.ticks_us(), t) < 26000: pass\nmachine.enable_irq(s)"
    )
    board = make_board(ECHO_COUNT % (1024, busy))
    assert board.run_until(b"ready\n", 200, link="uart")
    board.uart_received.clear()
    board.send_uart(b"x" * 300)
    assert board.run_until(b"\n", 300, link="uart")
    got = int(board.uart_received.take().split()[-1])
    # 26 ms is 299.5 octets' time, of which the FIFO keeps 32
    assert 32 <= got <= 40
    assert board.uart_overruns == 300 - got


def test_octets_for_a_uart_that_is_off_are_lost_on_the_wire(make_board):
    board = make_board("import machine, time\ntime.sleep_ms(50)\n" + ECHO_COUNT % (256, ""))
    board.run_ms(10)
    board.send_uart(b"early")
    assert board.run_until(b"got 0\n", 400, link="uart")
    assert board.uart_overruns == 0


@pytest.mark.slow
def test_two_runs_give_the_same_octets_at_the_same_microseconds(make_board):
    def run():
        board = make_board(SEND_4_KB + "print('over usb', u.read())\n")
        board.run_ms(35)
        board.send_uart(b"hello")
        board.run_ms(60)
        return board.uart_received.take_chunks(), board.usb_received.take_chunks(), board.now_us, board.flash

    first = run()
    assert len(first[0]) == 4096
    assert first[1]
    assert run() == first
