"""Loading a plan: whole, in pieces of which the last is the shorter one; and `yutu2 plan load`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.dictionary.model import load
from yutu2.errors import CommandFailed
from yutu2.mission.plan import compile_plan
from yutu2.runs.client import Rover
from yutu2.runs.plan_load import PIECE, load_plan, pieces

FUNCTIONS, PLAN_LOAD = 8, 10
LINES = [
    f"dictionary {load().hash.hex()}",
    "lunar-day each",
    *(f"s{n}: at sunrise + {70 + n}h asan_observe minutes=5" for n in range(40)),
]


def plan_of(lines):
    return compile_plan("\n".join(lines), "day.plan", load())


@given(st.binary(max_size=4 * PIECE))
def test_the_pieces_are_the_whole_and_the_last_tells_that_it_is(octets):
    parts = pieces(octets)
    assert b"".join(piece for _, piece in parts) == octets
    assert [offset for offset, _ in parts] == list(range(0, len(parts) * PIECE, PIECE))
    assert [len(piece) == PIECE for _, piece in parts] == [True] * (len(parts) - 1) + [False]


def loaded(receiver):
    """(offset, octets) of the pieces that have come."""
    found = []
    for data in receiver.data:
        assert (data[7], data[8], int.from_bytes(data[11:13])) == (FUNCTIONS, 1, PLAN_LOAD)
        found.append((int.from_bytes(data[13:15]), data[15:-2]))
    return found


def test_a_plan_is_loaded_as_the_firmware_takes_it(stand_in, receiver):
    told = []
    plan = plan_of(LINES)
    octets = plan.compiled().encode()
    with Rover("any") as rover:
        load_plan(rover, plan, lambda *so_far: told.append(so_far))
    assert loaded(receiver) == pieces(octets)
    assert len(told) > 1
    assert told[-1] == (len(octets), len(octets))


def test_what_is_refused_ends_it(stand_in, receiver):
    stand_in.stages = [("TC_ACCEPTED", {}), ("TC_START_FAILED", {"code": "NOT_KEPT", "data": 0})]
    with Rover("any") as rover, pytest.raises(CommandFailed, match=r"^PLAN_LOAD refused: NOT_KEPT$"):
        load_plan(rover, plan_of(LINES))
    assert len(loaded(receiver)) == 1


def test_the_command_loads_it_and_may_start_it(yutu2, device, far_rover, tmp_path):
    file = tmp_path / "day.plan"
    file.write_text("\n".join(LINES))
    size = len(plan_of(LINES).compiled())
    done = yutu2("plan", "load", str(file), "--to", device)
    assert (done.status, done.err) == (0, "")
    assert done.out.decode() == f"  loaded: {size:,} octets\n"
    count = len(far_rover.commands)
    done = yutu2("plan", "load", str(file), "--to", device, "--start")
    assert done.out.decode().splitlines()[-1].endswith("TC_DONE")
    assert len(far_rover.commands) == 2 * count + 1


def test_a_plan_that_cannot_be_opens_no_line(refused, tmp_path):
    file = tmp_path / "day.plan"
    file.write_text("\n".join([*LINES, "x: at dawn drive"]))
    assert refused("plan", "load", str(file), "--to", "/dev/none").startswith(f"yutu2: {file}:43: ")


def test_a_report_of_another_service_is_shown_as_the_answer(stand_in):
    fields = dict.fromkeys(
        [field.name for packet in load().packets if packet.name == "HK_PLAN" for field in packet.fields], 1
    )
    stand_in.answers[8, 1] = "HK_PLAN", fields
    lines = []
    with Rover("any") as rover:
        rover.wait(rover.post("PLAN_REPORT"), tell=lines.append)
    assert any("HK_PLAN" in line for line in lines)
