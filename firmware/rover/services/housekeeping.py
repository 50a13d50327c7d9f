"""Housekeeping reports, ST[03] (ECSS-E-ST-70-41C, 6.3): structure id, then its fields as the dictionary has them.

Those of the instruments collect their fields themselves; where the others come from stands here.
"""

from struct import pack_into

from micropython import const

from .. import tables
from ..kernel.scheduler import Task
from ..link.packet import TM_HEADER

_SERVICE = const(3)
_REPORT = const(25)


class Housekeeping:
    """One structure, reported at once when it is started and each `period_s` seconds after.

    structure: its id. collect: writes structure id and fields into a buffer at an offset.
    size: octets of both. enabled: whether it is reported periodically.
    """

    def __init__(self, telemetry, structure, apid, period_s, size, collect):
        self.structure = structure
        self.period_s = period_s
        self.enabled = True
        self._scheduler = telemetry.scheduler
        self._telemetry = telemetry
        self._apid = apid
        self._size = size
        self._collect = collect
        self._next = Task(tables.HOUSEKEEPING, self.start)

    def start(self):
        """Reports now and then periodically, if it is enabled."""
        if self.enabled:
            self.wait()
            self.report()

    def wait(self):
        """Reports periodically, first in a whole period."""
        self._scheduler.after(self._next, self.period_s)

    def report(self):
        """Reports once."""
        self._collect(self._telemetry.buffer, TM_HEADER)
        self._telemetry.send(self._apid, _SERVICE, _REPORT, self._size)

    def stop(self):
        """Reports no more."""
        self._scheduler.cancel(self._next)


class HousekeepingStructures:
    """Those that do not belong to an instrument. rover: whose."""

    def __init__(self, rover):
        self._rover = rover

    def periodic(self):
        """What is reported periodically."""
        housekeepings = [
            self.make(
                tables.HK_COMPUTER,
                tables.COMPUTER,
                tables.HK_COMPUTER_PERIOD_S,
                tables.HK_COMPUTER_SIZE,
                self._collect_computer,
            ),
            self.make(
                tables.HK_POWER,
                tables.POWER,
                tables.HK_POWER_PERIOD_S,
                tables.HK_POWER_SIZE,
                self._collect_power,
            ),
        ]
        if self._rover.chassis is not None:
            housekeepings.append(
                self.make(
                    tables.HK_DRIVE,
                    tables.DRIVING,
                    tables.HK_DRIVE_PERIOD_S,
                    tables.HK_DRIVE_SIZE,
                    self._collect_drive,
                )
            )
        return housekeepings

    def make(self, *structure):
        """A structure with its id, APID, period in s, octets, and what collects it."""
        return Housekeeping(self._rover.telemetry, *structure)

    def _collect_computer(self, buffer, at):
        rover = self._rover
        values, uplink = rover.validation.values, rover.commanding.uplink
        pack_into(
            tables.HK_COMPUTER_FIELDS,
            buffer,
            at,
            tables.HK_COMPUTER,
            tables.HASH,
            rover.mode_manager.mode,
            values[tables.SUN_ELEVATION],
            values[tables.SUN_AZIMUTH],
            rover.telemetry.sent,
            rover.downlink.frames,
            rover.line.dropped(),
            rover.commanding.accepted,
            rover.commanding.refused,
            uplink.accepted,
            uplink.rejected,
            uplink.unauthenticated,
            rover.starts,
        )

    def _collect_power(self, buffer, at):
        rover = self._rover
        values = rover.validation.values
        pack_into(
            tables.HK_POWER_FIELDS,
            buffer,
            at,
            tables.HK_POWER,
            max(0, values[tables.ARRAY_POWER]),
            max(0, values[tables.LOAD_POWER]),
            values[tables.BATTERY_CHARGE],
            values[tables.BUS_VOLTAGE],
            values[tables.BOX_A],
            values[tables.WING],
            values[tables.MAST],
            values[tables.GROUND],
            rover.equipment.on,
            rover.equipment.isolated,
            rover.validation.lost,
            rover.monitors.broken,
            rover.mode_record.count,
        )

    def _collect_drive(self, buffer, at):
        flight_state, chassis = self._rover.flight_state, self._rover.chassis
        pack_into(
            tables.HK_DRIVE_FIELDS,
            buffer,
            at,
            tables.HK_DRIVE,
            flight_state.odometer,
            flight_state.east,
            flight_state.north,
            flight_state.heading,
            chassis.pitch,
            chassis.roll,
            flight_state.done,
            flight_state.failed,
            flight_state.data,
        )

    def report_stop(self):
        """Reports where the rover has stopped."""
        rover = self._rover
        flight_state, chassis, telemetry = rover.flight_state, rover.chassis, rover.telemetry
        pack_into(
            tables.HK_STOP_FIELDS,
            telemetry.buffer,
            TM_HEADER,
            tables.HK_STOP,
            flight_state.stop,
            flight_state.odometer,
            flight_state.east,
            flight_state.north,
            flight_state.heading,
            chassis.pitch,
            chassis.roll,
            chassis.x,
            chassis.y,
            chassis.heading,
        )
        telemetry.send(tables.DRIVING, 3, 25, tables.HK_STOP_SIZE)

    def report_night(self, measured_at, box, wing, ground, charge):
        """Reports what was measured in the night, at one time."""
        telemetry = self._rover.telemetry
        pack_into(
            tables.HK_NIGHT_FIELDS,
            telemetry.buffer,
            TM_HEADER,
            tables.HK_NIGHT,
            measured_at,
            box,
            wing,
            ground,
            charge,
        )
        telemetry.send(tables.POWER, 3, 25, tables.HK_NIGHT_SIZE)
