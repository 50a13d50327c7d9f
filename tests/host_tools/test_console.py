"""Standard streams that are closed, full, narrow or nobody's; names that are no UTF-8; terminals without escapes."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from prompt_toolkit.history import InMemoryHistory
from yutu2.cli.shell import prompt
from yutu2.dictionary.model import load

ODD = os.fsdecode(b"caf\xe9")  # Latin-1
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
FULL = "yutu2: standard output: cannot be written: No space left on device\n"
CLOSED = "yutu2: standard output: cannot be written: Bad file descriptor\n"
HOUR = "--start 2020-11-12 --days 0.04"


@pytest.fixture
def shell(environment, morning_file, tmp_path):
    """`shell(line, **variables)`: the command as a shell runs it; {morning} and {tmp} stand for paths."""

    def run(line, **variables):
        line = line.format(morning=morning_file, tmp=tmp_path)
        return subprocess.run(
            ["sh", "-c", f"{sys.executable} -m yutu2 {line}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            env=environment | variables,
        )

    return run


COMMANDS = ["--help", "decode {morning} --format jsonl", f"run {HOUR}", "key make {tmp}/key"]


@pytest.mark.sampled(1)
@needs_full
@pytest.mark.parametrize("line", COMMANDS)
def test_full_and_closed_output_is_an_error_in_one_line(shell, line):
    done = shell(f"{line} > /dev/full")
    assert (done.returncode, done.stderr) == (2, FULL)
    done = shell(f"{line.replace('/key', '/other')} >&-")
    assert (done.returncode, done.stderr) == (2, CLOSED)


@pytest.mark.slow
def test_what_is_for_a_closed_standard_error_goes_nowhere_else(shell):
    whole = shell("decode {morning} --format jsonl")
    for redirect in ("2>&-", "2> /dev/full"):
        done = shell(f"decode {{morning}} --format jsonl {redirect}")
        assert (done.returncode, done.stdout) == (0, whole.stdout)
    done = shell("decode {tmp}/none 2>&-")
    assert (done.returncode, done.stdout) == (2, "")


def test_a_file_does_not_get_the_number_of_a_closed_stream(shell, tmp_path):
    done = shell("decode {morning} --out {tmp}/out --account {tmp}/account <&- >&- 2>&-")
    assert done.returncode == 0
    assert (tmp_path / "out").read_text().splitlines()[0].startswith("time ")
    assert (tmp_path / "account").read_text().startswith("{")


def test_a_script_from_a_closed_input_is_empty(shell):
    done = shell("shell 'emulator://unix?speed=60' <&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("line", [["--help"], ["run", *HOUR.split()]], ids=" ".join)
def test_a_reader_that_has_had_enough_is_no_error(start, line):
    process = start(*line)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", 0)


def test_a_run_that_is_kept_goes_on_without_a_reader(shell, tmp_path):
    done = shell(f"run {HOUR} --out {{tmp}}/run | head -c 1 > /dev/null")
    assert done.stderr == ""
    assert (tmp_path / "run" / "summary.json").exists()


ENCODINGS = [
    {"PYTHONIOENCODING": "cp1252"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "ascii"},
]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("variables", ENCODINGS, ids=lambda variables: " ".join(map("=".join, variables.items())))
def test_any_encoding_shows_any_name(yutu2, tmp_path, variables):
    key = tmp_path / (ODD + "№")
    made = yutu2("key", "make", key, env=variables)
    assert (made.status, made.err, key.exists()) == (0, "", True)
    refused = yutu2("decode", tmp_path / (ODD + "none"), env=variables)
    assert refused.status == 2
    assert len(refused.err.splitlines()) == 1


@pytest.mark.slow  # two commands that draw and import all that there is
def test_folders_and_pictures_may_have_any_name(yutu2, morning, tmp_path):
    source, out = tmp_path / (ODD + "№.tm"), tmp_path / ODD / "run"
    source.write_bytes(morning)
    charted = yutu2("chart", source, "--out", tmp_path / (ODD + ".svg"), env=ENCODINGS[0])
    run = yutu2("run", *HOUR.split(), "--out", out, env=ENCODINGS[0])
    assert (charted.status, charted.err, run.status, run.err) == (0, "", 0, "")
    assert (out / "summary.json").exists()


@pytest.mark.slow
def test_data_are_the_same_octets_in_any_encoding(yutu2, morning_file):
    some = [{}, ENCODINGS[0], ENCODINGS[-1]]
    outputs = {yutu2("decode", morning_file, "--format", "csv", env=variables).out for variables in some}
    assert len(outputs) == 1


@pytest.mark.parametrize("kind", ["plan", "key"])
def test_inputs_of_a_rover_may_have_names_that_are_no_utf_8(yutu2, tmp_path, kind):
    path = tmp_path / (ODD + " +&%." + kind)
    head = f"dictionary {load().hash.hex()}\nlunar-day 24\n"
    if kind == "key":
        assert yutu2("key", "make", path).status == 0
    else:
        path.write_text(head + "go: at sunrise + 2.5d drive bearing=315 distance=2\n")
    done = yutu2("run", *HOUR.split(), f"--{kind}", path)
    assert done.status == 0, done
    assert "Traceback" not in done.err


@pytest.fixture
def terminal_of(environment):
    """`terminal_of(*arguments, **variables)`: what a command shows on a terminal."""

    def run(*arguments, **variables):
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "yutu2", *map(str, arguments)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment | variables,
            start_new_session=True,
        )
        os.close(slave)
        shown = b""
        while True:
            try:
                octets = os.read(master, 65536)
            except OSError:  # the end of a terminal
                break
            if not octets:
                break
            shown += octets
        os.close(master)
        assert process.wait() == 0
        return shown

    return run


@pytest.mark.sampled(1)
@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_without_escapes_gets_none(terminal_of, term):
    assert b"\x1b" not in terminal_of("run", *HOUR.split(), TERM=term)
    shown = terminal_of("send", "PING", "--to", "emulator://unix?speed=60", TERM=term)
    assert b"TC_DONE" in shown
    assert b"\x1b" not in shown


@pytest.mark.parametrize(
    ("wrong", "lines", "longest"),
    [
        ("\x1b[2J\x07\x9b now\n", ["wrong.txt:1: '\\x1b[2J\\x07\\x9b' is not a UTC time; it may be "], 300),
        ("x" * 100_000, ["wrong.txt:1: 'xxx"], 5000),
        ("soon reset\n" * 1000, ["wrong.txt:1: 'soon' is not", *["wrong.txt:"] * 99, "900 more lines"], 300),
    ],
    ids=["escapes", "a long line", "many lines"],
)
def test_an_error_quotes_a_file_without_escapes_and_in_brief(yutu2, tmp_path, wrong, lines, longest):
    (tmp_path / "wrong.txt").write_text(wrong)
    done = yutu2("scenario", "check", "wrong.txt", cwd=tmp_path)
    assert done.status == 2
    told = done.err.splitlines()
    assert len(told) == len(lines)
    assert all(one.startswith(f"yutu2: {line}") for one, line in zip(told, lines, strict=True))
    assert max(map(len, told)) < longest


@pytest.mark.slow
def test_without_colour_there_is_the_rest(terminal_of):
    plain = terminal_of("run", *HOUR.split(), TERM="xterm", NO_COLOR="1")
    assert b"\x1b[" in plain  # the progress line
    assert not any(b"\x1b[%d" % colour in plain for colour in range(30, 38))
    assert b"\x1b[33m" in terminal_of("run", "--start", "2020-11-09", "--days", "1", TERM="xterm", NO_COLOR="")


@pytest.mark.slow
def test_a_home_that_is_not_there_is_no_matter(yutu2, morning_file, tmp_path):
    nowhere = {"HOME": "/proc/none", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": ""}
    done = yutu2("chart", morning_file, "--out", tmp_path / "chart.png", env=nowhere)
    assert (done.status, done.err) == (0, "")


@pytest.mark.slow
def test_a_backend_of_matplotlib_that_is_not_there_is_no_matter(yutu2, morning_file, tmp_path):
    done = yutu2("chart", morning_file, "--out", tmp_path / "chart.png", env={"MPLBACKEND": "none.such"})
    assert (done.status, done.err) == (0, "")


@needs_full
def test_a_history_that_cannot_be_kept_is_no_matter(monkeypatch):
    prompt._KeptHistory("/dev/full").store_string("PING")
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/none")
    assert isinstance(prompt._history(), InMemoryHistory)


def test_a_user_without_a_home_has_a_history_too(monkeypatch):
    def unknown(number):
        raise KeyError(number)

    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert isinstance(prompt._history(), InMemoryHistory)
