"""Observations, out of what instruments tell of themselves, and when three of them observed at the same time."""

from datetime import UTC, datetime, timedelta

import pytest
from yutu2.dictionary.model import load
from yutu2.runs.observations import ObservationMaker, lines, summary

NOON = datetime(2020, 11, 16, 12, 0, tzinfo=UTC)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def observe(craft, instrument, begin, end, *, activity=None, step=1, records=7, how="STANDBY"):
    """An instrument warms, observes and is switched off. how: the state into which it comes at its end."""
    if activity:
        craft.tell("ACTIVITY_START", at(begin - 2), step=step, activity=activity)
    told = {"records": records, "octets": 100 * records}
    craft.tell(f"HK_{instrument}", at(begin - 2), state="WARMING")
    craft.tell(f"HK_{instrument}", at(begin - 1), state="STANDBY")
    craft.tell(f"HK_{instrument}", at(begin), state="OBSERVING")
    craft.tell(f"HK_{instrument}", at((begin + end) / 2), state="OBSERVING", records=1, octets=100)
    if how != "OFF":
        craft.tell(f"HK_{instrument}", at(end), state=how, **told)
        craft.tell(f"HK_{instrument}", at(end + 1), state="OFF", **told)
    else:
        craft.tell(f"HK_{instrument}", at(end), state="OFF", **told)


def made(craft):
    maker = ObservationMaker(load())
    for report in craft.reports:
        maker.add(report)
    return maker


def test_an_observation_is_told_whole(craft):
    observe(craft, "VNIS", 0, 20, activity="VNIS_DETECT", step=4, records=10)
    (one,) = made(craft).observations()
    assert (one.instrument, one.activity, one.step) == ("VNIS", "VNIS_DETECT", 4)
    assert (one.begin, one.end) == (at(0), at(20))
    assert (one.records, one.octets, one.state, one.reason) == (10, 1000, "WHOLE", None)
    assert one.line().split() == ["2020-11-16", "12:00:00", "0:20:00", "VNIS_DETECT", "10", "1.0", "WHOLE"]


def test_what_the_dictionary_does_not_have_is_a_number_and_no_end(craft):
    craft.tell("HK_VNIS", at(0), state="OBSERVING")
    craft.tell("HK_VNIS", at(1), state=77, records=3, octets=300)
    craft.tell("PRODUCT_PARTIAL", at(2), kind=200, reason=99)
    craft.tell("PRODUCT_PARTIAL", at(2), kind="VNIS_SPECTRA", reason=99)
    craft.tell("ACTIVITY_FAILED", at(2), activity=200, reason=99)
    (one,) = made(craft).observations()
    assert (one.end, one.records, one.state, one.reason) == (None, 3, "PARTIAL", 99)
    assert one.line().endswith("PARTIAL, 99")


def test_each_is_told_by_its_begin_and_by_instrument(craft):
    observe(craft, "PCAM", 0, 30, activity="PCAM_RING")
    observe(craft, "LPR", 40, 45, activity="LPR_STAND", how="OFF")
    observe(craft, "PCAM", 60, 90)
    observations = made(craft).observations()
    assert [(one.activity, one.begin) for one in observations] == [
        ("PCAM_RING", at(0)),
        ("LPR_STAND", at(40)),
        (None, at(60)),
    ]
    told = summary(observations, load())
    assert list(told) == ["PCAM", "VNIS", "ASAN", "LPR"]
    assert [len(entries) for entries in told.values()] == [2, 0, 0, 1]
    assert told["LPR"][0] == {
        "activity": "LPR_STAND",
        "step": 1,
        "begin": "2020-11-16T12:40:00.000Z",
        "end": "2020-11-16T12:45:00.000Z",
        "records": 7,
        "octets": 700,
        "state": "WHOLE",
        "reason": None,
    }


