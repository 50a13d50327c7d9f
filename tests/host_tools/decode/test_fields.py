"""Packets become reports: header, time and engineering values as the dictionary says, and nothing guessed."""

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yutu2.decode.fields import FieldDecoder
from yutu2.decode.packets import Packet
from yutu2.dictionary.model import TYPES, Field, load
from yutu2.dictionary.model import Packet as Definition

DICTIONARY = load()
DEFINITIONS = {definition.name: definition for definition in DICTIONARY.packets + DICTIONARY.events}
HOUSEKEEPING, WAKE = DEFINITIONS["HK_COMPUTER"], DEFINITIONS["ROVER_WAKE"]
EPOCH = datetime(2019, 1, 1, tzinfo=UTC)
NOON = (59_000_000, 0)  # s since the epoch, ms
FOREIGN = bytes.fromhex("deadbeef")


def cuc(s, ms=0):
    """4 + 2 octets, as icd.md has it."""
    return struct.pack(">IH", s, ms * 65536 // 1000)


def header(service, subservice, time=NOON, version=2):
    return struct.pack(">BBBHH", version << 4, service, subservice, 0, 0) + cuc(*time)


def values_of(definition, **given):
    """Raw values of all fields, those of an array one by one: 0 and our own hash where none is given."""
    usual = {field.name: DICTIONARY.hash if field.type == "hash4" else 0 for field in definition.fields}
    usual |= {field.name: [0] * field.count for field in definition.fields if field.count}
    values = (usual | given).values()
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def source_data(definition, values):
    code = "".join(field.code for field in definition.fields)
    selector = b"" if definition.selector is None else struct.pack(">H", definition.selector)
    return selector + struct.pack(">" + code, *values)


@pytest.fixture(scope="module")
def make(encoder):
    """`make(definition, time, **fields)`: a packet of that kind, from raw values."""

    def make(definition, time=NOON, **fields):
        data = source_data(definition, values_of(definition, **fields))
        if definition.service is None:
            return as_packet(encoder, definition.apid, data + cuc(*time), secondary_header=False)
        return as_packet(encoder, definition.apid, header(definition.service, definition.subservice, time) + data)

    return make


def as_packet(encoder, apid, payload, secondary_header=True):
    octets = encoder.packet(apid, 5, payload, secondary_header)
    return Packet(24, 0, apid, 5, secondary_header, octets)


def decode(packet):
    return FieldDecoder(DICTIONARY).decode(packet)


def test_housekeeping_is_decoded(make):
    report = decode(make(HOUSEKEEPING, (59_000_000, 250), mode=2, sun_elevation=7514, packets_sent=70000))
    assert report.time == EPOCH + timedelta(seconds=59_000_000, milliseconds=250)
    assert (report.service, report.subservice, report.name, report.text) == (3, 25, "HK_COMPUTER", None)
    assert report.fields["mode"] == "ACTIVE"
    assert report.raw["mode"] == 2
    assert report.fields["sun_elevation"] == 7.514
    assert report.raw["sun_elevation"] == 7514
    assert report.fields["packets_sent"] == 70000
    assert report.fields["dictionary"] == report.raw["dictionary"] == DICTIONARY.hash.hex()
    assert list(report.fields) == [field.name for field in HOUSEKEEPING.fields]


def test_an_event_has_the_text_of_the_dictionary(make):
    report = decode(make(WAKE, sun_elevation=-5, array_power=31926, box_temperature=-159))
    assert (report.service, report.subservice, report.name, report.text) == (5, 1, "ROVER_WAKE", WAKE.text)
    assert report.fields == {"sun_elevation": -0.005, "array_power": 31.926, "box_temperature": -15.9}


def test_the_time_packet_has_no_pus_header_and_still_a_time(make):
    report = decode(make(DEFINITIONS["TIME"], (1, 999), rate=4))
    assert report.time == EPOCH + timedelta(seconds=1, milliseconds=999)
    assert (report.service, report.subservice, report.name, report.fields) == (None, None, "TIME", {"rate": 4})


@given(st.integers(-(2**31), 2**31 - 1))
def test_a_scaled_value_has_no_more_digits_than_its_scale(make, raw):
    value = decode(make(WAKE, sun_elevation=raw)).fields["sun_elevation"]
    assert len(repr(value).partition(".")[2]) <= 3
    assert round(value * 1000) == raw


def test_a_value_that_its_enumeration_lacks_stays_a_number(make):
    assert decode(make(HOUSEKEEPING, mode=200)).fields["mode"] == 200


def test_a_bit_field_becomes_the_names_of_its_bits_in_their_order(make):
    report = decode(make(DEFINITIONS["HK_POWER"], loads_on=0b101, sensors_lost=1 << 11 | 1, limits_broken=0))
    assert report.fields["loads_on"] == ["LOAD_COMPUTER", "LOAD_HEATER"]
    assert report.fields["sensors_lost"] == ["SUN_ELEVATION", "MEMORY_FREE"]
    assert report.fields["limits_broken"] == []
    assert (report.raw["loads_on"], report.raw["sensors_lost"]) == (5, 2049)


def test_a_bit_without_a_name_is_its_number(make):
    report = decode(make(DEFINITIONS["HK_POWER"], loads_on=1 << 15 | 1 << 13 | 1))
    assert report.fields["loads_on"] == ["LOAD_COMPUTER", 13, 15]


@pytest.mark.parametrize(("raw", "seconds"), [(59_000_000, 59_000_000), (0, 0), (2**32 - 1, 2**32 - 1)])
def test_a_time_in_a_field_is_a_time(make, raw, seconds):
    report = decode(make(DEFINITIONS["HK_NIGHT"], measured_at=raw))
    assert report.fields["measured_at"] == EPOCH + timedelta(seconds=seconds)
    assert report.raw["measured_at"] == raw


def test_a_time_that_is_not_known_is_none(make):
    plan = DEFINITIONS["HK_PLAN"]
    assert decode(make(plan, next_due=0)).fields["next_due"] is None
    assert decode(make(plan, next_due=1)).fields["next_due"] == EPOCH + timedelta(seconds=1)


def test_a_plan_is_written_one_way(make):
    begin = decode(make(DEFINITIONS["PLAN_BEGIN"], plan=0x05EB81F2))
    report = decode(make(DEFINITIONS["HK_PLAN"], plan=1))
    assert begin.fields["plan"] == "05eb81f2"
    assert begin.text.format(**begin.fields).startswith("plan 05eb81f2 for")
    assert report.fields["plan"] == "00000001"
    assert (report.fields["ended"], report.raw["ended"]) == (False, 0)


@pytest.mark.parametrize(
    ("reason", "value", "text"),
    [
        (9, 860 << 16 | 600, "NO_POWER (needs 86.0 W more, 60.0 W available)"),
        (2, -1500, "SUN_TOO_LOW (the Sun at -1.5 deg)"),
        (4, -251, "BOX_TOO_COLD (the box at -25.1 degC)"),
        (1, 5, "NOT_IN_MODE (the mode is SAFE)"),
        (1, 77, "NOT_IN_MODE (the mode is 77)"),
        (17, 0, "STOPPED (by a command)"),
        (99, 3, "99 (3)"),
    ],
)
def test_an_event_tells_the_number_of_its_reason_with_the_unit(make, reason, value, text):
    report = decode(make(DEFINITIONS["ACTIVITY_FAILED"], step=3, activity=200, reason=reason, value=value))
    assert report.text.format(**report.fields) == f"step 3: 200 failed: {text}"
    assert report.raw["value"] == value


@given(st.integers(0, 2**32 - 1), st.integers(0, 999))
def test_every_millisecond_of_a_time_comes_back(make, s, ms):
    assert decode(make(WAKE, (s, ms))).time == EPOCH + timedelta(seconds=s, milliseconds=ms)


@pytest.mark.parametrize(
    ("fraction", "ms"),
    [(0, 0), (32, 0), (33, 1), (98, 1), (99, 2), (0x7FFF, 500), (65503, 999), (65504, 1000), (65535, 1000)],
)
def test_a_fraction_is_read_to_the_nearest_millisecond(encoder, fraction, ms):
    time = struct.pack(">IH", 7, fraction)
    report = decode(as_packet(encoder, 1, struct.pack(">BBBHH", 0x20, 17, 2, 0, 0) + time))
    assert report.time == EPOCH + timedelta(seconds=7, milliseconds=ms)


def limits(field):
    """The least and the most that such a field can hold."""
    bits = 8 * struct.calcsize(">" + TYPES[field.type])
    low = -(2 ** (bits - 1)) if field.type in ("i8", "i16", "i32") else 0
    return low, low + 2**bits - 1


def any_raw(field):
    """Values that such a field can have."""
    number = st.integers(*limits(field))
    return number if field.count is None else st.lists(number, min_size=field.count, max_size=field.count)


def sent_fields(definition):
    return [field for field in definition.fields if field.type != "hash4"]


def values_for(definition):
    """A packet of that kind with any values: (definition, raw value of each field)."""
    fields = st.fixed_dictionaries({field.name: any_raw(field) for field in sent_fields(definition)})
    return st.tuples(st.just(definition), fields)


def meaning(field, raw):
    """The engineering value of a field that is no detail of another, by another hand than the decoder's."""
    if field.none is not None and raw == field.none:
        return None
    if field.bits is not None:
        return [field.bits.get(bit, bit) for bit in range(32) if raw & 1 << bit]
    if field.labels is not None:
        return field.labels.get(raw, raw)
    match field.type:
        case "bool":
            return raw != 0
        case "id4":
            return raw.to_bytes(4).hex()
        case "time4":
            return EPOCH + timedelta(seconds=raw)
    return raw


ONCE = [definition for definition in DEFINITIONS.values() if not definition.repeat and definition.pdu is None]


@settings(max_examples=500)
@given(st.sampled_from(ONCE).flatmap(values_for))
def test_any_packet_comes_back_as_it_was_sent(make, packet):
    assert_comes_back(make, *packet)


@pytest.mark.parametrize("pick", [0, 1, *map(Random, range(5))], ids=["least", "most", *"12345"])
def test_each_kind_of_packet_comes_back_as_it_was_sent(make, pick):
    def value(field):
        return pick.randint(*limits(field)) if isinstance(pick, Random) else limits(field)[pick]

    for definition in ONCE:
        sent = {
            field.name: value(field) if field.count is None else [value(field) for _ in range(field.count)]
            for field in sent_fields(definition)
        }
        assert_comes_back(make, definition, sent)


def assert_comes_back(make, definition, sent):
    report = decode(make(definition, **sent))
    assert report.name == definition.name
    assert {name: report.raw[name] for name in sent} == sent
    for field in definition.fields:
        if field.count is not None:
            assert len(report.fields[field.name]) == field.count
        elif field.scale is not None:
            assert report.fields[field.name] == pytest.approx(sent[field.name] * field.scale, abs=field.scale / 4)
        elif field.details is not None:
            detail = field.details.get(sent[field.of])
            assert report.fields[field.name] == (detail.words(sent[field.name]) if detail else sent[field.name])
        else:
            assert report.fields[field.name] == meaning(field, report.raw[field.name])


def quick_look(**array):
    """Its name and fields, after a number, hold an array that is described so."""
    usual = {"scale": None, "unit": None, "labels": None, "text": ""}
    fields = (Field("gain", "u16", 0.1, "dB", None, ""), Field("columns", **usual | array))
    return Definition("QUICK_LOOK", "what was seen", 16, 3, 25, 77, fields)


@pytest.mark.parametrize(
    ("array", "octets", "raw", "fields"),
    [
        ({"type": "u8", "count": 4}, b"\x00\x01\xfe\xff", [0, 1, 254, 255], [0, 1, 254, 255]),
        ({"type": "i8", "count": 1}, b"\xff", [-1], [-1]),
        ({"type": "i16", "count": 2, "scale": 0.01}, b"\xff\x85\x02\x51", [-123, 593], [-1.23, 5.93]),
        ({"type": "u8", "count": 2, "labels": {0: "DARK"}}, b"\x00\x07", [0, 7], ["DARK", 7]),
    ],
    ids=["numbers", "one", "scaled", "labels"],
)
def test_an_array_becomes_a_list(encoder, array, octets, raw, fields):
    definition = quick_look(**array)
    source = struct.pack(">HH", 77, 123) + octets
    packet = as_packet(encoder, 16, header(3, 25) + source)
    report = FieldDecoder(replace(DICTIONARY, packets=(definition,))).decode(packet)
    assert (report.name, report.raw) == ("QUICK_LOOK", {"gain": 123, "columns": raw})
    assert report.fields == {"gain": 12.3, "columns": fields}


def parameters(encoder, count, *values):
    octets = b"".join(struct.pack(">Hi", *pair) for pair in values)
    return decode(as_packet(encoder, 1, header(20, 2) + bytes([count]) + octets))


def test_what_repeats_becomes_lists_and_a_parameter_s_value_has_its_own_scale(encoder):
    report = parameters(encoder, 4, (1, 280), (3, -150), (5, 72), (99, -7))
    assert (report.name, report.service, report.subservice) == ("PARAMETERS", 20, 2)
    assert report.raw == {"parameter": [1, 3, 5, 99], "value": [280, -150, 72, -7]}
    assert report.fields == {
        "parameter": ["HAZARD_HEIGHT", "HEATER_ON", "COMMAND_LOSS_H", 99],
        "value": [0.28, -15.0, 72, -7],
    }


def test_what_repeats_may_be_there_never(encoder):
    assert parameters(encoder, 0).fields == {"parameter": [], "value": []}


@pytest.mark.parametrize(("count", "values"), [(0, [(1, 280)]), (2, [(1, 280)]), (1, [(1, 280), (1, 280)])])
def test_what_does_not_repeat_as_often_as_it_says_has_no_fields(encoder, count, values):
    report = parameters(encoder, count, *values)
    assert (report.name, report.fields, report.raw) == ("PARAMETERS", None, None)


@pytest.mark.parametrize(("subservice", "name"), [(2, "TC_REFUSED"), (4, "TC_START_FAILED"), (8, "TC_FAILED")])
@pytest.mark.parametrize(
    ("code", "data", "told"),
    [
        (7, 3, ("NOT_IN_MODE", "the mode is NAP")),
        (73, 600 << 16 | 342, ("NO_POWER", "needs 60.0 W more, 34.2 W available")),
        (66, 2**32 - 1500, ("SUN_TOO_LOW", "the Sun at -1.5 deg")),
        (74, 12, ("NO_ROOM", "12 KiB too many in this lunar day")),
        (9, 12, ("NO_ROOM", 12)),
        (36, 0, ("NOT_NAPPING", 0)),
        (97, 0, ("BUSY", 0)),
        (113, 0, ("NOT_STORED", 0)),
        (13, 2 << 16 | 11, ("WRONG_INSTRUCTION", "number 2, UNKNOWN_ID")),
        (13, 2 << 16 | 999, ("WRONG_INSTRUCTION", "number 2, 999")),
        (60000, 2**32 - 1, (60000, 2**32 - 1)),
    ],
)
def test_a_failed_command_is_told_with_its_reason(encoder, subservice, name, code, data, told):
    source = struct.pack(">HHHI", 0x1801, 0xC007, code, data)
    report = decode(as_packet(encoder, 1, header(1, subservice) + source))
    request = {"packet_id": 0x1801, "sequence_control": 0xC007}
    assert (report.name, report.fields) == (name, request | dict(zip(("code", "data"), told, strict=True)))
    assert report.raw == request | {"code": code, "data": data}


@pytest.mark.parametrize(
    ("apid", "service", "subservice", "source"),
    [
        (1, 3, 25, b"\x00\x63" + bytes(25)),
        (1, 5, 1, b"\xff\xff"),
        (1, 5, 3, b"\x00\x01" + bytes(4)),
        (1, 17, 3, b""),
        (1, 17, 2, b"\0"),
        (19, 3, 25, b"\x00\x01" + bytes(25)),
    ],
    ids=["structure", "event", "severity", "service", "length", "apid"],
)
def test_what_the_dictionary_lacks_has_a_header_and_no_name(encoder, apid, service, subservice, source):
    report = decode(as_packet(encoder, apid, header(service, subservice) + source))
    assert (report.service, report.subservice) == (service, subservice)
    assert report.time == EPOCH + timedelta(seconds=NOON[0])
    assert (report.text, report.fields, report.raw) == (None, None, None)
    assert report.name == ("ALIVE" if source == b"\0" else None)


@pytest.mark.parametrize("definition", [HOUSEKEEPING, WAKE], ids=lambda definition: definition.name)
@pytest.mark.parametrize("change", [-1, 1])
def test_a_packet_of_another_length_than_its_definition_has_no_fields(encoder, definition, change):
    data = source_data(definition, values_of(definition))
    data = data + b"\0" if change > 0 else data[:-1]
    report = decode(as_packet(encoder, definition.apid, header(definition.service, definition.subservice) + data))
    assert (report.service, report.fields, report.raw) == (definition.service, None, None)


@pytest.mark.parametrize("version", [0, 1, 3, 15])
def test_another_pus_version_is_not_read(encoder, version):
    data = source_data(WAKE, values_of(WAKE))
    report = decode(as_packet(encoder, 1, header(5, 1, version=version) + data))
    assert (report.time, report.service, report.subservice, report.name, report.fields) == (None,) * 5


def test_a_packet_too_short_for_its_header_is_not_read(encoder):
    report = decode(as_packet(encoder, 1, header(5, 1)[:-1]))
    assert (report.time, report.service, report.name) == (None, None, None)


@given(st.integers(0, 2046), st.booleans(), st.binary(max_size=60))
def test_any_packet_gives_a_report(encoder, apid, secondary_header, payload):
    packet = as_packet(encoder, apid, payload, secondary_header)
    report = decode(packet)
    assert report.packet is packet
    assert (report.fields is None) == (report.raw is None)


@given(st.sampled_from([definition for definition in DEFINITIONS.values() if definition.pdu is None]), st.data())
def test_any_source_data_behind_a_known_header_gives_a_report(encoder, definition, data):
    source = data.draw(st.binary(max_size=40))
    if definition.selector is not None:
        source = struct.pack(">H", definition.selector) + source
    head = b"" if definition.service is None else header(definition.service, definition.subservice)
    packet = as_packet(encoder, definition.apid, head + source, secondary_header=bool(head))
    assert decode(packet).packet is packet


class TestForeignDictionary:
    def test_nothing_is_decoded_from_there_on_and_the_hash_is_told(self, make):
        decoder = FieldDecoder(DICTIONARY)
        assert decoder.decode(make(WAKE)).name == "ROVER_WAKE"
        assert decoder.foreign_hash is None
        for packet in [
            make(HOUSEKEEPING, dictionary=FOREIGN),
            make(WAKE),
            make(DEFINITIONS["TIME"]),
            make(HOUSEKEEPING),
        ]:
            report = decoder.decode(packet)
            assert (report.name, report.text, report.fields, report.raw) == (None, None, None, None)
            assert report.time is not None
        assert decoder.foreign_hash == FOREIGN.hex()

    def test_service_and_time_are_still_told(self, make):
        decoder = FieldDecoder(DICTIONARY)
        report = decoder.decode(make(HOUSEKEEPING, dictionary=FOREIGN))
        assert (report.service, report.subservice) == (3, 25)
        assert report.time == EPOCH + timedelta(seconds=NOON[0])

    def test_the_same_packets_are_decoded_by_the_dictionary_that_they_are_of(self, make):
        decoder = FieldDecoder(replace(DICTIONARY, hash=FOREIGN))
        assert decoder.decode(make(HOUSEKEEPING, dictionary=FOREIGN)).name == "HK_COMPUTER"
        assert decoder.foreign_hash is None

    def test_housekeeping_that_has_grown_a_field_tells_it_too(self, encoder):
        data = source_data(HOUSEKEEPING, values_of(HOUSEKEEPING, dictionary=FOREIGN)) + b"\0"
        decoder = FieldDecoder(DICTIONARY)
        decoder.decode(as_packet(encoder, 1, header(3, 25) + data))
        assert decoder.foreign_hash == FOREIGN.hex()
