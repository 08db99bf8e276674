"""Values: type, sign, whole numbers and status; units, multipliers and decimals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.patterns import ExpressionError, pattern
from sdmxmig.primitives.text import shorten_text
from sdmxmig.quality.rules import KINDS, Check, UntestableError, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.words import build_reason, join_any, translate_parameters, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.frames import list_values
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.amounts import add_columns
from sdmxmig.statistics.demography.time_series import null_empty_texts

ROW_COLUMN = "row"
VALUE_COLUMN = "value"


def extract_column(check: Check, component: Component) -> pl.DataFrame:
    """Return `row` and `value` of a component for each observation, null if not sent."""
    frame, dataset = check.frame, check.dataset
    if component.attachment != "dataset" and component.id in frame.columns:
        values = frame[component.id]
    elif component.attachment == "series" and component.id in dataset.series.columns:
        of_series = add_columns(dataset.series, (component.id,))[component.id]
        values = of_series[check.books[0].series_positions]
    else:
        of_dataset = dataset.attributes.get(component.id) if component.attachment == "dataset" else None
        values = pl.Series([of_dataset or None], dtype=pl.String).new_from_index(0, frame.height)
    return pl.DataFrame([frame[ROW_COLUMN], values.alias(VALUE_COLUMN)])


def list_possible_values(check: Check, component: Component) -> frozenset[str | None]:
    dataset = check.dataset
    if component.id in check.frame.columns:
        return frozenset({None, *check.books[0].codes(component.id)})
    if component.attachment == "series" and component.id in dataset.series.columns:
        return frozenset({None, *list_values(dataset.series, component.id)})
    return frozenset({None, dataset.attributes.get(component.id)})


def list_distinct(check: Check, component: Component) -> list[str | None]:
    if component.attachment == "dataset":
        return [check.dataset.attributes.get(component.id) or None]
    numbers = check.books[0].numbers
    if component.id in numbers.names:
        return numbers.present(component.id)
    observations = check.dataset.observations
    if component.id in observations.columns:
        return list_values(null_empty_texts(observations[component.id]).to_frame(VALUE_COLUMN), VALUE_COLUMN).to_list()
    return list_values(extract_column(check, component), VALUE_COLUMN).to_list()


def list_numbered_texts(check: Check, component: Component) -> frozenset[str | None]:
    kind = check.dataset.observations.schema.get(component.id)
    return frozenset(kind.categories) - {""} if isinstance(kind, pl.Enum) else frozenset({None})


def find_rows(check: Check, component: Component, value: str | None) -> tuple[int, ...]:
    if component.attachment == "dataset":
        return ()
    if value is None and is_everywhere(check.dataset.observations, component.id):
        return ()
    values = extract_column(check, component)
    if value is None and not values.select(pl.col(VALUE_COLUMN).null_count()).item():
        return ()
    matches = pl.col(VALUE_COLUMN).is_null() if value is None else pl.col(VALUE_COLUMN) == value
    return tuple(values.filter(matches).get_column(ROW_COLUMN).to_list())


def is_everywhere(frame: pl.DataFrame, name: str) -> bool:
    kind = frame.schema.get(name)
    if kind is None or frame[name].null_count():
        return False
    if isinstance(kind, pl.Enum):
        return "" not in kind.categories
    return kind == pl.String and not (frame[name] == "").any()


SIGNED_NUMBER = re.compile(
    r"[+\-−–]?\s?(?:[1-9]\d{0,2}(?P<group>[\s.,'’٬])\d{3}(?:(?P=group)\d{3})*|\d+)(?:(?P<sign>[.,٫])\d+)?"
)
"""A number with thousands or decimal separators."""
WHOLE_PATTERN = r"^[+-]?[0-9]+$"
DECIMAL_PATTERN = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
DOUBLE_PATTERN = r"^([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+-]?[0-9]+)?|-?INF|NaN)$"
COUNT, UNIT = "Count", "UNIT_MEASURE"
BOUNDS = ("LOWER_BOUND", "UPPER_BOUND")
PATTERNS = {
    "Decimal": DECIMAL_PATTERN,
    "Incremental": DECIMAL_PATTERN,
    "Float": DOUBLE_PATTERN,
    "Double": DOUBLE_PATTERN,
}
PATTERNS |= dict.fromkeys(("Integer", "BigInteger", "Long", "Short", COUNT), WHOLE_PATTERN)
INTENTIONALLY_MISSING = "NaN"
MAX_SHOWN_LENGTH = 40
"""Maximum number of characters of a text shown in a message."""
NO_VALUE = "–"


@KINDS.add("VALUE-OF-TYPE")
def values_have_type(check: Check) -> Iterable[Fault | NotTestable]:
    """Every value is a number of the measure's data type, without thousands separator, unit or mark."""
    measure, wrong = find_invalid_numbers(check)
    styled = {
        text
        for texts in group_by_separators(wrong[VALUE_COLUMN].unique(maintain_order=True)).values()
        for text in texts
    }
    for value, rows in wrong.group_by(VALUE_COLUMN, maintain_order=True).agg(ROW_COLUMN).iter_rows():
        if value not in styled:
            parameters = {"value": value, "type": measure.data_type, "component": measure.id}
            yield check.fault(rows, parameters, observed=value, expected=measure.data_type)


