"""Serial ports of this machine, with advice for those that cannot be opened."""

import errno
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

_NO_PORT = "no serial port found; connect a board, or use emulator://unix in its place"


@dataclass(frozen=True, slots=True)
class SerialPort:
    """Describe a serial port.

    device: such as /dev/ttyACM0. description: of the hardware. advice: what to do if it cannot be opened, "" if it can.
    """

    device: str
    description: str
    advice: str


def serial_ports() -> list[SerialPort]:
    """Return the serial ports of this machine, by name."""
    return [
        SerialPort(port.device, _description(port.description, port.device), _advice(port.device))
        for port in sorted(list_ports.comports(), key=lambda port: port.device)
    ]


def port_lines() -> list[str]:
    """Return one line per port: device, hardware, and advice if it cannot be opened."""
    ports = serial_ports()
    width = max((len(port.device) for port in ports), default=0)
    return [
        f"{port.device:{width}}  {port.description}{f': {port.advice}' if port.advice else ''}" for port in ports
    ] or [_NO_PORT]


def explain_error(device: str, error: OSError, reason: str) -> str:
    """Return the message for a device that could not be opened, with what to do.

    reason: text for errors without advice.
    """
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{device}: permission denied; {_permission_advice(device)}"
    if error.errno != errno.ENOENT:
        return reason if device in reason else f"{device}: {reason}"
    names = ", ".join(port.device for port in serial_ports())
    return f"{device}: no such serial port; " + (f"choose from {names}" if names else _NO_PORT)


def _description(description: str | None, device: str) -> str:
    unknown = description in (None, "", "n/a", Path(device).name)
    return "unknown hardware" if unknown else str(description)


def _advice(device: str) -> str:
    is_closed = os.name == "posix" and not os.access(device, os.R_OK | os.W_OK)
    return f"permission denied; {_permission_advice(device)}" if is_closed else ""


def _permission_advice(device: str) -> str:
    if sys.platform != "linux":
        return "end the program that has it open, or run with the rights to open it"
    return (
        f"add yourself to the group {_group_of(device)}: sudo usermod -aG {_group_of(device)} $USER, then log in again"
    )


def _group_of(device: str) -> str:
    """Return the group that may open a device: dialout on Debian, uucp on Arch."""
    try:
        group = Path(device).group()
    except (OSError, KeyError):
        group = "root"
    return "dialout" if group == "root" else group
