import pytest
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.errors import ImageError
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, make_filesystem, read_filesystem
from yutu2.pico.image import board_files, build_image
from yutu2.pico.uf2 import flash_contents, format_uf2, pages_of, read_uf2

LAYOUT = FILESYSTEM_REGIONS["pico_w"]
FIRMWARE = {
    "main.py": "from rover.app import run\nrun()\n",
    "manifest.py": "",
    "package.json": "{}",
    "dictionary.toml": "",
    "rover/__init__.py": "",
    "rover/app.py": "import machine\nfrom .fast import double\nfrom .board import pico\n"
    "def run():\n    u = machine.UART(0, 921600)\n"
    "    u.write('twice 21 is %d\\n' % double(21)); u.flush()\n    pico.fail()\n",
    "rover/fast.py": "import micropython\n@micropython.viper\ndef double(n: int) -> int:\n    return n * 2\n",
    "rover/board/__init__.py": '"""The boards."""\n',
    "rover/board/pico.py": "def fail():\n    raise ValueError('here')\n",
    "rover/board/unix.py": "import termios\n",
    "rover/tests/test_app.py": "",
}


@pytest.fixture
def firmware(tmp_path):
    for name, text in FIRMWARE.items():
        path = tmp_path / "firmware" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "firmware"


def test_the_board_gets_main_as_source_and_the_rover_as_bytecode(firmware):
    files = board_files(firmware)
    assert sorted(files) == [
        "main.py",
        "rover/app.mpy",
        "rover/board/pico.mpy",
        "rover/fast.mpy",
    ]
    assert files["main.py"] == FIRMWARE["main.py"].encode()
    assert all(files[name].startswith(b"M\x06") for name in files if name.endswith(".mpy"))


def test_an_image_boots_and_runs_its_modules_native_code_included(firmware, tmp_path):
    report = build_image(firmware, tmp_path / "out.uf2", extra_files={"settings.txt": b"link uart\n"})
    assert (report.files, report.fs_only) == (5, False)
    assert report.uf2_size == report.path.stat().st_size
    assert report.filesystem_used + report.filesystem_free == LAYOUT.size
    assert "BOOTSEL" in report.next_step
    with EmulatedPico(report.path) as board:
        assert board.run_until(b"twice 21 is 42\n", 500, link="uart")
        # the traceback of bytecode names the file as it lies on the board, and the line of its source
        assert board.run_until(b'File "rover/board/pico.mpy", line 2, in fail', 200)
        assert read_filesystem(board.flash, LAYOUT)["settings.txt"] == b"link uart\n"


def test_the_same_firmware_gives_the_same_image(firmware, tmp_path):
    images = [build_image(firmware, tmp_path / name).path.read_bytes() for name in ("a.uf2", "b.uf2")]
    assert images[0] == images[1]


def test_a_file_system_alone_replaces_an_older_one_and_leaves_micropython(firmware, tmp_path, micropython_pages):
    report = build_image(firmware, tmp_path / "fs.uf2", fs_only=True)
    assert min(read_uf2(report.path)) == LAYOUT.start
    older = make_filesystem({f"old{n}.bin": bytes(3000) for n in range(200)}, LAYOUT)
    board_before = micropython_pages | pages_of(older, LAYOUT.start)
    after = bytes(flash_contents(board_before | read_uf2(report.path)))
    assert read_filesystem(after, LAYOUT) == board_files(firmware)
    whole = tmp_path / "after.uf2"
    whole.write_bytes(format_uf2(pages_of(after, 0)))
    with EmulatedPico(whole) as board:
        assert board.run_until(b"twice 21 is 42\n", 500, link="uart")


def test_a_syntax_error_is_one_line_with_file_and_line(firmware, tmp_path):
    (firmware / "rover/app.py").write_text("x = 1\ndef (:\n")
    with pytest.raises(ImageError, match=r"rover/app.py: line 2: SyntaxError"):
        build_image(firmware, tmp_path / "out.uf2")
    assert not (tmp_path / "out.uf2").exists()


def test_a_folder_without_main_is_refused(tmp_path):
    with pytest.raises(ImageError, match=r"no main\.py"):
        board_files(tmp_path)


def test_an_image_for_another_layout_is_refused(firmware, tmp_path, micropython):
    with pytest.raises(ImageError, match=r"into the file system that begins at 0x100a0000"):
        build_image(firmware, tmp_path / "out.uf2", board="pico", base=micropython)
