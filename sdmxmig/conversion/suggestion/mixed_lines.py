"""Lines with labels of several components: “Total, men, women, of whom children under 18”.

All words must be known, and the figures must show whom each label counts and whether labels overlap, such as
“children” and “men”.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.country_wordings import without_of_which
from sdmxmig.conversion.recognition.labels import without_marks
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.suggestion.assignment import is_open_line, traits_in
from sdmxmig.conversion.suggestion.components import certain, decision
from sdmxmig.conversion.suggestion.fixed import CITIZENS, FOREIGN, NATIONAL, words_of
from sdmxmig.conversion.suggestion.label_codes import COUNTED, group_ages, read_label, sayable, usual_code
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, holds_areas, is_time, is_total
from sdmxmig.conversion.suggestion.nationals import status_of
from sdmxmig.conversion.suggestion.questions import Basis
from sdmxmig.conversion.suggestion.sums_of_parts import figures_by_part, is_sum
from sdmxmig.conversion.suggestion.words_inside import AGE

SURE = 0.95
MAX_LABELS = 40
"""Maximum number of labels in a line of groups of people."""
SEVERAL = 2
MIN_SHARE = 0.5
SEX, BOTH = "SEX", frozenset({"M", "F"})
OF_BOTH = frozenset({AGE, "ACCOMPANIED"})
"""“Of whom” after women includes men and women; otherwise girls would be named."""
DASHES = ("-", "–", "—", "•", "·")
"""Signs before a label that is a part of the one above."""
COUNTRY = "C_CITIZEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The context of a line: basis, lines, titles.

    `components` may be named by labels.
    """

    basis: Basis
    lines: Sequence[Line]
    titles: Sequence[str]
    components: tuple[str, ...] = ()

    @property
    def known(self) -> FlowKnowledge:
        return self.basis.known

    def without(self, components: Collection[str]) -> Surroundings:
        return replace(self, components=sayable(self.known, components))


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedLabels:
    """The labels of a line: `main` component, and mixed ones."""

    line: Line
    main: str
    plain: Mapping[str, str]
    mixed: Mapping[str, Mapping[str, Candidate]]


def with_mixed(fits: Sequence[Fit], twins: Collection[LineSource], around: Surroundings) -> tuple[Fit, ...]:
    """Add the further components of mixed labels.

    `twins` are equivalent lines.
    """
    components = {fit.component for fit in fits}
    read_fits: list[Fit] = []
    by_line: dict[LineSource, list[Fit]] = {}
    for fit in fits:
        by_line.setdefault(fit.line.source, []).append(fit)
    for listed in by_line.values():
        of_line = {fit.component for fit in listed}
        is_open = all(may_be_mixed(fit, around.known) for fit in listed)
        read_fits += join_fits(listed, around.without(components - of_line)) if is_open else listed
        components |= {fit.component for fit in read_fits}
    for line in around.lines:
        if line.source not in {*by_line, *twins} and is_readable(line, around):
            read_fits += fits_by_words(line, around.without(components)) or of_nationals(line, components, around)
            components |= {fit.component for fit in read_fits}
    return tuple(read_fits)


def join_fits(listed: Sequence[Fit], around: Surroundings) -> Sequence[Fit]:
    first, other_fits = listed[0], listed[1:]
    widened_fits = widened(first, around)
    if not other_fits:
        return widened_fits
    plain = [text for text, candidates in first.meanings.items() if certain(first, candidates) not in ("", TOTAL)]
    named_by_others = any(certain(fit, fit.meanings[text]) not in ("", TOTAL) for fit in other_fits for text in plain)
    return listed if named_by_others else widened_fits


def is_readable(line: Line, around: Surroundings) -> bool:
    is_trait = bool(traits_in((line.head, *around.titles), around.known))
    return (
        is_open_line(line, around.known.recogniser) and len(line.texts) <= MAX_LABELS and not (line.upper or is_trait)
    )


