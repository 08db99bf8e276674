"""Keys of a component: source and codes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from sdmxmig.conversion.mapping.checks import check_code, check_expression, component_of
from sdmxmig.conversion.mapping.period_texts import check_period_format
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.periods import PatternError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Block, ComponentMap, Flow, PeriodFormat
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.sources import Source, SourceError, source_of

PATTERNS = (
    "Known are yyyy, yy, MMM, MM, M, dd, d, Q, S, ww, and YYYY or YY for the last year of a span; words stand between "
    "apostrophes: 'end of' yyyy."
)
SPANS = ("range", "first", "last")
YEAR_START = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def read_component(
    key: str, declared_components: Declared, block: Block, flow: Flow, beside: Callable[[str], bytes] | None
) -> ComponentMap:
    """Where one component's value stands, and what its texts mean."""
    component = component_of(declared_components, key, flow)
    declared = declared_components.table(key)
    if key in dict(block.fixed):
        hint = f"Remove it here or in {block.key}.fixed."
        raise DeclarationError(f"{key} is both fixed and read from the table.", declared.place, hint)
    source = read_source(declared, block)
    codes = read_codes(declared, component, flow, beside)
    take, language = declared.text("take", ""), declared.text("language", "")
    check_expression(declared, "take", take)
    carried = declared.flag("carried", default=False)
    if carried and not source.may_be_carried:
        hint = "Only a header or a numbered column can take the text before it."
        raise DeclarationError(f"What stands in “{source}” cannot be carried.", declared.at("carried"), hint)
    defaults = [declared.text(name, "") for name in ("empty", "otherwise")]
    for name, code in zip(("empty", "otherwise"), defaults, strict=True):
        if code:
            check_code(declared, name, component=component, code=code, flow=flow)
    areas = declared.flag("areas", default=False)
    if areas and flow.codelist(component) is None:
        raise DeclarationError(f"{key} has no codelist with names of countries.", declared.at("areas"), "Remove it.")
    empty, otherwise = defaults
    fold, periods = declared.flag("fold", default=False), read_periods(declared)
    declared.close()
    return ComponentMap(
        key,
        source,
        codes=tuple(codes.items()),
        periods=periods,
        key=declared.place.key,
        carried=carried,
        take=take,
        empty=empty,
        otherwise=otherwise,
        areas=areas,
        language=language,
        fold=fold,
    )


def read_codes(
    declared: Declared, component: Component, flow: Flow, beside: Callable[[str], bytes] | None
) -> dict[str, str]:
    """Read texts and codes from the mapping or a file; they override codelist names."""
    if isinstance(declared.values.get("codes", {}), str):
        codes_by_text = read_code_file(declared, declared.text("codes"), beside)
        for code in codes_by_text.values():
            check_code(declared, "codes", component=component, code=code, flow=flow)
    else:
        codes = declared.table("codes")
        codes_by_text = codes.pairs()
        for text, code in codes_by_text.items():
            check_code(codes, text, component=component, code=code, flow=flow)
    if declared.flag("names", default=False):
        return names_of(declared, component, flow) | codes_by_text
    return codes_by_text


def read_code_file(declared: Declared, name: str, beside: Callable[[str], bytes] | None) -> dict[str, str]:
    """Read texts and codes from a CSV file with two columns and a header."""
    place = declared.at("codes")
    if beside is None:
        raise DeclarationError(f"There is no file “{name}” beside this mapping.", place, "Write the codes here.")
    try:
        lines = list(csv.reader(io.StringIO(beside(name).decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        hint = "Save it as CSV with the encoding UTF-8."
        raise InputError(f"“{name}” is not a list of texts and codes: {error}.", place, hint) from None
    codes_by_text: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if len(line) < 2 and any(line):
            raise DeclarationError(f"Line {number} of {name} has no code.", place, "Write: text,code.")
        if any(line):
            codes_by_text[" ".join(line[0].split())] = line[1].strip()
    return codes_by_text


def names_of(declared: Declared, component: Component, flow: Flow) -> dict[str, str]:
    """Return code names in every language; ambiguous names are left out."""
    codelist = flow.codelist(component)
    if codelist is None:
        hint = "Remove it: the texts of this component are no codes."
        raise DeclarationError(f"{component.id} has no codelist with names.", declared.at("names"), hint)
    ids_by_name: dict[str, set[str]] = {}
    for item in codelist.items:
        for _, name in item.name:
            ids_by_name.setdefault(" ".join(name.split()), set()).add(item.id)
    return {name: next(iter(ids)) for name, ids in ids_by_name.items() if len(ids) == 1}


def read_periods(declared: Declared) -> PeriodFormat:
    """How periods are written."""
    written = declared.values.get("pattern", "")
    patterns = declared.strings("pattern") if isinstance(written, list) else (declared.text("pattern", ""),)
    months = tuple(declared.table("months").pairs().items())
    span, start = declared.text("span", "range"), declared.text("year_start", "")
    period_format = PeriodFormat(tuple(filter(None, patterns)), months, span=span, year_start=start)
    if span not in SPANS:
        raise DeclarationError(f"A span of years is no “{span}”.", declared.at("span"), f"Write {', '.join(SPANS)}.")
    if start and not YEAR_START.fullmatch(start):
        hint = 'Write month and day, such as year_start = "07-01".'
        raise DeclarationError(f"“{start}” is no day of the year.", declared.at("year_start"), hint)
    try:
        check_period_format(period_format)
    except PatternError as error:
        raise DeclarationError(f"“{error}” is not a date pattern.", declared.at("pattern"), PATTERNS) from error
    return period_format


def read_source(declared: Declared, block: Block) -> Source:
    try:
        source = source_of(declared.text("from"))
    except SourceError as error:
        raise DeclarationError(str(error), declared.at("from"), error.hint) from error
    for part in source.parts:
        check_place(declared, part, block)
    return source


def check_place(declared: Declared, place: Source, block: Block) -> None:
    """Refuse a place that the block does not have."""
    if place.kind in ("column", "beside") and place.is_named and not block.header_rows:
        hint = f"Count it from the labels, such as {place.kind} 1."
        raise DeclarationError("A block without header rows has no column with a name.", declared.at("from"), hint)
    limits = {
        "header": (block.header_rows, "header_rows"),
        "column": (block.header_columns, "header_columns"),
        "section": (len(block.sections), "sections"),
    }
    limit, key = limits.get(place.kind, (0, ""))
    if key and place.number is not None and not 1 <= place.number <= limit:
        hint = f"Raise {key} of the block, or name another."
        raise DeclarationError(f"The block has {limit} {place.kind}(s), no {place}.", declared.at("from"), hint)
    if place == Source("section") and not block.sections:
        hint = "Write sections = true in the block."
        raise DeclarationError("The block has no section titles.", declared.at("from"), hint)
