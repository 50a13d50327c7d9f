"""The Moon that the craft meets: light, heat and power on a fixed grid of time, in integers.

Temperatures are kept in 1/4096 K, power in mW, energy in J, areas in cm2, directions as unit vectors scaled 2**14. What
it computes never depends on who looks or when: it catches up, in steps of the grid, to the mission clock.
"""

from array import array

from micropython import const

from .sun import angles, direction

_SUN_GRID_S = const(600)  # the Sun is computed on this grid and runs straight in between: within 0.0002 degrees
_DAY_STEP_S = const(300)
_NIGHT_STEP_S = const(1800)
_TWILIGHT = const(-286)  # sine of one degree below the horizon: from there on the Sun warms nothing for hours

_TURN = const(0x100000)
_HALF = const(0x80000)
_ONE = const(0x4000)
_KELVIN = const(4096)

_SETTLE_BY_DAY_S = const(21600)
_SETTLE_BY_NIGHT_S = const(86400)
_SIN_8 = const(2280)  # who lives a normal lunar day is up while the Sun is above some 8 degrees

# The Sun's 1361 W/m2 (Kopp and Lean, 2011) on a surface: mW/m2 = cosine * _SUNLIGHT >> 7
_SUNLIGHT = const(10634)
_GROUND_SUN = const(9890)  # the same less the albedo of mare soil, 0.07
# The ground that matters leans north by 14 degrees, as the sunlit sides of hollows do: level ground at 45 south would stay
# below the 100 degrees C and more that are told of the noon there.
_LEAN_NORTH = const(3964)
_LEAN_UP = const(15897)
_GROUND_GLOW = const(973)  # emissivity of regolith, 0.95 of 2**10
_GROUND_J = const(15000)  # J/K of a square metre down to the skin depth of a lunar day
# What comes up from below at night, W/K to 250 K at depth: holds the ground before dawn at some -187 degrees C
_DEEP_K = const(250 * 4096)
_DEEP_FLOW = const(62)  # 16.5 mW/K, so mW = K/4096 * 4 // 62 * 16 // 16

_STRINGS = const(6)  # of cells, in parallel
_PEAK_K = const(298)  # the cells' 25 degrees C
_CELL_SLOPE = const(22)  # 0.22 % a kelvin, gallium arsenide

_CHARGE_COLD_DK = const(2531)  # tenths of a kelvin: at -20 degrees C the battery takes no charge, ...
_CHARGE_WARM_DK = const(2781)  # ... at 5 degrees all that it may
_COLD_LOSS_DK = const(2731)  # below 0 degrees C half a per mille of the charge is lost for each tenth of a kelvin
_EFFICIENCY = const(95)  # %, both ways
_TAPER = const(900)  # per mille of charge from which a battery takes less and less


def glow(kelvins):
    """Thermal radiation of a black surface in mW/m2 (Stefan and Boltzmann); kelvins: in 1/4096, up to 520 K."""
    sixteenths = kelvins >> 8
    square = (sixteenths * sixteenths) >> 12
    return (((square * square) >> 8) * 951) >> 8


