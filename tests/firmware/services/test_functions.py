"""Functions, ST[08]: a whole rover does what it is commanded, and says what has come of it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yutu2.dictionary.model import load
from yutu2.mission.plan import compile_plan
from yutu2.runs.plan_load import PIECE, pieces

DICTIONARY = load()
ACTIVITIES = {activity.name: activity for activity in DICTIONARY.activities}
LOADS = {label: number for number, label in DICTIONARY.enums["load"].items()}
MODES = {label: number for number, label in DICTIONARY.enums["mode"].items()}
# When the rovers of these tests begin
START = "2020-11-11"


def refused(reason, data=0):
    return ["TC_ACCEPTED", ("TC_START_FAILED", reason, data)]


DONE = ["TC_ACCEPTED", "TC_STARTED", "TC_DONE"]


class TestMove:
    @pytest.mark.parametrize(("event", "mode"), [("FAULT", "SAFE"), ("HEAT", "NAP"), ("DUSK", "PARKING")])
    def test_the_mode_table_lets_it(self, command, event, mode):
        life = command((100, f"MOVE event={event}"), days="0.01")
        assert life.answers(0) == DONE
        assert life.rover.mode_manager.mode == MODES[mode]

    def test_safe_mode_is_by_command(self, command):
        life = command((100, "MOVE event=FAULT"), (200, "MOVE event=FAULT"), (300, "MOVE event=RECOVERED"))
        (enter,) = life.told("SAFE_ENTER")
        assert enter.fields["reason"] == "BY_COMMAND"
        assert life.answers(1) == refused("IS_SAFE")
        assert life.answers(2) == DONE
        assert life.told("SAFE_EXIT")[0].fields["by"] == "GROUND_CALLED"

    @pytest.mark.parametrize(
        ("event", "reason"), [("DAWN", "AWAKE"), ("RECOVERED", "NOT_SAFE"), ("COOL", "NOT_NAPPING")]
    )
    def test_the_mode_table_refuses_it_and_nothing_moves(self, command, event, reason):
        life = command((100, f"MOVE event={event}"), days="0.01")
        assert life.answers(0) == refused(reason)
        assert not life.told("MODE_REFUSED")
        assert {hk.fields["mode"] for hk in life.told("HK_COMPUTER")} == {"ACTIVE"}

    def test_the_lander_has_no_nap_and_does_not_drive(self, command):
        life = command((100, "MOVE event=HEAT"), (200, "STOP"), (300, "PLAN_REPORT"), craft="lander", days="0.01")
        assert life.answers(0) == refused("CANNOT")
        assert life.end(1) == ("TC_START_FAILED", "UNKNOWN_ID", 4)
        assert life.end(2) == ("TC_START_FAILED", "UNKNOWN_ID", 9)

    def test_before_silence_it_is_done(self, command):
        life = command((50, "OBSERVE activity=ASAN_OBSERVE units=9"), (100, "MOVE event=NIGHTFALL"), days="0.003")
        assert life.answers(1) == DONE
        assert life.end(0) == ("TC_FAILED", "NOT_IN_MODE", MODES["DORMANT"])
        assert life.reports[-1].name == "ROVER_SLEEP"


class TestDrive:
    def test_it_arrives_and_tells_each_two_metres(self, command):
        life = command((100, "DRIVE bearing=180 distance=5"))
        assert life.answers(0)[:2] == DONE[:2]
        assert set(life.answers(0)[2:-1]) == {"TC_PROGRESS"}
        assert life.end(0) == "TC_DONE"
        steps = [report.fields["step"] for report in life.told("TC_PROGRESS")]
        assert steps == list(range(1, len(steps) + 1))
        assert 2 <= len(steps) <= 4
        before = life.told("HK_DRIVE")[0].fields
        (stop,) = life.told("HK_STOP")
        assert stop.fields["odometer"] - before["odometer"] == pytest.approx(5, abs=1)
        assert before["north"] - stop.fields["north"] == pytest.approx(5, abs=0.3)
        # The plan's own counts are as they were
        assert life.told("HK_DRIVE")[-1].fields["steps_done"] == before["steps_done"]

    def test_it_turns(self, command):
        life = command((100, "TURN bearing=90"))
        assert life.answers(0) == DONE
        (stop,) = life.told("HK_STOP")
        assert stop.fields["heading"] == pytest.approx(90, abs=2)
        assert stop.fields["odometer"] == life.told("HK_DRIVE")[0].fields["odometer"]

    def test_while_it_drives_no_other_may(self, command):
        life = command(
            *[(100, "DRIVE bearing=180 distance=9"), (110, "TURN bearing=9"), (111, "DRIVE bearing=0 distance=5")],
            (112, "OBSERVE activity=VNIS_DETECT units=1"),
        )
        assert life.answers(1) == life.answers(2) == refused("IN_USE")
        assert life.answers(3) == refused("IS_MOVING")
        assert life.end(0) == "TC_DONE"

    def test_stop_ends_it(self, command):
        life = command((100, "DRIVE bearing=180 distance=30"), (160, "STOP"), (170, "DRIVE bearing=180 distance=2"))
        assert life.end(0) == ("TC_FAILED", "STOPPED", 0)
        assert life.answers(1) == DONE
        assert life.over_after(0) == life.over_after(1) == pytest.approx(160, abs=0.001)
        assert life.end(2) == "TC_DONE"
        assert not life.rover.driver.moves()

    def test_the_way_is_kept_where_it_stops(self, command):
        """A restart after it costs no metre."""
        life = command(
            (100, "DRIVE bearing=180 distance=30"), (165, "STOP"), lines=["2020-11-11T00:10Z reset"], days="0.1"
        )
        (stop,) = life.told("HK_STOP")
        after = life.told("HK_DRIVE")[-1]
        assert after.time > life.told("CRASH_REPORT")[0].time
        assert after.fields["odometer"] == stop.fields["odometer"]

    def test_stop_and_nothing_drives(self, command):
        assert command((100, "STOP"), days="0.01").answers(0) == DONE

    @pytest.mark.parametrize("policy", ["skip", "stop", "safe"])
    def test_stop_ends_a_step_of_the_plan_by_its_policy(self, command, policy):
        plan = plan_of(
            f"a: at sunrise + 70h drive bearing=180 distance=20 else {policy}", "b: after a asan_observe minutes=5"
        )
        life = command((start_of(plan) + 60, "STOP"), plan=plan, days="0.5")
        failed = life.told("ACTIVITY_FAILED")[0].fields
        assert (failed["step"], failed["reason"], failed["value"]) == (1, "STOPPED", "by a command")
        assert bool(life.told("SAFE_ENTER")) == (policy == "safe")
        assert [event.fields["step"] for event in life.told("ACTIVITY_DONE")] == ([2] if policy == "skip" else [])

    def test_a_plan_waits_for_what_is_commanded_as_for_a_step(self, command):
        plan = plan_of(
            "a: at sunrise + 70h drive bearing=180 distance=20", "b: at sunrise + 71h drive bearing=180 distance=2"
        )
        life = command((start_of(plan) - 10, "DRIVE bearing=180 distance=30"), plan=plan, days="0.5")
        failed = life.told("ACTIVITY_FAILED")[0].fields
        assert (failed["step"], failed["reason"], failed["value"]) == (1, "IN_USE", "by a command")
        assert life.end(0) == "TC_DONE"
        assert [event.fields["step"] for event in life.told("ACTIVITY_DONE")] == [0, 2]

    def test_safe_mode_ends_it(self, command):
        life = command((100, "DRIVE bearing=180 distance=30"), (150, "MOVE event=FAULT"))
        assert life.end(0) == ("TC_FAILED", "NOT_IN_MODE", MODES["SAFE"])
        assert life.answers(1) == DONE

    def test_a_hazard_ends_it(self, command):
        life = command((100, "DRIVE bearing=180 distance=30"), lines=["2020-11-11T00:02Z obstacle centimetres=60"])
        (hazard,) = life.told("HAZARD_STOP")
        assert 1 < hazard.fields["to_go"] < 30
        assert life.end(0) == ("TC_FAILED", "HAZARD_AHEAD", hazard.raw["to_go"])

    def test_dead_wheels_do_not_begin_or_fail(self, command):
        life = command(
            *[(100, "DRIVE bearing=180 distance=30"), (200, "TURN bearing=180")],
            lines=["2020-11-11T00:01Z load_dead load=LOAD_WHEELS"],
            days="0.01",
        )
        assert life.end(0) == life.end(1) == ("TC_FAILED", "DEAD_LOAD", LOADS["LOAD_WHEELS"])

    def test_a_reset_loses_the_request_and_tells_why(self, command):
        life = command((100, "DRIVE bearing=180 distance=30"), lines=["2020-11-11T00:05Z reset"])
        assert set(life.answers(0)) == {"TC_ACCEPTED", "TC_STARTED", "TC_PROGRESS"}
        assert life.told("CRASH_REPORT")
        assert not life.rover.driver.moves()

    def test_it_is_refused_with_the_power_that_it_needs_and_that_there_is(self, command):
        """Dust takes most of the array's light, and the wheels draw 60 W."""
        life = command((300, "DRIVE bearing=180 distance=5"), lines=["2020-11-11T00:01Z dust percent=50"], days="0.01")
        accepted, (stage, code, data) = life.answers(0)
        assert (accepted, stage, code) == ("TC_ACCEPTED", "TC_START_FAILED", "NO_POWER")
        needed_w, available_w = (part / 10 for part in divmod(data, 1 << 16))
        power = life.told("HK_POWER")[-1].fields
        assert needed_w == max(60, 60 - available_w)
        assert 0 < available_w < 60
        assert power["array_power"] - power["load_power"] == pytest.approx(available_w, abs=3)

    def test_where_less_is_there_than_is_drawn_already_all_that_is_missing_is_told(self, command):
        life = command((300, "DRIVE bearing=180 distance=5"), lines=["2020-11-11T00:01Z dust percent=90"], days="0.01")
        (_, code, data), power = life.end(0), life.told("HK_POWER")[-1].fields
        needed_w, available_w = (part / 10 for part in divmod(data, 1 << 16))
        assert (code, available_w) == ("NO_POWER", 0)
        assert needed_w == pytest.approx(60 + power["load_power"] - power["array_power"], abs=3)

    def test_where_it_cannot_be_the_mode_is_told(self, command):
        life = command((10, "MOVE event=HEAT"), (100, "DRIVE bearing=180 distance=30"), days="0.01")
        assert life.end(1) == ("TC_START_FAILED", "NOT_IN_MODE", 3)


