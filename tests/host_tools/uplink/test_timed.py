"""Uplink files: commands at mission times, compiled to octets that a rover takes one after another."""

import json
import os
import shlex
from datetime import UTC, datetime

import pytest
from rover.link.security import Security
from yutu2.dictionary.model import load
from yutu2.errors import WrongUse
from yutu2.line.source import open_port, read_port
from yutu2.mission.uplink_file import UplinkError, compile_uplink, read_uplink
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, read_filesystem
from yutu2.pico.uf2 import flash_contents, read_uf2
from yutu2.uplink.counter import counter_of
from yutu2.uplink.security import HEADER, make_key, protection_with, read_key

GOOD = """\
# the later one first
2020-11-12T06:00:30.250Z  DRIVE bearing=315 distance=5.5
2020-11-12T06:00          ping   # and two of one time
2020-11-12T06:00          PARAMETER_SET parameter=HAZARD_HEIGHT,HEATER_ON value=0.3,-20
"""


def read(text):
    return compile_uplink(text, "day.uplink", load())


def octets_of(compiled):
    """(time in ms, octets) of each line of a compiled file behind its head."""
    lines = [line.split() for line in compiled.splitlines()[1:]]
    return [(int(s) * 1000 + int(ms), bytes.fromhex(digits)) for s, ms, digits in lines]


def test_commands_go_by_time_and_those_of_one_time_by_their_lines():
    assert read(GOOD).lines() == [
        "  UTC                      lunar  octets  command",
        "  2020-11-12 06:00:00.000     24      34  PING",
        "  2020-11-12 06:00:00.000     24      50  PARAMETER_SET parameter=HAZARD_HEIGHT,HEATER_ON value=0.3,-20",
        "  2020-11-12 06:00:30.250     24      42  DRIVE bearing=315 distance=5.5",
    ]


def test_a_rover_takes_them_all_in_sequence(receiver):
    compiled = read(GOOD).compiled()
    assert compiled.splitlines()[0] == f"uplink 1 {load().hash.hex()}"
    for _, octets in octets_of(compiled):
        receiver.feed(octets)
    kinds = [(packet[7], packet[8]) for packet in receiver.data]
    assert kinds == [(17, 1), (20, 3), (8, 1)]
    assert [packet[2:4].hex() for packet in receiver.data] == ["c000", "c001", "c002"]
    # Past the sequence: FARM-B has counted them
    assert receiver.clcw & 0x3FFF == 3 << 9


def test_one_that_is_lost_holds_nothing_up(receiver):
    """As in the night: with frames in sequence FARM-1 would reject the others."""
    sent = read("".join(f"2020-11-12T00:{at:02} TIME_RATE rate={at % 9}\n" for at in range(40))).transmissions()
    for octets in sent[:5] + sent[6:8] + sent[30:]:
        receiver.feed(octets)
    assert [packet[11] for packet in receiver.data] == [at % 9 for at in range(40) if at < 5 or 6 <= at < 8 or at >= 30]


def test_no_line_of_the_compiled_form_is_longer_than_the_rover_reads():
    text = f"2020-11-12 PARAMETER_REPORT parameter={','.join(['HEATER_ON'] * 255)}\n"
    lines = read(text).compiled().splitlines()
    assert len(lines) > 10
    assert max(map(len, lines)) < 80
    assert {time for time, _ in octets_of("\n".join(lines))} == {58_838_400_000}


def test_more_than_256_commands_are_counted_on(receiver):
    text = "".join(f"2020-11-12T{at // 60:02}:{at % 60:02} TIME_RATE rate={at % 9}\n" for at in range(300))
    for _, octets in octets_of(read(text).compiled()):
        receiver.feed(octets)
    assert [packet[11] for packet in receiver.data] == [at % 9 for at in range(300)]


def test_they_are_for_the_craft_that_the_file_names(receiver):
    lander = read("craft lander\n" + GOOD)
    assert lander.spacecraft == 4
    for _, octets in octets_of(lander.compiled()):
        receiver.feed(octets)
    assert (receiver.data, receiver.refused) == ([], 3)


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    make_key(path)
    return path


def count_of(key):
    return int(counter_of(key).read_text())


def test_secured_frames_have_the_next_numbers_of_the_key(receiver, key):
    receiver.security = Security(read_key(key))
    secured = read(GOOD).secured(key)
    for number, octets in enumerate(secured.transmissions(), 1):
        receiver.feed(octets)
        assert int.from_bytes(receiver.security.last) == number
    assert [(packet[7], packet[8]) for packet in receiver.data] == [(17, 1), (20, 3), (8, 1)]
    assert count_of(key) == 3


