"""A program commands a rover: what was said of each command, what came of it, and why there is no answer."""

import textwrap
from datetime import timedelta

import pytest
import yutu2
from rover.link.security import Security
from yutu2.dictionary.model import load
from yutu2.runs.client import Rover, request_of
from yutu2.uplink.encode import packet
from yutu2.uplink.security import make_key, read_key

URL = "/dev/ttyACM0"


@pytest.fixture
def rover(stand_in):
    with yutu2.connect(URL) as rover:
        yield rover
    assert stand_in.closed


def fails_with(code, data, stage="TC_REFUSED"):
    """What a rover says of a command that fails so."""
    return [(stage, {"code": code, "data": data})]


def test_a_command_is_done_and_its_answer_is_there(rover, stand_in):
    sent = rover.send("PING")
    assert [report.name for report in sent.reports] == ["TC_ACCEPTED", "TC_STARTED", "TC_DONE"]
    assert (sent.is_done, sent.failure) == (True, None)
    assert stand_in.commands == [(17, 1)]
    assert rover.wait_for("ALIVE").time == stand_in.time


def test_each_report_is_given_once_and_those_from_before_a_command_never(rover):
    rover.send("PING")
    rover.wait_for("ALIVE")
    with pytest.raises(yutu2.NoAnswer, match=r"^no ALIVE in 3 s: "):
        rover.wait_for("ALIVE", 3)
    rover.send("PING")
    rover.send("TIME_RATE", rate=4)
    with pytest.raises(yutu2.NoAnswer):
        rover.wait_for("ALIVE", 3)


def test_what_came_while_nobody_listened_is_no_answer(rover, stand_in):
    stand_in.tell("ALIVE")
    stand_in.flush()
    rover.send("TIME_RATE", rate=4)
    with pytest.raises(yutu2.NoAnswer):
        rover.wait_for("ALIVE", 3)


def test_a_rover_in_a_hurry_is_not_listened_to_for_ever(rover, stand_in, monkeypatch):
    monkeypatch.setattr(type(stand_in), "in_waiting", 1)
    begin = stand_in.now
    rover.post("PING")
    assert stand_in.now - begin < 2


def test_the_count_begins_anywhere(stand_in):
    first = set()
    for _ in range(8):
        with Rover(URL) as rover:
            first.add(rover.post("PING").packet[2:4])
    assert len(first) > 1


def test_many_commands_go_at_once_and_are_waited_for_in_any_order(rover, stand_in):
    sent = [rover.post("TIME_RATE", rate=rate % 9) for rate in range(30)]
    for one in reversed(sent):
        rover.wait(one)
    assert len(stand_in.commands) == 30
    assert [one.transfer.number for one in sent] == list(range(30))
    assert len({one.packet[:4] for one in sent}) == 30


def test_every_stage_is_told(rover, stand_in):
    stand_in.stages[2:2] = [("TC_PROGRESS", {"step": 1}), ("TC_PROGRESS", {"step": 2})]
    lines = []
    rover.wait(rover.post("PING"), tell=lines.append)
    assert lines == [
        "  taken in frame 0",
        "  2020-11-12 06:00:00.000  TC_ACCEPTED",
        "  2020-11-12 06:00:00.000  TC_STARTED",
        "  2020-11-12 06:00:00.000  TC_PROGRESS     step 1",
        "  2020-11-12 06:00:00.000  TC_PROGRESS     step 2",
        "  2020-11-12 06:00:00.000  ALIVE",
        "  2020-11-12 06:00:00.000  TC_DONE",
    ]


