"""The library cfdp-py receives the same PDUs as we do, and has the last word on what is a whole file."""

import random
from datetime import timedelta

import pytest
from cfdppy import CfdpUserBase, IndicationConfig, LocalEntityConfig, RemoteEntityConfig
from cfdppy.defs import CfdpState
from cfdppy.handler.dest import DestHandler
from cfdppy.mib import CheckTimerProvider, DefaultFaultHandlerBase, RemoteEntityConfigTable
from spacepackets.cfdp import ChecksumType, ConditionCode, TransmissionMode
from spacepackets.cfdp.pdu import DeliveryCode, PduFactory
from spacepackets.countdown import Countdown
from spacepackets.util import ByteFieldU16
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.products.cfdp_receiver import CfdpReceiver

FILES = load().apids["FILES"]

NAME = "lpr_500_0012.bin"


def made(base, **methods):
    """An object of an abstract class; those of its methods that are not given do nothing."""
    nothing = dict.fromkeys(base.__abstractmethods__, lambda *_: None)
    return type(base.__name__, (base,), nothing | methods)()


class Judge:
    """An entity that receives one file of class 1 into a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.finished = []

        def finish(_, told):
            self.finished.append(told.finished_params)

        rover = RemoteEntityConfig(
            *(ByteFieldU16(24), None, 1024, False, False, TransmissionMode.UNACKNOWLEDGED, ChecksumType.MODULAR)
        )
        self._handler = DestHandler(
            LocalEntityConfig(ByteFieldU16(1), IndicationConfig(), made(DefaultFaultHandlerBase)),
            made(CfdpUserBase, transaction_finished_indication=finish),
            RemoteEntityConfigTable([rover]),
            made(CheckTimerProvider, provide_check_timer=lambda *_: Countdown(timedelta(0))),
        )

    def hear(self, pdus):
        for pdu in pdus:
            self._handler.state_machine(PduFactory.from_raw(pdu))
        for _ in range(10):  # its check timer must run out before it gives up
            if self._handler.state != CfdpState.IDLE:
                self._handler.state_machine()


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """It writes files by their name, so into the working folder."""
    monkeypatch.chdir(tmp_path)
    return Judge(tmp_path)


@pytest.mark.parametrize("length", [1, 959, 960, 961, 4567])
@pytest.mark.parametrize("how", ["in order", "doubled", "shuffled"])
def test_the_judge_takes_a_file_as_we_do(cfdp, as_packet, judge, length, how):
    octets = random.Random(length).randbytes(length)
    first, *data, last = cfdp(octets, NAME, 12)
    heard = {"in order": data, "doubled": data * 2, "shuffled": random.Random(1).sample(data, len(data))}[how]
    judge.hear([first, *heard, last])
    (finished,) = judge.finished
    assert finished.condition_code == ConditionCode.NO_ERROR
    assert finished.delivery_code == DeliveryCode.DATA_COMPLETE

    reception = CfdpReceiver(FILES)
    for pdu in [first, *heard, last]:
        reception.take(as_packet(pdu))
    (file,) = reception.files()
    assert file.is_intact
    assert file.octets == (judge.folder / NAME).read_bytes() == octets


def test_the_judge_takes_all_files_of_a_lunar_day_as_we_do(day24, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reception, pdus = CfdpReceiver(FILES), {}
    for packet in TelemetryDecoder(load()).feed_packets(day24):
        reception.take(packet)
        if packet.virtual_channel == 1:
            pdu = packet.data[6:-2]
            pdus.setdefault(PduFactory.from_raw(pdu).transaction_seq_num.value, []).append(pdu)
    files = reception.files()
    assert [file.number for file in files] == sorted(pdus)
    assert len(files) > 10
    for file in files:
        judge = Judge(tmp_path)
        judge.hear(pdus[file.number])
        (finished,) = judge.finished
        assert finished.condition_code == ConditionCode.NO_ERROR
        assert file.is_intact
        assert file.octets == (tmp_path / file.name).read_bytes()


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_the_judge_misses_what_we_miss(cfdp, as_packet, judge, lost):
    octets = random.Random(5).randbytes(3500)
    first, *data, last = cfdp(octets, NAME, 12)
    del data[lost]
    judge.hear([first, *data, last])
    (finished,) = judge.finished
    assert finished.condition_code != ConditionCode.NO_ERROR

    reception = CfdpReceiver(FILES)
    for pdu in [first, *data, last]:
        reception.take(as_packet(pdu))
    (file,) = reception.files()
    assert file.missing == [(960 * lost, min(960, 3500 - 960 * lost))]
    # It puts nothing where octets are missing, and we put zeros
    assert file.octets == (judge.folder / NAME).read_bytes().ljust(3500, b"\0")
