"""Fields of the dictionary over time: which can be drawn, what is drawn of a downlink, and the picture of it."""

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan

import pytest
from yutu2.dictionary.model import load
from yutu2.errors import WrongUse
from yutu2.firmware import EPOCH
from yutu2.show.fields import FieldChartBuilder, Kind, choose, drawable, picture_name
from yutu2.show.time_series import Span

START = datetime(2020, 11, 12, 6, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
BOX, WING, MODE = "HK_POWER.box_temperature", "HK_POWER.wing_temperature", "HK_COMPUTER.mode"


def seconds(time):
    return (time - EPOCH).total_seconds()


def made(reports, *names):
    builder = FieldChartBuilder(names, load())
    for report in reports:
        builder.add(report)
    return builder


def only_series(reports, name):
    (panel,) = made(reports, name).build().panels
    (series,) = panel.series
    return series


def told(craft, minutes, name="HK_POWER", **values):
    """A report in each of these minutes; its number where a value is to count."""
    for number, minute in enumerate(minutes):
        craft.tell(name, START + minute * MINUTE, **{key: value or number for key, value in values.items()})


def segments(line):
    """The values of a line between its gaps."""
    parts = [[]]
    for value in line.values:
        if isnan(value):
            parts.append([])
        else:
            parts[-1].append(value)
    return parts


class TestChoice:
    def test_numbers_enumerations_and_flags_of_packets_and_events_can_be_drawn(self):
        known = drawable(load())
        kinds = {name: known[name].kind for name in (BOX, MODE, "HK_PLAN.ended", "SAFE_ENTER.reason")}
        assert list(kinds.values()) == [Kind.NUMBERS, Kind.LABELS, Kind.FLAGS, Kind.LABELS]
        # Identifiers, times, bits, lists, packets without a time
        for name in (
            "HK_COMPUTER.dictionary",
            "HK_PLAN.plan",
            "HK_NIGHT.measured_at",
            "HK_POWER.loads_on",
            "QL_PCAM.pixels",
            "PARAMETERS.value",
            "CFDP_EOF.size",
            "TC_FAILED.data",
        ):
            assert name not in known

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("HK_POWER.box_temperatur", "unknown field 'box_temperatur' of HK_POWER; did you mean box_temperature"),
            ("HK_POWER.motor", "unknown field 'motor' of HK_POWER; choose from array_power, load_power, "),
            ("HK_POWR.box_temperature", "unknown field; did you mean HK_POWER.box_temperature"),
            ("odometer", "a field is given with its packet; did you mean HK_DRIVE.odometer or HK_STOP.odometer?"),
            ("HK_DRIVE", "a packet has several fields; choose from HK_DRIVE.odometer, HK_DRIVE.east, "),
            ("HK_POWER.", "a packet has several fields; choose from HK_POWER.array_power"),
            ("HK_POWER.loads_on", "is no number, enumeration or flag; choose from array_power"),
            ("CFDP_EOF.size", "CFDP_EOF has no field that can be drawn; yutu2 dictionary list packets shows others"),
            (
                "Q.z",
                "unknown packet 'Q'; yutu2 dictionary list packets shows them; write PACKET.FIELD, as HK_",
            ),
            ("", "unknown packet ''; yutu2 dictionary list"),
        ],
    )
    def test_a_field_that_cannot_be_is_refused_with_what_may_be(self, name, why):
        with pytest.raises(WrongUse) as error:
            choose([BOX, name], load())
        assert str(error.value).startswith(f"{name}: {why}")
        assert "\n" not in str(error.value)

    def test_more_panels_than_a_reader_can_take_are_refused(self):
        units = [BOX, "HK_POWER.load_power", "HK_POWER.bus_voltage", "HK_POWER.battery_charge", "HK_DRIVE.east", MODE]
        assert len(choose([*units, *units], load())) == 6
        with pytest.raises(WrongUse, match=r"need 7 panels, one for each unit and each enumeration; give .* at most 6"):
            choose([*units, "HK_DRIVE.heading"], load())

    def test_fields_share_a_panel_by_unit_an_enumeration_has_its_own_and_flags_have_one(self, craft):
        names = [BOX, MODE, WING, "HK_PLAN.ended", "HK_PCAM.state"]
        for packet in ("HK_POWER", "HK_COMPUTER", "HK_PLAN", "HK_PCAM"):
            told(craft, [0], packet)
        panels = made(craft.reports, *names).build().panels
        assert [[series.chosen.name for series in panel.series] for panel in panels] == [
            [BOX, WING],
            [MODE],
            ["HK_PLAN.ended"],
            ["HK_PCAM.state"],
        ]
        assert [panel.unit for panel in panels] == ["degC", None, None, None]

    def test_the_picture_of_one_field_is_called_after_it(self):
        assert [picture_name(names) for names in ([], [BOX], [BOX, MODE])] == ["chart.png", f"{BOX}.png", None]


