"""FARM-1 (CCSDS 232.1-B-2, section 6): which frames of the virtual channel are accepted, and what the CLCW says of it.

The CLCW is all its memory: its flags are the state, its report value is V(R).

state      lockout  wait
S1 open       0       0
S2 wait       0       1
S3 lockout    1     0 or 1
"""

from micropython import const

from .tc_frame import AD, BD, DATA, data_end, frame_type

_WINDOW = const(10)  # PW and NW: W = 20

# Places in the CLCW, and bits of its flags
_FLAGS = const(2)
_V_R = const(3)
_LOCKOUT = const(0x20)
_WAIT = const(0x10)
_RETRANSMIT = const(0x08)
_FARM_B = const(0x06)
_ONE_B = const(0x02)


class Farm:
    """One virtual channel's.

    clcw: 4 octets, all but flags and report value set by who makes them.
    """

    def __init__(self, clcw):
        self._clcw = clcw

    def accepts(self, frame, room):
        """Takes in a frame that has passed `check` (E1 to E9): whether its data are to be used.

        room: whether there is a buffer for data of an AD frame; those of a BD frame come in any case. Data that are not
        used in the end, for want of security, stay accepted.
        """
        clcw = self._clcw
        flags = clcw[_FLAGS]
        kind = frame_type(frame)
        if kind != AD:
            return self._type_b(frame, kind == BD)
        if flags & _LOCKOUT:
            return False
        ahead = frame[4] - clcw[_V_R] & 0xFF
        if _WINDOW <= ahead < 256 - _WINDOW:  # E5
            self._set(flags | _LOCKOUT, clcw[_V_R])
        elif flags & _WAIT or ahead >= 256 - _WINDOW:  # E4; in wait all
            pass
        elif ahead:  # E3
            self._set(flags | _RETRANSMIT, clcw[_V_R])
        elif room:  # E1
            self._set(flags & ~_RETRANSMIT, clcw[_V_R] + 1 & 0xFF)
            return True
        else:  # E2
            self._set(flags | _RETRANSMIT | _WAIT, clcw[_V_R])
        return False

    def release(self):
        """There is a buffer again (E10)."""
        self._set(self._clcw[_FLAGS] & ~_WAIT, self._clcw[_V_R])

    def _type_b(self, frame, is_data):
        flags, v_r = self._clcw[_FLAGS], self._clcw[_V_R]
        if not is_data:
            size = data_end(frame) - DATA
            if size == 1 and frame[DATA] == 0:  # unlock (E7)
                flags &= ~(_LOCKOUT | _WAIT | _RETRANSMIT)
            elif size == 3 and frame[DATA] == 0x82 and frame[DATA + 1] == 0:  # set V(R) (E8)
                if not flags & _LOCKOUT:
                    flags &= ~(_WAIT | _RETRANSMIT)
                    v_r = frame[DATA + 2]
            else:  # no command (E9)
                return False
        self._set(flags & ~_FARM_B | flags + _ONE_B & _FARM_B, v_r)
        return is_data

    def _set(self, flags, v_r):
        self._clcw[_FLAGS] = flags
        self._clcw[_V_R] = v_r
