"""What became of the commands of an uplink file: by the rover's reports, and why there is none."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from yutu2.dictionary.model import load
from yutu2.mission.uplink_file import compile_uplink
from yutu2.runs.command_outcomes import UplinkOutcomes, lines
from yutu2.uplink.encode import packet, requests_in

NOON = datetime(2020, 11, 12, 12, tzinfo=UTC)
SPAN = (NOON - timedelta(hours=1), NOON + timedelta(hours=1))
DRIVE, SET = "DRIVE bearing=315 distance=5.5", "PARAMETER_SET parameter=HAZARD_HEIGHT value=0.25"
TEXT = f"""\
2020-11-12T12:00:00Z  PING
2020-11-12T12:01:00Z  {DRIVE}
2020-11-12T12:02:00Z  {SET}
"""


class Rover:
    """A rover that reports as it is told to, and else sends housekeeping each minute."""

    def __init__(self, craft, text=TEXT):
        self.uplink = compile_uplink(text, "day.uplink", load())
        self.outcomes = UplinkOutcomes(self.uplink, load())
        self._craft = craft

    def awake(self, start, end):
        for minute in range((end - start) // timedelta(minutes=1) + 1):
            self._craft.tell("HK_COMPUTER", start + timedelta(minutes=minute))

    def says(self, number, *stages, minute=0, **fields):
        """Report on the command of a number, or of (number, of one in it)."""
        octets = self.packets[number] if isinstance(number, int) else self.inner(*number)
        request = {"packet_id": int.from_bytes(octets[:2]), "sequence_control": int.from_bytes(octets[2:4])}
        for stage in stages:
            extra = fields if "FAIL" in stage or "REFUSED" in stage else {}
            self._craft.tell(stage, NOON + timedelta(minutes=minute), **request, **extra)

    @property
    def packets(self):
        return self.uplink.packets()

    def inner(self, number, place):
        counts = [one.request.packets for one in self.uplink.commands[:number]]
        requests = list(requests_in(self.uplink.commands[number].request))
        return packet(requests[place], self.uplink.apid, sum(counts) + place)

    def lines(self, span=SPAN):
        for report in self._craft.reports:
            self.outcomes.take(report)
        return lines(self.outcomes.outcomes(span))


@pytest.fixture
def rover(craft):
    return lambda text=TEXT: Rover(craft, text)


def test_each_command_has_a_line_and_the_last_one_counts_them(rover):
    it = rover()
    it.says(0, "TC_ACCEPTED", "TC_STARTED", "TC_DONE")
    it.says(1, "TC_ACCEPTED", minute=1)
    it.says(1, "TC_START_FAILED", minute=1, code="NOT_IN_MODE", data=5)
    it.says(2, "TC_ACCEPTED", "TC_STARTED", minute=2)
    it.says(2, "TC_FAILED", minute=2, code="FAILED", data=3)
    assert it.lines() == [
        "  UTC                      outcome    command",
        "  2020-11-12 12:00:00.000  done       PING",
        f"  2020-11-12 12:01:00.000  refused    {DRIVE}: NOT_IN_MODE: the mode is SAFE (failure 7)",
        f"  2020-11-12 12:02:00.000  failed     {SET}: FAILED: 3 (failure 10)",
        "3 commands: 1 done, 1 refused, 1 failed",
    ]


def test_one_that_is_refused_at_once_and_one_that_is_not_over(rover):
    it = rover()
    it.says(0, "TC_REFUSED", code="NO_ROOM", data=0)
    it.says(1, "TC_ACCEPTED", "TC_STARTED", minute=1)
    assert [line[27:36].strip() for line in it.lines()[1:3]] == ["refused", "not over"]
    assert "TC_STARTED was the last report on it" in it.lines()[2]


def test_a_dormant_rover_is_the_reason_of_no_report(rover, craft):
    it = rover()
    it.awake(NOON - timedelta(hours=1), NOON - timedelta(minutes=2))
    craft.tell("ROVER_SLEEP", NOON - timedelta(minutes=1))
    it.awake(NOON + timedelta(minutes=50), NOON + timedelta(hours=1))
    assert it.lines()[1:] == [
        f"  2020-11-12 12:0{minute}:00.000  no report  {what}: the rover was dormant, receiver off"
        for minute, what in enumerate(TEXT.splitlines()[n][22:] for n in range(3))
    ] + ["3 commands: 3 no report"]


def test_silence_without_sleep_is_told_apart(rover):
    it = rover()
    it.awake(NOON - timedelta(hours=1), NOON - timedelta(minutes=1))
    assert all("nothing was received from the rover at that time" in line for line in it.lines()[1:4])


def test_before_it_wakes_it_is_dormant_though_no_one_heard_it_sleep(rover):
    text = "2020-11-08T12:00:00Z  PING\n"
    assert "the rover was dormant, receiver off" in rover(text).lines(None)[1]


def test_one_that_is_lost_does_not_take_those_that_follow_along(rover):
    it = rover("2020-11-12T11:00:00Z  PING\n" + TEXT)
    it.awake(NOON - timedelta(minutes=5), NOON + timedelta(hours=1))
    told = it.lines()
    assert "nothing was received" in told[1]
    assert all("the rover was receiving, and did not report on it" in line for line in told[2:5])


def test_what_lies_outside_the_run_is_not_called_lost_on_the_way(rover):
    it = rover("2020-11-12T15:00:00Z  PING\n")
    it.awake(*SPAN)
    assert it.lines()[1].endswith("PING: its time lies outside the run")


def test_one_that_the_rover_heard_and_did_not_report(rover):
    it = rover()
    it.awake(*SPAN)
    assert it.lines()[1].endswith("PING: the rover was receiving, and did not report on it")


def test_a_command_that_waited_on_board_has_a_line_once_it_was_reported(rover):
    text = "2020-11-12T12:00:00Z SCHEDULE_INSERT sub_schedule=0 time=2020-11-12T13:00:00Z,2020-11-12T13:01:00Z "
    text += "command=(DRIVE bearing=315 distance=5.5),(PING)\n2020-11-12T12:01:00Z PING\n"
    it = rover(text)
    it.says(0, "TC_ACCEPTED", "TC_STARTED", "TC_DONE")
    it.says(1, "TC_ACCEPTED", "TC_STARTED", "TC_DONE", minute=1)
    it.says((0, 1), "TC_ACCEPTED", minute=2)
    it.says((0, 1), "TC_START_FAILED", minute=2, code="NOT_IN_MODE", data=5)
    told = it.lines()
    assert told[2].strip() == (
        "on board  refused    DRIVE bearing=315 distance=5.5: NOT_IN_MODE: the mode is SAFE (failure 7)"
    )
    assert told[-1] == "2 commands: 2 done; of those that waited on board: 1 refused"
    assert len(told) == 5


@pytest.mark.slow
def test_more_commands_than_a_sender_follows_at_once_are_all_followed(rover):
    text = "".join(f"2020-11-12T12:{at // 60 % 60:02}:{at % 60:02} PING\n" for at in range(1200))
    it = rover(text)
    for number in range(1200):
        it.says(number, "TC_DONE")
    assert it.lines()[-1] == "1200 commands: 1200 done"


def test_none_and_one_are_counted_in_good_english(rover):
    assert rover("# nothing\n").lines()[-1] == "0 commands"
    it = rover("2020-11-12T12:00:00Z PING\n")
    it.says(0, "TC_DONE")
    assert it.lines()[-1] == "1 command: 1 done"


DAY = """\
2020-11-12T04:00:00Z      PLAN_STOP
2020-11-12T04:00:10Z      DRIVE bearing=315 distance=1
2020-11-12T04:00:11Z      DRIVE bearing=315 distance=1
"""


@pytest.fixture(scope="module")
def ran(yutu2, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    (folder / "day.uplink").write_text(DAY)
    options = ["--start", "2020-11-12T03:59", "--days", "0.02", "--uplink", folder / "day.uplink"]
    return yutu2("run", *options, "--out", folder / "out"), folder


class TestRun:
    def test_it_prints_each_command_and_the_count_and_ends_well(self, ran):
        done, _ = ran
        assert (done.status, done.err) == (0, "")
        assert done.out.decode().splitlines()[-5:] == [
            "  UTC                      outcome    command",
            "  2020-11-12 04:00:00.000  done       PLAN_STOP",
            "  2020-11-12 04:00:10.000  done       DRIVE bearing=315 distance=1",
            "  2020-11-12 04:00:11.000  refused    DRIVE bearing=315 distance=1: IN_USE: by a command (failure 72)",
            "3 commands: 2 done, 1 refused",
        ]

    def test_the_summary_has_them_too(self, ran):
        commands = json.loads((ran[1] / "out" / "summary.json").read_text())["commands"]
        assert [one["outcome"] for one in commands] == ["done", "done", "refused"]
        assert commands[2] == {
            "time": "2020-11-12T04:00:11.000Z",
            "command": "DRIVE bearing=315 distance=1",
            "contained": False,
            "outcome": "refused",
            "code": 72,
            "reason": "IN_USE: by a command",
        }

    def test_a_rover_behind_a_url_has_them_too(self, ran, yutu2):
        url = f"emulator://unix?start=2020-11-12T03:59&days=0.02&speed=max&uplink={ran[1] / 'day.uplink'}"
        done = yutu2("run", "--target", url)
        assert done.out.decode().splitlines()[-1] == "3 commands: 2 done, 1 refused"
