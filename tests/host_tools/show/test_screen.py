"""What is told of the line in one line."""

from yutu2.screen import account_line

CLEAN = {
    "octets": {"total": 2238, "in_frames": 2238, "skipped": 0},
    "skipped": [],
    "frames": {"received": 2, "good": 2, "duplicate": 0, "damaged": 0},
    "channels": {"0": {"good": 2, "duplicate": 0, "lost": 0}},
    "packets": {"good": 40, "damaged": 0, "incomplete": 0, "idle": 1},
    "apids": {"0/0": {"good": 1, "duplicate": 0, "lost": 0}, "0/1": {"good": 39, "duplicate": 0, "lost": 0}},
}
BAD = {
    "octets": {"total": 9000, "in_frames": 5595, "skipped": 3405},
    "skipped": [[0, 3405]],
    "frames": {"received": 7, "good": 4, "duplicate": 1, "damaged": 2},
    "channels": {"0": {"good": 3, "duplicate": 1, "lost": 5}, "2": {"good": 1, "duplicate": 0, "lost": 6}},
    "packets": {"good": 70, "damaged": 3, "incomplete": 1, "idle": 1},
    "apids": {"0/0": {"good": 1, "duplicate": 0, "lost": 20}, "2/1": {"good": 69, "duplicate": 0, "lost": 80}},
}


def test_a_clean_line():
    assert account_line(CLEAN) == (
        "40 packets in 2 frames; damaged 0 frames, 0 packets; 0 frames twice; 0 octets skipped; nothing lost"
    )


def test_a_bad_line_adds_up_what_was_lost_on_all_channels():
    assert account_line(BAD) == (
        "70 packets in 4 frames; damaged 2 frames, 3 packets; 1 frames twice; 3405 octets skipped; "
        "lost 11 frames, 100 packets"
    )
