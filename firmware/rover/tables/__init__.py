"""Tables made from dictionary.toml by `yutu2 dictionary generate`. Change that file, not this one."""

from micropython import const

HASH = b"\xc1\x27\x1b\x80"  # of the dictionary

# Application processes
TIME = const(0)
COMPUTER = const(1)
POWER = const(2)
DRIVING = const(3)
PCAM = const(16)
VNIS = const(17)
ASAN = const(18)
LPR = const(19)
FILES = const(32)

# Values of `resource`
WHEELS = const(0)
MAST_HEAD = const(1)
VNIS_HEAD = const(2)
ASAN_HEAD = const(3)
RADAR = const(4)

# Values of `motion`
ANY = const(0)
STILL = const(1)
MOVING = const(2)

# Values of `on_failure`
SKIP = const(0)
STOP = const(1)
SAFE_MODE = const(2)

# Values of `plan_failure`
NOT_IN_MODE = const(1)
SUN_TOO_LOW = const(2)
SUN_TOO_HIGH = const(3)
BOX_TOO_COLD = const(4)
BOX_TOO_HOT = const(5)
IS_MOVING = const(6)
NOT_MOVING = const(7)
IN_USE = const(8)
NO_POWER = const(9)
NO_ROOM = const(10)
MISSED = const(11)
RESTARTED = const(12)
SHED_LOAD = const(13)
DEAD_LOAD = const(14)
HAZARD_AHEAD = const(15)
TOO_FAR = const(16)
STOPPED = const(17)
INSTRUMENT_FAILED = const(18)

# Values of `plan_refusal`
BUSY = const(1)
INCOMPLETE = const(2)
BAD_PLAN = const(3)
NOT_KEPT = const(4)

# Values of `instrument_state`
OFF = const(0)
WARMING = const(1)
STANDBY = const(2)
OBSERVING = const(3)
FAULTY = const(4)

# Values of `instrument_fault`
NO_DATA = const(1)
NO_STORE = const(2)
NO_MEMORY = const(3)

# Values of `eye`
LEFT = const(0)
RIGHT = const(1)

# Values of `scan`
DARK = const(0)
TARGET = const(1)
PANEL = const(2)

# Values of `product_state`
OPEN = const(0)
WHOLE = const(1)
PARTIAL = const(2)

# Values of `mode`
DORMANT = const(0)
WAKING = const(1)
ACTIVE = const(2)
NAP = const(3)
PARKING = const(4)
SAFE = const(5)

# Values of `mode_event`
FAULT = const(0)
EXHAUSTED = const(1)
NIGHTFALL = const(2)
DAWN = const(3)
EQUIPPED = const(4)
HEAT = const(5)
COOL = const(6)
DUSK = const(7)
RECOVERED = const(8)

# Values of `refusal`
ASLEEP = const(0)
AWAKE = const(1)
NOT_SAFE = const(2)
IS_SAFE = const(3)
NOT_NAPPING = const(4)
IS_NAPPING = const(5)
NOT_EQUIPPED = const(6)
IS_EQUIPPED = const(7)
IS_PARKING = const(8)
CANNOT = const(9)

# Values of `activity`
NO_ACTIVITY = const(0)
LOOK = const(1)
STEP = const(2)
HOUSEKEEPING = const(3)
FRAME_FLUSH = const(4)
SCENARIO = const(5)
EVENT_BUDGET = const(6)
BOOT = const(7)
WHEEL_TURN = const(8)
PLAN = const(9)
INSTRUMENT = const(10)
FILE_DELIVERY = const(11)
UPLINK = const(12)
SCHEDULE = const(13)
EVENT_ACTION = const(14)

# Values of `crash`
WATCHDOG = const(1)
EXCEPTION = const(2)
MEMORY = const(3)
POWER_ON = const(4)
BROWN_OUT = const(5)
SELF = const(6)

# Values of `step`
WARM_UP = const(1)
WING_OPEN = const(2)
MAST_UP = const(3)
MOTORS_ON = const(4)
PAYLOAD_ON = const(5)
PAYLOAD_OFF = const(6)
SLEEP_POINT = const(7)
HEAD_SOUTH = const(8)
WING_EAST = const(9)
MAST_DOWN = const(10)
WING_FOLDED = const(11)

# Values of `sensor`
SUN_ELEVATION = const(0)
SUN_AZIMUTH = const(1)
ARRAY_POWER = const(2)
BATTERY_CHARGE = const(3)
BUS_VOLTAGE = const(4)
LOAD_POWER = const(5)
BOX_A = const(6)
BOX_B = const(7)
WING = const(8)
MAST = const(9)
GROUND = const(10)
MEMORY_FREE = const(11)

