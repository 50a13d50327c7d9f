"""Builds a rover from its parts: the only module that knows them all."""

import gc

from micropython import const

from . import tables
from .flight.driver import Driver
from .flight.equipment import Equipment
from .flight.fault_protection import FaultProtection
from .flight.flight_state import FlightState
from .flight.mode_manager import ModeManager
from .flight.mode_record import ModeRecord
from .flight.sensor_validation import SensorValidation
from .flight.sequence import Sequence
from .inputs import SettingError
from .instruments.payload import Payload
from .kernel import unload
from .kernel.clock import Clock
from .kernel.random_stream import RandomStream
from .kernel.scheduler import RealTimePacer, Scheduler, Task
from .link.cfdp import FileSender
from .link.frame import Downlink, VirtualChannel
from .services.commanding import Commanding
from .services.delivery import Delivery
from .services.events import Events
from .services.housekeeping import HousekeepingStructures
from .services.reporting import Reporting
from .services.telemetry import Telemetry
from .store.redundant_record import RedundantRecord
from .world import sun
from .world.chassis import Chassis
from .world.ground import Ground
from .world.hardware import Hardware
from .world.moon import Moon
from .world.sensors import SENSORS, Sensors

_ACTION_TABLE = const(8)  # part of the record of event-actions
_BOOT_S = const(20)  # from a reset until flight software runs
_MOST_NOTICES = const(8)
_WATCHDOG_S = const(8)  # a hanging computer is reset after so long

# Streams of chance: one for each consumer, never used again for another. The sensors' begin at the last.
_LINE_NOISE = const(2)
_TILT_NOISE = const(3)
_WHEEL_NOISE = const(4)
_INSTRUMENT_NOISE = const(5)  # and the next three
_SENSOR_NOISE = const(16)

_GROUND_ENTITY = const(1)  # of file delivery


class Reset(Exception):
    """The computer restarts.

    reason: by the dictionary's enum `crash`. activity: the one at work. off_s: for how long it stays off.
    """

    def __init__(self, reason, activity=tables.NO_ACTIVITY, off_s=0):
        super().__init__(reason)
        self.reason = reason
        self.activity = activity
        self.off_s = off_s