class TestValues:
    def test_they_are_engineering_values_by_on_board_time(self, craft):
        told(craft, [0, 5, 10], box_temperature=None)
        series = only_series(craft.reports, BOX)
        assert series.times == [seconds(START + minute * MINUTE) for minute in (0, 5, 10)]
        assert series.values == [0, 1, 2]

    def test_those_of_an_enumeration_are_raw_also_without_a_label(self, craft):
        told(craft, [0], "HK_COMPUTER", mode="NAP")
        told(craft, [1], "HK_COMPUTER", mode=77)
        nap = {label: number for number, label in load().enums["mode"].items()}["NAP"]
        assert only_series(craft.reports, MODE).values == [nap, 77]

    def test_what_was_measured_at_night_stands_where_it_was_measured(self, craft):
        craft.tell("HK_NIGHT", START, measured_at=int(seconds(START - 9 * HOUR)), box_temperature=-20)
        chart = made(craft.reports, "HK_NIGHT.box_temperature").build()
        (panel,) = chart.panels
        assert panel.series[0].times == [seconds(START - 9 * HOUR)]
        assert chart.start == seconds(START - 9 * HOUR)

    def test_lost_reports_are_a_gap_and_one_between_two_gaps_is_a_dot(self, craft):
        told(craft, [0, 5, 10, 22, 27, 60, 90, 95], box_temperature=None)
        series = only_series(craft.reports, BOX)
        assert segments(series.line()) == [[0, 1, 2, 3, 4], [5], [6, 7]]
        # A step is not drawn across the gap: its end stands where the last value does
        times = series.line().times
        assert times[5] == times[4]
        assert series.alone().values == [5]

    def test_a_longer_period_by_command_is_no_gap(self, craft):
        told(craft, [0, 40, 80, 120, 240], box_temperature=None)
        assert segments(only_series(craft.reports, BOX).line()) == [[0, 1, 2, 3], [4]]

    def test_a_new_run_of_the_craft_is_not_joined(self, craft):
        told(craft, [0, 5, 10, 15], box_temperature=None)
        *first, third, fourth = craft.reports
        restarted = [replace(report, packet=report.packet._replace(run=1)) for report in (third, fourth)]
        assert segments(only_series([*first, *restarted], BOX).line()) == [[0, 1], [2, 3]]

    def test_those_of_an_event_are_dots(self, craft):
        told(craft, [0, 5], "ACTIVITY_DONE", data=None)
        series = only_series(craft.reports, "ACTIVITY_DONE.data")
        assert not series.is_joined
        assert series.alone().values == [0, 1]

    def test_half_an_hour_without_any_report_is_a_silence(self, craft):
        told(craft, [0, 5])
        told(craft, [34], "HK_COMPUTER")
        told(craft, [65, 120])
        chart = made(craft.reports, BOX).build()
        assert chart.silences == [
            Span(seconds(START + start * MINUTE), seconds(START + end * MINUTE)) for start, end in ((34, 65), (65, 120))
        ]
        assert (chart.start, chart.end) == (seconds(START), seconds(START + 120 * MINUTE))

    def test_the_first_of_two_craft_is_shown_and_the_rest_counted(self, craft, craft_like):
        lander = craft_like(4)
        told(craft, [0, 5])
        told(lander, [0, 5, 10])
        builder = made(craft.reports + lander.reports, BOX)
        assert builder.build().craft == "rover"
        assert len(builder.build().panels[0].series[0].values) == 2
        assert builder.notes == ["3 reports of another craft are not shown"]

    def test_fields_that_did_not_come_are_told_and_left_out(self, craft):
        told(craft, [0])
        builder = made(craft.reports, BOX, MODE)
        assert builder.lacking is None
        assert builder.notes == [f"{MODE}: nothing was received"]
        assert len(builder.build().panels) == 1


