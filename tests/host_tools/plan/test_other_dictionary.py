"""A plan that was written for another dictionary is good as long as the activities that it uses are what they were."""

import pytest
from yutu2.dictionary.model import load, load_file, own_file
from yutu2.mission.plan import PlanError, compile_plan

OURS = load().hash.hex()
RING = "ring: at noon - 2d pcam_ring pitches=3"
DRIVE = "go: at sunrise + 3d drive bearing=315 distance=5.5"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The user's cache: an empty folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "yutu2" / "dictionaries"


@pytest.fixture
def earlier(tmp_path):
    """`earlier(old, new, of=...)`: our dictionary with other words, from the entry `of` on, and its file."""

    def earlier(old, new, of="[mission]"):
        head, entry, rest = own_file().read_text(encoding="utf-8").partition(of)
        assert old in rest
        path = tmp_path / "earlier.toml"
        path.write_text(head + entry + rest.replace(old, new, 1), encoding="utf-8")
        return load_file(path), path

    return earlier


def read(dictionary, *lines):
    """The plan of these lines, written for a dictionary and read by ours."""
    text = "\n".join([f"dictionary {dictionary.hash.hex()}", "lunar-day 24", *lines])
    return compile_plan(text, "day.plan", load(), dictionary)


def refused(dictionary, *lines):
    with pytest.raises(PlanError) as error:
        read(dictionary, *lines)
    return str(error.value).split("\n")


@pytest.mark.parametrize(
    ("old", "new", "of"),
    [
        ("data_kib = 4096", "data_kib = 4000", "[mission]"),  # nothing of an activity
        ("unit_s = 1200", "unit_s = 900", "[activity.VNIS_DETECT]"),  # of one that the plan does not use
        ('text = "panoramic', 'text = "A panoramic', "[activity.PCAM_RING]"),
    ],
)
def test_it_is_read_as_ever_when_what_it_uses_is_the_same(earlier, old, new, of):
    before, _ = earlier(old, new, of)
    plan = read(before, RING, DRIVE)
    # What the firmware gets is of the dictionary that it has
    assert plan.compiled() == read(load(), RING, DRIVE).compiled()
    assert plan.compiled().startswith(f"plan 1 {OURS} 24\n")


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ('modes = ["ACTIVE"]', 'modes = ["ACTIVE", "NAP"]', "modes: ACTIVE, before ACTIVE and NAP"),
        ('uses = ["MAST_HEAD"]', "uses = []", "resources: MAST_HEAD, before none"),
        ('instrument = "PCAM"\n', "", "instrument: PCAM, before none"),
        ('"LOAD_PCAM"', '"LOAD_VNIS"', "load: LOAD_PCAM, 12 W, before LOAD_VNIS, 20 W"),
        ("[12000, 90000]", "[12500, 90000]", "elevation of the Sun: 12 to 90 deg, before 12.5 to 90 deg"),
        ("[-200, 500]", "[-205, 500]", "temperature of the box: -20 to 50 degC, before -20.5 to 50 degC"),
        ('motion = "STILL"', 'motion = "ANY"', "motion: STILL, before ANY"),
        ("unit_s = 600", "unit_s = 500", "time: 600 s for each of pitches, before 500 s for each of pitches"),
        ("unit_kib = 121", "unit_kib = 1", "data: 121 KiB for each of pitches, before 1 KiB for each of pitches"),
        ("most = 3", "most = 4", "pitches: 1 to 3, before 1 to 4"),
        ("least = 1, most = 3", "min = 1, max = 3, scale = 0.5", "pitches: 1 to 3, before 0.5 to 1.5 in steps of 0.5"),
        ("least = 1, most = 3", 'min = 1, max = 3, unit = "deg"', "pitches: 1 to 3, before 1 to 3 deg"),
        (
            '"pitches"',
            '"rows"',
            "time: 600 s for each of pitches, before 600 s for each of rows; "
            "data: 121 KiB for each of pitches, before 121 KiB for each of rows; "
            "arguments: pitches, before rows; pitches: 1 to 3, before none; rows: none, before 1 to 3",
        ),
    ],
)
def test_it_is_refused_where_an_activity_has_changed(earlier, old, new, changed):
    before, _ = earlier(old, new, "[activity.PCAM_RING]")
    assert refused(before, DRIVE, RING) == [
        f"day.plan:4: pcam_ring has changed since dictionary {before.hash.hex()}: {changed}; see whether ring does "
        f"what it should, then write dictionary {OURS}"
    ]


def test_what_a_load_draws_counts_too(earlier):
    before, _ = earlier("LOAD_PCAM = { rover = 12000", "LOAD_PCAM = { rover = 10000")
    (line,) = refused(before, RING)
    assert "has changed since" in line
    assert ": load: LOAD_PCAM, 12 W, before LOAD_PCAM, 10 W; see" in line


def test_an_activity_that_was_not_there_is_new(earlier):
    before, _ = earlier("[activity.PCAM_RING]", "[activity.PCAM_ROUND]")
    (line,) = refused(before, RING)
    assert "pcam_ring has changed since dictionary" in line
    assert ": it is new; see" in line


def test_the_dictionary_comes_from_the_cache(yutu2, plan_file, earlier, cache):
    before, path = earlier("data_kib = 4096", "data_kib = 4000")
    plan = plan_file(RING, head=(f"dictionary {before.hash.hex()}", "lunar-day 24"))
    told = yutu2("plan", "check", plan, "--out", plan + ".out")
    assert told.status == 2
    assert f"{plan}:1: the plan was written for dictionary {before.hash.hex()}, which is not in the cache" in told.err
    cache.mkdir(parents=True)
    path.rename(cache / f"{before.hash.hex()}.toml")
    done = yutu2("plan", "check", plan, "--out", plan + ".out")
    assert (done.status, done.err) == (0, plan + ".out\n")
    # A run reads it in the same way
    done = yutu2("run", "--plan", plan, "--start", "2020-11-12", "--days", "0.01")
    assert done.status == 0, done.err


def test_the_dictionary_is_given_where_the_cache_lacks_it(yutu2, plan_file, earlier):
    before, path = earlier("data_kib = 4096", "data_kib = 4000")
    plan = plan_file(RING, head=(f"dictionary {before.hash.hex()}", "lunar-day 24"))
    done = yutu2("plan", "check", plan, "--dictionary", path)
    assert (done.status, done.err) == (0, "")
    assert b"1 step, 0.0 m driven" in done.out


def test_another_one_than_the_plan_names_is_refused(refused, plan_file, earlier):
    before, path = earlier("data_kib = 4096", "data_kib = 4000")
    plan = plan_file(RING, head=("dictionary deadbeef", "lunar-day 24"))
    assert refused("plan", "check", plan, "--dictionary", path) == (
        f"yutu2: {plan}:1: the plan was written for dictionary deadbeef, and --dictionary gives {before.hash.hex()}; "
        "give that one"
    )


def test_a_plan_may_come_through_a_pipe(yutu2, plan_file):
    with open(plan_file(RING), "rb") as file:  # noqa: PTH123
        octets = file.read()
    assert yutu2("plan", "check", "/dev/stdin", input=octets).status == 0
