"""Groups within a breakdown, by age, country or status."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from sdmxmig.catalogue.ages import parse_age_code
from sdmxmig.catalogue.areas import REMAINDER
from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check, report_not_tested, run_by_definition
from sdmxmig.quality.rules.totals import FIGURE_COLUMNS, DimensionBreakdown, build_fault, select_total_figures
from sdmxmig.quality.rules.values import open_parameters
from sdmxmig.quality.rules.words import TOTAL
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.findings import Fault, NotTestable

AREA = "REF_AREA"
CODE, WHOLE, WAY, NEEDED = "code", "whole", "way", "needed"
UNKNOWN_AREAS = frozenset({"_U", "_O", "_X"})
LENGTH = "length"
MIN_MOST_SHARE = 0.5
NEVER = 0


class Link(NamedTuple):
    whole: str
    way: int
    code: str
    needed: int


@KINDS.add("GROUP-IS-SUM")
@run_by_definition
def groups_are_sums(check: Check) -> Iterable[Fault | NotTestable]:
    """A group is the sum of its subgroups if all are reported, and never less than their sum.

    Parameters: `dimensions`: each a breakdown; `by`: relation of groups: ``ages``, ``list`` (parents in the codelist)
    or ``length`` (region codes: one length is one level, complete where as many regions as anywhere add up to the
    country; codes starting with a shorter code belong to it where they mostly make it up); `members`: codes by group,
    if no list has them; `members_abroad`: groups without the reporting country, and `areas` that name it; `units`,
    `except` as for other rules on totals. Tolerance as for TOTAL-IS-SUM.
    """
    with open_parameters(check) as parameters:
        listed, by = parameters.strings("dimensions", None), parameters.text("by")
        check_known("way of grouping", by, LINKERS, parameters.at("by"))
        of_groups = find_members(parameters)
    tested = False
    for dimension in (name for name in listed if name in check.structure.series_key):
        links = [*LINKERS[by](check, dimension), *link_members(check, dimension, of_groups)]
        if not links:
            continue
        sums = exclude_own_area(sum_groups(check, dimension, links, of_groups.find_area(check)), of_groups)
        sums = keep_whole_levels(sums) if by == LENGTH else sums
        tested = tested or not sums.is_empty()
        more = (pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack")
        less = (pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack")
        wrong = sums.filter(more | (less & (pl.col("count") == pl.col(NEEDED)) & (pl.col("empty") == 0)))
        of = DimensionBreakdown(dimensions=(dimension,), total=TOTAL)
        for row in wrong.unique("row", keep="first", maintain_order=True).iter_rows(named=True):
            yield build_fault(check, of, row)
    if not tested:
        yield report_not_tested("no group is reported together with its subgroups")


class Members(NamedTuple):
    """Members by group of countries; `abroad` groups exclude the reporting country."""

    of: Mapping[str, tuple[str, ...]]
    abroad: frozenset[str]
    areas: tuple[str, ...]

    def find_area(self, check: Check) -> str:
        return next((name for name in self.areas if name in check.structure.key), "")


def find_members(parameters: Declared) -> Members:
    both = [parameters.table(name) for name in ("members", "members_abroad")]
    of = {group: declared.strings(group) for declared in both for group in declared.values}
    return Members(of, frozenset(both[1].values), parameters.strings("areas", (AREA,)))


def link_members(check: Check, dimension: str, members: Members) -> Iterator[Link]:
    reported = check.books[0].codes(dimension)
    for group in sorted(reported & members.of.keys()):
        yield from (Link(group, 0, code, len(members.of[group])) for code in members.of[group])


def exclude_own_area(sums: pl.DataFrame, members: Members) -> pl.DataFrame:
    area = next((name for name in members.areas if name in sums.columns), "")
    rows = [(group, code) for group in sorted(members.abroad) for code in members.of[group]]
    if not area or not rows:
        return sums
    own = pl.DataFrame(rows, schema=[WHOLE, area], orient="row").with_columns(pl.lit(value=True).alias("is_own"))
    with_own = sums.join(own, on=[WHOLE, area], how="left", maintain_order="left")
    less = pl.col("is_own").fill_null(value=False).cast(pl.Int64)
    return with_own.with_columns(pl.col(NEEDED) - less).drop("is_own")


def sum_groups(check: Check, dimension: str, links: Iterable[Link], area: str) -> pl.DataFrame:
    table = pl.DataFrame(list(links), schema={WHOLE: str, WAY: pl.UInt32, CODE: str, NEEDED: pl.UInt32}, orient="row")
    others = [name for name in check.structure.key if name != dimension]
    codes = [*table[WHOLE].unique(), *table[CODE].unique()]
    frame = select_total_figures(check, pl.col(dimension).is_in(codes)).rename({dimension: CODE})
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
            wholes.select(*others, pl.col(CODE).alias(WHOLE), *FIGURE_COLUMNS),
            on=[*others, WHOLE],
            how="inner",
            nulls_equal=True,
            maintain_order="right",
        )
        .with_columns(slack=pl.col("slack") + pl.col("slack_of_parts"))
    )


def link_ages(check: Check, dimension: str) -> Iterator[Link]:
    spans = {code: span for code in check.books[0].codes(dimension) if (span := parse_age_code(code))}
    for whole, (first, end) in sorted(spans.items()):
        inside = {code: span for code, span in spans.items() if first <= span[0] and span[1] <= end and code != whole}
        both = (fill_age_range(inside, first, end, widest=widest) for widest in (False, True))
        ways = {tuple(way) for way in both if way}
        for number, way in enumerate(sorted(ways)):
            yield from (Link(whole, number, code, len(way)) for code in way)


def fill_age_range(spans: Mapping[str, tuple[int, int]], first: int, end: int, *, widest: bool) -> list[str]:
    """Return consecutive age groups from one age to another; empty if incomplete.

    >>> fill_age_range({"Y0T4": (0, 5), "Y5T14": (5, 15), "Y0T9": (0, 10)}, 0, 15, widest=False)
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


