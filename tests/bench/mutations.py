"""Break each fix of the robustness work once, in a copy of the checkout, and check that a test fails each time.

First, each text to be replaced must occur exactly once in its file. Then, for each break, the text is replaced and the
tests named beside it run, in one process. At the end the tests that failed run once more, in the unbroken copy: one
that fails there, too, catches nothing. A break whose tests cannot be collected or imported does not apply.

Takes about ten minutes. Exit status 1: a break is not caught, or does not apply.
Example: python tests/bench/mutations.py --only reachability
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
COPIED = ("firmware", "hil", "host_tools", "tests", ".github", ".pictures")
COPIED += ("README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml")
LIMIT_S, TEST_LIMIT_S = 300, 60  # for one break, for one test
FAILED, BROKEN = re.compile(r"^FAILED (.*?\.py::.*?)(?: - .*)?$", re.M), re.compile(r"^ERROR (.*)$", re.M)
NO_IMPORT = re.compile(r"^E\s+((?:Import|ModuleNotFound|Syntax|Name)Error\b.*)$", re.M)


@dataclass(frozen=True)
class Break:
    """A change of one file that undoes one fix.

    file: in the checkout. text: occurs there once. tests: files, and perhaps -k and an expression, as for pytest.
    """

    file: str
    text: str
    replacement: str
    tests: str


# Shortened names of folders
FIRMWARE, HOST = "firmware/rover/", "host_tools/yutu2/"
ON_FIRMWARE, ON_SERVICES, ON_HOST = "tests/firmware/", "tests/firmware/services/", "tests/host_tools/"

BREAKS = {
    "foreign files on the board": [
        Break(
            FIRMWARE + "board/flash_store.py",
            "digits.isdigit() and (pattern % int(digits)).encode() == entry[0] and",
            "digits.isdigit() and",
            ON_FIRMWARE + "board/test_flash_store.py -k only_names",
        ),
        Break(
            FIRMWARE + "board/flash_store.py",
            " and int(digits) <= last",
            "",
            ON_FIRMWARE + "board/test_flash_store.py -k only_names",
        ),
        Break(
            FIRMWARE + "board/startup.py",
            'lines[-1] = b"?"',
            "pass",
            ON_FIRMWARE + "board/test_flash_store.py -k settings_are_read",
        ),
        Break(
            FIRMWARE + "board/startup.py",
            'return "" if os.stat(_KEY_FILE)[0] & _FOLDER else _KEY_FILE',
            "os.stat(_KEY_FILE)\n        return _KEY_FILE",
            ON_FIRMWARE + "board/test_flash_store.py -k only_names",
        ),
        Break(
            FIRMWARE + "flight/stored_state.py",
            "return mode <= SAFE and reason <= BY_PLAN and max(entered_s, slept_s) <= _CLOCK_END",
            "return True",
            ON_FIRMWARE + "test_records.py -k test_a_record_with",
        ),
        Break(
            FIRMWARE + "flight/stored_state.py",
            "if state > DROPPED or s > NEVER or ms >= _MS:",
            "if False:",
            ON_FIRMWARE + "test_records.py -k test_a_flight_state_with",
        ),
        Break(
            FIRMWARE + "flight/stored_state.py",
            " or flight_state.steps != plan.steps",
            "",
            ON_FIRMWARE + "test_records.py -k other_steps",
        ),
        Break(
            FIRMWARE + "services/actions.py",
            "if not all(_is_sound(values[place], values[_PLACES] >> place & 1) for place in range(_PLACES)):",
            "if False:",
            ON_FIRMWARE + "test_records.py -k table_of_actions",
        ),
        Break(
            FIRMWARE + "services/parameters.py",
            "if all(row[2] <= values[at + 1] <= row[3] for at, row in enumerate(PARAMETERS)):",
            "if True:",
            ON_FIRMWARE + "test_records.py -k parameters_outside",
        ),
        Break(
            FIRMWARE + "store/redundant_record.py",
            "self._count < count < _LAST_COUNT",
            "self._count < count",
            ON_FIRMWARE + "test_records.py -k test_a_count",
        ),
        Break(
            FIRMWARE + "store/schedule_table.py",
            "return max(ms, before_ms) < 1000 and max(number, before) < _MOST_NUMBERS",
            "return True",
            ON_FIRMWARE + "test_records.py -k an_entry_with",
        ),
        Break(
            FIRMWARE + "services/router.py",
            "if len(buffer) - start < _HEADERS:",
            "if False:",
            ON_FIRMWARE + "test_records.py -k kept_too_short",
        ),
        Break(
            FIRMWARE + "inputs/scenario.py",
            'check_lines("scenario", name, lines, _action)',
            "pass",
            ON_FIRMWARE + "test_compiled.py -k damaged_line",
        ),
    ],
    "reachability": [
        Break(
            FIRMWARE + "services/actions.py",
            "if now < rover.mode_manager.actions_from_s:",
            "if False:",
            ON_SERVICES + "test_event_actions.py -k what_is_detected_as_it_wakes",
        ),
        Break(
            FIRMWARE + "services/actions.py",
            "            self._disable_movers()\n        for place",
            "            pass\n        for place",
            ON_SERVICES + "test_event_actions.py -k puts_it_to_sleep_once",
        ),
        Break(
            FIRMWARE + "services/actions.py",
            "self._movers |= 1 << place",
            "self._movers = (1 << _PLACES) - 1",
            ON_SERVICES + "test_event_actions.py -k only_the_one_that_did_it",
        ),
        Break(
            FIRMWARE + "flight/mode_manager.py",
            "                self.actions_from_s = self._clock.s + _NO_ACTIONS_S\n            if crash",
            "                pass\n            if crash",
            ON_SERVICES + "test_event_actions.py -k one_restart_too_many",
        ),
        Break(
            FIRMWARE + "flight/mode_manager.py",
            "        if event == FAULT:\n",
            "        self.fault_protection.commanded()\n        if event == FAULT:\n",
            ON_SERVICES + "test_schedule.py -k sign_of_life",
        ),
        Break(
            FIRMWARE + "flight/mode_manager.py",
            " and record.slept_s <= self._clock.s)",
            ")",
            ON_FIRMWARE + "test_records.py -k future",
        ),
        Break(
            FIRMWARE + "flight/driver.py",
            "self._flight_state.stop + 1 & 0xFFFF",
            "self._flight_state.stop + 1",
            ON_FIRMWARE + "flight/test_driver.py -k highest",
        ),
        Break(
            FIRMWARE + "flight/mode_manager.py",
            "        self.actions_from_s = self._clock.s + _NO_ACTIONS_S\n        self._record.resets",
            "        self.record.resets",
            ON_SERVICES + "test_event_actions.py -k what_is_detected_as_it_wakes",
        ),
        Break(
            FIRMWARE + "services/actions.py",
            "if not self.keep(self.events, enabled):",
            "if self.keep(self.events, enabled) is None:",
            ON_SERVICES + "test_event_actions.py -k even_if_the_store",
        ),
    ],
    "security": [
        Break(
            FIRMWARE + "services/uplink_security.py",
            "if end >= 0 and not self._stored.save(self._mark + self._security.last):",
            "if end >= 0 and self._stored.save(self._mark + self._security.last) is None:",
            ON_FIRMWARE + "test_secured.py -k counter_cannot_be_stored",
        ),
        Break(
            FIRMWARE + "link/uplink.py",
            "elif frame[DATA] == 0 and frame[DATA + 1] == _SPI and end - DATA > _OVERHEAD:",
            "elif False:",
            ON_FIRMWARE + "test_secured.py -k without_a_key",
        ),
        Break(
            HOST + "uplink/security.py",
            "return FrameProtector(key, Counter(path).reserve(count) - 1, lambda iv: None)",
            "return FrameProtector(key, 0, lambda iv: None)",
            ON_HOST + "uplink/test_timed.py -k never_share",
        ),
        Break(
            HOST + "uplink/counter.py",
            "keep(last + count)",
            "keep(last + 1)",
            ON_HOST + "uplink/test_timed.py -k never_share",
        ),
        Break(
            HOST + "mission/uplink_file.py",
            "[bd_frame(self.spacecraft, octets) for octets in self.packets()]",
            "[__import__('yutu2.uplink.frame').uplink.frame.ad_frame(self.spacecraft, number, octets) "
            "for number, octets in enumerate(self.packets())]",
            ON_HOST + "uplink/test_timed.py -k lost_holds_nothing_up",
        ),
        Break(
            HOST + "uplink/security.py",
            "        if is_new:\n            counter_of(path).unlink(missing_ok=True)\n",
            "",
            ON_HOST + "uplink/test_key_command.py " + ON_HOST + "uplink/test_security.py",
        ),
        Break(
            HOST + "uplink/security.py",
            "return counter.reserve(RESERVED)",
            "return counter.reserve(1)",
            ON_HOST + "uplink/test_key_command.py -k xport",
        ),
        Break(
            HOST + "uplink/security.py",
            "        file.write(key)\n        file.flush()",
            "        file.write(key.hex().encode())\n        file.flush()",
            ON_HOST + "uplink/test_key_command.py -k xport",
        ),
        Break(
            HOST + "runs/client.py",
            "min(until_s, came_s + _UNSAFE_GRACE_S)",
            "until_s",
            ON_HOST + "uplink/test_sender.py -k ends_the_wait_at_once",
        ),
    ],
    "store": [
        Break(
            FIRMWARE + "app.py",
            "start_s <= resume_s <= self.end_s",
            "start_s < resume_s < self.end_s",
            ON_FIRMWARE + "test_taking_up.py",
        ),
        Break(
            FIRMWARE + "app.py",
            "wall_clock.watch(tables.BOOT, start_s)",
            "pass",
            ON_FIRMWARE + "test_taking_up.py",
        ),
        Break(
            FIRMWARE + "store/schedule_table.py",
            "number >= first and (not group or group <= self._last_group)",
            "number >= first",
            ON_SERVICES + "test_power_cuts.py -k interrupted_is_done",
        ),
        Break(
            FIRMWARE + "store/schedule_table.py",
            "return mark == self._mark",
            "return False",
            ON_SERVICES + "test_power_cuts.py -k interrupted_is_done",
        ),
        Break(
            FIRMWARE + "services/scheduling.py",
            "if not schedule_table.has(s, ms, sub, bytes(buffer[at:end])):",
            "if True:",
            ON_SERVICES + "test_power_cuts.py -k interrupted_is_done",
        ),
        Break(
            FIRMWARE + "services/scheduling.py",
            "            schedule_table.take_back()\n            return False\n    return len(new)",
            "            return False\n    return len(new)",
            ON_SERVICES + "test_power_cuts.py -k store_that_fails",
        ),
        Break(
            FIRMWARE + "store/schedule_table.py",
            "        self.s[place] = 0\n        return False",
            "        return False",
            ON_FIRMWARE + "test_records.py -k cannot_be_freed",
        ),
        Break(
            FIRMWARE + "store/schedule_table.py",
            "if not self.begin() or not self._keep(mark, erased):",
            "if not self.begin():",
            ON_SERVICES + "test_power_cuts.py -k interrupted_is_done",
        ),
    ],
    "hostile input": [
        Break(
            HOST + "products/product_set.py",
            "return min(content.end, self._max_length), False",
            "return content.end, False",
            ON_HOST + "products/test_hostile_products.py -k stray_piece_makes",
        ),
        Break(
            HOST + "products/product_set.py",
            "return self.is_any_received and zeros <= _ZEROS[0] + _ZEROS[1] * (self.length - zeros)",
            "return self.is_any_received",
            ON_HOST + "products/test_hostile_products.py -k nearly_all_holes",
        ),
        Break(
            HOST + "products/collector.py",
            " and len(known) < _MAX_ANNOUNCED",
            "",
            ON_HOST + "products/test_hostile_products.py -k announced_again",
        ),
        Break(
            HOST + "decode/frames.py",
            "elif len(self._skipped) == self.EXTENTS:",
            "elif False:",
            ON_HOST + "decode/test_runs.py -k extents",
        ),
        Break(
            HOST + "products/product.py",
            "return field.labels.get(value, value)",
            "return field.labels[value]",
            ON_HOST + "products/test_hostile_products.py -k unknown_value",
        ),
        Break(
            HOST + "mission/refusal.py",
            'str(dictionary.enums["mode"].get(value, value))',
            'dictionary.enums["mode"][value]',
            ON_HOST + "plan/test_refusal.py",
        ),
        Break(
            HOST + "products/cfdp_receiver.py",
            "return EofCancel(code) if code else Eof(",
            "return Eof(",
            ON_HOST + "products/test_disagreements.py -k cancels",
        ),
        Break(
            HOST + "products/received_file.py",
            "return False if False in checked else None",
            "return None",
            ON_HOST + "products/test_disagreements.py -k checksum",
        ),
        Break(
            HOST + "products/received_file.py",
            "return pdu.end <= self._limit() and self.content.agrees(pdu.offset, pdu.octets)",
            "return True",
            ON_HOST + "products/test_disagreements.py -k data_beyond_the_end",
        ),
        Break(
            HOST + "products/cfdp_receiver.py",
            " and len(files) < _MAX_FILES",
            "",
            ON_HOST + "products/test_disagreements.py -k bounded",
        ),
        Break(
            HOST + "products/received_file.py",
            " or len(self._metadata) == _MAX_CANDIDATES",
            "",
            ON_HOST + "products/test_disagreements.py -k without_end_are_not_kept",
        ),
        Break(
            HOST + "products/pcam_images.py",
            " and abs(pitch) <= _MAX_PITCH_DEG",
            "",
            ON_HOST + "products/test_hostile_products.py -k zenith",
        ),
        Break(
            HOST + "products/radar_section.py",
            "columns = min(_MAX_COLUMNS, _MAX_COLUMNS_PER_PLACE * len(places))",
            "columns = _MAX_COLUMNS",
            ON_HOST + "products/test_hostile_products.py -k one_distance",
        ),
        Break(
            HOST + "products/cfdp_receiver.py",
            'name.decode(errors="replace")',
            "name.decode()",
            ON_HOST + "products/test_disagreements.py -k name_is_the_one",
        ),
        Break(
            HOST + "products/file_names.py",
            '    if _RESERVED.match(name) or name.startswith("-"):\n        name = "_" + name\n',
            "",
            ON_HOST + "products/test_file_names.py",
        ),
        Break(
            HOST + "decode/identify.py",
            "self._is_over = self._markers > PATIENCE + self._others.total()",
            "pass",
            ON_HOST + "decode/test_identify.py",
        ),
        Break(
            HOST + "decode/runs.py",
            "if len(self._entries) == self.LISTED:",
            "if False:",
            ON_HOST + "decode/test_runs.py -k list_of_runs",
        ),
        Break(
            HOST + "products/product_table.py",
            'notes = [f"{damaged:,} invalid CFDP PDUs dropped."] if damaged else []',
            "notes = []",
            ON_HOST + "products/test_product_table.py",
        ),
        Break(
            HOST + "products/export.py",
            "if isinstance(name, str) and is_safe(name)",
            "if isinstance(name, str)",
            ON_HOST + "products/test_hostile_products.py -k index",
        ),
    ],
    "restarts and late frames": [
        Break(
            HOST + "decode/frames.py",
            "if verdict is Verdict.BEGINNING:",
            "if False:",
            ON_HOST + "decode/test_runs.py -k other_octets_at_once",
        ),
        Break(
            HOST + "decode/frames.py",
            "if sender.held is None and sender.may_begin_a_run(track, arrival, verdict):",
            "if False:",
            ON_HOST + "decode/test_runs.py -k first_frames_are_lost",
        ),
        Break(
            HOST + "decode/frames.py",
            "self._accept(sender, track, arrival, verdict is Verdict.LATE)",
            "self._accept(sender, track, arrival)",
            ON_HOST + "decode/test_runs.py -k one_late_frame",
        ),
        Break(
            HOST + "decode/packets.py",
            "            place = self._join(channel, partial, frame, packets)",
            "            pass",
            ON_HOST + "decode/test_runs.py -k joined_whatever",
        ),
        Break(
            HOST + "decode/telemetry.py",
            "if not (frame.duplicate or frame.late):",
            "if not frame.duplicate:",
            ON_HOST + "decode/test_runs.py -k what_a_rover_has",
        ),
        Break(
            HOST + "products/product_set.py",
            "return (sender.entity, sender.run, product.kind,",
            "return (sender.entity, product.kind,",
            ON_HOST + "products/test_product_set.py -k two_runs_are_not",
        ),
        Break(
            HOST + "products/collector.py",
            "self.files.take(report.packet, report.run)",
            "self.files.take(report.packet)",
            ON_HOST + "products/test_product_set.py -k each_run",
        ),
        Break(
            HOST + "uplink/cop1.py",
            "self._restart(reason) if clcw & _RETRANSMIT else self.give_up(reason)",
            "self.give_up(reason)",
            ON_HOST + "uplink/test_cop1.py",
        ),
        Break(
            HOST + "runs/client.py",
            "self._run, self.dormancy = report.run, None",
            "self._run = report.run",
            ON_HOST + "uplink/test_restart.py -k awake_for_all",
        ),
        Break(
            FIRMWARE + "app.py",
            "self.starts = self.starts + 1 & 0xFFFF",
            "self.starts = 1",
            ON_FIRMWARE + "test_starts.py",
        ),
        Break(
            FIRMWARE + "board/flash_store.py",
            '"plan", "actions")',
            '"plan", "actions", "starts")',
            ON_FIRMWARE + "board/test_flash_store.py -k only_names",
        ),
        Break(
            HOST + "show/reception_statistics.py",
            'if not frames["good"]:',
            "if False:",
            ON_HOST + "show/test_screen.py -k nothing_lost_is_not_said",
        ),
        Break(
            HOST + "recordings/reading.py",
            "{advice or otherwise}",
            "{otherwise}",
            ON_HOST + "decode_command/test_other_streams.py",
        ),
        Break(
            HOST + "decode/identify.py",
            "for length in (end - start, *reversed(self._lengths)):",
            "for length in (FRAME_LENGTH,):",
            ON_HOST + "decode/test_identify.py",
        ),
    ],
    "vanishing ports": [
        Break(
            HOST + "line/source.py",
            "    except Exception as error:\n        raise LineEnded(",
            "    except OSError as error:\n        raise LineEnded(",
            ON_HOST + "uplink/test_vanishing_line.py",
        ),
        Break(
            HOST + "line/source.py",
            "    except Exception as error:\n        # Drivers,",
            "    except (ValueError, OSError) as error:\n        # Drivers,",
            ON_HOST + "uplink/test_vanishing_line.py -k while_it_is_opened",
        ),
        Break(
            HOST + "runs/client.py",
            "        with port_in_use():\n            self._port.close()",
            "        self._port.close()",
            ON_HOST + "uplink/test_vanishing_line.py",
        ),
        Break(
            HOST + "runs/client.py",
            "        with self._in_use(), port_in_use():\n            self._port.write(",
            "        with self._in_use():\n            self._port.write(",
            ON_HOST + "uplink/test_vanishing_line.py",
        ),
        Break(
            HOST + "runs/client.py",
            "        with self._in_use(), port_in_use():\n            return bool(",
            "        with self._in_use():\n            return bool(",
            ON_HOST + "uplink/test_vanishing_line.py",
        ),
        Break(
            HOST + "runs/client.py",
            "        if self._end is not None:\n            raise LineEnded(str(self._end), self._end.status)\n",
            "",
            ON_HOST + "uplink/test_vanishing_line.py -k same_reason",
        ),
        Break(
            HOST + "runs/client.py",
            "        if error is None:\n            self.close()\n        else:\n"
            "            # What has gone wrong already is the error to know of\n            close_port(self._port)",
            "        self.close()",
            ON_HOST + "uplink/test_vanishing_line.py -k fails_to_close",
        ),
        Break(
            HOST + "line/emulator.py",
            "self._reason += self._error_lines",
            "pass",
            ON_HOST + "uplink/test_vanishing_line.py -k 'ends_at_once or tell_it'",
        ),
        Break(
            HOST + "line/source.py",
            "        on_break(failure)\n",
            "        raise\n",
            ON_HOST + "uplink/test_vanishing_line.py -k before_it_was_killed",
        ),
    ],
    "text from elsewhere": [
        Break(
            HOST + "dictionary/text.py",
            'text = octets.decode("utf-8-sig")',
            "text = octets.decode()",
            ON_HOST + "test_text_from_elsewhere.py",
        ),
        Break(
            HOST + "dictionary/text.py",
            'return text.replace("\\r\\n", "\\n").replace("\\r", "\\n")',
            "return text",
            ON_HOST + "test_text_from_elsewhere.py",
        ),
        Break(
            HOST + "dictionary/text.py",
            '    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\\0" in octets[:_LOOKED_AT]:\n',
            "    if False:\n",
            ON_HOST + "test_text_from_elsewhere.py -k other_widths",
        ),
        Break(
            FIRMWARE + "inputs/settings.py",
            "line = line[len(mark) :]",
            "pass",
            ON_FIRMWARE + "test_settings.py -k editor",
        ),
        Break(
            FIRMWARE + "inputs/key_file.py",
            "digits = digits[3:]",
            "pass",
            ON_FIRMWARE + "test_secured.py -k editor",
        ),
        Break(
            FIRMWARE + "inputs/compiled_text.py",
            '(head[3:] if head[:3] == b"\\xef\\xbb\\xbf" else head)',
            "head",
            ON_FIRMWARE + "test_compiled.py -k editors",
        ),
        Break(
            HOST + "system/streams.py",
            'os.environ.get("TERM", "").lower() not in _WITHOUT_ESCAPES',
            "True",
            ON_HOST + "test_console.py -k without_escapes",
        ),
        Break(
            HOST + "system/streams.py",
            'errors="backslashreplace"',
            'errors="strict"',
            ON_HOST + "test_console.py -k any_encoding",
        ),
        Break(
            HOST + "system/streams.py",
            "            raise OutputEnded from None\n",
            "            raise\n",
            ON_HOST + "test_console.py -k had_enough",
        ),
        Break(
            HOST + "system/streams.py",
            "        os.open(os.devnull, os.O_RDONLY)\n",
            "        pass\n",
            ON_HOST + "test_console.py -k closed",
        ),
        Break(
            HOST + "system/files.py",
            "                self.truncate(end - end % self._frame if self._frame else self._end)\n",
            "                pass\n",
            ON_HOST + "test_output.py -k growing_file",
        ),
        Break(
            HOST + "system/files.py",
            "                part.chmod(mode)\n",
            "                pass\n",
            ON_HOST + "test_output.py -k mode_of_a_file",
        ),
        Break(
            HOST + "__main__.py",
            "            signal.signal(signal.SIGINT, end)\n",
            "            pass\n",
            ON_HOST + "test_interrupt.py -k command_line_is_imported",
        ),
        Break(
            HOST + "system/interrupts.py",
            "        sys.unraisablehook = _raise_again\n",
            "",
            ON_HOST + "test_interrupt.py -k loses",
        ),
        Break(
            HOST + "line/url_query.py",
            "return urlencode(options, encoding=_ENCODING, errors=_ERRORS)",
            "return urlencode(options)",
            ON_HOST + "test_console.py -k no_utf_8",
        ),
        Break(
            HOST + "line/emulator.py",
            'has_odd_name = "key" in options and not _is_utf_8(options["key"])',
            "has_odd_name = False",
            ON_HOST + "test_console.py -k no_utf_8",
        ),
        Break(
            HOST + "system/files.py",
            "                part.unlink()\n",
            "                pass\n",
            ON_HOST + "test_output.py -k error_leaves",
        ),
        Break(
            HOST + "cli/shell/prompt.py",
            "except (OSError, RuntimeError):",
            "except OSError:",
            ON_HOST + "test_console.py -k without_a_home",
        ),
        Break(
            HOST + "cli/shell/script.py",
            'codecs.getincrementaldecoder("utf-8-sig")',
            'codecs.getincrementaldecoder("utf-8")',
            ON_HOST + "test_text_from_elsewhere.py -k commands_of_the_shell",
        ),
        Break(
            FIRMWARE + "inputs/settings.py",
            'line.split(b"#")[0].decode().strip()',
            'line.decode().split("#")[0].strip()',
            ON_FIRMWARE + "test_settings.py -k editor",
        ),
    ],
    "statements": [
        Break(
            "firmware/settings.txt",
            "start = 2020-11-12T00:00:00Z",
            "start = 2020-11-10T00:00:00Z",
            "tests/test_readme_commands.py -k drives_at_once",
        ),
        Break(
            "README.md",
            "source .venv/bin/activate      # in each new terminal; on Windows .venv\\Scripts\\activate\n",
            "",
            "tests/test_readme_commands.py -k activated",
        ),
        Break(
            "host_tools/README.md",
            'serial.serial_for_url("emulator://unix?speed=60", timeout=10)',
            'serial.serial_for_url("emulator://unix?lunar_day=24&speed=60", timeout=1)',
            "tests/test_readme_commands.py -k behind_pyserial",
        ),
        Break(
            "README.md",
            "pip install '.[pico]'\nyutu2 image build",
            "pip install 'yutu2[pico]'\nyutu2 image build",
            "tests/test_readme_commands.py -k from_the_clone",
        ),
        Break(
            HOST + "__init__.py",
            'connect("emulator://unix?speed=60")',
            'connect("emulator://unix?start=2020-11-10&days=3&speed=60")',
            "tests/test_readme_commands.py -k 'docstring and not yutu2.'",
        ),
        Break(
            HOST + "pico/errors.py",
            "pip install '.[pico]' in the repository",
            "pip install 'yutu2[pico]'",
            ON_HOST + "pico/test_without_extra.py",
        ),
        Break(
            FIRMWARE + "flight/sequence.py",
            "return NO_POWER, (needed_mw + 99) // 100 << 16 | (needed_mw - missing_mw) // 100",
            "return NO_POWER, missing_mw",
            ON_SERVICES + "test_functions.py -k with_the_power_that_it_needs",
        ),
        Break(
            HOST + "cli/run_screen.py",
            "if self._span and was_awake(*self._span, self._craft):",
            "if False:",
            ON_HOST + "run_command/test_options.py -k not_called_asleep",
        ),
    ],
    "visible refusals": [
        Break(
            HOST + "runs/run.py",
            "                self._commands.take(report)\n",
            "                pass\n",
            ON_HOST + "uplink/test_outcomes.py -k TestRun",
        ),
        Break(
            HOST + "runs/command_outcomes.py",
            "return [_HEADING, *(one.line() for one in outcomes), total]",
            "return [_HEADING, *(one.line() for one in outcomes)]",
            ON_HOST + "uplink/test_outcomes.py -k last_one_counts",
        ),
        Break(
            HOST + "runs/command_outcomes.py",
            "if has_slept or before_waking(time, craft) is not None:",
            "if has_slept:",
            ON_HOST + "uplink/test_outcomes.py -k before_it_wakes",
        ),
        Break(
            HOST + "decode/fields.py",
            "values[name] = raw[name] if detail is None else detail.words(raw[name])",
            "values[name] = raw[name]",
            ON_HOST + "decode_command/test_reasons.py",
        ),
        Break(
            FIRMWARE + "services/delivery.py",
            "self._sender.begin(number, size, _name(file, number))",
            'self._sender.begin(number, size, (_NAME % ("product", number)).encode())',
            ON_SERVICES + "test_delivery.py -k called_after_its_kind",
        ),
        Break(
            HOST + "decode/fields.py",
            "            return self._file_report(packet)\n",
            '            return self._report(packet, None, None, None, None, b"")\n',
            ON_HOST + "decode/test_pdu.py",
        ),
        Break(
            HOST + "products/product_set.py",
            'safe_name(received.name or "") or',
            '"" or',
            ON_HOST + "products/test_hostile_products.py -k name",
        ),
        Break(
            FIRMWARE + "services/request.py",
            'pack_into(">HHHi"',
            'pack_into(">HHHI"',
            ON_SERVICES + "test_request.py",
        ),
        Break(
            HOST + "runs/client.py",
            '"failed" if sent.failure.subservice == COMPLETION_FAILED else "refused"',
            '"failed"',
            ON_HOST + "uplink/test_sender.py -k failure_is_told",
        ),
    ],
    "types": [
        Break(
            HOST + "decode/fields.py",
            "return lambda raw: [name for bit, name in enumerate(names) if raw >> bit & 1]",
            "return None",
            ON_HOST + "decode/test_fields.py -k bit",
        ),
        Break(
            HOST + "decode/fields.py",
            "        return to_datetime\n",
            "        return None\n",
            ON_HOST + "decode/test_fields.py -k time_in_a_field",
        ),
        Break(
            HOST + "decode/fields.py",
            'return lambda raw: f"{raw:08x}"',
            "return None",
            ON_HOST + "decode/test_fields.py -k plan",
        ),
        Break(
            HOST + "decode/fields.py",
            "None if raw == none else of_others",
            "of_others",
            ON_HOST + "decode/test_fields.py -k not_known",
        ),
        Break(
            HOST + "recordings/writers.py",
            'return "|".join(map(str, value)) if kind == "names" else to_json(value)',
            "return to_json(value)",
            ON_HOST + "show/test_records.py -k bits",
        ),
        Break(
            HOST + "recordings/writers.py",
            '_KINDS = {BOOL: "flag", TIME: "time",',
            '_KINDS = {BOOL: "flag",',
            ON_HOST + "show/test_records.py -k time",
        ),
        Break(
            HOST + "products/export.py",
            "yield drives[0], combined and replace(combined, facts={})",
            "yield product, combined and replace(combined, facts={})",
            ON_HOST + "products/test_export.py -k radargram_of_them_all",
        ),
        Break(
            HOST + "recordings/writers.py",
            'f"field_{field.name}" if field.name in self.columns else field.name',
            "field.name",
            ON_HOST + "show/test_records.py -k a_column_for_each",
        ),
    ],
    "discoverability": [
        Break(
            HOST + "cli/main.py",
            '        print(f"yutu2 {yutu2.__version__}")\n',
            "",
            ON_HOST + "test_discoverability.py -k version_is",
        ),
        Break(
            HOST + "cli/main.py",
            "    pretty_exceptions_enable=False,\n",
            "    pretty_exceptions_enable=False,\n    add_completion=False,\n",
            ON_HOST + "test_discoverability.py -k complet",
        ),
        Break(
            HOST + "cli/commanding.py",
            'help="As PING or DRIVE.", autocompletion=_command_names',
            'help="As PING or DRIVE."',
            ON_HOST + "test_discoverability.py -k complet",
        ),
        Break(
            HOST + "cli/board.py",
            '@app.command(epilog="Example: yutu2 ports")',
            "@app.command()",
            "tests/test_readme_commands.py -k every_help_ends",
        ),
        Break(
            HOST + "cli/dictionary.py",
            '    PARAMETERS = "parameters"\n',
            "",
            ON_HOST + "test_discoverability.py -k DictionaryList",
        ),
        Break(
            HOST + "line/ports.py",
            'is_closed = os.name == "posix" and not os.access(device, os.R_OK | os.W_OK)',
            "is_closed = False",
            ON_HOST + "line/test_ports.py",
        ),
        Break(
            HOST + "mission/run_options.py",
            'return "--" + name.replace("_", "-")',
            "return name",
            ON_HOST + "test_discoverability.py -k names_what_was_typed",
        ),
        Break(
            HOST + "runs/run.py",
            "    check_options(options)\n    if target ==",
            "    if target ==",
            ON_HOST + "test_discoverability.py -k names_what_was_typed",
        ),
        Break(
            HOST + "dictionary/text.py",
            """return f"choose from {', '.join(names)}\"""",
            'return "see yutu2 --help"',
            ON_HOST + "test_discoverability.py",
        ),
        Break(
            HOST + "line/ports.py",
            "if error.errno in (errno.EACCES, errno.EPERM):",
            "if False:",
            ON_HOST + "line/test_ports.py",
        ),
        Break(
            HOST + "runs/run.py",
            "            port = open_port(self.url)\n            self.on_begin()\n",
            "            self.on_begin()\n            port = open_port(self.url)\n",
            ON_HOST + "test_discoverability.py " + ON_HOST + "run_command/test_wrong_use.py -k heading",
        ),
    ],
}


