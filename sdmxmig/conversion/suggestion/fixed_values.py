"""Components with one value in a region: titles, defaults, decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.candidates import best
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.recognition.recogniser import WHOLE_WORLD, WORLD
from sdmxmig.conversion.suggestion.ambiguities import doubted, in_fractions
from sdmxmig.conversion.suggestion.basis import Basis
from sdmxmig.conversion.suggestion.coded_lines import as_agency_says, coded_lines_of
from sdmxmig.conversion.suggestion.figures import has_fractions
from sdmxmig.conversion.suggestion.fixed import (
    INSIDE,
    MULTIPLE,
    STATUS,
    TOTAL,
    USUAL,
    Setting,
    beside_notes,
    fixed_settings,
    one_value,
    without_asked_frequency,
    words_of,
)
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, lines_of, meanings_of
from sdmxmig.conversion.suggestion.other_measures import PERSONS, SHARES
from sdmxmig.conversion.suggestion.part_years import doubted_years
from sdmxmig.conversion.suggestion.plain_titles import with_plain_titles
from sdmxmig.conversion.suggestion.questions import DECIDED, Decisions, Question, decided
from sdmxmig.conversion.suggestion.read_regions import ReadRegion
from sdmxmig.conversion.suggestion.sayable import sayable_attributes
from sdmxmig.conversion.suggestion.stated_rules import with_stated_rule
from sdmxmig.conversion.suggestion.texts_around import FILE, NOTE, SurroundingText, titles_in
from sdmxmig.conversion.suggestion.year_statements import without_statements
from sdmxmig.primitives.periods import parse
from sdmxmig.sdmx.model.data import Attributes

PERCENT = "PT"
PART = f"fixed {STATUS}"
ITEMS = ("ACC_ITEM", "ADM_ITEM", "PROT_ITEM", "CTZ_ITEM", "TMP_ITEM")
"""Components of what is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedValues:
    """Components with one value, and questions."""

    codes: Attributes
    questions: tuple[Question, ...]


def fixed_values(read: ReadRegion) -> FixedValues:
    """The components with one value in the whole region, and their questions."""
    basis, texts = read.basis, [text.text for text in read.around.texts]
    region, known = basis.region, basis.known
    period = decided(basis.decisions, basis.sheet, "fixed TIME_PERIOD")
    values = settings_of_texts(read, freq_of_labels(read, period))
    values = of_figures_read(values, read)
    values = with_frequencies(values, read.periods.freqs)
    values = as_agency_says(values, texts, coded_lines_of(region, known), known)
    values = beside_notes(doubted_years(values, read.periods.part), region.notes, known.recogniser)
    components = [*components_of_lines(read), *(setting.component for setting in values)]
    values = (*values, *decided_status(basis.sheet, components, texts, known, decisions=basis.decisions))
    values = (*values, *decided_attributes(basis, components))
    return as_decided(values if period else without_asked_frequency(values), basis)


def freq_of_labels(read: ReadRegion, period: str) -> str:
    parsed = parse(period) if period else None
    return next((reading.freq for reading in read.readings if reading.freq), parsed.freq if parsed else "")


def components_of_lines(read: ReadRegion) -> list[str]:
    carried = (component_map.component for component_map in read.apart.other_measures.carried)
    groups = (reading.group.component for reading in read.readings if reading.group)
    return [*(fit.component for fit in read.fits), *carried, *groups]


def settings_of_texts(read: ReadRegion, freq: str) -> tuple[Setting, ...]:
    """The values of a whole table as its texts tell them, with what texts and labels say against them."""
    basis, texts = read.basis, read.around.texts
    titles = tuple(without_statements(title, read.of_years) for title in read.around.titles)
    region, known = basis.region, basis.known
    area = basis.area or whole_world(read.fits)
    values = fixed_settings(
        known.flow, components_of_lines(read), titles, area=area, freq=freq, recogniser=known.recogniser
    )
    values = doubted_by_file(values, texts, known)
    inside = [text.text for text in texts if text.where not in (NOTE, FILE)]
    values = tuple(in_own_unit(setting, inside, known) for setting in values)
    values = with_plain_titles(values, texts, read.fits, known.recogniser)
    values = with_labels_over_all(values, lines_of(region), known)
    values = with_stated_rule(values, texts, known)
    return doubted(values, coded_lines_of(region, known), titles, known, notes=region.notes)