class TestObserve:
    @pytest.mark.sampled(2)
    @pytest.mark.parametrize(
        ("words", "product", "seconds"),
        [
            ("activity=VNIS_CALIBRATE units=1", "VNIS_SPECTRA", 600),
            ("activity=ASAN_OBSERVE units=3", "ASAN_SPECTRA", 180),
            ("activity=LPR_STAND units=1", "LPR_500", 60),
            ("activity=PCAM_RING units=1", "PCAM_IMAGES", 600),
        ],
    )
    def test_it_brings_its_product(self, command, words, product, seconds):
        life = command((100, f"OBSERVE {words}"))
        assert life.answers(0) == DONE
        assert life.over_after(0) == pytest.approx(100 + seconds, abs=0.001)
        assert product in {event.fields["kind"] for event in life.told("PRODUCT_READY")}
        assert life.told("ACTIVITY_START")[0].fields["step"] == 0
        # Nothing stays on
        activity = ACTIVITIES[words.split()[0].partition("=")[2]]
        assert not life.rover.equipment.on >> LOADS[activity.load] & 1

    @pytest.mark.slow
    def test_instruments_observe_beside_each_other(self, command):
        life = command(
            *[(100, "OBSERVE activity=VNIS_DETECT units=1"), (101, "OBSERVE activity=ASAN_OBSERVE units=20")],
            *[(102, "OBSERVE activity=LPR_STAND units=1"), (103, "OBSERVE activity=VNIS_CALIBRATE units=1")],
        )
        assert [life.end(count) for count in range(3)] == ["TC_DONE"] * 3
        assert life.answers(3) == refused("IN_USE")

    def test_the_radar_ends_with_the_drive(self, command):
        life = command(
            *[(90, "OBSERVE activity=LPR_DRIVE units=9"), (100, "DRIVE bearing=180 distance=5")],
            (101, "OBSERVE activity=LPR_DRIVE units=9"),
        )
        assert life.answers(0) == refused("NOT_MOVING")
        assert life.end(2) == "TC_DONE"
        assert life.over_after(2) == life.over_after(1)

    def test_it_is_stopped(self, command):
        life = command((100, "OBSERVE activity=ASAN_OBSERVE units=60"), (400, "STOP_OBSERVING instrument=ASAN"))
        assert life.end(0) == ("TC_FAILED", "STOPPED", 0)
        assert life.answers(1) == DONE
        assert life.told("PRODUCT_PARTIAL")[0].fields["reason"] == "STOPPED"

    def test_stopping_what_does_not_observe_leaves_the_rest_alone(self, command):
        life = command((100, "OBSERVE activity=ASAN_OBSERVE units=4"), (200, "STOP_OBSERVING instrument=VNIS"))
        assert (life.end(0), life.end(1)) == ("TC_DONE", "TC_DONE")

    def test_its_instrument_fails(self, command):
        lines = ["2020-11-11T00:03Z instrument_fails instrument=ASAN"]
        life = command((100, "OBSERVE activity=ASAN_OBSERVE units=60"), lines=lines)
        assert life.end(0) == ("TC_FAILED", "INSTRUMENT_FAILED", 1)

    def test_its_load_is_dead(self, command):
        lines = ["2020-11-11T00:01Z load_dead load=LOAD_ASAN"]
        assert command((100, "OBSERVE activity=ASAN_OBSERVE units=60"), lines=lines).answers(0) == refused(
            "DEAD_LOAD", LOADS["LOAD_ASAN"]
        )

    @pytest.mark.slow
    def test_the_day_s_room_is_full(self, command):
        """48 KiB a minute, and 4096 of them."""
        life = command(*[(100 + 7300 * n, "OBSERVE activity=LPR_STAND units=60") for n in range(2)], days="0.2")
        assert life.end(0) == "TC_DONE"
        # What the first has brought, and what the second may bring
        brought = life.told("ACTIVITY_DONE")[0].fields["data"]
        assert life.answers(1) == refused("NO_ROOM", brought + 60 * 48 - 4096)

    @pytest.mark.parametrize("words", ["activity=PCAM_RING units=4", "activity=VNIS_DETECT units=2"])
    def test_more_units_than_there_are_are_refused(self, command, words):
        life = command((100, f"OBSERVE {words}"), days="0.01")
        units = int(words[-1])
        assert life.end(0) == ("TC_START_FAILED", "WRONG_ARGUMENT", 2 << 16 | units)
        assert not life.told("ACTIVITY_START")


