"""Cache warming during the first page view."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sdmxmig.web.screens import Screen, Shown, Visit

Fill = Callable[[Screen, Visit, Shown], object]
"""Makes a page of what a screen shows."""


class Readiness:
    """Fills a desk's caches by language in a thread."""

    def __init__(self, screens: Sequence[Screen], fill: Fill, is_worked_at: Callable[[Path], bool]) -> None:
        self.screens = [screen for screen in screens if screen.rail and screen.of_workspace]
        self.fill, self.is_worked_at = fill, is_worked_at
        self._begun: set[tuple[Path, str]] = set()
        self._one_at_a_time = threading.Lock()

    def begin(self, visit: Visit) -> None:
        about = (visit.desk.folder, visit.language)
        if visit.desk.at_start or about in self._begun:
            return
        self._begun.add(about)
        beforehand = Visit(visit.desk, language=visit.language)
        threading.Thread(target=self.fill_all, args=(beforehand,), daemon=True).start()

    def fill_all(self, visit: Visit) -> None:
        with self._one_at_a_time:
            for screen in self.screens:
                if not self.is_worked_at(visit.desk.folder):
                    return
                with contextlib.suppress(Exception):
                    self.fill(screen, visit, screen.show(visit))
                    if screen.prepare:
                        screen.prepare(visit)