@pytest.fixture
def folder(craft, tmp_path):
    """A folder as a run leaves it, with a gap, an event, and reports of each kind of field."""
    told(craft, range(0, 200, 5), box_temperature=None, wing_temperature=-20)
    told(craft, range(300, 400, 5), box_temperature=None, wing_temperature=20)
    for minute in range(0, 200, 5):
        craft.tell("HK_COMPUTER", START + minute * MINUTE, mode="NAP" if minute > 60 else "ACTIVE")
        craft.tell("HK_PLAN", START + minute * MINUTE, ended=minute > 100)
    craft.tell("ACTIVITY_DONE", START + HOUR, data=12)
    (tmp_path / "downlink.tm").write_bytes(craft.downlink)
    return tmp_path


ALL_KINDS = (BOX, WING, MODE, "HK_PLAN.ended", "ACTIVITY_DONE.data")


class TestPicture:
    def test_one_field_of_a_folder_gets_a_picture_named_after_it(self, yutu2, folder):
        done = yutu2("chart", folder, BOX)
        assert (done.status, done.err) == (0, "")
        assert done.out.decode().splitlines()[-1] == str(folder / f"{BOX}.png")
        octets = (folder / f"{BOX}.png").read_bytes()
        assert octets[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">I", octets[16:20]) == (1200,)
        assert not (folder / "chart.png").exists()

    def test_all_kinds_stand_below_each_other_with_their_names_units_and_labels(self, yutu2, folder):
        done = yutu2("chart", folder, *ALL_KINDS, "--out", folder / "a.svg")
        assert (done.status, done.err) == (0, "")
        # Text is drawn, each with its words in a comment before it
        text = (folder / "a.svg").read_text()
        for words in (
            "Yutu-2 rover emulator: rover, lunar day 24, 2020-11-12",
            f"{BOX}: 0.0 to 39.0",
            f"{WING}: -20.0 to 20.0",
            "temperature (°C)",
            MODE,
            "ACTIVE",
            "NAP",
            "HK_PLAN.ended",
            "ACTIVITY_DONE.data: 12",
            "data (KiB)",
            "nothing received",
            "UTC, by on-board time",
        ):
            assert f"<!-- {words} -->" in text, words

    def test_one_report_is_enough(self, yutu2, craft, tmp_path):
        told(craft, [0])
        (tmp_path / "downlink.tm").write_bytes(craft.downlink)
        assert yutu2("chart", tmp_path, BOX).status == 0

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ([BOX, MODE], "--out: a picture of several fields has no name of its own; give --out FILE.png"),
            ([BOX, "--out", "{tmp}/a.jpg"], "--out: {tmp}/a.jpg should end in .png, .pdf or .svg"),
            (["HK_POWER.box"], "HK_POWER.box: unknown field 'box' of HK_POWER; "),
            (
                ["HK_STOP.east", "HK_DRIVE.east", "--out", "{tmp}/a.png"],
                "{tmp}/downlink.tm: has no HK_STOP and no HK_DRIVE; yutu2 decode shows what came",
            ),
        ],
    )
    def test_wrong_use_is_told_in_one_line_and_leaves_no_picture(self, refused, folder, arguments, why):
        line = refused("chart", folder, *(argument.format(tmp=folder) for argument in arguments))
        assert line.startswith("yutu2: " + why.format(tmp=folder))
        assert not list(folder.rglob("*.png"))
