"""`yutu2 run` with other craft, times, targets."""

import socket
import threading
import time

import pytest

SETTLE_S = 0.3  # pyserial throws away what comes while it opens a line


def test_the_lander_lives_its_own_day(live):
    done, kept = live("--craft", "lander")
    assert done.status == 0
    steps = [
        entry["text"].partition(" done, ")[0] for entry in kept.summary["timeline"] if entry["name"] == "STEP_DONE"
    ]
    assert steps == ["WARM_UP", "WING_OPEN", "PAYLOAD_ON"]
    assert kept.names == [
        "SUNRISE",
        "LANDER_WAKE",
        "NIGHT_COLD",
        *["STEP_DONE"] * 3,
        "ACTIVE_START",
        "LANDER_SLEEP",
        "SUNSET",
    ]
    (wake,) = [entry for entry in kept.summary["timeline"] if entry["name"] == "LANDER_WAKE"]
    assert wake["published"] == "2020-11-09T19:12:00.000Z"
    assert kept.downlink[4:6] == bytes.fromhex("0041")  # spacecraft 4, channel 0


@pytest.mark.slow  # all pictures of a lunar day
def test_lunar_day_1_begins_awake_after_the_landing(live):
    done, first_day = live("--lunar-day", "1")
    assert done.status == 0
    of_the_day = [name for name in first_day.names if not name.startswith(("PLAN_", "ACTIVITY_", "PRODUCT_"))]
    assert of_the_day == ["NAP_START", "NAP_END", "PARKING_START", *["STEP_DONE"] * 6, "ROVER_SLEEP", "SUNSET"]
    assert {entry["lunar_day"] for entry in first_day.summary["timeline"]} == {1}
    assert first_day.packets[0]["time"] == "2019-01-03T14:22:00.000Z"
    assert first_day.packets[0]["name"] == "TIME"


@pytest.mark.slow
def test_a_span_in_mid_day(live):
    done, kept = live("--start", "2020-11-12T06:00:00Z", "--days", "0.25")
    assert done.status == 0
    # Its plan has a drive with the radar in these hours
    ended = ["ACTIVITY_DONE", *["PRODUCT_READY"] * 2, "ACTIVITY_DONE"]
    assert kept.names == ["PLAN_BEGIN", *["ACTIVITY_START"] * 2, *ended]
    times = [packet["time"] for packet in kept.packets]
    assert (times[0], times[-1]) == ("2020-11-12T06:00:00.000Z", "2020-11-12T12:00:00.000Z")
    assert kept.summary["options"] == {
        "craft": "rover",
        "start": "2020-11-12T06:00:00Z",
        "days": "0.25",
        "seed": "7",
        "speed": "max",
    }


def test_a_night_brings_nothing_and_says_so(live):
    done, kept = live("--start", "2020-12-01", "--days", "1")
    assert done.status == 0
    assert "Nothing came down: the craft was asleep all the time." in done.out.decode()
    assert (kept.downlink, kept.packets, kept.names) == (b"", [], [])
    assert kept.summary["account"]["octets"]["total"] == 0


def test_a_firmware_that_sends_nothing_though_the_rover_is_awake_is_not_called_asleep(live, tmp_path):
    silent = tmp_path / "micropython"
    silent.write_text("#!/bin/sh\n")
    silent.chmod(0o755)
    done, _ = live("--start", "2020-11-12", "--days", "1", "--micropython", silent)
    assert "Nothing came down, though the craft was awake: its firmware has not run" in done.out.decode()


@pytest.fixture(scope="module")
def hours(live):
    """(options, a run by them) of a few hours, and without observations: pictures take longer than the rover."""
    options = ["--start", "2020-11-13T00:00:00Z", "--days", "0.5"]
    done, kept = live(*options)
    assert (done.status, done.err) == (0, "")
    assert len(kept.downlink) > 20 * 1119
    return options, kept


def test_another_seed_is_another_downlink(live, hours):
    options, usual = hours
    _, kept = live(*options, "--seed", "8")
    assert kept.downlink != usual.downlink
    assert kept.summary["options"]["seed"] == "8"


def test_cpython_sends_the_same(live, hours):
    options, usual = hours
    done, kept = live(*options, "--target", "cpython")
    assert (done.status, done.err) == (0, "")
    assert kept.downlink == usual.downlink


def test_the_micropython_that_is_given_is_used(live, hours, micropython, tmp_path):
    options, usual = hours
    witness = tmp_path / "micropython"
    witness.write_text(f'#!/bin/sh\ntouch "{tmp_path}/used"\nexec "{micropython}" "$@"\n')
    witness.chmod(0o755)
    _, kept = live(*options, "--micropython", witness)
    assert kept.downlink == usual.downlink
    assert (tmp_path / "used").exists()


def test_a_paced_run_gives_the_packets_of_a_fast_one(live):
    span = ["--start", "2020-11-12", "--days", "0.02"]
    _, fast = live(*span)
    done, paced = live(*span, "--speed", "3600")
    assert done.status == 0

    def told(kept):
        frame_fields = ("frames_sent", "frames_dropped", "packets_sent")
        return [
            (packet["time"], {name: value for name, value in packet["fields"].items() if name not in frame_fields})
            for packet in kept.packets
            if packet["name"] in ("HK_COMPUTER", "HK_POWER")
        ]

    assert told(paced) == told(fast)


@pytest.fixture
def station(morning):
    """The URL of a station that passes on a morning."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                time.sleep(SETTLE_S)
                connection.sendall(morning)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_a_stream_from_a_socket_is_received_and_kept(live, station, morning):
    done, kept = live("--target", station)
    assert (done.status, done.err) == (0, "")
    assert done.out.decode().startswith(f"Listening to {station}\n")
    assert kept.downlink == morning
    assert kept.names == ["ROVER_WAKE", "NIGHT_COLD", "PLAN_BEGIN", *["STEP_DONE"] * 5, "ACTIVE_START"]
    assert kept.summary["account"]["frames"]["good"] == 25


def test_a_line_of_its_own_lives_by_its_own_options(live):
    done, kept = live("--target", "emulator://unix?lunar_day=3&craft=lander")
    assert kept.names[:6] == ["LANDER_WAKE", "NIGHT_COLD", *["STEP_DONE"] * 3, "ACTIVE_START"]
    assert kept.summary["options"] == {}
    assert done.out.decode().startswith("Listening to emulator://unix?lunar_day=3&craft=lander\n")
