"""PDUs of file delivery (CCSDS 727.0-B-5, section 5) -> their fields, as `yutu2.dictionary.pdu` names them."""

from collections.abc import Callable
from struct import Struct, error

from yutu2.decode.packets import ERROR_CONTROL_LENGTH, HEADER_LENGTH

Values = dict[str, int | str]

FILE_DATA = 0  # in place of a directive code

# Table 5-1: version, type, ..., checksum flag and large file flag; octets of the data field; lengths of entity ids and
# of the transaction number, each less one, and between them the flag of segment metadata
_HEADER = Struct(">BHB")
_VERSION = 1
_IS_DATA = 0x10
_HAS_CHECKSUM = 0x02
_IS_LARGE = 0x01
_HAS_SEGMENT_METADATA = 0x08
_SEGMENT_METADATA_LENGTH = 0x3F
_LARGEST_ID = (1 << 32) - 1
_OFFSET = Struct(">I")
_END = Struct(">BII")
_METADATA = Struct(">BI")
_SEGMENT_REQUEST = Struct(">II")


def read_pdu(octets: bytes) -> tuple[int, Values] | None:
    """(directive code or FILE_DATA, raw values by name) of a packet of file delivery, whole with its primary header.

    None: it is no PDU as the standard lays it out, one of a large file, or one whose ids have more than 32 bits.
    """
    if len(octets) < HEADER_LENGTH + _HEADER.size:
        return None
    flags, length, lengths = _HEADER.unpack_from(octets, HEADER_LENGTH)
    entity, number = (lengths >> 4 & 7) + 1, (lengths & 7) + 1
    at = HEADER_LENGTH + _HEADER.size
    begin = at + entity + number + entity
    end = begin + length
    if flags & _HAS_CHECKSUM:
        # Then its own last two octets are those of the packet
        end -= ERROR_CONTROL_LENGTH
    if flags >> 5 != _VERSION or flags & _IS_LARGE or end + ERROR_CONTROL_LENGTH != len(octets) or end <= begin:
        return None
    source = int.from_bytes(octets[at : at + entity])
    transaction = int.from_bytes(octets[at + entity : at + entity + number])
    if max(source, transaction) > _LARGEST_ID:
        return None
    values: Values = {"source": source, "transaction": transaction}
    try:
        if flags & _IS_DATA:
            return FILE_DATA, values | _file_data(octets[begin:end], bool(lengths & _HAS_SEGMENT_METADATA))
        read = _DIRECTIVES.get(octets[begin])
        return None if read is None else (octets[begin], values | read(octets[begin + 1 : end]))
    except (_Malformed, IndexError, error):
        return None


class _Malformed(Exception):
    """The octets are not laid out as the standard says."""


def _file_data(data: bytes, has_metadata: bool) -> Values:
    """5.3: octet of segment metadata's length and the metadata, if there are such; offset; the piece."""
    skip = 1 + (data[0] & _SEGMENT_METADATA_LENGTH) if has_metadata else 0
    (offset,) = _OFFSET.unpack_from(data, skip)
    return {"offset": offset, "length": len(data) - skip - _OFFSET.size}


def _end_of_file(data: bytes) -> Values:
    """5.2.2: condition, checksum, size of the file, and where a fault was."""
    condition, checksum, size = _END.unpack_from(data)
    _check_options(data[_END.size :])
    return {"condition": condition >> 4, "checksum": checksum, "size": size}


def _finished(data: bytes) -> Values:
    """5.2.3: condition, delivery, file status, and responses."""
    _check_options(data[1:])
    return {"condition": data[0] >> 4, "delivery": data[0] >> 2 & 1, "file_status": data[0] & 3}


def _acknowledged(data: bytes) -> Values:
    """5.2.4: of which directive, condition, status of the transaction."""
    _check_length(data, 2)
    return {"of": data[0] >> 4, "condition": data[1] >> 4, "status": data[1] & 3}


def _metadata(data: bytes) -> Values:
    """5.2.5: checksum type, size, the file's names at source and destination, each after its length; options."""
    _, size = _METADATA.unpack_from(data)
    source_name, rest = _counted(data[_METADATA.size :])
    _, options = _counted(rest)
    _check_options(options)
    return {"size": size, "name": source_name.decode(errors="backslashreplace")}


def _missing(data: bytes) -> Values:
    """5.2.6: start and end of what it is about, then those of each gap."""
    start, end = _SEGMENT_REQUEST.unpack_from(data)
    gaps, rest = divmod(len(data) - _SEGMENT_REQUEST.size, _SEGMENT_REQUEST.size)
    _check_length(b"", rest)
    return {"start": start, "end": end, "gaps": gaps}


def _prompt(data: bytes) -> Values:
    """5.2.7: the response that is wanted."""
    _check_length(data, 1)
    return {"response": data[0] >> 7}


def _keep_alive(data: bytes) -> Values:
    """5.2.8: octets that have come."""
    _check_length(data, _OFFSET.size)
    return {"progress": _OFFSET.unpack(data)[0]}


_DIRECTIVES: dict[int, Callable[[bytes], Values]] = {
    4: _end_of_file,
    5: _finished,
    6: _acknowledged,
    7: _metadata,
    8: _missing,
    9: _prompt,
    12: _keep_alive,
}


def _check_length(data: bytes, length: int) -> None:
    if len(data) != length:
        raise _Malformed


def _counted(data: bytes) -> tuple[bytes, bytes]:
    """(octets after their length, what is behind them)."""
    end = 1 + data[0]
    if end > len(data):
        raise _Malformed
    return data[1:end], data[end:]


def _check_options(data: bytes) -> None:
    """Whether the octets are options: type, length, value, one behind the other."""
    while data:
        _, data = _counted(data[1:])