def of_figures_read(values: tuple[Setting, ...], read: ReadRegion) -> tuple[Setting, ...]:
    region, others = read.basis.region, read.apart.other_measures
    if has_fractions(text for _, column, text in region.figures if not others.holds(region.over(column))):
        values = in_fractions(values)
    if any(skip.reason == SHARES for skip in (*others.rows, *others.columns)):
        values = tuple(counted_again(setting) for setting in values)
    return values


def with_frequencies(values: tuple[Setting, ...], freqs: Sequence[Candidate]) -> tuple[Setting, ...]:
    if not freqs:
        return values
    frequency = Setting("FREQ", freqs[0], others=tuple(freqs[1:]))
    return tuple(frequency if setting.component == "FREQ" else setting for setting in values)


def doubted_by_file(
    values: Sequence[Setting], texts: Sequence[SurroundingText], known: FlowKnowledge
) -> tuple[Setting, ...]:
    titles = titles_in([text for text in texts if text.where != FILE])
    codes = {USUAL[MULTIPLE][0], *words_of(MULTIPLE, known.flow, titles, known.recogniser)}
    return tuple(
        replace(setting, chosen=replace(setting.chosen, confidence=min(setting.chosen.confidence, INSIDE)))
        if setting.component == MULTIPLE and setting.chosen.code not in codes
        else setting
        for setting in values
    )


def in_own_unit(setting: Setting, titles: Sequence[str], known: FlowKnowledge) -> Setting:
    if setting.component != "UNIT_MEASURE" or setting.chosen.code in ("", PERSONS):
        return setting
    return one_value(setting.component, known.flow, titles, known.recogniser, area="")


def counted_again(setting: Setting) -> Setting:
    is_share = setting.component == "UNIT_MEASURE" and setting.chosen.code == PERCENT
    return (
        replace(setting, chosen=Candidate(PERSONS, 0.9, reason="as usual; the shares stay out"))
        if is_share
        else setting
    )


def as_decided(values: Sequence[Setting], basis: Basis) -> FixedValues:
    codes, questions = [], []
    for setting in values:
        part = f"fixed {setting.component}"
        code = decided(basis.decisions, basis.sheet, part) or setting.chosen.code
        if code:
            codes.append((setting.component, code))
        questions.append(Question(basis.sheet, part, label="", chosen=setting.chosen, others=setting.others))
    return FixedValues(codes=tuple(codes), questions=tuple(questions))


def whole_world(fits: Sequence[Fit]) -> str:
    worlds = [
        candidates[0]
        for fit in fits
        for candidates in fit.meanings.values()
        if candidates and candidates[0].reason == WHOLE_WORLD
    ]
    return WORLD if worlds else ""


def decided_status(
    sheet: str, components: Collection[str], texts: Sequence[str], known: FlowKnowledge, *, decisions: Decisions
) -> Iterator[Setting]:
    if STATUS in components or STATUS not in known.flow.structure:
        return
    of_sheet = decisions.get((sheet, PART, ""), "").strip()
    speak = (read_title(" ".join(text.split()), known.recogniser).of(STATUS) for text in texts)
    status = of_sheet or (decided(decisions, sheet, PART) if any(speak) else "")
    if status:
        yield Setting(STATUS, Candidate(status, 1.0, reason=DECIDED))


def decided_attributes(basis: Basis, components: Collection[str]) -> Iterator[Setting]:
    for attribute in sayable_attributes(basis.known.flow.structure):
        answer = decided(basis.decisions, basis.sheet, f"fixed {attribute.id}")
        if answer and attribute.id not in components:
            yield Setting(attribute.id, Candidate(answer, 1.0, reason=DECIDED))


def with_labels_over_all(
    settings: Sequence[Setting], lines: Sequence[Line], known: FlowKnowledge
) -> tuple[Setting, ...]:
    over = [line.texts[0] for line in lines if line.source.kind == "header" and len(line.texts) == 1]
    full = [text for text in over if not any(line.carried and text in line.texts for line in lines)]
    return tuple(as_over_all(setting, full, known) if setting.component in ITEMS else setting for setting in settings)


def as_over_all(setting: Setting, texts: Sequence[str], known: FlowKnowledge) -> Setting:
    if setting.chosen.code or not texts:
        return setting
    meanings = meanings_of(tuple(texts), setting.component, known.flow, known.recogniser)
    meaning_by_text = {
        text: sure for text in texts if (sure := best(meanings[text])) and sure.is_applied and sure.code != TOTAL
    }
    codes = {sure.code for sure in meaning_by_text.values()}
    return Setting(setting.component, next(iter(meaning_by_text.values()))) if len(codes) == 1 else setting
