"""Query addresses, strictly parsed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.transmission.pull.questions import NotAnswered, wrong

LONGEST = 4_000
TOO_LONG = 414
READ_THE_API = "See SDMX REST, API 1.5 or 2.2.2 (github.com/sdmx-twg/sdmx-rest)."
MOST_DIGITS = 9
MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?(Z|[+ -]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)
ID = re.compile(r"[A-Za-z0-9_@$\-]+", re.ASCII)
NESTED = re.compile(r"[A-Za-z0-9_@$\-]+(?:\.[A-Za-z0-9_@$\-]+)*", re.ASCII)
YEAR_START = re.compile(r"--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
MOST_PARTS = 200
"""So many alternatives one place of an address may list."""
LEFT_OUT = ("format",)


@dataclass(slots=True)
class Address:
    """A query address: path `segments` and `raw` parameters."""

    segments: tuple[str, ...]
    raw: dict[str, str] = field(default_factory=dict)

    def segment(self, index: int, default: str) -> str:
        text = self.segments[index] if index < len(self.segments) else ""
        return text or default

    def check_length(self, most: int) -> None:
        if len(self.segments) > most:
            raise wrong(f"The path goes on behind “{self.segments[most - 1]}”.", READ_THE_API)

    def text(self, name: str, default: str = "") -> str:
        return unquote(self.raw.pop(name, default))

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        text = self.text(name, default).lower()
        if text not in allowed:
            raise wrong(f"“{text}” is not a value of {name}.", did_you_mean(text, allowed))
        return text

    def number(self, name: str, *, least: int) -> int | None:
        text = self.text(name)
        if not text:
            return None
        is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
        if not is_number or int(text) < least:
            raise wrong(f"“{text}” is not a value of {name}.", f"Write a whole number from {least} on.")
        return int(text)

    def flag(self, name: str) -> bool:
        return self.choice(name, ("true", "false"), "false") == "true"

    def moment(self, name: str) -> datetime | None:
        text = self.text(name)
        return moment(text, name) if text else None

    def year_start(self) -> str:
        text = self.text("reportingYearStartDay")
        if text and not YEAR_START.fullmatch(text):
            raise wrong(f"“{text}” is not a value of reportingYearStartDay.", "Write it as --07-01.")
        return text

    def close(self) -> None:
        for name in LEFT_OUT:
            self.raw.pop(name, None)
        if self.raw:
            raise wrong(f"There is no parameter “{next(iter(self.raw))}” here.", READ_THE_API)


def address_of(path: str, query: str) -> Address:
    if len(path) + len(query) > LONGEST:
        raise NotAnswered(
            TOO_LONG, f"The address has more than {LONGEST:,} characters.", "Request fewer codes, or all of them."
        )
    segments = path.strip("/").split("/") if path.strip("/") else []
    while segments and not segments[-1]:
        segments.pop()
    raw: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        name = unquote(name)
        if name in raw:
            raise wrong(f"The parameter “{name}” occurs twice.", "Name it once, with its values behind one another.")
        raw[name] = value
    return Address(tuple(segments), raw)


def moment(text: str, name: str) -> datetime:
    """Parse an XML date and time; its plus may have become a blank in an address."""
    match = MOMENT.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        zone = (match[3] or "Z").upper().replace(" ", "+")
        parsed = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}{'+00:00' if zone == 'Z' else zone}")
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(f"“{text}” is not a value of {name}.", "Write a moment such as 2026-01-31T12:00:00Z.") from None


def alternatives(text: str, sign: str, what: str, pattern: re.Pattern[str] = ID) -> tuple[str, ...]:
    parts = text.split(sign)
    if len(parts) > MOST_PARTS:
        raise wrong(
            f"More than {MOST_PARTS} alternatives are listed as {what}.", "Ask for all, or in several questions."
        )
    for part in parts:
        if not pattern.fullmatch(part):
            raise wrong(f"“{part}” is not a valid {what}.", f"Separate several with {sign}.")
    return tuple(parts)
