"""Runs of a sender in one stream, late frames, merged streams: what the account says of them, exactly."""

import random
import struct
from itertools import cycle

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from yutu2.decode.frames import FrameDecoder
from yutu2.decode.runs import Head, RunLog, comes_before
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load

START_S = 58_000_000  # of on-board time


def pus(time_s, payload):
    """A PUS-C telemetry header with this on-board time, and what follows it."""
    return struct.pack(">BBBHHIH", 0x20, 3, 25, 0, 0, time_s, 0) + payload


def rover(encoder, frames, seed=1, start_s=START_S, **options):
    """A sender of at least so many frames: a report a minute on channel 0, now and then files on channel 1."""
    chance = random.Random(seed)
    sender = encoder.Sender(**options)
    time_s = start_s
    while len(sender.frames) < frames:
        apid = chance.choice([1, 1, 1, 2])
        sender.send(0, apid, pus(time_s, chance.randbytes(chance.randrange(20, 200))))
        if chance.random() < 0.1:
            sender.send(1, 32, chance.randbytes(chance.randrange(300, 2500)), secondary_header=False)
        time_s += 60
    return sender


def decode(frames, length=None):
    """(packets, account); length: of the chunks, None: all at once."""
    stream = b"".join(frames)
    decoder, packets = TelemetryDecoder(load()), []
    for at in range(0, len(stream), length or len(stream) or 1):
        packets += decoder.feed_packets(stream[at : at + (length or len(stream))])
    decoder.finish()
    return packets, decoder.account()


def losses(account):
    return sum(row["lost"] for row in (account["channels"] | account["apids"]).values())


def offsets(account):
    return [run["offset"] for run in account["runs"]]


def whole(sender, arrived):
    """Octets of the packets of which all frames, by index, are among those."""
    return [sent.octets for sent in sender.packets if sent.whole and set(sent.frames) <= set(arrived)]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(2, 30) | st.sampled_from([127, 128, 129, 256]), st.integers(0, 1)),
             min_size=1, max_size=4),
    st.sampled_from([None, 1000, 1119, 4096]),
)  # fmt: skip
def test_a_sender_that_begins_anew_begins_a_run_and_loses_nothing(encoder, runs, length):
    senders = [rover(encoder, number, seed) for number, seed in runs]
    frames = [sender.frames[:number] for sender, (number, _) in zip(senders, runs, strict=True)]
    packets, account = decode([frame for of_run in frames for frame in of_run], length)
    number = sum(map(len, frames))
    assert offsets(account) == [encoder.UNIT * sum(map(len, frames[:index])) for index in range(len(frames))]
    assert account["frames"] == {"received": number, "good": number, "duplicate": 0, "damaged": 0}
    assert losses(account) == 0
    for index, (sender, mine) in enumerate(zip(senders, frames, strict=True)):
        of_run = [packet.data for packet in packets if packet.run == index]
        assert sorted(of_run) == sorted(whole(sender, range(len(mine))))
        first = next((octets for octets in of_run if octets[0] & 8), None)
        assert (account["runs"][index]["time"] is None) == (first is None)


SHUFFLES = st.fixed_dictionaries(
    {
        "delays": st.lists(st.sampled_from([0] * 6) | st.integers(0, 30), min_size=1, max_size=40),
        "copies": st.lists(st.sampled_from([0, 0, 0, 1, 25]), min_size=1, max_size=40),
        "lost": st.lists(st.booleans(), min_size=1, max_size=9),
    }
)


