"""Where a run begins: its span of time, the rover's place on the route, its plan."""

from io import BytesIO

from micropython import const

from ..kernel import unload
from ..tables.crafts import BODIES, CRAFTS, LOADS, ROUTE

_MARGIN_S = const(3600)  # before sunrise and after sunset
_NORTH_WEST = const(315000)  # where the route goes in the mean, millidegrees
_NORTH_WEST_PART = const(707)  # sine of 45 degrees, per mille
_METRES_A_DAY = const(240)  # tenths, past the end of the route
_LONGEST_LIGHT_S = const(1275000)  # from sunrise to sunset: who begins later begins with the next lunar day's route


def constants_of(craft):
    """Return the constants of a craft, by its name: of flight software, of its body, and what each load draws."""
    return CRAFTS[craft], BODIES[craft], LOADS[craft]


def span_of(settings, sun):
    """(start, end) of a run in seconds since 2019-01-01T00:00:00 UTC."""
    if settings.lunar_day is None:
        return settings.start_s, settings.start_s + settings.length_s
    start_s = sun.sunrise(settings.lunar_day) - _MARGIN_S
    if settings.lunar_day == 1:
        start_s = CRAFTS[settings.craft].first_start_s
    return start_s, sun.sunset(settings.lunar_day) + _MARGIN_S


def driven_before(lunar_day):
    """Tenths of a metre that the rover has driven when a lunar day begins, by the published route."""
    day = driven = 0
    for at in range(0, len(ROUTE), 2):
        if ROUTE[at] >= lunar_day:
            share = (lunar_day - 1 - day) * (ROUTE[at + 1] - driven)
            return driven + share // (ROUTE[at] - day)
        day, driven = ROUTE[at], ROUTE[at + 1]
    return driven + (lunar_day - 1 - day) * _METRES_A_DAY


def place(flight_state, s, sun):
    """Notes in a rover's flight state where the published route has brought it by world time `s`."""
    driven = driven_before(sun.lunar_day(s + _LONGEST_LIGHT_S)) * 100
    part = driven // 1000 * _NORTH_WEST_PART
    flight_state.odometer, flight_state.east, flight_state.north, flight_state.heading = (
        driven,
        -part,
        part,
        _NORTH_WEST,
    )
    flight_state.keep()


def plan_of(settings, store):
    """The plan that the settings name, or else the one that comes with the rover."""
    from .plan import Plan

    if store.read("plan", 0):
        # The ground had it begun before the board restarted
        from .plan_store import PlanStore

        plan = PlanStore(store).followed()
        unload("inputs", "plan_store")
        if plan is not None:
            return plan
    if settings.plan is not None:
        plan = Plan(settings.plan, store.open_lines("plan", settings.plan))
    else:
        from .default_plan import PLAN

        plan = Plan("the rover's own", BytesIO(PLAN))
    unload("inputs", "default_plan", "compiled_text")
    return plan