@KINDS.add("NUMBERS-ARE-PLAIN")
def numbers_are_plain(check: Check) -> Iterable[Fault | NotTestable]:
    """No value uses local thousands or decimal separators; one fault per notation."""
    measure, wrong = find_invalid_numbers(check)
    for (thousands, decimal), texts in group_by_separators(wrong[VALUE_COLUMN].unique(maintain_order=True)).items():
        rows = tuple(wrong.filter(pl.col(VALUE_COLUMN).is_in(texts))[ROW_COLUMN])
        keys = [f'{key} = "{sign}"' for key, sign in (("thousands", thousands), ("decimal", decimal)) if sign]
        parameters = {"value": texts[0], "count": str(len(rows)), "keys": ", ".join(keys)}
        yield check.fault(rows, parameters, component=measure.id, observed=texts[0], expected=measure.data_type)


@KINDS.add("FIGURES-TAKE-PART")
def figures_can_be_added(check: Check) -> Iterable[Fault | NotTestable]:
    """Every figure is finite and short enough for exact sums; others are excluded from checks of amounts."""
    measure = find_numeric_measure(check)
    frame, text = check.amounts.frame, pl.col(measure.id)
    if frame.get_column(measure.id).null_count() == frame.height:
        raise build_untestable_error("there is no figure")
    is_figure = text.str.contains(PATTERNS[measure.data_type]) & (text != INTENTIONALLY_MISSING)
    left_out = frame.filter(pl.col("amount").is_null(), is_figure)
    digits = check.amounts.most_digits
    words = translate_parameters(check.rule, lambda language: {"digits": write_number(str(digits), language)})
    for figure, rows in left_out.group_by(measure.id, maintain_order=True).agg("row").iter_rows():
        shown = {"value": shorten_text(figure, MAX_SHOWN_LENGTH), **words}
        expected = f"at most {digits} digits before the point"
        yield check.fault(rows, shown, component=measure.id, observed=shown["value"], expected=expected)


def find_invalid_numbers(check: Check) -> tuple[Component, pl.DataFrame]:
    """Return the measure and its values that do not match its data type."""
    measure, text = find_numeric_measure(check), pl.col(VALUE_COLUMN)
    is_number = text.str.contains(PATTERNS[measure.data_type]) | (text == INTENTIONALLY_MISSING)
    return measure, extract_column(check, measure).filter(~is_number)


def find_numeric_measure(check: Check) -> Component:
    check.parameters.close()
    measure = check.structure.measure
    if measure.data_type in PATTERNS:
        return measure
    raise UntestableError(
        build_reason("{component} is not a number but {type}", component=measure.id, type=measure.data_type)
        if measure.data_type
        else build_reason("{component} has no declared type, so it is not a number", component=measure.id)
    )


