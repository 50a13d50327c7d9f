"""Products in words: a table of them, and what there is to say of all."""

from typing import Any

HEADING = (
    f"  {'product':20}  {'begun, UTC':19}  {'files':>5}  {'records':>11}  {'KiB':>8}  {'state':9}  what is missing"
)


def lines(entries: list[dict[str, Any]], damaged: int = 0) -> list[str]:
    """A table of the entries of `products.json`; under each one its facts. damaged: PDUs of no use to any file."""
    told = [f"{damaged:,} PDUs of file delivery were invalid and were dropped."] if damaged else []
    return [HEADING, *(line for entry in entries for line in _lines(entry)), *told]


def sentence(entries: list[dict[str, Any]]) -> str:
    """One line on all."""
    files = [file for entry in entries for file in entry["files"]]
    kib = sum(entry["octets"] for entry in entries) / 1024
    told = f"Products: {len(entries)} in {len(files)} files, {kib:,.1f} KiB; "
    partial = sum(entry["state"] == "PARTIAL" for entry in entries)
    holed = [file for file in files if file["missing"]]
    wrong = sum(file["verified"] is False for file in files)
    cancelled = sum(file["state"] == "CANCELLED" for file in files)
    mistaken = sum(file["checksum"] == "wrong" for file in files)
    disagreements = sum(file["disagreements"] for file in files)
    unread = sum(entry["records"] is None for entry in entries)
    octets = sum(length for file in holed for _, length in file["missing"])
    faults = [f"{partial} partial"] * bool(partial)
    faults += [f"{octets:,} octets of {len(holed)} files did not come"] * bool(holed)
    faults += [f"{cancelled} files cancelled by their sender"] * bool(cancelled)
    faults += [f"{mistaken} files with a wrong CFDP checksum"] * bool(mistaken)
    faults += [f"{wrong} files with a wrong hash"] * bool(wrong)
    faults += [f"{disagreements} PDUs that disagree with their file"] * bool(disagreements)
    faults += [f"{unread} files cannot be read"] * bool(unread)
    return told + (", ".join(faults) if faults else "all whole, their hashes right") + "."


def _lines(entry: dict[str, Any]) -> list[str]:
    begun = entry["begun"].replace("T", " ")[:19] if entry["begun"] else "-"
    records = "-" if entry["records"] is None else f"{entry['records']:,}"
    if entry["planned"] is not None:
        records += f"/{entry['planned']:,}"
    missing = _missing(entry)
    if entry["reason"]:
        missing = f"{entry['reason']}; {missing}" if missing != "-" else entry["reason"]
    told = (
        f"  {entry['name']:20}  {begun:19}  {len(entry['files']):5}  {records:>11}  {entry['octets'] / 1024:8.1f}  "
        f"{entry['state'] or '-':9}  {missing}"
    )
    facts = ", ".join(f"{name} {_in_words(value)}" for name, value in entry.get("facts", {}).items())
    return [told, f"    {facts}"] if facts else [told]


def _missing(entry: dict[str, Any]) -> str:
    files = entry["files"]
    holed = [file for file in files if file["missing"]]
    told = []
    if any(file["verified"] is False for file in files):
        told.append("its hash is wrong")
    if any(file["checksum"] == "wrong" for file in files):
        told.append("its CFDP checksum is wrong")
    if holed and not told:
        gaps = sum(len(file["missing"]) for file in holed)
        of_files = f" of {len(holed)} files" if len(files) > 1 else ""
        told.append(f"{entry['missing']:,} octets in {gaps} gap{'s' * (gaps > 1)}{of_files}")
    if disagreements := sum(file["disagreements"] for file in files):
        told.append(f"{disagreements} PDU{'s disagree' if disagreements > 1 else ' disagrees'} with the rest")
    return ", ".join(told) or "-"


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_in_words(one) for one in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
