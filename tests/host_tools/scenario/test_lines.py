"""What a line of a scenario may be, and how one that cannot be is told."""

import pytest

TIMES = "it may be 2020-11-12, 2020-11-12T06:00, 2020-11-12T06:00:30 or 2020-11-12T06:00:30.250Z"
CLOCK = "lies outside the clock; it goes from 2019-01-01 to 2053-01-09T13:37:04Z"
DURATIONS = "it may be a number of ms, s, min, h or d, as 90min or 1.5h, and is 1ms at least"
DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("2019-01-01", 0),
        ("2019-01-02Z", DAY_MS),
        ("2019-01-02T02:17", DAY_MS + 8_220_000),
        ("2019-01-02T02:17Z", DAY_MS + 8_220_000),
        ("2019-01-02T02:17:30", DAY_MS + 8_250_000),
        ("2019-01-02T02:17:30.250Z", DAY_MS + 8_250_250),
        ("2019-01-02T02:17:30.2", DAY_MS + 8_250_200),
        ("2020-02-29", 424 * DAY_MS),
        ("2053-01-09T13:37:03.999Z", (1 << 30) * 1000 - 1),
    ],
)
def test_a_time_is_of_iso_8601_in_utc(read, text, time_ms):
    (entry,) = read(f"{text} reset").entries
    assert entry.begin_ms == (time_ms)


@pytest.mark.parametrize(
    "text",
    [
        *("noon", "2020-13-01", "2021-02-29", "0000-01-01", "2020-11-9", "20201112", "2020-11-12T", "2020-11-12T06"),
        *("2020-11-12T24:00", "2020-11-12T06:60", "2020-11-12T06:00:60", "2020-11-12T06:00:30.", "2020-11-12T06:00.5"),
        *("2020-11-12T06:00:30.2504", "2020-11-12T06:00+01:00", "2020-11-12t06:00", "2020-11-12T06:00ZZ", "٢٠٢٠-11-12"),
    ],
)
def test_what_is_no_time_is_told(wrong, text):
    assert wrong(f"{text} reset") == [f"day.txt:1: '{text}' is not a UTC time; {TIMES}"]


@pytest.mark.parametrize("text", ["2018-12-31T23:59:59.999Z", "0001-01-01", "2053-01-09T13:37:04Z", "9999-12-31"])
def test_a_time_outside_the_clock_is_told(wrong, text):
    assert wrong(f"{text} reset") == [f"day.txt:1: {text} {CLOCK}"]


@pytest.mark.parametrize(
    ("text", "length_ms"),
    [("1ms", 1), ("7s", 7000), ("0.5s", 500), ("90min", 5_400_000), ("1.5h", 5_400_000), ("2d", 2 * DAY_MS)],
)
def test_a_duration_has_a_unit(read, text, length_ms):
    (entry,) = read(f"2019-01-01T00:00:01 hang for {text}").entries
    assert (entry.begin_ms, entry.end_ms) == (1000, 1000 + length_ms)


@pytest.mark.parametrize(
    "text", ["6", "h", "0h", "0.0ms", "-6h", "+6h", "1.h", ".5h", "6m", "6H", "1e3s", "1.5ms", "0.0001s", "1_0s", "٦h"]
)
def test_what_is_no_duration_is_told(wrong, text):
    assert wrong(f"2020-11-12 hang for {text}") == [f"day.txt:1: '{text}' is not a duration; {DURATIONS}"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "a time and no fault; choose from stuck, dead, more, dust, reset, hang, watch"),
        ("dead", "dead lacks sensor; write dead sensor=..."),
        ("more watts=3", "more lacks sensor; write more sensor=... watts=..."),
        ("ded sensor=SUN", "unknown fault 'ded'; did you mean dead?"),
        ("HANG", "unknown fault 'HANG'; did you mean hang?"),
        ("xyz", "unknown fault 'xyz'; choose from stuck, dead, more, dust, reset, hang, watch"),
        ("for 6h", "unknown fault 'for'; choose from stuck, dead, more, dust, reset, hang, watch"),
        ("dead BOX_A", "'BOX_A' is no argument; write dead sensor=..."),
        ("reset now", "'now' is no argument; write reset"),
        ("dead sensr=SUN", "unknown argument 'sensr' of dead; did you mean sensor?"),
        ("more sensor=SUN wats=3", "unknown argument 'wats' of more; did you mean watts?"),
        ("dust of=3", "unknown argument 'of' of dust; choose from share"),
        ("reset seconds=3", "unknown argument 'seconds' of reset; it takes none"),
        ("dead sensor=SUN sensor=SUN", "sensor stands there twice; give it once"),
        ("dead sensor=box_a", "sensor: unknown 'box_a'; did you mean BOX_A or BOX_B?"),
        ("dead sensor=", "sensor: unknown ''; choose from SUN, BOX_A, BOX_B"),
        ("dead sensor=3", "sensor: unknown '3'; choose from SUN, BOX_A, BOX_B"),
        ("watch sensor=SUN status=ONN", "status: unknown 'ONN'; did you mean ON?"),
        ("dust share=91", "share: '91' is not a whole number in range; it may be from -90 to 90"),
        ("dust share=-91", "share: '-91' is not a whole number in range; it may be from -90 to 90"),
        ("dust share=many", "share: 'many' is not a whole number in range; it may be from -90 to 90"),
        ("dust share=1_0", "share: '1_0' is not a whole number in range; it may be from -90 to 90"),
        ("more sensor=SUN watts=1.5", "watts: '1.5' is not a whole number in range; it may be from 1 to 200 (W)"),
        (f"dust share={'9' * 5000}", f"share: '{'9' * 5000}' is not a whole number in range; it may be from -90 to 90"),
        ("reset for 6h", "reset happens in a moment; leave out 'for'"),
        ("reset for", "reset happens in a moment; leave out 'for'"),
        ("hang for", f"'for' stands without a duration; {DURATIONS}"),
        ("hang for 6 h", "'h' stands after the duration; 'for' and its duration are the last in a line"),
        (
            "dead for 6h sensor=SUN",
            "'sensor=SUN' stands after the duration; 'for' and its duration are the last in a line",
        ),
        ("hang for 6h for 6h", "'for' stands after the duration; 'for' and its duration are the last in a line"),
        (
            "hang for 20000d",
            "for 20000d goes past the clock's end, 2053-01-09T13:37:04Z; leave 'for' out, and it lasts to the end",
        ),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_wrong_is_told_with_its_line_and_what_may_be(wrong, line, told):
    assert wrong("# a comment", "", f"2020-11-12 {line}") == [f"day.txt:3: {told}"]