@pytest.mark.parametrize(
    ("line", "answer", "told"),
    [
        (
            "PARAMETER_REPORT parameter=HAZARD_HEIGHT",
            ("PARAMETERS", {"parameter": "HAZARD_HEIGHT", "value": 280}),
            ["PARAMETERS      parameter=HAZARD_HEIGHT value=0.28"],
        ),
        (
            "HK_ONE_SHOT structure=HK_DRIVE,HK_LPR",
            ("HK_LPR", {"reading": 1.5, "records": 7}),
            ["HK_LPR          state=OFF records=7 octets=0 reading=1.5"],
        ),
        ("HK_ONE_SHOT structure=HK_DRIVE", ("HK_POWER", {}), []),
        ("EVENTS_ENABLE event=LOAD_DEAD", ("LOAD_DEAD", {"load": "LOAD_MAST"}), ["LOAD_DEAD       load=LOAD_MAST"]),
        ("EVENTS_ENABLE event=LOAD_DEAD", ("PARKING_START", {}), []),
    ],
)
def test_what_answers_a_command_is_told_with_its_stages(rover, stand_in, line, answer, told):
    request = request_of(line.split())
    stand_in.answers = {(request.command.service, request.command.subservice): answer}
    lines = []
    rover.wait(rover.post(request), tell=lines.append)
    assert [one[27:] for one in lines if "TC_" not in one and "taken" not in one] == told


def test_a_frame_that_is_dropped_is_told_at_once(rover, stand_in):
    stand_in.stages = [("FRAME_UNSAFE", {"reason": "FORGED", "count": 1})]
    lines = []
    with pytest.raises(yutu2.CommandFailed):
        rover.wait(rover.post("PING"), 60, lines.append)
    assert "  2020-11-12 06:00:00.000  FRAME_UNSAFE    reason=FORGED count=1" in lines


@pytest.mark.parametrize(
    ("stages", "told"),
    [
        (fails_with("NOT_IN_MODE", 5), "refused: NOT_IN_MODE: the mode is SAFE"),
        (fails_with("WRONG_ARGUMENT", 2 << 16 | 49), "refused: WRONG_ARGUMENT: distance, raw value 49"),
        (fails_with("WRONG_ARGUMENT", 9 << 16), "refused: WRONG_ARGUMENT: argument 9, raw value 0"),
        (fails_with("UNKNOWN_SERVICE", 8), "refused: UNKNOWN_SERVICE: 8"),
        (fails_with("REFUSED", 0), "refused: REFUSED"),
        (fails_with(999, 1), "refused: failure 999: 1"),
        (fails_with(999, 0), "refused: failure 999"),
        (
            [("TC_ACCEPTED", {}), *fails_with("IS_MOVING", 0, "TC_START_FAILED")],
            "refused: IS_MOVING: a commanded drive is under way",
        ),
        (
            [("TC_ACCEPTED", {}), *fails_with("NO_POWER", 600 << 16 | 342, "TC_START_FAILED")],
            "refused: NO_POWER: needs 60.0 W more, 34.2 W available",
        ),
        (
            [
                ("TC_ACCEPTED", {}),
                ("TC_STARTED", {}),
                ("TC_PROGRESS_FAILED", {"step": 1, "code": "HAZARD_AHEAD", "data": 1200}),
                *fails_with("HAZARD_AHEAD", 1200, "TC_FAILED"),
            ],
            "failed: HAZARD_AHEAD: 1.2 m to go",
        ),
    ],
)
def test_a_failure_is_told_in_words(rover, stand_in, stages, told):
    stand_in.stages = stages
    with pytest.raises(yutu2.CommandFailed) as error:
        rover.send("DRIVE", bearing=315, distance=5.5)
    assert str(error.value) == f"DRIVE {told}"


def test_a_move_is_refused_for_reasons_of_its_own(rover, stand_in):
    stand_in.stages = fails_with("NOT_SAFE", 0, "TC_START_FAILED")
    with pytest.raises(yutu2.CommandFailed, match=r"^MOVE refused: NOT_SAFE$"):
        rover.send("MOVE", event="RECOVERED")


def test_in_an_emergency_it_goes_past_the_sequence(rover, stand_in):
    sent = rover.send("PING", bypass=True)
    assert sent.is_done
    assert sent.transfer is None
    assert len(stand_in.written) == 1
    assert stand_in.written[0][2] >> 4 == 2


def test_the_sequence_may_begin_with_any_number(rover, stand_in):
    rover.begin(200)
    assert rover.send("PING").transfer.number == 200
    rover.begin()
    assert rover.send("PING").transfer.number == 201
    assert stand_in.receiver.clcw & 0xFF == 202


