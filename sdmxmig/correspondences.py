"""Correspondences: the codes of a representation map in one direction, and why others have no counterpart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from fnmatch import fnmatchcase

from sdmxmig.model.maps import WITHOUT_SOURCE, WITHOUT_TARGET, RepresentationMap
from sdmxmig.patterns import pattern

Codes = tuple[str, ...]
NO_REASON = "The map has no counterpart."


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Which codes become which, and the reasons of those that become none (patterns of codes, in order)."""

    lines: Mapping[Codes, Codes]
    reasons: tuple[tuple[Codes, str], ...]
    _: KW_ONLY
    expressions: tuple[tuple[Codes, Codes], ...] = ()

    def get(self, values: Codes) -> Codes | None:
        r"""The counterpart of values, None if there is none: a line of its own comes before an expression.

        ``\1`` in a target stands for the first group of the expression.

        >>> Correspondence({}, (), expressions=(((r"Y(\d+)",), (r"AGE_\1",)),)).get(("Y15",))
        ('AGE_15',)
        """
        if values in self.lines:
            return self.lines[values]
        for sources, targets in self.expressions:
            found = [pattern(source).fullmatch(value) for source, value in zip(sources, values, strict=True)]
            if all(found):
                whole = next((one for one in found if one and one.groups()), found[0])
                return tuple(whole.expanded(target) if whole else target for target in targets)
        return None

    def reason(self, values: Codes) -> str:
        """Why values have no counterpart."""
        return next((why for patterns, why in self.reasons if fits(values, patterns)), NO_REASON)


def fits(values: Codes, patterns: Codes) -> bool:
    """Whether values fit patterns with ``*`` and ``?``, one by one.

    >>> fits(("FC", "029"), ("*", "[0-9]*")), fits(("FC", "GE"), ("*", "[0-9]*"))
    (True, False)
    """
    return len(values) == len(patterns) and all(map(fnmatchcase, values, patterns))


def correspondence(one: RepresentationMap, *, back: bool = False) -> Correspondence:
    """The codes of a map from source to target or back; of several with one counterpart the first comes back."""
    plain = [line for line in one.mappings if not any(source.regex for source in line.sources)]
    pairs: Iterable[tuple[Codes, Codes]] = (
        (tuple(source.value for source in line.sources), line.targets) for line in plain
    )
    lines: dict[Codes, Codes] = {}
    for source, target in pairs:
        old, new = (target, source) if back else (source, target)
        lines.setdefault(old, new)
    wanted = WITHOUT_SOURCE if back else WITHOUT_TARGET
    notes = [note for note in one.annotations if note.type == wanted]
    reasons = tuple((tuple(note.title.split(",")), str(note.text)) for note in notes)
    return Correspondence(lines, reasons, expressions=() if back else expressions_of(one))


def expressions_of(one: RepresentationMap) -> tuple[tuple[Codes, Codes], ...]:
    """The lines of a map whose sources are regular expressions; a plain source beside one is meant as it stands."""
    return tuple(
        (tuple(source.value if source.regex else re.escape(source.value) for source in line.sources), line.targets)
        for line in one.mappings
        if any(source.regex for source in line.sources)
    )
