"""A board's store on littlefs, on the Unix port: whatever else lies in it, and whenever the power is cut."""

import ast

# A flash of 64 sectors; after `left` erases and programs the power is cut, in the middle of the next one
ON_FLASH = """
import os
import vfs
from rover.board import startup
from rover.board.flash_store import FlashStore

SECTOR = 4096
ERASED = b"\\xff" * SECTOR

class Cut(Exception):
    pass

class Flash:
    def __init__(self, sectors):
        self.sectors = sectors  # None: erased
        self.left = -1
        self.is_dead = False  # what a file that was open does after the cut changes nothing

    def readblocks(self, number, buffer, offset=0):
        sector = self.sectors[number]
        if not self.is_dead:
            size = len(buffer)
            buffer[:] = ERASED[:size] if sector is None else sector[offset : offset + size]

    def writeblocks(self, number, buffer, offset=0):
        if not self.is_dead:
            if self.sectors[number] is None:
                self.sectors[number] = bytearray(ERASED)
            size = self.part(len(buffer))
            self.sectors[number][offset : offset + size] = buffer[:size]
            self.go_on(size < len(buffer))

    def ioctl(self, operation, argument):
        if operation == 4:
            return len(self.sectors)
        if operation == 5:
            return SECTOR
        if operation == 6 and not self.is_dead:
            sector = self.sectors[argument]
            if self.left:
                self.sectors[argument] = None
            elif sector is not None:
                sector[: SECTOR // 2] = b"\\xff" * (SECTOR // 2)
            self.go_on(not self.left)
        return 0

    def part(self, size):
        return size if self.left else size // 2

    def go_on(self, is_cut):
        if is_cut:
            self.is_dead = True
            raise Cut
        self.left -= 1

def mount(sectors):
    # Returns the store and its flash
    flash = Flash(sectors)
    vfs.mount(vfs.VfsLfs2(flash, progsize=256), "/flash")
    os.chdir("/flash")
    return FlashStore(lambda: None), flash

def blank(count=64):
    sectors = [None] * count
    vfs.VfsLfs2.mkfs(Flash(sectors), progsize=256)
    return sectors

def unmount(flash):
    flash.is_dead = True
    os.chdir("/")
    vfs.umount("/flash")

def restart(flash):
    unmount(flash)
    return mount(flash.sectors)
"""

FOREIGN = """
def names():
    return set(entry[0] for entry in os.ilistdir(b"."))

def put(name, octets=b"x"):
    with open(name, "wb") as file:
        file.write(octets)

store, flash = mount(blank())
for name in (
    "filesystem.py", "files.txt", "file", "file.bin", "file1.bin", "file000001.bin", "file-0001.bin", "file00001.bin~",
    "file99999.bin", "file65536.bin", "file 0001.bin", "tc.csv", "tc", "tc.bin", "tc-12.bin", "tc130.bin", "tc999.bin",
    "tc1000.bin", "tc1.bin", "tc001.bin2", "tc+01.bin", "tc 01.bin", "tc1_0.bin", "mode.rec",
    "mode10.rec", "mode01.rec", "notes1.rec", "mode1.bin",
    b"tc\\xe9.bin", b"file\\xff\\xfe", b"\\xff\\xfe", "tc\\u0663\\u0663\\u0663.bin",
):
    put(name)
for name in ("tc007.bin", "file00007.bin", "mode0.rec", "tc_notes", "key.txt", "settings.txt"):
    os.mkdir(name)
for name in ("plan2.rec", "tc008.bin"):
    os.mkdir(name)
    put(name + "/kept")
put("security0.rec", b"security")
put("security1.rec", bytes(2000))
put("starts0.rec", b"starts")
put("drive1.rec")
put("actions8.rec")
put("tc000.bin")
put("tc129.bin")
put("file65535.bin")
before = names()
print(store.entries(), store.file_numbers())
print(store.read("mode", 0), store.write("mode", 0, b"a"), len(store.read("security", 1)))
print([store.read_entry(place) for place in (0, 7, 8)], store.write_entry(8, b"a"), store.open_file(7))
print(startup.settings_lines(), repr(startup.key_file()))
store.forget()
print(store.entries(), store.file_numbers())
print(store.write("mode", 0, b"a"), store.read("mode", 0), store.read("security", 0), store.read("starts", 0))
print([name.decode() for name in sorted(before - names())])
"""


def test_only_names_that_are_exactly_those_of_the_store_are_of_the_store(on_unix_port):
    lines = on_unix_port(ON_FLASH + FOREIGN).splitlines()
    assert lines == [
        "[0, 7, 8, 129] [7, 65535]",
        "None False 512",
        "[b'x', None, None] False None",
        "[] ''",
        "[8] []",
        "True b'a' b'security' b'starts'",
        "['actions8.rec', 'drive1.rec', 'file00007.bin', 'file65535.bin', 'tc000.bin', 'tc007.bin', 'tc129.bin']",
    ]


SETTINGS = """
store, flash = mount(blank())
print(startup.settings_lines(), startup.key_file())
from rover.inputs.settings import read_settings
for octets in (
    b"\\xef\\xbb\\xbfspeed = 60\\r\\nseed = 9\\r\\n",
    b"seed = 9\\nspeed = 60 # caf\\xe9",
    b"caf\\xe9 = 1\\nspeed = 60\\nseed = 9",
    b"seed = 9\\n" + b"#" * 2020 + b"\\nspeed = 60" + b"0" * 100,
    b"seed = 9\\n" + b"#" * 2026 + b"\\nspeed = 60",
    b"seed = 9\\n" + b"\\n" * 30000 + b"speed = 60",
    b"a\\n" * 1000 + b"seed = 9\\nspeed = 60\\n",
    b"\\xff\\xfes\\0e\\0e\\0d\\0=\\x009\\0\\n\\0",
):
    with open("settings.txt", "wb") as file:
        file.write(octets)
    settings, refused = read_settings(startup.settings_lines())
    print(settings.seed, settings.milli_speed, refused)
with open("key.txt", "wb") as file:
    pass
print(startup.key_file())
"""