def test_what_the_line_loses_is_sent_again(rover, stand_in):
    stand_in.deaf = 2
    begin = stand_in.now
    assert rover.send("PING").is_done
    assert 8 <= stand_in.now - begin < 20
    assert stand_in.commands == [(17, 1)]


@pytest.fixture
def key(tmp_path, stand_in):
    """The path of a key that the rover has, too."""
    path = tmp_path / "key"
    make_key(path)
    stand_in.receiver.security = Security(read_key(path))
    return path


def test_each_transmission_is_secured_anew(stand_in, key):
    with yutu2.connect(URL, key=key) as rover:
        rover.post("PING")
        stand_in.deaf = 1
        while not stand_in.commands:
            rover.poll()
    assert [cltu[2] >> 4 for cltu in stand_in.written] == [3, 0, 0]
    assert int.from_bytes(stand_in.receiver.security.last) == 2
    assert stand_in.commands == [(17, 1)]


def test_the_next_sender_with_a_key_counts_on(stand_in, key):
    for _ in range(3):
        with yutu2.connect(URL, key=key) as rover:
            assert rover.send("PING").is_done
            assert rover.send("PING", bypass=True).is_done
    assert stand_in.commands == [(17, 1)] * 6
    assert int.from_bytes(stand_in.receiver.security.last) == 6


def test_the_url_of_an_emulated_rover_names_the_key(stand_in, key):
    with yutu2.connect(f"emulator://unix?speed=60&key={key}") as rover:
        assert rover.send("PING").is_done


def test_what_does_not_fit_a_secured_frame_is_not_sent(stand_in, key):
    names, values = ",".join(["HEATER_ON"] * 165), ",".join(["-20"] * 165)
    request = request_of(["PARAMETER_SET", f"parameter={names}", f"value={values}"])
    assert len(packet(request, 1, 0)) == 987 + 17
    with yutu2.connect(URL, key=key) as rover, pytest.raises(yutu2.WrongUse, match="PARAMETER_SET: does not fit a sec"):
        rover.post(request)
    assert stand_in.written == []


def test_a_key_that_cannot_be_opens_no_line(stand_in, tmp_path):
    with pytest.raises(yutu2.WrongUse, match="cannot be read: No such file or directory; give a file with a key"):
        yutu2.connect(URL, key=tmp_path / "none")


def test_a_listener_hears_all_and_which_command_it_speaks_of(stand_in):
    heard = []
    with Rover(URL, listener=lambda report, sent: heard.append((report.name, sent))) as rover:
        stand_in.tell("NAP_START")
        stand_in.flush()
        sent = rover.send("PING")
    assert heard == [
        ("NAP_START", None),
        ("TC_ACCEPTED", sent),
        ("TC_STARTED", sent),
        ("ALIVE", None),
        ("TC_DONE", sent),
    ]


def test_it_speaks_to_the_craft_that_is_named(stand_in):
    for craft, url, spacecraft in (("lander", URL, 4), (None, "emulator://unix?craft=lander", 4), (None, URL, 24)):
        with Rover(url, craft) as rover:
            rover.post("PING", bypass=True)
        assert stand_in.written[-1][3] == spacecraft
    with pytest.raises(yutu2.WrongUse, match="unknown craft 'orbiter'; choose from rover, lander"):
        yutu2.connect(URL, "orbiter")


@pytest.mark.parametrize("reason", load().enums["unsafe"].values())
def test_a_frame_without_valid_security_ends_the_wait_at_once(rover, stand_in, reason):
    stand_in.stages = [("FRAME_UNSAFE", {"reason": reason, "count": 1})]
    has_key = "the rover has a key: it refuses clear frames; give the key with --key"
    why = {
        "FRAME_TOO_SHORT": has_key,
        "OTHER_SPI": has_key,
        "REPLAYED": "the counter beside the key is behind; it is not the one that was used last",
        "IV_TOO_FAR": "the counter beside the key is far ahead; it is not the one that was used last, "
        "so load a new key",
        "FORGED": "the rover has another key",
        "IV_NOT_STORED": "the rover's store takes nothing, and the frame would be taken again after a restart; "
        "send it again when the store works",
        "NO_KEY": "the rover has no key: it refuses secured frames; "
        "leave --key out or load the key with `yutu2 key load`",
    }[reason]
    begun_s = stand_in.now
    with pytest.raises(yutu2.CommandFailed) as error:
        rover.send("PING")
    assert str(error.value) == f"PING: {reason}: {why}"
    assert stand_in.now - begun_s < 2


