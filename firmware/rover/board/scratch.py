"""The store of a rover on a desktop: in memory and in files without names, gone with the run however it ends."""

import os
import sys

from micropython import const

_REASONS = {
    2: "there is no such file or device",
    13: "permission denied",
    16: "another program has it",
    21: "it is a folder",
}
_FOLDER = const(0x4000)  # in the mode of a path
_IS_A_FOLDER = const(21)


class BoardError(OSError):
    """A line that cannot be opened. text: which and why."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text


def reason(error):
    """Return what an OSError means, in words."""
    return _REASONS.get(error.errno or 0, "error %s" % error.errno)


class Scratch:
    """The store of a rover on a desktop, with the methods of FlashStore."""

    def __init__(self):
        self.records = {}  # (name, number of the part) -> octets
        self._files = []  # (number, file), the oldest first
        self._entries = []  # (place, octets)

    def forget(self):
        """Do nothing: the store is empty when a run begins."""

    def read(self, record, number):
        """Return what part `number`, 0 to 9, of a record holds, or None."""
        return self.records.get((record, number))

    def write(self, record, number, octets):
        """Write a part of a record. Return whether it could."""
        self.records[record, number] = octets
        return True

    def open_lines(self, option, path):
        """Open the file of lines that an option names. Raises BoardError."""
        try:
            if os.stat(path)[0] & _FOLDER:
                raise OSError(_IS_A_FOLDER, "")
            return open(path, "rb")
        except OSError as error:
            raise BoardError("%s: cannot open %s: %s" % (option, path, reason(error)))

    def create_file(self, number):
        """A new file of the store, to be appended to; None if it cannot be."""
        self.remove_file(number)
        try:
            file = _nameless_file()
        except OSError:
            return None
        self._files.append((number, file))
        return file

    def append(self, file, octets):
        """Appends octets to a file that is being made. Returns whether it could."""
        try:
            return file.write(octets) == len(octets)
        except OSError:
            return False

    def keep_file(self, file):
        """A file is made."""
        file.flush()

    def file_numbers(self):
        """Of all files, the oldest first."""
        return [number for number, _ in self._files]

    def open_file(self, number):
        """A file, at its beginning; None if there is no such."""
        for there, file in self._files:
            if there == number:
                file.seek(0)
                return file
        return None

    def remove_file(self, number):
        """Frees a file."""
        for entry in self._files:
            if entry[0] == number:
                entry[1].close()
                self._files.remove(entry)
                return

    def entries(self):
        """The places of all entries of the store."""
        return sorted([place for place, _ in self._entries])

    def read_entry(self, place):
        """What an entry holds, or None."""
        for there, octets in self._entries:
            if there == place:
                return octets
        return None

    def write_entry(self, place, octets):
        """Writes an entry. Returns whether it could."""
        self.erase_entry(place)
        self._entries.append((place, octets))
        return True

    def erase_entry(self, place):
        """Frees a place. Returns whether it could."""
        for entry in self._entries:
            if entry[0] == place:
                self._entries.remove(entry)
                return True
        return False


def _nameless_file():
    if sys.implementation.name == "cpython":
        import tempfile  # pyright: ignore

        # Unbuffered, as on MicroPython: a full disk is found when a piece is appended, and at no later call
        return tempfile.TemporaryFile(buffering=0)
    path = "%s/yutu2-%s" % (os.getenv("TMPDIR", "/tmp"), "".join("%02x" % octet for octet in os.urandom(8)))
    file = open(path, "w+b")
    os.remove(path)
    return file