def test_what_a_partial_product_or_a_failed_step_tells(craft):
    craft.tell("ACTIVITY_START", at(0), step=3, activity="ASAN_OBSERVE")
    craft.tell("HK_ASAN", at(1), state="OBSERVING")
    craft.tell("PRODUCT_PARTIAL", at(2), kind="ASAN_SPECTRA", reason="SHED_LOAD")
    craft.tell("PRODUCT_PARTIAL", at(2), kind="LPR_60", reason="STOPPED")
    craft.tell("HK_ASAN", at(2), state="OFF", records=3, octets=96)
    (one,) = made(craft).observations()
    assert (one.state, one.reason, one.end, one.records) == ("PARTIAL", "SHED_LOAD", at(2), 3)
    assert one.line().endswith("PARTIAL, SHED_LOAD")


@pytest.mark.parametrize(("step", "state"), [(1, "PARTIAL"), (2, "WHOLE")])
def test_a_step_that_fails_is_not_held_against_another(craft, step, state):
    observe(craft, "VNIS", 0, 20, activity="VNIS_DETECT", how="OFF")
    craft.tell("ACTIVITY_FAILED", at(20), step=step, activity="VNIS_CALIBRATE", reason="BOX_TOO_HOT")
    (one,) = made(craft).observations()
    assert (one.state, one.reason) == (state, "BOX_TOO_HOT" if state == "PARTIAL" else None)


def test_an_instrument_that_fails_has_observed_until_then(craft):
    observe(craft, "VNIS", 0, 20, how="FAULTY")
    (one,) = made(craft).observations()
    assert (one.end, one.state) == (at(20), "PARTIAL")


def test_one_that_never_observed_has_no_observation(craft):
    craft.tell("HK_VNIS", at(0), state="WARMING")
    craft.tell("HK_VNIS", at(1), state="FAULTY")
    craft.tell("HK_VNIS", at(1), state="OFF")
    assert made(craft).observations() == []


def test_what_was_not_heard_is_made_up_for(craft):
    # No begin, no end
    craft.tell("HK_ASAN", at(0), state="OBSERVING", records=5, octets=160)
    craft.tell("HK_ASAN", at(1), state="OBSERVING", records=25, octets=800)
    craft.tell("HK_ASAN", at(60), state="WARMING")
    craft.tell("HK_ASAN", at(61), state="OBSERVING")
    first, second = made(craft).observations()
    assert (first.begin, first.end, first.records, first.state) == (at(0), None, 25, "OPEN")
    assert (second.begin, second.end, second.records) == (at(61), None, 0)
    assert " -  ASAN" in first.line()


def test_other_craft_s_reports_and_unread_ones_are_passed_over(craft):
    craft.tell("HK_COMPUTER", at(0), mode="ACTIVE")
    craft.tell("QL_ASAN", at(0))
    assert made(craft).observations() == []


@pytest.mark.parametrize(
    ("asan", "lpr", "expected"),
    [
        ((-5, 50), (10, 15), [(10, 15)]),
        ((10, 50), (5, 12), [(10, 12)]),
        ((25, 50), (10, 15), []),
        ((-5, 5), (5, 15), []),
    ],
    ids=["within", "overlap", "one apart", "one after another"],
)
def test_the_three_observe_together(craft, asan, lpr, expected):
    observe(craft, "VNIS", 0, 20)
    observe(craft, "ASAN", *asan)
    observe(craft, "LPR", *lpr)
    observe(craft, "PCAM", 0, 100)
    maker = made(craft)
    assert [(one.begin, one.end) for one in maker.together()] == [(at(begin), at(end)) for begin, end in expected]
    told = lines(maker.observations(), maker.together())
    assert len(told) == 1 + 4 + 2
    never = "VNIS, ASAN, LPR never observed all at the same time."
    assert (told[-1] == never) == (not expected)


def test_noon_is_told(craft):
    for instrument in ("VNIS", "ASAN", "LPR"):
        observe(craft, instrument, -2880, -2870)
    (together,) = made(craft).together()
    # Lunar day 24 lasts from 2020-11-08T06:16 to 11-22T21:49: noon is on 11-15 at 14:03, and their middle a day before
    assert together.after_noon / timedelta(hours=1) == pytest.approx(-25.96, abs=0.01)
    assert together.summary()["hours_after_noon"] == -26.0
    assert together.line().endswith("for 0:10:00, 1.1 Earth days before noon.")


def test_nothing_observed_is_nothing_told():
    maker = ObservationMaker(load())
    assert lines(maker.observations(), maker.together()) == []