def test_two_files_under_one_key_never_share_a_number(make_receiver, key):
    ivs = []
    for text in (GOOD, GOOD, "2020-11-12 PING\n"):
        receiver = make_receiver()
        receiver.security = Security(read_key(key))
        for octets in read(text).secured(key).transmissions():
            receiver.feed(octets)
            ivs.append(int.from_bytes(receiver.security.last))
    assert ivs == [1, 2, 3, 4, 5, 6, 7]
    assert count_of(key) == 7


def test_a_sender_and_a_file_never_share_a_number(key):
    read(GOOD).secured(key).compiled()
    assert int.from_bytes(protection_with(key)(bytes(HEADER) + b"data")[HEADER + 2 : HEADER + 14]) == 4


def test_one_reading_is_secured_once(key):
    secured = read(GOOD).secured(key)
    assert secured.compiled() == secured.compiled()
    assert count_of(key) == 3


def test_what_only_looks_takes_no_number(key):
    secured = read(GOOD).secured(key)
    assert [line.split()[3] for line in secured.lines()[1:]] == ["74", "82", "74"]
    secured.warnings(datetime(2020, 11, 12, tzinfo=UTC), datetime(2020, 11, 13, tzinfo=UTC))
    assert count_of(key) == 0
    assert [len(octets) for octets in secured.transmissions()] == [74, 82, 74]


def test_numbers_that_cannot_be_kept_are_not_used(key, monkeypatch):
    secured = read(GOOD).secured(key)

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(WrongUse, match=r"key\.iv: cannot be written: No space left on device; no frame is protected"):
        secured.compiled()


def test_without_a_counter_no_file_is_secured(key):
    counter_of(key).unlink()
    with pytest.raises(WrongUse, match=r"key\.iv: is not there"):
        read(GOOD).secured(key)


def test_what_does_not_fit_a_secured_frame_is_told(key):
    long = f"PARAMETER_SET parameter={','.join(['HEATER_ON'] * 165)} value={','.join(['-20'] * 165)}"
    with pytest.raises(UplinkError) as error:
        read(f"2020-11-13 {long}\n2020-11-12 PING\n2020-11-14 {long}").secured(key)
    assert str(error.value).splitlines() == [
        "day.uplink:1: does not fit a secured frame; send some of it later",
        "day.uplink:3: does not fit a secured frame; send some of it later",
    ]


def test_an_empty_file_commands_nothing():
    assert read("# nothing\n").compiled().count("\n") == 1


def test_what_lies_outside_a_run_is_warned_of():
    start, end = datetime(2020, 11, 12, 6, 0, 0, tzinfo=UTC), datetime(2020, 11, 12, 6, 0, 30, tzinfo=UTC)
    assert read(GOOD).warnings(start, end) == [
        "day.uplink:2: DRIVE bearing=315 distance=5.5 lies outside the run, "
        "2020-11-12T06:00:00Z to 2020-11-12T06:00:30Z"
    ]
    assert len(read(GOOD).warnings(end.replace(second=29), end)) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("noon PING", "1: 'noon' is not a UTC time; "),
        ("\n2020-11-12", "2: a time and no command; choose from PING, HK_ENABLE, "),
        ("2020-11-12 DRIVE bearing=3", "1: DRIVE lacks distance; write DRIVE bearing=... distance=..."),
        ("2020-11-12 PONG", "1: unknown command 'PONG'; did you mean PING?"),
        ("craft", "1: craft is followed by its name; choose from rover, lander"),
        ("craft landr", "1: craft is followed by its name; did you mean lander?"),
        ("craft rover\ncraft lander", "2: craft stands there twice; write it once"),
        ("2020-11-12 PING\ncraft lander", "2: craft stands after a command; write it before the first"),
    ],
)
def test_a_wrong_line_is_told_with_what_may_be(text, told):
    with pytest.raises(UplinkError) as error:
        read(text)
    assert str(error.value).startswith(f"day.uplink:{told}")


@pytest.fixture
def uplink_file(tmp_path):
    path = tmp_path / "day.uplink"
    path.write_text(GOOD)
    return path