SUNRISE_H = 70
ASAN_AFTER = "b: after a asan_observe minutes=5"


def plan_of(*lines):
    """The compiled form of a plan of these lines."""
    head = f"dictionary {DICTIONARY.hash.hex()}\nlunar-day each\n"
    return compile_plan(head + "\n".join(lines), "plan", DICTIONARY).compiled()


def start_of(plan):
    """Seconds from START to that of a step at sunrise + 70 h."""
    from rover.inputs.settings import parse_time
    from rover.world.sun import sunrise

    assert plan.splitlines()[1].split()[4] == str(SUNRISE_H * 3600)
    return sunrise(24) + SUNRISE_H * 3600 - parse_time(START)


def loading(plan, at=100):
    """The commands that load it."""
    return [(at, f"PLAN_LOAD offset={offset} octets={piece.hex()}") for offset, piece in pieces(plan.encode())]


NEW = plan_of("a: at sunrise + 70h asan_observe minutes=5", "b: after a + 60s asan_observe minutes=5")
LONG = plan_of(*[f"s{n}: at sunrise + {44 + n % 30}h vnis_calibrate" for n in range(60)])


class TestPlan:
    def test_it_is_reported(self, command):
        life = command((100, "PLAN_REPORT"))
        assert life.answers(0) == DONE
        (report,) = life.told("HK_PLAN")
        (begin,) = life.told("PLAN_BEGIN")
        fields = report.fields
        assert (fields["plan"], fields["waiting"]) == (begin.fields["plan"], begin.fields["steps"])
        assert fields["waiting"] + fields["dropped"] == fields["steps"]
        assert (fields["ended"], fields["running"], fields["loaded"]) == (False, 0, 0)
        assert fields["next_due"] > life.reports[0].time

    def test_it_is_ended_whatever_the_policies(self, command):
        plan = plan_of("a: at sunrise + 70h asan_observe minutes=50 else safe", "b: after a asan_observe minutes=5")
        at = start_of(plan)
        life = command((at + 60, "PLAN_STOP"), (at + 61, "PLAN_REPORT"), (at + 62, "PLAN_STOP"), plan=plan, days="0.5")
        assert life.answers(0) == life.answers(2) == DONE
        (failed,) = life.told("ACTIVITY_FAILED")
        assert (failed.fields["step"], failed.fields["reason"]) == (1, "STOPPED")
        (end,) = life.told("PLAN_END")
        assert (end.fields["failed"], end.fields["left"]) == (1, 1)
        fields = life.told("HK_PLAN")[0].fields
        assert (fields["ended"], fields["failed"], fields["dropped"], fields["next_step"]) == (True, 1, 1, 0)
        assert fields["next_due"] is None
        assert not life.told("SAFE_ENTER")

    def test_it_begins_again_with_what_is_still_to_come(self, command):
        plan = plan_of("a: at sunrise + 70h asan_observe minutes=5", "b: at sunrise + 71h asan_observe minutes=5")
        at = start_of(plan)
        life = command((at + 600, "PLAN_STOP"), (at + 700, "PLAN_START"), plan=plan, days="0.5")
        assert life.answers(1) == DONE
        assert [event.fields["step"] for event in life.told("ACTIVITY_DONE")] == [1, 2]
        assert life.told("PLAN_BEGIN")[-1].fields["steps"] == 1
        # What it has brought counts on
        assert life.told("HK_DRIVE")[-1].fields["data"] == sum(
            event.fields["data"] for event in life.told("ACTIVITY_DONE")
        )

    def test_another_one_is_loaded_and_begun(self, command):
        life = command(*loading(NEW), (200, "PLAN_REPORT"), (300, "PLAN_START"), (400, "PLAN_REPORT"), days="0.5")
        assert [life.end(count) for count in range(4)] == ["TC_DONE"] * 4
        before, after = life.told("HK_PLAN")
        own, new = life.told("PLAN_BEGIN")
        assert before.fields["loaded"] == len(NEW)
        assert (before.fields["plan"], after.fields["plan"]) == (own.fields["plan"], new.fields["plan"])
        assert own.fields["plan"] != new.fields["plan"]
        assert len(life.told("ACTIVITY_DONE")) == 2

    def test_it_lives_on_over_a_reset(self, command):
        lines = ["2020-11-11T00:20Z reset"]
        life = command(*loading(NEW), (300, "PLAN_START"), lines=lines, days="0.5")
        assert life.told("PLAN_RESUMED")[0].fields["left"] == 2
        assert len(life.told("ACTIVITY_DONE")) == 2

    def test_loaded_it_waits_over_a_reset(self, command):
        lines = ["2020-11-11T00:03Z reset"]
        life = command(*loading(NEW), (600, "PLAN_START"), lines=lines, days="0.5")
        assert life.end(1) == "TC_DONE"
        assert len(life.told("ACTIVITY_DONE")) == 2

    def test_a_board_that_restarts_takes_it_up(self, command, make_rover):
        from rover.app import Rover
        from rover.inputs.settings import Settings

        life = command(*loading(NEW), (300, "PLAN_START"), days="0.02")
        board = life.rover.line, life.rover.store, life.rover.wall_clock
        again = Rover(
            Settings({"start": START, "days": "0.5"}, speed="max"),
            *board,
            life.start_s + 1728,
        )
        assert again.plan.identity == life.rover.plan.identity
        again.run()
        assert again.flight_state.done == 2
        # ... and a run that begins anew does not
        fresh = Rover(
            Settings({"start": START, "days": "0.5"}, speed="max"),
            *board,
        )
        assert fresh.plan.identity != life.rover.plan.identity

    def test_the_longest_comes_in_pieces(self, command):
        assert len(LONG) > 2 * PIECE
        life = command(*loading(LONG), (300, "PLAN_START"), days="0.02")
        count = len(pieces(LONG.encode()))
        assert {life.end(number) for number in range(count + 1)} == {"TC_DONE"}
        assert life.rover.plan.steps == 60

    def test_pieces_of_it_are_not_begun(self, command):
        sent = loading(LONG)[:-1]
        life = command(*sent, (300, "PLAN_START"), days="0.02")
        assert life.answers(len(sent)) == refused("INCOMPLETE")
        assert len(life.told("PLAN_BEGIN")) == 1
        assert not life.told("PLAN_END")

    def test_nor_what_is_no_plan_and_the_old_one_goes_on(self, command):
        other = NEW.replace(DICTIONARY.hash.hex(), "00000000")
        life = command(*loading(other), (300, "PLAN_START"), (400, "PLAN_REPORT"), days="0.02")
        assert life.answers(1) == refused("BAD_PLAN")
        fields = life.told("HK_PLAN")[0].fields
        assert (fields["ended"], fields["plan"]) == (False, life.told("PLAN_BEGIN")[0].fields["plan"])

    def test_nor_while_something_is_done_by_command(self, command):
        life = command((100, "OBSERVE activity=ASAN_OBSERVE units=20"), (200, "PLAN_START"), days="0.02")
        assert life.answers(1) == refused("BUSY")
        assert life.end(0) == "TC_DONE"

    def test_what_was_commanded_lives_on_when_the_plan_ends(self, command):
        life = command((100, "OBSERVE activity=ASAN_OBSERVE units=20"), (200, "PLAN_STOP"), days="0.02")
        assert (life.end(0), life.end(1)) == ("TC_DONE", "TC_DONE")

    @pytest.mark.parametrize(
        ("words", "end"),
        [
            ("offset=5 octets=00", ("TC_START_FAILED", "WRONG_ARGUMENT", 1 << 16 | 5)),
            (f"offset=0 octets={'00' * 481}", ("TC_START_FAILED", "WRONG_ARGUMENT", 2 << 16 | 481)),
            ("offset=960 octets=00", ("TC_START_FAILED", "INCOMPLETE", 0)),
            ("offset=0 octets=", "TC_DONE"),
        ],
    )
    def test_pieces_that_cannot_be(self, command, words, end):
        assert command((100, f"PLAN_LOAD {words}"), days="0.01").end(0) == end

    def test_the_store_does_not_take_it(self, command):
        lines = ["2020-11-11T00:01Z flash_error for 5min"]
        life = command(*loading(NEW), *loading(NEW, 1000), (1100, "PLAN_START"), lines=lines, days="0.02")
        assert life.end(0) == ("TC_START_FAILED", "NOT_KEPT", 0)
        assert (life.end(1), life.end(2)) == ("TC_DONE", "TC_DONE")


