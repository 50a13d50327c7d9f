"""Products in words: nothing that is wrong with one is passed over."""

import pytest
from yutu2.products.product_table import summary_line, table_lines

FILE = {"missing": [], "verified": True, "state": "WHOLE", "checksum": "right", "disagreements": 0}
ENTRY = {
    "name": "lpr_60_0003",
    "kind": "LPR_60",
    "begun": "2020-11-15T14:00:00.000Z",
    "records": 1205,
    "planned": 1300,
    "octets": 2048,
    "missing": 0,
    "state": "WHOLE",
    "reason": None,
    "files": [FILE, FILE],
}


def test_all_is_well():
    assert summary_line([ENTRY, ENTRY]) == "Products: 2 in 4 files, 4.0 KiB; all complete, hashes valid."


@pytest.mark.parametrize(
    ("entry", "told", "end"),
    [
        ({"state": "PARTIAL", "reason": "SHED_LOAD"}, "1 partial.", "PARTIAL    SHED_LOAD"),
        (
            {"files": [FILE, FILE | {"missing": [[0, 9], [20, 3]], "verified": None}], "missing": 12},
            "12 octets of 1 files missing.",
            "WHOLE      12 octets in 2 gaps of 1 files",
        ),
        (
            {"files": [FILE | {"missing": [[0, 1200]], "verified": None}], "missing": 1200, "state": "CUT"},
            "1,200 octets of 1 files missing.",
            "CUT        1,200 octets in 1 gap",
        ),
        ({"files": [FILE | {"verified": False}]}, "1 files with a wrong hash.", "WHOLE      its hash is wrong"),
        (
            {"kind": None, "state": None, "reason": "it has no head", "planned": None, "records": None, "begun": None},
            "1 files unreadable.",
            "-          it has no head",
        ),
        (
            {
                "state": "PARTIAL",
                "reason": "STOPPED",
                "files": [FILE | {"missing": [[5, 7]], "verified": None}],
                "missing": 7,
            },
            "1 partial, 7 octets of 1 files missing.",
            "PARTIAL    STOPPED; 7 octets in 1 gap",
        ),
        (
            {"state": "DAMAGED", "files": [FILE | {"state": "DAMAGED", "checksum": "wrong"}]},
            "1 files with a wrong CFDP checksum.",
            "DAMAGED    its CFDP checksum is wrong",
        ),
        (
            {
                "state": "CANCELLED",
                "reason": "CANCEL_REQUEST_RECEIVED",
                "files": [FILE | {"state": "CANCELLED", "missing": [[960, 100]], "verified": None}],
                "missing": 100,
            },
            "100 octets of 1 files missing, 1 files cancelled by their sender.",
            "CANCELLED  CANCEL_REQUEST_RECEIVED; 100 octets in 1 gap",
        ),
        (
            {"files": [FILE | {"disagreements": 2}]},
            "2 PDUs that disagree with their file.",
            "WHOLE      2 PDUs disagree with the rest",
        ),
    ],
    ids=["partial", "holes", "nothing came", "wrong hash", "unread", "both", "checksum", "cancelled", "disagree"],
)
def test_what_is_wrong_is_told(entry, told, end):
    assert summary_line([ENTRY | entry]).endswith(f"; {told}")
    assert table_lines([ENTRY | entry])[1].endswith(end)


def test_a_line_has_time_records_of_planned_and_size():
    (line,) = table_lines([ENTRY])[1:]
    assert line.split() == ["lpr_60_0003", "2020-11-15", "14:00:00", "2", "1,205/1,300", "2.0", "WHOLE", "-"]
    # For as many as come
    assert table_lines([ENTRY | {"planned": None}])[1].split()[4] == "1,205"


def test_facts_stand_below():
    facts = {"layers_m": [12.04, 24.0], "places": 3, "places_of": [], "mineral": "clinopyroxene"}
    assert table_lines([ENTRY | {"facts": facts}])[2] == (
        "    layers_m 12.04 24, places 3, places_of none, mineral clinopyroxene"
    )
    assert len(table_lines([ENTRY | {"facts": {}}])) == 2


def test_invalid_pdus_are_counted_below():
    assert table_lines([ENTRY], 3)[-1] == "3 invalid CFDP PDUs dropped."
    assert len(table_lines([ENTRY], 0)) == 2