def main() -> int:
    """Run the breaks. Return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="WORD", default="", help="only breaks with this in their line of --list")
    parser.add_argument("--list", action="store_true", help="list the breaks; run nothing")
    options = parser.parse_args()
    breaks = [(kind, one) for kind, of_kind in BREAKS.items() for one in of_kind if options.only in _line(kind, one)]
    wrong = [one for _, one in breaks if (CHECKOUT / one.file).read_text(encoding="utf-8").count(one.text) != 1]
    for one in wrong:
        print(f"{one.file}: does not apply: not exactly once there: {one.text!r}")
    if wrong or options.list:
        for kind, one in breaks if options.list else ():
            print(_line(kind, one))
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory(prefix="yutu2-mutations-") as folder:
        return _run(breaks, Path(folder))


def _run(breaks: list[tuple[str, Break]], folder: Path) -> int:
    _copy(folder)
    caught_by: list[str] = []
    survived = 0
    for number, (kind, one) in enumerate(breaks, 1):
        path = folder / one.file
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace(one.text, one.replacement), encoding="utf-8")
        try:
            test, told = _outcome(one.tests, folder)
        finally:
            path.write_text(whole, encoding="utf-8")
        caught_by += [test] if test else []
        survived += not test
        print(f"{number}/{len(breaks)} {_line(kind, one)}: {told}", flush=True)
    false = _failing(caught_by, folder) if caught_by else []
    for test in false:
        print(f"not caught, as it fails in the unbroken copy, too: {test}")
    caught = len(breaks) - survived - sum(caught_by.count(test) for test in false)
    print(f"{caught} of {len(breaks)} breaks caught")
    return 0 if caught == len(breaks) else 1


def _copy(folder: Path) -> None:
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*", "*.egg-info"))
        else:
            shutil.copy2(source, folder / name)


def _outcome(tests: str, folder: Path) -> tuple[str | None, str]:
    """(the test that caught a break or None, what to print)."""
    status, out = _pytest(["-x", *shlex.split(tests)], folder, LIMIT_S)
    failed, broken = FAILED.search(out), BROKEN.search(out)
    if status is None:
        return None, f"does not apply: no end after {LIMIT_S} s"
    if no_import := NO_IMPORT.search(out):
        return None, f"does not apply: {no_import[1]}"
    if failed:
        return failed[1], f"caught by {failed[1]}"
    if broken or status not in (0, 1):
        return None, f"does not apply: {broken[1] if broken else f'pytest ends with status {status}'}"
    return None, "NOT CAUGHT"


def _failing(tests: list[str], folder: Path) -> list[str]:
    """Those of some tests that fail, or that pytest does not run."""
    status, out = _pytest(list(dict.fromkeys(tests)), folder, None)
    return [*FAILED.findall(out), *BROKEN.findall(out)] if status in (0, 1) else tests


def _pytest(arguments: list[str], folder: Path, limit_s: float | None) -> tuple[int | None, str]:
    """(exit status, output) of pytest in a folder; the status is None when it takes too long."""
    options = f"-n 0 -q -rfE --tb=short -p no:cacheprovider --hypothesis-seed=0 --timeout={TEST_LIMIT_S}".split()
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(folder / "host_tools"), os.environ.get("PYTHONPATH")))),
        # A file that is changed twice in a second would be taken for the same
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Slow ones, too: which tests are slow changes, and a break may need them
    command = [sys.executable, "-m", "pytest", *options, "-m", "not board", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            out, _ = process.communicate(timeout=limit_s)
        except BaseException as error:
            # It does not get our Ctrl-C, and what its tests have begun goes with it
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                return None, ""
            raise
    return process.returncode, out


def _line(kind: str, one: Break) -> str:
    return f"{kind}: {one.file}: {one.text.strip().splitlines()[0]}"


if __name__ == "__main__":
    sys.exit(main())
