"""The lines of labels around the figures, and what each tells about the dimensions of a flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sdmxmig.model.data import Flow
from sdmxmig.recognition import Candidate, Recogniser
from sdmxmig.recognition.labels import MARK, bare, plain
from sdmxmig.recognition.lists import recognise_list
from sdmxmig.suggestion.regions import Region

AREA_LISTS = ("CL_AREA", "CL_PARTNER")
CONCEPTS = {"CL_PARTNER": "PARTNER", "CL_SEX": "SEX", "CL_AGE": "AGE"}
SPOKEN = ("SEX", "DIRECTION", "CTZ_STATUS", "BIRTH_STATUS")
"""Concepts whose words may stand inside a longer header."""
ENOUGH = 0.5
SHARED_CODES = frozenset({"_T", "_U", "_O", "_N", "_Z"})
LEAST_TELLING = 0.3
"""The part of the known labels that must say more than “total”, “other” or “unknown”."""


@dataclass(frozen=True, slots=True)
class Line:
    """One header row, label column or the section titles: where it is, what stands above it, and its distinct texts."""

    source: str
    head: str
    texts: tuple[str, ...]
    carried: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known when a table is looked at: the dataflow that it should become, and the words of many languages."""

    flow: Flow
    recogniser: Recogniser


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a line gives a component: what each of its texts means, and how sure that is on the whole.

    `rivals` are other components that the line may give as well.
    """

    line: Line
    component: str
    score: float
    meanings: Mapping[str, tuple[Candidate, ...]]
    rivals: tuple[str, ...] = ()


def lines_of(region: Region) -> tuple[Line, ...]:
    """The lines of labels of a region, header rows first."""
    return (*_headers(region), *_labels(region), *_sections(region))


def _headers(region: Region) -> Iterator[Line]:
    for number, row in enumerate(range(region.top, region.first), start=1):
        texts = [region.table.text(row, column).strip() for column in region.values]
        filled = tuple(dict.fromkeys(" ".join(text.split()) for text in texts if text))
        if filled and not all(MARK.search(f"x {text}") for text in filled):
            yield Line(f"header {number}", "", filled, carried=not all(texts))


def _labels(region: Region) -> Iterator[Line]:
    heads = [" ".join(region.head(column).split()) for column in region.labels]
    left = min((*region.labels, *region.values))
    rows = len(region.table.rows)
    for column, head in zip(region.labels, heads, strict=True):
        texts = [(row, text) for row, text in region.texts(column) if text.strip()]
        named = bool(head) and heads.count(head) == 1
        before = column < min(region.values)
        if not named and not before:
            continue
        source = f"column {column - left + 1}" if before else f"column {head}"
        filled = tuple(dict.fromkeys(" ".join(text.split()) for _, text in texts if text.strip()))
        if not filled or (not head and all(len(text) < 4 and not text.isalpha() for text in filled)):
            continue
        carried = before and len(texts) < 0.6 * min(rows, region.last - region.first + 1) and len(texts) > 1
        yield Line(source, head, filled, carried)


def _sections(region: Region) -> Iterator[Line]:
    rows = region.table.rows
    alone = [
        " ".join(next(iter(rows[row].values())).split())
        for row in sorted(rows)
        if region.first - 1 <= row <= region.last and list(rows[row]) == [min((*region.labels, *region.values))]
    ]
    if len(alone) >= 2:
        yield Line("section", "", tuple(dict.fromkeys(alone)))


def fit(line: Line, component: str, flow: Flow, recogniser: Recogniser) -> Fit:
    """How well a line gives a component of a flow."""
    meanings = meanings_of(line.texts, component, flow, recogniser)
    told = [many for many in meanings.values() if max((one.confidence for one in many), default=0.0) >= ENOUGH]
    telling = sum(many[0].code not in SHARED_CODES for many in told)
    same = len({many[0].code for many in told}) < 2 and not _is_time(component, flow)
    if not telling or telling < LEAST_TELLING * len(told) or same:
        return Fit(line, component, 0.0, meanings)
    return Fit(line, component, round(len(told) / len(line.texts), 3), meanings)


def _is_time(component: str, flow: Flow) -> bool:
    return flow.structure.time is not None and component == flow.structure.time.id


def meanings_of(
    texts: tuple[str, ...], component: str, flow: Flow, recogniser: Recogniser
) -> Mapping[str, tuple[Candidate, ...]]:
    """What texts may mean for a component; only codes of its codelist count."""
    if _is_time(component, flow):
        return {text: recogniser.candidates(text, "TIME_PERIOD") for text in texts}
    codelist = flow.codelist(component)
    if codelist is None:
        return dict.fromkeys(texts, ())
    concept = CONCEPTS.get(codelist.ref.id, component)
    if codelist.ref.id == "CL_AREA":
        found = {
            text: _world(text, many, recogniser) for text, many in recognised(texts, "PARTNER", recogniser).items()
        }
    else:
        found = dict(recognised(texts, concept, recogniser))
    names, codes = names_of(flow, component), codes_of(flow, component)
    result = {}
    for text, many in found.items():
        listed = tuple(one for one in many if one.code in codes)
        if text in codes:
            listed = (Candidate(text, 0.99, "a code of the list"),)
        elif not listed and plain(bare(text)) in names:
            listed = (Candidate(names[plain(bare(text))], 0.97, "name in the codelist"),)
        elif not listed and concept in SPOKEN:
            listed = tuple(one for one in _inside(text, concept, recogniser) if one.code in codes)
        result[text] = listed
    return result


@lru_cache(maxsize=256)
def recognised(texts: tuple[str, ...], concept: str, recogniser: Recogniser) -> Mapping[str, tuple[Candidate, ...]]:
    """What a list of labels means for a concept; kept, since several components of a flow ask the same."""
    return recognise_list(texts, concept, recogniser)


def _world(text: str, many: tuple[Candidate, ...], recogniser: Recogniser) -> tuple[Candidate, ...]:
    """The meanings of a label as a reporting area: there the world has a code of its own."""
    found = recogniser.countries.candidates(text) if many and many[0].code == "_T" else many
    return found or many


def _inside(text: str, concept: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    found = {one.code: one for one in recogniser.vocabulary.inside(concept, text)}
    return tuple(Candidate(one.code, 0.9, one.reason) for one in found.values()) if len(found) == 1 else ()


@lru_cache(maxsize=1024)
def codes_of(flow: Flow, component: str) -> frozenset[str]:
    """The codes of a component."""
    return frozenset(item.id for item in flow.codelist(component) or ())


@lru_cache(maxsize=1024)
def names_of(flow: Flow, component: str) -> Mapping[str, str]:
    """The plain names of a component's codes in every language; a name of two codes is left out."""
    found: dict[str, set[str]] = {}
    for item in flow.codelist(component) or ():
        for _, name in item.name:
            found.setdefault(plain(name), set()).add(item.id)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1 and name}
