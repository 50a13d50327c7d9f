"""`yutu2 key`, and `--key` of the commands that make, run and command a rover: the key goes by its file alone."""

import errno
import os
import stat
import subprocess
import sys

import pytest
from rover.link.security import Security
from yutu2.errors import WrongUse
from yutu2.firmware import firmware_dir
from yutu2.line.emulator import EmulatorPort
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, read_filesystem
from yutu2.pico.uf2 import flash_contents, read_uf2
from yutu2.uplink.counter import Counter, counter_of
from yutu2.uplink.security import make_key, read_key


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "rover.key"
    make_key(path)
    return path


@pytest.fixture
def echo(tmp_path):
    """A program that is called as MicroPython is, and sends the words that it was called with."""
    program = tmp_path / "echo"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    return program


def test_a_key_is_made_and_not_shown(yutu2, refused, tmp_path):
    path = tmp_path / "rover.key"
    done = yutu2("key", "make", path)
    assert (done.status, done.err) == (0, "")
    assert done.out.decode() == f"{path}: the key; {path}.iv beside it counts what it secures: keep the two together\n"
    assert path.read_text().strip() not in done.out.decode()
    assert refused("key", "make", path).startswith(f"yutu2: {path}: is there already, and a key in it would be lost")


@pytest.mark.slow
def test_an_image_holds_it_and_is_read_by_its_owner_alone(yutu2, key, tmp_path):
    image = tmp_path / "rover.uf2"
    image.touch(0o644)
    done = yutu2("image", "build", "--fs-only", "--out", image, "--key", key)
    assert (done.status, done.err) == (0, "")
    files = read_filesystem(bytes(flash_contents(read_uf2(image))), FILESYSTEM_REGIONS["pico_w"])
    assert files["key.txt"] == key.read_bytes()
    assert b"key" not in files["settings.txt"]
    assert stat.S_IMODE(image.stat().st_mode) == 0o600
    assert key.read_text().strip() not in done.out.decode()


def test_a_rover_on_this_machine_gets_its_path(key, echo):
    port = EmulatorPort(f"emulator://unix?micropython={echo}&key={key}", timeout=5)
    words = port.read(10_000).decode().split()
    port.close()
    assert f"--key={key}" in words
    assert key.read_text().strip() not in words


def test_a_run_hands_it_over(yutu2, key, echo, tmp_path):
    done = yutu2("run", "--key", key, "--micropython", echo, "--out", tmp_path / "out")
    assert done.status == 0
    assert f"--key={key}" in (tmp_path / "out" / "downlink.tm").read_text().split()
    assert key.read_text().strip() not in done.out.decode() + (tmp_path / "out" / "summary.json").read_text()


@pytest.mark.parametrize(
    "command",
    [
        ["send", "PING", "--to", "emulator://unix?speed=60&key={}"],
        ["send", "PING", "--to", "emulator://unix?speed=60", "--key", "{}"],
        ["run", "--key", "{}"],
        ["decode", "emulator://unix?key={}"],
        ["decode", "emulator://pico?key={}"],
        ["image", "build", "--fs-only", "--key", "{}"],
        ["key", "load", "{}", "--port", "/dev/none"],
    ],
)
def test_a_file_without_a_key_is_wrong_use(refused, tmp_path, command):
    path = tmp_path / "text"
    path.touch(0o600)
    path.write_text("no key at all")
    told = refused(*(word.format(path) for word in command), cwd=tmp_path)
    assert told == f"yutu2: {path}: holds no key, which is 64 hex digits"


def test_a_line_or_an_image_has_its_own(refused, key):
    assert refused("run", "--target", "emulator://unix", "--key", key) == (
        "yutu2: --key: emulator://unix runs by options of its own; give the key in its URL, as "
        "emulator://unix?key=FILE, or in a board's image, by yutu2 image build --key FILE"
    )
    assert refused("decode", f"emulator://pico?image=rover.uf2&key={key}") == (
        f"yutu2: emulator://pico?image=rover.uf2&key={key}: an image boots as it is; give its key to "
        "yutu2 image build --key FILE"
    )


def test_a_sender_counts_on(yutu2, device, far_rover, key):
    far_rover.receiver.security = Security(read_key(key))
    for _ in range(2):
        assert yutu2("send", "PING", "--to", device, "--key", key).status == 0
    assert int.from_bytes(far_rover.receiver.security.last) == 2


def test_what_loads_a_rover_takes_one_too(refused, tmp_path):
    uplink, plan = tmp_path / "day.uplink", firmware_dir() / "lunar_day.plan"
    uplink.write_text("2020-11-12T06:00 PING\n")
    for command in (["schedule", "load", uplink], ["plan", "load", plan]):
        told = refused(*command, "--to", "emulator://unix?speed=60", "--key", tmp_path / "none")
        assert told == f"yutu2: {tmp_path / 'none'}: cannot be read: No such file or directory; give a file with a key"


