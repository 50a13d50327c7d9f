"""What the tests of several rooms share: the Unix port of MicroPython, and runs of the real firmware on it.

Also the lines at the end of a run that report which tests were left out.
"""

import fcntl
import os
import pickle
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from yutu2.decode.checksum import crc16
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import Dictionary, load
from yutu2.firmware import firmware_dir
from yutu2.line.runtime import find_micropython
from yutu2.mission.plan import compile_plan
from yutu2.uplink.cltu import cltu
from yutu2.uplink.encode import Request, packet, read_request
from yutu2.uplink.frame import bd_frame, with_error_control

from .pages import marked

# A busy machine is no reason to fail
settings.register_profile("no wall clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no wall clock")

FIRMWARE = firmware_dir()
HEAP = ("-X", "heapsize=400k")  # about what a rover has on a Pico

Interpreter = Sequence[str]
RunRover = Callable[..., "subprocess.CompletedProcess[bytes]"]
OnUnixPort = Callable[..., str]

# --- Report what a run left out ---

# What to expect of each; tests/README.md has more
EXPECTATIONS = {
    "slow": "longer missions, more seeds and examples",
    "board": "an emulated Pico; over 25 minutes with the emulator as pip installs it",
}
LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    # In the background of a shell Ctrl-C is ignored; here it comes, whoever runs the tests
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[LEFT_OUT] = Counter()


@pytest.hookimpl(tryfirst=True)  # before tests are deselected by their markers
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark the cases of a test slow that come after the number that `sampled` gives."""
    cases = Counter[str]()
    for item in items:
        if (mark := item.get_closest_marker("sampled")) is not None:
            function = item.nodeid.partition("[")[0]
            cases[function] += 1
            if cases[function] > mark.args[0]:
                item.add_marker(pytest.mark.slow)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count the deselected tests of each marker. A test with both markers belongs to the board."""
    for item in items:
        names = [name for name in ("board", "slow") if item.get_closest_marker(name)]
        item.config.stash[LEFT_OUT].update(names[:1])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts of a pytest-xdist worker to the process that reports."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["left_out"] = dict(session.config.stash[LEFT_OUT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the counts of a pytest-xdist worker. Each worker collects all tests."""
    node.config.stash[LEFT_OUT] |= Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Report each marker whose tests were left out, with the command that runs them."""
    left_out = config.stash[LEFT_OUT]
    for name, expectation in EXPECTATIONS.items():
        if left_out[name] and f"not {name}" in config.option.markexpr:
            terminalreporter.write_line(
                f"left out: {left_out[name]} tests marked {name}; run them with: pytest -m {name} ({expectation})"
            )


# --- The Unix port, and runs of the firmware on it ---


@pytest.fixture(scope="session")
def micropython() -> Path:
    """The Unix port of MicroPython."""
    path = find_micropython()
    if path is None:
        pytest.skip("needs the Unix port of MicroPython, which is not installed here")
    return path


@pytest.fixture(scope="session")
def unix_port(micropython: Path) -> Interpreter:
    """The command of the Unix port, with a heap as small as a Pico's."""
    return (str(micropython), *HEAP)


@pytest.fixture(params=["unix", "cpython"])
def interpreter(request: pytest.FixtureRequest) -> Interpreter:
    """The command of each runtime in turn."""
    return request.getfixturevalue("unix_port") if request.param == "unix" else (sys.executable,)


@pytest.fixture(scope="session")
def on_unix_port(unix_port: Interpreter) -> OnUnixPort:
    """`on_unix_port(script, *arguments)`: what `script` prints on the Unix port, where it can import the firmware."""
    environment = os.environ | {"MICROPYPATH": f"{FIRMWARE}:.frozen"}

    def run(script: str, *arguments: str) -> str:
        done = subprocess.run([*unix_port, "-c", script, *arguments], capture_output=True, text=True, env=environment)
        if done.returncode:
            pytest.fail(f"the script failed on the Unix port, exit status {done.returncode}:\n{done.stderr}")
        return done.stdout

    return run


