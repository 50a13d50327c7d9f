"""A session of the shell: what is sent, what is shown of it and of the rover, and what becomes of a line."""

from datetime import timedelta
from queue import SimpleQueue

import pytest
from yutu2.cli.shell.session import Session, Style

URL = "/dev/ttyACM0"
TIME = "2020-11-12 06:00:00.000"


@pytest.fixture
def shown():
    """(text, style) of the lines that were shown."""
    return []


@pytest.fixture
def session(stand_in, shown):
    with Session(URL, None, None, 10, lambda text, style: shown.append((text, style))) as session:
        yield session
    assert stand_in.closed


def live(session, *lines, one_by_one=True):
    queue = SimpleQueue()
    for line in (*lines, None):
        queue.put(line)
    return session.live(queue, one_by_one)


def test_what_is_said_of_a_command_is_shown_with_its_name(session, shown):
    assert live(session, "ping\n") == 0
    assert shown == [
        (f"  {TIME}  TC_ACCEPTED     PING", Style.PLAIN),
        (f"  {TIME}  TC_STARTED      PING", Style.PLAIN),
        (f"  {TIME}  ALIVE", Style.PLAIN),
        (f"  {TIME}  TC_DONE         PING", Style.GOOD),
    ]


def test_comments_and_empty_lines_send_nothing(session, stand_in, shown):
    assert live(session, "", "# PING", "  \n", "PING # twice") == 0
    assert stand_in.commands == [(17, 1)]


def test_one_by_one_each_is_over_before_the_next_is_sent(session, stand_in):
    order = []
    write, hear = stand_in.write, session._rover._listener
    stand_in.write = lambda octets: order.append("sent") or write(octets)
    session._rover._listener = lambda report, sent: order.append(report.name) or hear(report, sent)
    live(session, "PING", "TIME_RATE rate=1")
    assert [what for what in order if what in ("sent", "TC_DONE")] == ["sent", "sent", "TC_DONE", "sent", "TC_DONE"]


def test_the_first_that_is_refused_is_the_last(session, stand_in, shown):
    stand_in.stages = [("TC_REFUSED", {"code": "NOT_IN_MODE", "data": 5})]
    assert live(session, "STOP", "DRIVE bearing=315 distance=5.5") == 1
    assert stand_in.commands == [(8, 1)]
    assert shown == [(f"  {TIME}  TC_REFUSED      STOP NOT_IN_MODE: the mode is SAFE", Style.BAD)]
    assert session.line_number == 1


def test_a_line_that_cannot_be_is_the_last(session, stand_in, shown):
    assert live(session, "PING", "PONG", "PING") == 2
    assert shown[-1] == ("unknown command 'PONG'; did you mean PING?", Style.ERROR)
    assert (stand_in.commands, session.line_number) == ([(17, 1)], 2)


def test_what_is_not_answered_is_the_last(session, stand_in, shown):
    stand_in.stages = []
    assert live(session, "PING", "PING") == 3
    assert shown == [("PING is not over after 10 s: the rover has taken it and says nothing of it", Style.ERROR)]


def test_at_a_prompt_nothing_ends_it_and_what_is_typed_is_sent_at_once(session, stand_in, shown):
    stand_in.stages = []
    assert live(session, "PONG", "DRIVE bearing=315 distance=5.5", "STOP", one_by_one=False) == 0
    assert stand_in.commands == [(8, 1), (8, 1)]
    assert session.awaited == ["DRIVE", "STOP"]
    assert session.status_line.endswith("waiting for DRIVE, STOP")


def test_one_that_takes_too_long_costs_the_others_nothing(session, stand_in, shown):
    stand_in.stages = []
    session.obey("DRIVE bearing=315 distance=5.5")
    for _ in range(40):
        session.listen()
    stand_in.stages = [("TC_ACCEPTED", {}), ("TC_STARTED", {}), ("TC_DONE", {})]
    stand_in.deaf = 1
    session.obey("PING")
    while session.awaited:
        session.listen()
    assert shown[0][0].startswith("DRIVE bearing=315 distance=5.5 is not over after 10 s")
    assert shown[-1] == (f"  {TIME}  TC_DONE         PING", Style.GOOD)


