"""The housekeeping structures of a craft: where their fields come from."""

from struct import pack_into

from ..link.packet import TM_HEADER
from ..tables import generated
from .housekeeping import Housekeeping


class HousekeepingStructures:
    """Those that do not belong to an instrument. rover: whose."""

    def __init__(self, rover):
        self._rover = rover

    def periodic(self):
        """What is reported periodically."""
        housekeepings = [
            self.make(
                generated.HK_COMPUTER,
                generated.COMPUTER,
                generated.HK_COMPUTER_PERIOD_S,
                generated.HK_COMPUTER_SIZE,
                self._collect_computer,
            ),
            self.make(
                generated.HK_POWER,
                generated.POWER,
                generated.HK_POWER_PERIOD_S,
                generated.HK_POWER_SIZE,
                self._collect_power,
            ),
        ]
        if self._rover.chassis is not None:
            housekeepings.append(
                self.make(
                    generated.HK_DRIVE,
                    generated.DRIVING,
                    generated.HK_DRIVE_PERIOD_S,
                    generated.HK_DRIVE_SIZE,
                    self._collect_drive,
                )
            )
        return housekeepings

    def make(self, *structure):
        """A structure with its id, APID, period in s, octets, and what collects it."""
        return Housekeeping(self._rover.scheduler, self._rover.telemetry, *structure)

    def _collect_computer(self, buffer, at):
        rover = self._rover
        values, uplink = rover.day.validation.values, rover.commanding.uplink
        pack_into(
            generated.HK_COMPUTER_FIELDS,
            buffer,
            at,
            generated.HK_COMPUTER,
            generated.HASH,
            rover.day.mode,
            values[generated.SUN_ELEVATION],
            values[generated.SUN_AZIMUTH],
            rover.telemetry.sent,
            rover.downlink.frames,
            rover.dropped(),
            rover.commanding.accepted,
            rover.commanding.refused,
            uplink.accepted,
            uplink.rejected,
            uplink.unauthenticated,
            rover.starts,
        )

    def _collect_power(self, buffer, at):
        day = self._rover.day
        values = day.validation.values
        pack_into(
            generated.HK_POWER_FIELDS,
            buffer,
            at,
            generated.HK_POWER,
            max(0, values[generated.ARRAY_POWER]),
            max(0, values[generated.LOAD_POWER]),
            values[generated.BATTERY_CHARGE],
            values[generated.BUS_VOLTAGE],
            values[generated.BOX_A],
            values[generated.WING],
            values[generated.MAST],
            values[generated.GROUND],
            day.equipment.on,
            day.equipment.isolated,
            day.validation.lost,
            day.fault_protection.monitors.broken,
            day.record.count,
        )

    def _collect_drive(self, buffer, at):
        flight_state, chassis = self._rover.flight_state, self._rover.chassis
        pack_into(
            generated.HK_DRIVE_FIELDS,
            buffer,
            at,
            generated.HK_DRIVE,
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
            generated.HK_STOP_FIELDS,
            telemetry.buffer,
            TM_HEADER,
            generated.HK_STOP,
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
        telemetry.send(generated.DRIVING, 3, 25, generated.HK_STOP_SIZE)

    def report_night(self, measured_at, box, wing, ground, charge):
        """Reports what was measured in the night, at one time."""
        telemetry = self._rover.telemetry
        pack_into(
            generated.HK_NIGHT_FIELDS,
            telemetry.buffer,
            TM_HEADER,
            generated.HK_NIGHT,
            measured_at,
            box,
            wing,
            ground,
            charge,
        )
        telemetry.send(generated.POWER, 3, 25, generated.HK_NIGHT_SIZE)
