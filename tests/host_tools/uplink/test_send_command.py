"""`yutu2 send` to a rover at a serial device: each stage, and an exit status that says what happened."""

import pytest

TIME = "2020-11-12 06:00:00.000"


def test_what_is_done_is_shown_stage_by_stage(yutu2, device):
    done = yutu2("send", "ping", "--to", device)
    assert (done.status, done.err) == (0, "")
    assert done.out.decode().splitlines() == [
        "PING",
        "  taken in frame 0",
        f"  {TIME}  TC_ACCEPTED",
        f"  {TIME}  TC_STARTED",
        f"  {TIME}  ALIVE",
        f"  {TIME}  TC_DONE",
    ]


def test_one_command_follows_another(yutu2, device, far_rover):
    for number in range(3):
        done = yutu2("send", "DRIVE", "bearing=315", "distance=5.50", "--to", device)
        assert done.out.decode().splitlines()[:2] == [
            "DRIVE bearing=315 distance=5.5",
            f"  taken in frame {number}",
        ]
        assert done.status == 0
    assert far_rover.commands == [(8, 1)] * 3


def test_what_is_refused_has_status_1(yutu2, device, far_rover):
    far_rover.stages = [("TC_REFUSED", {"code": "NOT_IN_MODE", "data": 5})]
    done = yutu2("send", "DRIVE", "bearing=315", "distance=5.5", "--to", device)
    assert done.status == 1
    assert done.err == "yutu2: DRIVE refused: NOT_IN_MODE: the mode is SAFE\n"
    assert done.out.decode().splitlines()[-1] == f"  {TIME}  TC_REFUSED      NOT_IN_MODE: the mode is SAFE"


def test_what_is_not_answered_has_status_3(yutu2, device, far_rover):
    far_rover.stages = []
    done = yutu2("send", "PING", "--to", device, "--timeout", "2")
    assert (done.status, done.out.decode().splitlines()) == (3, ["PING", "  taken in frame 0"])
    assert done.err == ("yutu2: PING is not over after 2 s: the rover has taken it and says nothing of it\n")


def test_past_the_sequence_no_frame_is_told(yutu2, device, far_rover):
    done = yutu2("send", "PING", "--to", device, "--bypass")
    assert (done.status, len(far_rover.written)) == (0, 1)
    assert "taken" not in done.out.decode()


def test_a_rover_known_to_be_asleep_is_told_with_the_time_at_which_it_wakes(yutu2):
    url = "emulator://unix?start=2020-11-25T06:00&days=3&speed=1"
    done = yutu2("send", "PING", "--to", url, "--timeout", "1")
    assert (done.status, done.out) == (3, b"PING\n")
    assert done.err == (
        "yutu2: PING is not over after 1 s: nothing is heard from the rover: it is 2020-11-25 06:00 UTC there; "
        "sunrise 2020-12-07 18:49 UTC, awake some 21 h later\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["PONG"], "unknown command 'PONG'; did you mean PING?"),
        (["DRIVE", "bearing=315"], "DRIVE lacks distance; write DRIVE bearing=... distance=..."),
        (["PING", "--craft", "orbiter"], "unknown craft 'orbiter'; choose from rover, lander"),
    ],
)
def test_wrong_use_opens_no_line(refused, arguments, told):
    assert refused("send", *arguments, "--to", "/dev/none") == f"yutu2: {told}"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("key=%00", "key holds a character NUL"),
        ("plan=a%00b", "plan holds a character NUL"),
        ("seed=%ff", "seed is no "),
    ],
)
def test_a_url_with_octets_that_no_option_has_is_refused_in_one_line(refused, query, told):
    line = refused("send", "PING", "--to", f"emulator://unix?{query}")
    assert line.startswith(f"yutu2: emulator://unix?{query}: {told}")


def test_a_line_that_is_not_there_is_told(refused):
    assert "/dev/none: no such serial port; " in refused("send", "PING", "--to", "/dev/none")
    assert refused("send", "PING") == "yutu2: Missing option '--to'. (see yutu2 send --help)"