def may_be_mixed(fit: Fit, known: FlowKnowledge) -> bool:
    """Check whether labels may name other components; not for countries, periods or items."""
    codelist = known.flow.codelist(fit.component)
    is_closed = fit.component in COUNTED or is_time(fit.component, known.flow) or fit.line.is_joined
    in_key = fit.component in known.flow.structure.key and not is_closed
    return (
        in_key
        and codelist is not None
        and not holds_areas(fit.component, known.flow)
        and TOTAL in codelist
        and len(fit.line.texts) <= MAX_LABELS
    )


def widened(fit: Fit, around: Surroundings) -> tuple[Fit, ...]:
    line, main = fit.line, fit.component
    known_codes = {text: code for text, candidates in fit.meanings.items() if (code := certain(fit, candidates))}
    answered_labels = {
        text
        for text in line.texts
        if decision(around.basis.decisions, around.basis.sheet, main, text, known=around.known)
    }
    codes_by_label = read_labels(
        line, [text for text in line.texts if text not in known_codes and text not in answered_labels], around
    )
    alone = {text: codes[main] for text, codes in codes_by_label.items() if codes.keys() == {main}}
    plain = {**known_codes, **{text: candidate.code for text, candidate in alone.items()}}
    wholes = [text for text, codes in codes_by_label.items() if not codes and is_whole(text, plain, line, around)]
    has_total = TOTAL in (around.known.flow.codelist(main) or ())
    if len(wholes) == 1 and has_total and TOTAL not in plain.values():
        plain[wholes[0]] = TOTAL
    mixed = {text: codes for text, codes in codes_by_label.items() if codes and text not in plain}
    labels = confirmed(MixedLabels(line=line, main=main, plain=plain, mixed=mixed), around)
    if is_doubled(labels, around):
        return (fit,)
    main_meanings = {
        text: (alone.get(text, candidate(code)),) for text, code in plain.items() if text not in known_codes
    }
    main_meanings |= {text: (codes.get(main, candidate(TOTAL)),) for text, codes in labels.mixed.items()}
    is_read = not fit.alternatives and {*plain, *labels.mixed} >= {*line.texts}
    main_fit = replace(fit, meanings={**fit.meanings, **main_meanings}, score=1.0 if is_read else fit.score)
    return (main_fit, *further(labels, around)) if main_meanings else (fit,)


def is_whole(text: str, plain: Mapping[str, str], line: Line, around: Surroundings) -> bool:
    label_codes = read_label(text, around.components, around.known)
    parts = [text for text, code in plain.items() if code != TOTAL]
    is_named = label_codes is not None and label_codes.is_whole
    return is_named or is_total_of(figures_of(line, around), text, parts)


def fits_by_words(line: Line, around: Surroundings) -> tuple[Fit, ...]:
    codes_by_label = read_labels(line, line.texts, around)
    counts = Counter(name for codes in codes_by_label.values() for name in codes)
    main = max(around.components, key=lambda name: counts[name], default="")
    totals = [text for text in line.texts if is_total(text, around.known.recogniser)]
    plain = {text: codes_by_label[text][main] for text in codes_by_label if codes_by_label[text].keys() == {main}}
    main_codes = {candidate.code for candidate in plain.values()}
    labels_but_totals = len(line.texts) - len(totals)
    if len(main_codes) < SEVERAL - bool(totals) or len(plain) < MIN_SHARE * labels_but_totals or len(totals) > 1:
        return ()
    listed = around.known.flow.codelist(main) or ()
    meanings = {text: (plain[text],) if text in plain else () for text in line.texts}
    meanings |= {text: (candidate(TOTAL),) for text in totals if TOTAL in listed}
    fits = widened(Fit(line, main, score=1.0, meanings=meanings), around)
    unread = [text for text, candidates in fits[0].meanings.items() if not candidates and text not in totals]
    return (replace(fits[0], score=round(1 - len(unread) / len(line.texts), 2)), *fits[1:])


