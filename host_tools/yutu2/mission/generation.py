"""What the firmware has that is made from other files of it: its tables, and its own plan."""

from pathlib import Path

from yutu2.dictionary.model import load
from yutu2.dictionary.tables import command_tables, craft_tables, fault_tables, firmware_tables
from yutu2.dictionary.text import read_text
from yutu2.firmware import firmware_dir
from yutu2.mission.plan import Plan, compile_plan, with_dictionary
from yutu2.system.files import write_whole

_PLAN_HEAD = '''"""The rover's own plan, made from lunar_day.plan by `yutu2 dictionary generate`: change that file."""

PLAN = (
'''


def generated_files() -> dict[Path, str]:
    """Path -> text of each: the tables, the plan's text with the dictionary's hash, the plan compiled.

    WrongUse: the dictionary or the plan cannot be.
    """
    folder, dictionary = firmware_dir(), load()
    source = folder / "lunar_day.plan"
    text = with_dictionary(read_text(str(source), "plan"), dictionary)
    plan = compile_plan(text, str(source), dictionary)
    return {
        folder / "rover" / "tables" / "__init__.py": firmware_tables(dictionary),
        folder / "rover" / "tables" / "commands.py": command_tables(dictionary),
        folder / "rover" / "tables" / "crafts.py": craft_tables(dictionary),
        folder / "rover" / "tables" / "faults.py": fault_tables(dictionary),
        source: text,
        folder / "rover" / "inputs" / "default_plan.py": _plan_module(plan),
    }


def write_files(files: dict[Path, str]) -> None:
    """Writes a text into each path. WrongUse: one cannot be written."""
    for path, text in files.items():
        write_whole(path, text.encode())


def _plan_module(plan: Plan) -> str:
    """The source of `default_plan.py`."""
    lines = [f'    b"{line}\\n"\n' for line in plan.compiled().splitlines()]
    return _PLAN_HEAD + "".join(lines) + ")\n"
