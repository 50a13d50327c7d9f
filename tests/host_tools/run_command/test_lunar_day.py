"""`yutu2 run`: the timeline of lunar day 24, and what is kept of it."""

import hashlib
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from yutu2.dictionary.model import load

DAWN = ["WARM_UP", "WING_OPEN", "MAST_UP", "MOTORS_ON", "PAYLOAD_ON"]
DUSK = ["PAYLOAD_OFF", "SLEEP_POINT", "HEAD_SOUTH", "WING_EAST", "MAST_DOWN", "WING_FOLDED"]
ONE, TWO, THREE = (["ACTIVITY_START"] * number + ["ACTIVITY_DONE"] * number for number in (1, 2, 3))
DAY = [
    "SUNRISE",
    "ROVER_WAKE",
    "NIGHT_COLD",
    "PLAN_BEGIN",
    *["STEP_DONE"] * len(DAWN),
    "ACTIVE_START",
    # A drive with the radar, the panel, a spectrum with the atoms; two drives; the ring; all three at once
    *[*TWO, *ONE, *TWO, *TWO, *TWO, *ONE, *THREE],
    "NAP_START",
    "NAP_END",
    *[*TWO, *ONE],
    "PLAN_END",
    "PARKING_START",
    *["STEP_DONE"] * len(DUSK),
    "ROVER_SLEEP",
    "SUNSET",
]
STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
LINE = re.compile(rf"^ +({STAMP}) +({STAMP}) +(\d+) +([\d.]+) +([A-Z_]+) +(\S.*)$")
LANDING = datetime(2019, 1, 3, 2, 26, tzinfo=UTC)
REAL_WAKE = datetime(2020, 11, 9, 2, 17, tzinfo=UTC)  # 10:17 in Beijing


@pytest.fixture(scope="module")
def printed(default_run):
    """The lines that were printed."""
    done, _ = default_run
    assert (done.status, done.err) == (0, "")
    return done.out.decode().splitlines()


@pytest.fixture(scope="module")
def summary(default_run):
    return default_run[1].summary


@pytest.fixture(scope="module")
def rows(printed):
    """The lines of the timeline."""
    return [match.groups() for match in map(LINE.match, printed) if match]


def test_the_events_of_the_day_come_in_their_order(rows):
    assert [row[4] for row in rows] == DAY
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_dawn_and_dusk_tell_each_step_in_its_order(rows):
    steps = [row[5].partition(" done, ")[0] for row in rows if row[4] == "STEP_DONE"]
    assert steps == DAWN + DUSK


def test_beijing_is_eight_hours_ahead(rows):
    for row in rows:
        utc, beijing = map(datetime.fromisoformat, row[:2])
        assert beijing - utc == timedelta(hours=8)


def test_lunar_day_and_earth_days_since_the_landing_are_told(rows):
    for row in rows:
        assert row[2] == "24"
        since = datetime.fromisoformat(row[0] + "+00:00") - LANDING
        assert float(row[3]) == pytest.approx(since / timedelta(days=1), abs=0.051)


def test_the_published_wake_up_is_told_with_the_difference(printed, summary):
    (told,) = [line for line in printed if "2020-11-09 10:17" in line]
    hours, minutes, side = re.search(r"(\d+) h (\d\d) min (later|earlier)", told).groups()
    (wake,) = [entry for entry in summary["timeline"] if entry["name"] == "ROVER_WAKE"]
    assert wake["published"] == "2020-11-09T02:17:00.000Z"
    assert wake["late_s"] == (datetime.fromisoformat(wake["time"]) - REAL_WAKE).total_seconds()
    late = timedelta(hours=int(hours), minutes=int(minutes)) * (1 if side == "later" else -1)
    assert abs(late.total_seconds() - wake["late_s"]) <= 30


def test_the_summary_holds_the_same_timeline_and_each_file(rows, summary):
    ready = [entry for entry in summary["timeline"] if entry["name"] == "PRODUCT_READY"]
    assert len(ready) == sum(len(product["files"]) for product in summary["products"])
    shown = [entry for entry in summary["timeline"] if entry["name"] != "PRODUCT_READY"]
    assert [entry["name"] for entry in shown] == DAY
    for entry, row in zip(shown, rows, strict=True):
        assert entry["time"][:19] == row[0].replace(" ", "T")
        assert (entry["lunar_day"], entry["text"]) == (24, row[5])
        assert entry["earth_day"] == pytest.approx(float(row[3]), abs=0.06)
        if entry["name"] != "ROVER_WAKE":
            assert entry["published"] is entry["late_s"] is None


def test_a_lunar_day_goes_some_24_m_to_the_north_west_and_parks(default_run):
    done, kept = default_run
    drive = kept.summary["drive"]
    assert 23 < drive["driven_m"] < 25
    assert 305 < drive["bearing_deg"] < 325
    assert [stop["parks"] for stop in drive["stops"]] == [False] * 4 + [True] * 2
    text = done.out.decode()
    assert "; 21." in text
    assert "to the north-west" in text
    assert f"Odometry error at the end: {drive['odometry_off_m']:.2f} m" in text


