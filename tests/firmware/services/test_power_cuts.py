"""A restart at each change of the store: a telecommand of the schedule is done whole or not, and may come again."""

import itertools

import pytest
from rover.app import Reset
from yutu2.dictionary.model import load
from yutu2.uplink.encode import packet, read_request

REASON = 5  # any of the dictionary's enum `crash`
BOOT_S = 30
KEPT = ("read_entry", "write_entry", "erase_entry", "entries")
TIMES = "2020-11-11T09:00:00Z,2020-11-11T09:00:00.250Z,2020-11-11T10:00:00Z"
INSERT = f"SCHEDULE_INSERT sub_schedule=2 time={TIMES} command=(PING),(STOP),(DRIVE bearing=315 distance=5)"
ONE = "SCHEDULE_INSERT sub_schedule=0 time=2020-11-11T11:00:00Z command=(PING)"
NAMES = "packet_id=6145,6145 sequence_control={},{}"
FIRST = 100  # sequence count of what is there before; its commands have the next ones
NAMED = NAMES.format(0xC000 | FIRST + 1, 0xC000 | FIRST + 3)
COMMANDS = {
    "one": ONE,
    "insert": INSERT,
    "delete": f"SCHEDULE_DELETE {NAMED}",
    "shift": f"SCHEDULE_SHIFT offset=-60.5 {NAMED}",
    "shift all": "SCHEDULE_SHIFT_ALL offset=90.25",
    "reset": "SCHEDULE_RESET",
    "disable": "SCHEDULE_DISABLE",
}


class Interrupted:
    """A rover whose computer restarts at the n-th change of its schedule's store, before or after it is made."""

    def __init__(self, make_ground):
        self.ground = make_ground()
        self._left = -1
        self._when = ""
        store = self.ground.rover.store
        for name in ("write_entry", "erase_entry"):
            setattr(store, name, self._cut(getattr(store, name)))

    def _cut(self, change):
        def change_or_restart(*arguments):
            self._left -= 1
            if self._left or self._when == "after":
                done = change(*arguments)
            if not self._left:
                raise Reset(REASON)
            return done

        return change_or_restart

    def send(self, octets, cut_at=0, when=""):
        """Sends a telecommand. Returns the reports; cut_at: at which change the computer restarts, from 1."""
        ground = self.ground
        self._left, self._when = cut_at or -1, when
        reset = ground.rover._guarded(lambda: ground.rover.commanding.take(bytearray(octets), 0, len(octets)))
        self._left = -1
        return ground.run(BOOT_S) if reset else ground.reports()

    def schedule(self):
        """All that is in: whether it is enabled, and each command."""
        rover = self.ground.rover
        schedule_table = (rover.schedule or rover.open_schedule()).open()
        entries = []
        for rank in range(schedule_table.count):
            place = schedule_table.places[rank]
            entries.append(
                (
                    schedule_table.s[place],
                    schedule_table.ms[place],
                    schedule_table.subs[place],
                    schedule_table.read(place)[29:],
                )
            )
        assert schedule_table.lost == 0
        return schedule_table.enabled, entries


def octets_of(command, count):
    return packet(read_request(command.split(), load()), 1, count)


def is_done(reports):
    return [report.name for report in reports][-1:] == ["TC_DONE"]


@pytest.fixture
def prepared(make_ground):
    """`prepared()`: a rover with three commands in its schedule, which is enabled."""

    def prepare():
        rover = Interrupted(make_ground)
        for count, command in ((FIRST, INSERT), (FIRST + 10, "SCHEDULE_ENABLE")):
            assert is_done(rover.send(octets_of(command, count)))
        return rover

    return prepare


@pytest.mark.sampled(1)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_telecommand_that_was_interrupted_is_done_whole_or_not_and_once_when_it_comes_again(prepared, command, when):
    octets = octets_of(command, 500)
    rover = prepared()
    before = rover.schedule()
    assert is_done(rover.send(octets))
    done = rover.schedule()
    assert done != before
    for cut_at in itertools.count(1):
        rover = prepared()
        reports = rover.send(octets, cut_at, when)
        names = [report.name for report in reports]
        if "TC_DONE" in names:
            break
        assert "CRASH_REPORT" in names
        assert "SCHEDULE_DROPPED" not in names
        assert rover.schedule() in (before, done) or command == COMMANDS["reset"]
        assert is_done(rover.send(octets))
        assert rover.schedule() == done
    assert cut_at > 1


@pytest.mark.sampled(1)
@pytest.mark.parametrize("command", ["insert", "shift", "shift all"])
def test_what_was_interrupted_before_its_last_change_may_come_as_a_new_telecommand(prepared, command):
    octets = [octets_of(COMMANDS[command], count) for count in (500, 600)]
    rover = prepared()
    before = rover.schedule()
    assert is_done(rover.send(octets[1]))
    done = rover.schedule()
    for cut_at in itertools.count(1):
        rover = prepared()
        if "TC_DONE" in [report.name for report in rover.send(octets[0], cut_at, "before")]:
            break
        assert rover.schedule() == before
        assert is_done(rover.send(octets[1]))
        assert rover.schedule() == done
    assert cut_at > 2


