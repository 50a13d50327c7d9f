"""Fields that are no plain numbers, and what stands beside a reason: read, or refused in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.dictionary.details import Detail
from yutu2.dictionary.model import DictionaryError, load


def state_of(dictionary):
    (state,) = (packet for packet in dictionary.packets if packet.name == "STATE")
    return {field.name: field for field in state.fields}


def test_a_field_has_its_meaning(read, small):
    fields = state_of(read(small))
    assert {name: field.code for name, field in fields.items()} == {
        **{"awake": "B", "plan": "I", "due": "I", "loads": "B", "reason": "H", "number": "I"}
    }
    assert (fields["due"].none, fields["plan"].none) == (0, None)
    assert fields["loads"].bits == {0: "LOAD_RADIO", 1: "LOAD_MAST"}
    assert fields["loads"].labels is None
    assert fields["reason"].labels == {1: "WRONG_LENGTH", 2: "TOO_DARK", 32: "ASLEEP", 33: "AWAKE", 65: "TOO_DARK"}
    # A reason of an enum and the code that it has are beside the same detail
    assert fields["number"].details == {65: Detail("{} lx", 0.1)}


def test_a_pdu_is_no_report_of_a_service(read, small):
    (prompt,) = (packet for packet in read(small).packets if packet.name == "PROMPT")
    assert (prompt.apid, prompt.service, prompt.selector, prompt.pdu) == (16, None, None, 9)


@pytest.mark.parametrize(
    ("detail", "number", "words"),
    [
        (Detail("{} deg", 0.001), 8123, "8.123 deg"),
        (Detail("{} degC", 0.1), -253, "-25.3 degC"),
        (Detail("{} degC", 0.1), (1 << 32) - 253, "-25.3 degC"),
        (Detail("needs {} W, {} W available", 0.1, parts=2), 600 << 16 | 342, "needs 60.0 W, 34.2 W available"),
        (Detail("needs {} W, {} W available", 0.1, parts=2), 60000 << 16, "needs 6000.0 W, 0.0 W available"),
        (Detail("the mode is {}", labels={5: "SAFE"}), 5, "the mode is SAFE"),
        (Detail("the mode is {}", labels={5: "SAFE"}), 77, "the mode is 77"),
        (Detail("number {}, {}", labels={7: "NOT_IN_MODE"}, parts=2), 2 << 16 | 7, "number 2, NOT_IN_MODE"),
        (Detail("by step {}", zero="by a command"), 3, "by step 3"),
        (Detail("by step {}", zero="by a command"), 0, "by a command"),
        (Detail("the rover stands"), 0, "the rover stands"),
    ],
)
def test_a_detail_is_told_with_its_unit(detail, number, words):
    assert detail.words(number) == words


@given(st.integers(-(2**31), 2**32 - 1))
def test_each_reason_tells_any_number(number):
    for field in (field for packet in (*load().packets, *load().events) for field in packet.fields):
        for detail in (field.details or {}).values():
            assert "{" not in detail.words(number)


def test_each_code_with_a_unit_tells_the_same_as_its_reason():
    dictionary = load()
    code = {"plan_failure": dictionary.failure_codes["plan_failure"]}["plan_failure"]
    (event,) = (event for event in dictionary.events if event.name == "ACTIVITY_FAILED")
    (refused,) = (packet for packet in dictionary.packets if packet.name == "TC_REFUSED")
    of_reasons, of_codes = event.fields[-1].details, refused.fields[-1].details
    assert of_reasons
    for number, detail in of_reasons.items():
        assert of_codes[code + number] is detail


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('bits = "load"', 'bits = "cargo"', "STATE.loads: there is no enum 'cargo'"),
        ('bits = "load"', 'bits = "failure_code"', "STATE.loads: TOO_DARK is bit 65, and a u8 has 8 of them"),
        ('"u8", bits = "load"', '"i8", bits = "load"', "STATE.loads: bits are of u8, u16 or u32, once a packet"),
        ('bits = "load"', 'bits = "load", enum = "load"', "STATE.loads: 'enum' and 'bits' exclude each other"),
        ('bits = "load"', 'bits = "load", scale = 2', "STATE.loads: 'scale' and 'bits' exclude each other"),
        ('bits = "load"', 'bits = "load", none = 0', "STATE.loads: 'none' is for a field with one number"),
        ('"time4", none = 0', '"time4", none = -1', "STATE.due.none: -1 is not a number from 0 to 4294967295"),
        ('"time4", none = 0', '"hash4", none = 0', "STATE.due: 'none' is for a field with one number"),
        (
            '"time4", none = 0',
            '"time4", scale = 2',
            "STATE.due: 'scale' is for numbers; a time4 is shown in",
        ),
        ('type = "bool"', 'type = "bool", bits = "load"', "STATE.awake: 'bits' is for numbers; a bool is shown"),
        ('type = "id4"', 'type = "id4", enum = "mode"', "STATE.plan: 'enum' is for numbers; a id4 is shown"),
        ('type = "id4"', 'type = "text"', "STATE.plan: only a packet with a 'pdu' has a text"),
        ('of = "reason"', 'of = "plan"', "STATE.number.of: 'plan' has the enum 'None', which is none of settable, "),
        (
            "TOO_DARK = { text",
            "TOO_WET = { text",
            "detail.plan_failure: 'TOO_WET' is none of the labels of",
        ),
        ("[detail.plan_failure]", "[detail.weather]", "detail: 'weather' is none of the enums: "),
        ("scale = 0.1 }", "skale = 0.1 }", "detail.plan_failure.TOO_DARK: 'skale' is not known here"),
        ("scale = 0.1 }", "parts = 3 }", "detail.plan_failure.TOO_DARK.parts: 3 is not a number from 1 to 2"),
        (
            "scale = 0.1 }",
            "parts = 2 }",
            "detail.plan_failure.TOO_DARK.text: must have {} once for each",
        ),
        ("scale = 0.1 }", 'enum = "mood" }', "detail.plan_failure.TOO_DARK.enum: 'mood' is none of the enums"),
        ('"{} lx"', '"{lx}"', "detail.plan_failure.TOO_DARK.text: must have {} once for each of its parts, 1"),
        ('"{} lx"', '"{:f} lx"', "detail.plan_failure.TOO_DARK.text: {} in it has a format; leave that out"),
        ('"{} lx"', '"{ lx"', "detail.plan_failure.TOO_DARK.text: '{ lx': expected '}' before end of string"),
        (
            "{volt} V",
            "{volt:.1f} V",
            "WAKE.text: {volt} in it has a format; leave that out",
        ),
        ("{volt} V", "{volt V", "WAKE.text: 'awake at {volt V': expected '}' before end of string"),
        ("refusal = 32", "refusal = 1", "failure_code.refusal: ASLEEP and WRONG_LENGTH are both 1"),
        ("refusal = 32", "refusal = 65535", "failure_code.refusal: AWAKE: 65536 is not a number from 0 to 65535"),
        ("refusal = 32", 'refusal = "x"', "failure_code.refusal: x is not a number from 0 to 65535"),
        ("refusal = 32", "refuse = 32", "failure_code: 'refuse' is none of the enums"),
        ("pdu = 9", "pdu = 99", "PROMPT.pdu: 99 is none of 0, 4, 5, 6, 7, 8, 9, 12"),
        (
            '"response", type',
            '"answer", type',
            "PROMPT: the fields of PDU 9 are source, transaction, response, not",
        ),
        ("pdu = 9", "pdu = 9\nservice = 3", "PROMPT: 'service' is not known here"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(read, small, old, new, told):
    assert small.count(old) == 1
    with pytest.raises(DictionaryError) as error:
        read(small.replace(old, new))
    place, _, text = str(error.value).partition(".toml: ")
    assert place
    assert text.startswith(told)


def test_bits_are_once_a_packet(read, small):
    head, _, tail = small.partition("[packet.SETTINGS]")
    text = head + "[packet.SETTINGS]" + tail.replace('of = "parameter"', 'bits = "load"').replace('"i32"', '"u32"')
    with pytest.raises(DictionaryError, match=r"SETTINGS.value: bits are of u8, u16 or u32, once a packet"):
        read(text)


def test_the_same_pdu_cannot_be_there_twice(read, small):
    twin = small[small.index("[packet.PROMPT]") : small.index("[packet.ALIVE]")].replace("PROMPT", "TWIN")
    with pytest.raises(DictionaryError, match=r"TWIN cannot be told from PROMPT$"):
        read(small + twin)
