"""What takes long the first time is done beforehand: while somebody reads the first page, the other screens are filled.

They are shown to nobody, so that what they read (declarations, words of languages, results) is there when somebody
comes. Only what the desk keeps anyway is kept of that.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sdmxmig.web.screens import Screen, Shown, Visit

Fill = Callable[[Screen, Visit, Shown], object]
"""Makes a page of what a screen shows."""


class Readiness:
    """Fills the screens of a desk once for each language, one after the other, in a thread of its own."""

    def __init__(self, screens: Sequence[Screen], fill: Fill, is_worked_at: Callable[[Path], bool]) -> None:
        """`is_worked_at` says whether a workspace is still the one that people work on; for others it ends."""
        self.screens = [screen for screen in screens if screen.rail and screen.of_workspace]
        self.fill, self.is_worked_at = fill, is_worked_at
        self._begun: set[tuple[Path, str]] = set()
        self._one_at_a_time = threading.Lock()

    def begin(self, visit: Visit) -> None:
        """Begin for the workspace and the language of somebody who has just been shown a page."""
        about = (visit.desk.folder, visit.language)
        if visit.desk.at_start or about in self._begun:
            return
        self._begun.add(about)
        beforehand = Visit(visit.desk, language=visit.language)
        threading.Thread(target=self.fill_all, args=(beforehand,), daemon=True).start()

    def fill_all(self, visit: Visit) -> None:
        """Fill every screen of a desk; what goes wrong is told to whoever looks at it."""
        with self._one_at_a_time:
            for screen in self.screens:
                if not self.is_worked_at(visit.desk.folder):
                    return
                with contextlib.suppress(Exception):
                    self.fill(screen, visit, screen.show(visit))
                    if screen.prepare:
                        screen.prepare(visit)
