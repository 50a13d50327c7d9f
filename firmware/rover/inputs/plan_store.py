"""Plans that the ground has loaded: kept in the store, together with the one of them that is followed."""

from io import BytesIO

from ..store.paged_upload import SIZE, PagedUpload
from ..tables import BAD_PLAN, BUSY, INCOMPLETE, NOT_KEPT
from . import SettingError
from .plan import Plan


class PlanStore:
    """The plan that is being loaded, and the one of the ground's that is followed. store: as PagedUpload takes it."""

    def __init__(self, store):
        self._loaded = PagedUpload(store, "upload")
        self._followed = PagedUpload(store, "plan")

    def load(self, page, octets):
        """Takes a piece. Returns why not, by the dictionary's enum `plan_refusal`, or 0."""
        if not self._loaded.follows(page):
            return INCOMPLETE
        return 0 if self._loaded.write(page, octets) else NOT_KEPT

    def size(self):
        """Octets that are loaded."""
        return self._loaded.size()

    def choose(self, rover):
        """(the plan to begin, 0), or (None, why none, by the dictionary's enum `plan_refusal`)."""
        if rover.sequence.is_commanded():
            return None, BUSY
        octets = self._loaded.read()
        if octets is None:
            return None, INCOMPLETE
        if not octets:
            return rover.plan, 0
        plan = _plan_in(octets)
        if plan is None:
            return None, BAD_PLAN
        return (plan, 0) if self._keep(octets) else (None, NOT_KEPT)

    def followed(self):
        """The plan of the ground's that was begun last; None if it was none of the ground's."""
        octets = self._followed.read()
        return _plan_in(octets) if octets else None

    def _keep(self, octets):
        for page in range(len(octets) // SIZE + 1):
            if not self._followed.write(page, octets[page * SIZE : (page + 1) * SIZE]):
                return False
        return True


def _plan_in(octets):
    try:
        return Plan("the ground's", BytesIO(octets))
    except SettingError:
        return None
