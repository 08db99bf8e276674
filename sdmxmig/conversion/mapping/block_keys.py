"""Reading and checking of the keys of a block in mapping files."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from sdmxmig.catalogue import areas
from sdmxmig.conversion.mapping.grid import extract_expression
from sdmxmig.conversion.mapping.meanings import check_period_format
from sdmxmig.conversion.mapping.sourced_values import is_number
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.patterns import ExpressionError, pattern, shorten_expression
from sdmxmig.primitives.periods import PatternError, parse
from sdmxmig.primitives.places import parse_cell
from sdmxmig.quality.rules.codes import find_nearest_code
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import (
    TO_CONFIRM,
    Attributes,
    Block,
    ComponentMap,
    Flow,
    Footnotes,
    PeriodFormat,
    SectionTitle,
    Skip,
    UserNote,
    Values,
)
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.sources import Kind, Source, SourceError, parse_source

AREA_LISTS = ("CL_AREA", "CL_PARTNER")


def find_component(declared: Declared, key: str, flow: Flow) -> Component:
    measure = flow.structure.measure.id
    components = [component.id for component in flow.structure.components if component.id != measure]
    if key not in components:
        where = f"{flow.id} has no component “{key}” that a mapping can set."
        raise DeclarationError(where, declared.at(key), did_you_mean(key, components))
    return flow.structure[key]


def check_code(declared: Declared, key: str, component: Component, code: str, flow: Flow) -> None:
    codelist = flow.codelist(component)
    if codelist is not None and code not in codelist:
        raise DeclarationError(
            f"“{code}” is not a code of {component.id} ({codelist.ref.short}).",
            declared.at(key),
            suggest_code(code, codelist, component.id),
        )


def suggest_code(code: str, codelist: ItemScheme, concept: str) -> str:
    if codelist.ref.id in AREA_LISTS:
        return areas.suggest_area(code, codelist)
    nearest = find_nearest_code(code, codelist, concept)
    if nearest.partition(" ")[0] in codelist:  # not for a short list, of which all codes are listed
        return f"Did you mean {nearest}?"
    return f"Possible values: {', '.join(codelist.ids[:12])}{' …' if len(codelist) > 12 else ''}."


def read_attributes(declared: Declared, flow: Flow) -> tuple[tuple[str, str], ...]:
    pairs = declared.pairs()
    for key, value in pairs.items():
        component = find_component(declared, key, flow)
        if component.role != "attribute":
            raise DeclarationError(f"A mark can set attributes only, not {key}.", declared.at(key))
        check_code(declared, key, component=component, code=value, flow=flow)
    return tuple(pairs.items())


def find_attribute(declared: Declared, key: str, flow: Flow) -> str:
    name = declared.text(key, "")
    attributes = [component.id for component in flow.structure.attributes()]
    if name and name not in attributes:
        raise DeclarationError(
            f"{flow.id} has no attribute “{name}”.", declared.at(key), did_you_mean(name, attributes)
        )
    return name


def check_expression(declared: Declared, key: str, written: str) -> None:
    try:
        pattern(written)
    except ExpressionError as error:
        hint = "Put it in single quotes, with a backslash before literal characters."
        message = f"“{shorten_expression(written)}” is not a regular expression that can be used: {error}."
        raise DeclarationError(message, declared.at(key), hint) from None


def read_patterns(declared: Declared, key: str) -> tuple[str, ...]:
    if isinstance(declared.values.get(key, ""), str):
        patterns = tuple(filter(None, [declared.text(key, "")]))
    else:
        patterns = declared.strings(key)
    for written in patterns:
        check_expression(declared, key, extract_expression(written))
    return patterns


def read_pattern(declared: Declared, key: str, default: str | None = None) -> str:
    written = declared.text(key, default)
    check_expression(declared, key, extract_expression(written))
    return written


def read_number(declared: Declared, key: str, default: int, least: int = 1) -> int:
    number = declared.integer(key, default)
    if not least <= number <= 100:
        message = f"“{key}” should be between {least} and 100, not {number}."
        raise DeclarationError(message, declared.at(key), f"Correct it, or leave it out for {default}.")
    return number


COLUMN_LETTERS = re.compile(r"[A-Z]{1,3}")
"""Letters that name a column."""


def read_block(declared: Declared, flow: Flow) -> Block:
    block = Block(
        sheet=read_pattern(declared, "sheet"),
        anchors=read_patterns(declared, "anchor"),
        cell=declared.text("cell", ""),
        last=declared.text("last", ""),
        header_rows=read_number(declared, "header_rows", 1, 0),
        header_columns=read_number(declared, "header_columns", 1, 0),
        until=read_patterns(declared, "until"),
        sections=read_sections(declared),
        gaps=declared.flag("gaps", default=False),
        every=declared.flag("every", default=False),
        skip_hidden=declared.flag("skip_hidden", default=False),
        labels_right=read_side(declared),
        required_texts=read_patterns(declared, "says"),
        components=(),
        skip_rows=tuple(read_skip(skip) for skip in declared.tables("skip_rows")),
        skip_columns=tuple(read_column_skip(skip) for skip in declared.tables("skip_columns")),
        key=declared.place.key,
    )
    fixed, components, values, footnotes = (
        declared.table(key) for key in ("fixed", "components", "values", "footnotes")
    )
    notes = declared.tables("notes")
    declared.close()  # a mistyped key first, since errors that follow from it would mislead
    check_position(declared, block)
    check_skips(declared, block)
    block = replace(block, values=read_values(values, flow), footnotes=read_footnotes(footnotes, flow))
    block = replace(block, fixed=read_fixed(fixed, flow), notes=tuple(read_noted(note, flow) for note in notes))
    component_maps = tuple(read_component(key, components, block=block, flow=flow) for key in components.values)
    block = replace(block, components=component_maps)
    provided = {component_map.component for component_map in block.components} | set(dict(block.fixed))
    only = tuple((name, code) for name, code in find_only_codes(flow).items() if name not in provided)
    block = replace(block, fixed=(*block.fixed, *only))
    check_complete(declared, block, flow)
    return drop_confirmed_skips(block)


def drop_confirmed_skips(block: Block) -> Block:
    coded = {component_map.source: {text for text, _ in component_map.codes} for component_map in block.components}

    def is_open(skip: Skip, kind: Kind) -> bool:
        return not (skip.reason.endswith(TO_CONFIRM) and skip.match in coded.get(skip.source(kind), ()))

    rows = tuple(skip for skip in block.skip_rows if is_open(skip, "column"))
    columns = tuple(skip for skip in block.skip_columns if is_open(skip, "header"))
    return replace(block, skip_rows=rows, skip_columns=columns)


def find_only_codes(flow: Flow) -> dict[str, str]:
    return {component: codes[0] for component, codes in list_allowed(flow).items() if len(codes) == 1}


def list_allowed(flow: Flow) -> dict[str, tuple[str, ...]]:
    """Return the codes allowed by constraints, except for dimensions limited by wildcards or cascades."""
    codes_by_component: dict[str, tuple[str, ...]] = {}
    for constraint in flow.constraints:
        regions = [region for region in constraint.regions if region.include]
        for selection in regions[0].selections if len(regions) == 1 else ():
            codelist = flow.codelist(selection.component)
            members = selection.members if selection.include and selection.component in flow.structure.key else ()
            codes = tuple(member.value for member in members if codelist is None or member.value in codelist)
            if codes and len(codes) == len(members) and not any(member.cascade for member in members):
                codes_by_component[selection.component] = codes
    return codes_by_component


def read_side(declared: Declared) -> bool:
    side = declared.text("labels", "left")
    if side not in ("left", "right"):
        raise DeclarationError(f"Labels are left or right, not “{side}”.", declared.at("labels"))
    return side == "right"


def read_sections(declared: Declared) -> tuple[SectionTitle, ...]:
    """Read the levels of section titles; ``true`` means one level of any text alone in its row."""
    if not isinstance(declared.values.get("sections", False), list):
        return (SectionTitle(),) if declared.flag("sections", default=False) else ()
    levels = []
    for section in declared.tables("sections"):
        match, column, indent = (
            read_pattern(section, "match", "*"),
            read_number(section, "column", 1),
            read_number(section, "indent", 0, 0),
        )
        if indent and match != "*":
            hint = "Remove “match”: any text at this depth is a title."
            raise DeclarationError("A title has a depth or a text, not both.", section.at("indent"), hint)
        unless = read_pattern(section, "unless", "")
        levels.append(
            SectionTitle(match, column, alone=section.flag("alone", default=not indent), indent=indent, unless=unless)
        )
        section.close()
    return tuple(levels)


def check_position(declared: Declared, block: Block) -> None:
    if bool(block.anchors) == bool(block.cell):
        raise DeclarationError(
            "A block needs either “anchor”, the text of its top left header cell, or “cell”, its name.",
            declared.place,
            'Write anchor = "Year" or cell = "A5".',
        )
    for key, written in (("cell", block.cell), ("last", f"{block.last}1" if block.last.isalpha() else block.last)):
        if written:
            check_cell(declared, key, written)
    if block.every and block.cell:
        raise DeclarationError("A repeated block needs an anchor.", declared.at("every"), 'Write anchor = "Year".')
    if not block.header_rows and block.anchors:
        hint = "A block without headers begins at a cell, such as cell = “A5”."
        raise DeclarationError("A block with an anchor needs a header row.", declared.at("header_rows"), hint)


def check_cell(declared: Declared, key: str, written: str) -> None:
    try:
        row, column = parse_cell(written)
    except ValueError:
        row = column = 0
    if not (row and column):
        hint = 'Write its column and row, such as cell = "A5".'
        raise DeclarationError(f"“{written}” is not a cell.", declared.at(key), hint)


def read_column_skip(declared: Declared) -> Skip:
    column = declared.text("column", "")
    if column and not COLUMN_LETTERS.fullmatch(column):
        raise DeclarationError(f"“{column}” is not a column.", declared.at("column"), "Write its letters, such as F.")
    return replace(read_skip(declared), column=column)


def read_skip(declared: Declared) -> Skip:
    is_list = isinstance(declared.values.get("header"), list)
    headers = declared.numbers("header") if is_list else (read_number(declared, "header", 1, least=0),)
    if not headers:
        raise DeclarationError("“header” has no line.", declared.at("header"), "Write its number, or a list of them.")
    carried = declared.flag("carried", default=False)
    skip = Skip(read_pattern(declared, "match"), declared.text("reason"), headers=headers, carried=carried)
    declared.close()
    return skip


def check_skips(declared: Declared, block: Block) -> None:
    of_rows, of_columns = (
        {number for skip in skips for number in skip.headers} for skips in (block.skip_rows, block.skip_columns)
    )
    for key, numbers, first, last in (
        ("skip_rows", of_rows, int(not block.sections), block.header_columns),
        ("skip_columns", of_columns, 1, block.header_rows),
        ("sections", {title.column for title in block.sections}, 1, block.header_columns),
    ):
        if not numbers.issubset(range(first, last + 1)):
            hint = "For rows, “header” counts label columns; 0 is the section. For columns, it counts header rows."
            raise DeclarationError(f"A skip names no header from {first} to {last}.", declared.at(key), hint)


def read_fixed(declared: Declared, flow: Flow) -> tuple[tuple[str, str], ...]:
    fixed = declared.pairs()
    for key, value in fixed.items():
        check_code(declared, key, component=find_component(declared, key, flow), code=value, flow=flow)
    return tuple(fixed.items())


def check_complete(declared: Declared, block: Block, flow: Flow) -> None:
    """Check that each dimension is fixed, by the mapping or a constraint, or read from the table."""
    provided = {component_map.component for component_map in block.components} | set(dict(block.fixed))
    missing = [key for key in flow.structure.key if key not in provided]
    if not missing:
        return
    are_several = len(missing) > 1
    named = f"dimension{'s' if are_several else ''} {', '.join(missing)}"
    where = f"where {'each stands' if are_several else 'it stands'} in [block.components.{missing[0]}]"
    raise DeclarationError(
        f"The {named} of {flow.id} {'are' if are_several else 'is'} neither fixed nor read from the table.",
        declared.place,
        f"Add {'them' if are_several else 'it'} to [block.fixed], or state {where}.",
    )


PATTERN_HINT = (
    "Use yyyy, yy, MMM, MM, M, dd, d, Q, S, ww, and YYYY or YY for the last year of a span. Put words in "
    "apostrophes: 'end of' yyyy."
)
SPAN_KEYS = ("range", "first", "last")
YEAR_START = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def read_component(key: str, declared_components: Declared, block: Block, flow: Flow) -> ComponentMap:
    component = find_component(declared_components, key, flow)
    declared = declared_components.table(key)
    if key in dict(block.fixed):
        hint = f"Remove it here or in {block.key}.fixed."
        raise DeclarationError(f"{key} is both fixed and read from the table.", declared.place, hint)
    source = read_source(declared, block)
    codes = read_codes(declared, component, flow)
    take, language = declared.text("take", ""), declared.text("language", "")
    check_expression(declared, "take", take)
    carried = declared.flag("carried", default=False)
    if carried and not source.may_be_carried:
        hint = "Only a header or a numbered column can repeat the text before it."
        raise DeclarationError(f"Values of “{source}” cannot be carried forward.", declared.at("carried"), hint)
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


def read_codes(declared: Declared, component: Component, flow: Flow) -> dict[str, str]:
    """Read texts and codes; they override codelist names."""
    codes = declared.table("codes")
    codes_by_text = codes.pairs()
    for text, code in codes_by_text.items():
        check_code(codes, text, component=component, code=code, flow=flow)
    if declared.flag("names", default=False):
        return collect_code_names(declared, component, flow) | codes_by_text
    return codes_by_text


def collect_code_names(declared: Declared, component: Component, flow: Flow) -> dict[str, str]:
    """Return code names in every language; ambiguous names are left out."""
    codelist = flow.codelist(component)
    if codelist is None:
        hint = "Remove it: the texts of this component are not codes."
        raise DeclarationError(f"{component.id} has no codelist with names.", declared.at("names"), hint)
    ids_by_name: dict[str, set[str]] = {}
    for item in codelist.items:
        for _, name in item.name:
            ids_by_name.setdefault(" ".join(name.split()), set()).add(item.id)
    return {name: next(iter(ids)) for name, ids in ids_by_name.items() if len(ids) == 1}


def read_periods(declared: Declared) -> PeriodFormat:
    written = declared.values.get("pattern", "")
    patterns = declared.strings("pattern") if isinstance(written, list) else (declared.text("pattern", ""),)
    months = tuple(declared.table("months").pairs().items())
    span, start = declared.text("span", "range"), declared.text("year_start", "")
    period_format = PeriodFormat(tuple(filter(None, patterns)), months, span=span, year_start=start)
    if span not in SPAN_KEYS:
        raise DeclarationError(
            f"“{span}” is not a span of years.", declared.at("span"), f"Write {', '.join(SPAN_KEYS)}."
        )
    if start and not YEAR_START.fullmatch(start):
        hint = 'Write month and day, such as year_start = "07-01".'
        raise DeclarationError(f"“{start}” is not a day of the year.", declared.at("year_start"), hint)
    try:
        check_period_format(period_format)
    except PatternError as error:
        raise DeclarationError(f"“{error}” is not a date pattern.", declared.at("pattern"), PATTERN_HINT) from error
    return period_format


def read_source(declared: Declared, block: Block) -> Source:
    try:
        source = parse_source(declared.text("from"))
    except SourceError as error:
        raise DeclarationError(str(error), declared.at("from"), error.hint) from error
    for part in source.parts:
        check_place(declared, part, block)
    return source


def check_place(declared: Declared, place: Source, block: Block) -> None:
    if place.kind in ("column", "beside") and place.is_named and not block.header_rows:
        hint = f"Use its number, counted from the labels, such as {place.kind} 1."
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


def read_noted(declared: Declared, flow: Flow) -> UserNote:
    where, attributes = declared.table("where", required=True), declared.table("set", required=True)
    declared.close()
    noted = UserNote(read_where(where, flow), read_attributes(attributes, flow), key=declared.place.key)
    for name, _ in noted.attributes:
        check_figure_attribute(attributes, name, flow)
    if not noted.attributes:
        hint = 'Add one, such as set = { OBS_STATUS = "P" }.'
        raise DeclarationError("The note sets no attribute.", attributes.place, hint)
    return noted


def read_where(declared: Declared, flow: Flow) -> Attributes:
    codes = declared.pairs()
    if not codes:
        hint = 'Add codes, such as where = { TIME_PERIOD = "2024" }. Values for all figures belong in [block.fixed].'
        raise DeclarationError("The note does not identify its figures.", declared.place, hint)
    for name, code in codes.items():
        if name not in flow.structure.key:
            hint = did_you_mean(name, flow.structure.key)
            raise DeclarationError(f"{flow.id} has no dimension “{name}”.", declared.at(name), hint)
        component = flow.structure[name]
        check_code(declared, name, component=component, code=code, flow=flow)
        if component.role == "time" and parse(code) is None:
            hint = "Write 2020, 2020-S1, 2020-Q1, 2020-01 or 2020-07-01/P1Y."
            raise DeclarationError(f"“{code}” is not a period.", declared.at(name), hint)
    return tuple(codes.items())


def check_figure_attribute(declared: Declared, name: str, flow: Flow) -> None:
    if flow.structure[name].attachment != "observation":
        hint = "Values for all figures of a block belong in [block.fixed]."
        raise DeclarationError(f"{name} is not an attribute of single figures.", declared.at(name), hint)


def read_values(declared: Declared, flow: Flow) -> Values:
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
        columns=read_patterns(declared, "columns"),
        comments=find_attribute(declared, "comments", flow),
    )
    declared.close()
    if len(decimal) != 1 or decimal == thousands or decimal.isalnum():
        hint = 'Write decimal = "." or decimal = ",".'
        raise DeclarationError(
            "“decimal” should be one character, and differ from “thousands”.", declared.at("decimal"), hint
        )
    if len(thousands) > 1 or thousands.isalnum():
        hint = 'Write thousands = " ", which matches blanks of any width, or thousands = ",".'
        raise DeclarationError(
            "“thousands” should be one character, but not a digit or letter.", declared.at("thousands"), hint
        )
    check_numbers(declared, values)
    return values


def read_sign(declared: Declared) -> bool:
    sign = declared.text("sign", "plus")
    if sign not in ("plus", "minus"):
        hint = 'Write sign = "minus" if outflows are stored as negative numbers.'
        raise DeclarationError(f"“{sign}” is not a valid symbol.", declared.at("sign"), hint)
    return sign == "minus"


def check_numbers(declared: Declared, values: Values) -> None:
    for text, number in values.numbers:
        if not is_number(number, "", "."):
            at = declared.table("numbers").at(text)
            raise DeclarationError(f"“{number}” is not a number.", at, 'Write digits, such as "0".')
    try:
        usable = not values.multiply or (Decimal(values.multiply).is_finite() and Decimal(values.multiply) != 0)
    except InvalidOperation:
        usable = False
    if not usable:
        hint = 'Write digits in quotes, such as multiply = "1000".'
        raise DeclarationError(f"“{values.multiply}” is not a factor.", declared.at("multiply"), hint)


def read_missing(declared: Declared, flow: Flow) -> tuple[tuple[str, Attributes], ...]:
    signs: list[tuple[str, Attributes]] = []
    if declared.values and "OBS_STATUS" not in flow.structure:
        raise DeclarationError(f"{flow.id} has no OBS_STATUS to explain missing values.", declared.place)
    for sign, value in declared.values.items():
        if isinstance(value, dict):
            signs.append((sign, read_attributes(declared.table(sign), flow)))
            continue
        status = declared.text(sign)
        check_code(declared, sign, component=flow.structure["OBS_STATUS"], code=status, flow=flow)
        signs.append((sign, (("OBS_STATUS", status),)))
    return tuple(signs)


def read_marks(declared: Declared, flow: Flow) -> tuple[tuple[str, Attributes], ...]:
    marks = []
    for mark in declared.values:
        if not mark.strip():
            hint = 'Write it exactly as it follows the figure, such as "*" or "1)".'
            raise DeclarationError("A mark needs a symbol.", declared.place, hint)
        marks.append((mark, read_attributes(declared.table(mark), flow)))
    return tuple(marks)


def read_footnotes(declared: Declared, flow: Flow) -> Footnotes | None:
    if not declared.values:
        return None
    marks, component = declared.text("marks"), find_attribute(declared, "component", flow)
    declared.close()
    check_expression(declared, "marks", marks)
    if not component:
        hint = 'Name an attribute, such as component = "COMMENT_OBS".'
        raise DeclarationError("Footnotes need an attribute for their texts.", declared.place, hint)
    return Footnotes(marks, component)
