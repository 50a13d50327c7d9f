"""Continuity of counters: lost, repeated, and the wrap."""

from hypothesis import given
from hypothesis import strategies as st
from yutu2.decode.sequence import SequenceTrack, count_by_label


def receive_all(track, counts):
    return [track.receive(count, b"unit %d" % count) for count in counts]


def test_the_first_unit_tells_of_no_loss_whatever_its_count():
    assert receive_all(SequenceTrack(256), [77]) == [0]


def test_a_gap_is_counted_across_the_wrap():
    assert receive_all(SequenceTrack(256), [254, 255, 0, 3]) == [0, 0, 0, 2]
    assert receive_all(SequenceTrack(16384), [16382, 1, 1002]) == [0, 2, 1000]


def test_a_repeat_is_a_duplicate_and_changes_nothing_else():
    track = SequenceTrack(256)
    assert receive_all(track, [1, 2, 2, 1, 3]) == [0, 0, None, None, 0]
    assert (track.good, track.duplicate, track.lost) == (3, 2, 0)


def test_the_same_count_with_other_octets_is_a_new_unit_a_whole_wrap_later():
    track = SequenceTrack(256)
    track.receive(5, b"before the reset")
    assert track.receive(5, b"after the reset") == 255
    assert track.receive(5, b"before the reset") == 255  # only the last one with that count is remembered
    assert (track.good, track.duplicate, track.lost) == (3, 0, 510)


def test_a_block_of_128_that_comes_twice_is_known():
    track = SequenceTrack(256)
    assert receive_all(track, [*range(200, 256), *range(72)]) == [0] * 128
    assert receive_all(track, [*range(200, 256), *range(72)]) == [None] * 128
    assert receive_all(track, [72]) == [0]


def test_a_unit_older_than_the_last_128_good_ones_is_forgotten():
    track = SequenceTrack(256)
    receive_all(track, range(129))
    assert receive_all(track, [1]) == [None]
    assert receive_all(track, [0]) == [(0 - 128 - 1) % 256]


def test_an_old_unit_is_forgotten_though_another_count_comes_again_and_again():
    track = SequenceTrack(256)
    receive_all(track, [0, 1])
    for repeat in range(127):
        track.receive(0, b"new %d" % repeat)
    assert receive_all(track, [1]) == [None]
    track.receive(0, b"one more")
    assert receive_all(track, [1]) == [0]


@given(st.lists(st.integers(0, 15), min_size=1), st.sampled_from([16, 256]))
def test_good_and_lost_are_the_span_of_the_counts(counts, modulo):
    track = SequenceTrack(modulo)
    answers = [track.receive(count, bytes([index])) for index, count in enumerate(counts)]
    assert None not in answers
    assert (track.good + track.lost - 1) % modulo == (counts[-1] - counts[0]) % modulo


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=400))
def test_a_duplicate_is_what_a_plain_list_of_the_last_128_good_ones_says(units):
    track, good = SequenceTrack(4), []
    for count, octet in units:
        unit = bytes([octet])
        same_count = [old for old_count, old in good[-128:] if old_count == count]
        duplicate = bool(same_count) and same_count[-1] == unit
        assert (track.receive(count, unit) is None) == duplicate
        if not duplicate:
            good.append((count, unit))


def test_counts_are_labelled_in_numerical_order_and_spacecraft_are_added_up():
    tracks = {}
    for key in [(24, 1, 32), (24, 0, 16), (24, 0, 2), (4, 0, 2)]:
        tracks[key] = SequenceTrack(16384)
        receive_all(tracks[key], [3, 3, 5])
    one = {"good": 2, "duplicate": 1, "lost": 1}
    two = {"good": 4, "duplicate": 2, "lost": 2}
    assert list(count_by_label(tracks).items()) == [("0/2", two), ("0/16", one), ("1/32", one)]
