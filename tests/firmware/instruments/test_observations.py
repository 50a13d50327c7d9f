"""Instruments on a whole rover: their states, what they report, what comes down, and what failures leave of it."""

from itertools import groupby, pairwise

import numpy as np
import pytest
from yutu2.dictionary.model import load
from yutu2.mission.plan import compile_plan
from yutu2.products.collector import ProductCollector

DICTIONARY = load()
HALF = {"start": "2020-11-11", "days": "0.5"}
DRIVING = ("go: at 2020-11-11T03:00:00Z drive bearing=225 distance=4", "it: with go + 1s lpr_drive minutes=10")
ONE_OF_EACH = {
    "PCAM_RING": ("it: at 2020-11-11T03:00:00Z pcam_ring pitches=1",),
    "VNIS_DETECT": ("it: at 2020-11-11T03:00:00Z vnis_detect",),
    "VNIS_CALIBRATE": ("it: at 2020-11-11T03:00:00Z vnis_calibrate",),
    "ASAN_OBSERVE": ("it: at 2020-11-11T03:00:00Z asan_observe minutes=10",),
    "LPR_STAND": ("it: at 2020-11-11T03:00:00Z lpr_stand minutes=2",),
    "LPR_DRIVE": DRIVING,
}
INSTRUMENT = {activity.name: activity.instrument for activity in DICTIONARY.activities}
KINDS = {"PCAM": ["PCAM_IMAGES"], "VNIS": ["VNIS_SPECTRA"], "ASAN": ["ASAN_SPECTRA"], "LPR": ["LPR_60", "LPR_500"]}
HEALTHY = ["WARMING", "STANDBY", "OBSERVING", "STANDBY", "OFF"]
# How many records: 20 pairs; 2 dark scans and 8 of the ground, or 4 of the panel; each 3 s after 30 s of warming up
RECORDS = {"PCAM_RING": [40], "VNIS_DETECT": [10], "VNIS_CALIBRATE": [6], "ASAN_OBSERVE": [190]}
RECORDS["LPR_STAND"] = [117_999 // 1640, 117_999 // 830]


def plan(*lines):
    return compile_plan("\n".join([f"dictionary {DICTIONARY.hash.hex()}", "lunar-day 24", *lines]), "plan", DICTIONARY)


@pytest.fixture(scope="session")
def observe(live, live_through):
    """`observe(*lines, trouble=(), damaged=False)`: what came down of a plan of these lines: reports, and products."""

    def observe(*lines, trouble=(), damaged=False):
        compiled = plan(*lines).compiled()
        if damaged:
            received = live_through(*trouble, plan=compiled, **HALF)
        else:
            received = live(*trouble, plan=compiled, **HALF).received
        collector = ProductCollector(DICTIONARY)
        for report in received.reports:
            collector.add(report)
        return received, collector.product_sets()

    return observe


@pytest.fixture(scope="session")
def observed(observe):
    """`observed(activity)`: the same of a plan with this one step that observes; each is lived once."""
    done = {}

    def observed(activity):
        if activity not in done:
            done[activity] = observe(*ONE_OF_EACH[activity])
        return done[activity]

    return observed


def states(received, activity):
    reports = received.told(f"HK_{INSTRUMENT[activity]}")
    return [state for state, _ in groupby(report.fields["state"] for report in reports)]


def events(received, *names):
    return [report.fields for report in received.told(*names)]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("activity", ONE_OF_EACH)
def test_an_instrument_warms_up_observes_and_is_switched_off(observed, activity):
    received, _ = observed(activity)
    wanted = HEALTHY if activity != "LPR_DRIVE" else ["WARMING", "STANDBY", "OBSERVING", "OFF"]
    assert states(received, activity) == wanted
    last = received.told(f"HK_{INSTRUMENT[activity]}")[-1].fields
    done = next(event for event in events(received, "ACTIVITY_DONE") if event["activity"] == activity)
    assert done["data"] == -(-last["octets"] // 1024)


@pytest.mark.parametrize("activity", ONE_OF_EACH)
def test_each_minute_it_tells_of_itself(observed, activity):
    received, _ = observed(activity)
    reports = received.told(f"HK_{INSTRUMENT[activity]}")
    gaps = [(later.time - earlier.time).total_seconds() for earlier, later in pairwise(reports)]
    assert max(gaps) <= 60
    octets = [report.fields["octets"] for report in reports]
    assert octets == sorted(octets)


@pytest.mark.parametrize("activity", ONE_OF_EACH)
def test_its_products_come_down_whole_with_their_hashes_right(observed, activity):
    received, observations = observed(activity)
    assert [it.product.kind for it in observations] == KINDS[INSTRUMENT[activity]]
    ready = {event["number"]: event for event in events(received, "PRODUCT_READY")}
    for it in observations:
        product = it.product
        assert (product.state, product.reason, product.verified, it.missing) == ("WHOLE", None, True, 0)
        assert product.head["activity"] == activity
        for file in it.files:
            told = ready.pop(file.number)
            assert (told["kind"], told["octets"]) == (product.kind, len(file.octets))
            assert file.saved_as == file.received.name == f"{product.kind.lower()}_{file.number:04}.bin"
            assert told["records"] == file.product.head["records"] == len(file.product.samples)
    assert not ready
    if activity in RECORDS:
        assert [len(it.product.samples) for it in observations] == RECORDS[activity]
        assert [it.product.head["planned"] for it in observations] == RECORDS[activity]
    last = received.told(f"HK_{INSTRUMENT[activity]}")[-1].fields
    assert last["records"] == sum(len(it.product.samples) for it in observations)


def test_a_ring_looks_all_around_with_both_eyes_and_one_gain(observed):
    _, (ring,) = observed("PCAM_RING")
    records = ring.product.records
    assert sorted(set(records["azimuth"])) == [18 * number for number in range(20)]
    assert list(records["eye"]) == [0, 1] * 20
    assert len(set(records["gain"])) == 1
    assert set(records["pitch"]) == {-4.0}
    # The exposure is right: bright, and seldom too bright
    pixels = ring.product.samples
    assert 120 < np.percentile(np.asarray(pixels), 98) < 250
    assert (pixels == 255).mean() < 0.02


def test_a_quick_look_is_a_part_of_the_picture(observed):
    received, (ring,) = observed("PCAM_RING")
    looks = received.told("QL_PCAM")
    assert len(looks) == 20
    for number, sample in enumerate(looks):
        picture = ring.product.samples[2 * number].reshape(64, 48)
        columns = [column for part in range(4) for column in (16 * part + 4, 16 * part + 12)]
        assert sample.fields["pixels"] == [int(picture[column, 8 * row + 4]) for column in columns for row in range(6)]
        assert sample.fields["azimuth"] == ring.product.records["azimuth"][2 * number]


@pytest.mark.parametrize(
    ("activity", "scans"), [("VNIS_DETECT", [0] * 2 + [1] * 8), ("VNIS_CALIBRATE", [0] * 2 + [2] * 4)]
)
def test_the_spectrometer_scans_in_the_dark_first(observed, activity, scans):
    received, (spectra,) = observed(activity)
    assert list(spectra.product.records["scan"]) == scans
    for sample, scan in zip(received.told("QL_VNIS"), spectra.product.samples, strict=True):
        assert sample.fields["counts"] == [int(count) for count in scan[::10]]


def test_a_minute_of_atoms_is_summed_up(observed):
    received, (spectra,) = observed("ASAN_OBSERVE")
    looks = received.told("QL_ASAN")
    assert len(looks) == 9
    for minute, sample in enumerate(looks):
        here = spectra.product.samples[20 * minute : 20 * minute + 20]
        assert sample.fields["counts"] == [int(count) for count in here.sum(axis=0)]


@pytest.mark.parametrize(("channel", "period"), [(0, 1.64), (1, 0.83)], ids=["60 MHz", "500 MHz"])
def test_traces_come_by_time_and_tell_how_far_the_wheels_have_gone(observed, channel, period):
    received, observations = observed("LPR_DRIVE")
    records = observations[channel].product.records
    assert np.diff(records["after"]) == pytest.approx(period, abs=1e-6)
    steps = np.diff(records["distance"])
    # 195 m an hour while it goes, nothing while it turns
    assert steps.min() >= 0
    assert steps.max() == pytest.approx(195 / 3600 * period, abs=0.002)
    assert (steps == 0).any()
    driven = received.told("HK_STOP")[-1].fields["odometer"] - records["distance"][0]
    assert records["distance"][-1] - records["distance"][0] == pytest.approx(driven, abs=0.1)


def test_traces_of_a_rover_that_stands_are_of_one_place(observed):
    _, observations = observed("LPR_STAND")
    for it in observations:
        assert len(set(it.product.records["distance"])) == 1
        # They differ by the receiver's noise alone
        samples = it.product.samples.astype(int)
        assert np.abs(samples - samples.mean(axis=0)).mean() < 6


def test_a_long_observation_goes_down_in_files_while_it_goes_on(observe):
    received, observations = observe("it: at 2020-11-11T03:00:00Z lpr_stand minutes=8")
    parts = [len(it.files) for it in observations]
    assert parts == [2, 3]
    assert [file.product.head["part"] for file in observations[1].files] == [0, 1, 2]
    assert observations[1].product.verified
    first = received.told("PRODUCT_READY")[0].time
    assert first < received.told("ACTIVITY_DONE")[0].time


# --- Failures in the middle ---

POLICIES = ("skip", "stop", "safe")
IN_THE_MIDDLE = {
    "fails": "2020-11-11T03:04:30Z instrument_fails instrument={instrument} for 1h",
    "dead": "2020-11-11T03:02Z load_dead load=LOAD_{instrument} for 1h",
    "flash": "2020-11-11T03:04:30Z flash_error for 1h",
    "reset": "2020-11-11T03:05:00Z reset",
}
REASONS = {"fails": "INSTRUMENT_FAILED", "dead": "DEAD_LOAD", "flash": "INSTRUMENT_FAILED"}
REASONS["reset"] = "RESTARTED"
ENOUGH = ("PCAM_RING", "VNIS_DETECT", "ASAN_OBSERVE", "LPR_STAND")
LINES = {activity: ONE_OF_EACH[activity][0] for activity in ENOUGH} | {
    "LPR_STAND": "it: at 2020-11-11T03:00:00Z lpr_stand minutes=10"
}


# A ring of pictures takes two seconds
PAIRS = [
    pytest.param(activity, fault, marks=pytest.mark.slow if activity == "PCAM_RING" and fault != "dead" else [])
    for activity in ENOUGH
    for fault in IN_THE_MIDDLE
]


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("activity", "fault"), PAIRS)
def test_what_fails_in_the_middle_is_told_and_its_product_says_that_it_is_partial(observe, activity, fault):
    trouble = IN_THE_MIDDLE[fault].format(instrument=INSTRUMENT[activity])
    received, observations = observe(LINES[activity], "then: after it + 2h vnis_calibrate", trouble=[trouble])
    (failure,) = events(received, "ACTIVITY_FAILED")
    assert (failure["activity"], failure["reason"]) == (activity, REASONS[fault])
    assert [event["activity"] for event in events(received, "ACTIVITY_DONE")] == ["VNIS_CALIBRATE"]
    if fault in ("fails", "flash"):
        (told,) = events(received, "INSTRUMENT_FAULT")
        assert (told["instrument"], told["fault"]) == (
            INSTRUMENT[activity],
            "NO_DATA" if fault == "fails" else "NO_STORE",
        )
    partial = [it for it in observations if it.product.head["activity"] != "VNIS_CALIBRATE"]
    assert partial
    for it in partial:
        if it.product.state == "WHOLE":
            continue  # a ring, or a part of a sounding, that was full before
        cut = fault in ("flash", "reset")
        assert it.product.state == ("CUT" if cut else "PARTIAL")
        assert it.product.reason == (None if cut else REASONS[fault])
    if fault not in ("flash", "reset"):
        told = events(received, "PRODUCT_PARTIAL")
        assert {event["reason"] for event in told} == {REASONS[fault]}
        for event in told:
            file = next(file for it in partial for file in it.files if file.number == event["number"])
            assert file.product.head["records"] == event["records"] == len(file.product.samples)
            assert file.product.verified


@pytest.mark.parametrize("policy", POLICIES)
def test_what_follows_is_what_the_plan_s_policy_says(observe, policy):
    received, _ = observe(
        f"it: at 2020-11-11T03:00:00Z vnis_detect else {policy}",
        "then: after it + 1h asan_observe minutes=5",
        trouble=[IN_THE_MIDDLE["fails"].format(instrument="VNIS")],
    )
    end = events(received, "PLAN_END")
    done = [event["activity"] for event in events(received, "ACTIVITY_DONE")]
    if policy == "skip":
        assert (done, end[-1]["done"], end[-1]["failed"]) == (["ASAN_OBSERVE"], 1, 1)
    else:
        assert done == []
    assert bool(received.told("SAFE_ENTER")) == (policy == "safe")


def test_without_memory_it_does_not_begin(observe):
    received, observations = observe(
        "it: at 2020-11-11T03:00:00Z asan_observe minutes=5",
        trouble=["2020-11-11T02:30Z memory_squeeze kib=50 for 1h"],
    )
    (told,) = events(received, "INSTRUMENT_FAULT")
    assert (told["instrument"], told["fault"]) == ("ASAN", "NO_MEMORY")
    assert [event["reason"] for event in events(received, "ACTIVITY_FAILED")] == ["INSTRUMENT_FAILED"]
    assert observations == []


@pytest.mark.slow
def test_what_one_reset_interrupts_comes_down_after_it(observe):
    """The files are on the board; one that was on its way begins anew, under its own number."""
    received, observations = observe(
        "it: at 2020-11-11T03:00:00Z pcam_ring pitches=1", trouble=["2020-11-11T03:10:02Z reset"]
    )
    assert events(received, "ACTIVITY_FAILED") == []
    (ring,) = observations
    assert (ring.product.state, ring.product.verified, len(ring.files)) == ("WHOLE", True, 1)


@pytest.mark.slow
@pytest.mark.parametrize("bits", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_on_a_bad_line_what_is_missing_is_told_to_the_octet(observe, observed, bits):
    _, (whole,) = observed("PCAM_RING")
    _, observations = observe(
        ONE_OF_EACH["PCAM_RING"][0], trouble=[f"2020-11-11T03:00Z link_noisy bits={bits} for 1h"], damaged=True
    )
    (it,) = observations
    octets, good = it.files[0].octets, whole.files[0].octets
    assert len(octets) == len(good)
    gaps = it.files[0].missing
    assert sum(length for _, length in gaps) == it.missing > 0
    there = np.ones(len(good), bool)
    for offset, length in gaps:
        there[offset : offset + length] = False
    same = np.frombuffer(octets, np.uint8) == np.frombuffer(good, np.uint8)
    assert same[there].all()
    assert not it.product.verified
