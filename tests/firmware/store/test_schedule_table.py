"""The schedule table against a model, whatever is asked of it and whenever the computer restarts or the store fails."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from rover.board.scratch import Scratch
from rover.store.schedule_table import MOST, PACKET, ScheduleTable

PLACES = st.integers(0, MOST - 1)
TIMES = st.tuples(st.integers(0, 3), st.integers(0, 2)) | st.tuples(st.integers(0, (1 << 30) - 1), st.integers(0, 999))


class Cut(Exception):
    """The computer restarts."""


class Flash(Scratch):
    """A store that fails on demand, or at whose next change the computer restarts: before or after it."""

    def __init__(self):
        super().__init__()
        self.failing = False
        self.cut = None

    def write_entry(self, place, octets):
        return self._change(super().write_entry, place, octets)

    def erase_entry(self, place):
        return self._change(super().erase_entry, place)

    def _change(self, call, *change):
        if self.failing:
            return False
        cut, self.cut = self.cut, None
        if cut == "before":
            raise Cut
        done = call(*change)
        if cut == "after":
            raise Cut
        return done


class Model(RuleBasedStateMachine):
    """entries: (time, order of coming in, sub-schedule, packet) of each command that must be there."""

    def __init__(self):
        super().__init__()
        self.flash = Flash()
        self.table = ScheduleTable(self.flash)
        self.entries = []
        self.enabled = False
        self.came_in = 0

    def change(self, call, apply):
        """Does something; if the computer restarts meanwhile, it is done or not, as the store has it."""
        after = self.flash.cut == "after"
        try:
            done = call()
        except Cut:
            self.table = ScheduleTable(self.flash)
            done = after
        if done:
            apply()
        self.flash.cut = None
        return done

    @rule(failing=st.booleans())
    def the_store_fails(self, failing):
        self.flash.failing = failing

    @rule(cut=st.sampled_from(["before", "after"]))
    def the_next_change_is_cut(self, cut):
        self.flash.cut = cut

    @rule()
    def restart(self):
        self.table = ScheduleTable(self.flash)

    @precondition(lambda self: len(self.entries) < MOST)
    @rule(time=TIMES, sub=st.integers(0, 255), sequence=st.integers(0, 0xFFFF), rest=st.binary(max_size=124))
    def insert(self, time, sub, sequence, rest):
        packet = b"\x18\x01" + sequence.to_bytes(2) + rest
        self.change(lambda: self.table.insert(*time, sub, packet) >= 0, lambda: self.add(time, sub, packet))

    def add(self, time, sub, packet):
        self.came_in += 1
        self.entries.append((time, self.came_in, sub, packet))
        self.entries.sort()

    @precondition(lambda self: self.entries)
    @rule(rank=st.integers(0, MOST))
    def remove(self, rank):
        rank %= len(self.entries)
        self.change(lambda: self.table.remove(self.table.places[rank]), lambda: self.entries.pop(rank))

    @precondition(lambda self: self.entries)
    @rule(rank=st.integers(0, MOST), time=TIMES)
    def move(self, rank, time):
        rank %= len(self.entries)

        def apply():
            _, _, sub, packet = self.entries.pop(rank)
            self.add(time, sub, packet)

        self.change(lambda: self.table.move(self.table.places[rank], *time), apply)

    @rule(wanted=st.booleans())
    def enable(self, wanted):
        def apply():
            self.enabled = wanted

        unchanged = wanted == self.enabled
        assert self.change(lambda: self.table.enable(wanted), apply) or not unchanged

    @precondition(lambda self: self.entries)
    @rule(rank=st.integers(0, MOST))
    def find(self, rank):
        rank %= len(self.entries)
        sequence = self.entries[rank][3][2:4]
        first = next(at for at, entry in enumerate(self.entries) if entry[3][2:4] == sequence)
        assert self.table.find(int.from_bytes(sequence)) == self.table.places[first]

    @invariant()
    def it_holds_what_it_should(self):
        table = self.table
        places = list(table.places[: table.count])
        assert len(set(places)) == table.count == len(self.entries)
        assert table.enabled == self.enabled
        told = [((table.s[place], table.ms[place]), table.subs[place], table.sequences[place]) for place in places]
        assert told == [(time, sub, int.from_bytes(packet[2:4])) for time, _, sub, packet in self.entries]
        assert [table.read(place)[PACKET:] for place in places] == [packet for _, _, _, packet in self.entries]
        assert table.lost == 0


Model.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestTimetable = Model.TestCase


@pytest.mark.parametrize("octets", [b"\0", bytes(15), bytes(40), bytes(600)])
def test_an_entry_that_was_cut_is_freed_and_counted(octets):
    flash = Scratch()
    table = ScheduleTable(flash)
    place = table.insert(5, 6, 7, b"\x18\x01\xc0\x09 and so on")
    flash.write_entry(place + 1, octets)
    table = ScheduleTable(flash)
    assert (table.count, table.lost, flash.entries()) == (1, 1, [place])
    assert table.find(0xC009) == place
    assert table.find(1) == -1


def test_what_comes_in_after_a_restart_goes_after_what_came_in_before():
    flash = Scratch()
    table = ScheduleTable(flash)
    gone, first = (table.insert(5, 6, 0, b"\x18\x01\xc0" + bytes([number])) for number in range(2))
    table.remove(gone)
    table = ScheduleTable(flash)
    second = table.insert(5, 6, 0, b"\x18\x01\xc0\x02")
    assert second < first
    assert list(ScheduleTable(flash).places[:2]) == [first, second]


def test_a_place_that_is_free_again_is_taken_again():
    table = ScheduleTable(Scratch())
    for number in range(3 * MOST):
        place = table.insert(5, 6, 0, b"\x18\x01" + number.to_bytes(2))
        assert place == 0
        assert table.remove(place)


def test_what_is_forgotten_is_there_after_a_restart():
    flash = Scratch()
    table = ScheduleTable(flash)
    place = table.insert(5, 6, 7, b"\x18\x01\xc0\x09")
    table.forget(place)
    assert table.count == 0
    assert ScheduleTable(flash).count == 1


def test_numbers_stay_in_a_pico_s_small_integers(pico_int):
    table = ScheduleTable(Scratch())
    for number in range(MOST):
        table.insert(pico_int((1 << 30) - 1), pico_int(999), 0, b"\x18\x01" + number.to_bytes(2))
    assert table.count == MOST