# Values of `sensor_fault`
DEAD = const(1)
JUMPING = const(2)
STUCK = const(3)

# Values of `parameter`
P_CHARGE = const(0)
P_BOX = const(1)
P_LOAD_ERROR = const(2)
P_ARRAY_SHARE = const(3)
P_MEMORY = const(4)
P_CLOCK_STEP = const(5)
P_FRAMES_LOST = const(6)
P_STORE_ERRORS = const(7)
P_NO_COMMAND = const(8)
P_SUN = const(9)

# Values of `monitor`
MON_RESERVE = const(0)
MON_CHARGE = const(1)
MON_COLD = const(2)
MON_HOT = const(3)
MON_EXCESS = const(4)
MON_MISSING = const(5)
MON_ARRAY = const(6)
MON_MEMORY = const(7)
MON_CLOCK = const(8)
MON_LINK = const(9)
MON_STORE = const(10)
MON_COMMANDS = const(11)
MON_SUN = const(12)
RESETS = const(13)
BY_COMMAND = const(14)
BY_PLAN = const(15)

# Values of `monitor_status`
ENABLED = const(0)
DISABLED = const(1)
PASSIVE = const(2)
RETIRED = const(3)

# Values of `action`
NOTHING = const(0)
SHED = const(1)
ISOLATE = const(2)
USE_SPARE = const(3)
RESTORE_CLOCK = const(4)
SELF_RESET = const(5)
GO_SAFE = const(6)
GO_TO_SLEEP = const(7)

# Values of `severity`
INFO = const(1)
LOW = const(2)
MEDIUM = const(3)
HIGH = const(4)

# Values of `safe_exit`
NO_LIMIT_BROKEN = const(0)
GROUND_CALLED = const(1)

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
SETTING_SCENARIO = const(11)
SETTING_PLAN = const(12)
SETTING_UPLINK = const(13)
SETTING_KEY = const(14)

# Values of `schedule_drop`
WAS_LATE = const(1)
WAS_DISABLED = const(2)
WAS_LOST = const(3)

# Values of `action_withheld`
JUST_AWAKE = const(1)
SENT_TO_SLEEP = const(2)

# Values of `parameter_failure`
NOT_STORED = const(1)

# Values of `unsafe`
FRAME_TOO_SHORT = const(1)
OTHER_SPI = const(2)
REPLAYED = const(3)
IV_TOO_FAR = const(4)
FORGED = const(5)
IV_NOT_STORED = const(6)
NO_KEY = const(7)

# Values of `load`
LOAD_COMPUTER = const(0)
LOAD_RADIO = const(1)
LOAD_HEATER = const(2)
LOAD_SPARE_HEATER = const(3)
LOAD_MAST = const(4)
LOAD_MOTORS = const(5)
LOAD_PAYLOAD = const(6)
LOAD_WAKE_CIRCUIT = const(7)
LOAD_WHEELS = const(8)
LOAD_PCAM = const(9)
LOAD_VNIS = const(10)
LOAD_ASAN = const(11)
LOAD_LPR = const(12)

# Values of `plan_activity`
DRIVE = const(1)
PCAM_RING = const(2)
VNIS_DETECT = const(3)
VNIS_CALIBRATE = const(4)
ASAN_OBSERVE = const(5)
LPR_DRIVE = const(6)
LPR_STAND = const(7)

# Values of `product`
PCAM_IMAGES = const(1)
VNIS_SPECTRA = const(2)
ASAN_SPECTRA = const(3)
LPR_60 = const(4)
LPR_500 = const(5)

# Values of `settable`
HAZARD_HEIGHT = const(1)
HAZARD_SLOPE = const(2)
HEATER_ON = const(3)
HEATER_OFF = const(4)
COMMAND_LOSS_H = const(5)
NAP_START_ELEVATION = const(6)
PARK_ELEVATION = const(7)

