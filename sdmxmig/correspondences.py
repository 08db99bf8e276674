"""Correspondences: the codes of a representation map in one direction, and why others have no counterpart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sdmxmig.model.artefacts import ItemScheme
from sdmxmig.model.maps import WITHOUT_SOURCE, WITHOUT_TARGET, RepresentationMap

Codes = tuple[str, ...]
NO_REASON = "The map has no counterpart."


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Which codes become which, and the reasons of those that become none (patterns of codes, in order)."""

    lines: Mapping[Codes, Codes]
    reasons: tuple[tuple[Codes, str], ...]

    def get(self, values: Codes) -> Codes | None:
        """The counterpart of values, None if there is none."""
        return self.lines.get(values)

    def reason(self, values: Codes) -> str:
        """Why values have no counterpart."""
        return next((why for patterns, why in self.reasons if fits(values, patterns)), NO_REASON)

    def without_a_word(self, scheme: ItemScheme, position: int = 0) -> tuple[str, ...]:
        """The codes of a list that no line has at this position and no reason names one by one or as a group.

        A reason for anything (``*``) does not count.
        """
        known = {values[position] for values in self.lines}
        patterns = {given[position] for given, _ in self.reasons} - {"*"}
        return tuple(
            code for code in scheme.ids if code not in known and not any(fnmatchcase(code, one) for one in patterns)
        )


def fits(values: Codes, patterns: Codes) -> bool:
    """Whether values fit patterns with ``*`` and ``?``, one by one.

    >>> fits(("FC", "029"), ("*", "[0-9]*")), fits(("FC", "GE"), ("*", "[0-9]*"))
    (True, False)
    """
    return len(values) == len(patterns) and all(map(fnmatchcase, values, patterns))


def correspondence(one: RepresentationMap, *, back: bool = False) -> Correspondence:
    """The codes of a map from source to target or back; of several with one counterpart the first comes back."""
    pairs: Iterable[tuple[Codes, Codes]] = (
        (tuple(source.value for source in line.sources), line.targets) for line in one.mappings
    )
    lines: dict[Codes, Codes] = {}
    for source, target in pairs:
        old, new = (target, source) if back else (source, target)
        lines.setdefault(old, new)
    wanted = WITHOUT_SOURCE if back else WITHOUT_TARGET
    notes = [note for note in one.annotations if note.type == wanted]
    return Correspondence(lines, tuple((tuple(note.title.split(",")), str(note.text)) for note in notes))
