"""A dictionary with one of each, and a reader of dictionaries."""

from collections.abc import Callable

import pytest
from yutu2.dictionary.model import Dictionary, load_file

SMALL = """
# A dictionary with one of each
[mission]
name = "small"
epoch = 2019-01-01T00:00:00Z
apids = { TIME = 0, COMPUTER = 1, CAMERA = 16 }

[enum.mode]
NIGHT = 0
DAY = 1

[enum.mode_event]
DAWN = 0
DUSK = 1

[enum.refusal]
ASLEEP = 0
AWAKE = 1

[enum.parameter]
P_CHARGE = 0
P_SUN = 1

[enum.monitor]
MON_CHARGE = 0
MON_SUN = 1
BY_COMMAND = 2

[enum.monitor_status]
ENABLED = 0
DISABLED = 1

[enum.action]
NOTHING = 0
SHED = 1
GO_SAFE = 2

[enum.sensor]
S_SUN = 0

[enum.resource]
HEAD = 0
WHEELS = 1

[enum.motion]
ANY = 0
STILL = 1

[enum.on_failure]
SKIP = 0
STOP = 1

[enum.plan_failure]
TOO_DARK = 1

[detail.plan_failure]
TOO_DARK = { text = "{} lx", scale = 0.1 }

[failure_code]
refusal = 32
plan_failure = 64

[enum.product_state]
OPEN = 0
WHOLE = 1

[enum.tc_failure]
WRONG_LENGTH = 1
TOO_DARK = 2

[packet.TIME]
text = "time"
apid = "TIME"
fields = [{ name = "rate", type = "u8" }]

[packet.HK]
text = "housekeeping"
apid = "COMPUTER"
service = 3
subservice = 25
structure = 1
period_s = 60
fields = [{ name = "mode", type = "u8", enum = "mode" }, { name = "volt", type = "i16", scale = 0.01, unit = "V" }]

[event.WAKE]
id = 1
severity = "info"
text = "awake at {volt} V"
fields = [{ name = "volt", type = "i16", scale = 0.01, unit = "V" }]

[event.SLEEP]
id = 2
severity = "high"
text = "asleep"

[craft.rover]
spacecraft = 24

[body.rover]
box_j = 70000

[load]
LOAD_RADIO = { rover = 14000 }
LOAD_MAST = { rover = 0 }

[moves.NIGHT]
DAWN = "DAY"
DUSK = "ASLEEP"

[moves.DAY]
DAWN = "AWAKE"
DUSK = "NIGHT"

[monitor.MON_CHARGE]
parameter = "P_CHARGE"
low = 250
repetitions = 3
event = "WAKE"
responses = ["SHED", "GO_SAFE"]
rearm_s = 7200
status = "DISABLED"

[monitor.MON_SUN]
parameter = "P_SUN"
repetitions = 5
rearm_s = 600
stale = "GO_SAFE"

[activity.LOOK]
text = "looks around"
instrument = "CAMERA"
load = "LOAD_MAST"
uses = ["HEAD"]
modes = ["DAY"]
sun = [10000, 90000]
box = [-200, 450]
motion = "STILL"
unit_s = 600
unit_kib = 960
arguments = [{ name = "pitches", min = 2, max = 3 }]

[activity.DRIVE]
text = "drives so far"
load = "LOAD_RADIO"
uses = ["WHEELS"]
modes = ["DAY", "NIGHT"]
sun = [0, 90000]
box = [-200, 450]
motion = "ANY"
arguments = [{ name = "distance", min = 50, max = 5000, scale = 0.01, unit = "m" }]

[product_head]
fields = [{ name = "mark", type = "u16" }, { name = "kind", type = "u8", enum = "product" }]

[product.PICTURES]
text = "pictures"
instrument = "CAMERA"
part = 40
fields = [{ name = "azimuth", type = "u32", scale = 0.001, unit = "deg" }]
samples = { name = "pixels", type = "u16", count = 64 }

[radar]
permittivity = [340, 440]

[route]
driven = [[1, 1200], [3, 1630]]

[fault.load_draws_more]
id = 7
text = "a load draws more"
group = "switch"
arguments = [{ name = "load", enum = "load" }, { name = "watts", min = 1, max = 200, unit = "W" }]

[fault.reset]
id = 8
text = "the computer restarts"
momentary = true

[command.PING]
text = "are you alive?"
service = 17
subservice = 1

[command.GO]
text = "drives so far"
service = 8
subservice = 1
function = 2
modes = ["DAY"]
reasons = "refusal"
arguments = [
    { name = "to", type = "u8", enum = "mode" },
    { name = "distance", type = "u16", min = 50, max = 5000, scale = 0.01, unit = "m" },
]

[command.SET]
text = "sets parameters"
service = 20
subservice = 3
repeat = true
arguments = [{ name = "parameter", type = "u8", enum = "settable" }, { name = "value", type = "i32", of = "parameter" }]

[command.CLOCK]
text = "sets the clock"
service = 9
subservice = 128
arguments = [{ name = "time", type = "cuc" }]

[parameter.STEEP]
id = 1
text = "steeper is a hazard"
type = "u16"
default = 2000
min = 500
max = 3000
scale = 0.01
unit = "deg"

[parameter.PATIENCE]
id = 2
text = "how long it waits"
type = "i16"
default = -1
min = -1
max = 72

[packet.STATE]
text = "what it is"
apid = "COMPUTER"
service = 3
subservice = 25
structure = 2
fields = [
    { name = "awake", type = "bool" },
    { name = "plan", type = "id4" },
    { name = "due", type = "time4", none = 0 },
    { name = "loads", type = "u8", bits = "load" },
    { name = "reason", type = "u16", enum = "failure_code" },
    { name = "number", type = "u32", of = "reason" },
]

[packet.PROMPT]
text = "asks"
apid = "CAMERA"
pdu = 9
fields = [{ name = "source", type = "u32" }, { name = "transaction", type = "u32" }, { name = "response", type = "u8" }]

[packet.ALIVE]
text = "alive"
apid = "COMPUTER"
service = 17
subservice = 2

[packet.SETTINGS]
text = "parameters"
apid = "COMPUTER"
service = 20
subservice = 2
repeat = true
fields = [{ name = "parameter", type = "u16", enum = "settable" }, { name = "value", type = "i32", of = "parameter" }]
"""


@pytest.fixture
def small() -> str:
    """The text of a dictionary with one of each."""
    return SMALL


@pytest.fixture
def read(tmp_path) -> Callable[[str], Dictionary]:
    """`read(text)`: the dictionary of that text."""
    count = 0

    def read(text):
        nonlocal count
        count += 1
        path = tmp_path / f"{count}.toml"
        path.write_text(text, encoding="utf-8")
        return load_file(path)

    return read
