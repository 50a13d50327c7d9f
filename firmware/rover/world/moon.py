"""The Moon that the craft meets: light, heat and power on a fixed grid of time, in integers.

Temperatures are kept in 1/4096 K, power in mW, energy in J, areas in cm2, directions as unit vectors scaled 2**14. What
it computes never depends on who looks or when: it catches up, in steps of the grid, to the mission clock.
"""

from array import array

from micropython import const

from .sun import find, point

_SUN_GRID_S = const(600)  # the Sun is computed on this grid and runs straight in between: within 0.0002 degrees
_DAY_STEP_S = const(300)
_NIGHT_STEP_S = const(1800)
_TWILIGHT = const(-286)  # sine of one degree below the horizon: from there on the Sun warms nothing for hours

_TURN = const(0x100000)
_HALF = const(0x80000)
_UNITS = const(2913)  # of angle in a degree
_ONE = const(0x4000)
_KELVIN = const(4096)

_SETTLE_BY_DAY_S = const(21600)
_SETTLE_BY_NIGHT_S = const(86400)
_SIN_8 = const(2280)  # who lives a normal lunar day is up while the Sun is above some 8 degrees

# The Sun's 1361 W/m2 (Kopp and Lean, 2011) on a surface: mW/m2 = cosine * _SUNLIGHT >> 7
_SUNLIGHT = const(10634)
_GROUND_SUN = const(9890)  # the same less the albedo of mare soil, 0.07
# The ground that matters leans north by 14 degrees, as the sunlit sides of hollows do: level ground at 45 south would
# stay below the 100 degrees C and more that are told of the noon there.
_LEAN_NORTH = const(3964)
_LEAN_UP = const(15897)
_GROUND_GLOW = const(973)  # emissivity of regolith, 0.95 of 2**10
_GROUND_J = const(15000)  # J/K of a square metre down to the skin depth of a lunar day
# What comes up from 250 K at depth, 16.5 mW/m2 K, holds the ground before dawn at some -188 degrees C
_DEEP_K = const(250 * 4096)
_DEEP_FLOW = const(248)  # 4096 / 16.5

_STRINGS = const(6)  # of cells, in parallel
_WIDEST_TILT = const(1000)  # 3.5 degrees, a sine scaled 2**14
_LEAST_TILT = const(-572)
_MOST_TILT = const(286)
_PEAK_K = const(298)  # the cells' 25 degrees C
_CELL_SLOPE = const(22)  # 0.22 % a kelvin, gallium arsenide

_CHARGE_COLD_DK = const(2531)  # tenths of a kelvin: at -20 degrees C the battery takes no charge, ...
_CHARGE_SPAN_DK = const(250)  # ... 25 degrees above that all that it may
_COLD_LOSS_DK = const(2731)  # below 0 degrees C half a per mille of the charge is lost for each tenth of a kelvin
_EFFICIENCY = const(95)  # %, both ways
_TAPER = const(900)  # per mille of charge from which a battery takes less and less


def glow(kelvins):
    """Thermal radiation of a black surface in mW/m2 (Stefan and Boltzmann); kelvins: in 1/4096, up to 520 K."""
    sixteenths = kelvins >> 8
    square = (sixteenths * sixteenths + 0x800) >> 12
    return (((square * square + 0x80) >> 8) * 951) >> 8