class Rover:
    """A craft with all its parts.

    settings: checked. line, store, wall_clock: of the board. resume_s: where to take up a run that was cut short, or
    None. notices: what to report as soon as it speaks, event ids and raw values. late_steps: starts and ends of plan
    steps that came late by the wall. plan: that it follows. starts: of flight software since the store was made, modulo
    2**16; where nothing is in the store, since this rover was made.

    A reset of the computer, by a scenario or by flight software itself, leaves the world, the clock, the store and the
    counts of the link as they are; flight software begins anew.
    """

    def __init__(self, settings, line, store, wall_clock, resume_s=None, notices=()):
        self.craft = settings.craft
        self.line = line
        self.store = store
        self.wall_clock = wall_clock
        self._occupied = None  # memory that a scenario takes away
        # Only to begin with: its code is dropped in the end
        from .inputs.start_state import constants_of, place, plan_of, span_of

        self._craft, body, self._loads = constants_of(self.craft)
        self._wing_mw = body.wing_mw
        start_s, self.end_s = span_of(settings, sun)
        if resume_s is not None and start_s <= resume_s <= self.end_s:
            start_s = resume_s
        else:
            store.forget()
        # What crashes before the first activity is taken up here, with all that the store holds by then
        wall_clock.watch(tables.BOOT, start_s)
        self.clock = Clock(start_s)
        self.pacer = RealTimePacer(settings.milli_speed, wall_clock, line) if settings.milli_speed else None
        self.late_steps = 0
        self.scheduler = Scheduler(self.clock, self.pacer, self._before, self._poll)
        sky = None
        if settings.light == "adc":
            from .board.photocell import Photocell

            sky = Photocell()
        self.moon = Moon(self.clock, body, self._loads, sky)
        streams = [RandomStream(settings.seed, _SENSOR_NOISE + sensor) for sensor in range(SENSORS)]
        self.sensors = Sensors(self.clock, self.moon, streams)
        self.mute = bytearray(4)  # instruments that give no data, a flag each
        self.hardware = Hardware(self.moon, self.sensors, self.mute)
        self.hangs = False
        self.tilt_noise = RandomStream(settings.seed, _TILT_NOISE)
        self._take_inputs(settings)
        self.downlink = Downlink(self._craft.spacecraft, line.send)
        # A frame leaves at the latest one second of the wall after its first packet.
        self._hold_ms = settings.milli_speed
        self.telemetry = Telemetry(self.clock, self.scheduler, VirtualChannel(self.downlink, 0), self._hold_ms)
        self._stored_mode = RedundantRecord(store, "mode")
        self.chassis = self.plan = None
        if self._loads[tables.LOAD_WHEELS]:
            self._stored_flight_state = RedundantRecord(store, "drive")
            self.plan = plan_of(settings, store)
            self._put_on_wheels(settings.seed, place)
        elif settings.plan is not None:
            raise SettingError(("plan",), "plan: the %s does not drive; leave it out" % self.craft)
        self._boot = Task(tables.BOOT, self._start_day)
        constants_of = place = plan_of = span_of = None
        unload("inputs", "start_state")
        unload("tables", "crafts")
        self._crash = None
        self.starts = 0
        self._build(notices)
        if resume_s is not None:
            self._crash = tables.WATCHDOG

    def _take_inputs(self, settings):
        """Open the files that the settings name, but the plan."""
        self.faulty_line = self.faulty_store = self.scenario = None
        if settings.scenario is not None:
            # Imported on use: without a scenario a board spares the memory
            from .board.fault_injection import FaultyLine, FaultyStore
            from .inputs.scenario import Scenario

            # First: of a scenario that cannot be used nothing stays
            self.scenario = Scenario(settings.scenario, self.store.open_lines("scenario", settings.scenario), self)
            self.faulty_line = FaultyLine(self.line, RandomStream(settings.seed, _LINE_NOISE))
            self.faulty_store = FaultyStore(self.store)
        self._key = self.uplink_file = None
        if settings.key is not None:
            from .inputs.key_file import read_key

            self._key = read_key(settings.key, self.store.open_lines("key", settings.key))
        if settings.uplink is not None:
            from .inputs.uplink_file import UplinkFile

            self.uplink_file = UplinkFile(settings.uplink, self.store.open_lines("uplink", settings.uplink), self)

    def run(self):
        """Lives from start to end, then lets the last frame go."""
        if self.scenario is not None:
            self.scenario.begin()
        if self.uplink_file is not None:
            self.uplink_file.begin()
        if self.pacer is not None:
            self.pacer.begin()
        self._guarded(self._start_day)
        while self._guarded(self._run):
            pass
        self.events.report_suppressed()
        self.stop()

    def stop(self):
        """Sends what waits."""
        self.telemetry.flush()
        if self.chassis is not None:
            self._file_channel.flush()
        self.line.drain()

    def restart(self, reason):
        """Restarts the computer; does not come back."""
        raise Reset(reason)

    def limit_memory(self, kib):
        """Leave only `kib` KiB of memory free, for a scenario; 0: give back what was taken."""
        self._occupied = None
        self.sensors.limit_memory(kib or None)
        if kib:
            from .board.memory_limit import occupy_memory

            self._occupied = occupy_memory(kib)

    def mode(self):
        """The mode of flight software."""
        return self.mode_manager.mode

    def is_receiver_off(self):
        """Whether nothing hears what comes in: in the night, while the computer restarts, on a line that is cut."""
        return (
            self.mode_manager.mode == tables.DORMANT
            or self._boot.waiting
            or (self.faulty_line is not None and self.faulty_line.cut)
        )

    def plan_store(self):
        """The plans that the ground has loaded."""
        from .inputs.plan_store import PlanStore

        return PlanStore(self.store)

    def follow(self, plan):
        """Begins a plan, and follows it from now on."""
        self.plan = plan
        self.mode_manager.begin_plan(plan)

    def make_actions(self):
        """The event-actions that are in the store. Imported on use: mostly there are none."""
        from .services.actions import Actions

        actions = Actions(self, self.store)
        unload("services", "actions")
        return actions

    def _poll(self):
        self.commanding.poll()

    def _run(self):
        self.scheduler.run(self.end_s)

    def _guarded(self, call):
        """Calls; whether a reset cut it short."""
        try:
            call()
            return False
        except Reset as reset:
            self._reset(reset)
            return True

    def _reset(self, reset):
        self.events.report_suppressed()
        self.telemetry.flush()
        self.scheduler.clear()
        self.hardware.all_down()
        self.limit_memory(0)
        notices = self.notices
        if len(notices) < _MOST_NOTICES:
            count = min(self.mode_record.resets + 1, 255)
            notices.append((tables.CRASH_REPORT, reset.reason, reset.activity, count, self.clock.s))
        # The old parts must be gone before the new ones are made
        self.commanding.unload()
        self.mode_manager = self.fault_protection = self.monitors = self.equipment = self.validation = None
        self.sequence = self.driver = self.payload = self.mode_record = self.flight_state = self.events = None
        self.reporting = self.delivery = self.commanding = self.schedule = None
        self.clock.on_time_set(None)
        self.telemetry.set_time_rate()
        gc.collect()
        self._crash = reset.reason
        self._build(notices)
        self.scheduler.after(self._boot, reset.off_s + _BOOT_S)
        if self.scenario is not None:
            self.scenario.go_on()
        if self.uplink_file is not None:
            self.uplink_file.go_on()

    def _start_day(self):
        self.mode_manager.start(self._crash)

    def _build(self, notices):
        """The part of a craft that a reset wipes out: services and flight software."""
        telemetry = self.telemetry
        self._count_start()
        self.parameters = self._kept_parameters()
        self.commanding = Commanding(self, self._security())
        actions = self.make_actions() if self.store.read("actions", _ACTION_TABLE) else None
        self.events = Events(telemetry, self.scheduler, actions)
        self._structures = HousekeepingStructures(self)
        self.clock.on_time_set(None)
        self.delivery = self.payload = self.schedule = self.driver = self.sequence = None
        if self.chassis is not None:
            self.delivery = Delivery(
                self.scheduler, self._file_sender, self._file_channel, self.store, self.line.has_room, self._hold_ms
            )
        self.reporting = Reporting(
            telemetry, self.events, self._structures.periodic(), self._stored_schedule, self.delivery
        )
        self.notices = self.reporting.notices
        self.notices.extend(notices)
        self._make_flight_software()
        if self.chassis is not None:
            self._make_driving()

    def _make_flight_software(self):
        """Make what every craft has."""
        self.validation = SensorValidation(self.hardware.read, self.events)
        self.equipment = Equipment(
            self._loads, self._craft.equipment_box, self.scheduler, self.hardware, self.events, self.parameters
        )
        self.mode_record = ModeRecord(self._stored_mode)
        self.fault_protection = FaultProtection(
            wing_mw=self._wing_mw,
            clock=self.clock,
            validation=self.validation,
            equipment=self.equipment,
            record=self.mode_record,
            events=self.events,
            frames_sent=self._frames_sent,
            frames_lost=self.line.dropped,
            restart=self.restart,
            parameters=self.parameters,
        )
        self.monitors = self.fault_protection.monitors
        self.mode_manager = ModeManager(
            craft=self._craft,
            clock=self.clock,
            scheduler=self.scheduler,
            read=self.hardware.read,
            validation=self.validation,
            equipment=self.equipment,
            fault_protection=self.fault_protection,
            record=self.mode_record,
            reporting=self.reporting,
            report_night=self._structures.report_night,
            show=self.wall_clock.show,
            parameters=self.parameters,
        )

    def _make_driving(self):
        """Make what a craft on wheels has besides."""
        # Imported on use: when a craft is made
        from .flight.stored_state import follow

        self.flight_state = FlightState(self._stored_flight_state)
        follow(self.flight_state, self.plan)
        follow = None
        unload("flight", "stored_state")
        self.driver = Driver(
            clock=self.clock,
            scheduler=self.scheduler,
            wheels=self.chassis,
            switch=self.equipment.switch_wheels,
            flight_state=self.flight_state,
            events=self.events,
            report_stop=self._structures.report_stop,
            parameters=self.parameters,
        )
        self.payload = Payload(
            clock=self.clock,
            scheduler=self.scheduler,
            hardware=self.hardware,
            store=self.store,
            telemetry=self.telemetry,
            events=self.events,
            delivery=self.delivery,
            flight_state=self.flight_state,
            validation=self.validation,
            driver=self.driver,
            make_housekeeping=self._structures.make,
        )
        self.sequence = Sequence(
            plan=self.plan,
            most_kib=self._craft.data_kib,
            sunrise=sun.sunrise,
            clock=self.clock,
            scheduler=self.scheduler,
            validation=self.validation,
            equipment=self.equipment,
            driver=self.driver,
            flight_state=self.flight_state,
            events=self.events,
            ask_safe=self.mode_manager.ask_safe_by_plan,
            payload=self.payload,
        )
        self.payload.fail = self.sequence.instrument_failed  # pyright: ignore
        self.mode_manager.follow(self.driver, self.sequence, sun)

    def _count_start(self):
        stored = RedundantRecord(self.store, "starts")
        kept = stored.load()
        # The count goes on where the store takes nothing
        if not self.starts and kept is not None and len(kept) == 2:
            self.starts = kept[0] << 8 | kept[1]
        self.starts = self.starts + 1 & 0xFFFF
        stored.save(bytes((self.starts >> 8, self.starts & 0xFF)))

    def stored_parameters(self):
        """Where the store keeps what the ground has set."""
        return RedundantRecord(self.store, "parameters")

    def _kept_parameters(self):
        from .services.parameters import load

        values = load(self.stored_parameters())
        unload("services", "parameters")
        unload("tables", "commands")
        return values

    def _security(self):
        """What opens secured frames; None without a key."""
        if self._key is None:
            return None
        from .services.uplink_security import UplinkSecurity

        return UplinkSecurity(self._key, RedundantRecord(self.store, "security"))

    def open_schedule(self):
        """Loads the schedule, which stays until a reset: mostly there is none."""
        from .services.schedule import Schedule

        self.schedule = Schedule(
            self.clock, self.scheduler, self.events, self.commanding.execute, self._make_schedule_table
        )
        unload("services", "schedule")
        self.clock.on_time_set(self.schedule.settle)
        return self.schedule

    def _stored_schedule(self):
        """The schedule; None when nothing is in it."""
        if self.schedule is None and self.store.entries():
            return self.open_schedule()
        return self.schedule

    def _make_schedule_table(self):
        """What is in the store of the schedule."""
        from .store.schedule_table import ScheduleTable

        schedule_table = ScheduleTable(self.store)
        unload("store", "schedule_table")
        return schedule_table

    def _put_on_wheels(self, seed, place):
        """The rover stands where the published route had brought it, or where it was before a restart of the board."""
        flight_state = FlightState(self._stored_flight_state)
        if not flight_state.found:
            place(flight_state, self.clock.s, sun)
        noise = RandomStream(seed, _WHEEL_NOISE)
        ground = Ground(seed)
        self.chassis = Chassis(ground, noise, flight_state.east, flight_state.north, flight_state.heading)
        self.hardware.put_on_wheels(self.chassis, ground, seed, _INSTRUMENT_NOISE)
        self._file_channel = VirtualChannel(self.downlink, 1)
        self._file_sender = FileSender(self._craft.spacecraft, _GROUND_ENTITY, self._file_channel.put)

    def _before(self, activity, s):
        """Is called before each activity."""
        self.wall_clock.watch(activity, s)
        if self.pacer is not None and activity == tables.PLAN and self.pacer.is_late():
            self.late_steps += 1
        if self.moon.brown_out and self.mode_manager.mode == tables.DORMANT:
            # No computer is on that could restart
            self.moon.brown_out = False
        elif self.moon.brown_out:
            self.moon.all_off()
            raise Reset(tables.BROWN_OUT, activity)
        if self.hangs and activity != tables.SCENARIO and self.mode_manager.mode not in (tables.SAFE, tables.DORMANT):
            raise Reset(tables.WATCHDOG, activity, _WATCHDOG_S)

    def _frames_sent(self):
        return self.downlink.frames
