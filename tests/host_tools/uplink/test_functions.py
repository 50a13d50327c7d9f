"""Functions, sent for real to a rover on the Unix port of MicroPython."""

import pytest
import yutu2
from yutu2.dictionary.model import load
from yutu2.errors import CommandFailed
from yutu2.mission.plan import compile_plan
from yutu2.runs.plan_load import load_plan

URL = "emulator://unix?start=2020-11-11&days=1&speed=120"
PLAN = f"dictionary {load().hash.hex()}\nlunar-day each\nlast: at sunrise + 5d asan_observe minutes=5\n"


@pytest.mark.slow
def test_a_rover_drives_observes_and_follows_another_plan():
    with yutu2.connect(URL) as rover:
        sent = rover.send("DRIVE", bearing=180, distance=2)
        assert [report.name for report in sent.reports][-1] == "TC_DONE"
        assert rover.wait_for("HK_STOP").fields["heading"] == pytest.approx(180, abs=15)
        rover.send("OBSERVE", activity="ASAN_OBSERVE", units=1)
        assert rover.wait_for("PRODUCT_READY").fields["kind"] == "ASAN_SPECTRA"
        plan = compile_plan(PLAN, "new.plan", load())
        load_plan(rover, plan)
        rover.send("PLAN_START")
        rover.send("PLAN_REPORT")
        report = rover.wait_for("HK_PLAN").fields
        assert (report["steps"], report["waiting"], report["loaded"]) == (1, 1, len(plan.compiled()))
        with pytest.raises(CommandFailed, match=r"^MOVE refused: NOT_SAFE$"):
            rover.send("MOVE", event="RECOVERED")
        rover.send("EVENT_ACTION_ADD", apid="COMPUTER", event="SAFE_ENTER", command="(PING)")
        rover.send("EVENT_ACTION_ENABLE", apid="COMPUTER", event="SAFE_ENTER")
        rover.send("MOVE", event="FAULT")
        assert rover.wait_for("ALIVE").time == rover.wait_for("SAFE_ENTER").time
