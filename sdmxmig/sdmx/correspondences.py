"""Correspondences: the codes of a representation map in one direction, and why others have no counterpart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from fnmatch import fnmatchcase

from sdmxmig.primitives.patterns import pattern
from sdmxmig.sdmx.model.maps import WITHOUT_SOURCE, WITHOUT_TARGET, RepresentationMap

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
            matches = [pattern(source).fullmatch(value) for source, value in zip(sources, values, strict=True)]
            if all(matches):
                with_groups = next((match for match in matches if match and match.groups()), matches[0])
                return tuple(with_groups.expanded(target) if with_groups else target for target in targets)
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


def correspondence(representation_map: RepresentationMap, *, back: bool = False) -> Correspondence:
    """The codes of a map from source to target or back; of several with one counterpart the first comes back."""
    plain_lines = [line for line in representation_map.mappings if not any(source.regex for source in line.sources)]
    pairs: Iterable[tuple[Codes, Codes]] = (
        (tuple(source.value for source in line.sources), line.targets) for line in plain_lines
    )
    lines: dict[Codes, Codes] = {}
    for source, target in pairs:
        old, new = (target, source) if back else (source, target)
        lines.setdefault(old, new)
    annotation_type = WITHOUT_SOURCE if back else WITHOUT_TARGET
    notes = [note for note in representation_map.annotations if note.type == annotation_type]
    reasons = tuple((tuple(note.title.split(",")), str(note.text)) for note in notes)
    return Correspondence(lines, reasons, expressions=() if back else expressions_of(representation_map))


def expressions_of(representation_map: RepresentationMap) -> tuple[tuple[Codes, Codes], ...]:
    """The lines of a map whose sources are regular expressions; a plain source beside one is meant as it stands."""
    return tuple(
        (tuple(source.value if source.regex else re.escape(source.value) for source in line.sources), line.targets)
        for line in representation_map.mappings
        if any(source.regex for source in line.sources)
    )
