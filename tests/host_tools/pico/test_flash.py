"""Flash: what survives a power cut, and what an erase costs."""

import re

import pytest
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.errors import EmulatorError
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, read_filesystem

LAYOUT = FILESYSTEM_REGIONS["pico_w"]

REPLACE_A_FILE = """
import machine, os
u = machine.UART(0, 921600, txbuf=256)
def say(text):
    u.write(text); u.flush()
def load():
    try:
        with open('/count') as f: return int(f.read())
    except (OSError, ValueError): return 0
n = load()
say('boot %d\\n' % n)
for n in range(n + 1, n + TIMES):
    with open('/count.new', 'w') as f: f.write(str(n) + ' ' * 600)
    os.rename('/count.new', '/count')
    say('kept %d\\n' % n)
say('end\\n')
"""


def last(word, text):
    return max((int(number) for number in re.findall(word + rb" (\d+)", text)), default=0)


@pytest.mark.slow
def test_a_written_file_survives_a_power_cut_and_a_new_process(make_board, tmp_path):
    flash_file = tmp_path / "flash.bin"
    board = make_board(REPLACE_A_FILE.replace("TIMES", "3"), flash_file=flash_file, usb=False)
    assert board.run_until(b"end\n", 2000, link="uart")
    board.power_cut()
    assert not board.powered
    with pytest.raises(EmulatorError, match="no power"):
        board.run_ms(1)
    assert read_filesystem(flash_file.read_bytes(), LAYOUT)["count"].split() == [b"2"]
    with EmulatedPico(flash_file=flash_file, usb=False) as later:
        assert later.run_until(b"boot 2\n", 500, link="uart")


@pytest.mark.slow
def test_power_cut_at_any_flash_operation_leaves_a_file_system_with_all_that_was_acknowledged(make_board):
    board = make_board(REPLACE_A_FILE.replace("TIMES", "20"), usb=False)
    acknowledged = 0
    for operation in range(1, 12):
        board.cut_power_at_flash_operation(operation, fraction=(operation % 4) / 4)
        board.run_ms(5000)
        assert not board.powered
        output = board.uart_received.take()
        assert last(b"boot", output) >= acknowledged
        acknowledged = max(acknowledged, last(b"kept", output))
        assert "main.py" in read_filesystem(board.flash, LAYOUT)
        board.power_on()
    assert acknowledged >= 2


def test_erasing_a_sector_takes_45_ms_and_octets_that_arrive_meanwhile_are_lost(make_board):
    erase = (
        "import machine, rp2, time\n"
        "u = machine.UART(0, 115200, rxbuf=1024)\nflash = rp2.Flash()\n"
        "u.write('ready\\n'); u.flush()\n"
        "t = time.ticks_us(); flash.ioctl(6, 200); e = time.ticks_us(); flash.writeblocks(200, bytes(4096))\n"
        "w = time.ticks_us(); time.sleep_ms(60)\n"
        "print(time.ticks_diff(e, t), time.ticks_diff(w, e), len(u.read()))\n"
    )
    board = make_board(erase)
    assert board.run_until(b"ready\n", 500, link="uart")
    operations = board.flash_operations
    board.send_uart(b"x" * 1000)
    assert board.run_until(b"\r\n", 500)
    erase_us, write_us, got = map(int, board.usb_received.take().split()[:3])
    assert erase_us == pytest.approx(45_000, rel=0.05)
    # writeblocks of a whole block erases it again, then programs 16 pages of 0.4 ms each
    assert write_us == pytest.approx(45_000 + 16 * 400, rel=0.1)
    assert board.flash_operations == operations + 2 + 16
    assert board.uart_overruns == 1000 - got > 500


def test_run_ms_is_exact_in_the_middle_of_an_erase(make_board):
    board = make_board("import rp2\nflash = rp2.Flash()\nwhile True: flash.ioctl(6, 200)\n")
    for milliseconds in range(1, 120, 7):
        board.run_ms(7)
        assert board.now_us == pytest.approx(7_000 * (milliseconds // 7 + 1), abs=1)


def test_a_flash_file_of_the_wrong_size_is_refused(tmp_path):
    (tmp_path / "flash.bin").write_bytes(b"short")
    with pytest.raises(EmulatorError, match="5 octets, but the flash of a Pico has 2097152"):
        EmulatedPico(flash_file=tmp_path / "flash.bin")
