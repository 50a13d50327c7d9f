"""What `yutu2 validate` prints: the years of both craft, and the table at the end."""

from datetime import datetime
from typing import Any

from yutu2.cli.progress import Screen
from yutu2.runs.validation import HEADING, Row, scores


class ValidationScreen(Screen):
    """The years of both craft, and the table at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: dict[str, Any] = {}

    def time(self, craft: str, time: datetime) -> None:
        """How far a craft is."""
        if craft not in self._tasks:
            self._tasks[craft] = self._progress.add_task(craft, total=None)
        self._progress.update(self._tasks[craft], description=f"{craft:6} {time:%Y-%m-%d}")

    def table(self, rows: list[Row]) -> None:
        """Published and emulated times, and how well the rules do."""
        self.print(HEADING)
        for row in rows:
            self.print(row.line())
        self.print("")
        for score in scores(rows):
            self.print(
                f"  {score.craft:6} {score.event:5}  {score.rows:2} judged: mean error {score.mean_error_h:.2f} h, "
                f"largest {score.largest_error_h:.2f} h"
            )
