"""Keys in files, and frames sealed with them: octet for octet those of Yamcs."""

import os
import stat
from pathlib import Path

import pytest
from yutu2.errors import WrongUse
from yutu2.uplink.security import HEADER, MAX_DATA, OVERHEAD, FrameProtector, make_key, read_key

BY_YAMCS = Path(__file__).parents[2] / "firmware" / "link" / "secured_by_yamcs.txt"
FECF = 2
KEY = bytes(range(0xA0, 0xC0))

only_posix = pytest.mark.skipif(os.name != "posix", reason="needs file modes")


def by_yamcs():
    """Frames of Yamcs: (plain, secured), FECF left out."""
    lines = [line for line in BY_YAMCS.read_text().splitlines() if not line.startswith("#")]
    return [tuple(bytes.fromhex(frame)[:-FECF] for frame in line.split()) for line in lines]


def forget(iv):
    pass


def test_sealed_frames_are_those_of_yamcs():
    frames = by_yamcs()
    assert len(frames) == 4
    protector = FrameProtector(KEY, 0xFE, forget)
    assert [protector.apply_security(clear) for clear, _ in frames] == [secured for _, secured in frames]


def test_each_sealing_is_new_and_its_counter_kept_before_it_is_given_out():
    kept = []
    protector = FrameProtector(KEY, 41, kept.append)
    frame = bytes((0x20, 24, 0, 0, 0)) + b"data"
    ivs = [protector.apply_security(frame)[HEADER + 2 : HEADER + 14] for _ in range(3)]
    assert [int.from_bytes(iv) for iv in ivs] == kept == [42, 43, 44]


def test_what_cannot_be_kept_is_not_given_out():
    def full_disk(iv):
        raise OSError

    with pytest.raises(OSError):
        FrameProtector(KEY, 0, full_disk).apply_security(bytes(HEADER) + b"data")


def test_control_commands_go_in_clear_and_take_no_counter():
    kept = []
    unlock = bytes((0x30, 24, 0, 7, 0, 0))
    assert FrameProtector(KEY, 0, kept.append).apply_security(unlock) == unlock
    assert kept == []


@pytest.mark.parametrize("size", [0, MAX_DATA + 1])
def test_what_is_no_frame_or_would_be_too_long_is_refused_and_takes_no_counter(size):
    kept = []
    with pytest.raises(ValueError, match="1 to 987 octets"):
        FrameProtector(KEY, 0, kept.append).apply_security(bytes(HEADER + size))
    assert kept == []


def test_the_longest_frame_has_1024_octets_with_its_fecf():
    frame = FrameProtector(KEY, 0, forget).apply_security(bytes(HEADER + MAX_DATA))
    assert len(frame) + FECF == 1024 == HEADER + MAX_DATA + OVERHEAD + FECF
    assert int.from_bytes(frame[2:4]) & 0x3FF == 1023


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size):
    with pytest.raises(ValueError, match="32 octets"):
        FrameProtector(bytes(size), 0, forget)


def test_a_key_is_made_and_read(tmp_path):
    path, other = tmp_path / "key", tmp_path / "other"
    make_key(path)
    make_key(other)
    assert len(read_key(path)) == 32
    assert path.read_text() == read_key(path).hex() + "\n"
    assert read_key(path) != read_key(other)


@only_posix
def test_a_key_is_its_owner_s_alone_whatever_the_umask(tmp_path):
    path = tmp_path / "key"
    before = os.umask(0)
    try:
        make_key(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_that_is_there_is_not_lost(tmp_path):
    path = tmp_path / "key"
    make_key(path)
    key = path.read_bytes()
    with pytest.raises(WrongUse, match="is there already"):
        make_key(path)
    assert path.read_bytes() == key


@only_posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o777])
def test_a_key_that_others_may_read_is_refused_with_what_to_do(tmp_path, mode):
    path = tmp_path / "key"
    make_key(path)
    path.chmod(mode)
    with pytest.raises(WrongUse, match=f"others may read or write.* chmod 600 {path}"):
        read_key(path)
    path.chmod(0o400)
    assert len(read_key(path)) == 32


@pytest.mark.parametrize(
    "held", [b"", b"00" * 31, b"00" * 33, b"0x" + b"00" * 31, b"0" * 63 + b"g", b"00 " * 32, bytes(64), b"\xff" * 64]
)
def test_what_is_no_key_is_refused_and_not_shown(tmp_path, held):
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(held)
    with pytest.raises(WrongUse, match="holds no key, which is 64 hex digits") as refusal:
        read_key(path)
    assert not held or held.decode("latin-1") not in str(refusal.value)


@pytest.mark.parametrize(("use", "what"), [(make_key, "written"), (read_key, "read")])
def test_a_place_that_is_not_there_is_told(tmp_path, use, what):
    with pytest.raises(WrongUse, match=f"cannot be {what}: No such file"):
        use(tmp_path / "nowhere" / "key")


def test_a_sealer_shows_no_key():
    protector = FrameProtector(KEY, 0, forget)
    shown = f"{protector!r} {vars(protector)!r}"
    assert "FrameProtector" in shown
    assert KEY.hex() not in shown
    assert repr(KEY)[2:-1] not in shown
