"""Compiled plans: which the firmware reads, and which it refuses, each in one line."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.inputs.default_plan import PLAN
from rover.inputs.plan import MOST_STEPS, Plan
from rover.inputs.settings import SettingError
from rover.tables import HASH, PLAN_ACTIVITIES

HEAD = f"plan 1 {HASH.hex()} 0\n"
STEP = "5 60 0 0 216000 250 2\n"
NUMBERS = st.integers(1, len(PLAN_ACTIVITIES)).flatmap(
    lambda activity: st.tuples(
        st.just(activity),
        st.integers(0, PLAN_ACTIVITIES[activity - 1][-1]),
        st.integers(0, 5000),
        st.integers(0, 120),
        st.integers(0, 2**30 - 1),
        st.integers(0, 999),
        st.integers(0, 2),
    )
)

ON_UNIX = """
import io
from rover.inputs.default_plan import PLAN
from rover.inputs.plan import Plan
plan = Plan("default", io.BytesIO(PLAN))
print(plan.identity, plan.steps, plan.day, [plan.delay_s(step) for step in range(plan.steps)])
"""


def read(text):
    return Plan("a.txt", io.BytesIO(text.encode()))


@given(st.lists(NUMBERS, max_size=MOST_STEPS), st.integers(0, 420))
def test_what_was_compiled_is_read(numbers, day):
    numbers = [(*step[:3], min(step[3], 2 * len(numbers)), *step[4:]) for step in numbers]
    lines = "".join(" ".join(map(str, step)) + "\n" for step in numbers)
    plan = read(f"plan 1 {HASH.hex()} {day}\n{lines}")
    assert (plan.steps, plan.day) == (len(numbers), day)
    for step, (activity, first, second, origin, s, ms, policy) in enumerate(numbers):
        assert (plan.activity(step), plan.argument(step, 0), plan.argument(step, 1)) == (activity, first, second)
        assert (plan.origin(step), plan.delay_s(step), plan.delay_ms(step)) == (origin, s, ms)
        assert plan.policy(step) == policy
    assert 0 <= plan.identity < 2**30


def test_the_rover_s_own_plan_is_one_on_every_runtime(on_unix_port):
    plan = Plan("default", io.BytesIO(PLAN))
    delays = [plan.delay_s(step) for step in range(plan.steps)]
    assert on_unix_port(ON_UNIX) == f"{plan.identity} {plan.steps} {plan.day} {delays}\n"
    assert plan.steps == 16


def test_another_plan_has_another_identity():
    texts = [HEAD, HEAD + STEP, HEAD + STEP * 2, HEAD + STEP.replace("60", "61")]
    assert len({read(text).identity for text in texts}) == len(texts)


@pytest.mark.parametrize("text", [HEAD + STEP * 2, PLAN.decode()])
def test_marks_of_editors_do_not_count(text):
    plain = read(text)
    marked = Plan("a.txt", io.BytesIO(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    assert (marked.identity, marked.steps, marked.day) == (plain.identity, plain.steps, plain.day)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no compiled plan"),
        ("ring: at noon pcam_ring pitches=3\n", "is no compiled plan"),
        (HEAD.replace("plan 1", "plan 2"), "is no compiled plan"),
        (HEAD.replace("plan", "scenario"), "is no compiled plan"),
        ("plan 1 01234567 0\n" + STEP, "was compiled for another dictionary"),
        (HEAD.replace(" 0\n", "\n"), "is damaged"),
        (HEAD.replace(" 0\n", " each\n"), "is damaged"),
        (HEAD + STEP * (MOST_STEPS + 1), "is damaged"),
        (HEAD + STEP + "5 60 0 0\n", "is damaged"),
        (HEAD + STEP.replace("\n", " 7\n"), "is damaged"),
        (HEAD + STEP.replace("60", "sixty"), "is damaged"),
        (HEAD + STEP.replace("60", "-60"), "is damaged"),
        (HEAD + STEP.replace("5 60", "0 60"), "is damaged"),
        (HEAD + STEP.replace("5 60", "99 60"), "is damaged"),
        (HEAD + STEP.replace("250 2", "250 3"), "is damaged"),
        (HEAD + STEP.replace("60 0 0", "60 0 3"), "is damaged"),
        (HEAD + STEP.replace("60", "99999999999999999999"), "is damaged"),
        (HEAD + STEP.replace("60", "601"), "is damaged"),
        (HEAD + STEP.replace("60 0", "60 5001"), "is damaged"),
        (HEAD + STEP.replace("216000", str(2**30)), "is damaged"),
        (HEAD + STEP.replace("250", "1000"), "is damaged"),
        (HEAD + "1 360 550 0 0 0 0\n", "is damaged"),
        (HEAD + "\0\xff" * 500, "is damaged"),
    ],
)
def test_what_is_no_plan_of_ours_is_told_in_one_line(text, told):
    with pytest.raises(SettingError) as error:
        read(text)
    assert error.value.text.startswith(f"plan: a.txt {told}")
    assert "\n" not in error.value.text


def test_the_firmware_tells_it_and_returns_2(interpreter, run_rover, tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(HEAD + STEP.replace("60", "sixty"))
    done = run_rover(interpreter, "--lunar-day=24", f"--plan={path}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"rover: plan: {path} is damaged: compile it anew\n"


def test_the_lander_does_not_drive(interpreter, run_rover, tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(HEAD + STEP)
    done = run_rover(interpreter, "--craft=lander", "--lunar-day=24", f"--plan={path}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == "rover: plan: the lander does not drive; leave it out\n"
