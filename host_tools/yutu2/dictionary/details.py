"""What the number beside a reason means, and which reasons are codes of a telecommand's failure, by the dictionary."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yutu2.dictionary.checks import DictionaryError, check_keys, check_one_of, check_range, places_in

FAILURES = "tc_failure"
"""The enum of failure codes that are no reasons of a command's own."""
FAILURE_CODE = "failure_code"
"""The enum of all failure codes."""

_DETAIL = ({"text"}, {"scale", "enum", "parts", "zero"})
_MOST_PARTS = 2
_PART_BITS = 16
_WORD = 1 << 32
_LARGEST_CODE = (1 << 16) - 1

Details = dict[int, "Detail"]
Enums = dict[str, dict[int, str]]


@dataclass(frozen=True, slots=True)
class Detail:
    """What the number beside a reason means.

    text: a sentence, with {} for each part. scale: engineering value = part * scale; None: as it is. labels: names of
    the last part; None: a number. parts: 2: the number's upper and lower 16 bits. zero: the text for 0, or None.
    """

    text: str
    scale: float | None = None
    labels: dict[int, str] | None = None
    parts: int = 1
    zero: str | None = None

    def words(self, number: int) -> str:
        """The text for a number of 32 bits, which is signed where it is one part."""
        if number == 0 and self.zero is not None:
            return self.zero
        number %= _WORD
        if self.parts > 1:
            numbers = [number >> _PART_BITS, number & (1 << _PART_BITS) - 1]
        else:
            numbers = [number - _WORD if number >= _WORD // 2 else number]
        values: list[Any] = [scaled(one, self.scale) for one in numbers]
        if self.labels is not None:
            values[-1] = self.labels.get(numbers[-1], numbers[-1])
        return self.text.format(*values)


def scaled(raw: float, scale: float | None) -> float:
    """raw * scale with no more digits than the scale has: 7514 * 0.001 is 7.514. No scale: raw itself."""
    return raw if scale is None else round(raw * scale, digits(scale))


def digits(scale: float) -> int:
    """The decimal digits of a scale."""
    return max(0, -int(Decimal(str(scale)).as_tuple().exponent))


def read_failure_codes(content: dict[str, Any], enums: Enums) -> dict[int, str]:
    """The enum of all failure codes: those of FAILURES, and each reason's number + the code of its enum."""
    labels = dict(enums[FAILURES])
    for name, base in content.items():
        place = f"{FAILURE_CODE}.{name}"
        check_one_of(FAILURE_CODE, name, list(enums), "enums")
        check_range(place, base, _LARGEST_CODE)
        for number, label in enums[name].items():
            check_range(f"{place}: {label}", base + number, _LARGEST_CODE)
            if base + number in labels:
                raise DictionaryError(f"{place}: {label} and {labels[base + number]} are both {base + number}")
            labels[base + number] = label
    return labels


def read_details(content: dict[str, Any], codes: dict[str, int], enums: Enums) -> dict[str, Details]:
    """The details of each enum of reasons, by number. codes: of [failure_code]; such a code has its reason's detail."""
    details: dict[str, Details] = {}
    for name, entries in content.items():
        check_one_of("detail", name, list(enums), "enums")
        numbers = {label: number for number, label in enums[name].items()}
        for label in entries:
            check_one_of(f"detail.{name}", label, list(numbers), f"labels of enum '{name}'")
        details[name] = {
            numbers[label]: _detail(f"detail.{name}.{label}", entry, enums) for label, entry in entries.items()
        }
    of_codes = dict(details.get(FAILURES, {}))
    for name, base in codes.items():
        of_codes |= {base + number: detail for number, detail in details.get(name, {}).items()}
    return details | {FAILURE_CODE: of_codes}


def _detail(place: str, entry: dict[str, Any], enums: Enums) -> Detail:
    check_keys(place, entry, _DETAIL)
    parts = entry.get("parts", 1)
    check_range(f"{place}.parts", parts, _MOST_PARTS, 1)
    if "enum" in entry:
        check_one_of(f"{place}.enum", entry["enum"], list(enums), "enums")
    places = places_in(f"{place}.text", entry["text"])
    if any(places) or len(places) not in (0, parts):
        raise DictionaryError(f"{place}.text: must have {{}} once for each of its parts, {parts}, or nowhere")
    labels = enums[entry["enum"]] if "enum" in entry else None
    return Detail(entry["text"], entry.get("scale"), labels, parts, entry.get("zero"))
