"""Files of one observation become one product, and nothing that was made is passed over in silence."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import to_datetime
from yutu2.products import product_table
from yutu2.products.collector import ProductCollector
from yutu2.products.export import save_products
from yutu2.products.product_set import concatenate

PART = {product.name: product.part for product in load().products}
BEGUN = 59_000_000
NOON = datetime(2020, 11, 15, 14, tzinfo=UTC)
RING = PART["PCAM_IMAGES"]
FRAME = 1119


@pytest.fixture
def send_parts(make_file, make_records, send_file):
    """`send_parts(kind, number, counts, lost={part: PDUs}, never=parts)`: an observation in parts of so many records.

    Returns the records of all.
    """

    def send(kind, number, counts, lost=None, never=(), begun=BEGUN, **head):
        records = make_records(kind, sum(counts), seed=number)
        for part, count in enumerate(counts):
            first = sum(counts[:part])
            octets = make_file(
                kind, records[first : first + count], number=number + part, part=part, begun=begun, **head
            )
            if part not in never:
                send_file(octets, number + part, lost=(lost or {}).get(part, ()))
        return records

    return send


def samples_of(kind, records):
    (product,) = (product for product in load().products if product.name == kind)
    return [record[len(product.fields) :] for record in records]


def test_parts_are_one_product(send_parts, collect):
    records = send_parts("PCAM_IMAGES", 7, [RING, RING, 5], activity=2)
    (observed,) = collect()
    assert observed.name == observed.product.name == "pcam_images_0007"
    assert [file.name for file in observed.files] == ["pcam_images_0007", "pcam_images_0008", "pcam_images_0009"]
    product = observed.product
    assert product.samples.tolist() == samples_of("PCAM_IMAGES", records)
    assert product.records["eye"].tolist() == [record[3] for record in records]
    assert (product.head["planned"], product.head["records"], product.head["part"]) == (85, 85, 0)
    assert (product.state, product.verified, product.missing, observed.missing) == ("WHOLE", True, [], 0)


@pytest.mark.parametrize("counts", [[30], [1200, 30]])
def test_what_the_dictionary_does_not_have_is_a_number(make_file, make_records, send_file, collect, counts, tmp_path):
    """State, reason and activity of a rover that knows more of them."""
    for part, count in enumerate(counts):
        records = make_records("ASAN_SPECTRA", count, seed=part)
        octets = make_file("ASAN_SPECTRA", records, part=part, number=7 + part, begun=BEGUN, activity=200)
        # The last of its head at the end, before the hash
        octets = octets[:-34] + bytes([77, 99])
        send_file(octets + sha256(octets).digest(), 7 + part)
    (observed,) = collect()
    assert (observed.product.state, observed.product.reason, observed.product.head["activity"]) == ("77", 99, 200)
    entries = save_products(tmp_path, [observed], None, 7, lambda name, part: None)
    assert (entries[0]["state"], entries[0]["reason"], len(entries[0]["pictures"])) == ("77", 99, 1)
    assert "99" in product_table.table_lines(entries)[1]


def test_a_product_that_says_that_it_is_still_open_is_read_all_the_same(make_file, make_records, send_file, collect):
    for part in (0, 1):
        octets = make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 30), part=part, number=7 + part, begun=BEGUN)
        octets = octets[:-34] + bytes(2)
        send_file(octets + sha256(octets).digest(), 7 + part)
    (observed,) = collect()
    assert observed.product.state == "OPEN"


def test_a_time_of_0_is_a_time(send_parts, collect):
    send_parts("ASAN_SPECTRA", 7, [30, 30], begun=0)
    (observed,) = collect()
    assert observed.product.head["begun"] == to_datetime(0)


def test_the_samples_keep_their_place_when_a_part_is_lost(send_parts, collect):
    records = send_parts("PCAM_IMAGES", 7, [RING, RING, 5], never=[1])
    (observed,) = collect()
    product = observed.product
    rest = [*range(RING), *range(2 * RING, 85)]
    assert (product.record_count, product.record_numbers.tolist()) == (85, rest)
    assert product.samples.tolist() == [samples_of("PCAM_IMAGES", records)[place] for place in rest]
    assert product.records["eye"].tolist() == [records[place][3] for place in rest]
    assert (product.state, product.head["state"]) == ("CUT", None)


def test_a_first_part_that_is_lost_leaves_room_for_it(send_parts, collect):
    send_parts("PCAM_IMAGES", 7, [RING, 5], never=[0])
    (observed,) = collect()
    assert observed.name == "pcam_images_0008"
    assert observed.product.record_count == 45
    assert observed.product.record_numbers.tolist() == [40, 41, 42, 43, 44]
    assert observed.product.samples.shape == (5, 3072)
    assert observed.product.state == "CUT"


def test_what_is_missing_is_told_by_file(send_parts, collect):
    send_parts("LPR_60", 3, [192, 192, 10], lost={0: [1], 1: [2, 3]})
    (observed,) = collect()
    first, second, third = observed.entry()["files"]
    assert (first["missing"], second["missing"], third["missing"]) == ([[0, 960]], [[960, 1920]], [])
    assert (first["verified"], third["verified"]) == (None, True)
    assert observed.missing == 3 * 960
    assert observed.product.missing == [(0, 960), (960, 1920)]
    assert (observed.product.state, observed.product.verified) == ("WHOLE", None)


def test_a_partial_part_makes_the_whole_partial(send_parts, make_file, make_records, send_file, collect):
    send_parts("ASAN_SPECTRA", 1, [1200])
    send_file(
        make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 3), reason=13, part=1, begun=BEGUN, number=2), number=2
    )
    (observed,) = collect()
    assert (observed.product.state, observed.product.reason) == ("PARTIAL", "SHED_LOAD")
    assert observed.product.head["reason"] == "SHED_LOAD"


def test_one_wrong_hash_is_told_of_all(send_parts, make_file, send_file, collect, make_records):
    send_parts("LPR_60", 1, [192])
    octets = bytearray(make_file("LPR_60", make_records("LPR_60", 3), part=1, begun=BEGUN))
    octets[100] ^= 1
    send_file(bytes(octets), 2)
    (observed,) = collect()
    assert observed.product.verified is False
    assert [file["verified"] for file in observed.entry()["files"]] == [True, False]


def test_observations_are_told_apart(send_parts, collect):
    send_parts("LPR_60", 1, [5])
    send_parts("LPR_500", 2, [9])
    send_parts("LPR_60", 3, [4], begun=BEGUN + 1)
    send_parts("VNIS_SPECTRA", 70, [10])
    names = [observed.name for observed in collect()]
    assert names == ["lpr_60_0001", "lpr_500_0002", "lpr_60_0003", "vnis_spectra_0070"]


def test_two_runs_in_one_stream_are_not_mixed(send_parts, collect):
    """They have the same numbers, and may begin at the same time."""
    one = send_parts("PCAM_IMAGES", 1, [RING, 3])
    two = send_parts("PCAM_IMAGES", 1, [RING, 4], stop=9)
    first, second = collect()
    assert [file.name for file in second.files] == ["pcam_images_0001_2", "pcam_images_0002_2"]
    assert first.product.samples.tolist() == samples_of("PCAM_IMAGES", one)
    assert second.product.samples.tolist() == samples_of("PCAM_IMAGES", two)
    assert second.product.head["stop"] == 9


# --- What the events of the rover tell besides ---


def test_a_file_of_which_nothing_came_is_told(craft, send_parts, collect):
    send_parts("ASAN_SPECTRA", 1, [20], activity=5)
    craft.tell("PRODUCT_READY", NOON, kind="ASAN_SPECTRA", number=1, records=20)
    craft.tell("PRODUCT_PARTIAL", NOON, kind="VNIS_SPECTRA", number=2, records=3, reason="RESTARTED")
    came, never = collect()
    assert came.entry()["missing"] == 0
    entry = never.entry()
    assert (entry["name"], entry["kind"]) == ("vnis_spectra_0002", "VNIS_SPECTRA")
    assert (entry["records"], entry["state"]) == (3, "CUT")
    length = 2 * 51 + 3 * 793 + 32
    assert (entry["octets"], entry["missing"]) == (length, length)
    (file,) = entry["files"]
    assert (file["file"], file["missing"]) == (None, [[0, length]])


def test_an_event_tells_the_kind_and_the_length_where_the_file_does_not(
    craft, make_file, make_records, send_file, collect
):
    octets = make_file("LPR_500", make_records("LPR_500", 6), number=4)
    craft.tell("PRODUCT_READY", NOON, kind="LPR_500", number=4, records=6)
    # Nothing but the second and third 960 octets
    send_file(octets, 4, lost=(0, 1, 4, 5))
    (observed,) = collect()
    assert observed.product.kind == "LPR_500"
    (file,) = observed.entry()["files"]
    assert file["octets"] == len(octets)
    assert file["missing"] == [[0, 960], [2880, len(octets) - 2880]]
    # The head of the second record is not there, nor the end of the last one
    assert (observed.product.record_count, observed.product.record_numbers.tolist()) == (6, [1, 2, 3, 4, 5])
    assert observed.product.samples.mask.all(axis=1).tolist() == [True, False, False, False, False]
    assert observed.product.samples.mask.any(axis=1).tolist() == [True, False, False, False, True]


def test_an_event_told_twice_makes_no_second_file(craft, collect):
    for _ in range(2):
        craft.tell("PRODUCT_READY", NOON, kind="LPR_500", number=4, records=6)
    assert len(collect()) == 1


# --- What is no product of ours ---


@pytest.mark.parametrize(
    ("octets", "lost", "state", "why"),
    [
        (bytes(range(200)), (), "WHOLE", "it has no product header"),
        (bytes(range(200)), (1,), "CUT", "its kind is unknown: no header was received"),
    ],
    ids=["other file", "metadata alone"],
)
def test_what_cannot_be_read_is_kept_under_its_name_and_told(send_file, collect, octets, lost, state, why):
    send_file(octets, 12, name="log.txt", lost=lost)
    (observed,) = collect()
    assert (observed.name, observed.product) == ("log.txt", None)
    entry = observed.entry()
    assert (entry["kind"], entry["state"], entry["reason"], entry["octets"]) == (None, state, why, 200)
    assert observed.files[0].octets == (octets if not lost else bytes(200))


def test_a_file_without_metadata_is_known_by_its_head_or_by_its_last_one(make_file, make_records, send_file, collect):
    octets = make_file("VNIS_SPECTRA", make_records("VNIS_SPECTRA", 4))
    for number, lost in enumerate([(0,), (0, 1), (0, 4, 5), (0, 1, 5)], 1):
        send_file(octets, number, lost=lost)
    files = [observed.files[0] for observed in collect()]
    assert [file.name for file in files] == [f"vnis_spectra_{number:04}" for number in (1, 2, 3, 4)]
    assert {len(file.octets) for file in files} == {len(octets)}
    assert [file.missing for file in files] == [[], [(0, 960)], [(2880, len(octets) - 2880)], [(0, 960)]]


def test_observations_along_a_way_are_one(send_parts, collect):
    second = send_parts("LPR_60", 9, [4], begun=BEGUN + 100)
    first = send_parts("LPR_60", 11, [5], lost={0: [2]}, begun=BEGUN)
    one, two = (observed.product for observed in collect())
    way = concatenate([one, two])
    assert (way.name, way.number, way.head["begun"]) == ("lpr_60_way", 11, to_datetime(BEGUN))
    # Of the last record of the first nothing came
    assert (way.record_count, way.record_numbers.tolist()) == (5 + 4, [0, 1, 2, 3, 5, 6, 7, 8])
    assert way.samples[4:].tolist() == samples_of("LPR_60", second)
    assert way.samples.mask[:4].any(axis=1).tolist() == [False, False, False, True]
    assert way.samples[:3].tolist() == samples_of("LPR_60", first)[:3]
    assert way.records["distance"][4:].tolist() == pytest.approx([record[1] / 1000 for record in second])


def test_each_run_of_a_restarted_rover_has_products_of_its_own(stream_of_a_drive):
    """Both number their files from 1; of the first run the end is lost, with the rest of its last file."""
    once, cut = collected(stream_of_a_drive), collected(stream_of_a_drive[: 40 * FRAME])
    both = collected(stream_of_a_drive[: 40 * FRAME] + stream_of_a_drive)
    assert cut != []
    assert once != []
    assert [one.missing for one in once] == [0] * len(once)
    assert list(map(outline, both)) == list(map(outline, (*cut, *once)))


@pytest.mark.parametrize(("runs", "files"), [((0, 0), [2]), ((0, 1), [1, 1])])
def test_parts_of_two_runs_are_not_one_product(make_file, make_records, cfdp, as_packet, runs, files):
    collector = ProductCollector(load())
    for part, run in enumerate(runs):
        octets = make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 3), number=1 + part, part=part)
        for pdu in cfdp(octets, "", 1 + part):
            collector.files.take(as_packet(pdu), run)
    assert [len(one.files) for one in collector.product_sets()] == files


def outline(one):
    return one.files[0].number, len(one.files), one.missing, one.product and one.product.state


@pytest.fixture(scope="module")
def stream_of_a_drive():
    return (Path(__file__).parents[2] / "golden" / "rover_drive.tm").read_bytes()


def collected(stream):
    reception, collector = TelemetryDecoder(load()), ProductCollector(load())
    for report in reception.feed(stream):
        collector.add(report)
    return collector.product_sets()
