"""A rover and the security of its up-link: what is refused, and that it says so."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rover.app import Rover
from rover.inputs import SettingError
from rover.inputs.key_file import read_key
from rover.inputs.settings import Settings
from rover.link import tc_frame
from rover.link.uplink import Uplink
from rover.services.uplink_security import UplinkSecurity
from rover.store.redundant_record import RedundantRecord
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.uplink.cltu import cltu
from yutu2.uplink.encode import packet, read_request
from yutu2.uplink.frame import bd_frame, with_error_control
from yutu2.uplink.security import FrameProtector

KEY = bytes(range(0xA0, 0xC0))
SPACECRAFT = 24
REASONS = {label: number for number, label in load().enums["unsafe"].items()}
MARK = b"\xef\xbb\xbf"
DIGITS = KEY.hex().encode()


class Store:
    def __init__(self):
        self.slots = {}
        self.works = True

    def read(self, name, number):
        return self.slots.get(number)

    def write(self, name, number, octets):
        if self.works:
            self.slots[number] = octets
        return self.works


def sealed(iv, data=b"data"):
    return FrameProtector(KEY, iv - 1, lambda iv: None).apply_security(bd_frame(SPACECRAFT, data))


def opened(secured, frame):
    buffer = bytearray(frame)
    end = secured.open(buffer, 5, len(buffer), 0)
    return end if end < 0 else bytes(buffer[5:end])


def test_a_frame_whose_counter_cannot_be_stored_is_refused_and_its_likes_until_it_can():
    store = Store()
    secured = UplinkSecurity(KEY, RedundantRecord(store, "security"))
    assert opened(secured, sealed(5)) == b"data"
    store.works = False
    assert opened(secured, sealed(6)) == -REASONS["IV_NOT_STORED"]
    assert opened(secured, sealed(6)) == -REASONS["REPLAYED"]
    store.works = True
    assert opened(secured, sealed(7)) == b"data"
    again = UplinkSecurity(KEY, RedundantRecord(store, "security"))
    for iv in (5, 6, 7):
        assert opened(again, sealed(iv)) == -REASONS["REPLAYED"]


def test_what_was_done_is_not_done_again_after_a_restart_however_the_store_fails():
    for failing in range(16):
        store = Store()
        done = []
        for turn in range(2):
            # Everything is sent again after a restart
            secured = UplinkSecurity(KEY, RedundantRecord(store, "security"))
            for iv in range(1, 5):
                store.works = turn == 1 or not failing >> iv - 1 & 1
                if opened(secured, sealed(iv)) == b"data":
                    done.append(iv)
        assert len(done) == len(set(done))


@pytest.mark.parametrize("record", [b"", b"x" * 19, b"x" * 20, b"x" * 21, bytes(500)])
def test_a_record_of_another_length_or_key_is_none(record):
    store = Store()
    RedundantRecord(store, "security").save(record)
    assert opened(UplinkSecurity(KEY, RedundantRecord(store, "security")), sealed(5)) == b"data"


# --- A rover ---


def start(make_line, craft="rover", key=None):
    """(rover, its ground) in the morning of lunar day 24."""
    options = {"start": "2020-11-11T06:00", "days": "1", "craft": craft}
    line = make_line(**({} if key is None else {"key": key}))
    rover = Rover(Settings(options | ({} if key is None else {"key": "key.txt"}), speed="max"), line, line, line)
    rover._guarded(rover._start_day)
    return rover, TelemetryDecoder(load())


def send(rover, reception, frame):
    """Sends a frame. Returns what is reported at once."""
    before = len(rover.line.frames)
    octets = cltu(with_error_control(frame))
    rover.commanding.receive(octets, len(octets))
    rover.telemetry.flush()
    return [report for report in reception.feed(b"".join(rover.line.frames[before:])) if report.service in (1, 5, 17)]


def ping(count=7):
    return packet(read_request(["PING"], load()), 1, count)


def names(reports):
    return [report.name for report in reports]


@pytest.mark.parametrize("craft", ["rover", "lander"])
def test_a_rover_without_a_key_says_at_once_that_a_frame_is_secured(make_line, craft):
    rover, reception = start(make_line, craft)
    spacecraft = load().craft[craft]["spacecraft"]
    send(rover, reception, bd_frame(spacecraft, ping()))
    for count in (1, 2):
        frame = FrameProtector(KEY, count, lambda iv: None).apply_security(bd_frame(spacecraft, ping()))
        reports = send(rover, reception, frame)
        assert names(reports) == ["FRAME_UNSAFE"]
        assert reports[0].fields == {"reason": "NO_KEY", "count": count}
    uplink = rover.commanding.uplink
    assert (uplink.unauthenticated, uplink.accepted, rover.commanding.refused) == (2, 1, 0)


def test_a_rover_whose_store_fails_does_no_secured_command_and_says_so(make_line):
    rover, reception = start(make_line, key=DIGITS)
    write, rover.store.write = rover.store.write, lambda name, number, octets: False
    reports = send(rover, reception, sealed(5, ping()))
    assert [report.fields["reason"] for report in reports if report.name == "FRAME_UNSAFE"] == ["IV_NOT_STORED"]
    assert "ALIVE" not in names(reports)
    rover.store.write = write
    assert "ALIVE" in names(send(rover, reception, sealed(6, ping())))


CLEAR = st.one_of(
    st.binary(min_size=1, max_size=200).map(lambda octets: bytes([octets[0] | 0x10]) + octets[1:]),
    st.binary(min_size=1, max_size=30),
)


@given(CLEAR)
@example(b"\0\1" + bytes(28))
def test_no_clear_frame_is_taken_for_a_secured_one(data):
    """A telecommand packet has its type bit, and a secured frame 31 octets at least."""
    used, unsafe = [], []
    uplink = Uplink(
        bytearray(b"\1\0\0\0"),
        SPACECRAFT,
        None,
        lambda buffer, start, end: used.append(bytes(buffer[start:end])),
        lambda: None,
        unsafe.append,
    )
    octets = cltu(with_error_control(bd_frame(SPACECRAFT, data)))
    uplink.feed(octets, len(octets))
    assert (used, unsafe, uplink.unauthenticated) == ([data], [], 0)
    assert tc_frame.DATA == 5


# --- Keys ---


class Lines:
    def __init__(self, octets):
        self._octets = octets

    def read(self, size):
        return self._octets[:size]

    def close(self):
        pass


@pytest.mark.parametrize(
    "octets", [DIGITS, DIGITS + b"\n", DIGITS + b"\r\n", MARK + DIGITS + b"\r\n", b" " + DIGITS.upper() + b"\n\n"]
)
def test_a_key_is_read_whatever_editor_has_saved_it(octets):
    assert read_key("key.txt", Lines(octets)) == KEY


@pytest.mark.parametrize(
    "octets",
    [
        *[b"", MARK, DIGITS[:-1], DIGITS + b"0", DIGITS[:-1] + b"\xe9", MARK + MARK + DIGITS[6:]],
        *[DIGITS[:63] + "²".encode(), DIGITS.decode().encode("utf-16"), b"\xff" * 64, b" " * 100 + DIGITS],
    ],
)
def test_what_is_no_key_is_refused_and_not_shown(octets):
    with pytest.raises(SettingError) as error:
        read_key("key.txt", Lines(octets))
    assert error.value.text == "key: key.txt holds no key, which is 64 hex digits: `yutu2 key make` makes one"