def test_a_wait_may_be_ended_and_what_comes_later_is_shown(session, stand_in, shown):
    stand_in.stages = [("TC_ACCEPTED", {})]
    session.obey("PING")
    session.listen()
    session.listen()
    session.cancel()
    session.listen()
    assert (session.awaited, shown[-1]) == ([], ("not waited for any more: PING", Style.QUIET))
    octets = stand_in.receiver.data[-1]
    ids = {"packet_id": int.from_bytes(octets[:2]), "sequence_control": int.from_bytes(octets[2:4])}
    stand_in.tell("TC_DONE", **ids)
    stand_in.flush()
    session.listen()
    assert shown[-1] == (f"  {TIME}  TC_DONE         PING", Style.GOOD)


def test_events_are_shown_and_housekeeping_is_not(session, stand_in, shown):
    stand_in.tell("HK_POWER", battery_charge=97.5)
    stand_in.tell("PARKING_START", sun_elevation=10.924)
    stand_in.tell("LOAD_DEAD", load="LOAD_MAST")
    stand_in.flush()
    session.listen()
    assert shown == [
        (f"  {TIME}  PARKING_START   to the sleep point, Sun at 10.924 deg", Style.QUIET),
        (f"  {TIME}  LOAD_DEAD       LOAD_MAST is on and draws nothing", Style.BAD),
    ]


def test_housekeeping_that_a_command_asks_for_is_shown(session, stand_in, shown):
    stand_in.answers[3, 27] = ("HK_LPR", {"reading": 1.5, "records": 7})
    live(session, "HK_ONE_SHOT structure=HK_LPR")
    assert shown[-2] == (f"  {TIME}  HK_LPR          state=OFF records=7 octets=0 reading=1.5", Style.PLAIN)


def test_the_status_tells_how_the_rover_is(session, stand_in):
    assert session.status_line == "nothing is heard from the rover: it is dormant, or not there"
    stand_in.tell("HK_COMPUTER", mode="ACTIVE", sun_elevation=24.513)
    stand_in.tell("HK_POWER", battery_charge=97.5)
    stand_in.flush()
    session.listen()
    stand_in.now += 4
    assert session.status_line == "ACTIVE | 2020-11-12 06:00:00 UTC | Sun 24.5 deg | battery 97.5 % | heard 4 s ago"


def test_a_dormant_rover_is_told_with_the_time_at_which_it_wakes(session, stand_in, shown):
    stand_in.time = stand_in.time.replace(day=21, hour=19, minute=45)
    stand_in.tell("ROVER_SLEEP", sun_elevation=9.2)
    stand_in.flush()
    assert live(session, "PING") == 3
    wakes = "next sunrise 2020-12-07 18:49 UTC, awake some 21 h later"
    assert shown[-2:] == [
        (f"  silent and deaf; {wakes}", Style.QUIET),
        (f"PING is not sent: the rover is dormant since 2020-11-21 19:45 UTC, silent and deaf; {wakes}", Style.ERROR),
    ]
    assert session.status_line == f"dormant since 2020-11-21 19:45 UTC | {wakes}"
    stand_in.time += timedelta(days=17)
    stand_in.tell("HK_COMPUTER", mode="WAKING")
    stand_in.flush()
    session.listen()
    assert session.status_line.startswith("WAKING | 2020-12-08 19:45:00 UTC")


def test_help_comes_from_the_dictionary(session, shown):
    assert live(session, "help", "HELP drive") == 0
    texts = [text for text, _ in shown]
    assert texts[0].split(maxsplit=1) == ["PING", "are you alive? An ALIVE answers"]
    assert "DRIVE bearing=... distance=..." in texts
    assert live(session, "help pings") == 2
    assert shown[-1] == ("unknown name 'PINGS'; did you mean PING?", Style.ERROR)


@pytest.mark.parametrize("word", ["quit", "EXIT"])
def test_quit_ends_it(session, stand_in, word):
    assert live(session, word, "PING", one_by_one=False) == 0
    assert stand_in.commands == []


def test_the_end_of_the_line_ends_it(session, stand_in, shown):
    def gone(size):
        raise OSError(6, "No such device or address")

    stand_in.read = gone
    assert live(session, "PING") == 3
    told = "the line has ended: [Errno 6] No such device or address; at line 1 of the commands"
    assert shown == [(told, Style.ERROR)]


def test_a_frame_that_is_dropped_is_a_failure(session, stand_in, shown):
    stand_in.stages = [("FRAME_UNSAFE", {"reason": "NO_KEY", "count": 1})]
    assert live(session, "PING") == 1
    assert shown[-1] == (
        "PING: NO_KEY: the rover has no key: it refuses secured frames; leave --key out or load the key with "
        "`yutu2 key load`",
        Style.ERROR,
    )