class TestCommand:
    def test_a_good_file_is_shown_and_compiled(self, yutu2, uplink_file, tmp_path):
        out = tmp_path / "compiled"
        done = yutu2("uplink", "check", uplink_file, "--out", out)
        assert (done.status, done.err) == (0, f"{out}\n")
        assert done.out.decode().splitlines() == read(GOOD).lines()
        assert out.read_text(encoding="ascii") == read_uplink(str(uplink_file)).compiled()

    def test_with_a_key_it_is_compiled_secured(self, yutu2, uplink_file, key, tmp_path, receiver):
        out = tmp_path / "compiled"
        done = yutu2("uplink", "check", uplink_file, "--out", out, "--key", key)
        assert (done.status, done.out.decode().splitlines()[1].split()[3]) == (0, "74")
        receiver.security = Security(read_key(key))
        for _, octets in octets_of(out.read_text()):
            receiver.feed(octets)
        assert [(packet[7], packet[8]) for packet in receiver.data] == [(17, 1), (20, 3), (8, 1)]
        assert count_of(key) == 3

    def test_a_check_alone_takes_no_number(self, yutu2, uplink_file, key):
        assert yutu2("uplink", "check", uplink_file, "--key", key).status == 0
        assert count_of(key) == 0

    def test_every_wrong_line_is_a_line_on_standard_error(self, yutu2, tmp_path):
        path = tmp_path / "wrong"
        path.write_text("noon PING\n2020-11-12 PONG\n")
        done = yutu2("uplink", "check", path, "--out", tmp_path / "compiled")
        assert (done.status, done.out) == (2, b"")
        assert [line.partition(":")[2][: len(f" {path}:1")] for line in done.err.splitlines()] == [
            f" {path}:1",
            f" {path}:2",
        ]
        assert not (tmp_path / "compiled").exists()

    def test_wrong_use_is_told(self, refused, uplink_file, tmp_path):
        none = tmp_path / "none"
        assert refused("uplink", "check", none) == (
            f"yutu2: {none}: cannot be read: No such file or directory; give a list of commands, a text file"
        )
        assert refused("uplink", "check", uplink_file, "--out", uplink_file) == (
            f"yutu2: {uplink_file}: is the source itself; write somewhere else"
        )


class TestHandedOver:
    @pytest.fixture
    def echo(self, tmp_path):
        """A program that is called as MicroPython is, and sends what the rover was given: the compiled file."""
        program = tmp_path / "echo"
        program.write_text(
            '#!/bin/sh\nfor word in "$@"; do case "$word" in --uplink=*) cat "${word#*=}";; esac; done\n'
        )
        program.chmod(0o755)
        return program

    def test_a_rover_gets_it_compiled(self, uplink_file, echo):
        port = open_port(f"emulator://unix?micropython={echo}&uplink={uplink_file}")
        octets = b"".join(read_port(port))
        port.close()
        assert octets.decode() == read(GOOD).compiled()

    def test_with_a_key_it_gets_it_secured(self, uplink_file, echo, key, receiver):
        port = open_port(f"emulator://unix?micropython={echo}&uplink={uplink_file}&key={key}")
        compiled = b"".join(read_port(port)).decode()
        port.close()
        receiver.security = Security(read_key(key))
        for _, octets in octets_of(compiled):
            receiver.feed(octets)
        assert len(receiver.data) == count_of(key) == 3

    @pytest.mark.slow
    def test_a_secured_run_repeats_though_its_numbers_do_not(self, yutu2, uplink_file, key, tmp_path):
        options = ["--start", "2020-11-12T05:59", "--days", "0.004", "--uplink", uplink_file, "--key", key]
        runs = [tmp_path / "first", tmp_path / "second"]
        assert [yutu2("run", *options, "--out", out).status for out in runs] == [0, 0]
        assert (runs[0] / "downlink.tm").read_bytes() == (runs[1] / "downlink.tm").read_bytes()
        assert count_of(key) == 6

    def test_a_run_does_too_and_keeps_its_path(self, yutu2, uplink_file, echo, tmp_path):
        options = ["--start", "2020-11-12T06:00", "--days", "0.0001", "--micropython", shlex.quote(str(echo))]
        done = yutu2("run", *options, "--uplink", uplink_file, "--out", tmp_path / "out")
        assert done.status == 0
        assert done.err == (
            f"yutu2: {uplink_file}:2: DRIVE bearing=315 distance=5.5 lies outside the run, "
            "2020-11-12T06:00:00Z to 2020-11-12T06:00:08Z\n"
        )
        assert (tmp_path / "out" / "downlink.tm").read_text() == read(GOOD).compiled()
        assert json.loads((tmp_path / "out" / "summary.json").read_text())["options"]["uplink"] == str(uplink_file)

    @pytest.mark.slow
    def test_an_image_holds_it(self, yutu2, uplink_file, tmp_path):
        done = yutu2("image", "build", "--fs-only", "--out", tmp_path / "rover.uf2", "--uplink", uplink_file)
        assert (done.status, done.err) == (0, "")
        files = read_filesystem(bytes(flash_contents(read_uf2(tmp_path / "rover.uf2"))), FILESYSTEM_REGIONS["pico_w"])
        assert files["uplink.txt"] == read(GOOD).compiled().encode()
        assert files["settings.txt"].decode().splitlines()[-1] == "uplink = uplink.txt"

    def test_a_line_of_its_own_takes_none_of_ours(self, refused, uplink_file):
        assert refused("run", "--uplink", uplink_file, "--target", "/dev/ttyACM0") == (
            "yutu2: --uplink: /dev/ttyACM0 runs by options of its own; give the uplink in its URL, as "
            "emulator://unix?uplink=FILE, or in a board's image, by yutu2 image build --uplink FILE"
        )