def test_settings_are_read_whatever_editor_has_saved_them_and_none_that_is_cut(on_unix_port):
    assert on_unix_port(ON_FLASH + SETTINGS).splitlines() == [
        "[] None",
        "9 60000 []",
        "9 60000 []",
        "9 60000 [0]",
        "9 1000 [0]",
        "9 60000 []",
        "9 1000 [0]",
        "9 60000 [0]",
        "7 1000 [0]",
        "key.txt",
    ]


# What a schedule holds before and after a change that is cut at each erase and program of the flash
CUTS = """
from rover.store.schedule_table import PACKET, ScheduleTable

def packet(number):
    return b"\\x18\\x01" + bytes([0xC0, number]) + bytes(30 + number)

def content(store):
    table = ScheduleTable(store)
    places = table.places[: table.count]
    entries = [(table.s[at], table.ms[at], table.subs[at], bytes(table.read(at)[PACKET:])) for at in places]
    return table.lost, table.enabled, entries

def insert(table):
    table.begin()
    for number in range(3, 6):
        table.insert(number, 5, 6, packet(number))
    table.commit(1)

def shift(table):
    table.begin()
    for place in list(table.places[: table.count]):
        table.move(place, table.s[place] + 100, 7)
    table.commit(2)

CHANGES = (
    insert,
    shift,
    lambda table: table.insert(9, 9, 9, packet(9)),
    lambda table: table.remove_all(list(table.places[:2]), 3),
    lambda table: table.remove(table.places[1]),
    lambda table: table.move(table.places[0], 50, 1),
    lambda table: table.enable(True),
)

def prepared(with_a_group):
    store, flash = mount(blank())
    table = ScheduleTable(store)
    if with_a_group:
        table.begin()
    for number in range(3):
        table.insert(number, number, number, packet(number))
    if with_a_group:
        table.commit(9)
    return store, flash

def results_of(change, with_a_group):
    store, flash = prepared(with_a_group)
    before = content(store)
    change(ScheduleTable(store))
    done = content(store)
    unmount(flash)
    cuts, wrong = 0, []
    while True:
        store, flash = prepared(with_a_group)
        table = ScheduleTable(store)
        flash.left = cuts
        try:
            change(table)
        except Cut:
            cuts += 1
            store, flash = restart(flash)
            found = content(store)
            # ... and again, after what was taken back
            store, flash = restart(flash)
            if found not in (before, done) or content(store) != found:
                wrong.append((cuts, found))
            unmount(flash)
            continue
        unmount(flash)
        return before != done, before[0] + done[0], cuts, wrong

print([results_of(change, with_a_group) for change in CHANGES for with_a_group in (False, True)])
"""


def test_a_change_of_the_schedule_that_a_power_cut_interrupts_is_whole_or_not_there(on_unix_port):
    # Before it stands what files that were open at a cut tell when they are collected
    results = ast.literal_eval(on_unix_port(ON_FLASH + CUTS).splitlines()[-1])
    assert len(results) == 14
    for changes, lost, cuts, wrong in results:
        assert changes
        assert lost == 0
        assert cuts
        assert wrong == []


OVERWRITTEN = """
write_record = lambda store, number, octets: store.write("mode", number, octets)
read_record = lambda store, number: store.read("mode", number)
store, flash = mount(blank())
outcomes = set()
for size, other in ((400, 3), (3, 400), (400, 401)):
    for write, read in ((write_record, read_record), (FlashStore.write_entry, FlashStore.read_entry)):
        cuts = 0
        while True:
            flash.left = -1
            assert write(store, 1, b"a" * size)
            flash.left = cuts
            try:
                write(store, 1, b"b" * other)
                break
            except Cut:
                cuts += 1
                store, flash = restart(flash)
                outcomes.add(read(store, 1) in (b"a" * size, b"b" * other))
        outcomes.add(read(store, 1) == b"b" * other)
print(outcomes)
"""


def test_a_slot_or_an_entry_that_is_overwritten_is_the_old_one_or_the_new_one(on_unix_port):
    assert on_unix_port(ON_FLASH + OVERWRITTEN).splitlines()[-1] == "{True}"


FULL = """
store, flash = mount(blank(14))
assert store.write("mode", 1, b"a" * 400) and store.write_entry(1, b"a" * 400)
count = 0
try:
    while True:
        with open("fill%d" % count, "wb") as file:
            file.write(bytes(2 * SECTOR))
        count += 1
except OSError:
    pass
done = sound = True
for place in range(2, 60):
    size = 100 + 5 * place
    wrote = store.write("mode", 1, b"b" * size), store.write_entry(place, b"b" * size)
    done = done and all(wrote)
    kept = store.read_entry(place)
    sound = sound and len(store.read("mode", 1)) >= 100 and (len(kept) == size if wrote[1] else not kept)
print(done, sound)
"""


def test_a_full_flash_keeps_what_was_there(on_unix_port):
    assert on_unix_port(ON_FLASH + FULL).splitlines()[-1] == "False True"
