"""A run that a crash of the board cut short is taken up where it was, with its store, from the first second on."""

import pytest
from rover.app import Rover
from rover.inputs.settings import Settings

OPTIONS = {"start": "2020-11-11T06:00", "days": "0.01"}
SETTINGS = Settings(OPTIONS, speed="max")
START_S, END_S = SETTINGS.start_s, SETTINGS.start_s + SETTINGS.length_s


class Forgetful:
    """A line that counts how often its store was emptied, and what was noted for a crash report."""

    def __init__(self, line):
        self._line = line
        self.forgotten = 0
        self.noted = []

    def __getattr__(self, name):
        return getattr(self._line, name)

    def forget(self):
        self.forgotten += 1

    def watch(self, number, s):
        self.noted.append(s)


@pytest.mark.parametrize(
    ("resume_s", "start_s", "forgotten"),
    [
        (None, START_S, 1),
        (0, START_S, 1),  # before the run had begun
        (START_S - 1, START_S, 1),
        (START_S, START_S, 0),
        (START_S + 1, START_S + 1, 0),
        (END_S - 1, END_S - 1, 0),
        (END_S, END_S, 0),
        (END_S + 1, START_S, 1),
        (2**32 - 1, START_S, 1),
    ],
)
def test_the_store_is_emptied_when_a_run_begins_and_no_sooner(line, resume_s, start_s, forgotten):
    board = Forgetful(line)
    rover = Rover(Settings(OPTIONS, speed="max"), board, board, board, resume_s)
    assert (rover.clock.s, board.forgotten) == (start_s, forgotten)
    # What crashes from now on is taken up here
    assert board.noted == [start_s]
    rover.run()
    assert rover.clock.s == END_S
