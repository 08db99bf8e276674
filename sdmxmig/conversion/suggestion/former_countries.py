"""Countries before their division: “Serbia” in 2000 may be Serbia and Montenegro.

Asked once per line if the codelist has the former country and only successors are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sdmxmig.catalogue.areas import FORMER
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.candidates import best
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.lines import AREA_LISTS, Fit, FlowKnowledge, is_time
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, Question
from sdmxmig.sdmx.model.data import Attributes, Flow

AREAS, TIME = "REF_AREA", "TIME_PERIOD"
PART = "FORMER_PART"
SUCCESSORS = "SUCCESSORS"
"""The annotation of former countries that lists those that followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A former country: code, name, years and successors; `heirs` keep its name."""

    code: str
    name: str
    since: int
    until: int
    successors: frozenset[str]
    heirs: frozenset[str]


def doubts_of_former(fits: Sequence[Fit], fixed: Attributes, known: FlowKnowledge, sheet: str) -> tuple[Question, ...]:
    """Ask about lines with countries in years before their division."""
    years = years_read(fits, fixed, known)
    questions = []
    for fit in fits if years else ():
        read = {
            text: code.code
            for text, candidates in fit.meanings.items()
            if (code := best(candidates)) and code.is_applied
        }
        labels_by_former = dict(doubted(read, years, formers(known.flow, fit.component, known.recogniser.vocabulary)))
        if labels_by_former:
            label = ", ".join(sorted({text for texts in labels_by_former.values() for text in texts}))
            listed = "; ".join(
                f"{' and '.join(f'“{text}”' for text in texts)} before {former.until}: "
                f"today's territory, or {former.name} ({former.code})"
                for former, texts in labels_by_former.items()
            )
            choices = (
                Candidate(AS_IT_IS, 0.5, reason="today's territory"),
                Candidate(LEAVE_OUT, 0.5, reason="not this table"),
            )
            questions.append(
                Question(sheet, "title", label=label, chosen=Candidate("", 0.0, reason=f"{listed}?"), others=choices)
            )
    return tuple(questions)


def doubted(
    read: Mapping[str, str], years: Sequence[int], listed: Sequence[Former]
) -> Iterator[tuple[Former, tuple[str, ...]]]:
    """Find former countries that labels may mean.

    Name-keeping successors are doubted in each year, others only if all years are earlier.
    """
    for former in listed:
        within = [former.since <= year < former.until for year in years]
        codes = former.successors if all(within) else former.heirs if any(within) else frozenset()
        labels = tuple(text for text, code in read.items() if code in codes)
        if labels and former.code not in read.values():
            yield former, labels


def years_read(fits: Sequence[Fit], fixed: Attributes, known: FlowKnowledge) -> tuple[int, ...]:
    periods = [dict(fixed).get(TIME, "")]
    for fit in fits:
        if is_time(fit.component, known.flow):
            periods += [candidates[0].code for candidates in fit.meanings.values() if candidates]
    return tuple(int(period[:4]) for period in periods if period[:4].isdecimal())


@lru_cache(maxsize=256)
def formers(flow: Flow, component: str, vocabulary: Vocabulary) -> tuple[Former, ...]:
    """The former countries that the codelist of a component holds, each once; no former parts of today's."""
    codelist, areas = flow.codelist(component), flow.codelist(AREAS) if AREAS in flow.structure else None
    if codelist is None or areas is None or codelist.ref.id not in AREA_LISTS:
        return ()
    names = {item.id: plain(str(item.name)) for item in areas}
    former_by_name: dict[str, Former] = {}
    for item in areas:
        after = next(
            (str(annotation.text).split() for annotation in item.annotations if annotation.type == SUCCESSORS), []
        )
        if not after or not item.valid_to[:4].isdecimal() or item.id not in codelist:
            continue
        if vocabulary.codes(PART, item.id.lower()):
            continue
        name = str(item.name).partition(FORMER.rstrip("]"))[0].strip()
        former_by_name[name] = Former(
            code=item.id,
            name=name,
            since=int(item.valid_from[:4] or 0),
            until=int(item.valid_to[:4]),
            successors=frozenset(after),
            heirs=frozenset(code for code in after if f" {names.get(code, name)} " in f" {plain(name)} "),
        )
    return tuple(former_by_name.values())
