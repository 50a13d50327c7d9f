"""File delivery: files of the board's store go down whole, in their order, and are freed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.board.scratch import Scratch
from rover.link.cfdp import FileSender
from rover.link.frame import VirtualChannel
from rover.services.delivery import Delivery
from spacepackets.cfdp.pdu import EofPdu, FileDataPdu, MetadataPdu, PduFactory
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load

FILES = 1  # virtual channel
PDU_MS = 64


class Store(Scratch):
    """A store of files, on a line that may have no room."""

    def __init__(self):
        super().__init__()
        self.room = True

    def has_room(self):
        return self.room

    def put(self, number, octets):
        file = self.create_file(number)
        assert self.append(file, octets)
        self.keep_file(file)


class Sending:
    """A craft that delivers files."""

    def __init__(self, craft, milli_speed=None):
        self.craft = craft
        self.store = Store()
        self.channel = VirtualChannel(craft.downlink, FILES)
        sender = FileSender(24, 1, self.channel.put)
        self.delivery = Delivery(craft.scheduler, sender, self.channel, self.store, self.store.has_room, milli_speed)

    def names(self):
        """Those of the files at their source and destination, in the order in which they began."""
        packets = TelemetryDecoder(load()).feed_packets(b"".join(self.craft.line.frames))
        pdus = [PduFactory.from_raw(packet.data[6:-2]) for packet in packets]
        return [(pdu.source_file_name, pdu.dest_file_name) for pdu in pdus if isinstance(pdu, MetadataPdu)]

    def files(self):
        """(number, octets) of each file whose end came, in the order in which they ended."""
        decoder = TelemetryDecoder(load())
        data, done = {}, []
        for packet in decoder.feed_packets(b"".join(self.craft.line.frames)):
            assert (packet.virtual_channel, packet.apid) == (FILES, 32)
            pdu = PduFactory.from_raw(packet.data[6:-2])
            number = pdu.transaction_seq_num.value
            if isinstance(pdu, FileDataPdu):
                assert pdu.offset == len(data.get(number, b""))
                data[number] = data.get(number, b"") + pdu.file_data
            elif isinstance(pdu, EofPdu):
                assert pdu.file_size == len(data[number])
                done.append((number, data.pop(number)))
            else:
                data[number] = b""
        return done


@pytest.fixture
def sending(craft):
    return Sending(craft)


@given(files=st.lists(st.binary(min_size=1, max_size=3000), max_size=5))
def test_files_go_whole_in_their_order_and_are_freed(make_craft, files):
    sending = Sending(make_craft())
    sending.delivery.begin()
    for number, octets in enumerate(files, 1):
        sending.store.put(number, octets)
        sending.delivery.add(number)
    sending.craft.run(100)
    assert sending.files() == list(enumerate(files, 1))
    assert sending.store.file_numbers() == []


def test_a_file_is_called_after_its_kind_and_number(sending):
    """By the names of the dictionary's products; what is none has a name too."""
    for product in load().products:
        sending.store.put(product.id, bytes([0x59, 0x32, 1, 2, 3, 4, product.id, 5]) * 9)
    for number, octets in enumerate([b"short", bytes(7), b"\xff" * 900], 20):
        sending.store.put(number, octets)
    sending.delivery.begin()
    sending.craft.run(10)
    names = [f"{product.name.lower()}_{product.id:04}.bin" for product in load().products]
    names += [f"product_{number:04}.bin" for number in (20, 21, 22)]
    assert sending.names() == [(name, name) for name in names]
    # Its head went with it
    assert sending.files()[0] == (1, bytes([0x59, 0x32, 1, 2, 3, 4, 1, 5]) * 9)


def test_what_lies_there_goes_when_the_craft_speaks(sending):
    sending.store.put(3, b"three")
    sending.store.put(4, b"four")
    sending.craft.run(10)
    assert sending.files() == []
    sending.delivery.begin()
    sending.craft.run(20)
    assert sending.files() == [(3, b"three"), (4, b"four")]


def test_before_silence_it_breaks_off_and_begins_that_file_anew(sending):
    octets = bytes(range(256)) * 40
    sending.store.put(1, octets)
    sending.delivery.begin()
    sending.craft.at(0, 5 * PDU_MS + 1, sending.delivery.end)
    sending.craft.run(50)
    assert sending.files() == []
    assert sending.store.file_numbers() == [1]
    said = len(sending.craft.line.frames)
    assert said
    sending.craft.run(100)
    assert len(sending.craft.line.frames) == said
    sending.craft.line.frames.clear()
    sending.craft.at(101, 0, sending.delivery.begin)
    sending.craft.run(200)
    sending.craft.line.frames[:1] = []  # holds the rest of the PDU that was cut
    assert sending.store.file_numbers() == []


def test_a_file_that_is_made_in_silence_waits(sending):
    sending.delivery.begin()
    sending.delivery.end()
    sending.store.put(1, b"one")
    sending.delivery.add(1)
    sending.craft.run(10)
    assert sending.files() == []
    sending.craft.at(11, 0, sending.delivery.begin)
    sending.craft.run(20)
    assert sending.files() == [(1, b"one")]


def test_while_the_line_has_no_room_it_waits(sending):
    sending.store.put(1, bytes(5000))
    sending.store.room = False
    sending.delivery.begin()
    sending.craft.run(10)
    assert not sending.craft.line.frames
    sending.store.room = True
    sending.craft.run(20)
    assert sending.files() == [(1, bytes(5000))]


def test_a_file_of_which_nothing_was_kept_is_passed_over(sending):
    sending.store.put(1, b"")
    sending.store.put(2, b"two")
    sending.delivery.begin()
    sending.craft.run(10)
    assert sending.files() == [(2, b"two")]
    assert sending.store.file_numbers() == []


def test_a_file_that_never_was_is_passed_over(sending):
    sending.delivery.begin()
    sending.delivery.add(9)
    sending.store.put(10, b"ten")
    sending.delivery.add(10)
    sending.craft.run(10)
    assert sending.files() == [(10, b"ten")]


@pytest.mark.parametrize(("milli_speed", "pause_ms"), [(None, PDU_MS), (1000, 120), (60_000, 7200)])
def test_a_pdu_takes_its_time(make_craft, milli_speed, pause_ms):
    """At max that of a frame at 140 kbit/s; when paced so long by the wall that a UART at 115200 baud keeps up."""
    sending = Sending(make_craft(), milli_speed)
    size = 20 * 960
    sending.store.put(1, bytes(size))
    sending.delivery.begin()
    sending.craft.run(300)
    first, last = sending.craft.left[0], sending.craft.left[-1]
    took_ms = (last[0] - first[0]) * 1000 + last[1] - first[1]
    # The first frame is full with the second segment; metadata and end make two more PDUs
    assert took_ms == pytest.approx((20 - 2 + 1) * pause_ms, abs=pause_ms)
