"""The golden streams: the firmware still sends them, octet by octet."""

import importlib.util
from itertools import zip_longest
from pathlib import Path

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load

FRAME = 1119


def load_remake():
    path = Path(__file__).parents[1] / "golden" / "remake.py"
    spec = importlib.util.spec_from_file_location("yutu2_tests_golden_remake", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REMAKE = load_remake()


def reports_of(stream):
    """(hexadecimal, what it says) of each packet."""
    reception = TelemetryDecoder(load())
    reports = reception.feed(stream)
    reception.finish()
    return [
        (report.packet.data.hex(), f"{report.name or 'packet'} {report.time} {report.fields}") for report in reports
    ]


def parting(golden, ours):
    """Where two streams part, in frames and in packets; None where they do not."""
    if golden == ours:
        return None
    octet = next(at for at, pair in enumerate(zip_longest(golden, ours)) if pair[0] != pair[1])
    lines = [f"they part at octet {octet}: frame {octet // FRAME}, octet {octet % FRAME} of its {FRAME}"]
    pairs = zip_longest(reports_of(golden), reports_of(ours), fillvalue="nothing")
    for number, (was, is_now) in enumerate(pairs):
        if was != is_now:
            lines += [f"packet {number}", f"  golden: {was}", f"  now:    {is_now}"]
            break
    lines.append("if this is meant: python tests/golden/remake.py")
    return "\n".join(lines)


@pytest.mark.parametrize("name", REMAKE.STREAMS)
def test_the_firmware_sends_the_golden_stream(interpreter, run_rover, name):
    done = run_rover(interpreter, *(f"--{option}={text}" for option, text in REMAKE.STREAMS[name].items()))
    assert done.returncode == 0, done.stderr
    told = parting(REMAKE.path_of(name).read_bytes(), done.stdout)
    assert told is None, told


def test_no_golden_stream_is_left_over():
    assert {path.stem for path in REMAKE.FOLDER.glob("*.tm")} == set(REMAKE.STREAMS)


def test_the_place_where_streams_part_is_told(run_rover, interpreter):
    golden = run_rover(interpreter, "--start=2020-11-12", "--days=0.05", "--seed=1").stdout
    told = parting(golden, run_rover(interpreter, "--start=2020-11-12", "--days=0.05", "--seed=2").stdout)
    assert told.startswith("they part at octet 54:")  # the elevation in the first housekeeping packet
    assert "frame 0" in told and "packet 1\n" in told and "sun_elevation" in told
    assert "now:    nothing" in parting(golden, golden[:FRAME])
