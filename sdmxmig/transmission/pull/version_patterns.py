"""Version patterns in queries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass

from sdmxmig.transmission.pull.refusals import wrong

ALL, STABLE, LATEST = "*", "+", "~"
WILDCARDS = (ALL, STABLE, LATEST)
PART = re.compile(r"(\d{1,9})?([*+~])?", re.ASCII)
VERSION = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,2})(-[A-Za-z0-9.-]+)?", re.ASCII)
Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VersionPattern:
    """A version pattern: `exact`, or from `least` with `fixed` numbers.

    `wildcard`: ``*`` all, ``+`` latest stable, ``~`` latest. `bare`: drafts as in SDMX 2.1.
    """

    exact: str = ""
    wildcard: str = ""
    _: KW_ONLY
    least: Numbers = ()
    fixed: int = 0
    bare: bool = False

    def chosen(self, versions: Iterable[str]) -> set[str]:
        known = list(versions)
        if self.exact:
            exact = {version for version in known if version == self.exact}
            return exact or {version for version in known if self.bare and version == f"{self.exact}-draft"}
        fitting = [version for version in known if self.fits(version)]
        if self.bare and self.wildcard == LATEST:  # what is in production comes before what is still drafted
            fitting = [version for version in fitting if "-" not in version] or fitting
        return set(fitting) if self.wildcard == ALL else set(sorted(fitting, key=order)[-1:])

    def fits(self, version: str) -> bool:
        """Whether a version is in the range."""
        match = VERSION.fullmatch(version)
        if match is None:
            return not self.least and self.wildcard != STABLE
        numbers = numbers_of(match[1])
        is_stable = len(numbers) == 3 and not match[2] and numbers[0] > 0
        if self.wildcard == STABLE and not is_stable:
            return False
        if not self.least:
            return True
        same_length = len(numbers) == len(self.least)
        return same_length and numbers[: self.fixed] == self.least[: self.fixed] and numbers >= self.least


def numbers_of(text: str) -> Numbers:
    return tuple(map(int, text.split(".")))


def order(version: str) -> tuple[Numbers, bool, str]:
    """What puts versions in their order: a draft comes before the version that it becomes.

    >>> sorted(["1.0.0", "1.0.0-draft", "1.10", "1.2"], key=order)
    ['1.0.0-draft', '1.0.0', '1.2', '1.10']
    """
    match = VERSION.fullmatch(version)
    if match is None:
        return (), False, version
    numbers = numbers_of(match[1])
    return numbers + (0,) * (3 - len(numbers)), not match[2], match[2] or version


def version_pattern(text: str) -> VersionPattern:
    """A version as API 2.x writes it.

    >>> sorted(version_pattern("1.2+.0").chosen(["1.1.0", "1.2.0", "1.3.1", "2.0.0"]))
    ['1.3.1']

    Raises `NotAnswered` for what is no version, and for a wildcard where the API has none.
    """
    if text in WILDCARDS:
        return VersionPattern(wildcard=text)
    if VERSION.fullmatch(text):
        return VersionPattern(text)
    parts = [PART.fullmatch(part) for part in text.split(".")]
    wild = [index for index, match in enumerate(parts) if match and match[2]]
    if len(parts) > 3 or not all(match and match[0] for match in parts) or len(wild) != 1:
        raise wrong(f"“{text}” is no version.", "Write X.Y.Z, one wildcard at most, *, + or ~.")
    place = wild[0]
    matches = [match for match in parts if match]
    sign, is_open = matches[place][2], not matches[place][1]
    if any(not match[1] for index, match in enumerate(matches) if index != place):
        raise wrong(f"“{text}” is no version.", "Write X.Y.Z, one wildcard at most, *, + or ~.")
    if is_open and any(match[1].strip("0") for match in matches[place + 1 :]):
        raise wrong(
            f"“{text}” has a number behind an open wildcard.", "Write 0 there, or a number before the wildcard."
        )
    if sign == STABLE and len(parts) < 3:
        raise wrong(f"“{text}” asks for a stable version without three numbers.", "Write it as 2.3+.0.")
    least = tuple(int(match[1] or 0) for match in matches)
    return VersionPattern(wildcard=sign, least=least, fixed=place)