class Moon:
    """Place, light, temperatures and power of one craft.

    clock: the mission clock, where the world begins. body: the craft's constants of the dictionary. loads: of each
    what it draws in mW. sky: None for the Sun; or what stands in for it, as a photocell does: sun_elevation() and
    sun_azimuth() in millidegrees.

    To be read after `see`: box, wing, mast, ground, temperatures in 1/4096 K; sun; drawn, by all loads, in mW.
    What flight switches: `switch`, `isolate`, `open_wing`, `park`, `drive_off`.
    What a fault may change, with `advance` before and `changed` after it: dust (per mille), strings_lost, capacity (per
    mille of the battery's), stuck (by load: 0 as switched, 1 on, 2 off), excess (by load, mW).
    """

    def __init__(self, clock, body, loads, sky=None):
        self.dust = 0
        self.strings_lost = 0
        self.capacity = 1000
        self.stuck = bytearray(len(loads))
        self.excess = array("i", [0] * len(loads))
        self.tilt = 0  # of the craft, to the east: a sine scaled 2**14
        self.next_tilt = 0  # of the next parking place
        self.chance = None  # the stream that draws the tilt of each parking place instead
        self.wing_open = False
        self.brown_out = False  # the battery has gone empty
        self.sun = array("i", 5 * [0])  # elevation, azimuth (binary angles), east, north, up (a vector scaled 2**14)
        self._clock = clock
        self._body = body
        self._loads = loads
        self._sky = sky
        self._on = bytearray(len(loads))
        self._isolated = bytearray(len(loads))
        self.drawn = 0
        self._drawn_since_s = 0
        self._spent = 0  # mJ in this step until then
        self._seen_s = None
        self._sun_s = None  # grid point that the two below hold for, in the order of `sun`
        self._sun_here = array("i", 5 * [0])
        self._sun_next = array("i", 5 * [0])
        self._settle()

    # --- What is switched ---

    def switch(self, load, on):
        """Switches a load."""
        self._on[load] = on
        self.changed()

    def isolate(self, load):
        """Takes a load off its bus for good, stuck or not."""
        self._isolated[load] = 1
        self.changed()

    def all_off(self):
        """Power has failed: nothing is on any more but what always is."""
        for load in range(len(self._loads)):
            self._on[load] = 0
        self.brown_out = False
        self.changed()

    def changed(self):
        """What is drawn may have changed: the energy until now was drawn as before."""
        self.advance()
        self._draw(self._clock.s)
        self.drawn = 0
        for load in range(len(self._loads)):
            self.drawn += self.drawn_by(load)

    def drawn_by(self, load):
        """What a load draws, in mW."""
        stuck = self.stuck[load]
        if self._isolated[load] or stuck == 2 or not (stuck or self._on[load]):
            return 0
        return self._loads[load] + self.excess[load]

    def open_wing(self, is_open):
        """Opens the moving wing, or folds it over the box: open, it gives power; folded, it keeps the box warm."""
        self.advance()
        self.wing_open = is_open

    def park(self):
        """The craft stands for the night: from now on it leans as its place does."""
        self.advance()
        self.tilt = self.next_tilt if self.chance is None else _chance_tilt(self.chance)

    def drive_off(self):
        """The craft leaves its place: from now on it stands level, in the mean."""
        self.advance()
        self.tilt = 0

    # --- What is there ---

    def see(self):
        """Brings all that is to be read up to the mission clock."""
        now = self._clock.s
        if now != self._seen_s or self._sky is not None:
            self.advance()
            self.look_up(now)
            self._seen_s = now

    def array_power(self):
        """What the wings could give now, in mW."""
        self.see()
        return self._array()

    def charge(self):
        """The charge that can be had of the battery, in per mille of its capacity."""
        self.advance()
        cold = max(0, (_COLD_LOSS_DK - self.box * 10 // _KELVIN) // 2)
        return max(0, min(1000, self._energy // (self._battery_j() // 1000)) - cold)

    def bus_voltage(self):
        """Of the battery's bus, in mV: by charge, and lower while it gives."""
        charge = self.charge()
        return 24500 + charge * 17 // 2 - max(0, self.drawn - self.array_power()) // 100

    def look_up(self, s):
        """Puts into `sun` where it stands at `s`."""
        self._seen_s = None
        sun = self.sun
        if self._sky is not None:
            point(self._sky.sun_elevation() * _UNITS // 1000, self._sky.sun_azimuth() * _UNITS // 1000, sun)
            return
        gone = s % _SUN_GRID_S
        grid_s = s - gone
        if grid_s != self._sun_s:
            if self._sun_s == grid_s - _SUN_GRID_S:
                here = self._sun_here
                self._sun_here = self._sun_next
                self._sun_next = here
            else:
                find(grid_s, self._sun_here)
            find(grid_s + _SUN_GRID_S, self._sun_next)
            self._sun_s = grid_s
        here = self._sun_here
        ahead = self._sun_next
        azimuth = here[1]
        turn = ((ahead[1] - azimuth + _HALF) & (_TURN - 1)) - _HALF
        for part in (0, 2, 3, 4):
            sun[part] = here[part] + (ahead[part] - here[part]) * gone // _SUN_GRID_S
        sun[1] = (azimuth + turn * gone // _SUN_GRID_S) & (_TURN - 1)

    # --- The grid ---

    def advance(self):
        """Catches up to the mission clock in steps of the grid."""
        while self._clock.s >= self._step_end_s:
            self._step()

    def _settle(self):
        """The state of a craft that has lived as it should until now."""
        body = self._body
        now = self._clock.s // _NIGHT_STEP_S * _NIGHT_STEP_S
        self.look_up(now)
        self.wing_open = self.sun[4] > _SIN_8
        self.drawn = body.settled_mw if self.wing_open else 0
        self._begin(now - _SETTLE_BY_DAY_S)
        up = self.sun[4]
        if up > 0:
            self.box = (255 + (up * 75 >> 14)) * _KELVIN
            self.wing = (220 + (up * 180 >> 14)) * _KELVIN
            self.mast = (265 + (up * 90 >> 14)) * _KELVIN
            self.ground = (240 + (up * 190 >> 14)) * _KELVIN
        else:
            self._begin(now - _SETTLE_BY_NIGHT_S)
            self.box = 250 * _KELVIN
            self.wing = 72 * _KELVIN
            self.mast = 196 * _KELVIN
            self.ground = 86 * _KELVIN
        self._energy = body.battery_j // 100 * (95 if up > 0 else 80)
        self._drawn_since_s = self._step_s
        self.advance()
        self._draw(self._clock.s)
        self.drawn = 0

    def _begin(self, s):
        """Begins the step at `s`, a point of the grid."""
        self.look_up(s)
        self._step_s = s
        dark = self.sun[4] < _TWILIGHT and s % _NIGHT_STEP_S == 0
        self._step_end_s = s + (_NIGHT_STEP_S if dark else _DAY_STEP_S)

    def _step(self):
        body = self._body
        seconds = self._step_end_s - self._step_s
        self.look_up(self._step_s)
        east, north, up = self.sun[2], self.sun[3], self.sun[4]
        array_mw = self._array()
        self._draw(self._step_end_s)
        drawn = self._spent // seconds
        self._spent = 0
        # Not by one assignment: a tuple of four costs a full heap 2.5 ms
        box = self.box
        wing = self.wing
        mast = self.mast
        ground = self.ground
        ground_glow = (glow(ground) >> 2) * _GROUND_GLOW >> 8
        mast_flow = (box - mast) * body.box_to_mast_mw // _KELVIN
        radiator = body.box_glow_open if self.wing_open else body.box_glow_folded
        in_box = body.radioisotope_mw + drawn - mast_flow - _through(radiator, glow(box))
        in_box += _through(body.box_ground, ground_glow)
        in_wing = _through(body.wing_ground, ground_glow) - _through(body.wing_glow, glow(wing))
        in_mast = mast_flow + _through(body.mast_ground, ground_glow) - _through(body.mast_glow, glow(mast))
        in_ground = (_DEEP_K - ground) // _DEEP_FLOW - ground_glow
        if up > 0:
            if self.wing_open:
                in_box += _through(body.box_sun, up * _SUNLIGHT >> 7)
            in_wing += _through(body.wing_sun, self._incidence(east, up) * _SUNLIGHT >> 7)
            in_mast += _through(body.mast_sun, (_ONE - (up * up >> 15)) * _SUNLIGHT >> 7)
            in_ground += max(0, (up * _LEAN_UP + north * _LEAN_NORTH) >> 14) * _GROUND_SUN >> 7
        self.box = _warmed(box, in_box, seconds, body.box_j)
        self.wing = _warmed(wing, in_wing, seconds, body.wing_j)
        self.mast = _warmed(mast, in_mast, seconds, body.mast_j)
        self.ground = _warmed(ground, in_ground, seconds, _GROUND_J)
        self._store(array_mw - drawn, seconds)
        self._begin(self._step_end_s)

    def _store(self, surplus, seconds):
        """Charges the battery with a surplus (mW), or takes from it."""
        capacity = self._battery_j()
        if surplus > 0:
            warm = self.box * 10 // _KELVIN - _CHARGE_COLD_DK
            most = self._body.charge_mw // _CHARGE_SPAN_DK * min(_CHARGE_SPAN_DK, max(0, warm))
            charge = self._energy // (capacity // 1000)
            if charge > _TAPER:
                most = most // 100 * max(0, 1000 - charge)
            self._energy += min(surplus, most) * seconds // 1000 * _EFFICIENCY // 100
        else:
            self._energy -= -surplus * seconds // (10 * _EFFICIENCY)
            if self._energy <= 0:
                self._energy = 0
                self.brown_out = True
        self._energy = min(self._energy, capacity)

    def _battery_j(self):
        return self._body.battery_j // 1000 * self.capacity

    def _array(self):
        east, up = self.sun[2], self.sun[4]
        if up <= 0:
            return 0
        seen = self._incidence(east, up)
        if self.wing_open:
            seen += up
        mw = ((self._body.wing_mw >> 7) * seen >> 7) * (1000 - self.dust) // 1000
        mw = mw * (_STRINGS - self.strings_lost) // _STRINGS
        return (mw >> 4) * (10000 - _CELL_SLOPE * (self.wing // _KELVIN - _PEAK_K)) // 625

    def _incidence(self, east, up):
        """Cosine of the Sun's angle to the fixed wing, scaled 2**14."""
        return max(0, up + (east * self.tilt >> 14))

    def _draw(self, now):
        self._spent += self.drawn * (now - self._drawn_since_s)
        self._drawn_since_s = now


def _chance_tilt(chance):
    """How a parking place leans: by chance, but within the -2 to 1 degrees that are told to be safe for the wake-up."""
    while True:
        tilt = chance.around_zero(_WIDEST_TILT)
        if _LEAST_TILT <= tilt <= _MOST_TILT:
            return tilt


def _through(area, flux):
    """Power in mW through `area` cm2 of a flux in mW/m2."""
    return (flux >> 8) * area // 39


def _warmed(kelvins, mw, seconds, j):
    """A node's temperature after `seconds` in which `mw` flowed into its `j` J/K."""
    return kelvins + (mw >> 3) * seconds // (j * 125 // 4096)
