"""Telecommands, made from dictionary.toml by `yutu2 dictionary generate`: change that file."""

from micropython import const

# Values of `tc_failure`
WRONG_LENGTH = const(1)
WRONG_CHECKSUM = const(2)
UNKNOWN_APID = const(3)
UNKNOWN_SERVICE = const(4)
UNKNOWN_SUBSERVICE = const(5)
WRONG_ARGUMENT = const(6)
NOT_IN_MODE = const(7)
REFUSED = const(8)
NO_ROOM = const(9)
FAILED = const(10)
UNKNOWN_ID = const(11)
WRONG_HEADER = const(12)
WRONG_INSTRUCTION = const(13)
TOO_LATE = const(14)

# Failure codes with a reason: such a one + the number of the reason
REFUSAL = const(32)
PLAN_FAILURE = const(64)
PLAN_REFUSAL = const(96)
PARAMETER_FAILURE = const(112)

# Functions of ST[08]
FUNCTION_MOVE = const(1)
FUNCTION_DRIVE = const(2)
FUNCTION_TURN = const(3)
FUNCTION_STOP = const(4)
FUNCTION_OBSERVE = const(5)
FUNCTION_STOP_OBSERVING = const(6)
FUNCTION_PLAN_STOP = const(7)
FUNCTION_PLAN_START = const(8)
FUNCTION_PLAN_REPORT = const(9)
FUNCTION_PLAN_LOAD = const(10)

# Service << 8 | subservice, function or 0, format of the arguments, 1 if they come N times after N or 2 if
# octets follow that the service reads, modes (a bit each), then the least and the most of each raw value
COMMANDS = (  # type: tuple[tuple, ...]
    (0x1101, 0, "", 0, 62),  # PING
    (0x0305, 0, ">H", 1, 62, 1, 19),  # HK_ENABLE
    (0x0306, 0, ">H", 1, 62, 1, 19),  # HK_DISABLE
    (0x031B, 0, ">H", 1, 62, 1, 19),  # HK_ONE_SHOT
    (0x031F, 0, ">HH", 1, 62, 1, 19, 1, 65535),  # HK_PERIOD
    (0x0505, 0, ">H", 1, 62, 1, 48),  # EVENTS_ENABLE
    (0x0506, 0, ">H", 1, 62, 1, 48),  # EVENTS_DISABLE
    (0x0801, 1, ">B", 0, 62, 0, 8),  # MOVE
    (0x0801, 2, ">HH", 0, 4, 0, 359, 50, 5000),  # DRIVE
    (0x0801, 3, ">H", 0, 4, 0, 359),  # TURN
    (0x0801, 4, "", 0, 62),  # STOP
    (0x0801, 5, ">BH", 0, 4, 2, 7, 1, 600),  # OBSERVE
    (0x0801, 6, ">B", 0, 62, 16, 19),  # STOP_OBSERVING
    (0x0801, 7, "", 0, 62),  # PLAN_STOP
    (0x0801, 8, "", 0, 46),  # PLAN_START
    (0x0801, 9, "", 0, 62),  # PLAN_REPORT
    (0x0801, 10, ">H", 2, 62, 0, 1440),  # PLAN_LOAD
    (0x0901, 0, ">B", 0, 62, 0, 8),  # TIME_RATE
    (0x0980, 0, ">IH", 0, 62, 0, 1073741823, 0, 65535),  # TIME_SET
    (0x0B01, 0, "", 0, 62),  # SCHEDULE_ENABLE
    (0x0B02, 0, "", 0, 62),  # SCHEDULE_DISABLE
    (0x0B03, 0, "", 0, 62),  # SCHEDULE_RESET
    (0x0B04, 0, ">B", 2, 62, 0, 255),  # SCHEDULE_INSERT
    (0x0B05, 0, ">HH", 1, 62, 0, 65535, 0, 65535),  # SCHEDULE_DELETE
    (0x0B07, 0, ">i", 2, 62, -1073741823, 1073741823),  # SCHEDULE_SHIFT
    (0x0B0F, 0, ">i", 0, 62, -1073741823, 1073741823),  # SCHEDULE_SHIFT_ALL
    (0x0B10, 0, "", 0, 62),  # SCHEDULE_DETAIL
    (0x0B11, 0, "", 0, 62),  # SCHEDULE_SUMMARY
    (0x0C01, 0, ">H", 1, 62, 0, 12),  # MONITOR_ENABLE
    (0x0C02, 0, ">H", 1, 62, 0, 12),  # MONITOR_DISABLE
    (0x1301, 0, "", 2, 62),  # EVENT_ACTION_ADD
    (0x1302, 0, ">HH", 1, 62, 0, 32, 1, 48),  # EVENT_ACTION_DELETE
    (0x1303, 0, "", 0, 62),  # EVENT_ACTION_DELETE_ALL
    (0x1304, 0, ">HH", 1, 62, 0, 32, 1, 48),  # EVENT_ACTION_ENABLE
    (0x1305, 0, ">HH", 1, 62, 0, 32, 1, 48),  # EVENT_ACTION_DISABLE
    (0x1306, 0, "", 0, 62),  # EVENT_ACTION_REPORT
    (0x1401, 0, ">H", 1, 62, 1, 7),  # PARAMETER_REPORT
    (0x1403, 0, ">Hi", 1, 62, 1, 7, -1073741823, 1073741823),  # PARAMETER_SET
)

# Parameters of ST[20], by id - 1: format, default, least, most
PARAMETERS = (
    (">H", 280, 50, 400),  # HAZARD_HEIGHT
    (">H", 2000, 500, 3000),  # HAZARD_SLOPE
    (">h", -150, -300, -130),  # HEATER_ON
    (">h", -100, -120, 100),  # HEATER_OFF
    (">H", 72, 1, 720),  # COMMAND_LOSS_H
    (">I", 42500, 31000, 90000),  # NAP_START_ELEVATION
    (">I", 11000, 9500, 30000),  # PARK_ELEVATION
)
