"""Value checks: codelist, data type with facets, calendar.

Constraints of structure, flow, agreement and provider applied to data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.periods import parse
from sdmxmig.quality.rules.codes import nearest_code
from sdmxmig.quality.rules.constraints import Refusal, codes_phrase, named_in, range_phrase, refusals, shown, times_in
from sdmxmig.quality.rules.values import DECIMAL, DOUBLE
from sdmxmig.sdmx.checking.reading import LATEST, FormatVersion
from sdmxmig.sdmx.formats.faults import MANY
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import PERIODS, TEXTS, TYPES, ValueType, holds
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, whole_number
from sdmxmig.sdmx.model.structures import Constraint
from sdmxmig.sdmx.model.submission import Header

Judge = Callable[[pl.Series], list[tuple[str, str]]]

SURE = {
    "Decimal": DECIMAL,
    "Incremental": DECIMAL,
    "InclusiveValueRange": DECIMAL,
    "ExclusiveValueRange": DECIMAL,
    "Float": DOUBLE,
    "Double": DOUBLE,
    "BigInteger": r"^[+-]?[0-9]+$",
    "Count": r"^[+-]?[0-9]+$",
    "Long": r"^[+-]?[0-9]{1,18}$",
    "Integer": r"^[+-]?[0-9]{1,9}$",
    "Short": r"^[+-]?[0-9]{1,4}$",
}
"""Texts that surely are of a type, so that few are left for the schema."""
OLD_PERIOD = re.compile(r"\d{4}-(Q[1-4]|T[1-3]|B[12]|W([1-9]|[1-4]\d|5[0-2]))", re.ASCII)
REPORTING = re.compile(r"(\d{4}-[WD]\d{2,3})(Z|[+-]\d\d:\d\d)?", re.ASCII)
SWITCHED_OFF = "~"
LENGTHS = ("minLength", "maxLength")
TIME = "ObservationalTimePeriod"
LONGEST = 40
"""So many characters of a text are quoted."""


def judge_of(
    flow: Flow, component: Component, version: FormatVersion = LATEST, *, own_years: bool = False
) -> Judge | None:
    """Return the check of a component's values, or None.

    Raises `DeclarationError` for an invalid structure.
    """
    codelist = flow.codelist(component)
    if component.is_coded and component.role != "time":
        left = (SWITCHED_OFF,) if flow.structure.evolving and component.role == "dimension" else ()
        return None if codelist is None or codelist.extensions else judge_of_codes(codelist, component, version, *left)
    if component.role == "time" or component.data_type in PERIODS:
        return judge_of_periods(flow, component, version, own_years=own_years)
    return judge_of_texts(flow, component, version)


def judge_of_codes(codelist: ItemScheme, component: Component, version: FormatVersion, *others: str) -> Judge:
    """The check of values against a codelist, which names those that are neither its codes nor one of `others`."""
    codes = frozenset((*codelist.ids, *version.missing_words(component), *others))

    def hint(value: str) -> str:
        nearest = nearest_code(value, codelist)
        return f" Its codes are {nearest}." if ", " in nearest else f" Did you mean {nearest}?" if nearest else ""

    def strange(values: pl.Series) -> list[tuple[str, str]]:
        return [
            (value, f"“{value}” of {component.id} is not a code of {codelist.ref.short}.{hint(value)}")
            for value in values.to_list()
            if value not in codes
        ]

    return strange


def judge_of_texts(flow: Flow, component: Component, version: FormatVersion) -> Judge | None:
    """The check of values against a data type and its facets, such as the greatest length."""
    data_type = component.data_type or "String"
    if data_type not in TYPES:
        message = f"“{data_type}” of {component.id} is no data type of SDMX."
        raise DeclarationError(message, hint="Its values were not checked.")
    facets = {name: value for name, value in component.facets if holds(TYPES[data_type], name)}
    if TYPES[data_type] in TEXTS and data_type == "String" and facets.keys() <= {*LENGTHS}:
        return judge_of_lengths(component, facets)
    words, own_nan = version.missing_words(component), version.missing == "exact"
    typed = ValueType(flow, component, version.dialect, with_nan=own_nan)
    pattern = "" if facets else SURE.get(data_type, "")

    def wrong_texts(values: pl.Series) -> list[tuple[str, str]]:
        unsure = values.filter(~values.str.contains(pattern)) if pattern else values
        texts = [text for text in unsure.to_list() if own_nan or text not in words]
        return [(text, broken(component, text, facet)) for text, facet in typed.wrong(texts)]

    return wrong_texts


def judge_of_lengths(component: Component, facets: dict[str, str]) -> Judge | None:
    least, most = (whole_number(facets.get(name, "")) for name in LENGTHS)
    if least is None and most is None:
        return None

    def wrong_texts(values: pl.Series) -> list[tuple[str, str]]:
        lengths = values.str.len_chars()
        short = values.filter(lengths < least).to_list() if least is not None else []
        long = values.filter(lengths > most).to_list() if most is not None else []
        texts_by_facet = zip(LENGTHS, (short, long), strict=True)
        return [(text, broken(component, text, name)) for name, texts in texts_by_facet for text in texts]

    return wrong_texts


SAID = {
    "maxLength": "A text of {id} is longer than {limit} characters: {text}.",
    "minLength": "A text of {id} is shorter than {limit} characters: {text}.",
    "pattern": "{text} of {id} does not fit the pattern “{limit}”.",
    "minValue": "{text} of {id} is below {limit}.",
    "maxValue": "{text} of {id} is above {limit}.",
    "decimals": "{text} of {id} has more than {limit} decimals.",
}
NOT_OF_TYPE = "{text} of {id} is not {limit}."


def broken(component: Component, text: str, facet: str) -> str:
    limit = dict(component.facets).get(facet, "")
    sentence = SAID[facet] if facet in SAID and limit else NOT_OF_TYPE
    quoted = f"“{text if len(text) <= LONGEST else f'{text[:LONGEST]}…'}”"
    return sentence.format(text=quoted, id=component.id, limit=limit or component.data_type)


# -- periods ----------------------------------------------------------------------------------------------------------


def judge_of_periods(flow: Flow, component: Component, version: FormatVersion, *, own_years: bool = False) -> Judge:
    """Return the check of periods by type and calendar.

    `own_years` of reporting have an unknown number of weeks.
    """
    typed = ValueType(flow, component, version.dialect, with_nan=False)
    words = version.missing_words(component)
    kind = component.data_type if component.data_type in PERIODS else ""
    complaint = f"is not {kind}." if kind not in ("", TIME) else "is no period."

    def wrong_texts(values: pl.Series) -> list[tuple[str, str]]:
        texts = [
            text for text in values.to_list() if text not in words and not (version.old and OLD_PERIOD.fullmatch(text))
        ]
        strange = {text: complaint for text, _ in typed.wrong(texts)}
        if not own_years:
            strange |= {text: "is no period: its year has no such week or day." for text in texts if not exists(text)}
        return [(text, f"“{text}” of {component.id} {strange[text]}") for text in texts if text in strange]

    return wrong_texts


def exists(text: str) -> bool:
    """Whether a reporting week or day exists in its year; true for other texts.

    >>> exists("2020-W53"), exists("2021-W53"), exists("2021-D366"), exists("31.1.2024")
    (True, False, False, True)
    """
    match = REPORTING.fullmatch(text)
    return match is None or parse(match[1]) is not None


Disallowed = tuple[str, str, dict[str, str | None]]
PROVIDER = ("dataProviderSchemeAgencyId", "dataProviderSchemeId", "dataProviderID")


def not_allowed(block: Dataset) -> Iterator[Disallowed]:
    """Find values and combinations that constraints do not allow, each once.

    Ignores values not sent. Attributes of groups are checked with their dimensions.
    """
    for constraint in block.flow.constraints:
        names = [*named_in(constraint), *times_in(block.flow, constraint)]
        names = [name for name in dict.fromkeys(names) if name in block.flow.structure]
        for table in tables(block, names):
            for refusal in refusals(block.flow, table, constraint):
                yield from sentences(constraint, refusal, table)


def tables(block: Dataset, names: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The combinations of values of these components, of observations and of each set of dimensions with attributes."""
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