def test_a_frame_without_valid_security_is_why_even_when_the_line_ends_then(rover, stand_in, monkeypatch):
    stand_in.stages = [("FRAME_UNSAFE", {"reason": "NO_KEY", "count": 1})]
    sent = rover.post("PING")
    while "FRAME_UNSAFE" not in [report.name for report in rover.poll()]:
        pass

    def gone(size):
        raise OSError

    monkeypatch.setattr(stand_in, "read", gone)
    with pytest.raises(yutu2.CommandFailed, match="NO_KEY: the rover has no key"):
        rover.wait(sent)


def test_a_frame_of_another_sender_that_is_dropped_fails_no_command(rover, stand_in):
    stand_in.stages = [("FRAME_UNSAFE", {"reason": "FORGED", "count": 1}), *stand_in.stages]
    assert rover.send("PING").is_done


class TestNoAnswer:
    def told(self, rover, timeout_s=10.0):
        with pytest.raises(yutu2.NoAnswer) as error:
            rover.send("PING", timeout_s=timeout_s)
        return str(error.value)

    def test_nothing_is_heard(self, rover, stand_in):
        stand_in.mute = True
        assert self.told(rover) == (
            "PING is not over after 10 s: nothing is heard from the rover: it is dormant, or not there"
        )

    def test_the_sender_gives_up_before_the_time_is_over(self, rover, stand_in):
        stand_in.mute = True
        assert self.told(rover, 1000).startswith("PING is lost: nothing is heard from the rover: ")

    def test_it_is_heard_and_takes_nothing(self, rover, stand_in):
        stand_in.flush()
        stand_in.deaf = 100
        # The CLCW that was heard was no answer yet
        assert self.told(rover) == "PING is not over after 10 s: the rover is heard, and does not take it"

    def test_it_takes_it_and_says_nothing(self, rover, stand_in):
        stand_in.stages = []
        assert self.told(rover) == "PING is not over after 10 s: the rover has taken it and says nothing of it"

    def test_it_is_not_over(self, rover, stand_in):
        stand_in.stages = stand_in.stages[:2]
        assert self.told(rover) == ("PING is not over after 10 s: TC_STARTED was the last that the rover said of it")

    def test_what_was_waited_for_too_long_is_not_done_later(self, rover, stand_in):
        stand_in.deaf = 100
        self.told(rover)
        stand_in.deaf = 0
        stand_in.now += 100
        for _ in range(100):
            rover.poll()
        assert stand_in.commands == []
        rover.send("TIME_RATE", rate=1)
        assert stand_in.commands == [(9, 1)]

    def test_a_restart_loses_what_is_under_way(self, rover, stand_in):
        rover.send("PING")
        stand_in.deaf = 1
        sent = rover.post("PING")
        stand_in.receiver.octets[3] = 0
        stand_in.flush()
        with pytest.raises(yutu2.NoAnswer, match="PING is lost: the rover counts from 0 again, as after a restart"):
            rover.wait(sent)
        assert rover.send("PING").is_done

    def test_the_line_ends(self, rover, stand_in, monkeypatch):
        def gone(size):
            raise OSError

        monkeypatch.setattr(stand_in, "read", gone)
        with pytest.raises(yutu2.NoAnswer, match="the line has ended"):
            rover.send("PING")


