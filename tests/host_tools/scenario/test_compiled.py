"""What the firmware gets of a scenario."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st
from yutu2.dictionary.model import load
from yutu2.firmware import EPOCH, to_datetime
from yutu2.mission.scenario import ScenarioError, compile_scenario

CLOCK_END_MS = (1 << 30) * 1000
UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
FAULTS = load().faults


def test_a_line_an_action_with_its_time_fault_and_arguments(read):
    scenario = read(
        "2020-11-12T06:00:00Z      dead  sensor=BOX_A  for 6h",
        "2020-11-12T18:00:00.250Z  reset",
        "2019-01-01                more  watts=80 sensor=SUN",
        "2020-11-12T06:00:00.5Z    dust  share=-9 for 1ms",
    )
    assert scenario.compiled() == (
        "scenario 1 01ab23cd\n"
        "0 0 6 1 0 80\n"
        "58860000 0 3 1 3 0\n"
        "58860000 500 7 1 -9 0\n"
        "58860000 501 7 0 -9 0\n"
        "58881600 0 3 0 3 0\n"
        "58903200 250 11 1 0 0\n"
    )


def test_at_one_time_ends_go_before_begins_and_these_as_in_the_file(read):
    scenario = read(
        "2019-01-01T02:00 watch sensor=SUN status=OFF",
        "2019-01-01T02:00 hang for 1h",
        "2019-01-01T02:00 reset",
        "2019-01-01T01:00 hang for 1h",
    )
    assert scenario.compiled().splitlines()[1:] == [
        "3600 0 13 1 0 0",
        "7200 0 13 0 0 0",
        "7200 0 22 1 0 1",
        "7200 0 13 1 0 0",
        "7200 0 11 1 0 0",
        "10800 0 13 0 0 0",
    ]


def test_a_scenario_without_a_line_is_one(read):
    assert read("# a quiet day").compiled() == "scenario 1 01ab23cd\n"


def test_it_speaks_for_the_dictionary_of_the_firmware():
    assert compile_scenario("", "day.txt", load()).compiled() == f"scenario 1 {load().hash.hex()}\n"


def test_what_lies_outside_a_run_is_warned_of(read):
    start, end = datetime(2020, 11, 12, tzinfo=UTC), datetime(2020, 11, 13, tzinfo=UTC)
    scenario = read(
        "2020-11-13T00:00:00.001 reset",
        "2020-11-13 reset",
        "2020-11-12 reset",
        "2020-11-11T23:59:59.999 reset",
        "2020-11-11T22:00 dead sensor=SUN for 2h",
        "2020-11-11T22:00 dead sensor=BOX_A for 3h",
        "2020-11-11T22:00 dust share=1",
        "2021-01-01 hang",
    )
    assert scenario.warnings(start, end) == [
        f"day.txt:{what} lies outside the run, 2020-11-12T00:00:00Z to 2020-11-13T00:00:00Z"
        for what in ("1: reset", "4: reset", "5: dead sensor=SUN", "8: hang")
    ]


def texts_of(fault):
    """Arguments of a fault: (text, value) of each."""
    return st.tuples(
        *(
            st.sampled_from([(f"{argument.name}={label}", value) for value, label in argument.labels.items()])
            if argument.labels
            else st.integers(argument.least, argument.most).map(lambda n, name=argument.name: (f"{name}={n}", n))
            for argument in fault.arguments
        )
    )


@st.composite
def entries(draw):
    """(line, begin in ms, end in ms or None, fault, values, target) of a line that is good by itself."""
    fault = draw(st.sampled_from(FAULTS))
    texts = draw(texts_of(fault))
    values = tuple(value for _, value in texts)
    begin_ms = draw(st.integers(0, CLOCK_END_MS - UNITS_MS["d"]))
    words = [to_datetime(begin_ms // 1000, begin_ms % 1000).isoformat(timespec="milliseconds")[:23], fault.name]
    words[0] += draw(st.sampled_from(["", "Z"]))
    words += draw(st.permutations([text for text, _ in texts]))
    end_ms = None
    if not fault.momentary and draw(st.booleans()):
        unit = draw(st.sampled_from(sorted(UNITS_MS)))
        length = draw(st.integers(1, (CLOCK_END_MS - begin_ms) // UNITS_MS[unit]))
        end_ms = begin_ms + length * UNITS_MS[unit]
        words += ["for", f"{length}{unit}"]
    target = (fault.group, *(value for argument, value in zip(fault.arguments, values, strict=True) if argument.labels))
    return draw(st.sampled_from([" ", "\t", "  "])).join(words), begin_ms, end_ms, fault, values, target[:2]


def apart(one, other):
    _, begin_ms, end_ms, fault, _, target = one
    _, other_begin_ms, other_end_ms, _, _, other_target = other
    if fault.momentary or target != other_target:
        return True
    return (end_ms is not None and end_ms <= other_begin_ms) or (other_end_ms is not None and other_end_ms <= begin_ms)


@st.composite
def scenarios(draw):
    """Entries that may stand in one file."""
    kept = []
    for entry in draw(st.lists(entries(), max_size=12)):
        if all(apart(entry, other) for other in kept):
            kept.append(entry)
    return kept


def parsed(compiled):
    """(begin, end or None, fault, A, B) of each entry that a compiled scenario tells, and its actions' times."""
    head, *lines = compiled.splitlines()
    assert head == f"scenario 1 {load().hash.hex()}"
    actions = [tuple(map(int, line.split(" "))) for line in lines]
    assert all(0 <= ms < 1000 for _, ms, *_ in actions)
    by_id = {fault.id: fault for fault in FAULTS}
    found, open_now = [], {}
    for s, ms, number, on, a, b in actions:
        labelled = by_id[number].arguments and by_id[number].arguments[0].labels
        target = (by_id[number].group, a if labelled else None)
        if on:
            found.append([s * 1000 + ms, None, number, a, b])
            if not by_id[number].momentary:
                assert target not in open_now
                open_now[target] = found[-1]
        else:
            begun = open_now.pop(target)
            assert begun[3:] == [a, b]
            begun[1] = s * 1000 + ms
    return found, [(s, ms) for s, ms, *_ in actions]


