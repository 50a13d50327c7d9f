"""Where octets may come from."""

import os
import pty
import socket
import subprocess
import sys
import threading
import tty
from pathlib import Path

import pytest
from yutu2.line.source import RoverFailed, SourceError, open_port, read_port, read_source

OCTETS = bytes(range(256)) * 4096  # more than a pipe, a terminal or one read takes at a time


def all_of(source):
    return b"".join(read_source(str(source)))


def in_background(work):
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def write_all(descriptor, octets):
    while octets:
        octets = octets[os.write(descriptor, octets) :]


def test_a_file_is_read_whole(tmp_path):
    path = tmp_path / "file.tm"
    path.write_bytes(OCTETS)
    assert all_of(path) == OCTETS
    path.write_bytes(b"")
    assert all_of(path) == b""


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match=r"/none: no such file or device; a source is a file, -, a serial device or"):
        read_source(str(tmp_path / "none"))


def test_a_folder(tmp_path):
    with pytest.raises(SourceError, match=f"^{tmp_path}: cannot be read: Is a directory$"):
        read_source(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "file.tm"
    path.touch(0o000)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        read_source(str(path))


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails when it is read, as Linux has")
def test_a_file_that_fails_when_it_is_read():
    with pytest.raises(SourceError, match=r"^/proc/self/mem: cannot be read: Input/output error$"):
        all_of("/proc/self/mem")


def test_standard_input():
    script = "import sys; from yutu2.line.source import read_source; sys.stdout.buffer.writelines(read_source('-'))"
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, input=OCTETS, capture_output=True, check=True).stdout == OCTETS


def test_a_fifo(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = in_background(lambda: path.write_bytes(OCTETS))
    assert all_of(path) == OCTETS
    writer.join()


def test_a_fifo_that_is_silent_gives_nothing_now_and_then(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    # Open for reading too: a FIFO's opening waits for its other end
    writer = os.open(path, os.O_RDWR)
    chunks = read_source(str(path))
    assert next(chunks) == b""
    os.write(writer, b"here")
    assert next(chunks) == b"here"
    os.close(writer)
    assert list(chunks) == []


def test_a_pty_is_read_as_it_comes_until_its_other_end_closes():
    master, slave = pty.openpty()
    tty.setraw(slave)
    chunks = read_source(os.ttyname(slave))
    assert next(chunks) == b""  # it is open now, and what was there before has gone
    writer = in_background(lambda: write_all(master, OCTETS))
    data = bytearray()
    while len(data) < len(OCTETS):
        data += next(chunks)
    assert data == OCTETS
    writer.join()
    os.close(slave)
    os.close(master)
    assert b"".join(chunks) == b""


def test_a_device_that_another_program_has_open():
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    port = open_port(name)
    try:
        with pytest.raises(SourceError, match=f"^{name}: busy: another program has it open$"):
            open_port(name)
    finally:
        port.close()
        os.close(slave)
        os.close(master)


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_socket_is_read_until_it_closes(server):
    octets = OCTETS[:20000]
    chunks = read_source(f"socket://127.0.0.1:{server.getsockname()[1]}")
    assert next(chunks) == b""
    connection, _ = server.accept()
    with connection:
        connection.sendall(octets)
    assert b"".join(chunks) == octets


def test_what_a_socket_says_at_once_is_read(server, monkeypatch):
    def connect(address, **options):
        ours = connect_to(address, **options)
        theirs, _ = server.accept()
        with theirs:
            theirs.sendall(b"here")
        return ours

    # What a quick server does between the connection and the first read
    connect_to = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", connect)
    assert all_of(f"socket://127.0.0.1:{server.getsockname()[1]}") == b"here"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("socket://127.0.0.1:9", "Connection refused"),
        ("carrier-pigeon://x", "protocol 'carrier-pigeon' not known"),
        ("/no/such/device", "/no/such/device: no such serial port"),
    ],
)
def test_a_line_that_cannot_be_opened_is_told_in_one_line(url, told):
    with pytest.raises(SourceError, match=told) as error:
        open_port(url)
    assert url in str(error.value)
    assert "\n" not in str(error.value)


def test_a_rover_that_fails_is_not_the_end_of_a_line(capfd):
    port = open_port("emulator://unix?seed=none")
    with pytest.raises(RoverFailed) as failed:
        list(read_port(port))
    port.close()
    assert failed.value.status == 2
    assert str(failed.value).startswith("the rover ended with exit status 2: seed: 'none' is not a number")
    assert capfd.readouterr().err == ""


def test_a_source_lets_go_of_its_rover_when_nobody_reads_on():
    chunks = read_source("emulator://unix?start=2020-11-12&days=1")
    assert next(chunk for chunk in chunks if chunk)
    chunks.close()
    assert list(chunks) == []
