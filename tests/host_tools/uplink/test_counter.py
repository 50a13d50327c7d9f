"""The counter beside a key: every number once, whoever seals, and on the disk before its frame is out."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from yutu2.errors import WrongUse
from yutu2.uplink.counter import Counter, counter_of
from yutu2.uplink.security import HEADER, make_key, protection_with

FRAME = bytes(HEADER) + b"data"
SEAL = (
    "import sys; from pathlib import Path; from yutu2.uplink.security import protection_with\n"
    "seal = protection_with(Path(sys.argv[1]))\n"
    "for _ in range(100): print(seal(bytes(5) + b'data')[7:19].hex())"
)


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    make_key(path)
    return path


def iv_of(frame):
    return int.from_bytes(frame[HEADER + 2 : HEADER + 14])


def test_it_goes_on_from_one_program_to_the_next(key):
    assert [iv_of(protection_with(key)(FRAME)) for _ in range(3)] == [1, 2, 3]
    assert counter_of(key).read_text() == "00000000000000000003\n"


def test_programs_that_seal_at_once_never_share_a_number(key, environment):
    command = [sys.executable, "-c", SEAL, str(key)]
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(4)]
    ivs = [int(line, 16) for program in programs for line in program.communicate()[0].split()]
    assert sorted(ivs) == list(range(1, 401))


def test_what_goes_in_clear_takes_no_number(key):
    seal = protection_with(key)
    seal(bytes((0x30, 24, 0, 7, 0, 0)))
    assert iv_of(seal(FRAME)) == 1


def test_a_number_is_kept_though_its_frame_fails(key):
    with Counter(key).held() as (last, keep):
        keep(last + 1)
    assert iv_of(protection_with(key)(FRAME)) == 2


def test_what_cannot_be_kept_is_not_given_out(key, monkeypatch):
    seal = protection_with(key)

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(WrongUse, match=r"key\.iv: cannot be written: No space left on device; no frame is protected"):
        seal(FRAME)


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
def test_it_is_its_owner_s_alone(key):
    assert stat.S_IMODE(counter_of(key).stat().st_mode) == 0o600


def test_without_it_nothing_is_sealed(key):
    counter_of(key).unlink()
    with pytest.raises(WrongUse, match=r"key\.iv: is not there; .* or make a new key"):
        protection_with(key)


@pytest.mark.parametrize("held", ["", "-1", "1" * 21, "seven"])
def test_what_is_no_number_is_refused(key, held):
    counter_of(key).write_text(held)
    with pytest.raises(WrongUse, match=r"key\.iv: holds no number of protected frames; make a new key"):
        protection_with(key)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero, which never ends")
def test_of_a_file_without_end_only_the_beginning_is_read(key):
    counter_of(key).unlink()
    counter_of(key).symlink_to("/dev/zero")
    with pytest.raises(WrongUse, match=r"key\.iv: holds no number of protected frames"):
        protection_with(key)


def test_at_the_last_number_a_key_is_used_up(key):
    counter_of(key).write_text("9" * 20 + "\n")
    with pytest.raises(WrongUse, match=r"key\.iv: all numbers of this key are used; make a new key"):
        protection_with(key)(FRAME)


def test_one_that_is_there_goes_on_with_a_new_key(key):
    protection_with(key)(FRAME)
    key.unlink()
    make_key(key)
    assert iv_of(protection_with(key)(FRAME)) == 2
