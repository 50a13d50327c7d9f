"""Start and stop all reports of a craft: housekeeping, events and notices, from waking to sleep."""


class Reporting:
    """The reports that a craft sends without being asked.

    telemetry, events: the services. housekeepings: the structures that are reported periodically from waking to sleep.
    schedule: gives that of commands, or None. delivery: of files, None for a craft that makes none. notices: what to
    report as soon as it is started, event ids with raw values.
    """

    def __init__(self, telemetry, events, housekeepings, schedule, delivery=None):
        self.events = events
        self.housekeepings = housekeepings
        self.notices = []
        self._telemetry = telemetry
        self._schedule = schedule
        self._delivery = delivery

    def start(self, event=None, a=0, b=0, c=0):
        """Start housekeeping, then report `event` with its raw values, then what waits to be reported."""
        for housekeeping in self.housekeepings:
            housekeeping.start()
        if event is not None:
            self.events.report(event, a, b, c)
        for values in self.notices:
            self.events.report(*values)
        self.notices.clear()
        schedule = self._schedule()
        if schedule is not None:
            schedule.begin()
        if self._delivery is not None:
            self._delivery.begin()
        self._telemetry.announce()

    def stop(self):
        """Send what waits, and report no more."""
        schedule = self._schedule()
        if schedule is not None:
            schedule.end()
        self.events.report_suppressed()
        for housekeeping in self.housekeepings:
            housekeeping.stop()
        if self._delivery is not None:
            self._delivery.end()
        self._telemetry.flush()
