"""Age classes, reporting areas, and mortality by age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from sdmxmig.catalogue.ages import OPEN_END, find_partitions, parse_age_code
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested, run_by_definition
from sdmxmig.quality.rules.additive import has_total
from sdmxmig.quality.rules.outside_comparisons import (
    AGE,
    AREA,
    AVERAGE,
    FREQUENCY,
    Comparison,
    Side,
    find_outside_data,
    select_figures,
    write_plain,
)
from sdmxmig.quality.rules.series import format_number, read_decimal
from sdmxmig.quality.rules.values import drop_excepted
from sdmxmig.quality.rules.words import find_code_name, translate_parameters, write_number
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.ledger import Book

ROW_AGES = 4
MAX_NAMED_AGES = 12


@KINDS.add("AGES-WITHOUT-HOLE")
def ages_have_no_gaps(check: Check) -> Iterable[Fault | NotTestable]:
    """Age classes from 0 to an open class leave no gap and do not overlap.

    All classes of an area, item and period are tested together, since small groups may lack a class. Classes that do
    not start at 0 or have no open end cover only part of the population and are not tested.
    """
    check.parameters.close()
    dimension, structure = AGE, check.structure
    if dimension not in structure.series_key:
        raise build_untestable_error(
            "{flow} is not broken down by {dimensions}", flow=check.flow.id, dimensions=dimension
        )
    none = build_untestable_error("no age classes reach from 0 to an open class")
    codes = sorted(code for code in check.books[0].codes(dimension) if parse_age_code(code))
    if find_age_gaps(tuple(codes)) is None:
        raise none
    kept = [name for name in structure.key if name != dimension and not has_total(check.flow.codelist(name))]
    frame = check.frame.filter(pl.col(dimension).is_in(codes)).group_by(kept, maintain_order=True).agg(dimension, "row")
    sets = frame.group_by(pl.col(dimension).list.unique().list.sort(), maintain_order=True).agg(
        pl.col("row").list.explode(keep_nulls=False, empty_as_null=False)
    )
    tested = False
    for classes, rows in sets.iter_rows():
        ages = find_age_gaps(tuple(classes))
        tested = tested or ages is not None
        if ages:
            yield build_fault(check, dimension, classes, rows)
    if not tested:
        raise none


@lru_cache(maxsize=1024)
def find_age_gaps(classes: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return the ages at which classes have a gap or overlap; None if they do not cover all ages.

    >>> (find_age_gaps(("Y0T14", "Y15T64", "Y_GE65")),
    ...  find_age_gaps(("Y0T14", "Y20T64", "Y_GE65")), find_age_gaps(("Y15T64", "Y_GE65")))
    ((), (15,), None)
    >>> find_age_gaps(("Y0T14", "Y0T4", "Y5T9", "Y10T14", "Y15T64", "Y15T19", "Y20T24", "Y30T34", "Y_GE65"))
    (25,)
    """
    spans = [span for code in classes if (span := parse_age_code(code))]
    if len(spans) < 2 or not any(start == 0 for start, _ in spans) or not any(end == OPEN_END for _, end in spans):
        return None
    return find_partitions(classes)[1] or tuple(list_missing_ages(spans)[:1])


