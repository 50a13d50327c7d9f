"""The record in two slots, on a flash that cuts and damages what it should keep."""

from hypothesis import assume, example, given
from hypothesis import strategies as st
from rover.flight.mode_record import ModeRecord
from rover.store.redundant_record import RedundantRecord

RECORDS = st.binary(max_size=20)
# What may go wrong with the slot that was written last: octets cut off its end, or changed at a place, by an XOR
DAMAGE = st.one_of(
    st.tuples(st.just("cut"), st.integers(1, 40), st.just(0)),
    st.tuples(st.just("change"), st.integers(0, 39), st.integers(1, 255)),
    st.tuples(st.just("empty"), st.just(0), st.just(0)),
)


class Flash:
    """Two slots. failing: writes fail, and leave so many of their octets (never all), or the slot as it was: None."""

    def __init__(self):
        self.slots = [None, None]
        self.written = None  # the slot that was last
        self.failing = False
        self.cut = None

    def read(self, name, number):
        return self.slots[number]

    def write(self, name, number, octets):
        if self.failing:
            if self.cut is not None:
                self.slots[number] = octets[: min(self.cut, len(octets) - 1)]
            return False
        self.slots[number] = octets
        self.written = number
        return True

    def damage(self, kind, at, by):
        """Damages the slot that was written last."""
        octets = self.slots[self.written]
        if kind == "cut":
            octets = octets[: max(0, len(octets) - at)]
        elif kind == "empty":
            octets = None
        else:
            at %= len(octets)
            octets = octets[:at] + bytes([octets[at] ^ by]) + octets[at + 1 :]
        self.slots[self.written] = octets


def test_an_empty_store_holds_nothing():
    assert RedundantRecord(Flash(), "mode").load() is None


@given(st.lists(RECORDS, min_size=1, max_size=5))
def test_the_last_record_is_found_again(records):
    flash = Flash()
    slots = RedundantRecord(flash, "mode")
    for record in records:
        assert slots.save(record)
    assert RedundantRecord(flash, "mode").load() == records[-1]


@given(RECORDS, RECORDS, st.lists(RECORDS, max_size=4), DAMAGE)
def test_when_the_newest_slot_is_damaged_the_record_before_it_is_found(before, newest, earlier, damage):
    flash = Flash()
    slots = RedundantRecord(flash, "mode")
    for record in [*earlier, before, newest]:
        slots.save(record)
    flash.damage(*damage)
    assert RedundantRecord(flash, "mode").load() == before


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("save"), RECORDS),
        st.tuples(st.just("fail"), st.tuples(RECORDS, st.one_of(st.none(), st.integers(0, 30)))),
        st.tuples(st.just("restart"), st.none()),
    ),
    max_size=20,
)


@given(STEPS)
@example(
    [("save", b"a"), ("fail", (b"b", 3)), ("restart", None), ("fail", (b"c", 0)), ("save", b"d"), ("restart", None)]
)
def test_whatever_writes_fail_the_last_that_was_kept_is_found(steps):
    """A write that fails may cut the slot that it was for, never the one with the last record."""
    flash, kept, failed = Flash(), None, 0
    slots = RedundantRecord(flash, "mode")
    for step, given_ in steps:
        if step == "restart":
            slots, failed = RedundantRecord(flash, "mode"), 0
            assert slots.load() == kept
        elif step == "save":
            assert slots.save(given_)
            kept = given_
        else:
            record, flash.cut = given_
            flash.failing = True
            assert not slots.save(record)
            flash.failing = False
            failed += 1
        assert slots.errors == failed
        assert RedundantRecord(flash, "mode").load() == kept


@given(st.lists(RECORDS, max_size=4), st.lists(DAMAGE, max_size=3), st.lists(st.binary(max_size=30), max_size=2))
def test_what_was_never_saved_is_never_found(records, damages, garbage):
    flash = Flash()
    slots = RedundantRecord(flash, "mode")
    for number, octets in enumerate(garbage):
        flash.slots[number] = octets
    slots.load()
    for record in records:
        slots.save(record)
        for damage in damages:
            if flash.slots[flash.written]:
                flash.damage(*damage)
    assert RedundantRecord(flash, "mode").load() in [None, *records]


def keep(flash, **values):
    """The record of a craft with these values, kept."""
    record = ModeRecord(RedundantRecord(flash, "mode"))
    for name, value in values.items():
        setattr(record, name, value)
    record.keep()


VALUES = st.fixed_dictionaries(
    {
        "mode": st.integers(0, 5),
        "safe": st.booleans(),
        "reason": st.integers(0, 14),
        "count": st.integers(0, 0xFFFF),
        "entered_s": st.integers(0, 2**30),
        "resets": st.integers(0, 255),
        "exits": st.integers(0, 3),
        "spare": st.booleans(),
        "isolated": st.integers(0, 255),
        "slept_s": st.integers(0, 2**30),
    }
)


@given(VALUES)
def test_what_a_craft_keeps_it_finds_after_a_restart(values):
    flash = Flash()
    keep(flash, **values)
    found = ModeRecord(RedundantRecord(flash, "mode"))
    assert found.found
    assert {name: getattr(found, name) for name in values} == values


def test_a_record_that_has_not_changed_is_not_written_again():
    flash = Flash()
    keep(flash, mode=3)
    before = list(flash.slots)
    keep(flash, mode=3)
    assert flash.slots == before


@given(st.integers(0, 255), st.integers(0, 20))
def test_a_record_of_another_layout_counts_as_none(layout, length):
    flash = Flash()
    keep(flash, mode=3, count=5)
    slots = RedundantRecord(flash, "mode")
    octets = slots.load()
    assume((layout, length) != (octets[0], len(octets)))
    slots.save((bytes([layout]) + octets[1:] + b"\0" * 8)[:length])
    found = ModeRecord(RedundantRecord(flash, "mode"))
    assert not found.found
    assert (found.mode, found.safe, found.count) == (0, False, 0)