def test_the_instruments_do_what_the_notice_told(default_run):
    """One panoramic ring at least, two detections and a calibration, and near noon the three together."""
    done, kept = default_run
    told = kept.summary["instruments"]
    assert [one["activity"] for one in told["PCAM"]] == ["PCAM_RING"]
    assert sorted(one["activity"] for one in told["VNIS"]) == ["VNIS_CALIBRATE", "VNIS_DETECT", "VNIS_DETECT"]
    assert len(told["ASAN"]) == 3
    assert [one["activity"] for one in told["LPR"]].count("LPR_DRIVE") == 4
    assert all(one["state"] == "WHOLE" for observations in told.values() for one in observations)
    (together,) = kept.summary["together"]
    assert -60 < together["hours_after_noon"] < 0
    assert f"VNIS, ASAN and LPR together: {together['begin'][:19].replace('T', ' ')}, for " in done.out.decode()


def test_all_products_come_down_whole(default_run):
    entries = default_run[1].summary["products"]
    assert {entry["kind"] for entry in entries} == {product.name for product in load().products}
    for entry in entries:
        assert (entry["state"], entry["missing"], entry["verified"]) == ("WHOLE", 0, True)


def test_each_product_has_its_pictures(default_run):
    kinds = {"VNIS_DETECT": ["reflectance"], "VNIS_CALIBRATE": [], "ASAN_OBSERVE": ["atoms"]}
    kinds |= {"PCAM_RING": ["panorama", "dom"], "LPR_DRIVE": ["radargram"], "LPR_STAND": ["radargram"]}
    ways = set()
    for entry in default_run[1].summary["products"]:
        names = [picture["picture"] for picture in entry["pictures"]]
        ways |= {name for name in names if name.endswith("_way.png")}
        assert [name.partition("_")[0] for name in names if name not in ways] == kinds[entry["activity"]]
        for picture in entry["pictures"]:
            assert (default_run[1].folder / "products" / picture["picture"]).read_bytes().startswith(b"\x89PNG")
            assert (default_run[1].folder / "products" / picture["data"]).read_bytes().startswith(b"SIMPLE  =")
        assert bool(entry["facts"]) == bool(names)
    assert ways == {"radargram_lpr_60_way.png", "radargram_lpr_500_way.png"}


def test_exactly_these_files_are_kept(default_run):
    names = sorted(path.name for path in default_run[1].folder.iterdir())
    assert names == ["dictionary.toml", "downlink.tm", "packets.jsonl", "products", "summary.json"]


def test_the_downlink_is_what_the_firmware_sends(default_run, day24):
    assert default_run[1].downlink == day24


def test_the_packets_are_those_that_decode_gives(default_run, yutu2):
    folder = default_run[1].folder
    done = yutu2("decode", folder / "downlink.tm", "--format", "jsonl", "--account", folder.parent / "account.json")
    assert done.out == (folder / "packets.jsonl").read_bytes()
    assert json.loads((folder.parent / "account.json").read_text()) == default_run[1].summary["account"]


def test_the_summary_tells_what_came_down(default_run, summary, day24):
    assert list(summary) == [
        "options",
        "dictionary",
        "interrupted",
        "downlink",
        "timeline",
        "dormant",
        "drive",
        "instruments",
        "together",
        "products",
        "commands",
        "packets",
        "account",
    ]
    assert summary["commands"] is None
    assert summary["options"] == {"craft": "rover", "lunar_day": "24", "seed": "7", "speed": "max"}
    assert summary["dictionary"] == load().hash.hex()
    assert summary["interrupted"] is False
    assert summary["downlink"] == {"octets": len(day24), "sha256": hashlib.sha256(day24).hexdigest()}
    counts = Counter(packet["name"] or f"{packet['vc']}/{packet['apid']}" for packet in default_run[1].packets)
    assert summary["packets"] == counts
    assert list(summary["packets"]) == sorted(counts)


def test_nothing_is_lost_and_the_rover_s_own_count_agrees(default_run):
    packets, account = default_run[1].packets, default_run[1].summary["account"]
    assert account["octets"]["skipped"] == 0
    assert not any(counts["lost"] for counts in (account["channels"] | account["apids"]).values())
    last = [packet for packet in packets if packet["name"] == "HK_COMPUTER"][-1]
    sent = [packet for packet in packets if packet["service"] is not None]
    assert last["fields"]["packets_sent"] == sent.index(last)
    assert last["fields"]["frames_dropped"] == 0


def test_what_was_printed_names_packets_checksum_and_folder(default_run, printed, summary):
    text = "\n".join(printed)
    for name, count in summary["packets"].items():
        assert re.search(rf"^ +{name} +{count:,}\b", text, re.MULTILINE)
    assert f"{summary['downlink']['octets']:,} octets, sha256 {summary['downlink']['sha256']}" in text
    assert f"Kept in {default_run[1].folder.name}: " in text


@pytest.mark.slow  # all pictures of a lunar day
def test_the_same_run_again_keeps_the_same_files(default_run, live):
    _, again = live("--lunar-day", "24", "--seed", "7", "--speed", "max")
    first = default_run[1].folder
    for path in (path for path in first.rglob("*") if path.is_file()):
        assert (again.folder / path.relative_to(first)).read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_without_out_nothing_is_kept_and_the_same_is_printed(yutu2, default_run, tmp_path):
    done = yutu2("run", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert done.out.splitlines() == default_run[0].out.splitlines()[:-1]
