"""A run under control of the ground, on both runtimes: each of these commands, and what comes of it over a restart."""

import sys

from yutu2.dictionary.model import load
from yutu2.mission.uplink_file import compile_uplink

COMMANDS = """
2020-11-11T06:00:10Z      HK_DISABLE structure=HK_POWER
2020-11-11T06:00:11Z      HK_PERIOD structure=HK_COMPUTER,HK_DRIVE period=30,90
2020-11-11T06:00:12Z      HK_ONE_SHOT structure=HK_DRIVE,HK_POWER
2020-11-11T06:00:13Z      HK_ENABLE structure=HK_POWER
2020-11-11T06:00:14Z      HK_ONE_SHOT structure=HK_LPR
2020-11-11T06:00:20Z      EVENTS_DISABLE event=ROVER_SLEEP,CRASH_REPORT
2020-11-11T06:00:21Z      EVENTS_ENABLE event=CRASH_REPORT
2020-11-11T06:00:30Z      TIME_RATE rate=0
2020-11-11T06:00:31.999Z  TIME_SET time=2030-01-01T00:00:00.777Z
2020-11-11T06:00:40Z      MONITOR_DISABLE monitor=MON_HOT
2020-11-11T06:00:41Z      MONITOR_ENABLE monitor=MON_HOT,MON_COMMANDS
2020-11-11T06:00:50Z      PARAMETER_SET parameter=HAZARD_HEIGHT,HEATER_ON value=0.3,-20
2020-11-11T06:00:51Z      PARAMETER_SET parameter=COMMAND_LOSS_H value=1
2020-11-11T09:00:00Z      PARAMETER_REPORT parameter=HAZARD_HEIGHT,HEATER_ON,COMMAND_LOSS_H
"""
REFUSED = {"HK_ONE_SHOT structure=HK_LPR"}


def test_all_are_done_and_the_same_comes_of_them_on_each_runtime(
    unix_port, run_rover, tmp_path, compile_to, receive_whole
):
    path = tmp_path / "uplink"
    uplink = compile_uplink(COMMANDS, "uplink", load())
    path.write_text(uplink.compiled())
    scenario = compile_to("2020-11-11T08:00:00Z reset")
    options = ("--start=2020-11-11T06:00", "--days=0.2", f"--uplink={path}", f"--scenario={scenario}")
    done = [run_rover(interpreter, *options) for interpreter in (unix_port, (sys.executable,))]
    assert [run.returncode for run in done] == [0, 0], done[0].stderr
    assert done[0].stdout == done[1].stdout
    received = receive_whole(done[0].stdout)
    commands = len(uplink.commands)
    assert [len(received.told(name)) for name in ("TC_ACCEPTED", "TC_DONE", "TC_START_FAILED")] == [
        commands,
        commands - len(REFUSED),
        len(REFUSED),
    ]
    assert len(received.told("CRASH_REPORT", "NO_COMMANDS", "CLOCK_JUMPED")) == 1
    (report,) = received.told("PARAMETERS")
    assert report.fields["value"] == [0.3, -20.0, 1]
    assert report.time.year == 2030