class TestMakingLeavesNothingHalfMade:
    def full_disk(self, monkeypatch, files):
        """Let the disk be full after so many files."""
        left = iter([None] * files)

        def fsync(descriptor):
            if next(left, "full") == "full":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fsync)

    @pytest.mark.parametrize("files", [0, 1])
    def test_a_full_disk_leaves_neither_file(self, tmp_path, monkeypatch, files):
        self.full_disk(monkeypatch, files)
        with pytest.raises(WrongUse, match=r"rover\.key(\.iv)?: cannot be written: No space left on device"):
            make_key(tmp_path / "rover.key")
        assert list(tmp_path.iterdir()) == []

    def test_an_interrupt_leaves_neither_file(self, tmp_path, monkeypatch):
        replace = type(tmp_path).replace

        def interrupted(path, target):
            if target.name == "rover.key":
                raise KeyboardInterrupt
            return replace(path, target)

        monkeypatch.setattr(type(tmp_path), "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make_key(tmp_path / "rover.key")
        assert list(tmp_path.iterdir()) == []

    def test_a_key_that_is_there_survives_a_full_disk(self, key, monkeypatch):
        before, counted = key.read_text(), counter_of(key).read_text()
        self.full_disk(monkeypatch, 0)
        with pytest.raises(WrongUse):
            make_key(key, replace=True)
        assert (key.read_text(), counter_of(key).read_text()) == (before, counted)

    def test_force_replaces_a_key_and_its_counter_goes_on(self, yutu2, key):
        before = key.read_text()
        Counter(key).reserve(5)
        done = yutu2("key", "make", key, "--force")
        assert (done.status, done.err) == (0, "")
        assert key.read_text() != before
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert Counter(key).reserve(1) == 6

    def test_of_many_who_make_one_at_once_one_succeeds(self, tmp_path, environment):
        script = "import sys; from pathlib import Path; from yutu2.uplink.security import make_key; "
        command = [sys.executable, "-c", script + "make_key(Path(sys.argv[1]))", str(tmp_path / "rover.key")]
        makers = [subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment) for _ in range(3)]
        assert sorted(maker.wait() for maker in makers) == [0, 1, 1]
        assert len(read_key(tmp_path / "rover.key")) == 32

    def test_a_folder_that_is_not_there_is_not_made(self, refused, tmp_path):
        told = refused("key", "make", tmp_path / "none" / "rover.key")
        assert told.startswith(f"yutu2: {tmp_path}/none/rover.key: cannot be written: No such file or directory; make")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["", "/", "."])
    def test_what_is_no_name_of_a_file_is_refused(self, refused, tmp_path, name):
        assert "is no name of a file" in refused("key", "make", name, cwd=tmp_path)

    def test_a_key_is_not_made_beside_what_is_no_counter(self, refused, tmp_path):
        path = tmp_path / "rover.key"
        counter_of(path).mkdir()
        assert refused("key", "make", path) == f"yutu2: {path}: cannot be written: Is a directory"
        counter_of(path).rmdir()
        counter_of(path).write_text("seven")
        assert refused("key", "make", path).startswith(
            f"yutu2: {path}.iv: holds no number of protected frames; make a "
        )
        assert [one.name for one in tmp_path.iterdir()] == ["rover.key.iv"]


class TestExport:
    def test_yamcs_gets_raw_octets_and_numbers_of_its_own(self, yutu2, key, tmp_path):
        Counter(key).reserve(41)
        out = tmp_path / "yamcs.key"
        done = yutu2("key", "export", key, "--yamcs", "--out", out)
        assert (done.status, done.err) == (0, "")
        assert out.read_bytes() == read_key(key)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        lines = done.out.decode().splitlines()
        assert lines[1:4] == ["  spi: 1", f"  keyFile: {out}", '  initialSeqNum: "00000000000000000000002a"']
        assert "42 to 1,048,617; yutu2 goes on at 1,048,618" in lines[4]
        assert Counter(key).reserve(1) == 1_048_618
        assert read_key(key).hex() not in done.out.decode()

    def test_a_file_that_is_there_is_kept_and_takes_no_number(self, refused, key, tmp_path):
        for out in (key, counter_of(key), tmp_path):
            assert refused("key", "export", key, "--out", out) == (
                f"yutu2: {out}: is there already; give another name to --out"
            )
        assert Counter(key).reserve(1) == 1

    def test_a_file_that_cannot_be_written_takes_no_number(self, refused, key, tmp_path):
        for out in (tmp_path / "none" / "out", key / "out"):
            assert refused("key", "export", key, "--out", out).startswith(f"yutu2: {out}: cannot be written: ")
        assert Counter(key).reserve(1) == 1

    def test_without_a_counter_nothing_is_exported(self, refused, key, tmp_path):
        counter_of(key).unlink()
        assert "rover.key.iv: is not there" in refused("key", "export", key, "--out", tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_each_export_has_other_numbers(self, yutu2, key, tmp_path):
        told = [yutu2("key", "export", key, "--out", tmp_path / name).out.decode() for name in "ab"]
        firsts = [int(text.split('"')[1], 16) for text in told]
        assert firsts[1] - firsts[0] == 1 << 20
