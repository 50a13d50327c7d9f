"""File delivery: what lies ready on the board goes down as CFDP class 1, the oldest first, and is freed after it."""

from micropython import const

from ..kernel.scheduler import Task
from ..tables import FILE_DELIVERY, PRODUCTS

_PDU_MS = const(64)  # mission time for each, at max: a frame at the 140 kbit/s of the relay
_PDU_WALL_MS = const(120)  # wall time when paced: a UART at 115200 takes a frame in 97 ms
_NAME = const("%s_%04d.bin")
_KIND_AT = const(6)  # in the head of a product


class Delivery:
    """Sends files by their numbers, which are those of their transactions.

    scheduler: the kernel's. sender: makes the PDUs. channel: the virtual channel of files alone. store:
    file_numbers(), open_file(number), remove_file(number). has_room: whether the line takes more. milli_speed: of
    the run, None for max.
    """

    def __init__(self, scheduler, sender, channel, store, has_room, milli_speed):
        self._scheduler = scheduler
        self._sender = sender
        self._channel = channel
        self._store = store
        self._has_room = has_room
        self._pause_ms = _PDU_MS if milli_speed is None else max(1, _PDU_WALL_MS * milli_speed // 1000)
        self._ready = []  # numbers
        self._file = None  # that is on its way
        self._may = False
        self._next = Task(FILE_DELIVERY, self._step)

    def begin(self):
        """The craft speaks: all files that lie there go, one that was cut short from its beginning."""
        self._may = True
        self._file = None
        self._ready = self._store.file_numbers()
        self._go_on()

    def end(self):
        """Before silence: what is still there goes when the craft speaks again."""
        self._may = False
        self._scheduler.cancel(self._next)
        self._channel.flush()

    def add(self, number):
        """A file is ready."""
        if self._may:
            self._ready.append(number)
            self._go_on()

    def _go_on(self):
        if self._ready and not self._next.waiting:
            self._wait()

    def _wait(self):
        self._scheduler.after(self._next, self._pause_ms // 1000, self._pause_ms % 1000)

    def _step(self):
        if self._has_room():
            if self._file is None:
                self._open()
            else:
                self._send()
        if self._ready:
            self._wait()

    def _open(self):
        number = self._ready[0]
        file = self._store.open_file(number)
        size = 0
        if file is not None:
            size = file.seek(0, 2)
            file.seek(0)
        if size:
            self._file = file
            self._sender.begin(number, size, _name(file, number))
        else:
            # A power cut came before anything of it was kept
            self._done()

    def _send(self):
        size = self._file.readinto(self._sender.segment)
        if size:
            self._sender.data(size)
        else:
            self._sender.end()
            self._channel.flush()
            self._done()

    def _done(self):
        self._file = None
        self._store.remove_file(self._ready.pop(0))


def _name(file, number):
    """Make the name of a file for the ground, in octets: after its kind, which its head tells, and its number."""
    head = file.read(_KIND_AT + 1)
    file.seek(0)
    kind = head[_KIND_AT] if len(head) > _KIND_AT else 0
    return (_NAME % (PRODUCTS[kind - 1][3] if 0 < kind <= len(PRODUCTS) else "product", number)).encode()
