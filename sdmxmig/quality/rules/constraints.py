"""Constraint logic: allowed values, combinations and keys.

The manual page *Constraints* explains it with passages of the standard. Values not sent are neither allowed nor
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from operator import and_, or_

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import cut_to_day, parse, shift
from sdmxmig.primitives.text import shorten_text
from sdmxmig.quality.rules.words import build_reason, list_names
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Reason
from sdmxmig.sdmx.model.structures import Constraint, CubeRegion, KeySet, Member, Selection, TimeRange

NO_SUCH_COMPONENT = "{constraint} names components that {structure} does not have: {components}."
METADATA_LIMITED = "{constraint} names attributes of reference metadata. These were not checked: {components}."
EXCLUDED_TOGETHER = (
    "{constraint} excludes a region of several components. Only observations with all of these "
    "values were refused. The information model of SDMX 3.1 treats each component separately."
)
TIME_LIMITED = "{constraint} is limited in time, but {structure} has no time dimension. The limit was not applied."
CODES_BELOW = "{constraint} names codes of {component} with their descendants, but the codelist is incomplete."
PRESENCE_LIMITED = "{constraint} states whether {component} is reported. This was checked for single observations only."
PREFIX_REMOVED = "{constraint} removes a prefix of the codes of {component}, but no codelist shows which one."
WILDCARD = "%"
MAX_FEW_KEYS = 32
MAX_LISTED = 8
SEPARATOR = "\x1f"
Span = tuple[str, str]
"""A period of validity; empty ends are open."""


@dataclass(frozen=True, slots=True, eq=False)
class Refusal:
    """Rows refused by one part of a constraint.

    `part`: ``values``, ``region``, ``key`` or ``forbidden``; `selection` are allowed values.
    """

    part: str
    components: tuple[str, ...]
    wrong: pl.Series
    selection: Selection | None = None


def list_refusals(flow: Flow, table: pl.DataFrame, constraint: Constraint) -> Iterator[Refusal]:
    """List the rows of a table that a constraint refuses.

    Values must be in an included region and in no excluded one. Key sets apply in order; in SDMX 2.1, included sets
    apply first. Absent components are ignored.
    """
    judged = ConstrainedTable(flow, table)
    for refusal in (*judged.refuse_by_region(constraint), *judged.by_keys(constraint)):
        if refusal.wrong.any():
            yield refusal


class ConstrainedTable:
    def __init__(self, flow: Flow, table: pl.DataFrame) -> None:
        self.flow = flow
        self.table = table
        self._values: dict[str, list[str]] = {}
        self.selected = cache(self._select)  # thousands of keys name the same codes

    def refuse_by_region(self, constraint: Constraint) -> Iterator[Refusal]:
        regions = [region for region in constraint.regions if not is_dated(region)]
        included = [region.selections for region in regions if region.include]
        if len(included) == 1:
            for selection in included[0]:
                if selection.component in self.flow.structure:
                    wrong = self.series(~self.selected(selection))
                    yield Refusal("values", self.list_component_names([[selection]]), wrong=wrong, selection=selection)
        elif included:
            wrong = self.series(~reduce(or_, [self.match_all(region) for region in included]))
            yield Refusal("region", self.list_component_names(included), wrong=wrong)
        for region in regions:
            if not region.include:
                wrong = self.series(self.match_all(region.selections))
                yield Refusal("forbidden", self.list_component_names([region.selections]), wrong=wrong)
        if constraint.period and self.flow.structure.time:
            time = Selection(self.flow.structure.time.id, time_range=TimeRange(*constraint.period))
            yield Refusal(
                "values", self.list_component_names([[time]]), wrong=self.series(~self.selected(time)), selection=time
            )

    def by_keys(self, constraint: Constraint) -> Iterator[Refusal]:
        key_sets = sort_key_sets(constraint)
        if not key_sets:
            return
        included = [key_set for key_set in key_sets if key_set.include]
        allowed = pl.repeat(not included, self.table.height, dtype=pl.Boolean, eager=True)
        forbidden = pl.repeat(value=False, n=self.table.height, dtype=pl.Boolean, eager=True)
        for key_set in key_sets:
            matched = self.match_keys(list_dated_keys(key_set))
            allowed = allowed | matched if key_set.include else allowed & ~matched
            forbidden = forbidden & ~matched if key_set.include else forbidden | matched
        forbidden = forbidden.fill_null(value=False)
        missing = (~allowed).fill_null(value=False) & ~forbidden
        if included:
            keys = [key for key_set in included for key in list_dated_keys(key_set)]
            named = self.list_component_names([key for key, _ in keys], dated=any(any(span) for _, span in keys))
            yield Refusal("key", named, wrong=missing)
        if forbidden.any():
            yield from self._refuse_forbidden_keys(key_sets, forbidden)

    def _refuse_forbidden_keys(self, key_sets: Sequence[KeySet], forbidden: pl.Series) -> Iterator[Refusal]:
        """Yield rows with forbidden keys, by the components of forbidding and re-allowing keys."""
        by_components: dict[tuple[str, ...], list[DatedKey]] = {}
        first = key_sets.index(next(key_set for key_set in key_sets if not key_set.include))
        again = [key for key_set in key_sets[first:] if key_set.include for key in list_dated_keys(key_set)]
        for dated in (key for key_set in key_sets if not key_set.include for key in list_dated_keys(key_set)):
            names = self.list_component_names(
                dict.fromkeys(key for key, _ in (dated, *again)), dated=any(any(span) for _, span in (dated, *again))
            )
            by_components.setdefault(names, []).append(dated)
        for names, keys in by_components.items():
            yield Refusal("forbidden", names, wrong=forbidden & self.match_keys(keys).fill_null(value=False))

    def list_component_names(self, parts: Iterable[Sequence[Selection]], *, dated: bool = False) -> tuple[str, ...]:
        selections = [selection for part in parts for selection in part]
        time = self.flow.structure.time
        asks_time = time is not None and (dated or any(any(list_dates(selection)) for selection in selections))
        names = dict.fromkeys(selection.component for selection in selections)
        names |= {time.id: None} if time is not None and asks_time else {}
        return tuple(name for name in names if name in self.table.columns)

    def match_keys(self, keys: Sequence[DatedKey]) -> pl.Series:
        """Mark the rows with one of these keys; keys of single values are joined for speed."""
        plain: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        others: list[DatedKey] = []
        for key, span in keys:
            selections = [selection for selection in key if selection.component in self.flow.structure]
            if any(span) or not all(is_plain(selection) for selection in selections) or len(keys) <= MAX_FEW_KEYS:
                others.append((key, span))
            else:
                names = tuple(selection.component for selection in selections)
                plain.setdefault(names, []).append(tuple(selection.members[0].value for selection in selections))
        matched = pl.repeat(value=False, n=self.table.height, dtype=pl.Boolean, eager=True)
        if others:
            matched = self.series(reduce(or_, [self.match_all(key) & self.valid(span) for key, span in others]))
        for names, rows in plain.items():
            matched = matched | self.match_rows(names, rows)
        return matched

    def match_rows(self, names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> pl.Series:
        """Mark rows with these values; unknown if it depends on values not sent."""
        listed = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").unique()
        columns = self.table.select(self.column(name).alias(name) for name in names)
        verdict = is_listed(columns, listed, names)
        missing = columns.select(pl.col(name).is_null().alias(name) for name in names)
        for pattern in missing.unique().filter(pl.any_horizontal(names)).iter_rows(named=True):
            sent = tuple(name for name in names if not pattern[name])
            fits = is_listed(columns, listed, sent) if sent else pl.repeat(value=True, n=columns.height, eager=True)
            here = missing.select(pl.all_horizontal(pl.col(name) == pattern[name] for name in names)).to_series()
            unknown = pl.DataFrame({"here": here & fits, "verdict": verdict})
            verdict = unknown.select(pl.when(~pl.col("here")).then("verdict")).to_series()
        return verdict

    def match_all(self, selections: Sequence[Selection]) -> pl.Expr:
        conditions = [
            self.selected(selection) for selection in selections if selection.component in self.flow.structure
        ]
        return reduce(and_, conditions, pl.lit(value=True))

    def _select(self, selection: Selection) -> pl.Expr:
        if selection.component not in self.table.columns:
            return pl.lit(None, dtype=pl.Boolean)
        if selection.time_range is not None:
            limits = selection.time_range
            chosen = self.fitting(selection.component, lambda text: is_in_range(text, limits))
            chosen &= self.valid((limits.valid_from, limits.valid_to))
        elif not selection.members:
            chosen = self.present(selection.component)
        else:
            by_span: dict[Span, list[Member]] = {}
            for member in selection.members:
                span = (member.valid_from or selection.valid_from, member.valid_to or selection.valid_to)
                by_span.setdefault(span, []).append(member)
            parts = [self.is_named_by(selection, members) & self.valid(span) for span, members in by_span.items()]
            chosen = reduce(or_, parts)
        return chosen if selection.include else ~chosen

    def is_named_by(self, selection: Selection, members: Sequence[Member]) -> pl.Expr:
        """Check whether members select a value: directly, by prefix, by language or by a parent code."""
        codelist, name = self.flow.codelist(selection.component), selection.component
        spoken = [member for member in members if member.language]
        silent = replace(selection, members=tuple(member for member in members if not member.language))
        codes = list_selected_values(silent, codelist)
        exact, patterns = {code for code in codes if WILDCARD not in code}, [code for code in codes if WILDCARD in code]
        if not (patterns or spoken or self.is_multilingual(name)):
            return self.holds(name, sorted(exact))

        def fits(value: str) -> bool:
            language, _, text = value.rpartition(SEPARATOR)
            return (
                text in exact
                or any(fits_wildcard(text, code) for code in patterns)
                or any(is_in_language(language, m.language) and fits_wildcard(text, m.value) for m in spoken)
            )

        return self.fitting(name, fits)

    def valid(self, span: Span) -> pl.Expr:
        if not any(span):
            return pl.lit(value=True)
        time = self.flow.structure.time
        if time is None or time.id not in self.table.columns:
            return pl.lit(None, dtype=pl.Boolean)
        known = self.fitting(time.id, lambda text: parse(text) is not None)
        return pl.when(known).then(self.fitting(time.id, lambda text: is_valid(text, span)))

    def series(self, condition: pl.Expr) -> pl.Series:
        return self.table.select((condition & pl.repeat(value=True, n=pl.len())).alias("is")).to_series()

    def column(self, name: str) -> pl.Expr:
        return pl.col(name) if name in self.table.columns else pl.lit(None, dtype=pl.String)

    def is_multilingual(self, name: str) -> bool:
        return isinstance(unwrap_list_type(self.table.schema[name]), pl.Struct)

    def values(self, name: str) -> list[str]:
        if name not in self._values:
            column = self.table[name]
            single = column.explode() if column.dtype == pl.List else column
            texts = pl.DataFrame({name: single}).select(self.text_of(pl.col(name), single.dtype).alias(name))
            self._values[name] = texts.to_series().drop_nulls().unique().to_list()
        return self._values[name]

    def text_of(self, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        if isinstance(dtype, pl.Struct):
            parts = [value.struct.field("language").fill_null(""), value.struct.field("text")]
            return pl.concat_str(parts, separator=SEPARATOR)
        return value.cast(pl.String)

    def fitting(self, name: str, fits: Callable[[str], bool]) -> pl.Expr:
        return self.holds(name, [value for value in self.values(name) if fits(value)])

    def holds(self, name: str, values: Sequence[str]) -> pl.Expr:
        dtype, column = self.table.schema[name], pl.col(name)
        if not values:
            return pl.when(column.is_not_null()).then(pl.lit(value=False))
        if dtype == pl.List:
            element = self.text_of(pl.element(), unwrap_list_type(dtype)).is_in(values)
            return pl.when(column.list.len() > 0).then(column.list.eval(element).list.any())
        return self.text_of(column, dtype).is_in(values)

    def present(self, name: str) -> pl.Expr:
        column = pl.col(name)
        return column.list.len().fill_null(0) > 0 if self.table.schema[name] == pl.List else column.is_not_null()


DatedKey = tuple[tuple[Selection, ...], Span]
"""A key, and its period of validity."""


def list_dated_keys(key_set: KeySet) -> list[DatedKey]:
    spans = key_set.valid or [("", "")] * len(key_set.keys)
    return list(zip(key_set.keys, spans, strict=False))


def sort_key_sets(constraint: Constraint) -> list[KeySet]:
    key_sets = [key_set for key_set in constraint.keys if not key_set.reports]
    if constraint.ref.kind == "ContentConstraint":  # SDMX 2.1: “first processing the included key sets”
        key_sets.sort(key=lambda key_set: not key_set.include)
    return key_sets


def is_dated(region: CubeRegion) -> bool:
    return bool(region.valid_from or region.valid_to)


def is_plain(selection: Selection) -> bool:
    if len(selection.members) != 1 or not selection.include or selection.time_range or selection.remove_prefix:
        return False
    member = selection.members[0]
    return not (member.cascade or member.language or member.valid_from or member.valid_to or WILDCARD in member.value)


def is_listed(columns: pl.DataFrame, listed: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    marked = listed.select(names).unique().with_columns(pl.lit(value=True).alias("#listed"))
    matched = columns.join(marked, on=list(names), how="left", maintain_order="left")
    return matched["#listed"].fill_null(value=False)


def unwrap_list_type(dtype: pl.DataType) -> pl.DataType:
    return dtype.inner if isinstance(dtype, pl.List) else dtype  # type: ignore[return-value] # polars names its class


def list_selected_values(selection: Selection, codelist: ItemScheme | None) -> set[str]:
    selected_values: set[str] = set()
    for member in selection.members:
        names = [member.value]
        if selection.remove_prefix and codelist is not None:
            names += [f"{extension.prefix}{member.value}" for extension in codelist.extensions if extension.prefix]
        for name in names:
            selected_values |= add_child_codes(name, member.cascade, codelist)
    return selected_values


def add_child_codes(name: str, cascade: str, codelist: ItemScheme | None) -> set[str]:
    if codelist is None:
        return {name}
    roots = {code for code in codelist.ids if fits_wildcard(code, name)} if WILDCARD in name else {name}
    if not cascade:
        return {name} | roots
    codes = below = roots
    while below := {item.id for item in codelist if item.parent in below} - codes:
        codes = codes | below
    return codes - roots if cascade == "excluderoot" else codes


def fits_wildcard(text: str, wildcard: str) -> bool:
    """Check a text against a wildcard; ``%`` matches any text.

    >>> [fits_wildcard(text, "Y%T4") for text in ("Y0T4", "YT4", "Y5T9")]
    [True, True, False]
    >>> fits_wildcard("not adjusted", "%adjusted%"), fits_wildcard("M", "M"), fits_wildcard("ab", "ab%b")
    (True, True, False)
    """
    first, *parts = wildcard.split(WILDCARD)
    if not parts:
        return text == wildcard
    if not text.startswith(first):
        return False
    at = len(first)
    for part in parts[:-1]:
        begin = text.find(part, at)
        if begin < 0:
            return False
        at = begin + len(part)
    return len(text) - at >= len(parts[-1]) and text.endswith(parts[-1])


def is_in_language(language: str, wanted: str) -> bool:
    """Check the language of a text; an unstated language matches any.

    >>> is_in_language("en-GB", "en"), is_in_language("fr", "en"), is_in_language("", "en")
    (True, False, True)
    """
    return language in ("", wanted) or language.partition("-")[0] == wanted


def is_in_range(period: str, limits: TimeRange | None) -> bool:
    """Check whether a period begins in a range; invalid ones are left to the rule on periods.

    >>> is_in_range("2027", TimeRange("2008", "2027")), is_in_range("2028-Q1", TimeRange("2008", "2027-12-31T00:00:00"))
    (True, False)
    """
    read = parse(period)
    if read is None or limits is None:
        return True
    start, end = parse(cut_to_day(limits.start)), parse(cut_to_day(limits.end))
    day = read.first_day
    late = end is not None and day >= shift(end, int(limits.includes_end)).first_day
    early = start is not None and day < shift(start, int(not limits.includes_start)).first_day
    return not (late or early)


def is_valid(period: str, span: Span) -> bool:
    """Check whether a period overlaps a validity, which ends at a named day or after the named period.

    >>> [is_valid(year, ("", "2012")) for year in ("2012", "2013")]
    [True, False]
    >>> is_valid("2013", ("", "2013-01-01")), is_valid("2012", ("2012-06-30", ""))
    (False, True)
    """
    read, begin, end = parse(period), parse(cut_to_day(span[0])), parse(cut_to_day(span[1]))
    if read is None:
        return True
    ended = end is not None and read.first_day >= shift(end, int(end.freq != "D")).first_day
    return not ended and (begin is None or shift(read, 1).first_day > begin.first_day)


def list_unreadable_bounds(selection: Selection) -> list[str]:
    limits = selection.time_range
    bounds = [selection.valid_from, selection.valid_to]
    bounds += [bound for member in selection.members for bound in (member.valid_from, member.valid_to)]
    bounds += [limits.start, limits.end, limits.valid_from, limits.valid_to] if limits else []
    return [bound for bound in bounds if bound and parse(cut_to_day(bound)) is None]


def explain_unapplied_constraints(flow: Flow, constraints: Iterable[Constraint]) -> list[Reason]:
    return list(
        dict.fromkeys(reason for constraint in constraints for reason in list_unapplied_parts(flow, constraint))
    )


def explain_unreadable(flow: Flow, constraints: Iterable[Constraint]) -> list[Reason]:
    selections = ((constraint, selection) for constraint in constraints for selection in list_selections(constraint))
    known = [(constraint, selection) for constraint, selection in selections if selection.component in flow.structure]
    return [reason for constraint, selection in known for reason in explain_bounds(constraint, selection)]


def explain_bounds(constraint: Constraint, selection: Selection) -> Iterator[Reason]:
    for bound in list_unreadable_bounds(selection):
        yield build_reason(
            "{constraint} limits {component} by “{bound}”, which is not a period that can be compared.",
            constraint=constraint.ref.short,
            component=selection.component,
            bound=shorten_text(bound),
        )


def list_selections(constraint: Constraint) -> list[Selection]:
    return [
        *(selection for region in constraint.regions for selection in region.selections),
        *(selection for key_set in constraint.keys for key in key_set.keys for selection in key),
    ]


def list_unapplied_parts(flow: Flow, constraint: Constraint) -> Iterator[Reason]:
    name, structure = constraint.ref.short, flow.structure
    selections = list_selections(constraint)
    if any(is_dated(region) for region in constraint.regions):
        yield build_reason("Regions of {constraint} with a limited validity were not applied.", constraint=name)
    unknown = dict.fromkeys(s.component for s in selections if s.component not in structure)
    if unknown and not any(ref.kind == "DataProvider" for ref in constraint.attached):
        yield build_reason(
            NO_SUCH_COMPONENT, constraint=name, structure=structure.ref.short, components=list_names(unknown)
        )
    known = [selection for selection in selections if selection.component in structure]
    metadata = dict.fromkeys(s.component for s in known if structure[s.component].role == "metadata")
    if metadata:
        yield build_reason(METADATA_LIMITED, constraint=name, components=list_names(metadata))
    for region in constraint.regions:
        if not region.include and len(region.selections) > 1:
            yield build_reason(EXCLUDED_TOGETHER, constraint=name)
    yield from dict.fromkeys(reason for selection in known for reason in explain_selection(flow, constraint, selection))
    dated = [*(span for key_set in constraint.keys for span in key_set.valid), *map(list_dates, known)]
    if structure.time is None and (any(map(any, dated)) or constraint.period):
        yield build_reason(TIME_LIMITED, constraint=name, structure=structure.ref.short)


def explain_selection(flow: Flow, constraint: Constraint, selection: Selection) -> Iterator[Reason]:
    name, component, codelist = constraint.ref.short, selection.component, flow.codelist(selection.component)
    is_incomplete = codelist is None or bool(codelist.extensions)
    if is_incomplete and any(member.cascade for member in selection.members):
        yield build_reason(CODES_BELOW, constraint=name, component=component)
    if selection.remove_prefix and not (codelist is not None and codelist.extensions):
        yield build_reason(PREFIX_REMOVED, constraint=name, component=component)
    yield from explain_bounds(constraint, selection)
    if not (selection.members or selection.time_range) and flow.structure[component].attachment in ("dataset", "group"):
        yield build_reason(PRESENCE_LIMITED, constraint=name, component=component)


def list_dates(selection: Selection) -> tuple[str, ...]:
    limits = selection.time_range
    dates = [date for member in selection.members for date in (member.valid_from, member.valid_to)]
    return (selection.valid_from, selection.valid_to, *dates, *((limits.valid_from, limits.valid_to) if limits else ()))


def list_named_components(constraint: Constraint) -> list[str]:
    parts = [
        *(region.selections for region in constraint.regions),
        *(key for key_set in constraint.keys for key in key_set.keys),
    ]
    return list(dict.fromkeys(selection.component for part in parts for selection in part))


def list_times(flow: Flow, constraint: Constraint) -> list[str]:
    selections = list_selections(constraint)
    dated = [*(span for key_set in constraint.keys for span in key_set.valid), *map(list_dates, selections)]
    is_asked = bool(constraint.period) or any(map(any, dated))
    return [flow.structure.time.id] if is_asked and flow.structure.time else []


def join_values(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    texts = [str(single["text"]) if isinstance(single, dict) else str(single) for single in values if single]
    return ", ".join(texts) or "–"


def format_range_phrase(selection: Selection) -> str:
    limits = selection.time_range
    if limits is None:
        return ""
    after, before = "" if limits.includes_start else "> ", "" if limits.includes_end else "< "
    sign = "" if selection.include else "≠ "
    return f"{sign}{after + limits.start if limits.start else '…'}–{before + limits.end if limits.end else '…'}"


def format_codes_phrase(selection: Selection) -> str:
    codes = [f"{member.value}{format_span_phrase(member)}" for member in selection.members]
    sign = "" if selection.include else "≠ "
    return sign + ", ".join(
        codes if len(codes) <= MAX_LISTED else [*codes[:MAX_LISTED], f"… (+ {len(codes) - MAX_LISTED})"]
    )


def format_span_phrase(member: Member) -> str:
    if not (member.valid_from or member.valid_to):
        return ""
    return f" ({member.valid_from or '…'}–{member.valid_to or '…'})"