@pytest.fixture(scope="session")
def run_rover() -> RunRover:
    """`run_rover(interpreter, *options)`: a whole run of the firmware; its standard output is octets."""

    def run(interpreter: Interpreter, *options: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run([*interpreter, str(FIRMWARE / "main.py"), *options], capture_output=True)

    return run


@pytest.fixture(scope="session")
def day24(unix_port: Interpreter, run_rover: RunRover) -> bytes:
    """The downlink of lunar day 24 with all options at their defaults."""
    done = run_rover(unix_port)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def day24_run(tmp_path_factory: pytest.TempPathFactory) -> tuple["subprocess.CompletedProcess[bytes]", Path]:
    """What the README's `yutu2 run` of lunar day 24 printed, and the folder that it kept: do not change it.

    Its pictures take 15 s of a processor, so the workers of pytest-xdist share one run.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # each worker has a folder of its own in it
    command = [sys.executable, "-m", "yutu2", "run", "--lunar-day", "24", "--out", "day24"]
    with (root / "day24.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        finished = root / "day24.finished"
        if not finished.exists():
            done = subprocess.run(command, cwd=root, capture_output=True)
            finished.write_bytes(pickle.dumps((done.returncode, done.stdout, done.stderr)))
    return subprocess.CompletedProcess(command, *pickle.loads(finished.read_bytes())), root / "day24"


@pytest.fixture(scope="session")
def readme_block() -> Callable[[str], str]:
    """`readme_block(name)`: the text between `<!-- name -->` and `<!-- end of name -->` of a page, without fence."""
    return lambda name: marked(name)[1]


# --- A conversation with a rover: each telecommand of the dictionary, and what is none ---

DONE = ("TC_ACCEPTED", "TC_STARTED", "TC_DONE")
STEP_MS = 100  # of the wall, from one to the next
LASTS_MS = 3000
COUNTS = 10  # from one telecommand to the next; those within it have the next ones


class Said(NamedTuple):
    """A telecommand for a rover. heard: the names of the reports of it, a failure with its code. ms: until the next."""

    name: str
    packet: bytes
    heard: tuple[str, ...]
    ms: int

    @property
    def cltu(self) -> bytes:
        return cltu(with_error_control(bd_frame(24, self.packet)))


def _plan_for(dictionary: Dictionary) -> str:
    text = f"dictionary {dictionary.hash.hex()}\nlunar-day 24\nlate: at sunrise + 8d  drive bearing=315 distance=1\n"
    return compile_plan(text, "plan", dictionary).compiled().encode().hex()


def _lines(dictionary: Dictionary) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Commands as one writes them, what is to be heard of them, and ms until the next."""
    inserted = 0xC000 + 21 * COUNTS + 1  # sequence control of what SCHEDULE_INSERT holds
    event = "apid=COMPUTER event=HAZARD_STOP"
    lines = f"""
        PING
        HK_DISABLE structure=HK_POWER
        HK_ENABLE structure=HK_POWER
        HK_PERIOD structure=HK_POWER,HK_DRIVE period=600,300
        HK_ONE_SHOT structure=HK_POWER
        EVENTS_DISABLE event=HAZARD_STOP
        EVENTS_ENABLE event=HAZARD_STOP
        TIME_RATE rate=3
        MONITOR_DISABLE monitor=MON_COMMANDS
        MONITOR_ENABLE monitor=MON_COMMANDS
        PARAMETER_SET parameter=HAZARD_HEIGHT,HEATER_ON value=0.3,-14
        PARAMETER_REPORT parameter=HAZARD_HEIGHT
        EVENT_ACTION_ADD {event} command=(STOP)
        EVENT_ACTION_ENABLE {event}
        EVENT_ACTION_REPORT
        EVENT_ACTION_DISABLE {event}
        EVENT_ACTION_DELETE {event}
        EVENT_ACTION_DELETE_ALL
        SCHEDULE_RESET
        SCHEDULE_ENABLE
        SCHEDULE_DISABLE
        SCHEDULE_INSERT sub_schedule=0 time=2020-11-12T08:00:00Z command=(PING)
        SCHEDULE_SUMMARY
        SCHEDULE_DETAIL
        SCHEDULE_SHIFT offset=60 packet_id=6145 sequence_control={inserted}
        SCHEDULE_SHIFT_ALL offset=60
        SCHEDULE_DELETE packet_id=6145 sequence_control={inserted}
        TIME_SET time=2020-11-12T00:10:00Z
        PLAN_STOP
        PLAN_LOAD offset=0 octets={_plan_for(dictionary)}
        PLAN_START
        PLAN_REPORT
    """
    for line in lines.strip().splitlines():
        yield line.strip(), DONE, STEP_MS
    refused = ("TC_ACCEPTED", "TC_START_FAILED WRONG_INSTRUCTION")
    yield "EVENT_ACTION_DELETE apid=POWER event=HAZARD_STOP", refused, STEP_MS
    yield "SCHEDULE_INSERT sub_schedule=0 time=2020-11-12T00:00:01Z command=(PING)", refused, STEP_MS
    yield "TURN bearing=300", DONE, LASTS_MS
    yield "DRIVE bearing=300 distance=0.5", DONE, LASTS_MS
    yield "OBSERVE activity=VNIS_DETECT units=1", ("TC_ACCEPTED", "TC_STARTED", "TC_FAILED STOPPED"), STEP_MS * 3
    yield "STOP_OBSERVING instrument=VNIS", DONE, STEP_MS
    yield "STOP", DONE, STEP_MS
    yield "MOVE event=COOL", ("TC_ACCEPTED", "TC_START_FAILED NOT_NAPPING"), STEP_MS
    yield "MOVE event=FAULT", DONE, STEP_MS
    yield "DRIVE bearing=300 distance=0.5", ("TC_ACCEPTED", "TC_START_FAILED NOT_IN_MODE"), STEP_MS
    yield "MOVE event=RECOVERED", DONE, STEP_MS


def _conversation() -> Iterator[Said]:
    dictionary = load()
    apid = dictionary.apids["COMPUTER"]
    number = 0
    for line, heard, ms in _lines(dictionary):
        request = read_request(line.split(), dictionary)
        yield Said(request.command.name, packet(request, apid, number * COUNTS), heard, ms)
        number += 1
    ping, turn = (read_request(words, dictionary) for words in (["PING"], ["TURN", "bearing=300"]))

    def wrong(code: str, octets: bytes, checksum: int = 0) -> Said:
        octets += (crc16(octets) ^ checksum).to_bytes(2)
        return Said(code, octets, (f"TC_REFUSED {code}",), STEP_MS)

    def with_count(request: Request) -> bytearray:
        nonlocal number
        number += 1
        return bytearray(packet(request, apid, (number - 1) * COUNTS)[:-2])

    octets = with_count(ping)
    octets[5] += 1
    yield wrong("WRONG_LENGTH", bytes(octets) + b"\0")
    yield wrong("WRONG_CHECKSUM", bytes(with_count(ping)), checksum=1)
    for code, place, value in (
        ("UNKNOWN_APID", 1, 77),
        ("WRONG_HEADER", 6, 0x1F),
        ("UNKNOWN_SERVICE", 7, 99),
        ("UNKNOWN_SUBSERVICE", 8, 99),
    ):
        octets = with_count(ping)
        octets[place] = value
        yield wrong(code, bytes(octets))
    for code, place in (("UNKNOWN_ID", 11), ("WRONG_ARGUMENT", 13)):
        octets = with_count(turn)
        octets[place] = 99
        yield wrong(code, bytes(octets))


@pytest.fixture(scope="session")
def conversation() -> list[Said]:
    """Each telecommand of the dictionary, some that cannot be done, and some that are wrong, each in another way."""
    said = list(_conversation())
    names = {command.name for command in load().commands}
    codes = set(load().enums["tc_failure"].values())
    assert names <= {it.name for it in said}, names - {it.name for it in said}
    # The others need what cannot be had in an hour of one rover; tests of their services have them
    heard = {code for it in said for code in " ".join(it.heard).split()}
    assert codes - heard == {"NO_ROOM", "TOO_LATE", "REFUSED", "FAILED"}
    return said


@pytest.fixture(scope="session")
def heard_of() -> Callable[[list[Said], bytes], list[tuple[str, tuple[str, ...]]]]:
    """`heard_of(conversation, downlink)`: name and reports of each telecommand, as `Said` has them."""

    def heard_of(conversation: list[Said], downlink: bytes) -> list[tuple[str, tuple[str, ...]]]:
        heard: dict[int, list[str]] = {}
        for report in TelemetryDecoder(load()).feed(downlink):
            if report.service == 1 and report.name != "TC_PROGRESS" and report.fields is not None:
                words = [str(report.name), *([str(report.fields["code"])] if "code" in report.fields else [])]
                heard.setdefault(int(report.raw["sequence_control"]) & 0x3FFF, []).append(" ".join(words))
        return [(it.name, tuple(heard.get(number * COUNTS, ()))) for number, it in enumerate(conversation)]

    return heard_of