class Moon:
    """Place, light, temperatures and power of one craft.

    clock: the mission clock, where the world begins. body: the craft's constants of the dictionary. loads: of each
    what it draws in mW. What flight switches: `switch`, `open_wing`, `park`; what a fault may change: dust (per mille),
    strings_lost, capacity (per mille of the battery's), stuck (by load: 0 as switched, 1 on, 2 off), excess (by load, mW).
    """

    def __init__(self, clock, body, loads):
        self.dust = 0
        self.strings_lost = 0
        self.capacity = 1000
        self.stuck = bytearray(len(loads))
        self.excess = array("i", [0] * len(loads))
        self.tilt = 0  # of the parked craft, to the east: a sine scaled 2**14
        self.wing_open = False
        self.brown_out = False  # the battery has gone empty
        self._clock = clock
        self._body = body
        self._loads = loads
        self._on = bytearray(len(loads))
        self._isolated = bytearray(len(loads))
        self._drawn = 0  # mW
        self._drawn_since_s = 0
        self._spent = 0  # mJ in this step until then
        self._sun_s = None  # grid point that the two below hold for: elevation, azimuth, east, north, up
        self._sun_here = self._sun_next = (0, 0, 0, 0, 0)
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

    def changed(self):
        """To be called after any change of what is drawn: the energy until now was drawn as before."""
        self.advance()
        self._draw(self._clock.s)
        self._drawn = 0
        for load in range(len(self._loads)):
            self._drawn += self.drawn_by(load)

    def drawn_by(self, load):
        """What a load draws, in mW."""
        stuck = self.stuck[load]
        if self._isolated[load] or stuck == 2 or not (stuck or self._on[load]):
            return 0
        return self._loads[load] + self.excess[load]

    def drawn(self):
        """What all loads draw, in mW."""
        return self._drawn

    def open_wing(self, is_open):
        """Opens the moving wing, or folds it over the box: open, both give power; folded, it keeps the box warm."""
        self.advance()
        self.wing_open = is_open

    def park(self, tilt):
        """Leaves the craft standing so that it leans east by `tilt`, a sine scaled 2**14; 0 while it drives."""
        self.advance()
        self.tilt = tilt

    # --- What is there ---

    def sun_at(self):
        """(elevation, azimuth, east, north, up) of the Sun now: binary angles and a unit vector scaled 2**14."""
        return self._sun(self._clock.s)

    def array_power(self):
        """What the wings could give now, in mW."""
        self.advance()
        return self._array(*self._sun(self._clock.s)[2:])

    def temperatures(self):
        """(box, wing, mast, ground) in 1/4096 K."""
        self.advance()
        return self._box, self._wing, self._mast, self._ground

    def charge(self):
        """The charge that can be had of the battery, in per mille of its capacity."""
        self.advance()
        cold = max(0, (_COLD_LOSS_DK - self._box * 10 // _KELVIN) // 2)
        return max(0, self._energy // (self._battery_j() // 1000) - cold)

    def bus_voltage(self):
        """Of the battery's bus, in mV: by charge, and lower while it gives."""
        charge = self.charge()
        return 24500 + charge * 17 // 2 - max(0, self._drawn - self.array_power()) // 100

    # --- The grid ---

    def advance(self):
        """Catches up to the mission clock in steps of the grid."""
        now = self._clock.s
        while True:
            step = self._step_at(self._s)
            if self._s + step > now:
                return
            self._step(step)

    def _settle(self):
        """The state of a craft that has lived as it should until now."""
        body = self._body
        now = self._clock.s // _NIGHT_STEP_S * _NIGHT_STEP_S
        self._s = now
        up = self._sun(now)[4]
        by_day = up > _TWILIGHT
        self._s = self._drawn_since_s = now - (_SETTLE_BY_DAY_S if by_day else _SETTLE_BY_NIGHT_S)
        self.wing_open = up > _SIN_8
        self._energy = body.battery_j // 100 * (95 if by_day else 85)
        self._box = (255 + (max(0, up) * 75 >> 14)) * _KELVIN
        self._wing = (330 if by_day else 110) * _KELVIN
        self._mast = (290 if by_day else 190) * _KELVIN
        self._ground = (340 if by_day else 92) * _KELVIN
        self._drawn = body.settled_mw if self.wing_open else 0
        self.advance()
        self._draw(self._clock.s)
        self._drawn = 0

    def _step_at(self, s):
        """Length of the step that begins at `s`."""
        if s % _NIGHT_STEP_S:
            return _DAY_STEP_S
        dark = self._sun(s)[4] < _TWILIGHT and self._sun(s + _NIGHT_STEP_S)[4] < _TWILIGHT
        return _NIGHT_STEP_S if dark else _DAY_STEP_S

    def _step(self, seconds):
        body = self._body
        _, _, east, north, up = self._sun(self._s)
        array_mw = self._array(east, north, up)
        self._s += seconds
        self._draw(self._s)
        drawn = self._spent // seconds
        self._spent = 0
        box, wing, mast, ground = self._box, self._wing, self._mast, self._ground
        ground_glow = glow(ground) * _GROUND_GLOW >> 10
        wing_glow = glow(wing) >> 8
        mast_flow = (box - mast) * body.box_to_mast_mw // _KELVIN
        in_box = body.radioisotope_mw + drawn - mast_flow + (ground_glow >> 8) * body.box_ground // 39
        in_wing = (ground_glow >> 8) * body.wing_ground // 39 - wing_glow * body.wing_glow // 39
        in_mast = mast_flow + (ground_glow >> 8) * body.mast_ground // 39 - (glow(mast) >> 8) * body.mast_glow // 39
        in_ground = (_DEEP_K - ground) * 4 // 993 - ground_glow
        radiator = body.box_glow_open if self.wing_open else body.box_glow_folded
        in_box -= (glow(box) >> 8) * radiator // 39
        if up > 0:
            level = up * _SUNLIGHT >> 15
            if self.wing_open:
                in_box += level * body.box_sun // 39
            in_wing += (self._incidence(east, up) * _SUNLIGHT >> 15) * body.wing_sun // 39
            in_mast += ((_ONE - (up * up >> 15)) * _SUNLIGHT >> 15) * body.mast_sun // 39
            in_ground += max(0, (up * _LEAN_UP + north * _LEAN_NORTH) >> 14) * _GROUND_SUN >> 7
        self._box = _warmed(box, in_box, seconds, body.box_j)
        self._wing = _warmed(wing, in_wing, seconds, body.wing_j)
        self._mast = _warmed(mast, in_mast, seconds, body.mast_j)
        self._ground = _warmed(ground, in_ground, seconds, _GROUND_J)
        self._store(array_mw - drawn, seconds)

    def _store(self, surplus, seconds):
        """Charges the battery with a surplus (mW), or takes from it."""
        capacity = self._battery_j()
        if surplus > 0:
            warm = self._box * 10 // _KELVIN
            part = min(250, max(0, warm - _CHARGE_COLD_DK))
            most = self._body.charge_mw // 250 * part
            charge = self._energy // (capacity // 1000)
            if charge > _TAPER:
                most = most // 100 * max(0, 1000 - charge)
            gained = min(surplus, most) * seconds // 1000 * _EFFICIENCY // 100
            self._energy = min(capacity, self._energy + gained)
        else:
            self._energy -= -surplus * seconds // (10 * _EFFICIENCY)
            if self._energy <= 0:
                self._energy = 0
                self.brown_out = True
        self._energy = min(self._energy, capacity)

    def _battery_j(self):
        return self._body.battery_j // 1000 * self.capacity

    def _array(self, east, north, up):
        if up <= 0:
            return 0
        body = self._body
        seen = self._incidence(east, up)
        if self.wing_open:
            seen += up
        mw = ((body.wing_mw >> 7) * seen >> 7) * (1000 - self.dust) // 1000 * (_STRINGS - self.strings_lost) // _STRINGS
        return (mw >> 4) * (10000 - _CELL_SLOPE * (self._wing // _KELVIN - _PEAK_K)) // 625

    def _incidence(self, east, up):
        """Cosine of the Sun's angle to the fixed wing, scaled 2**14."""
        return max(0, up + (east * self.tilt >> 14))

    def _draw(self, now):
        self._spent += self._drawn * (now - self._drawn_since_s)
        self._drawn_since_s = now

    def _sun(self, s):
        grid_s = s // _SUN_GRID_S * _SUN_GRID_S
        if grid_s != self._sun_s:
            self._sun_here = self._sun_next if self._sun_s == grid_s - _SUN_GRID_S else _sun_of(grid_s)
            self._sun_next = _sun_of(grid_s + _SUN_GRID_S)
            self._sun_s = grid_s
        gone = s - grid_s
        if not gone:
            return self._sun_here
        here, ahead = self._sun_here, self._sun_next
        turn = ((ahead[1] - here[1] + _HALF) & (_TURN - 1)) - _HALF
        return (
            here[0] + (ahead[0] - here[0]) * gone // _SUN_GRID_S,
            (here[1] + turn * gone // _SUN_GRID_S) & (_TURN - 1),
            here[2] + (ahead[2] - here[2]) * gone // _SUN_GRID_S,
            here[3] + (ahead[3] - here[3]) * gone // _SUN_GRID_S,
            here[4] + (ahead[4] - here[4]) * gone // _SUN_GRID_S,
        )


def _sun_of(s):
    vector = direction(s)
    return angles(*vector) + vector


def _warmed(kelvins, mw, seconds, j):
    """A node's temperature after `seconds` in which `mw` flowed into its `j` J/K."""
    return kelvins + (mw >> 3) * seconds // (j * 125 // 4096)
