"""Control of housekeeping: what the ground switches off is silent, what it asks for comes, and when."""

import pytest
from yutu2.dictionary.model import load
from yutu2.firmware import to_seconds

PERIODS_S = {"HK_COMPUTER": 60, "HK_POWER": 300, "HK_DRIVE": 1800}
DONE = ["TC_ACCEPTED", "TC_STARTED", "TC_DONE"]
NOT_PERIODIC = [packet for packet in load().packets if packet.service == 3 and packet.period_s is None]


def names(reports):
    return [report.name for report in reports]


def seconds_of(ground, reports, name):
    """When a structure was reported, in seconds since the begin of the run."""
    return [to_seconds(report.time) - ground.start_s for report in reports if report.name == name]


def test_by_default_each_comes_in_its_period(ground):
    reports = ground.run(3600)
    for name, period_s in PERIODS_S.items():
        assert seconds_of(ground, reports, name) == list(range(period_s, 3601, period_s))


@pytest.mark.parametrize("name", PERIODS_S)
def test_what_is_disabled_comes_no_more_and_all_else_does(ground, name):
    assert names(ground.send(f"HK_DISABLE structure={name}")) == DONE
    told = set(names(ground.run(3600)))
    assert told >= PERIODS_S.keys() - {name}
    assert name not in told


def test_what_is_enabled_again_comes_at_once_and_then_in_its_period(ground):
    ground.send("HK_DISABLE structure=HK_COMPUTER,HK_POWER")
    ground.run(100)
    reports = ground.send("HK_ENABLE structure=HK_POWER,HK_COMPUTER")
    assert names(reports) == ["TC_ACCEPTED", "TC_STARTED", "HK_POWER", "HK_COMPUTER", "TC_DONE"]
    assert seconds_of(ground, ground.run(130), "HK_COMPUTER") == [160, 220]


def test_what_is_enabled_already_goes_on_as_it_was(ground):
    ground.run(30)
    assert names(ground.send("HK_ENABLE structure=HK_COMPUTER")) == DONE
    assert seconds_of(ground, ground.run(100), "HK_COMPUTER") == [60, 120]


def test_a_new_period_counts_from_the_command_on(ground):
    ground.run(30)
    assert names(ground.send("HK_PERIOD structure=HK_COMPUTER,HK_DRIVE period=7,100")) == DONE
    reports = ground.run(210)
    assert seconds_of(ground, reports, "HK_COMPUTER") == list(range(37, 241, 7))
    assert seconds_of(ground, reports, "HK_DRIVE") == [130, 230]


def test_a_period_set_while_it_is_disabled_holds_when_it_is_enabled(ground):
    ground.send("HK_DISABLE structure=HK_COMPUTER")
    assert names(ground.send("HK_PERIOD structure=HK_COMPUTER period=10")) == DONE
    assert seconds_of(ground, ground.run(50), "HK_COMPUTER") == []
    ground.send("HK_ENABLE structure=HK_COMPUTER")
    assert seconds_of(ground, ground.run(30), "HK_COMPUTER") == [60, 70, 80]


def test_one_shot_comes_once_enabled_or_not_and_moves_nothing(ground):
    ground.send("HK_DISABLE structure=HK_DRIVE")
    ground.run(30)
    reports = ground.send("HK_ONE_SHOT structure=HK_DRIVE,HK_COMPUTER")
    assert names(reports) == ["TC_ACCEPTED", "TC_STARTED", "HK_DRIVE", "HK_COMPUTER", "TC_DONE"]
    reports = ground.run(3600)
    assert seconds_of(ground, reports, "HK_DRIVE") == []
    assert seconds_of(ground, reports, "HK_COMPUTER")[0] == 60


def test_it_lives_on_over_the_night(make_ground):
    ground = make_ground(start="2020-11-21T14:00")
    ground.send("HK_DISABLE structure=HK_POWER")
    ground.send("HK_PERIOD structure=HK_COMPUTER period=1200")
    reports = ground.run(18 * 86400)
    woke_s = to_seconds(next(report.time for report in reports if report.name == "ROVER_WAKE")) - ground.start_s
    assert "HK_POWER" not in names(reports)
    of_the_morning = [s - woke_s for s in seconds_of(ground, reports, "HK_COMPUTER") if s >= woke_s]
    assert of_the_morning[:3] == [0, 1200, 2400]


def test_a_restart_ends_it(make_ground):
    ground = make_ground("2020-11-11T07:00:00Z reset")
    ground.send("HK_DISABLE structure=HK_POWER")
    ground.send("HK_PERIOD structure=HK_COMPUTER period=1200")
    reports = ground.run(3600 + 20 + 300)
    assert seconds_of(ground, reports, "HK_POWER") == [3620, 3920]
    assert seconds_of(ground, reports, "HK_COMPUTER")[-3:] == [3800, 3860, 3920]


# --- Instruments ---


@pytest.fixture
def observing(make_ground):
    """A rover whose ASAN observes for 10 minutes from the 60th second on."""
    return make_ground(plan="atoms: at 2020-11-11T06:01:00Z asan_observe minutes=10")


def test_an_instrument_s_is_controlled_while_it_is_on(observing):
    observing.run(130)
    assert names(observing.send("HK_PERIOD structure=HK_ASAN period=5")) == DONE
    assert seconds_of(observing, observing.run(12), "HK_ASAN") == [135, 140]
    assert "HK_ASAN" in names(observing.send("HK_ONE_SHOT structure=HK_ASAN"))
    observing.send("HK_DISABLE structure=HK_ASAN")
    assert "HK_ASAN" not in names(observing.run(3600))


@pytest.mark.parametrize("command", ["HK_ENABLE", "HK_DISABLE", "HK_ONE_SHOT"])
@pytest.mark.parametrize("when_s", [30, 3600])
def test_one_that_is_off_has_none(observing, command, when_s):
    observing.run(when_s)
    reports = observing.send(f"{command} structure=HK_ASAN")
    assert names(reports) == ["TC_ACCEPTED", "TC_START_FAILED"]
    assert (reports[1].fields["code"], reports[1].raw["data"]) == ("UNKNOWN_ID", 18)


# --- Failures ---


@pytest.mark.parametrize("structure", NOT_PERIODIC, ids=lambda packet: packet.name)
def test_what_is_not_periodic_is_not_known_to_it(ground, structure):
    if structure.selector <= 19:
        failed, code = "TC_START_FAILED", "UNKNOWN_ID"
    else:
        failed, code = "TC_REFUSED", "WRONG_ARGUMENT"
    reports = ground.send_data(3, 27, bytes([1, 0, structure.selector]))
    assert (reports[-1].name, reports[-1].fields["code"]) == (failed, code)


def test_one_that_is_wrong_lets_none_be_done(ground):
    # HK_POWER, 3 and HK_DRIVE
    reports = ground.send_data(3, 6, bytes([3, 0, 2, 0, 3, 0, 4]))
    assert names(reports) == ["TC_ACCEPTED", "TC_START_FAILED"]
    assert (reports[1].fields["code"], reports[1].raw["data"]) == ("UNKNOWN_ID", 3)
    assert set(names(ground.run(3600))) >= {"HK_POWER", "HK_DRIVE"}


def test_a_lander_has_no_housekeeping_of_driving(make_ground):
    ground = make_ground(craft="lander")
    reports = ground.send("HK_ONE_SHOT structure=HK_DRIVE")
    assert (reports[-1].name, reports[-1].fields["code"]) == ("TC_START_FAILED", "UNKNOWN_ID")
    assert "HK_POWER" in names(ground.send("HK_ONE_SHOT structure=HK_POWER"))
