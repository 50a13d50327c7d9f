"""Products as text: a table of them, and a summary line."""

from typing import Any

_HEADING = f"  {'product':20}  {'begun, UTC':19}  {'files':>5}  {'records':>11}  {'KiB':>8}  {'state':9}  missing"


def table_lines(entries: list[dict[str, Any]], damaged: int = 0) -> list[str]:
    """Return the table of products, with the facts of each below it.

    entries: of `products.json`. damaged: number of CFDP PDUs that were invalid.
    """
    notes = [f"{damaged:,} invalid CFDP PDUs dropped."] if damaged else []
    return [_HEADING, *(line for entry in entries for line in _lines(entry)), *notes]


def summary_line(entries: list[dict[str, Any]]) -> str:
    """Return one line about all products. entries: of `products.json`."""
    files = [file for entry in entries for file in entry["files"]]
    kib = sum(entry["octets"] for entry in entries) / 1024
    text = f"Products: {len(entries)} in {len(files)} files, {kib:,.1f} KiB; "
    partial = sum(entry["state"] == "PARTIAL" for entry in entries)
    incomplete = [file for file in files if file["missing"]]
    bad_hashes = sum(file["verified"] is False for file in files)
    cancelled = sum(file["state"] == "CANCELLED" for file in files)
    bad_checksums = sum(file["checksum"] == "wrong" for file in files)
    disagreements = sum(file["disagreements"] for file in files)
    unreadable = sum(entry["records"] is None for entry in entries)
    octets = sum(length for file in incomplete for _, length in file["missing"])
    faults = [f"{partial} partial"] * bool(partial)
    faults += [f"{octets:,} octets of {len(incomplete)} files missing"] * bool(incomplete)
    faults += [f"{cancelled} files cancelled by their sender"] * bool(cancelled)
    faults += [f"{bad_checksums} files with a wrong CFDP checksum"] * bool(bad_checksums)
    faults += [f"{bad_hashes} files with a wrong hash"] * bool(bad_hashes)
    faults += [f"{disagreements} PDUs that disagree with their file"] * bool(disagreements)
    faults += [f"{unreadable} files unreadable"] * bool(unreadable)
    return text + (", ".join(faults) if faults else "all complete, hashes valid") + "."


def _lines(entry: dict[str, Any]) -> list[str]:
    begun = entry["begun"].replace("T", " ")[:19] if entry["begun"] else "-"
    records = "-" if entry["records"] is None else f"{entry['records']:,}"
    if entry["planned"] is not None:
        records += f"/{entry['planned']:,}"
    missing = _missing(entry)
    if entry["reason"]:
        missing = f"{entry['reason']}; {missing}" if missing != "-" else entry["reason"]
    text = (
        f"  {entry['name']:20}  {begun:19}  {len(entry['files']):5}  {records:>11}  {entry['octets'] / 1024:8.1f}  "
        f"{entry['state'] or '-':9}  {missing}"
    )
    facts = ", ".join(f"{name} {_in_words(value)}" for name, value in entry.get("facts", {}).items())
    return [text, f"    {facts}"] if facts else [text]


def _missing(entry: dict[str, Any]) -> str:
    files = entry["files"]
    incomplete = [file for file in files if file["missing"]]
    parts = []
    if any(file["verified"] is False for file in files):
        parts.append("its hash is wrong")
    if any(file["checksum"] == "wrong" for file in files):
        parts.append("its CFDP checksum is wrong")
    if incomplete and not parts:
        gaps = sum(len(file["missing"]) for file in incomplete)
        of_files = f" of {len(incomplete)} files" if len(files) > 1 else ""
        parts.append(f"{entry['missing']:,} octets in {gaps} gap{'s' * (gaps > 1)}{of_files}")
    if disagreements := sum(file["disagreements"] for file in files):
        parts.append(f"{disagreements} PDU{'s disagree' if disagreements > 1 else ' disagrees'} with the rest")
    return ", ".join(parts) or "-"


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_in_words(one) for one in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