def test_arguments_stand_in_any_order(read):
    (entry,) = read("2020-11-12 more watts=200 sensor=BOX_B for 6h").entries
    assert (entry.fault.name, entry.values, entry.what) == ("more", (4, 200), "more sensor=BOX_B watts=200")


def test_comments_and_blank_lines_are_nothing(read):
    scenario = read("# nothing", "   ", "\t2019-01-01\treset # now", "2019-01-02 reset#", "")
    assert [(entry.line, entry.begin_ms) for entry in scenario.entries] == [(3, 0), (4, DAY_MS)]


def test_a_line_may_end_as_on_windows(read):
    assert len(read("2019-01-01 reset\r", "\r", "2019-01-01 hang for 6h\r").entries) == 2


def test_every_wrong_line_is_told_in_the_order_of_the_file(wrong):
    assert wrong(
        "2020-11-14 hang", "2020-11-12 rest", "2020-11-12 reset", "later reset", "2020-11-15 hang", "2020-11-12 reset x"
    ) == [
        "day.txt:2: unknown fault 'rest'; did you mean reset?",
        f"day.txt:4: 'later' is not a UTC time; {TIMES}",
        "day.txt:5: hang begins while hang of line 1 lasts, until the end, and the end of one would end the other; "
        "let one follow the other",
        "day.txt:6: 'x' is no argument; write reset",
    ]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            ["2020-11-12 dead sensor=SUN for 2h", "2020-11-12T01:59:59.999 dead sensor=SUN for 1h"],
            "day.txt:2: dead sensor=SUN begins while dead sensor=SUN of line 1 lasts, until 2020-11-12 02:00:00.000",
        ),
        (
            ["2020-11-12T01:00 more sensor=SUN watts=3 for 1min", "2020-11-12 more sensor=SUN watts=4 for 2h"],
            "day.txt:1: more sensor=SUN watts=3 begins while more sensor=SUN watts=4 of line 2 lasts, "
            "until 2020-11-12 02:00:00.000",
        ),
        (
            ["2020-11-12 dust share=3", "2030-11-12 dust share=4"],
            "day.txt:2: dust share=4 begins while dust share=3 of line 1 lasts, until the end",
        ),
        (
            ["2020-11-12 dead sensor=SUN for 2h", "2020-11-12T01:00 stuck sensor=SUN"],
            "day.txt:2: stuck sensor=SUN begins while dead sensor=SUN of line 1 lasts, until 2020-11-12 02:00:00.000",
        ),
        (
            ["2020-11-12 hang for 2h", "2020-11-12 hang for 1h"],
            "day.txt:2: hang begins while hang of line 1 lasts, until 2020-11-12 02:00:00.000",
        ),
    ],
)
def test_one_fault_twice_on_one_target_is_told_with_both_lines(wrong, lines, told):
    assert wrong(*lines) == [f"{told}, and the end of one would end the other; let one follow the other"]


def test_one_that_was_over_before_another_hides_no_third(wrong):
    told = wrong("2020-11-12 hang for 9h", "2020-11-12T01:00 hang for 1h", "2020-11-12T03:00 hang for 1h")
    assert [line.partition(" lasts")[0] for line in told] == [
        "day.txt:2: hang begins while hang of line 1",
        "day.txt:3: hang begins while hang of line 1",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["2020-11-12T02:00 hang for 1h", "2020-11-12 hang for 2h", "2020-11-12T03:00 hang"],
        ["2020-11-12 dead sensor=SUN", "2020-11-12 dead sensor=BOX_A", "2020-11-12 more sensor=SUN watts=3"],
        ["2020-11-12 reset", "2020-11-12 reset", "2020-11-12 hang"],
    ],
    ids=["one after the other", "other targets", "momentary ones"],
)
def test_what_ends_nothing_else_is_welcome(read, lines):
    assert len(read(*lines).entries) == 3