def sentences(constraint: Constraint, refusal: Refusal, table: pl.DataFrame) -> Iterator[Disallowed]:
    """Why a constraint refuses these rows of a table: a sentence for each combination of the components named."""
    names, constraint_name = list(refusal.components), f"the constraint {constraint.ref.short}"
    if not names:
        return
    reasons = {"region": "in no region of", "key": "no key of", "forbidden": "forbidden by"}
    wrong = table.filter(refusal.wrong).select(names).unique(maintain_order=True).head(MANY)
    for row in wrong.iter_rows(named=True):
        texts = {name: shown(value) for name, value in row.items()}
        places = {name: first_text(value) for name, value in row.items()}
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
        allowed = range_phrase(selection) or codes_phrase(selection)
        yield (
            f"“{texts[component]}” of {component}{period} is not allowed by {constraint_name}: {allowed}.",
            component,
            places,
        )


def first_text(value: object) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    text = first.get("text") if isinstance(first, dict) else first
    return text if isinstance(text, str) else None


def of_its_provider(block: Dataset, flows: Mapping[str, Flow], header: Header | None = None) -> Dataset:
    """Apply the constraints of the provider's agreement to a block of a dataflow.

    The provider is that of the dataset, else of the header.
    """
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
    if len(agreed) != 1:  # no agreement, or nobody can tell which
        return block
    return replace(block, flow=replace(block.flow, constraints=next(iter(agreed.values()))))
