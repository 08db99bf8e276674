"""Code mappings of a representation map in one direction, with reasons for codes without a counterpart."""

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
    """A code mapping and the reasons why some codes have no counterpart (ordered patterns of codes)."""

    lines: Mapping[Codes, Codes]
    reasons: tuple[tuple[Codes, str], ...]
    _: KW_ONLY
    expressions: tuple[tuple[Codes, Codes], ...] = ()

    def get(self, values: Codes) -> Codes | None:
        r"""Look up the counterpart of values, or None; exact lines precede regular expressions.

        ``\1`` in a target is the first group of the expression.

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
        return next((why for patterns, why in self.reasons if fits(values, patterns)), NO_REASON)


def fits(values: Codes, patterns: Codes) -> bool:
    """Whether values match patterns with ``*`` and ``?``, one by one.

    >>> fits(("FC", "029"), ("*", "[0-9]*")), fits(("FC", "GE"), ("*", "[0-9]*"))
    (True, False)
    """
    return len(values) == len(patterns) and all(map(fnmatchcase, values, patterns))


def correspondence(representation_map: RepresentationMap, *, back: bool = False) -> Correspondence:
    """Map source codes to target codes, or back; of several counterparts the first is used."""
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
    return tuple(
        (tuple(source.value if source.regex else re.escape(source.value) for source in line.sources), line.targets)
        for line in representation_map.mappings
        if any(source.regex for source in line.sources)
    )
