"""A schedule of 100 commands with times to the millisecond, a restart in the middle: on both runtimes, and paced."""

import sys
from datetime import UTC, datetime, timedelta

import pytest
from yutu2.dictionary.model import load
from yutu2.mission.uplink_file import compile_uplink
from yutu2.runs.schedule_load import insertions
from yutu2.uplink.encode import read_request

START = datetime(2020, 11, 11, 6, tzinfo=UTC)
EPOCH = datetime(2019, 1, 1, tzinfo=UTC)
COUNT = 100
# So much after the start each: the restart, from 300 s to 320 s, catches some of them
DUE = sorted(timedelta(milliseconds=30_000 + number * 7919 * 7 % 570_011) for number in range(COUNT))
RESTART = (START + timedelta(seconds=300), START + timedelta(seconds=320))


def uplink_text():
    """An uplink file that fills the schedule."""
    ping = read_request(["PING"], load())
    entries = [((START - EPOCH + due) // timedelta(milliseconds=1), ping) for due in DUE[::2] + DUE[1::2]]
    lines = ["2020-11-11T06:00:05Z SCHEDULE_ENABLE"]
    lines += [f"2020-11-11T06:00:{6 + number:02}Z {request.what}"
              for number, (request, _) in enumerate(insertions(entries, 1017))]  # fmt: skip
    assert len(lines) == 3
    return "\n".join(lines)


@pytest.fixture
def options(tmp_path, compile_to):
    path = tmp_path / "uplink"
    path.write_text(compile_uplink(uplink_text(), "uplink", load()).compiled())
    scenario = compile_to("2020-11-11T06:05:00Z reset")
    return ("--start=2020-11-11T06:00", "--days=0.008", f"--uplink={path}", f"--scenario={scenario}")


def late(received):
    """How late each command was executed, in the order of their times."""
    assert len(received.told("CRASH_REPORT")) == 1
    assert not received.told("SCHEDULE_DROPPED", "TC_REFUSED", "TC_START_FAILED", "TC_FAILED")
    executed = [report.time - START for report in received.told("ALIVE")]
    assert len(executed) == COUNT
    return [at - due for at, due in zip(executed, DUE, strict=True)]


def check(lateness):
    caught = [RESTART[0] <= START + due < RESTART[1] for due in DUE]
    assert 3 <= sum(caught) <= 6
    for due, by, was_caught in zip(DUE, lateness, caught, strict=True):
        assert by == (RESTART[1] - START - due if was_caught else timedelta(0))


def test_each_is_executed_once_at_its_time_and_the_same_on_each_runtime(unix_port, run_rover, receive_whole, options):
    done = [run_rover(interpreter, *options) for interpreter in (unix_port, (sys.executable,))]
    assert [run.returncode for run in done] == [0, 0], done[0].stderr
    assert done[0].stdout == done[1].stdout
    check(late(receive_whole(done[0].stdout)))


@pytest.mark.slow
def test_paced_each_is_executed_once_at_its_time(unix_port, run_rover, receive_whole, options):
    done = run_rover(unix_port, *options, "--speed=60")
    assert done.returncode == 0, done.stderr
    check(late(receive_whole(done.stdout)))
