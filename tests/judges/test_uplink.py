"""Packets of spacepackets in frames and CLTUs of a Yamcs server: the rover takes them and answers as PUS asks.

The rover is the firmware on the Unix port of MicroPython, which gets them over its standard input.
"""

import subprocess
from pathlib import Path

from spacepackets.ecss import PusTm
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir

VECTORS = Path(__file__).parents[1] / "firmware" / "link" / "yamcs_cltus.txt"
RUN = ("--start=2020-11-12", "--days=0.01", "--speed=600")
# What is heard of each packet, by its sequence count. The second has an octet too many; the frames with numbers 255 and
# 128, before the channel is unlocked and set to 77, are not in sequence
DONE = [(1, 1), (1, 3), (1, 7)]
ANSWERS = {0: DONE, 1: [(1, 2)], 2: DONE, 3: DONE, 4: DONE, 5: DONE}


def test_the_rover_does_what_they_ask(unix_port):
    cltus = [bytes.fromhex(line.split()[4]) for line in VECTORS.read_text().splitlines() if line[:1] not in ("#", "")]
    with subprocess.Popen(
        [*unix_port, str(firmware_dir() / "main.py"), *RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as rover:
        for octets in cltus:
            rover.stdin.write(octets)
        stream, _ = rover.communicate()
    assert rover.returncode == 0
    heard = {count: [] for count in ANSWERS}
    asked = []
    for report in TelemetryDecoder(load()).feed(stream):
        if not report.packet.secondary_header:
            continue
        theirs = PusTm.unpack(report.packet.data, timestamp_len=6)
        if theirs.service == 1:
            count = int.from_bytes(theirs.source_data[2:4]) & 0x3FFF
            heard[count].append((theirs.service, theirs.subservice))
        elif theirs.service in (17, 20):
            asked.append((theirs.service, theirs.subservice))
    assert heard == ANSWERS
    assert asked == [(17, 2), (20, 2), (17, 2)]