@given(scenarios())
def test_every_good_scenario_comes_back_from_its_compiled_form(made):
    text = "\n".join(line for line, *_ in made)
    compiled = compile_scenario(text, "day.txt", load()).compiled()
    assert compiled.isascii()
    found, times = parsed(compiled)
    assert times == sorted(times)
    assert sorted(map(repr, found)) == sorted(
        repr([begin_ms, end_ms, fault.id, *(*values, 0, 0)[:2]]) for _, begin_ms, end_ms, fault, values, _ in made
    )


@given(st.lists(entries(), max_size=12))
def test_what_overlaps_is_refused_and_nothing_else(made):
    text = "\n".join(line for line, *_ in made)
    good = all(apart(one, other) for at, one in enumerate(made) for other in made[:at])
    assert accepted(text) == good


@given(scenarios())
def test_the_table_tells_each_entry_once(made):
    scenario = compile_scenario("\n".join(line for line, *_ in made), "day.txt", load())
    times = [line[2:25] for line in scenario.lines()[1:]]
    begun = sorted(EPOCH + timedelta(milliseconds=begin_ms) for _, begin_ms, *_ in made)
    assert times == [time.strftime("%Y-%m-%d %H:%M:%S.") + f"{time.microsecond // 1000:03}" for time in begun]


def accepted(text):
    """Whether a text is a scenario; if not, that it is told as it should be."""
    try:
        compile_scenario(text, "day.txt", load())
    except ScenarioError as error:
        numbers = []
        for line in str(error).split("\n"):
            name, number, told = line.split(":", 2)
            assert name == "day.txt"
            assert told.startswith(" ")
            assert "; " in told
            numbers.append(int(number))
        assert numbers == sorted(set(numbers))
        assert 1 <= numbers[0] <= numbers[-1] <= text.count("\n") + 1
        return False
    return True


@st.composite
def mutated(draw):
    """The text of a good scenario with a few characters put in, taken out or changed."""
    text = list("\n".join(line for line, *_ in draw(scenarios())))
    characters = st.one_of(st.sampled_from("0123456789-:.TZ =for#\n"), st.characters(codec="utf-8"))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 2))] = draw(st.lists(characters, max_size=2))
    return "".join(text)


@given(mutated())
@example("2020-11-12 dust percent=" + "9" * 5000)
@example("2020-11-12 hang for " + "9" * 12 + "d")
def test_a_mutilated_scenario_is_taken_or_told_and_never_more(text):
    accepted(text)


@given(st.text())
def test_any_text_is_taken_or_told(text):
    accepted(text)
