"""Agreement within an office's data on area and age."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import polars as pl

from sdmxmig.catalogue.ages import interval
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.values import exceptions, without
from sdmxmig.quality.rules.words import because, in_languages, name_of
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.ledger import Book

AREA, AGE = "REF_AREA", "AGE"


@KINDS.add("ONE-REPORTING-AREA")
def one_reporting_area(check: Check) -> Iterable[Fault | NotTestable]:
    """An office reports about its own country: a few observations of another area are errors.

    Parameters: `main`, the share of all observations reported together from which on an area is that of the office;
    `except`, codes by dimension that other areas may have. Dataflows that do not switch the rule on are of
    several areas by nature, as mirror data are, and do not count. Where no area has this share, the data are of
    several offices, and whose they are is unknown.
    """
    parameters = check.parameters
    main = Decimal(parameters.text("main"))
    excepted = exceptions(check)
    parameters.table("except")
    parameters.close()
    if AREA not in check.dataset.flow.structure.series_key:
        yield NotTestable(because("{flow} has no {component}", flow=check.dataset.flow.id, component=AREA))
        return
    own_books = [book for book in check.books if check.rule.id in book.dataset.flow.dataflow.rules]
    frames = [without(book.frame, excepted).select(AREA) for book in own_books]
    counted = pl.concat(frames).drop_nulls().group_by(AREA).len().sort("len", AREA, descending=[True, False])
    if counted.is_empty() or counted["len"][0] < main * int(counted["len"].sum()):
        yield NotTestable(because("the data are of several areas, and whose they are is not known"))
        return
    own = counted[AREA][0]
    strays = without(check.frame, excepted).filter(pl.col(AREA) != own)
    for area, rows in strays.group_by(AREA, maintain_order=True).agg("row").iter_rows():
        words = in_languages(
            check.rule,
            lambda language, area=area: {  # type: ignore[misc]
                "value": name_of(check.dataset.flow, AREA, area, language),
                "own": name_of(check.dataset.flow, AREA, own, language),
            },
        )
        yield Fault(tuple(rows), AREA, parameters=words, observed=area, expected=own)


@KINDS.add("AGE-COUNTED-ALIKE")
def age_counted_alike(check: Check) -> Iterable[Fault | NotTestable]:
    """Events reported together by age use the same definition of age.

    Parameters: `attribute`, the one with the definition of age; `flows`, those that are compared, each with those
    before it in this order; `unsaid`, codes for unknown.
    """
    parameters = check.parameters
    attribute, flows = parameters.text("attribute"), parameters.strings("flows", None)
    unsaid = parameters.strings("unsaid")
    parameters.close()
    flow = check.dataset.flow
    if flow.id not in flows or attribute not in flow.structure or not has_ages(check.books[0]):
        yield NotTestable(because("{flow} has no figures of events by age", flow=flow.id))
        return
    here = check.dataset.attributes.get(attribute, "")
    if not here or here in unsaid:
        yield NotTestable(
            because("{flow} does not say how age is counted ({attribute})", flow=flow.id, attribute=attribute)
        )
        return
    before = flows[: flows.index(flow.id)]
    tested = False
    for book in check.books[1:]:
        there = book.dataset.attributes.get(attribute, "")
        if book.flow not in before or not there or there in unsaid or not has_ages(book):
            continue
        tested = True
        if there != here:
            yield otherwise(check, book, attribute, here, there=there)
    if not tested:
        yield NotTestable(because("no other events by age that say how age is counted are reported"))


def has_ages(book: Book) -> bool:
    return AGE in book.dataset.flow.structure.series_key and any(interval(code) for code in book.codes(AGE))


def otherwise(check: Check, book: Book, attribute: str, here: str, *, there: str) -> Fault:
    """The fault of a dataset that counts age otherwise than another."""
    flow, other = check.dataset.flow, book.dataset.flow

    def words_in(language: str) -> dict[str, str]:
        return {
            "value": name_of(flow, attribute, here, language),
            "other": name_of(other, attribute, there, language),
            "flow": other.dataflow.name.in_language(language) or other.id,
            "component": attribute,
        }

    words = in_languages(check.rule, words_in)
    return Fault((), attribute, parameters=words, observed=here, expected=there)
