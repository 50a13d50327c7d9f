"""Files that the ground has compiled for the rover: their first line says what they are and for which dictionary."""

from micropython import const

from .generated import HASH
from .setting_error import SettingError

LONGEST_LINE = const(80)


def open_compiled(kind, name, lines):
    """The words of the first line after `KIND 1 HASH`, of the file `name` whose lines are open in `lines`.

    SettingError when it is no such file, or one for another dictionary.
    """
    head = lines.readline(LONGEST_LINE).split()
    told = None
    ours = "".join("%02x" % octet for octet in HASH)
    if head[:2] != [kind.encode(), b"1"] or len(head) < 3:
        told = "is no compiled %s: `yutu2 %s check FILE --out COMPILED` makes one" % (kind, kind)
    elif head[2] != ours.encode():
        told = "was compiled for another dictionary than this rover's, %s: compile it anew" % ours
    if told is not None:
        raise SettingError((kind,), "%s: %s %s" % (kind, name, told))
    return head[3:]