# Housekeeping structures: id, format with the id, without a list at the end; octets of all, period
HK_COMPUTER = const(1)
HK_COMPUTER_FIELDS = const(">H4sBiIIIIHHHHHH")
HK_COMPUTER_SIZE = const(39)
HK_COMPUTER_PERIOD_S = const(60)
HK_POWER = const(2)
HK_POWER_FIELDS = const(">HIIHHhhhhHHHHH")
HK_POWER_SIZE = const(32)
HK_POWER_PERIOD_S = const(300)
HK_NIGHT = const(3)
HK_NIGHT_FIELDS = const(">HIhhhH")
HK_NIGHT_SIZE = const(14)
HK_DRIVE = const(4)
HK_DRIVE_FIELDS = const(">HIiiIhhBBI")
HK_DRIVE_SIZE = const(28)
HK_DRIVE_PERIOD_S = const(1800)
HK_STOP = const(5)
HK_STOP_FIELDS = const(">HHIiiIhhiiI")
HK_STOP_SIZE = const(36)
HK_PLAN = const(6)
HK_PLAN_FIELDS = const(">HIHBBBBBBBBIH")
HK_PLAN_SIZE = const(22)
HK_PCAM = const(16)
HK_PCAM_FIELDS = const(">HBHIi")
HK_PCAM_SIZE = const(13)
HK_PCAM_PERIOD_S = const(60)
HK_VNIS = const(17)
HK_VNIS_FIELDS = const(">HBHIi")
HK_VNIS_SIZE = const(13)
HK_VNIS_PERIOD_S = const(60)
HK_ASAN = const(18)
HK_ASAN_FIELDS = const(">HBHIi")
HK_ASAN_SIZE = const(13)
HK_ASAN_PERIOD_S = const(60)
HK_LPR = const(19)
HK_LPR_FIELDS = const(">HBHIi")
HK_LPR_SIZE = const(13)
HK_LPR_PERIOD_S = const(60)
QL_PCAM = const(20)
QL_PCAM_FIELDS = const(">HIh")
QL_PCAM_SIZE = const(56)
QL_VNIS = const(21)
QL_VNIS_FIELDS = const(">HB")
QL_VNIS_SIZE = const(83)
QL_ASAN = const(22)
QL_ASAN_FIELDS = const(">H")
QL_ASAN_SIZE = const(50)
QL_LPR = const(23)
QL_LPR_FIELDS = const(">HI")
QL_LPR_SIZE = const(70)

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
MODE_REFUSED = const(11)
SAFE_ENTER = const(12)
SAFE_EXIT = const(13)
STEP_DONE = const(14)
SENSOR_LOST = const(15)
SENSOR_BACK = const(16)
RESPONSE = const(17)
LIMIT_HOLDS = const(18)
MONITOR_RETIRED = const(19)
EVENTS_SUPPRESSED = const(20)
BATTERY_CRITICAL = const(21)
BATTERY_LOW = const(22)
BOX_COLD = const(23)
BOX_HOT = const(24)
LOAD_EXCESS = const(25)
LOAD_MISSING = const(26)
ARRAY_WEAK = const(27)
MEMORY_LOW = const(28)
CLOCK_JUMPED = const(29)
FRAMES_LOST = const(30)
STORE_FAILED = const(31)
NO_COMMANDS = const(32)
NIGHT_COLD = const(33)
LOAD_ISOLATED = const(34)
LOAD_DEAD = const(35)
PLAN_BEGIN = const(36)
ACTIVITY_START = const(37)
ACTIVITY_DONE = const(38)
ACTIVITY_FAILED = const(39)
PLAN_END = const(40)
PLAN_RESUMED = const(41)
HAZARD_STOP = const(42)
PRODUCT_READY = const(43)
PRODUCT_PARTIAL = const(44)
INSTRUMENT_FAULT = const(45)
FRAME_UNSAFE = const(46)
SCHEDULE_DROPPED = const(47)
ACTION_WITHHELD = const(48)

