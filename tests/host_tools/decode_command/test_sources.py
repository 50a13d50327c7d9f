"""`yutu2 decode` says the same whatever the octets come from."""

import json
import socket
import threading
import time

import pytest

SETTLE_S = 0.3  # pyserial throws away what comes while it opens a line


def a_pipe(octets, run, terminal):
    return run("-", input=octets)


def a_socket(octets, run, terminal):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                time.sleep(SETTLE_S)
                connection.sendall(octets)

        thread = threading.Thread(target=serve)
        thread.start()
        done = run(f"socket://127.0.0.1:{server.getsockname()[1]}")
        thread.join()
    return done


def a_pty(octets, run, terminal):
    def serve():
        terminal.wait_for_a_reader()
        terminal.send(octets)
        terminal.close()

    thread = threading.Thread(target=serve)
    thread.start()
    done = run(terminal.name)
    thread.join()
    return done


RAW = ["--packet", "HK_COMPUTER", "--raw"]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("options", [[], pytest.param(RAW, marks=pytest.mark.slow)], ids=["all", "one kind raw"])
@pytest.mark.parametrize("source", [a_pipe, a_socket, a_pty])
def test_every_source_says_the_same_as_a_file(yutu2, dirty, from_file, terminal, tmp_path, source, kind, options):
    options = ["--format", kind, *options]
    account = tmp_path / "account.json"

    def run(name, **options_of_run):
        return yutu2("decode", name, *options, "--account", account, **options_of_run)

    done = source(dirty, run, terminal)
    expected, expected_account = from_file(*options)
    assert done == expected
    assert json.loads(account.read_text()) == expected_account
