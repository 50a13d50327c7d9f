"""When a craft speaks and when it is silent: housekeeping, events and notices from waking to sleep."""


class Voice:
    """What a craft says by itself.

    telemetry, events: the services. housekeepings: the structures that are reported periodically from waking to sleep.
    frames_sent and frames_lost: give the number of frames so far, and of those that the line did not take. tell_night:
    reports one measurement of a night. schedule: gives that of commands, or None. delivery: of files, None for a craft
    that makes none. notices: what to report as soon as it speaks, event ids with raw values.
    """

    def __init__(self, telemetry, events, housekeepings, frames_sent, frames_lost, tell_night, schedule, delivery=None):
        self.events = events
        self.housekeepings = housekeepings
        self.frames_sent = frames_sent
        self.frames_lost = frames_lost
        self.tell_night = tell_night
        self.notices = []
        self._telemetry = telemetry
        self._schedule = schedule
        self._delivery = delivery

    def speak(self, event=None, a=0, b=0, c=0):
        """Begins to speak: housekeeping, then `event` with its raw values, then what waits to be told."""
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

    def fall_silent(self):
        """Sends what waits, and says no more."""
        schedule = self._schedule()
        if schedule is not None:
            schedule.end()
        self.events.tell_suppressed()
        for housekeeping in self.housekeepings:
            housekeeping.stop()
        if self._delivery is not None:
            self._delivery.end()
        self._telemetry.flush()