def list_missing_ages(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return ages at which one class is missing among others of the same width, ignoring broader classes.

    >>> list_missing_ages([(0, 5), (5, 10), (10, 15), (20, 25), (0, 15), (15, 65), (65, 1000)])
    [15]
    >>> list_missing_ages([(0, 5), (5, 10), (10, 15), (0, 15), (15, 65), (20, 65), (65, 1000)])
    []
    >>> list_missing_ages([(0, 5), (5, 10), (10, 15), (15, 16), (16, 20), (20, 25), (25, 65), (65, 1000)])
    []
    """
    classes = set(spans)
    widths = Counter(end - start for start, end in classes)
    lacking = []
    for start, end in sorted(classes):
        after = 2 * end - start
        goes_on = bool({(after, after + end - start), (after, OPEN_END)} & classes)
        is_filled = any(end <= other and other_end <= after for other, other_end in classes)
        if widths[end - start] >= ROW_AGES and goes_on and not is_filled:
            lacking.append(end)
    return lacking


def build_fault(check: Check, dimension: str, classes: Sequence[str], rows: Sequence[int]) -> Fault:
    ordered = sorted(classes, key=lambda code: parse_age_code(code) or (0, 0))
    overlapping = [pair for pair in combinations(ordered, 2) if has_overlap(*pair)]

    def build_words(language: str) -> dict[str, str]:
        names = [find_code_name(check.flow, dimension, code, language) for code in ordered]
        more = f"… (+ {len(names) - MAX_NAMED_AGES})"
        listed = names if len(names) <= MAX_NAMED_AGES else [*names[:MAX_NAMED_AGES], more]
        pairs = [
            " / ".join(find_code_name(check.flow, dimension, code, language) for code in pair) for pair in overlapping
        ]
        lacking = "" if pairs else list_gap_ages(ordered)
        words = {"classes": ", ".join(listed), "reached": list_gap_ages(ordered)}
        return {**words, "overlapping": ", ".join(pairs[:MAX_NAMED_AGES]), "lacking": lacking}

    return check.fault(
        sorted(rows), build_words, component=dimension, observed=" ".join(ordered), expected="every age once"
    )


def has_overlap(first: str, second: str) -> bool:
    """Check whether a class begins inside an earlier one and ends after it.

    >>> has_overlap("Y15T24", "Y20T29"), has_overlap("Y0T14", "Y0T4"), has_overlap("Y0T14", "Y15T24")
    (True, False, False)
    """
    (start, end), (other_start, other_end) = parse_age_code(first) or (0, 0), parse_age_code(second) or (0, 0)
    return start < other_start < end < other_end


def list_gap_ages(classes: Sequence[str]) -> str:
    """Return the age at which the classes from 0 stop connecting.

    >>> list_gap_ages(["Y0T14", "Y20T64", "Y_GE65"])
    '15'
    """
    return ", ".join(map(str, find_age_gaps(tuple(classes)) or ()))


@KINDS.add("ONE-REPORTING-AREA")
def one_reporting_area(check: Check) -> Iterable[Fault | NotTestable]:
    """An office reports on its own country; a few observations of another area are errors.

    Parameters: `main`: minimum share of all observations of the office's own area; `except`: codes by dimension with
    other areas. Dataflows without this rule, such as mirror data, are ignored. If no area has this share, the data are
    from several offices and cannot be judged.
    """
    with check.parameters as parameters:
        main = Decimal(parameters.text("main"))
        excepted = parameters.table("except").lists()
    if AREA not in check.structure.series_key:
        raise build_untestable_error("{flow} has no {component}", flow=check.flow.id, component=AREA)
    own_books = [book for book in check.books if check.rule.id in book.dataset.flow.dataflow.rules]
    if len(frozenset[str]().union(*(book.codes(AREA) for book in own_books))) == 1:
        return
    frames = [drop_excepted(book.frame, excepted)[[AREA]] for book in own_books]
    counted = pl.concat(frames).drop_nulls().group_by(AREA).len().sort("len", AREA, descending=[True, False])
    if counted.is_empty() or counted["len"][0] < main * int(counted["len"].sum()):
        raise build_untestable_error("the data cover several areas, and the reporting area is not stated")
    own = counted[AREA][0]
    strays = drop_excepted(check.frame, excepted).filter(pl.col(AREA) != own)
    for area, rows in strays.group_by(AREA, maintain_order=True).agg("row").iter_rows():
        words = translate_parameters(
            check.rule,
            lambda language, area=area: {  # type: ignore[misc]
                "value": find_code_name(check.flow, AREA, area, language),
                "own": find_code_name(check.flow, AREA, own, language),
            },
        )
        yield check.fault(rows, words, component=AREA, observed=area, expected=own)


@KINDS.add("AGE-COUNTED-ALIKE")
def age_definitions_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """Events by age that are reported together use the same definition of age.

    Parameters: `attribute`: the definition of age; `flows`: compared dataflows, each with the ones before; `unsaid`:
    codes for unknown.
    """
    with check.parameters as parameters:
        attribute, flows = parameters.text("attribute"), parameters.strings("flows", None)
        unsaid = parameters.strings("unsaid")
    flow = check.flow
    if flow.id not in flows or attribute not in flow.structure or not has_ages(check.books[0]):
        raise build_untestable_error("{flow} has no figures of events by age", flow=flow.id)
    here = check.dataset.attributes.get(attribute, "")
    if not here or here in unsaid:
        raise build_untestable_error(
            "{flow} does not state how age is counted ({attribute})", flow=flow.id, attribute=attribute
        )
    before = flows[: flows.index(flow.id)]
    tested = False
    for book in check.books[1:]:
        there = book.dataset.attributes.get(attribute, "")
        if book.flow not in before or not there or there in unsaid or not has_ages(book):
            continue
        tested = True
        if there != here:
            yield build_age_fault(check, book, attribute, here, there=there)
    if not tested:
        yield report_not_tested("no other events by age with a stated way of counting age are reported")


def has_ages(book: Book) -> bool:
    return AGE in book.dataset.flow.structure.series_key and any(parse_age_code(code) for code in book.codes(AGE))


def build_age_fault(check: Check, book: Book, attribute: str, here: str, *, there: str) -> Fault:
    flow, other = check.flow, book.dataset.flow

    def build_words(language: str) -> dict[str, str]:
        return {
            "value": find_code_name(flow, attribute, here, language),
            "other": find_code_name(other, attribute, there, language),
            "flow": other.dataflow.name.in_language(language) or other.id,
            "component": attribute,
        }

    return check.fault((), build_words, component=attribute, observed=here, expected=there)


@KINDS.add("MORTALITY-AS-OTHERS")
@run_by_definition
def mortality_is_comparable(check: Check) -> Iterable[Fault | NotTestable]:
    """Deaths of a group are not far fewer than expected at the mortality of another group.

    Expected deaths are the average population by age times the death rate of the other group; the ratio is the
    standardised mortality ratio. Parameters: `domains` of outside data on deaths; `stocks`, `deaths`: their structures;
    `events`: codes of deaths; `by`: dimension with the codes of `group` and `standard`; `low`: minimum ratio;
    `expected`: minimum expected deaths.
    """
    with check.parameters as parameters:
        domains = parameters.strings("domains", None)
        stocks, deaths = parameters.strings("stocks", None), parameters.strings("deaths", None)
        events, dimension = parameters.table("events").pairs(), parameters.text("by")
        group, standard = parameters.text("group"), parameters.text("standard")
        low, needed = read_decimal(parameters, "low"), parameters.integer("expected")
    people, dead = Side(structures=stocks, timing=AVERAGE), Side(structures=deaths, codes=events)
    sources = find_outside_data(check, domains, [dead])
    tested = False
    for data in sources:
        rates = join_by_age(check, people, dead, data.book, dimension=dimension)
        ratios = standardise_deaths(rates, dimension, group, standard).filter(pl.col("expected") >= needed)
        tested = tested or not ratios.is_empty()
        yield from build_low_mortality_faults(check, ratios.filter(pl.col("ratio") < low * (1 - 1e-9)), low)
    if not tested:
        yield report_not_tested(
            "no year has {needed} expected deaths of a group by age and the population at its start and end",
            needed=needed,
        )


def join_by_age(check: Check, people: Side, deaths: Side, book: Book, *, dimension: str) -> pl.DataFrame:
    time = check.books[0].time
    names = [FREQUENCY, AREA, dimension, AGE, time]
    keys = {name: name for name in names}
    stock = select_figures(check.books[0], people, keys, Comparison()).rename({"value": "people"})
    events = select_figures(book, deaths, keys, Comparison()).select(*names, deaths="value")
    both = stock.join(events, on=names, how="inner", maintain_order="left").filter(
        pl.col(AGE).is_in([code for code in check.books[0].codes(AGE) if parse_age_code(code)])
    )
    if both.is_empty():
        return both
    ways, _ = find_partitions(both.get_column(AGE).unique().to_list())
    return both.filter(pl.col(AGE).is_in(list(ways[0]) if ways else []))


def standardise_deaths(rates: pl.DataFrame, dimension: str, group: str, standard: str) -> pl.DataFrame:
    """Return the `ratio` of a group's deaths to those `expected` at standard rates, by area and year."""
    names = [name for name in rates.columns if name not in (dimension, "row", "rows", "people", "deaths", "step")]
    others = [name for name in names if name != AGE]
    usual = rates.filter(pl.col(dimension) == standard, pl.col("people") > 0)
    usual = usual.select(*names, rate=pl.col("deaths") / pl.col("people"))
    own = rates.filter(pl.col(dimension) == group)
    both = own.join(usual, on=names, how="inner", maintain_order="left")
    complete = own.group_by(others).agg(ages=pl.len())
    return (
        both.group_by(others, maintain_order=True)
        .agg(pl.col("row"), pl.col("deaths").sum(), expected=(pl.col("people") * pl.col("rate")).sum(), count=pl.len())
        .join(complete, on=others, how="inner", maintain_order="left")
        .filter(pl.col("count") == pl.col("ages"))
        .with_columns(ratio=pl.col("deaths") / pl.col("expected"))
    )


def build_low_mortality_faults(check: Check, ratios: pl.DataFrame, low: float) -> Iterator[Fault]:
    for row in ratios.iter_rows(named=True):

        def build_words(language: str, row: Mapping[str, float] = row) -> dict[str, str]:
            return {
                "deaths": write_number(write_plain(row["deaths"]), language),
                "expected": write_number(write_plain(row["expected"], 0), language),
                "ratio": format_number(row["ratio"], language),
                "low": format_number(low, language),
            }

        yield check.fault(
            row["row"],
            build_words,
            observed=f"{row['ratio']:.2f}",
            expected=f"a standardised mortality ratio of at least {low:g}",
        )