@pytest.mark.parametrize("command", ["shift", "shift all"])
def test_without_a_restart_each_shift_counts(prepared, command):
    rover = prepared()
    octets = octets_of(COMMANDS[command].replace("-60.5", "60"), 500)
    assert is_done(rover.send(octets))
    once = rover.schedule()
    assert is_done(rover.send(octets))
    assert rover.schedule() != once


def test_what_comes_again_is_known_until_another_is_done(prepared):
    rover = prepared()
    shifts = [octets_of("SCHEDULE_SHIFT_ALL offset=60", count) for count in (500, 600, 500)]
    assert is_done(rover.send(shifts[0]))
    rover.ground.rover._guarded(lambda: rover.ground.rover.restart(REASON))
    rover.ground.run(BOOT_S)
    first = rover.schedule()[1][0][0]
    for octets, shifted_s in ((shifts[0], 0), (shifts[1], 60), (shifts[2], 120)):
        assert is_done(rover.send(octets))
        assert rover.schedule()[1][0][0] - first == shifted_s


def test_what_could_not_be_taken_back_does_not_come_back_with_a_later_change(prepared):
    rover = prepared()
    store = rover.ground.rover.store
    before = rover.schedule()
    write, erase, left = store.write_entry, store.erase_entry, [3]

    def write_two(*arguments):
        left[0] -= 1
        return left[0] > 0 and write(*arguments)

    store.write_entry, store.erase_entry = write_two, lambda place: False
    octets = octets_of(INSERT.replace("T09", "T12"), 500)
    assert not is_done(rover.send(octets))
    store.write_entry = write
    assert rover.schedule() == before
    assert not is_done(rover.send(octets_of(COMMANDS["shift all"], 600)))
    assert rover.schedule() == before
    store.erase_entry = erase
    rover.ground.rover._guarded(lambda: rover.ground.rover.restart(REASON))
    rover.ground.run(BOOT_S)
    assert rover.schedule() == before
    assert is_done(rover.send(octets))
    assert len(rover.schedule()[1]) == 6


def test_the_same_command_at_the_same_time_with_another_request_id_is_another_one(prepared):
    rover = prepared()
    assert is_done(rover.send(octets_of(ONE, 500)))
    assert is_done(rover.send(octets_of(ONE, 500)))
    assert is_done(rover.send(octets_of(ONE, 600)))
    assert len(rover.schedule()[1]) == 5


def test_a_full_schedule_takes_what_it_has_already(make_ground):
    rover = Interrupted(make_ground)
    for first in range(0, 128, 32):
        times = ",".join(f"2020-11-11T09:{second // 60:02}:{second % 60:02}Z" for second in range(first, first + 32))
        octets = octets_of(f"SCHEDULE_INSERT sub_schedule=0 time={times} command={','.join(['(PING)'] * 32)}", first)
        assert is_done(rover.send(octets))
    assert is_done(rover.send(octets))
    assert len(rover.schedule()[1]) == 128


@pytest.mark.sampled(1)
@pytest.mark.parametrize("command", ["insert", "shift", "shift all", "delete"])
def test_a_store_that_fails_at_any_change_leaves_all_as_it_was(prepared, command):
    """And no later change lets come back what has failed."""
    octets = octets_of(COMMANDS[command], 500)
    for fails_at in itertools.count(1):
        rover = prepared()
        before = rover.schedule()
        store = rover.ground.rover.store
        write, erase, left = store.write_entry, store.erase_entry, [fails_at]

        def failing(change, left=left):
            def fails_from_then_on(*arguments):
                left[0] -= 1
                return left[0] > 0 and change(*arguments)

            return fails_from_then_on

        store.write_entry, store.erase_entry = failing(write), failing(erase)
        reports = rover.send(octets)
        store.write_entry, store.erase_entry = write, erase
        if is_done(reports):
            break
        still_in = reports[-1].fields["data"]
        assert reports[-1].name == "TC_FAILED"
        assert rover.schedule() == before or (command == "delete" and len(rover.schedule()[1]) == still_in + 1)
        now = rover.schedule()
        assert is_done(rover.send(octets_of(ONE, 700)))
        assert is_done(rover.send(octets_of("SCHEDULE_SHIFT_ALL offset=1", 800)))
        assert len(rover.schedule()[1]) == len(now[1]) + 1
        times = rover.schedule()
        rover.ground.rover._guarded(lambda rover=rover: rover.ground.rover.restart(REASON))
        rover.ground.run(BOOT_S)
        assert rover.schedule() == times
    assert fails_at > 2