def read_labels(line: Line, texts: Sequence[str], around: Surroundings) -> Mapping[str, Mapping[str, Candidate]]:
    every = {text: read_label(text, around.components, around.known) for text in line.texts}
    answers = {
        text: decision(around.basis.decisions, around.basis.sheet, AGE, text, known=around.known) for text in line.texts
    }
    ages = dict(group_ages(every, (*around.titles, *around.basis.region.notes), answers, around.known))
    codes_by_label = {}
    for text in texts:
        label_codes = every[text]
        if label_codes is not None:
            codes = {
                name: candidate(code) for name, code in label_codes.codes.items() if not is_counted(name, code, around)
            }
            codes_by_label[text] = {**codes, AGE: ages[text]} if text in ages else codes
    return codes_by_label


def is_counted(name: str, code: str, around: Surroundings) -> bool:
    if name not in COUNTED:
        return False
    return {*words_of(name, around.known.flow, around.titles, around.known.recogniser)} == {code}


def candidate(code: str) -> Candidate:
    return Candidate(code, SURE, reason="as the label states")


def confirmed(labels: MixedLabels, around: Surroundings) -> MixedLabels:
    if not labels.mixed:
        return labels
    usual = {name: usual_of(name, around) for codes in labels.mixed.values() for name in codes}
    usual_known = {
        text: codes for text, codes in labels.mixed.items() if all(usual[name] for name in codes.keys() - {labels.main})
    }
    sure = {text: codes for text, codes in usual_known.items() if counts_other(codes, usual)}
    people = {text: codes for text, codes in usual_known.items() if text not in sure}
    figures = figures_of(labels.line, around)
    people = {
        text: codes for text, codes in people.items() if is_of_all(text, codes, labels, figures, known=around.known)
    }
    if are_certain(replace(labels, mixed=people), figures):
        sure = {text: codes for text, codes in usual_known.items() if text in sure or text in people}
    confirmed_labels = replace(labels, mixed=sure)
    return replace(labels, mixed={}) if is_doubled(confirmed_labels, around) else confirmed_labels


def usual_of(name: str, around: Surroundings) -> str:
    return usual_code(name, around.titles, around.basis.area, around.known)


def counts_other(codes: Mapping[str, Candidate], usual: Mapping[str, str]) -> bool:
    return any(name in COUNTED and candidate.code != usual[name] for name, candidate in codes.items())


def are_certain(labels: MixedLabels, figures: Figures) -> bool:
    totals = [text for text, code in labels.plain.items() if code == TOTAL]
    parts = [text for text, code in labels.plain.items() if code != TOTAL]
    return len(totals) == 1 and overlap(figures, totals[0], parts=parts, other_labels=[*labels.mixed])


def figures_of(line: Line, around: Surroundings) -> Figures:
    if line.source.kind not in ("header", "column"):
        return ()
    other_lines = [other_line for other_line in around.lines if other_line is not line]
    return list(figures_by_part(around.basis.region, line, other_lines, years=None).values())


def is_of_all(
    text: str, codes: Mapping[str, Candidate], labels: MixedLabels, figures: Figures, *, known: FlowKnowledge
) -> bool:
    """Whether a part refers to the total, not to the part before.

    Figures may decide.
    """
    line, plain = labels.line, labels.plain
    is_part = text.startswith(DASHES) or text in line.indented
    if not is_part and without_of_which(text, known.vocabulary) == text:
        return True
    before = [label for label in line.texts[: line.texts.index(text)] if label in plain]
    if not before or plain[before[-1]] == TOTAL:
        return bool(before)
    if labels.main == SEX and {plain[label] for label in before} >= BOTH and codes.keys() <= OF_BOTH:
        return True
    return exceeds(figures, text, before[-1])


def keys_of(labels: MixedLabels, around: Surroundings) -> Mapping[str, Mapping[str, str]]:
    names = {name for codes in labels.mixed.values() for name in codes} - {labels.main}
    codes_by_label: dict[str, dict[str, str]] = {}
    for text, code in labels.plain.items():
        again = read_label(text, around.components, around.known)
        more = again.codes if again is not None and again.codes.get(labels.main) == code else {}
        codes_by_label[text] = {**{name: more[name] for name in names & more.keys()}, labels.main: code}
    for text, codes in labels.mixed.items():
        codes_by_label[text] = {labels.main: TOTAL, **{name: candidate.code for name, candidate in codes.items()}}
    return codes_by_label