@settings(deadline=None, max_examples=40)
@given(SHUFFLES, st.integers(0, 9), st.sampled_from([0, 250]), st.sampled_from([0, 16300]), st.integers(1, 5000))
def test_late_frames_fill_their_gaps_and_their_packets_come(encoder, shuffle, seed, count, sequence, length):
    sender = rover(encoder, 70, seed, first_master=100, first_count=count, first_sequence=sequence)
    items = []
    indices = range(len(sender.frames))
    ways = (cycle(shuffle[name]) for name in ("delays", "copies", "lost"))
    for index, delay, copy, lost in zip(indices, *ways, strict=False):
        if not lost or all(shuffle["lost"]):
            items.append((index + delay, index))
            items += [(index + delay + copy, index)] * bool(copy)
    order = [index for _, index in sorted(items)]
    arrived = set(order)
    packets, account = decode([sender.frames[index] for index in order], length)
    assert sorted(packet.data for packet in packets) == sorted(whole(sender, arrived))
    assert account["runs"] == [account["runs"][0]]
    assert account["frames"]["duplicate"] == len(order) - len(arrived)
    for label, row in account["channels"].items():
        mine = [index for index in sorted(arrived) if str(sender.frame_vc[index]) == label]
        between = sender.frame_vc[mine[0] : mine[-1] + 1].count(int(label))
        assert (row["good"], row["lost"]) == (len(mine), between - len(mine))
    for label, row in account["apids"].items():
        vc, apid = map(int, label.split("/"))
        counts = [sent.count for sent in sender.packets if (sent.vc, sent.apid) == (vc, apid) and sent.whole
                  and set(sent.frames) <= arrived]  # fmt: skip
        assert row["good"] == len(counts)
        assert row["lost"] == (counts[-1] - counts[0]) % 16384 + 1 - len(counts)


@pytest.fixture(scope="module")
def day(encoder):
    """Some 1,500 frames of a rover."""
    return rover(encoder, 1500).frames


@pytest.mark.parametrize("ran", [80, 127, 128, 129, 256, 1000])
@pytest.mark.parametrize("lost", [1, 3, 7])
def test_a_restart_whose_first_frames_are_lost_is_known_by_the_next_two(encoder, day, ran, lost):
    packets, account = decode([*day[:ran], *day[lost:400]])
    assert offsets(account) == [0, ran * encoder.UNIT]
    assert account["frames"]["duplicate"] == 0
    assert losses(account) == 0
    assert {packet.run for packet in packets} == {0, 1}


def test_a_restart_is_reported_with_its_second_frame_and_other_octets_at_once(encoder, day):
    decoder = TelemetryDecoder(load())
    decoder.feed_packets(b"".join(day[:50]))
    assert decoder.feed_packets(day[0]) == []
    assert decoder.account()["frames"]["duplicate"] == 1
    assert {packet.run for packet in decoder.feed_packets(day[1])} == {1}
    assert decoder.account()["frames"]["duplicate"] == 0
    assert {packet.run for packet in decoder.feed_packets(rover(encoder, 3, seed=2).frames[0])} == {2}


def test_a_rover_that_begins_at_another_time_begins_a_run(encoder, day):
    later = rover(encoder, 50, seed=8, start_s=START_S + 30 * 86400).frames
    _, account = decode([*day, *later])
    assert offsets(account) == [0, len(day) * encoder.UNIT]
    assert account["runs"][1]["time"] > account["runs"][0]["time"]
    assert losses(account) == 0


def test_a_recording_without_its_beginning_that_comes_twice_is_two_runs(encoder, day):
    _, account = decode([*day[300:800], *day[300:800]])
    assert offsets(account) == [0, 500 * encoder.UNIT]
    assert losses(account) == 0


def test_recordings_that_overlap_by_less_than_the_memory_are_one_run(day):
    packets, account = decode([*day[:800], *day[740:]])
    assert len(account["runs"]) == 1
    assert account["frames"]["duplicate"] == 60
    assert losses(account) == 0
    assert len({packet.data for packet in packets}) == len(packets)


def test_two_receivers_of_one_rover_complete_each_other(encoder):
    sender = rover(encoder, 400, first_master=100)
    chance = random.Random(3)
    one, two = ([chance.random() < 0.7 for _ in sender.frames] for _ in range(2))
    merged = []
    for at in range(0, len(sender.frames), 20):
        for receiver in (one, two):
            merged += [index for index in range(at, min(at + 20, len(sender.frames))) if receiver[index]]
    packets, account = decode([sender.frames[index] for index in merged])
    assert sorted(packet.data for packet in packets) == sorted(whole(sender, merged))
    assert account["frames"]["duplicate"] == len(merged) - len(set(merged))
    assert len(account["runs"]) == 1


