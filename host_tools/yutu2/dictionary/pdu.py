"""Which PDUs of file delivery there are, and the fields that are read of each (CCSDS 727.0-B-5, section 5)."""

_OF_ALL = ("source", "transaction")

# By directive code (table 5-4), 0 for file data, which has none: the names of its fields
PDU_FIELDS = {
    0: (*_OF_ALL, "offset", "length"),
    4: (*_OF_ALL, "condition", "checksum", "size"),
    5: (*_OF_ALL, "condition", "delivery", "file_status"),
    6: (*_OF_ALL, "of", "condition", "status"),
    7: (*_OF_ALL, "size", "name"),
    8: (*_OF_ALL, "start", "end", "gaps"),
    9: (*_OF_ALL, "response"),
    12: (*_OF_ALL, "progress"),
}
TEXT = "text"
"""The type of a field that is a text, of as many octets as the PDU says."""