def is_doubled(labels: MixedLabels, around: Surroundings) -> bool:
    labels_by_key: dict[frozenset[tuple[str, str]], set[str]] = {}
    for text, codes in keys_of(labels, around).items():
        key = frozenset((name, code) for name, code in codes.items() if code != TOTAL)
        labels_by_key.setdefault(key, set()).add(without_marks(text))
    return any(len(texts) > 1 for texts in labels_by_key.values())


def further(labels: MixedLabels, around: Surroundings) -> Sequence[Fit]:
    keys = keys_of(labels, around)
    names = sorted({name for label_codes in labels.mixed.values() for name in label_codes} - {labels.main})
    fits = []
    for name in names:
        usual = candidate(usual_of(name, around))
        codes = {
            text: candidate(label_codes[name]) if name in label_codes else usual for text, label_codes in keys.items()
        }
        codes |= {text: label_codes[name] for text, label_codes in labels.mixed.items() if name in label_codes}
        fits.append(
            Fit(labels.line, name, score=1.0, meanings={text: (codes.get(text, usual),) for text in labels.line.texts})
        )
    return fits


def of_nationals(line: Line, components: Collection[str], around: Surroundings) -> tuple[Fit, ...]:
    key = around.known.flow.structure.key
    if COUNTRY not in key or COUNTRY in components or CITIZENS in key or not around.basis.area:
        return ()
    status_by_label = {text: status_of(text, around.known) for text in line.texts}
    statuses = {status for status, _ in status_by_label.values()}
    other_countries = {country for _, country in status_by_label.values()} - {"", around.basis.area}
    if not {NATIONAL, FOREIGN} <= statuses <= {NATIONAL, FOREIGN, TOTAL} or other_countries:
        return ()
    codes = {NATIONAL: (candidate(around.basis.area),), TOTAL: (candidate(TOTAL),), FOREIGN: ()}
    return (
        Fit(line, COUNTRY, score=1.0, meanings={text: codes[status] for text, (status, _) in status_by_label.items()}),
    )


OVERLAPS_MOST = 6
"""Maximum number of possible parts whose combinations are tried."""
ROUNDED = Decimal("0.02")
MIN_TOLERANCE = 3
"""Minimum tolerance of a sum, besides a share of it (`ROUNDED`)."""
Figures = Sequence[Mapping[str, Decimal | None]]
"""Adjacent figures by label."""


def overlap(figures: Figures, total: str, parts: Sequence[str], other_labels: Sequence[str]) -> bool:
    if not parts or len(other_labels) > OVERLAPS_MOST or any(exceeds(figures, label, total) for label in other_labels):
        return False
    if is_total_of(figures, total, parts):
        return True
    return not any(may_be_sum(figures, total, [*parts, *chosen]) for chosen in subsets(other_labels))


def is_total_of(figures: Figures, total: str, parts: Sequence[str]) -> bool:
    listed = [figure for figure in figures if total in figure]
    return len(parts) >= SEVERAL and is_sum(listed, total, {part: part for part in parts})


def subsets(texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(1, len(texts) + 1):
        yield from combinations(texts, size)


def may_be_sum(figures: Figures, total: str, parts: Sequence[str]) -> bool:
    for figure in figures:
        whole, numbers = figure.get(total), [figure.get(part) for part in parts]
        present = [number for number in numbers if number is not None]
        if whole is None or len(present) < len(parts):
            continue
        if abs(sum(present) - whole) > max(Decimal(MIN_TOLERANCE), ROUNDED * abs(whole)):
            return False
    return True


def exceeds(figures: Figures, text: str, other_label: str) -> bool:
    pairs = ((figure.get(text), figure.get(other_label)) for figure in figures)
    return any(number is not None and whole is not None and number > whole for number, whole in pairs)