class TestDormant:
    SLEEP = (
        "the rover is dormant since 2020-11-21 19:45 UTC, silent and deaf; next sunrise 2020-12-07 18:49 UTC, awake "
    )

    @pytest.fixture
    def evening(self, stand_in):
        stand_in.time = stand_in.time.replace(day=21, hour=19, minute=45)
        return stand_in

    def test_a_rover_that_has_gone_to_sleep_is_sent_nothing(self, rover, evening):
        evening.tell("ROVER_SLEEP", sun_elevation=9.2)
        evening.flush()
        with pytest.raises(yutu2.NoAnswer) as error:
            rover.send("PING")
        assert str(error.value).startswith(f"PING is not sent: {self.SLEEP}")
        assert evening.written == []

    def test_a_rover_that_goes_to_sleep_is_not_waited_for(self, rover, evening):
        evening.stages = [("TC_ACCEPTED", {}), ("ROVER_SLEEP", {"sun_elevation": 9.2})]
        begin = evening.now
        with pytest.raises(yutu2.NoAnswer) as error:
            rover.send("PING")
        assert str(error.value).startswith(f"PING is not over: {self.SLEEP}")
        assert evening.now - begin < 3

    def test_awake_again_it_is_commanded(self, rover, evening):
        evening.tell("ROVER_SLEEP", sun_elevation=9.2)
        evening.flush()
        evening.time += timedelta(days=17)
        evening.tell("ROVER_WAKE")
        evening.flush()
        assert rover.send("PING").is_done

    @pytest.mark.parametrize(
        ("query", "told"),
        [
            (
                "lunar_day=24&speed=60",
                "it is 2020-11-08 05:26 UTC there; sunrise 2020-11-08 06:16 UTC, awake some 21 h",
            ),
            (
                "start=2020-11-25&days=3&speed=1",
                "it is 2020-11-25 00:00 UTC there; sunrise 2020-12-07 18:49 UTC, awake",
            ),
            ("speed=1", "it is dormant, or not there"),
            ("lunar_day=24&speed=max", "it is dormant, or not there"),
            ("lunar_day=24&speed=soon", "it is dormant, or not there"),
            ("lunar_day=none&speed=1", "it is dormant, or not there"),
        ],
    )
    def test_the_url_of_an_emulated_rover_tells_whether_it_is_night(self, stand_in, query, told):
        stand_in.mute = True
        with yutu2.connect(f"emulator://unix?{query}") as rover, pytest.raises(yutu2.NoAnswer) as error:
            rover.send("PING", timeout_s=10)
        assert str(error.value).startswith(f"PING is not over after 10 s: nothing is heard from the rover: {told}")


def test_wrong_use_is_told_before_anything_is_sent(rover, stand_in):
    with pytest.raises(yutu2.WrongUse, match=r"unknown command 'PONG'; did you mean PING\?"):
        rover.send("PONG")
    with pytest.raises(yutu2.WrongUse, match="DRIVE lacks distance"):
        rover.post("DRIVE", bearing=3)
    with pytest.raises(yutu2.WrongUse, match=r"unknown report 'ALIVES'; did you mean ALIVE\?"):
        rover.wait_for("ALIVES")
    assert stand_in.written == []


def test_a_rover_of_another_dictionary_is_not_guessed_at(rover, stand_in):
    stand_in.tell("HK_COMPUTER", dictionary=b"\xde\xad\xbe\xef")
    stand_in.flush()
    with pytest.raises(yutu2.WrongUse, match="the rover speaks dictionary deadbeef"):
        rover.send("PING")


def test_the_example_of_the_package_runs(stand_in, capsys):
    stand_in.answers[8, 1] = ("HK_COMPUTER", {"mode": "ACTIVE"})
    _, _, example = yutu2.__doc__.partition("so:\n")
    exec(textwrap.dedent(example))
    assert stand_in.commands == [(17, 1), (20, 3), (8, 1)]
    assert capsys.readouterr().out == "ACTIVE\n"


def test_a_request_that_is_made_already_is_sent_as_it_is(rover, stand_in):
    request = request_of(["PARAMETER_REPORT", "parameter=HEATER_ON"])
    assert rover.send(request).request is request
    assert stand_in.commands == [(20, 1)]


@pytest.mark.parametrize(("url", "expected_s"), [("emulator://pico?image=a.uf2", 300), ("/dev/ttyACM0", 60)])
def test_a_rover_that_takes_long_to_start_is_waited_for_longer(stand_in, url, expected_s):
    stand_in.stages = []
    with pytest.raises(yutu2.NoAnswer, match=f"not over after {expected_s} s"), yutu2.connect(url) as rover:
        rover.send("PING")