# A row for each event, from id 0 on: APID, severity (subservice), and kinds of its fields, four at most;
# a kind counts in BbHhIi from 1 on
EVENT_ROW = const(6)
EVENTS = (
    b"\x00\x00\x00\x00\x00\x00"  # none
    b"\x01\x01\x06\x05\x04\x00"  # ROVER_WAKE
    b"\x01\x01\x06\x05\x04\x00"  # LANDER_WAKE
    b"\x01\x01\x06\x00\x00\x00"  # ROVER_SLEEP
    b"\x01\x01\x06\x00\x00\x00"  # LANDER_SLEEP
    b"\x01\x01\x00\x00\x00\x00"  # ACTIVE_START
    b"\x01\x01\x06\x04\x00\x00"  # NAP_START
    b"\x01\x01\x06\x04\x00\x00"  # NAP_END
    b"\x01\x01\x06\x00\x00\x00"  # PARKING_START
    b"\x01\x02\x01\x00\x00\x00"  # SETTING_REFUSED
    b"\x01\x04\x01\x01\x01\x05"  # CRASH_REPORT
    b"\x01\x02\x01\x01\x01\x00"  # MODE_REFUSED
    b"\x01\x04\x01\x03\x05\x00"  # SAFE_ENTER
    b"\x01\x03\x01\x01\x05\x00"  # SAFE_EXIT
    b"\x01\x01\x01\x04\x00\x00"  # STEP_DONE
    b"\x01\x03\x01\x01\x00\x00"  # SENSOR_LOST
    b"\x01\x01\x01\x00\x00\x00"  # SENSOR_BACK
    b"\x01\x03\x01\x01\x01\x00"  # RESPONSE
    b"\x01\x01\x01\x00\x00\x00"  # LIMIT_HOLDS
    b"\x01\x03\x01\x00\x00\x00"  # MONITOR_RETIRED
    b"\x01\x04\x01\x03\x00\x00"  # EVENTS_SUPPRESSED
    b"\x01\x04\x03\x00\x00\x00"  # BATTERY_CRITICAL
    b"\x01\x03\x03\x00\x00\x00"  # BATTERY_LOW
    b"\x01\x04\x04\x00\x00\x00"  # BOX_COLD
    b"\x01\x04\x04\x00\x00\x00"  # BOX_HOT
    b"\x01\x03\x06\x00\x00\x00"  # LOAD_EXCESS
    b"\x01\x03\x06\x00\x00\x00"  # LOAD_MISSING
    b"\x01\x02\x03\x00\x00\x00"  # ARRAY_WEAK
    b"\x01\x03\x03\x00\x00\x00"  # MEMORY_LOW
    b"\x01\x03\x06\x00\x00\x00"  # CLOCK_JUMPED
    b"\x01\x02\x03\x00\x00\x00"  # FRAMES_LOST
    b"\x01\x02\x03\x00\x00\x00"  # STORE_FAILED
    b"\x01\x03\x03\x00\x00\x00"  # NO_COMMANDS
    b"\x01\x01\x04\x04\x03\x03"  # NIGHT_COLD
    b"\x01\x03\x01\x05\x00\x00"  # LOAD_ISOLATED
    b"\x01\x03\x01\x00\x00\x00"  # LOAD_DEAD
    b"\x01\x01\x05\x01\x00\x00"  # PLAN_BEGIN
    b"\x01\x01\x01\x01\x00\x00"  # ACTIVITY_START
    b"\x01\x01\x01\x01\x05\x00"  # ACTIVITY_DONE
    b"\x01\x03\x01\x01\x01\x06"  # ACTIVITY_FAILED
    b"\x01\x01\x01\x01\x01\x00"  # PLAN_END
    b"\x01\x02\x01\x00\x00\x00"  # PLAN_RESUMED
    b"\x01\x03\x06\x04\x05\x00"  # HAZARD_STOP
    b"\x01\x01\x01\x03\x03\x05"  # PRODUCT_READY
    b"\x01\x02\x01\x03\x03\x01"  # PRODUCT_PARTIAL
    b"\x01\x03\x01\x01\x00\x00"  # INSTRUMENT_FAULT
    b"\x01\x02\x01\x03\x00\x00"  # FRAME_UNSAFE
    b"\x01\x02\x01\x01\x00\x00"  # SCHEDULE_DROPPED
    b"\x01\x02\x03\x01\x00\x00"  # ACTION_WITHHELD
)

# A row for each mode, an octet for each event: the mode it leads to, or 128 + the reason why it is refused
MODE_EVENTS = const(9)
MOVES = (
    b"\x80\x80\x80\x01\x80\x80\x80\x80\x80"  # DORMANT
    b"\x05\x00\x00\x81\x02\x86\x84\x86\x82"  # WAKING
    b"\x05\x00\x00\x81\x87\x03\x84\x04\x82"  # ACTIVE
    b"\x05\x00\x00\x81\x87\x85\x02\x04\x82"  # NAP
    b"\x05\x00\x00\x81\x87\x88\x84\x88\x82"  # PARKING
    b"\x83\x00\x00\x81\x83\x83\x83\x83\x01"  # SAFE
)

