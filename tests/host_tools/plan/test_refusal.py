"""Why a step was not done, in words, whatever number the rover gives beside the reason."""

import pytest
from yutu2.dictionary.model import load
from yutu2.firmware import EPOCH
from yutu2.mission.plan import compile_plan
from yutu2.mission.refusal import why

DICTIONARY = load()


@pytest.mark.parametrize(
    ("failure", "value", "words"),
    [
        ("NOT_IN_MODE", 1, "the rover's mode is WAKING"),
        ("NOT_IN_MODE", 77, "the rover's mode is 77"),
        ("DEAD_LOAD", 77, "77 draws nothing"),
    ],
)
def test_an_unknown_value_is_shown_as_a_number(failure, value, words):
    text = f"dictionary {DICTIONARY.hash.hex()}\nlunar-day each\natoms: at sunrise + 3d asan_observe minutes=30\n"
    (step,) = steps = compile_plan(text, "plan", DICTIONARY).steps
    assert words in why(step, failure, value, EPOCH, steps, DICTIONARY)
