"""`yutu2 key`, and `--key` of the commands that make, run and command a rover: the key goes by its file alone."""

import stat

import pytest
from rover.link.security import Security
from yutu2.firmware import firmware_dir
from yutu2.line.emulator import EmulatorPort
from yutu2.pico.filesystem import LAYOUTS, read_filesystem
from yutu2.pico.uf2 import flash_contents, read_uf2
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


def test_an_image_holds_it_and_is_read_by_its_owner_alone(yutu2, key, tmp_path):
    image = tmp_path / "rover.uf2"
    image.touch(0o644)
    done = yutu2("image", "build", "--fs-only", "--out", image, "--key", key)
    assert (done.status, done.err) == (0, "")
    files = read_filesystem(bytes(flash_contents(read_uf2(image))), LAYOUTS["pico_w"])
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
        "yutu2: --key: emulator://unix lives by options of its own; give the key in its URL, as "
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