# Monitors: parameter, low, high, repetitions, event, responses, re-arm in s, response when stale, status
MONITORS = (
    (P_CHARGE, 150, 1073741823, 3, BATTERY_CRITICAL, (GO_TO_SLEEP,), 600, None, ENABLED),  # MON_RESERVE
    (P_CHARGE, 250, 1073741823, 3, BATTERY_LOW, (SHED, GO_SAFE), 7200, None, ENABLED),  # MON_CHARGE
    (P_BOX, -350, 1073741823, 3, BOX_COLD, (GO_SAFE,), 7200, None, ENABLED),  # MON_COLD
    (P_BOX, -1073741823, 550, 3, BOX_HOT, (SHED, GO_SAFE), 7200, None, ENABLED),  # MON_HOT
    (P_LOAD_ERROR, -1073741823, 6000, 3, LOAD_EXCESS, (ISOLATE, GO_SAFE), 600, None, ENABLED),  # MON_EXCESS
    (P_LOAD_ERROR, -3000, 1073741823, 3, LOAD_MISSING, (USE_SPARE,), 600, None, ENABLED),  # MON_MISSING
    (P_ARRAY_SHARE, 85, 1073741823, 5, ARRAY_WEAK, (), 86400, None, ENABLED),  # MON_ARRAY
    (P_MEMORY, 32, 1073741823, 3, MEMORY_LOW, (SHED, SELF_RESET), 1800, None, ENABLED),  # MON_MEMORY
    (P_CLOCK_STEP, -1, 1, 1, CLOCK_JUMPED, (RESTORE_CLOCK,), 60, None, ENABLED),  # MON_CLOCK
    (P_FRAMES_LOST, -1073741823, 0, 1, FRAMES_LOST, (), 3600, None, ENABLED),  # MON_LINK
    (P_STORE_ERRORS, -1073741823, 0, 1, STORE_FAILED, (), 3600, None, ENABLED),  # MON_STORE
    (P_NO_COMMAND, -1073741823, 72, 1, NO_COMMANDS, (GO_SAFE,), 86400, None, DISABLED),  # MON_COMMANDS
    (P_SUN, -1073741823, 1073741823, 3, None, (), 86400, GO_SAFE, ENABLED),  # MON_SUN
)

# What a scenario may do
FAULT_SENSOR_STUCK = const(1)
FAULT_SENSOR_JUMPS = const(2)
FAULT_SENSOR_DEAD = const(3)
FAULT_LOAD_STUCK_ON = const(4)
FAULT_LOAD_DEAD = const(5)
FAULT_LOAD_DRAWS_MORE = const(6)
FAULT_DUST = const(7)
FAULT_BATTERY_AGED = const(8)
FAULT_STRINGS_LOST = const(9)
FAULT_CLOCK_JUMP = const(10)
FAULT_RESET = const(11)
FAULT_BROWN_OUT = const(12)
FAULT_HANG = const(13)
FAULT_LINK_CUT = const(14)
FAULT_LINK_NOISY = const(15)
FAULT_LINK_STALLED = const(16)
FAULT_FLASH_ERROR = const(17)
FAULT_MEMORY_SQUEEZE = const(18)
FAULT_PARK_TILT = const(19)
FAULT_RANDOM_TILT = const(20)
FAULT_REQUEST = const(21)
FAULT_MONITOR = const(22)
FAULT_OBSTACLE = const(23)
FAULT_INSTRUMENT_FAILS = const(24)

# What a plan may ask for, by id - 1: load, seconds and KiB a unit, resources and modes (a bit each), Sun
# from and to (0.001 deg), box from and to (0.1 degC), motion, instrument or 0, most units
PLAN_ACTIVITIES = (
    (LOAD_WHEELS, 0, 0, 1, 4, 10000, 90000, -200, 500, ANY, 0, 359),  # DRIVE
    (LOAD_PCAM, 600, 121, 2, 4, 12000, 90000, -200, 500, STILL, PCAM, 3),  # PCAM_RING
    (LOAD_VNIS, 1200, 8, 4, 4, 15000, 90000, -200, 450, STILL, VNIS, 1),  # VNIS_DETECT
    (LOAD_VNIS, 600, 5, 4, 4, 15000, 90000, -200, 450, STILL, VNIS, 1),  # VNIS_CALIBRATE
    (LOAD_ASAN, 60, 1, 8, 4, 10000, 90000, -200, 450, ANY, ASAN, 600),  # ASAN_OBSERVE
    (LOAD_LPR, 60, 48, 16, 4, 10000, 90000, -200, 500, MOVING, LPR, 120),  # LPR_DRIVE
    (LOAD_LPR, 60, 48, 16, 4, 10000, 90000, -200, 500, STILL, LPR, 120),  # LPR_STAND
)

# Products: the head of a file; and by id - 1 the format of a record's fields, octets of a record, records a
# file, and what its name begins with
PRODUCT_HEAD_FIELDS = const(">H4sBBHHBHIiiIhhiIHHHBB")
PRODUCT_HEAD_SIZE = const(51)
PRODUCTS = (
    (">IIhBH", 3085, 40, "pcam_images"),
    (">IBhi", 793, 10, "vnis_spectra"),
    (">Ii", 32, 1200, "asan_spectra"),
    (">II", 264, 192, "lpr_60"),
    (">II", 520, 192, "lpr_500"),
)
