"""Tables made from dictionary.toml by `yutu2 dictionary generate`. Change that file, not this one."""

from micropython import const

HASH = b"\xab\x53\x68\x92"  # of the dictionary

# Application processes
TIME = const(0)
COMPUTER = const(1)

# Values of `mode`
DORMANT = const(0)
WAKING = const(1)
ACTIVE = const(2)
NAP = const(3)
PARKING = const(4)

# Values of `activity`
NO_ACTIVITY = const(0)
SUN_LOOK = const(1)
EQUIPMENT_ON = const(2)
HOUSEKEEPING = const(3)
FRAME_FLUSH = const(4)

# Values of `crash`
WATCHDOG = const(1)
EXCEPTION = const(2)
MEMORY = const(3)

# Values of `setting`
UNKNOWN_SETTING = const(0)
SETTING_CRAFT = const(1)
SETTING_LUNAR_DAY = const(2)
SETTING_START = const(3)
SETTING_DAYS = const(4)
SETTING_SEED = const(5)
SETTING_SPEED = const(6)
SETTING_LINK = const(7)
SETTING_BAUD = const(8)
SETTING_LIGHT = const(9)
SETTING_LED = const(10)

# Housekeeping structures: id, format with the id, octets of both, period
HK_COMPUTER = const(1)
HK_COMPUTER_FIELDS = ">H4sBiIIII"
HK_COMPUTER_SIZE = const(27)
HK_COMPUTER_PERIOD_S = const(60)

# Events
ROVER_WAKE = const(1)
LANDER_WAKE = const(2)
ROVER_SLEEP = const(3)
LANDER_SLEEP = const(4)
ACTIVE_START = const(5)
NAP_START = const(6)
NAP_END = const(7)
PARKING_START = const(8)
SETTING_REFUSED = const(9)
CRASH_REPORT = const(10)

# Event id: APID, severity (subservice), fields and their format, octets of id and fields
EVENTS = {
    ROVER_WAKE: (1, 1, 1, ">i", 6),
    LANDER_WAKE: (1, 1, 1, ">i", 6),
    ROVER_SLEEP: (1, 1, 1, ">i", 6),
    LANDER_SLEEP: (1, 1, 1, ">i", 6),
    ACTIVE_START: (1, 1, 0, "", 2),
    NAP_START: (1, 1, 1, ">i", 6),
    NAP_END: (1, 1, 1, ">i", 6),
    PARKING_START: (1, 1, 1, ">i", 6),
    SETTING_REFUSED: (1, 2, 1, ">B", 3),
    CRASH_REPORT: (1, 4, 4, ">BBBI", 9),
}


class Craft:
    """The constants of one craft: elevations in millidegrees, times in s; None: it has no such thing."""

    def __init__(
        self,
        spacecraft,
        wake_elevation,
        sleep_elevation,
        wake_event,
        sleep_event,
        first_start_s,
        nap_start_elevation=None,
        nap_end_elevation=None,
        park_elevation=None,
    ):
        self.spacecraft = spacecraft
        self.wake_elevation = wake_elevation
        self.sleep_elevation = sleep_elevation
        self.wake_event = wake_event
        self.sleep_event = sleep_event
        self.first_start_s = first_start_s
        self.nap_start_elevation = nap_start_elevation
        self.nap_end_elevation = nap_end_elevation
        self.park_elevation = park_elevation


CRAFTS = {
    "rover": Craft(
        spacecraft=24,
        wake_elevation=7500,
        nap_start_elevation=42500,
        nap_end_elevation=30000,
        park_elevation=11000,
        sleep_elevation=9200,
        wake_event=ROVER_WAKE,
        sleep_event=ROVER_SLEEP,
        first_start_s=224520,
    ),
    "lander": Craft(
        spacecraft=4,
        wake_elevation=13400,
        sleep_elevation=6000,
        wake_event=LANDER_WAKE,
        sleep_event=LANDER_SLEEP,
        first_start_s=181560,
    ),
}
