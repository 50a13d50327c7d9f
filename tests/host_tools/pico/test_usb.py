"""The USB serial port: the REPL, and a ground that stops reading."""

import pytest
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.errors import EmulatorError

WRITE_TEN_TIMES = """
import machine, select, sys, time
time.sleep_ms(100)
room = select.poll(); room.register(sys.stdout, select.POLLOUT)
u = machine.UART(0, 921600, txbuf=1024)
for i in range(10):
    ready = bool(room.poll(0))
    start = time.ticks_ms()
    n = sys.stdout.buffer.write(b'%063d\\n' % i)
    u.write('%d %d %d\\n' % (ready, n, time.ticks_diff(time.ticks_ms(), start)))
u.write('end\\n'); u.flush()
"""


def reports(board):
    return [tuple(map(int, line.split())) for line in board.uart_received.take().splitlines()[:-1]]


def test_boots_to_the_repl_in_under_a_second_and_answers(micropython):
    with EmulatedPico(micropython) as board:
        board.send_usb(b"print(6 * 7)\r")
        assert board.run_until(b"42\r\n>>> ", 1000)
        assert b"MicroPython v1.27.0" in board.usb_received.take()


def test_what_the_board_prints_arrives_whole_and_in_order(make_board):
    board = make_board("import time\ntime.sleep_ms(100)\nfor i in range(300): print('line', i)\nprint('end')\n")
    assert board.run_until(b"end\r\n", 1000)
    text = board.usb_received.take().decode()
    assert text.startswith("".join(f"line {i}\r\n" for i in range(300)))


def test_a_long_command_arrives_whole(make_board):
    board = make_board("import sys\nd = sys.stdin.buffer.read(2000)\nprint(sum(d), len(d))\n")
    data = bytes(4 + i % 250 for i in range(2000))
    board.send_usb(data)
    assert board.run_until(f"{sum(data)} 2000\r\n".encode(), 2000)


def test_writes_do_not_block_while_the_ground_reads(make_board):
    board = make_board(WRITE_TEN_TIMES)
    assert board.run_until(b"end\n", 500, link="uart")
    assert all((ready, count) == (1, 64) and ms <= 1 for ready, count, ms in reports(board))
    assert len(board.usb_received.take()) == 640


@pytest.mark.slow
def test_a_ground_that_stops_reading_blocks_each_write_for_500_ms(make_board):
    board = make_board(WRITE_TEN_TIMES)
    board.run_ms(90)
    board.hold_usb()
    assert board.run_until(b"end\n", 6000, link="uart")
    written = reports(board)
    blocked = [report for report in written if report[1] == 0]
    assert len(blocked) >= 4
    # no room was announced before, and the write gave up after MicroPython's 500 ms
    assert all(ready == 0 and 495 <= ms <= 505 for ready, _, ms in blocked)
    assert len(board.usb_received) == 0
    board.release_usb()
    board.run_ms(10)
    taken = sum(count for _, count, _ in written)
    assert board.usb_received.take()[:taken] == b"".join(b"%063d\n" % i for i in range(10))[:taken]


def test_without_a_computer_on_the_socket_output_goes_nowhere_and_nothing_blocks(make_board):
    board = make_board(WRITE_TEN_TIMES, usb=False)
    assert board.run_until(b"end\n", 500, link="uart")
    assert all(ms <= 1 for _, _, ms in reports(board))
    with pytest.raises(EmulatorError, match="socket empty"):
        board.send_usb(b"x")


def test_a_sleeping_board_costs_little_real_time(make_board):
    board = make_board("import time, machine\nwhile True: time.sleep(1)\n")
    board.run_ms(60_000)  # a minute; with an idle host that answers this would take a quarter of an hour
    assert board.now_us == pytest.approx(60e6, abs=1)
