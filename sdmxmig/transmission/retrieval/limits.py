"""Rate limits shared by all programs of a user."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.lock import Busy, locked
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.web_services import RateLimit
from sdmxmig.transmission.retrieval.clock import Clock

USUAL = RateLimit(30, 60, source="ours: services that name no limit are spared, too")
LARGEST = 1_000_000
LONGEST = timedelta(days=1)
"""No pause is longer: a moment beyond it is of a clock that was set back."""
TURNS, PAUSE = 100, 0.05
"""Number of tries for the lock, and pause in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """When a host was asked by kind of question, and until when it wants to be left alone."""

    asked: dict[str, list[datetime]]
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The record of what was asked, in a folder: a file for each host."""

    folder: Path
    clock: Clock

    def permit(self, host: str, resource: str, limit: RateLimit) -> float:
        """Reserve a request: 0, or seconds to wait."""

        def turn(record: Record, now: datetime) -> tuple[Record, float]:
            if record.until is not None and now < record.until <= now + LONGEST:
                return record, (record.until - now).total_seconds()
            window = timedelta(seconds=limit.seconds)
            # of a clock that was set back, what lies ahead counts as just now
            recent = sorted(min(moment, now) for moment in record.asked.get(resource, ()) if moment > now - window)
            if len(recent) >= limit.count:
                kept = Record(asked={**record.asked, resource: recent}, until=record.until)
                return kept, (recent[-limit.count] + window - now).total_seconds()
            return Record(asked={**record.asked, resource: [*recent, now]}), 0.0

        return self._changed(host, turn)

    def leave_alone(self, host: str, seconds: float) -> None:
        def turn(record: Record, now: datetime) -> tuple[Record, float]:
            return Record(asked=record.asked, until=now + timedelta(seconds=seconds)), 0.0

        self._changed(host, turn)

    def _changed(self, host: str, turn: Callable[[Record, datetime], tuple[Record, float]]) -> float:
        """Read the record of a host, let a turn change it, and write it, while no other program does."""
        name = hashlib.sha256(host.encode()).hexdigest()[:20]
        for _ in range(TURNS):
            with suppress(Busy), locked(self.folder / f"{name}.turn"):
                path = self.folder / f"{name}.json"
                record, wait = turn(read_record(path), self.clock.now())
                publish_file(path, written(host, record))
                return wait
            self.clock.sleep(PAUSE)
        raise SdmxmigError("Another sdmxmig is asking the same service.", hint="Try again in a moment.")


def read_record(path: Path) -> Record:
    try:
        if path.stat().st_size > LARGEST:
            return Record(asked={})
        described: dict[str, Any] = json.loads(path.read_bytes())
        asked = {str(name): [moment_of(text) for text in texts] for name, texts in described["asked"].items()}
        return Record(asked=asked, until=moment_of(described["until"]) if described.get("until") else None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Record(asked={})


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def written(host: str, record: Record) -> bytes:
    described = {
        "host": host,
        "asked": {name: [moment.isoformat() for moment in moments] for name, moments in sorted(record.asked.items())},
        "until": record.until.isoformat() if record.until else "",
    }
    return json.dumps(described, indent=1).encode()
