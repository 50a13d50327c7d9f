"""The store on the board's flash: small records by name, entries and files by number. littlefs outlives power cuts."""

import os

from micropython import const

# Records that a run begins without; what else has a name outlives it
_OF_A_RUN = ("mode", "drive", "parameters", "upload", "plan", "actions")
_RECORD = const("%s%d.rec")
_PART = const("%d.rec")
_LAST_PART = const(9)
_LARGEST_RECORD = const(512)
_FILE = const("file%05d.bin")
# A file each: so small, littlefs keeps it in its folder, where to write or remove it takes a commit and seldom an erase
_ENTRY = const("tc%03d.bin")
_LAST_ENTRY = const(129)
_LAST_FILE = const(0xFFFF)


class FlashStore:
    """The store of a rover on a board.

    feed: feeds the watchdog; called before each access that takes long.
    """

    def __init__(self, feed):
        self._feed = feed
        self._reading = None  # the file that goes to the ground

    def forget(self):
        """Empty the store where a run begins."""
        for record in _OF_A_RUN:
            for number in _numbered(record + _PART, _LAST_PART):
                _remove(_RECORD % (record, number))
        for number in self.file_numbers():
            self.remove_file(number)
        for place in self.entries():
            self.erase_entry(place)

    def read(self, record, number):
        """Return what part `number`, 0 to 9, of a record holds, or None."""
        return self._read(_RECORD % (record, number))

    def write(self, record, number, octets):
        """Write a part of a record. Return whether it could."""
        return self._write(_RECORD % (record, number), octets)

    def entries(self):
        """The places of all entries of the store."""
        return _numbered(_ENTRY, _LAST_ENTRY)

    def read_entry(self, place):
        """What an entry holds, or None."""
        return self._read(_ENTRY % place)

    def write_entry(self, place, octets):
        """Writes an entry. Returns whether it could."""
        return self._write(_ENTRY % place, octets)

    def erase_entry(self, place):
        """Frees a place. Returns whether it could."""
        self._feed()
        return _remove(_ENTRY % place)

    def create_file(self, number):
        """A new file of the store, to be appended to; None if it cannot be."""
        try:
            return open(_FILE % number, "wb")
        except OSError:
            return None

    def append(self, file, octets):
        """Appends octets to a file that is being made. Returns whether it could."""
        self._feed()
        try:
            return file.write(octets) == len(octets)
        except OSError:
            return False

    def keep_file(self, file):
        """A file is made: from here on it survives a power cut."""
        self._feed()
        try:
            file.close()
        except OSError:
            pass

    def file_numbers(self):
        """Of all files, the oldest first."""
        return _numbered(_FILE, _LAST_FILE)

    def open_file(self, number):
        """A file, at its beginning; None if there is no such."""
        self._close_file()
        try:
            self._reading = open(_FILE % number, "rb")
        except OSError:
            pass
        return self._reading

    def remove_file(self, number):
        """Frees a file."""
        self._close_file()
        _remove(_FILE % number)

    def open_lines(self, option, path):
        """Opens the file of lines that an option names. OSError when it cannot be: its number, and the option."""
        try:
            return open(path, "rb")
        except OSError as error:
            raise OSError(error.errno, option)

    def _read(self, name):
        self._feed()
        try:
            with open(name, "rb") as file:
                return file.read(_LARGEST_RECORD)
        except OSError:
            return None

    def _write(self, name, octets):
        self._feed()
        try:
            with open(name, "wb") as file:
                file.write(octets)
            return True
        except OSError:
            return False

    def _close_file(self):
        if self._reading is not None:
            self._reading.close()
            self._reading = None


def _numbered(pattern, last):
    """The numbers from 0 to `last` of the files whose names are exactly what `pattern` makes of them, in order."""
    begin = pattern.index("%")
    numbers = []
    # Names as octets, which the empty path would not give on a board: one that is not UTF-8 would raise
    for entry in os.ilistdir(b"."):
        digits = entry[0][begin:-4]
        if digits.isdigit() and (pattern % int(digits)).encode() == entry[0] and int(digits) <= last:
            numbers.append(int(digits))
    return sorted(numbers)


def _remove(name):
    try:
        os.remove(name)
        return True
    except OSError:
        return False
