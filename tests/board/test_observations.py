"""Instruments on the emulated Pico: pictures, radar, spectra; the octets of the Unix port, in little room."""

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.mission.plan import compile_plan
from yutu2.mission.scenario import compile_scenario
from yutu2.products.collector import ProductCollector

KIB = 1024
SPAN = {"start": "2020-11-11T02:57:00Z", "days": "0.0125"}
PLAN = f"""
dictionary {load().hash.hex()}
lunar-day 24
ring:  at 2020-11-11T03:00:00Z  pcam_ring pitches=1
radar: after ring + 10s         lpr_stand minutes=1
panel: after ring + 10s         vnis_calibrate
atoms: after radar + 10s        asan_observe minutes=1
"""
# After its first pair of pictures the camera fails: a ring takes an emulated board minutes
SCENARIO = "2020-11-11T03:00:32Z instrument_fails instrument=PCAM"
# rover.boot_pico.main, with the heap measured when an observation begins, and when it is at its largest
MEASURED = b"""
import gc
gc.threshold(16384)  # as main.py does
from rover import boot_pico
from rover.instruments import payload

def heap(when):
    gc.collect()
    print(when, gc.mem_free())

class Measured(payload.Payload):
    def begin(self, step, activity, number, units, seconds):
        heap("before_%d" % number)
        super().begin(step, activity, number, units, seconds)

    def end(self, number, reason):
        heap("during_%d" % number)
        octets = super().end(number, reason)
        heap("after_%d" % number)
        return octets

import rover.app
rover.app.Payload = Measured
boot_pico.main()
"""
INSTRUMENTS = (16, 17, 18, 19)


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """The compiled plan and scenario: option -> path."""
    folder = tmp_path_factory.mktemp("texts")
    plan, scenario = folder / "plan.txt", folder / "scenario.txt"
    plan.write_text(compile_plan(PLAN, "plan", load()).compiled())
    scenario.write_text(compile_scenario(SCENARIO, "scenario", load()).compiled())
    return {"plan": plan, "scenario": scenario}


@pytest.fixture(scope="module")
def board(make_rover, texts):
    """A board that has lived it over UART."""
    settings = SPAN | {"speed": "max", "link": "uart", "baud": "921600"}
    settings |= {name: f"{name}.txt" for name in texts}
    files = {f"{name}.txt": path.read_bytes() for name, path in texts.items()}
    board = make_rover(settings, {"main.py": MEASURED} | files)
    assert board.run_until(b"run is over", 60_000), board.usb_received.take()
    return board


@pytest.fixture(scope="module")
def figures(board):
    lines = [line.split() for line in board.usb_received.take().decode().splitlines()]
    return {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[1].isdigit()}


@pytest.fixture(scope="module")
def octets(board):
    return board.uart_received.take()


def test_the_board_sends_the_octets_of_the_unix_port(octets, texts, unix_port, run_rover):
    options = SPAN | {name: str(path) for name, path in texts.items()}
    done = run_rover(unix_port, *(f"--{name}={value}" for name, value in options.items()))
    assert done.returncode == 0, done.stderr
    assert octets == done.stdout


def test_pictures_traces_and_spectra_came_down_whole(octets):
    reception, collector = TelemetryDecoder(load()), ProductCollector(load())
    for report in reception.feed(octets):
        collector.add(report)
    came = {it.product.kind: it.product for it in collector.product_sets()}
    assert {kind: (len(it.samples), it.state, it.verified) for kind, it in came.items()} == {
        "PCAM_IMAGES": (2, "PARTIAL", True),
        "LPR_60": (35, "WHOLE", True),
        "LPR_500": (69, "WHOLE", True),
        "VNIS_SPECTRA": (6, "WHOLE", True),
        "ASAN_SPECTRA": (10, "WHOLE", True),
    }


def test_there_is_room_before_and_while_they_observe_and_what_they_took_is_given_back(figures):
    # The budget of 80 KiB is for the start; by now the plan, the scenario and the log of the day are in memory
    before = figures["before_16"]
    assert before >= 76 * KIB
    assert min(figures[f"during_{number}"] for number in INSTRUMENTS) >= 16 * KIB
    # Names, once met, stay
    assert figures["after_18"] >= before - 16 * KIB


def test_no_instrument_restarts_the_board(board):
    assert board.resets == []
