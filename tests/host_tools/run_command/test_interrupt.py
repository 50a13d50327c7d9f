"""Ctrl-C ends `yutu2 run` in good order: what was received is kept, whole."""

import os
import signal
import time

import pytest

DAYS_3000 = ["--start", "2019-01-04", "--days", "3000"]
RUNS = {
    "paced": ["--start", "2020-11-12", "--days", "1", "--speed", "600"],
    "paced, cpython": ["--start", "2020-11-12", "--days", "1", "--speed", "600", "--target", "cpython"],
    "max": DAYS_3000,
    "max, cpython": [*DAYS_3000, "--target", "cpython"],
}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("options", RUNS.values(), ids=list(RUNS))
def test_what_was_received_is_kept_whole(start, kept, yutu2, tmp_path, options):
    run = kept(tmp_path / "run")
    process = start("run", *options, "--out", run.folder)
    downlink = run.folder / "downlink.tm"
    while not (downlink.exists() and downlink.stat().st_size):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, err) == (130, b"")
    assert b"\nInterrupted: " in out
    summary = run.summary
    assert summary["interrupted"] is True
    # The rover has sent the frame that was open; the packet that it was at may be cut
    assert summary["account"]["octets"]["skipped"] == 0
    assert summary["account"]["packets"]["incomplete"] <= 1
    assert not any(counts["lost"] for counts in summary["account"]["apids"].values())
    assert summary["downlink"]["octets"] == len(run.downlink) == 1119 * summary["account"]["frames"]["good"]
    assert len(run.packets) == summary["account"]["packets"]["good"] > 0
    decoded = yutu2("decode", downlink, "--format", "jsonl")
    assert decoded.out == (run.folder / "packets.jsonl").read_bytes()


@pytest.mark.slow
def test_a_sleeping_rover_is_interrupted_at_once(start, kept, tmp_path):
    run = kept(tmp_path / "run")
    process = start("run", "--start", "2020-12-01", "--days", "1", "--speed", "1", "--out", run.folder)
    while not run.folder.exists():
        time.sleep(0.01)
    time.sleep(0.5)  # the rover's start-up is over
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (130, b"")
    assert run.summary["interrupted"] is True
    assert run.downlink == b""


# ms from when its folder is there
@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "moment", [pytest.param(ms, marks=[] if ms in (0, 16, 32) else pytest.mark.slow) for ms in range(0, 40, 4)]
)
def test_ctrl_c_while_the_rover_starts_is_an_interrupt_too(start, kept, tmp_path, moment):
    run = kept(tmp_path / "run")
    process = start("run", "--start", "2020-11-12", "--days", "1", "--speed", "60", "--out", run.folder)
    while not run.folder.exists():
        time.sleep(0.001)
    time.sleep(moment / 1000)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert err in (b"", b"yutu2: interrupted\n")  # before there is a rover, nothing else reports it


@pytest.mark.sampled(1)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP], ids=["terminated", "terminal closed"])
def test_a_run_that_is_ended_takes_its_rover_along(start, tmp_path, how):
    witness, survived, alive = (tmp_path / name for name in ("micropython", "survived", "alive"))
    os.mkfifo(alive)
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    # It would run for a minute, in short sleeps: the one that is under way when it is killed ends on its own
    witness.write_text(
        f'#!/bin/sh\nexec 3> "{alive}"\necho octets\nfor turn in $(seq 600); do sleep 0.1; done\ntouch "{survived}"\n'
    )
    witness.chmod(0o755)
    process = start("run", "--micropython", witness, "--out", tmp_path)
    while not (tmp_path / "downlink.tm").exists():
        time.sleep(0.01)
    process.send_signal(how)
    process.wait()
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # the last process that holds it has ended
    os.close(reader)
    assert not survived.exists()