# --- Whatever is commanded ---

COMMANDS = st.one_of(
    st.builds("DRIVE bearing={} distance={}".format, st.integers(0, 359), st.integers(1, 12)),
    st.builds("TURN bearing={}".format, st.integers(0, 359)),
    st.builds("OBSERVE activity={} units=1".format, st.sampled_from([name for name in ACTIVITIES if name != "DRIVE"])),
    st.builds("STOP_OBSERVING instrument={}".format, st.sampled_from(["PCAM", "VNIS", "ASAN", "LPR"])),
    st.builds("MOVE event={}".format, st.sampled_from(list(DICTIONARY.enums["mode_event"].values()))),
    st.sampled_from(["STOP", "PLAN_STOP", "PLAN_START", "PLAN_REPORT"]),
)
TIMES = st.one_of(st.integers(1, 12_000), st.integers(8150, 8900))


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(14))
@settings(max_examples=1)  # an example takes up to two seconds
@given(st.lists(st.tuples(TIMES, COMMANDS), max_size=14), st.booleans())
@example([(100, "DRIVE bearing=10 distance=5"), (100, "MOVE event=EXHAUSTED"), (100, "MOVE event=FAULT")], False)
def test_each_command_comes_to_one_end_and_nothing_runs_that_may_not(command, turn, sent, planned):
    busy = plan_of(
        *["a: at sunrise + 68h drive bearing=180 distance=20 else stop", "b: with a + 1s lpr_drive minutes=9"],
        *["c: after a vnis_calibrate", "d: with c asan_observe minutes=9 else safe", "e: after c pcam_ring pitches=1"],
    )
    life = command(*sorted(sent, key=lambda one: one[0]), days="0.2", **({"plan": busy} if planned else {}))
    running = []
    for event in life.reports:
        if event.name == "ACTIVITY_START":
            activity = ACTIVITIES[event.fields["activity"]]
            there = [ACTIVITIES[name] for _, name in running]
            drives = any(other.name == "DRIVE" for other in there)
            for other in there:
                assert not set(activity.uses) & set(other.uses)
                assert not (activity.name == "DRIVE" and other.motion == "STILL")
            assert drives or activity.motion != "MOVING"
            assert not drives or activity.motion != "STILL"
            running.append((event.fields["step"], activity.name))
        elif event.name in ("ACTIVITY_DONE", "ACTIVITY_FAILED"):
            key = event.fields["step"], event.fields["activity"]
            if event.name == "ACTIVITY_DONE" or key in running:
                running.remove(key)
            if event.fields["step"] == 0:
                assert key not in running
    assert not running
    slept = {event.time for event in life.reports if event.name == "ROVER_SLEEP"}
    for count in range(len(sent)):
        answers = life.answers(count)
        if answers == ["TC_ACCEPTED"]:
            # In the very millisecond of a MOVE that put it to sleep: it is silent before its turn comes
            assert life.accepted_at(count) in slept
            continue
        # In the night it is deaf in truth; here it is made to hear, and obeys to its end all the same
        if not slept:
            assert answers[0] == "TC_ACCEPTED"
        ends = [answer for answer in answers if answer in ("TC_DONE",) or isinstance(answer, tuple)]
        assert len(ends) == 1
        assert answers[-1] == ends[0]
