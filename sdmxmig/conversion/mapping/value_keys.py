"""Keys of value notation: separators, symbols for missing values, footnote marks."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sdmxmig.conversion.mapping.checks import attribute_named, attributes_of, check_code, check_expression, patterns_of
from sdmxmig.conversion.mapping.values import is_number
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Attributes, Flow, Footnotes, Values


def read_values(declared: Declared, flow: Flow) -> Values:
    """How values are written."""
    thousands = declared.text("thousands", "")
    decimal = declared.text("decimal", "," if thousands == "." else ".")
    values = Values(
        thousands,
        decimal,
        missing=read_missing(declared.table("missing"), flow),
        marks=read_marks(declared.table("marks"), flow),
        numbers=tuple(declared.table("numbers").pairs().items()),
        turned=read_sign(declared),
        multiply=declared.text("multiply", ""),
        as_shown=declared.flag("as_shown", default=False),
        columns=patterns_of(declared, "columns"),
        comments=attribute_named(declared, "comments", flow),
    )
    declared.close()
    if len(decimal) != 1 or decimal == thousands or decimal.isalnum():
        hint = 'Write decimal = "." or decimal = ",".'
        raise DeclarationError("“decimal” should be one sign, not that of the thousands.", declared.at("decimal"), hint)
    if len(thousands) > 1 or thousands.isalnum():
        hint = 'Write thousands = " ", which stands for blanks of all widths, or thousands = ",".'
        raise DeclarationError("“thousands” should be one sign, no digit or letter.", declared.at("thousands"), hint)
    check_numbers(declared, values)
    return values


def read_sign(declared: Declared) -> bool:
    sign = declared.text("sign", "plus")
    if sign not in ("plus", "minus"):
        hint = 'Write sign = "minus" if outflows are stored as negative numbers.'
        raise DeclarationError(f"“{sign}” is no sign.", declared.at("sign"), hint)
    return sign == "minus"


def check_numbers(declared: Declared, values: Values) -> None:
    """Refuse a factor, or the number that a mapping gives for a text, if it is none."""
    for text, number in values.numbers:
        if not is_number(number, "", "."):
            at = declared.table("numbers").at(text)
            raise DeclarationError(f"“{number}” is no number.", at, 'Write digits, such as "0".')
    try:
        usable = not values.multiply or (Decimal(values.multiply).is_finite() and Decimal(values.multiply) != 0)
    except InvalidOperation:
        usable = False
    if not usable:
        hint = 'Write digits in quotes, such as multiply = "1000".'
        raise DeclarationError(f"“{values.multiply}” is no factor.", declared.at("multiply"), hint)


def read_missing(declared: Declared, flow: Flow) -> tuple[tuple[str, Attributes], ...]:
    """The signs that stand for no value, and what each says: an observation status, or several attributes."""
    signs: list[tuple[str, Attributes]] = []
    if declared.values and "OBS_STATUS" not in flow.structure:
        raise DeclarationError(f"{flow.id} has no OBS_STATUS to say why a value is missing.", declared.place)
    for sign, value in declared.values.items():
        if isinstance(value, dict):
            signs.append((sign, attributes_of(declared.table(sign), flow)))
            continue
        status = declared.text(sign)
        check_code(declared, sign, component=flow.structure["OBS_STATUS"], code=status, flow=flow)
        signs.append((sign, (("OBS_STATUS", status),)))
    return tuple(signs)


def read_marks(declared: Declared, flow: Flow) -> tuple[tuple[str, Attributes], ...]:
    marks = []
    for mark in declared.values:
        if not mark.strip():
            hint = 'Write it as it stands behind the figure, such as "*" or "1)".'
            raise DeclarationError("A mark needs a sign.", declared.place, hint)
        marks.append((mark, attributes_of(declared.table(mark), flow)))
    return tuple(marks)


def read_footnotes(declared: Declared, flow: Flow) -> Footnotes | None:
    """The footnotes below a table: how their marks look, and the attribute that takes their texts."""
    if not declared.values:
        return None
    marks, component = declared.text("marks"), attribute_named(declared, "component", flow)
    declared.close()
    check_expression(declared, "marks", marks)
    if not component:
        hint = 'Name an attribute, such as component = "COMMENT_OBS".'
        raise DeclarationError("Footnotes need an attribute for their texts.", declared.place, hint)
    return Footnotes(marks, component)
