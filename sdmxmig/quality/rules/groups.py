"""Groups within a breakdown: a group of ages, countries or statuses is the sum of the smaller ones inside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from sdmxmig.catalogue.ages import interval
from sdmxmig.primitives.errors import check_known
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.figures import FIGURE, figures
from sdmxmig.quality.rules.parts import DimensionBreakdown
from sdmxmig.quality.rules.reasons import because
from sdmxmig.quality.rules.totals import TOTAL, fault
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.findings import Fault, NotTestable

AREA = "REF_AREA"
CODE, WHOLE, WAY, NEEDED = "code", "whole", "way", "needed"
UNKNOWN = frozenset({"_U", "_O", "_X"})
"""Codes of people whose region is not known, or lies outside of all of them."""
LENGTH = "length"
MOSTLY = 0.5
"""The share of figures from which on regions that fit a region by their codes are taken for the regions inside it."""
NEVER = 0
"""So many parts make a whole complete of which it is not known what belongs to it."""


class Link(NamedTuple):
    """A part of a group: of which group, in which way of dividing it, and how many parts that way has."""

    whole: str
    way: int
    code: str
    needed: int


@KINDS.add("GROUP-IS-SUM")
def group_is_sum(check: Check) -> Iterable[Fault | NotTestable]:
    """A group is the sum of the groups inside it where all of them are reported, and nowhere less than their sum.

    Parameters: `dimensions`, each a breakdown of its own; `by`, what says which group is inside another: ``ages``,
    ``list`` (the parents in its codelist) or ``length`` (codes of regions, of which those of one length are one level
    of the country, and a whole one where as many of them as anywhere are once the country; those that begin with the
    code of a shorter one are inside it where they mostly make it up); `members`, by group the codes inside it where no
    list has them as parents, and `members_abroad` of groups that leave out the reporting country, which `areas` name;
    `units` and `except` as for other rules of totals. Tolerance as for TOTAL-IS-SUM.
    """
    parameters = check.parameters
    listed, by = parameters.strings("dimensions", None), parameters.text("by")
    check_known("way of grouping", by, LINKS, parameters.at("by"))
    of_groups = members_in(parameters)
    parameters.strings("units")
    parameters.table("except")
    parameters.close()
    measure = check.dataset.flow.structure.measure.id
    tested = False
    for dimension in (name for name in listed if name in check.dataset.flow.structure.series_key):
        links = [*LINKS[by](check, dimension), *by_members(check, dimension, of_groups)]
        if not links:
            continue
        sums = without_own(summed(check, dimension, links, of_groups.area_in(check)), of_groups)
        sums = with_whole_levels(sums) if by == LENGTH else sums
        tested = tested or not sums.is_empty()
        more = (pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack")
        less = (pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack")
        wrong = sums.filter(more | (less & (pl.col("count") == pl.col(NEEDED)) & (pl.col("empty") == 0)))
        of = DimensionBreakdown((dimension,), TOTAL)
        for row in wrong.unique("row", keep="first", maintain_order=True).iter_rows(named=True):
            yield fault(check, of, measure, row)
    if not tested:
        yield NotTestable(because("no group is reported together with groups inside it"))


class Members(NamedTuple):
    """By group of countries its members; which groups are `abroad`, that is without the reporting country.

    `areas` are the dimensions that may name the reporting country.
    """

    of: Mapping[str, tuple[str, ...]]
    abroad: frozenset[str]
    areas: tuple[str, ...]

    def area_in(self, check: Check) -> str:
        """The dimension of a dataset that names the reporting country; empty if it has none."""
        return next((name for name in self.areas if name in check.dataset.flow.structure.key), "")


def members_in(parameters: Declared) -> Members:
    """The members of groups of countries that a rule declares."""
    both = [parameters.table(name) for name in ("members", "members_abroad")]
    of = {group: declared.strings(group) for declared in both for group in declared.values}
    return Members(of, frozenset(both[1].values), parameters.strings("areas", (AREA,)))


def by_members(check: Check, dimension: str, members: Members) -> Iterator[Link]:
    """The members of each reported group of countries of which a rule says who they are."""
    reported = check.books[0].codes(dimension)
    for group in sorted(reported & members.of.keys()):
        yield from (Link(group, 0, code, len(members.of[group])) for code in members.of[group])


def without_own(sums: pl.DataFrame, members: Members) -> pl.DataFrame:
    """Groups abroad need one member less where the reporting country is a member itself."""
    area = next((name for name in members.areas if name in sums.columns), "")
    rows = [(group, code) for group in sorted(members.abroad) for code in members.of[group]]
    if not area or not rows:
        return sums
    own = pl.DataFrame(rows, schema=[WHOLE, area], orient="row").with_columns(pl.lit(value=True).alias("is_own"))
    with_own = sums.join(own, on=[WHOLE, area], how="left", maintain_order="left")
    less = pl.col("is_own").fill_null(value=False).cast(pl.Int64)
    return with_own.with_columns(pl.col(NEEDED) - less).drop("is_own")


def summed(check: Check, dimension: str, links: Iterable[Link], area: str) -> pl.DataFrame:
    """Each group that is reported with parts of it, and the sum of those parts for each way of dividing it.

    The reporting country, named in the dimension `area`, is no part of a region of partners: its people are natives or
    citizens, and no partner's.
    """
    table = pl.DataFrame(list(links), schema={WHOLE: str, WAY: pl.UInt32, CODE: str, NEEDED: pl.UInt32}, orient="row")
    others = [name for name in check.dataset.flow.structure.key if name != dimension]
    codes = [*table[WHOLE].unique(), *table[CODE].unique()]
    frame = figures(check, pl.col(dimension).is_in(codes)).rename({dimension: CODE})
    wholes = frame.filter(pl.col(CODE).is_in(table[WHOLE].unique()), pl.col("amount").is_not_null())
    partners = frame.filter(pl.col(CODE) != pl.col(area)) if area in others else frame
    parts = partners.join(table, on=CODE, how="inner", maintain_order="left")
    return (
        parts.group_by(*others, WHOLE, WAY, NEEDED, maintain_order=True)
        .agg(
            sum=pl.col("amount").sum(),
            count=pl.len(),
            empty=pl.col("amount").null_count(),
            slack_of_parts=pl.col("slack").sum(),
            codes=pl.col(CODE),
            texts=pl.col("text").fill_null("…"),
            rows=pl.col("row"),
        )
        .filter(pl.col("empty") < pl.col("count"))
        .join(
            wholes.select(*others, pl.col(CODE).alias(WHOLE), *FIGURE),
            on=[*others, WHOLE],
            how="inner",
            nulls_equal=True,
            maintain_order="right",
        )
        .with_columns(slack=pl.col("slack") + pl.col("slack_of_parts"))
    )


def by_ages(check: Check, dimension: str) -> Iterator[Link]:
    """How each reported age group is divided by others: into the finest and into the widest ones that fill it."""
    spans = {code: span for code in check.books[0].codes(dimension) if (span := interval(code))}
    for whole, (first, end) in sorted(spans.items()):
        inside = {code: span for code, span in spans.items() if first <= span[0] and span[1] <= end and code != whole}
        both = (filling(inside, first, end, widest=widest) for widest in (False, True))
        ways = {tuple(way) for way in both if way}
        for number, way in enumerate(sorted(ways)):
            yield from (Link(whole, number, code, len(way)) for code in way)


def filling(spans: Mapping[str, tuple[int, int]], first: int, end: int, *, widest: bool) -> list[str]:
    """Age groups that follow each other from one age to another; empty if there are none.

    >>> filling({"Y0T4": (0, 5), "Y5T14": (5, 15), "Y0T9": (0, 10)}, 0, 15, widest=False)
    ['Y0T4', 'Y5T14']
    """
    way: list[str] = []
    while first < end:
        following = [(span[1], code) for code, span in spans.items() if span[0] == first]
        if not following:
            return []
        first, code = max(following) if widest else min(following)
        way.append(code)
    return way


def by_list(check: Check, dimension: str) -> Iterator[Link]:
    """The codes inside each reported code by the parents in the codelist, level by level below it."""
    codelist = check.dataset.flow.codelist(dimension)
    if codelist is not None:
        yield from links_by_list(codelist, check.books[0].codes(dimension))


def links_by_list(codelist: ItemScheme, reported: Iterable[str]) -> Iterator[Link]:
    """The codes inside each of some codes by their parents, level by level.

    A level is the whole only if no code above it is without codes inside it.
    """
    children: dict[str, list[str]] = {}
    for item in codelist.items:
        if item.parent and item.parent in codelist:
            children.setdefault(item.parent, []).append(item.id)
    reported = set(reported)
    for whole in sorted(code for code in reported & children.keys() if code != TOTAL):
        level, depth, seen, is_whole = children[whole], 0, {whole}, True
        while level:
            seen |= set(level)
            yield from (
                Link(whole, depth, code, len(level) if is_whole else NEVER) for code in level if code in reported
            )
            is_whole = is_whole and all(code in children for code in level)
            level, depth = below(level, children, seen), depth + 1


def below(level: Iterable[str], children: Mapping[str, list[str]], seen: Collection[str]) -> list[str]:
    """The codes of the level below some codes; a code that was met before is left out, so that no circle is endless."""
    return [code for above in level for code in children.get(above, ()) if code not in seen]


def by_length(check: Check, dimension: str) -> Iterator[Link]:
    """Codes of regions of one length, as those of one level of the NUTS are, as parts of the country and of regions.

    A region is inside the one of the level above with which its code begins, if that is more than chance: whether it
    is, says `with_whole_levels`. How many regions a level has is not known without a list of them. Who lives in an
    unknown one belongs to each level of the country.
    """
    reported = check.books[0].codes(dimension)
    codes = sorted(code for code in reported if code and not code.startswith("_"))
    yield from (Link(TOTAL, len(code), code, NEVER) for code in codes)
    unknown = sorted(reported & UNKNOWN)
    yield from (
        Link(TOTAL, length, code, NEVER) for length in sorted({len(code) for code in codes}) for code in unknown
    )
    lengths = sorted({len(code) for code in codes})
    for shorter, longer in pairwise(lengths):
        within = (code for code in codes if len(code) == longer and code[:shorter] in reported)
        yield from (Link(code[:shorter], longer, code, NEVER) for code in within)


def with_whole_levels(sums: pl.DataFrame) -> pl.DataFrame:
    """Levels of regions, of which those are known to be whole that are once the country with as many as anywhere.

    What is the country in one year, or among women, must be so in others too, where all these regions are reported.
    Regions with longer codes are those of a shorter one only if they are mostly so: where an office numbers its
    regions, the tenth is not inside the first. Others are left out.
    """
    level = (WHOLE, WAY)
    fits = (pl.col("sum") - pl.col("amount")).abs() * 2 <= pl.col("slack")
    has_most = pl.col("count") == pl.col("count").max().over(level)
    tells = (pl.col("empty") == 0) & (pl.col("amount") > 0) & (pl.col("count") > 1) & has_most
    of_country = (fits & tells).any().over(level)
    mostly = fits.filter(tells).mean().over(level).fill_null(0) > MOSTLY
    is_country = pl.col(WHOLE) == TOTAL
    is_whole = has_most & pl.when(is_country).then(of_country).otherwise(mostly)
    known = sums.with_columns(pl.when(is_whole).then(pl.col("count")).otherwise(pl.lit(NEVER)).alias(NEEDED))
    return known.filter(is_country | (pl.col(NEEDED) != NEVER))


LINKS = {"ages": by_ages, "list": by_list, LENGTH: by_length}
