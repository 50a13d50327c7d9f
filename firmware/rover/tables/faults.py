"""Faults of a scenario, made from dictionary.toml by `yutu2 dictionary generate`: change that file."""

# By id - 1: whether it happens and does not last; the least and the most of each of two arguments
FAULTS = (
    (0, 0, 11, 0, 0),  # SENSOR_STUCK
    (0, 0, 11, 1, 30000),  # SENSOR_JUMPS
    (0, 0, 11, 0, 0),  # SENSOR_DEAD
    (0, 0, 12, 0, 0),  # LOAD_STUCK_ON
    (0, 0, 12, 0, 0),  # LOAD_DEAD
    (0, 0, 12, 1, 200),  # LOAD_DRAWS_MORE
    (0, 1, 90, 0, 0),  # DUST
    (0, 10, 99, 0, 0),  # BATTERY_AGED
    (0, 1, 5, 0, 0),  # STRINGS_LOST
    (1, -1000000, 1000000, 0, 0),  # CLOCK_JUMP
    (1, 0, 0, 0, 0),  # RESET
    (1, 0, 0, 0, 0),  # BROWN_OUT
    (0, 0, 0, 0, 0),  # HANG
    (0, 0, 0, 0, 0),  # LINK_CUT
    (0, 1, 100, 0, 0),  # LINK_NOISY
    (0, 0, 0, 0, 0),  # LINK_STALLED
    (0, 0, 0, 0, 0),  # FLASH_ERROR
    (0, 16, 64, 0, 0),  # MEMORY_SQUEEZE
    (0, -300, 300, 0, 0),  # PARK_TILT
    (0, 0, 0, 0, 0),  # RANDOM_TILT
    (1, 0, 8, 0, 0),  # REQUEST
    (1, 0, 12, 0, 3),  # MONITOR
    (0, 25, 300, 0, 0),  # OBSTACLE
    (0, 16, 19, 0, 0),  # INSTRUMENT_FAILS
)
