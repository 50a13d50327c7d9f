"""What rover and lander are, made from dictionary.toml by `yutu2 dictionary generate`: change that file."""

from . import LANDER_SLEEP, LANDER_WAKE, ROVER_SLEEP, ROVER_WAKE

# What each load draws, in mW
LOADS = {
    "rover": (18000, 14000, 40000, 40000, 4000, 12000, 30000, 200, 60000, 12000, 20000, 3400, 10000),
    "lander": (40000, 25000, 80000, 80000, 0, 0, 60000, 400, 0, 0, 0, 0, 0),
}

# Lunar day, tenths of a metre driven by its end, and so on
ROUTE = (
    2, 1200,
    3, 1630,
    4, 1789,
    5, 1907,
    6, 2130,
    8, 2710,
    9, 2847,
    12, 3451,
    13, 3577,
    14, 3673,
    15, 4054,
    16, 4245,
    17, 4477,
    19, 4633,
    20, 4909,
    22, 5472,
    23, 5659,
    25, 6006,
    27, 6526,
    28, 6828,
)  # fmt: skip


class RoverCraft:
    """Constants of flight software; millidegrees, 0.1 degrees C, mW, per mille; None: no such thing."""

    spacecraft = 24
    wake_power = 31600
    wake_box = -300
    wake_charge = 300
    equipment_box = -150
    nap_start_elevation = 42500
    nap_start_box = 350
    nap_end_elevation = 30000
    nap_end_box = 330
    park_elevation = 11000
    sleep_elevation = 9250
    sleep_power = 37400
    wake_event = ROVER_WAKE
    sleep_event = ROVER_SLEEP
    data_kib = 4096
    first_start_s = 224520


class LanderCraft:
    """Constants of flight software; millidegrees, 0.1 degrees C, mW, per mille; None: no such thing."""

    spacecraft = 4
    wake_power = 119400
    wake_box = -300
    wake_charge = 300
    equipment_box = -150
    nap_start_elevation = None
    nap_start_box = None
    nap_end_elevation = None
    nap_end_box = None
    park_elevation = None
    sleep_elevation = 6000
    sleep_power = 58200
    wake_event = LANDER_WAKE
    sleep_event = LANDER_SLEEP
    data_kib = None
    first_start_s = 181560


CRAFTS = {"rover": RoverCraft, "lander": LanderCraft}


class RoverBody:
    """Constants of the simulated craft; mW, J/K, J, cm2."""

    radioisotope_mw = 120000
    box_j = 70000
    box_glow_open = 6800
    box_glow_folded = 5200
    box_sun = 900
    box_ground = 1000
    box_to_mast_mw = 150
    wing_mw = 210000
    wing_j = 9000
    wing_sun = 5460
    wing_glow = 12900
    wing_ground = 5600
    mast_j = 3000
    mast_sun = 125
    mast_glow = 960
    mast_ground = 480
    battery_j = 2160000
    charge_mw = 100000
    settled_mw = 78200


class LanderBody:
    """Constants of the simulated craft; mW, J/K, J, cm2."""

    radioisotope_mw = 300000
    box_j = 260000
    box_glow_open = 16500
    box_glow_folded = 13000
    box_sun = 2200
    box_ground = 2400
    box_to_mast_mw = 250
    wing_mw = 480000
    wing_j = 21000
    wing_sun = 12500
    wing_glow = 29400
    wing_ground = 12800
    mast_j = 6000
    mast_sun = 250
    mast_glow = 1900
    mast_ground = 950
    battery_j = 4320000
    charge_mw = 200000
    settled_mw = 125400


BODIES = {"rover": RoverBody, "lander": LanderBody}