def group_by_separators(texts: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """Find numbers with other separators; a comma before three digits separates thousands unless contradicted.

    >>> group_by_separators(["1 234", "12", "1 234,5", "n/a"])
    {(' ', ','): ['1 234', '1 234,5']}
    >>> group_by_separators(["1,234", "56,789"])
    {(',', ''): ['1,234', '56,789']}
    """
    signs_by_text = {text: signs for text in texts if (signs := find_separators(text))}
    decimals = {decimal for _, decimal in signs_by_text.values() if decimal}
    thousands = {sign for sign, _ in signs_by_text.values() if sign} - decimals
    if len(decimals) > 1 or len(thousands) > 1:
        groups: dict[tuple[str, str], list[str]] = {}
        for text, signs in signs_by_text.items():
            groups.setdefault(signs, []).append(text)
        return groups
    return {(next(iter(thousands), ""), next(iter(decimals), "")): list(signs_by_text)} if signs_by_text else {}


def find_separators(text: str) -> tuple[str, str] | None:
    number = SIGNED_NUMBER.fullmatch(text.strip())
    if number is None or not (number["group"] or number["sign"]):
        return None
    group = number["group"] or ""
    return (" " if group.isspace() else group), number["sign"] or ""


@KINDS.add("NOT-NEGATIVE")
def counts_are_not_negative(check: Check) -> Iterable[Fault | NotTestable]:
    """Counts are zero or more. Parameter `except`: codes by dimension whose values may be negative."""
    with check.parameters as parameters:
        parameters.table("except").lists()
    frame = select_figures(check)
    if frame.get_column("amount").null_count() == frame.height:
        yield report_not_tested("there is no count")
    for row, text in frame.filter(pl.col("amount") < 0).select("row", check.measure).iter_rows():
        yield check.fault((row,), write_number_parameter(check, text), observed=text, expected="0 or more")
    for bound in (check.structure[name] for name in BOUNDS if name in check.structure):
        negative = extract_column(check, bound).filter(pl.col(VALUE_COLUMN).str.starts_with("-"))
        for row, text in negative.join(frame, on=ROW_COLUMN, how="semi", maintain_order="left").iter_rows():
            words = write_number_parameter(check, text)
            yield check.fault((row,), words, component=bound.id, observed=text, expected="0 or more")


@KINDS.add("NUMBER-OF-NOT-NEGATIVE")
def numbers_are_not_negative(check: Check) -> Iterable[Fault | NotTestable]:
    """A number of persons or other things is zero or more, in any structure.

    Parameters: `units` of counts, by the component whose concept is UNIT_MEASURE; without it, figures of the SDMX type
    Count. `except` as for other rules on values.
    """
    with check.parameters as parameters:
        units = parameters.strings("units", None)
        frame = drop_excepted(check.amounts.frame, parameters.table("except").lists())
    structure = check.structure
    unit = next(
        (component for component in structure.components if UNIT in (component.id, component.concept.item)), None
    )
    if unit is not None:
        counts = extract_column(check, unit).filter(pl.col(VALUE_COLUMN).is_in(units)).select(ROW_COLUMN)
        frame = frame.join(counts, on=ROW_COLUMN, how="semi", maintain_order="left")
    elif structure.measure.data_type != COUNT:
        raise build_untestable_error("no unit shows whether the figures are numbers of persons or of other things")
    if frame.get_column("amount").null_count() == frame.height:
        yield report_not_tested("there is no figure in a unit that is counted")
    measure = structure.measure.id
    for row, text in frame.filter(pl.col("amount") < 0).select("row", measure).iter_rows():
        yield check.fault((row,), write_number_parameter(check, text), observed=text, expected="0 or more")


@KINDS.add("WHOLE-PERSONS")
def persons_are_whole_numbers(check: Check) -> Iterable[Fault | NotTestable]:
    """Persons are whole numbers, unless counted in thousands.

    Parameters: `units` of counts; `except`: codes by dimension.
    """
    open_parameters(check).close()
    frame = select_figures(check).filter(pl.col("power") == 0, pl.col("amount").is_not_null())
    if frame.is_empty():
        yield report_not_tested("there is no count of single persons")
    broken = frame.filter(pl.col("amount") % 10**check.amounts.scale != 0)
    for row, text in broken.select("row", check.measure).iter_rows():
        yield check.fault((row,), write_number_parameter(check, text), observed=text, expected="a whole number")


@KINDS.add("VALUE-FITS-STATUS")
def values_match_status(check: Check) -> Iterable[Fault | NotTestable]:
    """A missing value has a status for missing values, and other values do not.

    Parameters: `missing`: statuses of missing values; `either`: statuses of both.
    """
    with check.parameters as parameters:
        missing, either = parameters.strings("missing", None), parameters.strings("either")
    measure = check.structure.measure.id
    if "OBS_STATUS" not in check.structure:
        raise build_untestable_error("{flow} has no {component}", flow=check.flow.id, component="OBS_STATUS")
    yield from find_unexplained_gaps(check, measure, (*missing, *either))
    yield from find_contradictions(check, measure, missing)


def find_unexplained_gaps(check: Check, measure: str, allowed: Sequence[str]) -> Iterable[Fault]:
    empty = pl.col(measure).is_null() | (pl.col(measure) == INTENTIONALLY_MISSING)
    silent = check.frame.filter(empty).filter(~pl.col("OBS_STATUS").is_in(allowed).fill_null(value=False))
    for status, text, rows in silent.group_by("OBS_STATUS", measure, maintain_order=True).agg("row").iter_rows():
        parameters = {"value": text or NO_VALUE, "status": status or NO_VALUE}
        yield check.fault(
            rows,
            parameters,
            component=measure,
            observed=text or "",
            expected="a number, or a status for missing values",
        )


def find_contradictions(check: Check, measure: str, missing: Sequence[str]) -> Iterable[Fault]:
    if not set(missing) & set(check.frame.select(pl.col("OBS_STATUS").unique())["OBS_STATUS"]):
        return
    valued = pl.col(measure).is_not_null() & (pl.col(measure) != INTENTIONALLY_MISSING)
    broken = check.frame.filter(valued, pl.col("OBS_STATUS").is_in(missing))
    for row, text, code in broken.select("row", measure, "OBS_STATUS").iter_rows():
        parameters = {"value": text, "status": code}
        yield check.fault((row,), parameters, component=measure, observed=text, expected="no value, or another status")


def write_number_parameter(check: Check, figure: str) -> dict[str, str]:
    return translate_parameters(check.rule, lambda language: {"value": write_number(figure, language)})


def open_parameters(check: Check) -> Declared:
    """Open the parameters of a rule; `units` and `except` count as read because `select_figures` uses them."""
    parameters = check.parameters
    parameters.strings("units", None)
    parameters.table("except").lists()
    return parameters


Scope = tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]
P = ParamSpec("P")
R = TypeVar("R")