@pytest.mark.parametrize(("at", "later"), [(0, 1), (0, 31), (1, 30), (100, 60), (255, 3), (256, 2), (300, 110)])
def test_one_late_frame_costs_nothing(day, at, later):
    frames = list(day[:700])
    frames.insert(at + later, frames.pop(at))
    packets, account = decode(frames)
    assert len(packets) == len(decode(day[:700])[0])
    assert losses(account) == 0
    assert len(account["runs"]) == 1


@pytest.mark.parametrize(("which", "at"), [(0, 100), (5, 100), (0, 300), (5, 300), (9, 900)])
def test_one_old_frame_is_a_duplicate_however_old(day, which, at):
    _, account = decode([*day[:at], day[which], *day[at:1000]])
    assert account["frames"]["duplicate"] == 1
    assert losses(account) == 0
    assert len(account["runs"]) == 1


def test_what_goes_on_after_a_long_outage_is_the_same_run(encoder):
    sender = rover(encoder, 40)
    for apid in (1, 2):
        sender._sequence[0, apid] += 9000
    before = len(sender.frames)
    while len(sender.frames) < before + 30:
        sender.send(0, 1, pus(START_S + 8 * 86400, bytes(100)))
    _, account = decode([*sender.frames[:30], *sender.frames[before + 5 :]])
    assert len(account["runs"]) == 1
    assert account["apids"]["0/1"]["lost"] > 9000
    assert account["frames"]["duplicate"] == 0


def test_on_board_time_set_back_is_no_restart(encoder):
    sender = rover(encoder, 20)
    before = len(sender.frames)
    while len(sender.frames) < before + 20:
        sender.send(0, 1, pus(START_S - 86400, bytes(100)))
    _, account = decode([*sender.frames[: before - 1], *sender.frames[before + 3 :]])
    assert len(account["runs"]) == 1


def test_an_unknown_loss_of_a_whole_wrap_counts_as_none(encoder):
    frames = [encoder.frame(encoder.packet(1, n, pus(START_S + n, b"")) + encoder.idle_packet(1103 - 21), 0,
                            count=n, master=n) for n in range(600)]  # fmt: skip
    _, account = decode([*frames[:100], *frames[356:]])
    assert account["channels"]["0"] == {"good": 344, "duplicate": 0, "lost": 0}
    assert account["apids"]["0/1"]["lost"] == 256


def test_rover_and_lander_on_one_line_are_counted_apart(encoder):
    pair = [rover(encoder, 60, seed, spacecraft=spacecraft).frames for seed, spacecraft in ((1, 24), (2, 4))]
    mixed = [frame for both in zip(pair[0][:60], pair[1][:60], strict=True) for frame in both]
    mixed += pair[1][:5]  # the lander is restarted, the rover goes on
    mixed += pair[0][60:]
    packets, account = decode(mixed)
    assert losses(account) == 0
    assert offsets(account) == [0, 120 * encoder.UNIT]
    assert {(packet.spacecraft_id, packet.run) for packet in packets} == {(24, 0), (4, 0), (4, 1)}


def test_playback_brings_old_packets_and_begins_no_run(encoder):
    def playback(count, sequence, time_s):
        packet = encoder.packet(1, sequence, pus(time_s, b""))
        data = packet + encoder.idle_packet(encoder.DATA - len(packet))
        return encoder.frame(data, 0, vc=2, count=count, master=100 + count)

    old = [playback(count, 500 - 100 * count, START_S - 3600 * count) for count in range(6)]
    packets, account = decode([old[0], *old[2:]])
    assert len(packets) == 5
    assert len(account["runs"]) == 1
    assert account["channels"]["2"] == {"good": 5, "duplicate": 0, "lost": 1}


def test_a_packet_over_three_frames_is_joined_whatever_their_order(encoder):
    sender = encoder.Sender(first_master=9)
    sender.send(0, 1, bytes(500))
    sender.send(0, 1, random.Random(1).randbytes(3000))
    sender.send(0, 1, bytes(400))
    sender.end()
    first, *rest = sender.frames
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1]):
        packets, account = decode([first, *(rest[index] for index in order)])
        assert sorted(packet.sequence_count for packet in packets) == [0, 1, 2]
        assert account["packets"]["incomplete"] == 0
        assert losses(account) == 0


