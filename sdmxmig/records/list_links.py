"""Linkage quality of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.records.linkage_errors import (
    BETWEEN,
    MISSED_LINKS,
    PRECISION,
    RECALL,
    WITHIN,
    LinkageError,
    linkage_errors_of,
)
from sdmxmig.statistics.demography.capture import NO_FAULTS, Faults, Share


@dataclass(frozen=True, slots=True)
class ListLinks:
    """The faults of the links of a list, by its number, to those linked before; the order of linkage; both in words."""

    faults: Mapping[int, Faults]
    order: tuple[int, ...]
    _: KW_ONLY
    words: str


def links_alike(faults: Faults, lists: int) -> ListLinks:
    order = tuple(range(lists))
    if faults == NO_FAULTS:
        return ListLinks({}, order, words="links taken for right")
    words = f"links of precision {faults.precision.value:g} and recall {faults.recall.value:g} corrected"
    return ListLinks(dict.fromkeys(order[1:], faults), order, words=words)


def measured_links(path: Path, lists: Sequence[str]) -> ListLinks:
    """Read measured link faults of each list.

    Raises `InputError` if several lists or rates are missing.
    """
    errors = linkage_errors_of(path)
    rates = {(error.source, error.measure): error for error in errors if error.kind == BETWEEN}
    known = [name for name in lists if (name, PRECISION) in rates or (name, RECALL) in rates]
    others = [name for name in lists if name not in known]
    if len(others) > 1:
        raise InputError(
            f"It says nothing of how {', '.join(others)} were linked.",
            Place(path.name),
            "Judge a sample of the pairs first (sdmxmig link --judged), and call each list as its source; or leave "
            "--linkage out.",
        )
    ordered = [*others, *known]
    faults, words = {}, []
    for name in ordered[1:]:
        precision, recall = (rate_of(rates, name, measure, path.name) for measure in (PRECISION, RECALL))
        faults[list(lists).index(name)] = Faults(precision=share_of(precision), recall=share_of(recall))
        words.append(f"{name} {in_words(precision)}, {in_words(recall)}")
    order = tuple(list(lists).index(name) for name in ordered)
    words += [missed_doubles(error) for error in errors if error.source in lists and is_missed(error)]
    return ListLinks(faults, order, words=f"errors of links corrected: {'; '.join(words)}")


def is_missed(error: LinkageError) -> bool:
    return (error.kind, error.measure) == (WITHIN, MISSED_LINKS) and round(error.number) > 0


def missed_doubles(error: LinkageError) -> str:
    return (
        f"when {error.source} was linked about {round(error.number):,} double records within a source were missed "
        f"({error.basis}), which is not corrected: where a list has them, the estimate is too high"
    )


def rate_of(rates: Mapping[tuple[str, str], LinkageError], name: str, measure: str, file: str) -> LinkageError:
    rate = rates.get((name, measure))
    if rate is None or rate.number == 0:
        raise InputError(f"There is no {measure} of {name}.", Place(file), "Give the file that sdmxmig link wrote.")
    return rate


def share_of(rate: LinkageError) -> Share:
    return Share(rate.number, rate.variance)


def in_words(rate: LinkageError) -> str:
    rests_on = f"{rate.judged} pairs judged" if rate.low else "without an interval of its own"
    return f"{rate.measure} {rate.value} ({rate.basis}, {rests_on})"
