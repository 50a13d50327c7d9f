"""Files that the ground has compiled for the rover: their first line says what they are and for which dictionary."""

from micropython import const

from ..tables import HASH
from . import SettingError

LONGEST_LINE = const(80)
_LONGEST = const(2560)  # of a line with a whole CLTU, in hex digits


def open_compiled(kind, name, lines):
    """The words of the first line after `KIND 1 HASH`, of the file `name` whose lines are open in `lines`.

    A byte order mark before them is passed over. SettingError when it is no such file, or one for another dictionary.
    """
    head = lines.readline(LONGEST_LINE)
    head = (head[3:] if head[:3] == b"\xef\xbb\xbf" else head).split()
    told = None
    ours = "".join("%02x" % octet for octet in HASH)
    if head[:2] != [kind.encode(), b"1"] or len(head) < 3:
        told = "is no compiled %s: `yutu2 %s check FILE --out COMPILED` makes one" % (kind, kind)
    elif head[2] != ours.encode():
        told = "was compiled for another dictionary than this rover's, %s: compile it anew" % ours
    if told is not None:
        raise SettingError((kind,), "%s: %s %s" % (kind, name, told))
    return head[3:]


def check_lines(kind, name, lines, parse):
    """Reads the words of each line by `parse`, which raises ValueError for a wrong one, and goes back to the first.

    SettingError: the file is damaged. What cannot go back, a pipe, is not read.
    """
    try:
        begin = lines.tell()
    except OSError:
        return
    number = 1
    try:
        line = lines.readline(_LONGEST)
        while line:
            number += 1
            parse(line.split())
            line = lines.readline(_LONGEST)
    except (ValueError, OSError):
        raise SettingError((kind,), "%s: %s is damaged in line %d: compile it anew" % (kind, name, number))
    lines.seek(begin)
