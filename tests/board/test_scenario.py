"""A scenario on the emulated Pico: the octets of the Unix port, through faults, resets and want of memory."""

import pytest
from yutu2.dictionary.model import load
from yutu2.mission.scenario import compile_scenario

# The first drive of the default plan, and what is observed after it
SPAN = {"start": "2020-11-10T18:00:00Z", "days": "0.2"}
SCENARIO = """
2020-11-10T18:10:00Z      sensor_dead      sensor=BOX_A for 1h
2020-11-10T18:12:00Z      sensor_jumps     sensor=BATTERY_CHARGE by=300 for 20min
2020-11-10T18:17:00Z      obstacle         centimetres=60 for 1min
2020-11-10T18:30:00Z      load_draws_more  load=LOAD_MOTORS watts=80
2020-11-10T18:55:00.125Z  clock_jump       seconds=-500
2020-11-10T19:00:00Z      link_noisy       bits=2 for 10min
2020-11-10T19:20:00Z      hang             for 1s
2020-11-10T20:20:00Z      memory_squeeze   kib=24 for 1h
2020-11-10T20:30:00Z      flash_error      for 30min
2020-11-10T21:10:00Z      reset
2020-11-10T21:40:00Z      brown_out
2020-11-10T22:00:00Z      request          event=FAULT
"""


@pytest.fixture(scope="module")
def compiled():
    return compile_scenario(SCENARIO, "board", load()).compiled()


@pytest.fixture(scope="module")
def board(make_rover, compiled):
    """A board that has lived it over UART."""
    settings = SPAN | {"speed": "max", "link": "uart", "baud": "921600", "scenario": "scenario.txt"}
    board = make_rover(settings, {"scenario.txt": compiled.encode()})
    assert board.run_until(b"run is over", 15_000), board.usb_received.take()
    return board


def test_the_board_sends_the_octets_of_the_unix_port(board, compiled, unix_port, run_rover, tmp_path):
    path = tmp_path / "compiled.txt"
    path.write_text(compiled)
    done = run_rover(unix_port, *(f"--{name}={value}" for name, value in SPAN.items()), f"--scenario={path}")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 10 * 1119
    assert board.uart_received.take() == done.stdout


def test_no_fault_of_a_scenario_restarts_the_board_itself(board):
    assert board.resets == []