def test_what_a_late_frame_cannot_complete_stays_incomplete(encoder):
    sender = encoder.Sender(first_master=9)
    sender.send(0, 1, bytes(500))
    sender.send(0, 1, bytes(3500))
    sender.end()
    packets, account = decode([sender.frames[0], sender.frames[3], sender.frames[1]])
    assert [packet.sequence_count for packet in packets] == [0]
    assert account["packets"]["incomplete"] == 1


def test_counts_decide_when_near_and_times_when_far():
    old = Head(1, 10000, 500)
    assert comes_before(Head(1, 10000, 900), old)
    assert comes_before(Head(1, 9500, 900), old)
    assert not comes_before(Head(1, 10001, 100), old)
    assert not comes_before(Head(1, 11023, 100), old)
    assert comes_before(Head(1, 11100, 100), old)
    assert not comes_before(Head(1, 3000, 900), old)
    assert comes_before(Head(1, 3000, None), old)
    assert not comes_before(Head(1, 12000, None), old)


def test_the_list_of_skipped_extents_ends_and_says_so(encoder, monkeypatch):
    monkeypatch.setattr(FrameDecoder, "EXTENTS", 3)
    frames = rover(encoder, 6).frames[:6]
    stream = b"".join(b"text%d" % index + frame for index, frame in enumerate(frames))
    for length in (None, 1, 700):
        _, account = decode([stream], length)
        assert account["skipped"] == [[0, 5], [1124, 5], [2248, 3 * 1124 + 5]]
        assert account["skipped_joined"] == 3
        assert account["octets"]["skipped"] == 30
    assert "skipped_joined" not in decode(frames)[1]


def test_no_more_than_10000_extents_are_listed(encoder):
    frame = encoder.frame(b"", 0x7FE, master=9)
    _, account = decode([(frame + b"?") * 10_050])
    assert len(account["skipped"]) == 10_000
    assert account["skipped_joined"] == 50
    assert account["octets"]["skipped"] == 10_050
    assert account["skipped"][-1] == [10_000 * 1120 - 1, 50 * 1120 + 1]


def test_the_list_of_runs_ends_and_the_others_are_counted(encoder, monkeypatch):
    monkeypatch.setattr(RunLog, "LISTED", 2)
    frames = rover(encoder, 3).frames[:2]
    _, account = decode(frames * 5)
    assert (len(account["runs"]), account["runs_unlisted"]) == (2, 3)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 299), st.integers(1, 40)), min_size=1, max_size=12), st.integers(1, 4000))
def test_pieces_of_a_stream_in_any_order_give_the_same_whatever_the_chunks(encoder, day, pieces, length):
    frames = [frame for start, number in pieces for frame in day[start : start + number]]
    packets, account = decode(frames)
    assert (packets, account) == decode(frames, length)
    assert account["frames"]["received"] == len(frames) == account["frames"]["good"] + account["frames"]["duplicate"]
    for kind in ("channels", "apids"):
        assert all(min(row.values()) >= 0 for row in account[kind].values())
    assume(len(account["runs"]) > 1)
    assert offsets(account) == sorted(set(offsets(account)))


@pytest.mark.parametrize("ran", [255, 256, 257, 512])
def test_a_restart_after_whole_wraps_of_the_counts_is_known(encoder, ran):
    def report(count):
        data = encoder.packet(1, count, pus(START_S + 60 * count, b""))
        return encoder.frame(data + encoder.idle_packet(encoder.DATA - len(data)), 0, count=count, master=count)

    frames = [report(count) for count in range(600)]
    packets, account = decode([*frames[:ran], *frames])
    assert offsets(account) == [0, ran * encoder.UNIT]
    assert losses(account) == 0
    assert len(packets) == ran + 600
    assert len(decode(frames)[1]["runs"]) == 1


def test_a_late_frame_does_not_say_what_a_rover_has_of_its_commands(encoder):
    frames = [encoder.frame(b"", 0x7FE, count=count, master=100 + count, clcw=count) for count in range(4)]
    decoder = TelemetryDecoder(load())
    decoder.feed_packets(frames[0] + frames[2] + frames[1])
    assert decoder.take_clcw(24) == 2
    decoder.feed_packets(frames[3])
    assert decoder.take_clcw(24) == 3
