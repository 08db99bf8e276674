"""Codes, constraints, and presence of dimensions and mandatory attributes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial

from sdmxmig.catalogue.ages import find_same_ages
from sdmxmig.catalogue.areas import WORD_COLUMNS, WORDS_FILE, read_alias_rows
from sdmxmig.catalogue.topics import TOPIC, TOPIC_CODE
from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import join_texts
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.constraints import (
    Refusal,
    explain_unapplied_constraints,
    explain_unreadable,
    format_codes_phrase,
    format_range_phrase,
    join_values,
    list_named_components,
    list_refusals,
    list_times,
)
from sdmxmig.quality.rules.values import (
    NO_VALUE,
    ROW_COLUMN,
    VALUE_COLUMN,
    extract_column,
    find_rows,
    list_distinct,
    list_numbered_texts,
)
from sdmxmig.quality.rules.words import find_code_name, translate_parameters, write_number
from sdmxmig.sdmx.frames import list_values
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.sdmx.model.structures import Constraint, Selection

MIN_LIKENESS = 0.7
"""Minimum similarity of two texts for a suggestion."""
MIN_WORD_LIKENESS = 0.8
MAX_SHORT_LIST = 8

NUMBERS = re.compile(r"\d+")


@KINDS.add("CODE-IN-LIST")
def codes_are_in_list(check: Check) -> Iterable[Fault | NotTestable]:
    """Every code of a dimension or attribute is in its codelist."""
    check.parameters.close()
    flow = check.flow
    pairs = [(component, flow.codelist(component)) for component in flow.structure.components]
    coded = [(component, codelist) for component, codelist in pairs if codelist is not None]
    if not coded:
        yield report_not_tested("{flow} has no coded component", flow=flow.id)
    for component, codelist in coded:
        if not codelist or all(code in codelist for code in list_numbered_texts(check, component)):
            continue
        for value in list_distinct(check, component):
            if value is not None and value not in codelist:
                yield build_code_fault(check, component, codelist, value)


def build_code_fault(check: Check, component: Component, codelist: ItemScheme, value: str) -> Fault:
    parameters = {
        "value": value,
        "component": component.id,
        "codelist": codelist.ref.id,
        "nearest": find_nearest_code(value, codelist, component.id),
    }
    rows, expected = find_rows(check, component, value), f"a code of {codelist.ref.short}"
    return check.fault(rows, parameters, component=component.id, observed=value, expected=expected)


def find_nearest_code(value: str, codelist: ItemScheme, concept: str = "") -> str:
    """Find the code with the most similar id or name in any language.

    Prefixes match, such as “Russia” for “Russian Federation”. Otherwise words for the codes of `concept` are compared
    (“Wommen”: F); if none match, a short list is returned whole. Equal ages come first: Y_LT15 means Y0T14.
    """
    if same := find_same_ages(value, codelist.ids):
        return write_code_with_name(codelist, same)
    spoken: dict[str, str] = {}
    for item in codelist.items:
        for text in (item.id, *(name for _, name in item.name)):
            spoken.setdefault(text.casefold(), item.id)
    folded = value.casefold().strip()
    numbers = NUMBERS.findall(folded)  # “0-14 years” is not similar to “14 years”
    spoken = {text: code for text, code in spoken.items() if NUMBERS.findall(text) == numbers} or spoken
    begun = sorted(
        (text for text in spoken if len(folded) >= 3 and text.startswith(folded)), key=lambda name: (len(name), name)
    )
    exact = [folded] if folded in spoken else []
    alike = exact or begun or difflib.get_close_matches(folded, sorted(spoken), n=1, cutoff=MIN_LIKENESS)
    if not alike:
        spoken = phrase_concept(concept)
        alike = difflib.get_close_matches(folded, sorted(spoken), n=1, cutoff=MIN_WORD_LIKENESS)
    if not alike or spoken[alike[0]] not in codelist:
        return ", ".join(codelist.ids) if len(codelist) <= MAX_SHORT_LIST else ""
    namesakes = [item.id for item in codelist.items if alike[0] in (name.casefold() for _, name in item.name)]
    return write_code_with_name(codelist, choose_most_similar(folded, [spoken[alike[0]], *namesakes]))


def choose_most_similar(text: str, codes: Sequence[str]) -> str:
    """Choose among codes of the same name, such as 268 and GE for Georgia.

    >>> choose_most_similar("geo", ["268", "GE"]), choose_most_similar("georgia", ["268", "GE"])
    ('GE', 'GE')
    """
    return max(codes, key=lambda code: difflib.SequenceMatcher(None, text, code.casefold()).ratio())


def write_code_with_name(codelist: ItemScheme, code: str) -> str:
    item = codelist[code]
    return f"{item.id} ({item.name})" if item.name else item.id


@cache
def phrase_concept(concept: str) -> dict[str, str]:
    rows = read_alias_rows(WORDS_FILE, WORD_COLUMNS, None, firsts={concept})
    return {word.casefold(): code for _, code, word, *_ in rows}


@KINDS.add("CODE-VALID-IN-PERIOD")
def codes_are_valid_in_period(check: Check) -> Iterable[Fault | NotTestable]:
    """A code with limited validity is used only in periods of its validity.

    Parameter `except`: dimensions that may have former codes, such as the country of birth. Periods that overlap the
    validity are accepted.
    """
    with check.parameters as parameters:
        excepted = parameters.strings("except")
    structure = check.structure
    if structure.time is None:
        raise build_untestable_error("{flow} has no time dimension", flow=check.flow.id)
    time = structure.time.id
    limited_by_dimension = {
        dimension: limited
        for dimension in structure.series_key
        if dimension not in excepted and (limited := list_dated_codes(check, dimension))
    }
    if not limited_by_dimension:
        yield report_not_tested("no codelist of {flow} limits a code to some years", flow=check.flow.id)
    for dimension, limited in limited_by_dimension.items():
        used = [code for code in list_values(check.frame, dimension) if code in limited]
        frame = check.frame.filter(pl.col(dimension).is_in(used)) if used else check.frame.clear()
        pairs = frame.group_by(dimension, time, maintain_order=True).agg("row")
        for code, period, rows in pairs.iter_rows():
            if period is not None and is_outside(period, limited[code]):
                span = f"{limited[code].valid_from or '…'} – {limited[code].valid_to or '…'}"
                words = {"value": code, "component": dimension, "period": period, "span": span}
                yield check.fault(rows, words, component=dimension, observed=f"{code} {period}", expected=span)


def list_dated_codes(check: Check, dimension: str) -> dict[str, Item]:
    codelist = check.flow.codelist(dimension)
    return {item.id: item for item in codelist.items if item.valid_from or item.valid_to} if codelist else {}


def is_outside(text: str, item: Item) -> bool:
    """Check whether a period is entirely outside the validity of a code; false for invalid periods.

    >>> from sdmxmig.sdmx.model.artefacts import Text
    >>> is_outside("1993", Item("SU", Text(), valid_to="1992")), is_outside("1992", Item("SU", Text(), valid_to="1992"))
    (True, False)
    >>> [is_outside(text, Item("X", Text(), valid_from="2024-06-01")) for text in ("2024-05", "2024")]
    [True, False]
    >>> [is_outside(text, Item("X", Text(), valid_from="2024")) for text in ("2023", "2024-Q1")]
    [True, False]
    """
    period = periods.parse(text)
    if period is None:
        return False
    first, after = period.first_day.isoformat(), periods.shift(period, 1).first_day.isoformat()
    ended = bool(item.valid_to) and first[: len(item.valid_to)] > item.valid_to[:10]
    return ended or (bool(item.valid_from) and after <= f"{item.valid_from}-01-01"[:10])


SINGLE_ATTACHMENTS = ("dataset", "series", "observation")


@KINDS.add("KEY-ALLOWED")
def keys_are_allowed(check: Check) -> Iterable[Fault | NotTestable]:
    """Every observation satisfies the constraints of its flow, structure and agreement.

    With a single allowed region, components are judged separately, so that the finding names the code; otherwise the
    whole key is at fault. Values not sent are not checked. Parameters `combination`, `some_value`, `no_value`: wording
    of allowed values in messages.
    """
    with check.parameters as parameters:
        phrases = {name: parameters.texts(name, required=True) for name in ("combination", "some_value", "no_value")}
    flow = check.flow
    if not flow.constraints:
        raise build_untestable_error("{flow} has no constraint", flow=flow.id)
    frame = add_components(check)
    for constraint in flow.constraints:
        for refusal in list_refusals(flow, frame, constraint):
            yield from find_faults(check, frame, refusal, constraint=constraint, phrases=phrases)
    unknown = explain_unreadable(flow, flow.constraints)
    for reason in explain_unapplied_constraints(flow, flow.constraints):
        yield NotTestable(reason, partial=reason not in unknown)


def add_components(check: Check) -> pl.DataFrame:
    flow = check.flow
    named = {
        name
        for constraint in flow.constraints
        for name in (*list_named_components(constraint), *list_times(flow, constraint))
    }
    frame = check.frame
    for name in sorted(named - set(frame.columns)):
        if name in flow.structure and flow.structure[name].attachment in SINGLE_ATTACHMENTS:
            values = extract_column(check, flow.structure[name]).get_column(VALUE_COLUMN)
            frame = frame.with_columns(values.alias(name))
    return frame


def find_faults(
    check: Check, frame: pl.DataFrame, refusal: Refusal, *, constraint: Constraint, phrases: Mapping[str, Text]
) -> Iterator[Fault]:
    names = list(refusal.components)
    if not names:
        return
    refused = frame.filter(refusal.wrong).select(*names, ROW_COLUMN)
    for *values, rows in refused.group_by(names, maintain_order=True).agg(ROW_COLUMN).iter_rows():
        row = dict(zip(names, (join_values(value) for value in values), strict=True))
        words = partial(phrase_refusal, check.flow, refusal, row, phrases=phrases)
        parameters = translate_parameters(check.rule, words) | {"constraint": constraint.ref.id}
        at_fault = refusal.selection.component if refusal.selection else names[-1]
        yield check.fault(rows, parameters, component=at_fault, observed=row[at_fault], expected=parameters["allowed"])


def phrase_refusal(
    flow: Flow, refusal: Refusal, row: dict[str, str], language: str, *, phrases: Mapping[str, Text]
) -> dict[str, str]:
    if refusal.selection is None:
        combination = ", ".join(f"{name} = {value}" for name, value in row.items())
        return {"value": combination, "allowed": phrases["combination"].in_language(language)}
    sent = [name_code(flow, component, code, language) for component, code in row.items()]
    return {"value": ", ".join(sent), "allowed": describe_allowed(refusal.selection, phrases, language)}


def name_code(flow: Flow, component: str, code: str, language: str) -> str:
    name = find_code_name(flow, component, code, language)
    return f"{component} = {code}" + (f" ({name})" if name != code else "")


def describe_allowed(selection: Selection, phrases: Mapping[str, Text], language: str) -> str:
    if selection.time_range or selection.members:
        return format_range_phrase(selection) or format_codes_phrase(selection)
    return phrases["some_value" if selection.include else "no_value"].in_language(language)


@KINDS.add("DIMENSION-PRESENT")
def dimensions_are_present(check: Check) -> Iterable[Fault | NotTestable]:
    """Every observation has a code or period for every dimension."""
    check.parameters.close()
    for dimension in check.structure.dimensions:
        rows = find_rows(check, dimension, None)
        if rows:
            yield check.fault(rows, {"component": dimension.id}, component=dimension.id)


@KINDS.add("ATTRIBUTE-PRESENT")
def attributes_are_present(check: Check) -> Iterable[Fault | NotTestable]:
    """Every mandatory attribute is present at its level: dataset, series or observation."""
    check.parameters.close()
    mandatory = [attribute for attribute in check.structure.attributes() if attribute.mandatory]
    if not mandatory:
        yield report_not_tested("{flow} has no mandatory attribute", flow=check.flow.id)
    for attribute in mandatory:
        missing = not check.dataset.attributes.get(attribute.id) if attribute.attachment == "dataset" else False
        rows = find_rows(check, attribute, None)
        if rows or missing:
            parameters = {"component": attribute.id, "level": attribute.attachment or "observation"}
            yield check.fault(rows, parameters, component=attribute.id)


@KINDS.add("KEY-UNIQUE")
def keys_are_unique(check: Check) -> Iterable[Fault | NotTestable]:
    """No observation is reported twice. Parameter `values`: whether repetitions are ``equal`` or ``different``.

    Values in other notation, such as 1.5 and 1.50, are equal.
    """
    with check.parameters as parameters:
        different = parameters.text("values") == "different"
    structure = check.structure
    measure = structure.measure.id
    attributes = [component.id for component in structure.attributes("observation")]
    numbers = check.books[0].numbers
    if numbers.are_distinct(structure.key):
        return
    figure = pl.coalesce(pl.col("amount").cast(pl.String), pl.col(measure))
    frame = check.amounts.frame.filter(numbers.of(structure.key).is_duplicated()).with_columns(figure.alias("figure"))
    compared = ["figure", *attributes]
    groups = frame.group_by(structure.key, maintain_order=True).agg(
        pl.col("row"), pl.col(measure).alias("texts"), *(pl.col(name).n_unique() for name in compared)
    )
    for group in groups.iter_rows(named=True):
        differing = [measure if name == "figure" else name for name in compared if group[name] > 1]
        if bool(differing) == different:
            yield build_repetition_fault(check, group["row"], group["texts"], differing)


def build_repetition_fault(
    check: Check, rows: Sequence[int], texts: Sequence[str | None], differing: Sequence[str]
) -> Fault:
    flow = check.flow
    first = texts[0]
    others = [row for row, text in zip(rows, texts, strict=True) if text != first] or list(rows[1:])
    second = texts[list(rows).index(others[0])]
    others = [row for row, text in zip(rows, texts, strict=True) if text == second and row in others]
    related = tuple(row for row in rows if row not in others)

    def build_parameters(language: str) -> dict[str, str]:
        names = [flow.concepts[name].in_language(language) if name in flow.concepts else name for name in differing]
        return {
            "times": str(len(rows)),
            "components": join_texts(names, language),
            "first": write_number(first or NO_VALUE, language),
            "second": write_number(second or NO_VALUE, language),
        }

    return check.fault(
        others,
        build_parameters,
        observed=second or "",
        expected=first or "",
        related=related,
        labels=flow.structure.key,
    )


@KINDS.add("ACTION-ALLOWED")
def action_is_allowed(check: Check) -> Iterable[Fault | NotTestable]:
    """The action of a dataset is one of `allowed`, which prevents accidental deletion."""
    with check.parameters as parameters:
        allowed = parameters.strings("allowed", None)
    action, _measure = check.dataset.action, check.measure
    if not action:
        yield report_not_tested("the data do not state an action")
    elif action not in allowed:
        listed = ", ".join(allowed)
        yield check.fault((), {"value": action, "allowed": listed}, observed=action, expected=listed)


TOTAL, LIST_OF_TOPIC = "_T", "CODELIST"


@KINDS.add("CODE-OF-TOPIC")
def codes_match_topics(check: Check) -> Iterable[Fault | NotTestable]:
    """Each topic has a code of its list, and each code has a topic.

    Codes of topics without a list, or with a list that no dataflow uses, are not judged.
    """
    check.parameters.close()
    flow, frame = check.flow, check.frame
    topics = flow.codelist(TOPIC) if {TOPIC, TOPIC_CODE} <= set(flow.structure.key) else None
    if topics is None:
        raise build_untestable_error("{flow} has no topics with a code beside them", flow=flow.id)
    pairs = frame.group_by(TOPIC, TOPIC_CODE, maintain_order=True).agg("row")
    for topic, code, rows in pairs.iter_rows():
        allowed = find_allowed_codelist(topic, topics, check)
        if topic is None or code is None or topic not in topics or is_allowed(topic, code, allowed):
            continue
        expected = TOTAL if topic == TOTAL else (f"a code of {allowed.ref.short}" if allowed else f"a code of {topic}")
        words = {"value": code, "topic": f"{topic} ({topics[topic].name})", "expected": expected}
        yield check.fault(rows, words, component=TOPIC_CODE, observed=code, expected=expected, labels=(TOPIC,))


def is_allowed(topic: str, code: str, allowed: ItemScheme | None) -> bool:
    """Check whether a code is valid for a topic; without a list, any code but the total is.

    >>> is_allowed("BORDER_POINT", "Sarpi", None), is_allowed("BORDER_POINT", "_T", None), is_allowed("_T", "F", None)
    (True, False, False)
    """
    if TOTAL in (topic, code):
        return topic == code
    return allowed is None or code in allowed


def find_allowed_codelist(topic: str, topics: ItemScheme, check: Check) -> ItemScheme | None:
    name = topics[topic].note(LIST_OF_TOPIC) if topic in topics else ""
    lists = (codelist for flow in check.flows.values() for codelist in flow.codelists.values()) if name else ()
    return next((codelist for codelist in lists if codelist.ref.short == name), None)
