"""A rover that is switched off and on while its line stays open."""

import socket
import threading
from contextlib import closing

import pytest
import yutu2
from yutu2.runs.client import Rover

UNIT = 1119


@pytest.fixture
def restarted_on_a_socket(morning):
    """URL of a serial server behind which a rover sends the same morning twice, power-cycled after 12 frames."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        line, _ = server.accept()
        with line:
            line.sendall(morning[: 12 * UNIT + 300] + b"\r\nboot\r\n" + morning)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"socket://127.0.0.1:{server.getsockname()[1]}"
    thread.join()
    server.close()


def test_its_reports_go_on_to_come(restarted_on_a_socket):
    reports = []
    with (
        closing(yutu2.connect(restarted_on_a_socket)) as rover,
        pytest.raises(yutu2.NoAnswer, match="the line has ended"),
    ):
        while True:
            reports += rover.poll()
    first, second = ([report for report in reports if report.run == run] for run in (0, 1))
    assert len(first) > 100
    assert [report.packet.data for report in second[: len(first)]] == [report.packet.data for report in first]
    assert len(second) > len(first)


@pytest.fixture
def restart(stand_in, craft_like, make_receiver):
    """`restart()`: power off and on; its counts and those of COP-1 are 0. It tells nothing yet."""

    def restart():
        stand_in.craft = craft_like(24)
        stand_in.receiver.octets[:] = b"\x01\x00\x00\x00"
        stand_in._frames = 0

    return restart


@pytest.mark.parametrize("before", [1, 5, 12, 30])
def test_the_next_command_is_done_within_seconds(stand_in, restart, before):
    with closing(Rover("a line")) as rover:
        for _ in range(before):
            rover.send("PING")
        restart()
        began = stand_in.now
        assert rover.send("PING").is_done
        assert stand_in.now - began < 5
    assert stand_in.commands == [(17, 1)] * (before + 1)


def test_commands_sent_at_once_after_it_are_done_once_each(stand_in, restart):
    with closing(Rover("a line")) as rover:
        for _ in range(4):
            rover.send("PING")
        restart()
        sent = [rover.post("PING") for _ in range(5)]
        for one in sent:
            rover.wait(one)
    assert stand_in.commands == [(17, 1)] * 9


def test_a_restarted_rover_is_awake_for_all_one_knows(stand_in, restart):
    with closing(Rover("a line")) as rover:
        rover.send("PING")
        stand_in.tell("HK_COMPUTER")
        stand_in.tell("ROVER_SLEEP", sun_elevation=9.2)
        stand_in.flush()
        for _ in range(3):
            rover.poll()
        assert rover.dormancy is not None
        restart()
        stand_in.tell("HK_COMPUTER", mode="ACTIVE")
        stand_in.flush()
        stand_in.flush()
        for _ in range(3):
            rover.poll()
        assert rover.dormancy is None
        assert rover.send("PING").is_done


def test_a_line_with_other_telemetry_is_named(stand_in, encoder, monkeypatch):
    frames = [encoder.frame(b"", 0x7FE, count=n, spacecraft=77) for n in range(5)]
    monkeypatch.setattr(stand_in, "flush", lambda: None)
    stand_in.craft.sender.frames += frames
    with (
        closing(Rover("a line")) as rover,
        pytest.raises(yutu2.NoAnswer, match="TM frames of 1115 octets of spacecraft 77"),
    ):
        rover.send("PING", timeout_s=5)
