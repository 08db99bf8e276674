"""Mirror reports from datasets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.sdmx.model.comparisons import Mirrored
from sdmxmig.statistics.demography.ledger import AREA, COUNTRY, POPULATION, REST, TOTAL, Book
from sdmxmig.statistics.demography.mirror import EMIGRATION, IMMIGRATION

MIRROR_FLOW, PARTNER, DIRECTION, REPORTER = "DF_MIRROR", "COUNTERPART_AREA", "DIRECTION", "REPORTED_BY"
"""The flow that has both reports of one movement, and its dimensions."""
INWARD, OWN = "I", "OWN"
"""The codes of immigration into the reference area, and of what it reports itself."""

Route = tuple[str, str, str]
"""Origin, destination, period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorReports:
    """Annual flows between countries, as reported by both; `ambiguous` ones are excluded."""

    immigration: Mapping[Route, Decimal]
    emigration: Mapping[Route, Decimal]
    ambiguous: tuple[tuple[Route, str], ...] = ()


def mirror_reports(books: Iterable[Book], mirrored: Sequence[Mirrored]) -> MirrorReports:
    """Collect reports of flows; national flows take precedence over mirror data."""
    own: dict[tuple[Route, str], set[Decimal]] = {}
    mirror: dict[tuple[Route, str], set[Decimal]] = {}
    for book in books:
        for reports, spread in ((own_reports(book, mirrored), own), (both_reports(book), mirror)):
            for at, value in reports:
                if value >= 0:
                    spread.setdefault(at, set()).add(value)
    figures = {**mirror, **own}
    clear = {at: next(iter(values)) for at, values in figures.items() if len(values) == 1}
    return MirrorReports(
        immigration={route: value for (route, side), value in sorted(clear.items()) if side == IMMIGRATION},
        emigration={route: value for (route, side), value in sorted(clear.items()) if side == EMIGRATION},
        ambiguous=tuple(sorted(at for at, values in figures.items() if len(values) > 1)),
    )


def own_reports(book: Book, mirrored: Sequence[Mirrored]) -> Iterator[tuple[tuple[Route, str], Decimal]]:
    for mirror in mirrored:
        if mirror.flow == book.flow:
            for codes, period, value in totals(book, (mirror.partner,)):
                country, partner = codes[AREA], codes[mirror.partner]
                inward = mirror.direction == IMMIGRATION
                route = (partner, country, period) if inward else (country, partner, period)
                yield (route, mirror.direction), value


def both_reports(book: Book) -> Iterator[tuple[tuple[Route, str], Decimal]]:
    if book.flow != MIRROR_FLOW:
        return
    for codes, period, value in totals(book, (PARTNER, DIRECTION, REPORTER)):
        country, partner = codes[AREA], codes[PARTNER]
        inward, own = codes[DIRECTION] == INWARD, codes[REPORTER] == OWN
        route = (partner, country, period) if inward else (country, partner, period)
        yield (route, IMMIGRATION if inward == own else EMIGRATION), value


def totals(book: Book, free: Sequence[str]) -> Iterator[tuple[dict[str, str], str, Decimal]]:
    everybody = dict.fromkeys(POPULATION, (TOTAL,))
    for row in book.rows(everybody, set(free)):
        codes = {name: str(row.get(name) or "") for name in (AREA, *free)}
        amount = row["amount"]
        if isinstance(amount, int) and are_countries(codes[AREA], codes[free[0]]):
            yield codes, str(row[book.time]), book.amounts.exact(amount)


def are_countries(country: str, other: str) -> bool:
    codes = (country, other)
    return country != other and all(len(c) == 2 and COUNTRY.match(c) is not None and c not in REST for c in codes)
