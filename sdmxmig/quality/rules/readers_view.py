"""Published figures and sums that a reader of all datasets knows, and margins shared by dataflows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import polars as pl

from sdmxmig.catalogue.accounting import Identity, ItemSource
from sdmxmig.catalogue.rules import is_in_scope
from sdmxmig.primitives.periods import parse, shift
from sdmxmig.primitives.places import Place
from sdmxmig.quality.rules import KINDS, Check, report_not_tested, run_by_definition
from sdmxmig.quality.rules.additive import (
    ACCOUNT,
    CELL,
    CLOSE_TOLERANCE,
    ITEM,
    LENGTH_OF_A_YEAR,
    SAME,
    SIGN,
    SUM,
    SUM_TYPES,
    TERM_TYPES,
    ReaderView,
    add_relations,
    build_sums,
    has_total,
    select_equalities,
)
from sdmxmig.quality.rules.confidentiality import ConfidentialityMarks, add_code, has_suppressed, select_figures_shown
from sdmxmig.quality.rules.groups import AREA
from sdmxmig.quality.rules.totals import FIGURE_COLUMNS, select_total_figures
from sdmxmig.quality.rules.words import TOTAL, build_reason, join_all, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.accounts import TracedAccount, trace_once
from sdmxmig.statistics.demography.amounts import Amounts
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import EarlierRelease

OTHER_DAY = "the people of {flow} are not counted on the first or last day of the period (REF_DATE)"
Frame = pl.DataFrame
DAY, STAGE = "REF_DATE", "REV_STAGE"


class RelatedFlows(NamedTuple):
    """Dataflows that count the same people: `flow` has more detail than `of`.

    `when` are codes of `flow`, `there` codes of `of`; `day` is a code of REF_DATE.
    """

    flow: str
    of: str
    when: Mapping[str, str]
    there: Mapping[str, str]
    day: str


@KINDS.add("SAME-MARGIN")
@run_by_definition
def margins_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """A figure in two dataflows is equal in both, at the totals of dimensions that only one has.

    Parameters: `pair`: `flow`, the flow `of` which it has more detail, codes `when` both count the same people, codes
    `there` in the other, and reference `day`; `family`: `flows` of one structure, compared pairwise; `same`: dataset
    attributes that must agree, such as residence rules; `slight`: share within which a difference is a warning, as
    between tables of different dates; `units` as for other rules. Tolerance as for TOTAL-IS-SUM.
    """
    with check.parameters as parameters:
        pairs = list_related_flows(parameters)
        same, slight = parameters.strings("same"), Decimal(parameters.text("slight"))
        parameters.strings("units")
    flow_id = check.flow.id
    fitting = [
        (pair, book) for pair in pairs if pair.flow == flow_id for book in check.books[1:] if book.flow == pair.of
    ]
    if not fitting:
        yield report_not_tested("no dataflow that counts the same people is reported beside {flow}", flow=flow_id)
    reasons, days, compared = [], [], False
    for pair, book in fitting:
        other = replace(check, dataset=book.dataset, books=(book,), others=())
        differing = list_differences(check, book, [name for name in same if not (pair.day and name == DAY)])
        if pair.day and book.dataset.attributes.get(DAY) != pair.day:
            days.append(build_reason(OTHER_DAY, flow=book.flow))
            continue
        both = None if differing else compare_totals(check, other, pair)
        if both is not None and not both.is_empty():
            compared = True
            yield from find_differences(check, other, both, slight)
        elif differing:
            reasons.append(
                build_reason(
                    "{flow} and {other} differ in {attributes}",
                    flow=flow_id,
                    other=book.flow,
                    attributes=join_all(differing),
                )
            )
        else:
            reasons.append(build_reason("{flow} and {other} have no figure in common", flow=flow_id, other=book.flow))
    reasons += [] if compared else days
    yield from (NotTestable(reason, partial=compared) for reason in dict.fromkeys(reasons))


def list_related_flows(parameters: Declared) -> list[RelatedFlows]:
    pairs = []
    for pair in parameters.tables("pair"):
        when, there = pair.table("when").pairs(), pair.table("there").pairs()
        flow, of, day = pair.text("flow"), pair.text("of"), pair.text("day", "")
        pairs.append(RelatedFlows(flow=flow, of=of, when=when, there=there, day=day))
        pair.close()
    for family in parameters.tables("family"):
        flows = family.strings("flows", None)
        family.close()
        pairs += [
            RelatedFlows(flow=after, of=before, when={}, there={}, day="") for before, after in combinations(flows, 2)
        ]
    return pairs


def list_differences(check: Check, book: Book, same: Iterable[str]) -> list[str]:
    here, there = check.dataset.attributes, book.dataset.attributes
    return [name for name in same if here.get(name) and there.get(name) and here[name] != there[name]]


def compare_totals(check: Check, other: Check, pair: RelatedFlows) -> Frame | None:
    here, there = check.structure.key, other.dataset.flow.structure.key
    shared = [name for name in here if name in there]
    mine, theirs = select_margins(check, shared, pair.when), select_margins(other, shared, pair.there)
    if mine is None or theirs is None:
        return None
    scale = max(check.amounts.scale, other.amounts.scale)
    theirs = add_code(other, rescale_amounts(theirs, other, scale), STAGE, STAGE)
    mine = add_code(check, rescale_amounts(mine, check, scale), STAGE, STAGE)
    renamed = theirs.rename({column: f"{column}_other" for column in (*FIGURE_COLUMNS, STAGE)})
    both = mine.join(renamed, on=shared, how="inner", nulls_equal=True, maintain_order="left")
    return both.filter((pl.col(STAGE) == pl.col(f"{STAGE}_other")).fill_null(value=True))


def select_margins(check: Check, shared: Iterable[str], when: Mapping[str, str]) -> Frame | None:
    shared = list(shared)
    only = build_total_conditions(check, shared, when)
    if only is None:
        return None
    return select_total_figures(check, *only, pl.col("amount").is_not_null()).select(*shared, *FIGURE_COLUMNS)


def build_total_conditions(check: Check, shared: Collection[str], when: Mapping[str, str]) -> list[pl.Expr] | None:
    only = []
    for dimension in check.structure.series_key:
        codelist = check.flow.codelist(dimension)
        if dimension in shared:
            continue
        if dimension in when:
            only.append(pl.col(dimension) == when[dimension])
        elif codelist is None or TOTAL in codelist:
            only.append(pl.col(dimension) == TOTAL)
        elif len(check.books[0].codes(dimension)) > 1:
            return None
    return only


def rescale_amounts(frame: Frame, check: Check, scale: int) -> Frame:
    times = pl.lit(10 ** (scale - check.amounts.scale)).cast(pl.Int128)
    return frame.with_columns(pl.col("amount") * times, pl.col("slack") * times)


def find_differences(check: Check, other: Check, both: Frame, slight: Decimal) -> Iterator[Fault]:
    apart = (pl.col("amount") - pl.col("amount_other")).abs() * 2
    for row in both.filter(apart > pl.col("slack") + pl.col("slack_other")).iter_rows(named=True):
        is_slight = abs(row["amount"] - row["amount_other"]) <= slight * max(
            abs(row["amount"]), abs(row["amount_other"])
        )
        yield build_fault(check, other, row, "warning" if is_slight else "")


def build_fault(check: Check, other: Check, row: Mapping[str, Any], severity: str) -> Fault:
    flow = other.dataset.flow
    scale = max(check.amounts.scale, other.amounts.scale)
    written = str(row["text_other"])
    expected = (
        written if row["power"] == row["power_other"] else format_in_unit(row["amount_other"], scale, row["power"])
    )

    def build_words(language: str) -> dict[str, str]:
        name = flow.dataflow.name.in_language(language) or flow.id
        return {"value": write_number(row["text"], language), "other": write_number(written, language), "flow": name}

    return check.fault(
        (row["row"],),
        build_words,
        observed=row["text"],
        expected=expected,
        severity=severity,
        elsewhere=((flow.id, row["row_other"]),),
        difference=format_in_unit(row["amount"] - row["amount_other"], scale, row["power"]),
        tolerance=format_in_unit((row["slack"] + row["slack_other"]) * 5, scale + 1, row["power"]),
    )


def format_in_unit(amount: int, scale: int, power: int) -> str:
    """Write an amount in steps of 10^-`scale` with a UNIT_MULT, without trailing zeros.

    >>> format_in_unit(37364000, 1, 3)
    '3736.4'
    """
    return Amounts(frame=pl.DataFrame(), scale=scale).printed(amount, power)


BOOK, ROW = "book", "row"
SHOWN_COLUMNS = ("value", "half", "mark", "shown", "signed")


_VIEWS: WeakKeyDictionary[Book, dict[tuple[object, ...], ReaderView]] = WeakKeyDictionary()
"""Cached views of datasets, shared by rules."""


def build_view(check: Check, marks: ConfidentialityMarks) -> ReaderView:
    shared = (marks, repr(check.rule.parameters.get("units")), repr(check.rule.parameters.get("except")))
    views = _VIEWS.setdefault(check.books[0], {})
    if shared not in views:
        views[shared] = join_views(check, marks)
    return views[shared]


def join_views(
    check: Check, marks: ConfidentialityMarks, *, everything: bool = False, together: bool = False
) -> ReaderView:
    """Build the view of linked datasets with suppressed figures; `together` includes all datasets."""
    accounts = list_account_sums(check, marks)
    start = {place for place, book in enumerate(check.books) if is_in_scope(check.rule.runs_on, book.dataset.flow)}
    first = start if together else {0}
    margins = select_connected_links(find_links(check), {*first, *(place for _, place, _, _ in accounts)})
    of_margins = {place for link in margins for place in (link.finer, link.coarser)}
    places = sorted({*first, *of_margins, *(place for _, place, _, _ in accounts)})
    checks = {place: switch_to_book(check, place) for place in places}
    years = (
        list_years_with_suppression(checks.values(), marks, everything=everything)
        if len(places) > 1 or everything
        else []
    )
    parts = {place: build_sums(part, marks, years) for place, part in checks.items()}
    same = [pl.DataFrame(schema={CELL: pl.UInt32, "exact": pl.UInt32})]
    cells, terms, sums = stack_parts(parts)
    cells = cells.with_columns(signed=pl.lit(value=False))
    for link in margins:
        same.append(select_shared_figures(checks, cells, link))
    same.append(find_account_figures(checks, cells, check.identities))
    cells, of_accounts = add_accounts(checks, cells, accounts, marks)
    for by, more in ((SAME, select_equalities(pl.concat(same))), (ACCOUNT, of_accounts)):
        add_relations(terms, sums, more, by)
    return complete_sums(cells.select(CELL, BOOK, ROW, *SHOWN_COLUMNS), pl.concat(terms), pl.concat(sums))


class Link(NamedTuple):
    """Two datasets that count the same people, by position; `finer` divides them further."""

    finer: int
    coarser: int
    pair: RelatedFlows


def find_links(check: Check) -> list[Link]:
    declared = [rule for rule in check.rules.values() if rule.kind == "SAME-MARGIN"]
    if not declared or len(check.books) == 1:
        return []
    parameters = Declared(declared[0].parameters, declared[0].place or Place(declared[0].id))
    pairs, same = list_related_flows(parameters), parameters.strings("same")
    place_of = {book.flow: place for place, book in reversed(list(enumerate(check.books)))}
    return [
        Link(place_of[pair.flow], place_of[pair.of], pair)
        for pair in pairs
        if pair.flow in place_of and pair.of in place_of
        if not list_differences(switch_to_book(check, place_of[pair.flow]), check.books[place_of[pair.of]], same)
    ]


def select_connected_links(all_links: list[Link], places: set[int]) -> list[Link]:
    reached = set(places)
    while True:
        tied = [link for link in all_links if {link.finer, link.coarser} & reached]
        further = {place for link in tied for place in (link.finer, link.coarser)}
        if further <= reached:
            return tied
        reached |= further


def switch_to_book(check: Check, place: int) -> Check:
    if not place:
        return check
    return replace(check, dataset=check.books[place].dataset, books=(check.books[place],), others=())


def list_years_with_suppression(checks: Iterable[Check], marks: ConfidentialityMarks, *, everything: bool) -> list[str]:
    years: set[str] = set()
    for check in checks:
        time = check.structure.time
        if time is not None and (everything or has_suppressed(check, marks)):
            periods = select_figures_shown(check, marks).filter(everything | (pl.col("mark") != ""))[time.id]
            years |= {period[:LENGTH_OF_A_YEAR] for period in periods.unique().drop_nulls()}
    return sorted(years)


def stack_parts(parts: Mapping[int, ReaderView]) -> tuple[pl.DataFrame, list[pl.DataFrame], list[pl.DataFrame]]:
    cells: list[pl.DataFrame] = []
    terms: list[pl.DataFrame] = [pl.DataFrame(schema=TERM_TYPES)]
    sums: list[pl.DataFrame] = [pl.DataFrame(schema=SUM_TYPES)]
    first = first_sum = 0
    for place, part in parts.items():
        numbers = part.cells.select(pl.col(CELL).alias("former")).with_row_index(CELL, offset=first)
        cells.append(part.cells.with_columns(numbers[CELL], pl.lit(place, dtype=pl.UInt32).alias(BOOK)))
        named = part.terms.rename({CELL: "former"}).join(numbers, on="former", how="left", maintain_order="left")
        terms.append(named.with_columns(pl.col(SUM) + first_sum).select(*TERM_TYPES).cast(TERM_TYPES))  # type: ignore[arg-type]
        sums.append(part.sums.with_columns(pl.col(SUM) + first_sum).cast(SUM_TYPES))  # type: ignore[arg-type]
        first, first_sum = first + part.cells.height, first_sum + part.sums.height
    return pl.concat(cells, how="diagonal"), terms, sums


def select_shared_figures(checks: Mapping[int, Check], cells: pl.DataFrame, link: Link) -> pl.DataFrame:
    """Return figures shared by two datasets, even if unreported in one or both: ``cell``, ``exact``."""
    fine, coarse, pair = checks[link.finer], checks[link.coarser], link.pair
    places = (link.finer, link.coarser)
    shared = [name for name in fine.dataset.flow.structure.key if name in coarse.dataset.flow.structure.key]
    mine, theirs = build_total_conditions(fine, shared, pair.when), build_total_conditions(coarse, shared, {})
    empty = pl.DataFrame(schema={CELL: pl.UInt32, "exact": pl.UInt32})
    if mine is None or theirs is None:
        return empty
    frames = [cells.filter(pl.col(BOOK) == place, *only) for place, only in zip(places, (mine, theirs), strict=True)]
    both = frames[0].join(
        frames[1].select(*shared, pl.col(CELL).alias("exact")), on=shared, how="inner", nulls_equal=True
    )
    return both.select(CELL, "exact").cast(empty.schema)


def find_account_figures(
    checks: Mapping[int, Check], cells: pl.DataFrame, identities: Iterable[Identity]
) -> pl.DataFrame:
    """Find account items shared with other datasets or years: ``cell``, ``exact``."""
    empty = pl.DataFrame(schema={CELL: pl.UInt32, "exact": pl.UInt32})
    place_of = {check.flow.id: place for place, check in reversed(list(checks.items()))}
    sources = {
        (identity.account, name): source for identity in identities for name, source in identity.item_sources.items()
    }
    pairs = [empty]
    for (account, item), source in sources.items():
        mine = select_items(checks, cells, place_of.get(account), item=item, at=source.at)
        if mine is None:
            continue
        for theirs in (
            select_items(checks, cells, place_of.get(account), item=source.next, at="start"),
            select_counts(checks, cells, place_of.get(source.flow), source),
        ):
            if theirs is not None:
                shared = sorted({*mine.columns} & {*theirs.columns} - {CELL})
                lonely = [pl.col(name) == TOTAL for name in {*mine.columns} - {*shared, CELL}]
                others = [pl.col(name) == TOTAL for name in {*theirs.columns} - {*shared, CELL}]
                both = mine.filter(*lonely).join(
                    theirs.filter(*others).rename({CELL: "exact"}), on=shared, how="inner", nulls_equal=True
                )
                pairs.append(both.select(CELL, "exact").cast(empty.schema))
    return pl.concat(pairs).unique(maintain_order=True)


WHEN, YEAR_LONG = "#when", "P1Y"


def select_items(
    checks: Mapping[int, Check], cells: pl.DataFrame, place: int | None, *, item: str, at: str
) -> pl.DataFrame | None:
    if place is None or not item:
        return None
    structure = checks[place].dataset.flow.structure
    if structure.time is None or ITEM not in structure.key:
        return None
    rows = cells.filter(pl.col(BOOK) == place, pl.col(ITEM) == item)
    labels = rows[structure.time.id]
    days = find_days_after(labels, 1 if at == "end" else 0) if at else labels
    return select_divided_rows(checks[place], rows.with_columns(days.alias(WHEN)), {ITEM})


def select_counts(
    checks: Mapping[int, Check], cells: pl.DataFrame, place: int | None, source: ItemSource
) -> pl.DataFrame | None:
    if place is None:
        return None
    check = checks[place]
    time, years = check.structure.time, check.books[0].shift
    if time is None or (source.at and years is None):
        return None
    rows = cells.filter(pl.col(BOOK) == place, *(pl.col(name) == code for name, code in source.codes))
    days = find_days_after(rows[time.id], years or 0) if source.at else rows[time.id]
    return select_divided_rows(check, rows.with_columns(days.alias(WHEN)), {name for name, _ in source.codes})


def find_days_after(labels: pl.Series, steps: int) -> pl.Series:
    days: dict[str, str | None] = {}
    for label in labels.unique().drop_nulls():
        first, _, length = label.partition("/")
        period = parse(first)
        if length == YEAR_LONG and period is not None:
            days[label] = f"{int(first[:4]) + steps:04d}{first[4:]}"
        elif period is not None:
            days[label] = shift(period, steps).first_day.isoformat()
    return labels.replace_strict(days, default=None, return_dtype=pl.String)


def select_divided_rows(check: Check, rows: pl.DataFrame, without: Collection[str]) -> pl.DataFrame:
    names = [
        name
        for name in check.structure.series_key
        if name == AREA or (name not in without and has_total(check.flow.codelist(name)))
    ]
    return rows.drop_nulls(WHEN).select(CELL, WHEN, *names)


Term = tuple[int, int, int, float]


def list_account_sums(check: Check, marks: ConfidentialityMarks) -> list[Term]:
    """Return the terms of identities with suppressed figures that a reader may treat as exact."""
    withholding = {
        book.flow for place, book in enumerate(check.books) if has_suppressed(switch_to_book(check, place), marks)
    }
    identities = [identity for identity in check.identities if withholding & set(identity.flows)]
    if not identities:
        return []
    place_of = {book.flow: place for place, book in reversed(list(enumerate(check.books)))}
    tests = [test for test in trace_once(check.books, identities) if not test.divisor]
    equations = [equation for identity in identities for equation in identity.equations]
    divided_by = {equation.written: equation.number for equation in equations if equation.comparison == "="}
    inexact = {write_equation(test) for test in tests if test.account.residual}
    terms: list[Term] = []
    usable = [test for test in tests if test.equation in divided_by and may_be_exact(test, inexact)]
    for number, test in enumerate(usable):
        if is_usable(test):
            signed_rows = [(place_of[flow], row, -float(divided_by[test.equation])) for flow, row in test.ends]
            for term in test.cells:
                signed_rows += [(place_of[flow], row, float(term.factor)) for flow, row in term.observations]
            terms += [(number, *signed) for signed in signed_rows]
    return terms


def may_be_exact(test: TracedAccount, inexact: Collection[tuple[str, str]]) -> bool:
    """Check whether a reader may treat a test as exact; accounts of all people prove nothing about groups."""
    residual = test.account.residual
    return residual == 0 if residual is not None else write_equation(test) not in inexact


def write_equation(test: TracedAccount) -> tuple[str, str]:
    return test.account.identity, test.equation


def is_usable(test: TracedAccount) -> bool:
    signs: dict[str, int] = {}
    for term in test.account.terms:
        item = term.item.partition("[")[0]
        if signs.setdefault(item, term.sign) != term.sign:
            return False
    reported = {item for item, _, _ in test.parts}
    lacking = {term.partition("[")[0] for term in test.account.missing} - {test.left.partition("[")[0]}
    is_whole = all("=" not in term or term == test.left for term in test.account.missing)
    return bool(test.ends) and is_whole and lacking <= reported <= signs.keys()


def add_accounts(
    checks: Mapping[int, Check], cells: pl.DataFrame, accounts: list[Term], marks: ConfidentialityMarks
) -> tuple[pl.DataFrame, pl.DataFrame]:
    schema = {SUM: pl.UInt32, BOOK: pl.UInt32, ROW: pl.UInt32, SIGN: pl.Float64}
    terms = pl.DataFrame(accounts, schema=schema, orient="row")
    if not accounts:
        return cells, pl.DataFrame()
    needed = terms.select(BOOK, ROW).unique(maintain_order=True)
    absent = needed.join(cells, on=[BOOK, ROW], how="anti", maintain_order="left")
    further = [
        select_figures_shown(clear_exceptions(check), marks)
        .with_columns(pl.lit(place, dtype=pl.UInt32).alias(BOOK), signed=pl.lit(value=True))
        .join(absent, on=[BOOK, ROW], how="semi", maintain_order="left")
        for place, check in checks.items()
    ]
    more = pl.concat(further, how="diagonal").with_row_index(CELL, offset=cells.height)
    cells = pl.concat([cells, more], how="diagonal")
    named = terms.join(cells.select(BOOK, ROW, CELL), on=[BOOK, ROW], how="left", maintain_order="left")
    whole = pl.col(CELL).is_not_null().all().over(SUM)
    return cells, named.filter(whole).with_columns(complete=pl.lit(value=True), pattern=pl.lit(ACCOUNT))


def clear_exceptions(check: Check) -> Check:
    return replace(check, rule=replace(check.rule, parameters={**check.rule.parameters, "except": {}}))


def complete_sums(cells: pl.DataFrame, terms: pl.DataFrame, sums: pl.DataFrame) -> ReaderView:
    """Mark sums as complete if sums of the same pattern add up, and drop contradicted sums."""
    known = terms.join(cells.select(CELL, "value", "half"), on=CELL, how="left", maintain_order="left")
    by_sum = known.group_by(SUM, maintain_order=True).agg(
        rest=(pl.col("value") * pl.col(SIGN)).sum(),
        is_known=pl.col("value").is_not_null().all(),
        slack=pl.col("half").sum() + CLOSE_TOLERANCE,
    )
    sums = sums.join(by_sum, on=SUM, how="left", maintain_order="left").with_columns(
        fits=pl.col("rest").abs() <= pl.col("slack"), over=pl.col("rest") > pl.col("slack")
    )
    adds_up = pl.when("is_known").then("fits")
    by_pattern = adds_up.any().over("pattern").fill_null(value=False) & adds_up.all().over("pattern").fill_null(
        value=False
    )
    sums = sums.with_columns(complete=pl.when("is_known").then("fits").otherwise(pl.col("complete") | by_pattern))
    is_equation = pl.col("by").is_in([SAME, ACCOUNT])
    useless = pl.col("is_known") & (pl.col("over") | (is_equation & ~pl.col("fits")))
    sums = sums.filter(~useless.fill_null(value=False)).select(SUM, "by", "complete")
    numbers = sums.select(pl.col(SUM).alias("former")).with_row_index(SUM)
    terms = terms.rename({SUM: "former"}).join(numbers, on="former", how="inner", maintain_order="left")
    return ReaderView(cells=cells, terms=terms.select(SUM, CELL, SIGN), sums=sums.with_columns(numbers[SUM]))


def join_cells(view: ReaderView) -> pl.DataFrame:
    lines = view.terms.join(view.cells, on=CELL, how="left", maintain_order="left")
    return lines.join(view.sums, on=SUM, how="left", maintain_order="left")


def select_shown_before(check: Check, release: EarlierRelease, marks: ConfidentialityMarks) -> pl.DataFrame:
    return select_figures_shown(replace(check, dataset=release.book.dataset, books=(release.book,), others=()), marks)


def find_published_earlier(check: Check, view: ReaderView, marks: ConfidentialityMarks, place: int = 0) -> pl.DataFrame:
    """Find figures published earlier and unchanged: ``cell``, ``mark``, ``then``."""
    rows = view.cells.filter(pl.col(BOOK) == place, pl.col(ROW).is_not_null())
    key = list(check.structure.key)
    parts = [pl.DataFrame(schema={CELL: pl.UInt32, "mark": pl.String, "then": pl.Float64})]
    for release in check.previous:
        now = select_figures_shown(check, marks).select(*key, ROW)
        before = select_shown_before(check, release, marks).filter("shown", pl.col("half") == 0)
        then = now.join(before.select(*key, then="value"), on=key, how="inner", nulls_equal=True)
        both = rows.join(then.select(ROW, "then"), on=ROW, how="inner", maintain_order="left")
        same = both.filter(pl.col("value").is_null() | (pl.col("value") == pl.col("then")))
        parts.append(same.select(CELL, "mark", "then").cast(parts[0].schema))
    return pl.concat(parts).unique(CELL, keep="last", maintain_order=True)
