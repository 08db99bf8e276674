"""Problems with data values: unknown codes, wrong types, and missing or repeated values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.periods import parse
from sdmxmig.quality.rules.codes import find_nearest_code
from sdmxmig.quality.rules.constraints import (
    Refusal,
    explain_unapplied_constraints,
    format_codes_phrase,
    format_range_phrase,
    join_values,
    list_named_components,
    list_refusals,
    list_times,
)
from sdmxmig.quality.rules.values import DECIMAL_PATTERN, DOUBLE_PATTERN
from sdmxmig.sdmx.checking.observations import (
    OCCURS_TWICE,
    DatasetGroups,
    ObservationKeys,
    RepeatedObservations,
    describe_repetition,
    find_invalid_periods,
)
from sdmxmig.sdmx.checking.reading import LATEST, REPLACING_ACTIONS, FormatVersion
from sdmxmig.sdmx.formats.faults import MAX_PLACES, SoughtValues
from sdmxmig.sdmx.formats.inference import GUESSED, note_on_structure
from sdmxmig.sdmx.formats.sdmx_ml.dialects import PROVIDER
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import TEXT_TYPES, TYPES, ValueType, has_facet
from sdmxmig.sdmx.frames import is_run_start, join_attributes
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import TIME_TYPES, Component, parse_whole_number
from sdmxmig.sdmx.model.structures import Constraint
from sdmxmig.sdmx.model.submission import Header

ValueCheck = Callable[[pl.Series], list[tuple[str, str]]]

DECISIVE_PATTERNS = {
    "Decimal": DECIMAL_PATTERN,
    "Incremental": DECIMAL_PATTERN,
    "InclusiveValueRange": DECIMAL_PATTERN,
    "ExclusiveValueRange": DECIMAL_PATTERN,
    "Float": DOUBLE_PATTERN,
    "Double": DOUBLE_PATTERN,
    "BigInteger": r"^[+-]?[0-9]+$",
    "Count": r"^[+-]?[0-9]+$",
    "Long": r"^[+-]?[0-9]{1,18}$",
    "Integer": r"^[+-]?[0-9]{1,9}$",
    "Short": r"^[+-]?[0-9]{1,4}$",
}
"""Texts certainly of a type, which are not checked by the schema."""
OLD_PERIOD = re.compile(r"\d{4}-(Q[1-4]|T[1-3]|B[12]|W([1-9]|[1-4]\d|5[0-2]))", re.ASCII)
REPORTING_PERIOD = re.compile(r"(\d{4}-[WD]\d{2,3})(Z|[+-]\d\d:\d\d)?", re.ASCII)
DISABLED_FACET = "~"
LENGTH_FACETS = ("minLength", "maxLength")
TIME = "ObservationalTimePeriod"
MAX_SHOWN = 40
"""Maximum number of characters of a text quoted."""


def find_value_check(
    flow: Flow, component: Component, version: FormatVersion = LATEST, *, own_years: bool = False
) -> ValueCheck | None:
    codelist = flow.codelist(component)
    if component.is_coded and component.role != "time":
        left = (DISABLED_FACET,) if flow.structure.evolving and component.role == "dimension" else ()
        return (
            None if codelist is None or codelist.extensions else build_code_check(codelist, component, version, *left)
        )
    if component.role == "time" or component.data_type in TIME_TYPES:
        return build_period_check(flow, component, version, own_years=own_years)
    return build_text_check(flow, component, version)


def build_code_check(codelist: ItemScheme, component: Component, version: FormatVersion, *others: str) -> ValueCheck:
    codes = frozenset((*codelist.ids, *version.list_missing_words(component), *others))

    def suggest_code(value: str) -> str:
        nearest = find_nearest_code(value, codelist)
        return f" Its codes are {nearest}." if ", " in nearest else f" Did you mean {nearest}?" if nearest else ""

    def find_unknown_codes(values: pl.Series) -> list[tuple[str, str]]:
        return [
            (
                value,
                f"{quote_value(value)} of {component.id} is not a code of {codelist.ref.short}.{suggest_code(value)}",
            )
            for value in values.to_list()
            if value not in codes
        ]

    return find_unknown_codes


def build_text_check(flow: Flow, component: Component, version: FormatVersion) -> ValueCheck | None:
    data_type = component.data_type or "String"
    if data_type not in TYPES:
        message = f"“{data_type}” of {component.id} is not a data type of SDMX."
        raise DeclarationError(message, hint="Its values were not checked.")
    facets = {name: value for name, value in component.facets if has_facet(TYPES[data_type], name)}
    if TYPES[data_type] in TEXT_TYPES and data_type == "String" and facets.keys() <= {*LENGTH_FACETS}:
        return build_length_check(component, facets)
    words, own_nan = version.list_missing_words(component), version.missing == "exact"
    typed = ValueType(flow, component, version.dialect, with_nan=own_nan)
    pattern = "" if facets else DECISIVE_PATTERNS.get(data_type, "")

    def find_invalid_texts(values: pl.Series) -> list[tuple[str, str]]:
        unsure = values.filter(~values.str.contains(pattern)) if pattern else values
        texts = [text for text in unsure.to_list() if own_nan or text not in words]
        return [(text, describe_broken_facet(component, text, facet)) for text, facet in typed.wrong(texts)]

    return find_invalid_texts


def build_length_check(component: Component, facets: dict[str, str]) -> ValueCheck | None:
    least, most = (parse_whole_number(facets.get(name, "")) for name in LENGTH_FACETS)
    if least is None and most is None:
        return None

    def find_invalid_texts(values: pl.Series) -> list[tuple[str, str]]:
        lengths = values.str.len_chars()
        short = values.filter(lengths < least).to_list() if least is not None else []
        long = values.filter(lengths > most).to_list() if most is not None else []
        texts_by_facet = zip(LENGTH_FACETS, (short, long), strict=True)
        return [
            (text, describe_broken_facet(component, text, name)) for name, texts in texts_by_facet for text in texts
        ]

    return find_invalid_texts


FACET_SENTENCES = {
    "maxLength": "A text of {id} is longer than {limit} characters: {text}.",
    "minLength": "A text of {id} is shorter than {limit} characters: {text}.",
    "pattern": "{text} of {id} does not fit the pattern “{limit}”.",
    "minValue": "{text} of {id} is below {limit}.",
    "maxValue": "{text} of {id} is above {limit}.",
    "decimals": "{text} of {id} has more than {limit} decimals.",
}
NOT_OF_TYPE = "{text} of {id} is not {limit}."


def quote_value(text: str) -> str:
    return f"“{text if len(text) <= MAX_SHOWN else f'{text[:MAX_SHOWN]}…'}”"


def describe_broken_facet(component: Component, text: str, facet: str) -> str:
    limit = dict(component.facets).get(facet, "")
    sentence = FACET_SENTENCES[facet] if facet in FACET_SENTENCES and limit else NOT_OF_TYPE
    return sentence.format(text=quote_value(text), id=component.id, limit=limit or component.data_type)


def build_period_check(flow: Flow, component: Component, version: FormatVersion, *, own_years: bool) -> ValueCheck:
    typed = ValueType(flow, component, version.dialect, with_nan=False)
    words = version.list_missing_words(component)
    kind = component.data_type if component.data_type in TIME_TYPES else ""
    complaint = f"is not {kind}." if kind not in ("", TIME) else "is not a period."

    def find_invalid_texts(values: pl.Series) -> list[tuple[str, str]]:
        texts = [
            text for text in values.to_list() if text not in words and not (version.old and OLD_PERIOD.fullmatch(text))
        ]
        problems = {text: complaint for text, _ in typed.wrong(texts)}
        if not own_years:
            problems |= {
                text: "is not a period: its year has no such week or day."
                for text in texts
                if not is_existing_period(text)
            }
        return [(text, f"{quote_value(text)} of {component.id} {problems[text]}") for text in texts if text in problems]

    return find_invalid_texts


def is_existing_period(text: str) -> bool:
    """Check whether a reporting week or day exists in its year; true for other texts.

    >>> (is_existing_period("2020-W53"), is_existing_period("2021-W53"),
    ...  is_existing_period("2021-D366"), is_existing_period("31.1.2024"))
    (True, False, False, True)
    """
    match = REPORTING_PERIOD.fullmatch(text)
    return match is None or parse(match[1]) is not None


Disallowed = tuple[str, str, dict[str, str | None]]


def find_disallowed_values(block: Dataset) -> Iterator[Disallowed]:
    for constraint in block.flow.constraints:
        names = [*list_named_components(constraint), *list_times(block.flow, constraint)]
        names = [name for name in dict.fromkeys(names) if name in block.flow.structure]
        for table in list_combinations(block, names):
            for refusal in list_refusals(block.flow, table, constraint):
                yield from explain_refusals(constraint, refusal, table)


def list_combinations(block: Dataset, names: Sequence[str]) -> Iterator[pl.DataFrame]:
    structure, table = block.flow.structure, block.observations
    of_observations = [name for name in names if name in table.columns]
    series = [name for name in names if name not in of_observations and name in block.series.columns]
    if series and structure.series_key:
        key = list(structure.series_key)
        heads = block.series.select(*key, *series).unique(subset=key, keep="first")
        table = table.join(heads, on=key, how="left", nulls_equal=True)
    of_dataset = [name for name in names if name not in (*of_observations, *series) and name in block.attributes]
    table = table.with_columns(pl.lit(block.attributes[name]).alias(name) for name in of_dataset)
    if columns := [*of_observations, *series, *of_dataset]:
        yield table.select(columns).unique(maintain_order=True)
    for frame in block.partial.values():
        columns = [name for name in names if name in frame.columns]
        if set(columns) - set(structure.key):
            yield frame.select(columns).unique(maintain_order=True)


def explain_refusals(constraint: Constraint, refusal: Refusal, table: pl.DataFrame) -> Iterator[Disallowed]:
    names, constraint_name = list(refusal.components), f"the constraint {constraint.ref.short}"
    if not names:
        return
    reasons = {"region": "in no region of", "key": "no key of", "forbidden": "forbidden by"}
    wrong = table.filter(refusal.wrong).select(names).unique(maintain_order=True).head(MAX_PLACES)
    for row in wrong.iter_rows(named=True):
        texts = {name: join_values(value) for name, value in row.items()}
        places = {name: find_first_text(value) for name, value in row.items()}
        if refusal.selection is None:
            row_text = ", ".join(f"{name} = {text}" for name, text in texts.items())
            yield f"{row_text} is {reasons[refusal.part]} {constraint_name}.", names[-1], places
            continue
        selection, component = refusal.selection, refusal.selection.component
        period = "".join(f" in {text}" for name, text in texts.items() if name != component)
        if not (selection.members or selection.time_range):
            wish = "lacks, but must stand" if selection.include else f"is “{texts[component]}”, but must not stand"
            yield f"{component} {wish} by {constraint_name}.", component, places
            continue
        allowed = format_range_phrase(selection) or format_codes_phrase(selection)
        yield (
            f"“{texts[component]}” of {component}{period} is not allowed by {constraint_name}: {allowed}.",
            component,
            places,
        )


def find_first_text(value: object) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    text = first.get("text") if isinstance(first, dict) else first
    return text if isinstance(text, str) else None


def apply_agreement(block: Dataset, flows: Mapping[str, Flow], header: Header | None) -> Dataset:
    if block.refers_to is not None:
        return block
    if PROVIDER[-1] in block.properties:
        agency, scheme, item = (block.properties.get(name, "") for name in PROVIDER)
    elif header is not None and header.provider is not None:
        agency, scheme, item = header.provider.agency, header.provider.id, header.provider.item
    else:
        return block
    agreed = {
        tuple(constraint.ref for constraint in flow.constraints): flow.constraints
        for flow in flows.values()
        if flow.provider is not None
        and flow.dataflow.ref == block.flow.dataflow.ref
        and flow.provider.item == item
        and agency in ("", flow.provider.agency)
        and scheme in ("", flow.provider.id)
    }
    if len(agreed) != 1:  # no agreement, or an ambiguous one
        return block
    return replace(block, flow=replace(block.flow, constraints=next(iter(agreed.values()))))


YEAR_START, JANUARY = "REPORTING_YEAR_START_DAY", "--01-01"


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """A problem with a value, and the values needed to locate it.

    `again` (1, 3) means the second of three occurrences (counted from 0); the message adds the place of the first.
    """

    message: str
    sought: SoughtValues
    again: tuple[int, int] = (0, 0)


@dataclass(slots=True, kw_only=True)
class Contents:
    """Checks a message block by block.

    `size` counts observations. `unlisted` are components with an unknown codelist, `described` notes on structures
    known only from the message, and `duplicates` hashes of repeated keys. `incomplete` are keys without a mandatory
    attribute, by dataset, which another block may still give.
    """

    version: FormatVersion = LATEST
    size: int = 0
    problems: dict[str, ValueProblem] = field(default_factory=dict)
    unlisted: dict[str, None] = field(default_factory=dict)
    unchecked: dict[str, None] = field(default_factory=dict)
    described: dict[str, None] = field(default_factory=dict)
    taken: dict[str, None] = field(default_factory=dict)
    duplicates: pl.DataFrame = field(default_factory=pl.DataFrame)
    incomplete: dict[int, dict[Component, list[pl.DataFrame]]] = field(default_factory=dict)
    _number: int = 0
    _checks: dict[tuple[str, str, bool], ValueCheck | None] = field(default_factory=dict)
    _keys: ObservationKeys = field(default_factory=ObservationKeys)
    _groups: DatasetGroups = field(default_factory=DatasetGroups)
    _open: tuple[Dataset, dict[str, None]] | None = None
    _own_years: bool = False

    def take(self, block: Dataset) -> None:
        self.size += block.observations.height
        if not block.continues:
            self._close_dataset()
            self._number += 1
            self._open, self._own_years = (block, {}), False
            left_out = (
                reason.sentence() for reason in explain_unapplied_constraints(block.flow, block.flow.constraints)
            )
            self.unchecked |= dict.fromkeys(left_out)
            self.described |= dict.fromkeys([sentence] if (sentence := note_on_structure(block.flow)) else [])
        if self._open is not None:
            self._open[1].update(dict.fromkeys(list_attributes_with_value(block)))
        group = self._groups.of(block)
        if block.action == "D":  # deletions are identified by their content
            return
        self._own_years |= has_own_years(block)
        self._check_values(block)
        if block.flow.inferred != GUESSED:  # otherwise the key is unknown
            self._check_gaps(block)
            self._check_duplicates(block, group)
        if not block.flow.inferred:
            for sentence, misfit_values in find_invalid_periods(block):
                self._add(sentence, str(list(misfit_values)[-1]), misfit_values)
            for sentence, component, values in find_disallowed_values(block):
                self._add(sentence, component, values)

    def close(self) -> None:
        self._close_dataset()
        self.duplicates = self._keys.across()

    def _close_dataset(self) -> None:
        if self._open is None or not self.size:
            return
        first_block, attributes_given = self._open
        for component in first_block.flow.structure.attributes("dataset"):
            if component.mandatory and component.id not in attributes_given and first_block.action in REPLACING_ACTIONS:
                self._add(f"The dataset lacks the attribute {component.id}.", component.id, {}, most=1)

    def read_again(self, blocks: Iterable[Dataset]) -> None:
        """Report repeated keys of several blocks, and keys whose mandatory attributes no block of a dataset gives."""
        repeated = RepeatedObservations(duplicates=self.duplicates.head(MAX_PLACES))
        number = 0
        for block in blocks:
            number += not block.continues
            if self.duplicates.height:
                repeated.look(block)
            for component, keys in self.incomplete.get(number, {}).items():
                self.incomplete[number][component] = [
                    find_keys_without_value(block, component, pl.concat(keys).unique(maintain_order=True))
                ]
        for keys_by_component in self.incomplete.values():
            for component, keys in keys_by_component.items():
                self._report_incomplete(component, pl.concat(keys))
        for (_, key), occurrences in repeated.occurrences.items():
            row = dict(key)
            for number, repeat in enumerate(occurrences[1:], start=1):
                if (sentence := describe_repetition(occurrences[0], repeat)) == OCCURS_TWICE:
                    self._report_duplicate(row)
                else:
                    sought = SoughtValues(list(row)[-1], row)
                    self._report_problem(
                        ValueProblem(
                            f"Observation {write_key_text(row)} {sentence}", sought, again=(number, len(occurrences))
                        )
                    )

    def _add(
        self, message: str, component: str, values: Mapping[str, str | None], *, skip: int = 0, most: int = MAX_PLACES
    ) -> None:
        self._report_problem(ValueProblem(message, SoughtValues(component, values, skipped=skip, most=most)))

    def _report_problem(self, value_problem: ValueProblem) -> None:
        if len(self.problems) < MAX_PLACES * MAX_PLACES:
            self.problems.setdefault(value_problem.message, value_problem)

    def _report_duplicate(self, row: Mapping[str, str | None]) -> None:
        self._add(f"Observation {write_key_text(row)} {OCCURS_TWICE}", list(row)[-1], row, skip=1)

    def _check_values(self, block: Dataset) -> None:
        judge_by_component = {
            component.id: self._find_check(block.flow, component) for component in block.flow.structure.components
        }
        judges = {name: judge for name, judge in judge_by_component.items() if judge}
        for name, values in index_distinct(block, list(judges)).items():
            try:
                faulty = judges[name](values)
            except DeclarationError as error:
                self._report_unchecked(error)
                continue
            for value, message in faulty:
                self._add(message, name, {name: value})
        for component in block.flow.structure.components:
            maximum = parse_whole_number(component.max_occurs) if component.is_array else None
            for several in list_excess_values(block, component, maximum) if maximum else ():
                sentence = f"{component.id} has {len(several)} values; the limit is {maximum}: {', '.join(several)}."
                self._add(sentence, component.id, {component.id: several[0]})

    def _find_check(self, flow: Flow, component: Component) -> ValueCheck | None:
        key = (flow.dataflow.ref.urn, component.id, self._own_years)
        if key not in self._checks:
            codelist = flow.codelist(component)
            if component.is_coded and (codelist is None or codelist.extensions):
                self.unlisted[component.id] = None
            try:
                self._checks[key] = find_value_check(flow, component, self.version, own_years=self._own_years)
            except DeclarationError as error:
                self._checks[key] = None
                self._report_unchecked(error)
        return self._checks[key]

    def _report_unchecked(self, error: DeclarationError) -> None:
        self.unchecked[f"{error.message} {error.hint}".strip()] = None

    def _check_gaps(self, block: Dataset) -> None:
        structure = block.flow.structure
        for name in structure.key:
            column = block.observations[name]
            if column.null_count() and not may_be_omitted(block.flow, name):
                self._add(f"An observation lacks the dimension {name}.", name, {name: None})
        if block.action not in REPLACING_ACTIONS:
            return
        for component in structure.attributes():
            if component.mandatory and structure.list_described(component):
                incomplete = find_incomplete_keys(block, component)
                if incomplete.height and component.attachment == "observation":
                    self._report_incomplete(component, incomplete)
                elif incomplete.height:
                    self.incomplete.setdefault(self._number, {}).setdefault(component, []).append(incomplete)

    def _report_incomplete(self, component: Component, keys: pl.DataFrame) -> None:
        title = "Partial key" if component.attachment == "dimensions" else component.attachment.capitalize()
        for row in keys.head(MAX_PLACES).iter_rows(named=True):
            sentence = f"{title} {write_key_text(row)} lacks the attribute {component.id}."
            self._add(sentence, component.id, {**row, component.id: None}, most=1)

    def _check_duplicates(self, block: Dataset, group: int) -> None:
        key = list(block.flow.structure.key)
        if not key or not block.observations.height:
            return
        for row in (
            self._keys.find_repeated(block.observations.select(key), group).head(MAX_PLACES).iter_rows(named=True)
        ):
            self._report_duplicate(row)


def find_incomplete_keys(block: Dataset, component: Component) -> pl.DataFrame:
    """Find the keys of a block that lack a mandatory attribute in it."""
    structure, table = block.flow.structure, block.observations
    key = list(structure.list_described(component))
    if component.id in table.columns:
        return table.filter(pl.col(component.id).is_null()).select(key)
    keys = table.select(key)
    starts = keys.select(pl.any_horizontal(map(is_run_start, key)))[:, 0]
    parts = [keys.head(1), keys.slice(1).filter(starts)]
    if component.attachment == "series" and component.id in block.series.columns:
        parts.append(block.series.select(key))
    return find_keys_without_value(block, component, pl.concat(parts).drop_nulls().unique(maintain_order=True))


def find_keys_without_value(block: Dataset, component: Component, keys: pl.DataFrame) -> pl.DataFrame:
    stated = join_attributes(block, [component.id], observations=keys)
    return stated.filter(pl.col(component.id).is_null()).select(keys.columns)


def may_be_omitted(flow: Flow, dimension: str) -> bool:
    is_whole = flow.dataflow.ref.id == flow.structure.ref.id and not flow.dataflow.constrained
    return flow.structure.evolving and is_whole and dimension in flow.structure.series_key


def write_key_text(row: Mapping[str, str | None]) -> str:
    return ".".join(value or "*" for value in row.values())


def list_attributes_with_value(block: Dataset) -> Iterator[str]:
    yield from block.attributes
    for dims, frame in block.partial.items():
        if not dims:
            yield from (name for name in frame.columns if frame[name].null_count() < frame.height)


def has_own_years(block: Dataset) -> bool:
    if YEAR_START not in block.flow.structure:
        return False
    year_starts = index_distinct(block, [YEAR_START])[YEAR_START].to_list()
    return any(day != JANUARY for day in year_starts)


def list_excess_values(block: Dataset, component: Component, maximum: int) -> list[list[str]]:
    excess: list[list[str]] = []
    for frame in (block.observations, block.series, *block.partial.values()):
        if frame.schema.get(component.id) == pl.List(pl.String):
            column = frame[component.id].list.drop_nulls()
            excess += column.filter(column.list.len() > maximum).head(MAX_PLACES).to_list()
    return excess


def index_distinct(block: Dataset, names: Sequence[str]) -> dict[str, pl.Series]:
    parts: dict[str, list[pl.Series]] = {name: [] for name in names}
    for frame in (block.observations, block.series, *block.partial.values()):
        columns = [name for name in names if name in frame.columns]
        for column in frame.select(list_distinct(name, frame.schema[name]) for name in columns):
            parts[column.name].append(column[0])
    for name in names:
        if (attribute_value := block.attributes.get(name)) is not None:
            parts[name].append(pl.Series([attribute_value]))
    return {name: merge_values(lists) for name, lists in parts.items()}


def merge_values(parts: Sequence[pl.Series]) -> pl.Series:
    if parts and all(part.equals(parts[0]) for part in parts[1:]):
        return parts[0]
    return pl.concat([pl.Series(dtype=pl.String), *parts]).unique(maintain_order=True)


def list_distinct(name: str, dtype: pl.DataType) -> pl.Expr:
    """List distinct values; consecutive repetitions are dropped first for speed."""
    column = pl.col(name)
    if dtype == pl.List(pl.String):
        column = column.explode()
    elif dtype != pl.String:
        return pl.lit(pl.Series(name, [[]], dtype=pl.List(pl.String)))
    return column.filter(column.ne_missing(column.shift())).drop_nulls().unique(maintain_order=True).implode()
