"""Required reference metadata in attributes or metadata sets."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.quality.rules import KINDS, Check, UntestableError, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.revisions import find_latest_release, parse_year
from sdmxmig.quality.rules.values import NO_VALUE, VALUE_COLUMN, extract_column, find_rows, list_distinct
from sdmxmig.quality.rules.words import TOTAL, build_reason, list_names, translate_parameters
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.frames import join_attributes, list_values
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.findings import Fault, NotTestable, Reason, Rule

UNKNOWN = "_U"
DECLARED_RULE = "DEFINITIONS-DECLARED"
FREE_TEXT = "String"
MAILBOX = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@(?:[^@\s.,;:<>()]{1,63}\.){1,8}[^@\s.,;:<>()0-9]{2,63}")


def explain_missing_description(check: Check) -> Reason:
    return build_reason("no reference metadata are about {flow} (structures/metadata/)", flow=check.flow.id)


def find_metadata_place(check: Check) -> Place | None:
    return next((metadata_set.place for metadata_set in check.metadata.sets), None)


def get_concept_name(check: Check, concept: str, language: str) -> str:
    name = check.metadata.names.get(concept) or check.flow.concepts.get(concept)
    return (name.in_language(language) if name else "") or concept


def phrase_concept(check: Check, concept: str, **parameters: str) -> dict[str, str]:
    return translate_parameters(
        check.rule, lambda language: {"concept": get_concept_name(check, concept, language), **parameters}
    )


@KINDS.add("TEXTS-FILLED")
def metadata_are_present(check: Check) -> Iterable[Fault | NotTestable]:
    """Required reference metadata are present, and no text is a placeholder.

    Parameters: `concepts`: required metadata (a missing one is only a warning, since unknown content is left out);
    `placeholders`: meaningless texts in lower case.
    """
    with check.parameters as parameters:
        concepts, placeholders = parameters.strings("concepts", None), parameters.strings("placeholders", None)
    if not check.metadata.sets:
        texts = [name for name in list_free_texts(check) if list_distinct(check, check.structure[name]) != [None]]
        yield NotTestable(explain_missing_description(check), partial=bool(texts))
    yield from collect_placeholders_in_data(check, placeholders)
    place = find_metadata_place(check)
    for concept, texts_of_concept in check.metadata.texts.items():
        for text in texts_of_concept:
            if is_placeholder(text, placeholders):
                parameters_of_fault = phrase_concept(check, concept, value=text)
                yield check.fault(
                    (), parameters_of_fault, component=concept, observed=text, expected="a text", place=place
                )
    for concept in (name for name in concepts if check.metadata.sets and not check.metadata.texts.get(name)):
        parameters_of_fault = phrase_concept(check, concept, value=NO_VALUE)
        yield check.fault(
            (), parameters_of_fault, component=concept, expected="a text or code", severity="warning", place=place
        )


def is_placeholder(text: str, placeholders: Sequence[str]) -> bool:
    """Check whether a text is a placeholder.

    >>> is_placeholder(" TBC ", ["tbc"]), is_placeholder("TBC by the register", ["tbc"])
    (True, False)
    """
    return text.strip().casefold() in placeholders


def list_free_texts(check: Check) -> list[str]:
    attributes = check.structure.attributes()
    return [attribute.id for attribute in attributes if not attribute.codelist and attribute.data_type == FREE_TEXT]


def collect_placeholders_in_data(check: Check, placeholders: Sequence[str]) -> Iterator[Fault]:
    for name in list_free_texts(check):
        component = check.structure[name]
        for text in list_distinct(check, component):
            if text is not None and is_placeholder(text, placeholders):
                rows = find_rows(check, component, text)
                parameters = phrase_concept(check, name, value=text)
                yield check.fault(rows, parameters, component=name, observed=text, expected="a text")


@KINDS.add(DECLARED_RULE)
def definitions_declared(check: Check) -> Iterable[Fault | NotTestable]:
    """The definitions of figures are declared, in the data or their reference metadata.

    Unknown (`_U`) counts as declared and is listed without asking for a justification. Parameter `definition`, tables
    with `components`: any of them declares it; `with`: dimension that requires it; `unless`: mandatory attribute that
    makes it unnecessary.
    """
    with check.parameters as parameters:
        definitions = parameters.tables("definition")
        needed = [names for declared in definitions if (names := list_needed_definition(check, declared))]
    if not needed:
        yield report_not_tested("{flow} has no component for any of these definitions", flow=check.flow.id)
    for components in needed:
        declared_codes = {code for name in components for code in collect_declared_values(check, name)}
        if declared_codes - {UNKNOWN}:
            continue
        code = UNKNOWN if declared_codes else ""
        yield check.fault(
            (),
            phrase_concept(check, components[0], value=code or NO_VALUE, key=components[0]),
            component=components[0],
            observed=code,
            expected="a code or text",
            severity="information" if code else "",
        )


def list_needed_definition(check: Check, declared: Declared) -> tuple[str, ...]:
    def is_broken_down(dimension: str) -> bool:
        return not set(list_values(check.frame, dimension)) <= {TOTAL, None}

    return list_declaring_components(declared, check.structure, is_broken_down)


def list_declaring_components(
    declared: Declared, structure: DataStructure, is_broken_down: Callable[[str], bool]
) -> tuple[str, ...]:
    components = declared.strings("components", None)
    broken_down_by, unless = declared.text("with", ""), declared.text("unless", "")
    declared.close()
    if not any(name in structure for name in components):
        return ()
    if unless and unless in structure and structure[unless].mandatory:
        return ()
    if broken_down_by and (broken_down_by not in structure.series_key or not is_broken_down(broken_down_by)):
        return ()
    return components


def list_definitions_asked(rule: Rule, structure: DataStructure, broken_down: Collection[str]) -> list[tuple[str, ...]]:
    if rule.kind != DECLARED_RULE:
        return []
    parameters = Declared(rule.parameters, rule.place or Place(rule.id))
    asked = (
        list_declaring_components(definition, structure, lambda dimension: dimension in broken_down)
        for definition in parameters.tables("definition")
    )
    return [components for components in asked if components]


def collect_declared_values(check: Check, name: str) -> set[str]:
    in_data = list_distinct(check, check.structure[name]) if name in check.structure else []
    return {text for text in (*in_data, *check.metadata.texts.get(name, ())) if text}


@KINDS.add("STATUS-EXPLAINED")
def statuses_are_explained(check: Check) -> Iterable[Fault | NotTestable]:
    """A note explains each status for not comparable, estimated or provisional figures.

    Parameter `note`, tables with `statuses` and `components`: attributes or metadata concepts that may hold the note;
    `last_years`: years at the end without a note, such as provisional ones. One fault per status.
    """
    with check.parameters as parameters:
        notes = [declared.read(NeededNote) for declared in parameters.tables("note")]
    if "OBS_STATUS" not in check.structure:
        raise build_untestable_error("{flow} has no {component}", flow=check.flow.id, component="OBS_STATUS")
    used = set(list_distinct(check, check.structure["OBS_STATUS"]))
    listed = [status for note in notes for status in note.statuses]
    if used.isdisjoint(listed):
        yield report_not_tested("no figure has one of the statuses {statuses}", statuses=list_names(listed))
    for note in notes:
        for status in (status for status in note.statuses if status in used):
            yield from find_unexplained_statuses(check, status, note)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededNote:
    statuses: tuple[str, ...]
    components: tuple[str, ...]
    last_years: int = 0


def find_unexplained_statuses(check: Check, status: str, note: NeededNote) -> Iterator[Fault]:
    structure = check.structure
    if any(check.metadata.texts.get(name) or check.dataset.attributes.get(name) for name in note.components):
        return
    rows = extract_column(check, structure["OBS_STATUS"]).filter(pl.col(VALUE_COLUMN) == status).select("row")
    if note.last_years:
        rows = drop_last_years(check, rows, note.last_years)
    for name in (name for name in note.components if name in structure):
        texts = extract_column(check, structure[name]).filter(pl.col(VALUE_COLUMN).is_null()).select("row")
        rows = rows.join(texts, on="row", how="semi", maintain_order="left")
    if not rows.is_empty():
        silent = tuple(rows["row"].to_list())
        parameters = {"value": status, "count": str(len(silent))}
        yield check.fault(silent, parameters, component="OBS_STATUS", observed=status, expected="a note")


def drop_last_years(check: Check, rows: pl.DataFrame, years: int) -> pl.DataFrame:
    time = check.structure.time
    if time is None:
        return rows
    years_of = {period: parse_year(period) for period in list_values(check.frame, time.id)}
    last = max(years_of.values(), default=0)
    long_past = [period for period, year in years_of.items() if year <= last - years]
    early = check.frame.filter(pl.col(time.id).is_in(long_past)).select("row")
    return rows.join(early, on="row", how="semi", maintain_order="left")


@KINDS.add("METADATA-COVER-PERIODS")
def metadata_cover_all_periods(check: Check) -> Iterable[Fault | NotTestable]:
    """The validity of reference metadata covers all periods of the data."""
    check.parameters.close()
    time = check.structure.time
    if not check.metadata.sets or time is None:
        raise UntestableError(explain_missing_description(check))
    dated = [metadata_set for metadata_set in check.metadata.sets if metadata_set.details.valid_from]
    if not dated:
        raise build_untestable_error("the reference metadata do not state their period of validity (valid_from)")
    for text, rows in check.frame.group_by(time.id, maintain_order=True).agg("row").iter_rows():
        span = parse_span(text)
        held = span is None or any(
            metadata_set.details.valid_from[:10] <= span[0]
            and (not metadata_set.details.valid_to or span[1] <= metadata_set.details.valid_to[:10])
            for metadata_set in dated
        )
        if not held:
            validity = ", ".join(
                f"{dated_set.details.valid_from[:10]} – {dated_set.details.valid_to[:10]}" for dated_set in dated
            )
            parameters = {"value": text, "validity": validity}
            yield check.fault(rows, parameters, component=time.id, observed=text, expected=validity)


def parse_span(text: str | None) -> tuple[str, str] | None:
    """Return first and last day of a period (ISO 8601); None for others.

    >>> parse_span("2024-Q1"), parse_span("soon")
    (('2024-01-01', '2024-03-31'), None)
    """
    period = periods.parse(text or "")
    if period is None:
        return None
    last = periods.shift(period, 1).first_day.toordinal() - 1
    return period.first_day.isoformat(), period.first_day.fromordinal(last).isoformat()


@KINDS.add("CONTACT-GIVEN")
def contact_is_given(check: Check) -> Iterable[Fault | NotTestable]:
    """Reference metadata name a contact, and mail addresses are valid.

    Parameters: `contacts`: concepts, one of which is required (else a warning); `mailboxes`: those with addresses.
    """
    with check.parameters as parameters:
        contacts, mailboxes = parameters.strings("contacts", None), parameters.strings("mailboxes", None)
    if not check.metadata.sets:
        raise UntestableError(explain_missing_description(check))
    place = find_metadata_place(check)
    for concept in mailboxes:
        for text in check.metadata.texts.get(concept, ()):
            if not MAILBOX.fullmatch(text.strip()):
                parameters_of_fault = phrase_concept(check, concept, value=text)
                yield check.fault((), parameters_of_fault, component=concept, observed=text, place=place)
    if not any(check.metadata.texts.get(concept) for concept in contacts):
        parameters_of_fault = phrase_concept(check, contacts[0], value=NO_VALUE)
        yield check.fault((), parameters_of_fault, component=contacts[0], severity="warning", place=place)


@KINDS.add("DEFINITIONS-STAY")
def definitions_are_stable(check: Check) -> Iterable[Fault | NotTestable]:
    """If the definition of a series differs from the earlier release, the series has a break.

    Parameters: `attributes` with definitions; `breaks`: statuses of breaks. Unknown definitions are not compared.
    """
    with check.parameters as parameters:
        attributes, breaks = parameters.strings("attributes", None), parameters.strings("breaks", None)
    release, structure = find_latest_release(check), check.structure
    key = list(structure.series_key)
    now, before = (select_series_with(dataset, attributes) for dataset in (check.dataset, release.book.dataset))
    both = now.join(before, on=key, suffix="_before", nulls_equal=True, maintain_order="left")
    changes = {name: both.select(value=name, before=f"{name}_before") for name in attributes}
    declared = pl.all_horizontal(pl.all().fill_null(UNKNOWN) != UNKNOWN)
    stated = {name: table.filter(declared).unique(maintain_order=True) for name, table in changes.items()}
    if not any(table.height for table in stated.values()):
        raise build_untestable_error("no definition is declared in both releases")
    if "OBS_STATUS" in structure and not set(breaks).isdisjoint(list_distinct(check, structure["OBS_STATUS"])):
        return
    for name, table in stated.items():
        for value, earlier in table.filter(pl.col("value") != pl.col("before")).iter_rows():
            parameters_of_fault = {"value": value, "before": earlier, "release": release.day}
            yield check.fault((), parameters_of_fault, component=name, observed=value, expected=earlier)


def select_series_with(dataset: Dataset, attributes: Sequence[str]) -> pl.DataFrame:
    key = list(dataset.flow.structure.series_key)
    series = dataset.observations.select(pl.col(key).cast(pl.String)).unique(maintain_order=True)
    return join_attributes(dataset, attributes, observations=series).with_columns(pl.col(attributes).cast(pl.String))


@KINDS.add("QUALITY-REPORTED")
def quality_reported(check: Check) -> Iterable[Fault | NotTestable]:
    """Reference metadata describe each aspect of data quality.

    Parameter `respect`, tables with `concepts`: any of them describes it.
    """
    with check.parameters as parameters:
        tables = parameters.tables("respect")
        respects = [table.strings("concepts", None) for table in tables]
        for table in tables:
            table.close()
    if not check.metadata.sets:
        raise UntestableError(explain_missing_description(check))
    missing = [concepts for concepts in respects if not any(check.metadata.texts.get(name) for name in concepts)]
    if missing:

        def build_words(language: str) -> Mapping[str, str]:
            return {"respects": "; ".join(get_concept_name(check, concepts[0], language) for concepts in missing)}

        first = missing[0][0]
        yield check.fault((), build_words, component=first, expected="a text", place=find_metadata_place(check))