def find_scope(check: Check) -> Scope:
    """Return a rule's `units` and excepted codes by dimension, if they exclude figures of its data."""
    units, excepted = check.parameters.strings("units"), check.parameters.table("except").lists()
    if units and (UNIT not in check.structure or list_possible_values(check, check.structure[UNIT]) <= {None, *units}):
        units = ()
    book = check.books[0]
    present = {name: codes for name, codes in excepted.items() if name in check.frame.columns}
    return units, tuple((name, codes) for name, codes in present.items() if book.codes(name) & set(codes))


def cache_by_scope(derive: Callable[Concatenate[Check, P], R]) -> Callable[Concatenate[Check, P], R]:
    @wraps(derive)
    def derive_once(check: Check, /, *arguments: P.args, **options: P.kwargs) -> R:
        asked = (derive, check.books[0], find_scope(check), arguments, *options.items())
        if asked not in check.derived:
            check.derived[asked] = derive(check, *arguments, **options)
        result: R = check.derived[asked]
        return result

    return derive_once


@cache_by_scope
def select_figures(check: Check) -> pl.DataFrame:
    return select_in_scope(check, check.amounts.frame)


@cache_by_scope
def select_figures_once(check: Check) -> pl.DataFrame:
    return select_in_scope(check, check.books[0].distinct)


def select_in_scope(check: Check, frame: pl.DataFrame) -> pl.DataFrame:
    units, excepted = find_scope(check)
    conditions: list[pl.Expr | pl.Series] = [*exclude(frame, dict(excepted))]
    if units:
        unit = extract_column(check, check.structure[UNIT])[VALUE_COLUMN][frame[ROW_COLUMN]]
        conditions.append(frame.select(unit.is_null() | unit.is_in(units)).to_series())
    return frame.filter(*conditions) if conditions else frame


def drop_excepted(frame: pl.DataFrame, excepted: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    conditions = exclude(frame, excepted)
    return frame.filter(*conditions) if conditions else frame


def exclude(frame: pl.DataFrame, excepted: Mapping[str, Sequence[str]]) -> list[pl.Expr]:
    present = {dimension: codes for dimension, codes in excepted.items() if dimension in frame.columns}
    return [~pl.col(dimension).is_in(codes).fill_null(value=False) for dimension, codes in present.items()]


MULTIPLIER = "UNIT_MULT"


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
                words = {
                    "value": shorten_text(replace_controls(text), MAX_SHOWN_LENGTH),
                    "component": component.id,
                    "limit": limit,
                }
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


def replace_controls(text: str) -> str:
    return "".join("�" if is_control(sign) else sign for sign in text)