def link_codelist(check: Check, dimension: str) -> Iterator[Link]:
    codelist = check.flow.codelist(dimension)
    if codelist is not None:
        yield from group_codes_by_parents(codelist, check.books[0].codes(dimension))


def group_codes_by_parents(codelist: ItemScheme, reported: Iterable[str]) -> Iterator[Link]:
    """Group codes by parent and level; a level is complete only if all parents are divided and no remainder is left."""
    children: dict[str, list[str]] = {}
    remainders = {item.id for item in codelist.items if item.note(REMAINDER)}
    for item in codelist.items:
        if item.parent and item.parent in codelist:
            children.setdefault(item.parent, []).append(item.id)
    reported = set(reported)
    for whole in sorted(code for code in reported & children.keys() if code != TOTAL):
        level, depth, seen, is_whole = children[whole], 0, {whole}, True
        while level:
            seen |= set(level)
            is_whole = is_whole and reported.isdisjoint(remainders.intersection(level))
            needed = len(set(level) - remainders) if is_whole else NEVER
            yield from (Link(whole, depth, code, needed) for code in level if code in reported)
            is_whole = is_whole and all(code in children for code in level if code not in remainders)
            level, depth = list_children(level, children, seen), depth + 1


def list_children(level: Iterable[str], children: Mapping[str, list[str]], seen: Collection[str]) -> list[str]:
    return [code for above in level for code in children.get(above, ()) if code not in seen]


def link_regions(check: Check, dimension: str) -> Iterator[Link]:
    """Group regional codes by length, as in NUTS.

    A region belongs to the prefix one level above if the sums confirm it (`keep_whole_levels`): region 10 need not be
    part of region 1. Unknown regions belong to each level.
    """
    reported = check.books[0].codes(dimension)
    codes = sorted(code for code in reported if code and not code.startswith("_"))
    yield from (Link(TOTAL, len(code), code, NEVER) for code in codes)
    unknown = sorted(reported & UNKNOWN_AREAS)
    yield from (
        Link(TOTAL, length, code, NEVER) for length in sorted({len(code) for code in codes}) for code in unknown
    )
    lengths = sorted({len(code) for code in codes})
    for shorter, longer in pairwise(lengths):
        within = (code for code in codes if len(code) == longer and code[:shorter] in reported)
        yield from (Link(code[:shorter], longer, code, NEVER) for code in within)


def keep_whole_levels(sums: pl.DataFrame) -> pl.DataFrame:
    """Find complete levels of regions.

    A level is complete where it has as many regions as anywhere, if these once add up to the country, or mostly to the
    region above.
    """
    level = (WHOLE, WAY)
    fits = (pl.col("sum") - pl.col("amount")).abs() * 2 <= pl.col("slack")
    has_most = pl.col("count") == pl.col("count").max().over(level)
    tells = (pl.col("empty") == 0) & (pl.col("amount") > 0) & (pl.col("count") > 1) & has_most
    of_country = (fits & tells).any().over(level)
    mostly = fits.filter(tells).mean().over(level).fill_null(0) > MIN_MOST_SHARE
    is_country = pl.col(WHOLE) == TOTAL
    is_whole = has_most & pl.when(is_country).then(of_country).otherwise(mostly)
    known = sums.with_columns(pl.when(is_whole).then(pl.col("count")).otherwise(pl.lit(NEVER)).alias(NEEDED))
    return known.filter(is_country | (pl.col(NEEDED) != NEVER))


LINKERS = {"ages": link_ages, "list": link_codelist, LENGTH: link_regions}
