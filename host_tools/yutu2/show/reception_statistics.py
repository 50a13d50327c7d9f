"""Reception statistics, as in the account of a decoder, as text."""

from yutu2.decode.telemetry import Account

_SHOWN_RUNS = 3


def account_line(account: Account, advice: str | None = None) -> str:
    """Return the account as one line.

    advice: of the decoder, about octets that are not frames of this mission.
    """
    frames, packets, octets = account["frames"], account["packets"], account["octets"]
    if not frames["good"]:
        return f"{octets['total']:,} octets: {advice or 'no transfer frame of this mission was found'}"
    lost_frames = sum(channel["lost"] for channel in account["channels"].values())
    lost_packets = sum(apid["lost"] for apid in account["apids"].values())
    lost = f"lost {lost_frames} frames, {lost_packets} packets" if lost_frames or lost_packets else "nothing lost"
    line = (
        f"{packets['good']} packets in {frames['good']} frames; damaged {frames['damaged']} frames, "
        f"{packets['damaged']} packets; {frames['duplicate']} duplicate frames; "
        f"{octets['skipped']} octets skipped; {lost}"
    )
    if joined := account.get("skipped_joined", 0):
        line += f"; {joined:,} extents of skipped octets are joined to the last one listed"
    return "; ".join([line, *_restarts(account), *([advice] if advice else [])])


def _restarts(account: Account) -> list[str]:
    """Return where the rover was restarted, if it was."""
    restarts = account["runs"][1:]
    number = len(restarts) + account.get("runs_unlisted", 0)
    if not number:
        return []
    places = [f"octet {run['offset']:,}" + f", {run['time']}" * bool(run["time"]) for run in restarts[:_SHOWN_RUNS]]
    places += [f"{number - _SHOWN_RUNS:,} more places"] * (number > _SHOWN_RUNS)
    return [f"{number + 1:,} runs: the rover was restarted at {' and at '.join(places)}"]
