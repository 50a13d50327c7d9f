"""Resets, pins, time and wrong use."""

import pytest
from yutu2.pico import patches as patches
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.errors import EmulatorError, ImageError

BITE_ONCE = """
import machine, time
u = machine.UART(0, 921600)
u.write('cause %d wdt %d\\n' % (machine.reset_cause(), machine.reset_cause() == machine.WDT_RESET)); u.flush()
if machine.reset_cause() != machine.WDT_RESET:
    machine.WDT(timeout=300)
    started = time.ticks_ms()
while True: time.sleep(100)
"""


def test_the_watchdog_resets_the_chip_once_and_the_cause_says_so(make_board):
    board = make_board(BITE_ONCE)
    assert board.run_until(b"cause 1 wdt 0\n", 200, link="uart")
    started = board.now_us
    assert board.run_until(b"cause 3 wdt 1\n", 1000, link="uart")
    (reset,) = board.resets
    assert reset.cause == "watchdog"
    assert reset.time_us - started == pytest.approx(300_000, abs=2_000)
    board.run_ms(2_200_000)  # its counter has wrapped: a program that does not start it again is left in peace
    assert len(board.resets) == 1


def test_a_watchdog_that_is_fed_does_not_bite(make_board):
    board = make_board(
        "import machine, time\nw = machine.WDT(timeout=100)\nwhile True:\n    w.feed(); time.sleep_ms(50)\n"
    )
    board.run_ms(2000)
    assert board.resets == []


def test_machine_reset_and_the_run_pin_start_the_program_again(make_board):
    board = make_board("import machine\nprint('cause', machine.reset_cause())\n")
    board.send_usb(b"\r")
    assert board.run_until(b">>> ", 300)
    board.send_usb(b"import machine; machine.reset()\r")
    board.run_ms(100)
    board.reset()
    board.send_usb(b"print(machine.reset_cause())\r")
    assert board.run_until(b"1\r\n>>> ", 300)
    assert [reset.cause for reset in board.resets] == ["watchdog", "run pin"]


def test_pins_and_converter(make_board):
    board = make_board(
        "import machine, time\nfrom machine import Pin\n"
        "led = Pin(25, Pin.OUT)\nkey = Pin(15, Pin.IN, Pin.PULL_UP)\n"
        "adc = machine.ADC(0)\ntime.sleep_ms(50)\n"
        "while True:\n    led.value(key.value()); print(adc.read_u16()); time.sleep_ms(10)\n"
    )
    board.run_ms(30)
    assert board.pin(15) is None
    board.set_adc(0, 4095)
    board.run_ms(60)
    assert board.pin(25) is True  # the pull-up
    board.set_pin(15, False)
    board.run_ms(20)
    assert board.pin(25) is False
    assert board.run_until(b"65535\r\n", 100)
    board.set_adc(0, 2048)
    assert board.run_until(b"32776\r\n", 100)


def test_power_on_starts_from_nothing(make_board):
    board = make_board("print('hello')\n")
    board.send_usb(b"\r")
    assert board.run_until(b">>> ", 300)
    with pytest.raises(EmulatorError, match="has power already"):
        board.power_on()
    board.power_cut()
    assert b"hello" in board.usb_received.take()
    board.power_on()
    assert (board.now_us, len(board.usb_received), board.resets) == (0, 0, [])


def test_a_condition_is_asked_each_millisecond_and_what_it_raises_gets_out(make_board):
    board = make_board("while True: pass\n")
    assert board.run_until(lambda: board.now_us > 20_500, 100)
    assert board.now_us == pytest.approx(21_000, abs=2)
    assert not board.run_until(lambda: False, 10)
    assert board.now_us == pytest.approx(31_000, abs=3)
    with pytest.raises(ZeroDivisionError):
        board.run_until(lambda: board.now_us > 35_000 and 1 // 0 == 0, 100)
    board.run_ms(1)


def test_the_pico_w_runs_with_its_radio(make_board):
    board = make_board("print('on w')\n", board="pico_w")
    board.send_usb(b"\r")
    assert board.run_until(b">>> ", 300)
    assert b"on w" in board.usb_received.take()


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda board: board.set_adc(5, 0), "channel 5"),
        (lambda board: board.set_adc(0, 4096), "value 4096"),
        (lambda board: board.pin(30), "GP30"),
        (lambda board: board.run_until(b"x", 1, link="spi"), "'spi': usb or uart"),
    ],
)
def test_wrong_use_is_one_line(make_board, call, complaint):
    with pytest.raises(EmulatorError, match=complaint):
        call(make_board(""))


def test_missing_and_wrong_images_are_one_line(tmp_path, micropython):
    with pytest.raises(ImageError, match=r"none\.uf2: No such file"):
        EmulatedPico(tmp_path / "none.uf2")
    with pytest.raises(EmulatorError, match="no image and no existing flash file"):
        EmulatedPico(flash_file=tmp_path / "none.bin")
    with pytest.raises(EmulatorError, match="unknown board 'esp32'"):
        EmulatedPico(micropython, board="esp32")


def test_another_version_of_the_emulator_is_refused_not_mended_twice(micropython, monkeypatch):
    monkeypatch.setattr(patches, "version", lambda package: "0.4.0")
    with pytest.raises(EmulatorError, match=r"rp2040py 0.4.0 .* needs version 0.3.6: pip install '\.\[pico\]'"):
        EmulatedPico(micropython)
