"""The traverse of a rover: what is told of it, and the map over the ground."""

import json
from math import atan2, degrees, hypot

import pytest
from yutu2.firmware import borrow_ground
from yutu2.products.elevation_model import elevation_model
from yutu2.products.traverse import TraverseBuilder, compass_direction
from yutu2.products.traverse_map import map_bounds


@pytest.fixture(scope="module")
def folder(tmp_path_factory, yutu2):
    """A run over the two first drives of lunar day 24, on a ground that is not the default one."""
    folder = tmp_path_factory.mktemp("drive") / "run"
    done = yutu2("run", "--start", "2020-11-10T12:00:00Z", "--days", "1.2", "--seed", "3", "--out", folder)
    assert done.status == 0, done.err
    return folder


@pytest.fixture(scope="module")
def packets(folder):
    return [json.loads(line) for line in (folder / "packets.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def drive(folder):
    return json.loads((folder / "summary.json").read_text())["drive"]


def fields(packets, name):
    return [packet["fields"] for packet in packets if packet["name"] == name]


@pytest.mark.slow
def test_the_summary_tells_what_the_packets_tell(packets, drive):
    begin, stops = fields(packets, "HK_DRIVE")[0], fields(packets, "HK_STOP")
    assert len(stops) == len(drive["stops"]) == 2
    last = stops[-1]
    east, north = last["true_east"] - begin["east"], last["true_north"] - begin["north"]
    assert drive["driven_m"] == pytest.approx(last["odometer"] - begin["odometer"], abs=0.001)
    assert drive["moved_m"] == pytest.approx(hypot(east, north), abs=0.001)
    assert drive["bearing_deg"] == pytest.approx(degrees(atan2(east, north)) % 360, abs=0.1)
    off = hypot(last["east"] - last["true_east"], last["north"] - last["true_north"])
    assert drive["odometry_off_m"] == pytest.approx(off, abs=0.001)
    assert [stop["odometer"] for stop in drive["stops"]] == [stop["odometer"] for stop in stops]
    assert not any(stop["parks"] for stop in drive["stops"])


@pytest.mark.slow
def test_what_is_driven_is_what_the_plan_asks_for(drive):
    assert drive["driven_m"] == pytest.approx(11, abs=0.2)
    assert 300 < drive["bearing_deg"] < 330
    assert 0 < drive["odometry_off_m"] < 0.05 * drive["driven_m"]


def test_without_a_drive_there_is_none(yutu2, tmp_path):
    done = yutu2("run", "--start", "2020-11-10T06:00:00Z", "--days", "0.1", "--out", tmp_path / "run")
    assert done.status == 0
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["drive"] is None
    assert b"Driven" not in done.out


@pytest.mark.parametrize(
    ("bearing", "told"),
    [(0, "north"), (22, "north"), (23, "north-east"), (180, "south"), (337, "north-west"), (338, "north")],
)
def test_a_bearing_has_its_name(bearing, told):
    assert compass_direction(bearing) == told


def test_no_reports_make_no_way():
    assert TraverseBuilder().build() is None


# --- The map ---


def test_the_map_shows_the_ground_that_the_rover_drives_on():
    parts = []
    shown = elevation_model(3, -405.0, -395.0, 395.0, 402.0, parts.append)
    ground = borrow_ground().Ground(3)
    rows, columns = shown.heights.shape
    assert (rows - 1) * shown.step == pytest.approx(7, abs=shown.step)
    assert (columns - 1) * shown.step == pytest.approx(10, abs=shown.step)
    for row, column in ((0, 0), (rows - 1, 0), (0, columns - 1), (rows // 2, columns // 3)):
        east, north = -405.0 + column * shown.step, 395.0 + row * shown.step
        assert shown.heights[row, column] == ground.height(round(1000 * east), round(1000 * north)) / 1000
    assert parts[-1] == 1


@pytest.mark.slow
def test_the_map_holds_the_whole_way(yutu2, folder, drive):
    done = yutu2("route", folder)
    assert (done.status, done.err) == (0, "")
    assert (folder / "route.png").read_bytes().startswith(b"\x89PNG")
    assert done.out.decode().splitlines()[-1] == str(folder / "route.png")
    assert f"Driven: {drive['driven_m']:.1f} m" in done.out.decode()


@pytest.mark.slow  # three maps of the ground
def test_the_ground_is_that_of_the_run_s_seed(yutu2, folder, tmp_path):
    """Of a bare stream it must be told; the same picture comes of it."""
    own, told, other = (tmp_path / f"{name}.png" for name in ("own", "told", "other"))
    assert yutu2("route", folder, "--out", own).status == 0
    assert yutu2("route", folder / "downlink.tm", "--seed", "3", "--out", told).status == 0
    assert yutu2("route", folder / "downlink.tm", "--out", other).status == 0
    assert own.read_bytes() == told.read_bytes() != other.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{run}", "--seed", "7"], "was made with seed 3, not 7"),
        (["{run}", "--out", "{run}/route.txt"], "should end in .png, .pdf or .svg"),
        (["{run}/downlink.tm"], "or --out FILE.png"),
        (["{run}/nothing"], "nothing"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(yutu2, folder, arguments, told):
    done = yutu2("route", *(argument.format(run=folder) for argument in arguments))
    assert (done.status, done.out) == (2, b"")
    assert told in done.err
    assert done.err.count("\n") == 1


def test_a_run_without_a_drive_has_no_map(yutu2, tmp_path):
    yutu2("run", "--start", "2020-11-10T06:00:00Z", "--days", "0.1", "--out", tmp_path / "run")
    done = yutu2("route", tmp_path / "run")
    assert (done.status, done.out) == (2, b"")
    assert "nothing was driven" in done.err


@pytest.mark.slow
def test_the_frame_holds_all_places(folder, yutu2):
    from yutu2.decode.telemetry import TelemetryDecoder
    from yutu2.dictionary.model import load

    builder = TraverseBuilder()
    for report in TelemetryDecoder(load()).feed((folder / "downlink.tm").read_bytes()):
        builder.add(report)
    traverse = builder.build()
    west, east, south, north = map_bounds(traverse)
    assert all(west < stop.true_east < east and south < stop.true_north < north for stop in traverse.stops)
    assert east - west >= 16 <= north - south
