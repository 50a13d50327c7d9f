"""The reports of what becomes of a telecommand hold what a service says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.services.request import Request
from yutu2.dictionary.model import load

CODES = load().enums["failure_code"]


@given(st.sampled_from(list(CODES)), st.integers(-(1 << 30), (1 << 30) - 1))
def test_a_failure_has_its_code_and_its_data(make_craft, receive_whole, code, data):
    craft = make_craft()
    request = Request(craft.telemetry)
    request.fail(code, data)
    (report,) = receive_whole(craft.finish()).told("TC_START_FAILED")
    assert (report.name, report.raw["code"], report.raw["data"]) == ("TC_START_FAILED", code, data % (1 << 32))
    assert report.fields["code"] == CODES[code]


@pytest.mark.parametrize(
    ("label", "data", "words"), [("BOX_TOO_COLD", -251, "-25.1 degC"), ("SUN_TOO_LOW", -7, "-0.007 deg")]
)
def test_what_is_below_zero_comes_as_it_is(craft, receive_whole, label, data, words):
    request = Request(craft.telemetry)
    request.fail(next(code for code, name in CODES.items() if name == label), data)
    (report,) = receive_whole(craft.finish()).told("TC_START_FAILED")
    assert report.fields["data"].endswith(words)
