"""Units, multipliers and decimals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import polars as pl

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.patterns import ExpressionError, pattern
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.values import (
    PATTERNS,
    VALUE_COLUMN,
    drop_excepted,
    extract_column,
    find_rows,
    list_distinct,
    write_number_parameter,
)
from sdmxmig.quality.rules.words import join_any, translate_parameters, write_number
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.findings import Fault, NotTestable

UNIT, MULTIPLIER = "UNIT_MEASURE", "UNIT_MULT"


@KINDS.add("DECIMALS-AS-DECLARED")
def decimals_match_declaration(check: Check) -> Iterable[Fault | NotTestable]:
    """No value shows more decimals than DECIMALS declares; trailing zeros do not count."""
    check.parameters.close()
    frame = check.amounts.frame.filter(pl.col("DECIMALS").str.contains(r"^[0-9]{1,2}$"), pl.col("amount").is_not_null())
    if frame.is_empty():
        raise build_untestable_error("no number of decimals is declared")
    shown = pl.col(check.measure).str.extract(r"\.([0-9]*[1-9])0*$", 1).fill_null("").str.len_chars()
    wrong = frame.filter(shown > pl.col("DECIMALS").cast(pl.UInt32))
    for row, text, decimals in wrong.select("row", check.measure, "DECIMALS").iter_rows():
        words = write_number_parameter(check, text) | {"decimals": decimals}
        yield check.fault((row,), words, observed=text, expected=f"DECIMALS = {decimals}")


@KINDS.add("UNIT-ALLOWED")
def units_are_allowed(check: Check) -> Iterable[Fault | NotTestable]:
    """Figures have an allowed unit and multiplier, and each series has one of each.

    Parameters: `units` of counts in such flows; `multipliers`: powers of ten; `mixed`: severity of several units in one
    series, such as early years in thousands.
    """
    with check.parameters as parameters:
        mixed = parameters.text("mixed", "")
        allowed = {UNIT: parameters.strings("units"), MULTIPLIER: parameters.strings("multipliers")}
    present = [name for name, codes in allowed.items() if codes and name in check.structure]
    if not present:
        raise build_untestable_error(
            "{flow} has no {component} and no {other}", flow=check.flow.id, component=UNIT, other=MULTIPLIER
        )
    for name in present:
        values = (
            extract_column(check, check.structure[name])
            .drop_nulls(VALUE_COLUMN)
            .filter(~pl.col(VALUE_COLUMN).is_in(allowed[name]))
        )
        for value, rows in values.group_by(VALUE_COLUMN, maintain_order=True).agg("row").iter_rows():
            words = {"value": value, "component": name, "allowed": ", ".join(allowed[name])}
            yield check.fault(rows, words, component=name, observed=value, expected=words["allowed"])
    for name in present:
        yield from find_mixed_units(check, name, mixed)


def find_mixed_units(check: Check, name: str, severity: str) -> Iterable[Fault]:
    structure = check.structure
    values = extract_column(check, structure[name]).drop_nulls(VALUE_COLUMN)
    if values[VALUE_COLUMN].n_unique() < 2:
        return
    frame = values.join(check.frame.select("row", *structure.series_key), on="row", maintain_order="left")
    counted = frame.group_by(*structure.series_key, VALUE_COLUMN, maintain_order=True).agg(
        "row", pl.len().alias("times")
    )
    ranked = counted.sort("times", VALUE_COLUMN, descending=True, maintain_order=True)
    series = ranked.group_by(structure.series_key, maintain_order=True).agg(VALUE_COLUMN, "row")
    for *_, texts, rows in series.filter(pl.col(VALUE_COLUMN).list.len() > 1).iter_rows():
        for value, at in zip(texts[1:], rows[1:], strict=True):
            words = {"value": value, "component": name, "allowed": texts[0]}
            yield check.fault(
                at,
                words,
                component=name,
                observed=value,
                expected=texts[0],
                severity=severity,
                related=tuple(rows[0][:1]),
            )


@KINDS.add("VALUE-IN-RANGE")
def values_are_in_range(check: Check) -> Iterable[Fault | NotTestable]:
    """Figures lie within the range of their unit, such as percentages from 0 to 100.

    Parameters: `ranges`: minimum and maximum by unit; `except`: codes by dimension.
    """
    with check.parameters as parameters:
        ranges = parameters.table("ranges").lists()
        if any(len(ends) != 2 for ends in ranges.values()):
            raise DeclarationError("Write a range as its lowest and its highest value.", parameters.at("ranges"))
        excepted = parameters.table("except").lists()
    structure = check.structure
    if UNIT not in structure:
        raise build_untestable_error("{flow} has no {component}", flow=check.flow.id, component=UNIT)
    units = extract_column(check, structure[UNIT])[VALUE_COLUMN].alias("unit_of")
    frame = drop_excepted(check.amounts.frame.hstack([units]), excepted).drop_nulls("amount")
    frame = frame.filter(pl.col("unit_of").is_in(list(ranges)))
    if frame.is_empty():
        raise build_untestable_error("no figure is in the unit {units}", units=join_any(ranges))
    step = 10**check.amounts.scale
    for unit, (low, high) in ranges.items():
        outside = ~pl.col("amount").is_between(int(Decimal(low) * step), int(Decimal(high) * step))
        wrong = frame.filter(pl.col("unit_of") == unit, outside)
        for row, text in wrong.select("row", structure.measure.id).iter_rows():
            words = translate_parameters(
                check.rule,
                lambda language, text=text, low=low, high=high: {  # type: ignore[misc]
                    "value": write_number(text, language),
                    "low": write_number(low, language),
                    "high": write_number(high, language),
                },
            )
            yield check.fault((row,), words, observed=text, expected=f"{low} – {high}")


SHORTEST, LONGEST, FORM = "minLength", "maxLength", "pattern"
LEGIBLE_CONTROLS = "\t\n\r"
MAX_SHOWN_LENGTH = 40
"""Maximum number of characters of a text shown in a message."""


@KINDS.add("TEXT-AS-ALLOWED")
def texts_are_valid(check: Check) -> Iterable[Fault | NotTestable]:
    """A free text has the length and format that its component allows; an attribute such as a bound is a number."""
    check.parameters.close()
    free = [
        component
        for component in check.structure.components
        if component.data_type in ("String", *PATTERNS)
        and component != check.structure.measure
        and check.flow.codelist(component) is None
    ]
    if not free:
        yield report_not_tested("{flow} has no component of free text", flow=check.flow.id)
    for component in free:
        facets = dict(component.facets)
        number = re.compile(PATTERNS.get(component.data_type, ""))
        for text in filter(None, list_distinct(check, component)):
            limits = find_broken_facets(text, facets) if number.match(text) else [component.data_type]
            for limit in limits:
                words = {"value": shorten_text(text), "component": component.id, "limit": limit}
                yield build_fault(check, component, text, words)


def build_fault(check: Check, component: Component, text: str, words: Mapping[str, str]) -> Fault:
    rows = find_rows(check, component, text)
    return check.fault(rows, words, component=component.id, observed=words["value"], expected=words["limit"])


def find_broken_facets(text: str, facets: Mapping[str, str]) -> Iterator[str]:
    """Yield the facets that a text violates; invalid limits are ignored.

    >>> (list(find_broken_facets("abc", {"maxLength": "2"})),
    ...  list(find_broken_facets("a b", {"pattern": "[a-z]+"})), list(find_broken_facets("ab", {})))
    (['maxLength = 2'], ['pattern = [a-z]+'], [])
    """
    shortest, longest, form = (facets.get(name, "") for name in (SHORTEST, LONGEST, FORM))
    if shortest.isdecimal() and len(text) < int(shortest):
        yield f"{SHORTEST} = {shortest}"
    if longest.isdecimal() and len(text) > int(longest):
        yield f"{LONGEST} = {longest}"
    if form and not has_form(text, form):
        yield f"{FORM} = {form}"
    if strange := sorted({sign for sign in text if is_control(sign)}):
        yield " ".join(f"U+{ord(sign):04X}" for sign in strange)


def is_control(sign: str) -> bool:
    return (ord(sign) < 0x20 and sign not in LEGIBLE_CONTROLS) or 0x7F <= ord(sign) <= 0x9F


def has_form(text: str, form: str) -> bool:
    try:
        return pattern(form).fullmatch(text) is not None
    except ExpressionError:
        return True


def shorten_text(text: str) -> str:
    plain = "".join("�" if is_control(sign) else sign for sign in text)
    return plain if len(plain) <= MAX_SHOWN_LENGTH else f"{plain[:MAX_SHOWN_LENGTH]}…"
