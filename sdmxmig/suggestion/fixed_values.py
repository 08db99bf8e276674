"""The components that have one value in a whole region: what the titles say, what is usual, what a person decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.model.data import Attributes
from sdmxmig.periods import parse
from sdmxmig.recognition import Candidate
from sdmxmig.recognition.recogniser import WHOLE_WORLD, WORLD
from sdmxmig.suggestion.coded_lines import as_agency_says, coded_lines_of
from sdmxmig.suggestion.components import Reading
from sdmxmig.suggestion.doubts import doubted, in_fractions
from sdmxmig.suggestion.figures import has_fractions
from sdmxmig.suggestion.fixed import (
    INSIDE,
    MULTIPLE,
    USUAL,
    Setting,
    beside_notes,
    one_value,
    settings,
    told_by_period,
    words_of,
)
from sdmxmig.suggestion.lines import Fit, Known, lines_of
from sdmxmig.suggestion.one_status import status_said
from sdmxmig.suggestion.other_measures import PERSONS, SHARES, Others
from sdmxmig.suggestion.over_all import with_labels_over_all
from sdmxmig.suggestion.part_years import Part, doubted_years
from sdmxmig.suggestion.plain_titles import with_plain_titles
from sdmxmig.suggestion.questions import Decisions, Question, decided
from sdmxmig.suggestion.regions import Region
from sdmxmig.suggestion.texts_around import FILE, NOTE, Said, titles_in

PERCENT = "PT"


def fixed_of(
    region: Region,
    read: tuple[Sequence[Fit], Others, Sequence[Reading], Sequence[Candidate], Part | None],
    texts: Sequence[Said],
    known: Known,
    area: str,
    decisions: Decisions,
) -> tuple[Attributes, tuple[Question, ...]]:
    """The components with one value in the whole region, and their questions."""
    fits, others, readings, freqs, named_part = read
    period = decided(decisions, region.name, "fixed TIME_PERIOD")
    said = parse(period) if period else None
    freq = next((reading.freq for reading in readings if reading.freq), said.freq if said else "")
    given = [*(one.component for one in fits), *(one.component for one in others.carried)]
    given += [one.group.component for one in readings if one.group]
    titles = titles_in(texts)
    found = settings(known.flow, given, titles, area=area or whole_world(fits), freq=freq, recogniser=known.recogniser)
    found = doubted_by_file(found, texts, known)
    inside = [one.text for one in texts if one.where not in (NOTE, FILE)]
    found = tuple(in_own_unit(one, inside, known) for one in found)
    found = with_plain_titles(found, texts, fits, known.recogniser)
    found = with_labels_over_all(found, lines_of(region), known)
    found = doubted(found, coded_lines_of(region, known), titles, known, notes=region.notes)
    if has_fractions(text for _, column, text in region.figures if not others.holds(region.over(column))):
        found = in_fractions(found)
    if any(skip.reason == SHARES for skip in (*others.rows, *others.columns)):
        found = tuple(counted_again(one) for one in found)
    if freqs:
        found = tuple(
            Setting("FREQ", freqs[0], others=tuple(freqs[1:])) if one.component == "FREQ" else one for one in found
        )
    found = as_agency_says(found, [one.text for one in texts], coded_lines_of(region, known), known)
    found = beside_notes(doubted_years(found, named_part), region.notes, known.recogniser)
    named = [*given, *(one.component for one in found)]
    written = [one.text for one in texts]
    found = (*found, *status_said(region.name, named, written, known, decisions=decisions))
    return fixed_values(region.name, found if period else told_by_period(found), decisions)


def doubted_by_file(found: Sequence[Setting], texts: Sequence[Said], known: Known) -> tuple[Setting, ...]:
    """The settings, with a question about a multiple that nothing says but the name of the file."""
    titles = titles_in([one for one in texts if one.where != FILE])
    told = {USUAL[MULTIPLE][0], *words_of(MULTIPLE, known.flow, titles, known.recogniser)}
    return tuple(
        replace(one, chosen=replace(one.chosen, confidence=min(one.chosen.confidence, INSIDE)))
        if one.component == MULTIPLE and one.chosen.code not in told
        else one
        for one in found
    )


def in_own_unit(one: Setting, titles: Sequence[str], known: Known) -> Setting:
    """The unit that the workbook itself names: “pct” in the name of its file makes no shares of its figures."""
    if one.component != "UNIT_MEASURE" or one.chosen.code in ("", PERSONS):
        return one
    return one_value(one.component, known.flow, titles, known.recogniser, area="")


def counted_again(one: Setting) -> Setting:
    """A unit of shares that titles name as persons again, where the columns of shares stay out."""
    is_share = one.component == "UNIT_MEASURE" and one.chosen.code == PERCENT
    return replace(one, chosen=Candidate(PERSONS, 0.9, reason="as usual; the shares stay out")) if is_share else one


def fixed_values(sheet: str, found: Sequence[Setting], decisions: Decisions) -> tuple[Attributes, tuple[Question, ...]]:
    """The components with one value, as proposed or decided, and their questions."""
    pairs, asked = [], []
    for one in found:
        said = decided(decisions, sheet, f"fixed {one.component}")
        if said or one.chosen.code:
            pairs.append((one.component, said or one.chosen.code))
        asked.append(Question(sheet, f"fixed {one.component}", label="", chosen=one.chosen, others=one.others))
    return tuple(pairs), tuple(asked)


def whole_world(fits: Sequence[Fit]) -> str:
    """The code of the world if countries of origin are listed with their total for the world."""
    worlds = [many[0] for one in fits for many in one.meanings.values() if many and many[0].reason == WHOLE_WORLD]
    return WORLD if worlds else ""
