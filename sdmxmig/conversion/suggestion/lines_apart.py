"""Lines set apart: names, other measures, groupings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.conversion.suggestion.basis import Basis
from sdmxmig.conversion.suggestion.coded_lines import coded_lines_of, with_one_of_equals
from sdmxmig.conversion.suggestion.groupings import groupings
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import Line
from sdmxmig.conversion.suggestion.other_measures import OtherMeasures, other_measures, without_unchosen
from sdmxmig.conversion.suggestion.periods_with_words import with_periods_apart
from sdmxmig.conversion.suggestion.questions import ONLY, only_label
from sdmxmig.conversion.suggestion.silent_rows import silent_labels
from sdmxmig.conversion.suggestion.tall_heads import without_names
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesApart:
    """Lines, and those set apart.

    `names` only name the next row; `others` are other measures; `grouped` group a line; `ungrouped` are the rest,
    `telling` without omitted labels.
    """

    every: tuple[Line, ...]
    names: tuple[str, ...]
    other_measures: OtherMeasures
    grouped: tuple[tuple[Line, Line], ...]
    ungrouped: tuple[Line, ...]
    telling: tuple[Line, ...]

    @property
    def of_others(self) -> tuple[Line, ...]:
        return tuple(line for line in self.ungrouped if line.source in self.other_measures.labels)


def lines_apart(basis: Basis) -> LinesApart:
    region, known = basis.region, basis.known
    unnamed, names = without_names(region, coded_lines_of(region, known), known)
    others, lines = others_apart(unnamed, basis)
    grouped = groupings(region, lines, known)
    groups = {coarse.source for coarse, _ in grouped}
    ungrouped = tuple(line for line in lines if line.source not in groups)
    telling = without_texts(without_texts(ungrouped, others.labels), silent_labels(region, ungrouped, known))
    return LinesApart(
        every=lines, names=names, other_measures=others, grouped=grouped, ungrouped=ungrouped, telling=telling
    )


def others_apart(lines: Sequence[Line], basis: Basis) -> tuple[OtherMeasures, tuple[Line, ...]]:
    region, known = basis.region, basis.known
    decisions = with_one_of_equals(region, lines, basis.decisions, known)
    others = other_measures(region, lines, known)
    apart = with_periods_apart(lines, others.labels, known)
    check_only(apart, basis)
    return without_unchosen(others, apart, basis.sheet, decisions), apart


def check_only(lines: Sequence[Line], basis: Basis) -> None:
    orders = {part: decision for (sheet, part, _), decision in basis.decisions.items() if sheet == basis.sheet}
    for line in lines:
        decision = orders.get(f"line {line.source}", "")
        if decision.startswith(ONLY) and decision not in map(only_label, line.texts):
            label, place = decision.removeprefix(ONLY), Place(basis.region.table.file, basis.region.table.sheet)
            raise InputError(f"“{label}” is no label of {line.source}.", place, did_you_mean(label, line.texts))


def without_texts(lines: Sequence[Line], gone: Mapping[LineSource, frozenset[str]]) -> tuple[Line, ...]:
    texts_by_line = (
        (line, tuple(text for text in line.texts if text not in gone.get(line.source, ()))) for line in lines
    )
    return tuple(replace(line, texts=texts) for line, texts in texts_by_line if texts)
