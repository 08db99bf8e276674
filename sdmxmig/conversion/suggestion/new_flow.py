"""Dataflows of an office's own: with the structure of another, or with a small structure drafted from a table."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.recognition.calendars import convert_years
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.statuses import YEAR
from sdmxmig.conversion.recognition.typing_errors import romanise
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.assignment import ABROAD, assign
from sdmxmig.conversion.suggestion.line_sources import SECTION, LineSource
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, is_time, list_lines
from sdmxmig.conversion.suggestion.region_splitting import build_no_figures_error, find_regions
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.surrounding_texts import find_titles, list_region_texts
from sdmxmig.conversion.suggestion.unused_lines import NON_FIGURE_ROLES, find_same_lines, is_identifier
from sdmxmig.conversion.suggestion.year_and_month import combine_parts_of_years
from sdmxmig.io.edited_toml import quote_text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.tables import Table

AGENCY, VERSION = "NSO", "1.0.0-draft"
SURE_CONFIDENCE = 0.7
ALWAYS_FIRST, ALWAYS_LAST = ("FREQ", "REF_AREA"), ("OBS_STATUS", "UNIT_MEASURE", "UNIT_MULT")
MAX_CODE_LENGTH, SHOWN_LABELS = 30, 2
MAX_TITLE_LENGTH = 150
AREA_CONCEPTS = frozenset({"AREA", "REF_AREA", *ABROAD})
LIST_COLUMNS = ("id", "parent", "name_en", "description_en", "status", "source")


@dataclass(frozen=True, slots=True)
class OwnDimension:
    id: str
    name: str
    _: KW_ONLY
    codes: tuple[tuple[str, str], ...]
    codelist: str = ""


def draft_structure(tables: Sequence[Table], name: str, known: FlowKnowledge, area: str = "") -> Mapping[str, bytes]:
    """Draft a data structure from the first sheet with figures: files by path.

    `known` provides dimensions that fit; `area` is the reporter, empty if unknown. Raises `InputError` without figures.
    """
    region = find_first_region(tables, known.vocabulary)
    whole = list_lines(region)
    lines = combine_parts_of_years(
        whole, region, known, find_titles(list_region_texts(region, whole, known.recogniser))
    ).lines
    flow = known.flow
    wanted = [component for component in flow.structure.key if component not in ALWAYS_FIRST]
    same = find_same_lines(region, lines, known)
    assigned = assign(lines, wanted, find_titles(list_region_texts(region, lines, known.recogniser)), known, same=same)
    fits = [fit for fit in assigned if fit.score >= SURE_CONFIDENCE]
    used = {fit.line.source for fit in fits}
    read = [fit.line for fit in fits]
    has_time = any(is_time(fit.component, flow) for fit in fits)
    open_lines = [
        line
        for line in lines
        if line.source not in used
        and not is_identifier(region, line, read)
        and (has_time or not names_years(line, known.vocabulary))  # beside rates, or with marks: “2024p)”
    ]
    dimensions = find_own_dimensions(
        select_distinct_lines(open_lines, used, same),
        [fit for fit in assigned if fit not in fits],
        known,
        {*ALWAYS_FIRST, *(fit.component for fit in fits)},
        area,
    )
    time = flow.structure.time_id
    shared = [
        flow.structure[component]
        for component in (*ALWAYS_FIRST, *(fit.component for fit in fits if fit.component != time))
    ]
    stem = re.sub(r"^DF_", "", name)
    title = find_title(region, name)
    return {
        f"codelists/{AGENCY}/CS_{stem}.{VERSION}.csv": write_concepts_csv(dimensions, stem, title),
        **{
            f"codelists/{AGENCY}/CL_{stem}_{own_dimension.id}.{VERSION}.csv": write_codes_csv(own_dimension, title)
            for own_dimension in dimensions
            if own_dimension.codes
        },
        f"structures/dsd/DSD_{stem}.toml": write_structure_toml(
            stem, title, shared=shared, dimensions=dimensions, known=known
        ).encode(),
        f"structures/dataflows/{name}.toml": write_flow_toml(
            name, f"{AGENCY}:DSD_{stem}({VERSION})", title, region
        ).encode(),
    }


def build_flow_file(flow: Flow, tables: Sequence[Table], name: str, vocabulary: Vocabulary) -> bytes:
    region = find_first_region(tables, vocabulary)
    return write_flow_toml(name, flow.structure.ref.short, find_title(region, name), region).encode()


def find_first_region(tables: Sequence[Table], vocabulary: Vocabulary) -> Region:
    region = next((region for table in tables for region in find_regions(table, vocabulary)), None)
    if region is None:
        raise build_no_figures_error(tables, vocabulary)
    return region


def find_title(region: Region, name: str) -> str:
    titles = [text for text in region.titles if len(text) <= MAX_TITLE_LENGTH]
    return max(titles, key=len, default=name.replace("_", " "))


def names_years(line: Line, vocabulary: Vocabulary) -> bool:
    """Check whether more than half of the labels of a line name a year."""
    years = [text for text in line.texts if YEAR.search(convert_years(text, vocabulary))]
    return len(years) > len(line.texts) / 2


def select_distinct_lines(
    lines: Sequence[Line], used: set[LineSource], same: frozenset[tuple[LineSource, LineSource]]
) -> list[Line]:
    distinct_lines: list[Line] = []
    for line in lines:
        twins = {source for source, twin in same if twin == line.source}
        if not twins & {*used, *(line.source for line in distinct_lines)}:
            distinct_lines.append(line)
    return distinct_lines


def find_own_dimensions(
    lines: Sequence[Line], unsure: Sequence[Fit], known: FlowKnowledge, taken: set[str], area: str
) -> tuple[OwnDimension, ...]:
    """Return dimensions for lines with different labels that no known dimension explains."""
    dimensions: list[OwnDimension] = []
    names = set(taken)
    for line in lines:
        roles = set(known.vocabulary.codes("ROLE", plain(bare(line.head))))
        fit = next((fit for fit in unsure if fit.line.source == line.source), None)
        tells_rows_apart = line.needed if line.source == SECTION else not roles & NON_FIGURE_ROLES
        if len(line.texts) < 2 or not tells_rows_apart or (fit and roles & AREA_CONCEPTS and not area):
            continue
        wanted = build_code(line.head) or f"BREAKDOWN_{len(dimensions) + 1}"
        dimension = make_unique(wanted if wanted[0].isalpha() else f"D_{wanted}", names)
        codelist = known.flow.structure[fit.component].codelist if fit and roles else None
        name = line.head or f"{', '.join(line.texts[:SHOWN_LABELS])} …"
        dimensions.append(
            OwnDimension(dimension, name, codes=(), codelist=codelist.short)
            if codelist
            else OwnDimension(dimension, name, codes=tuple(assign_codes(line, known)))
        )
    return tuple(dimensions)


def assign_codes(line: Line, known: FlowKnowledge) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for number, text in enumerate(line.texts, start=1):
        shared = known.recogniser.shared(text)
        wanted = shared[0].code if shared and shared[0].is_applied else build_code(text) or f"C{number:03}"
        yield make_unique(wanted, taken), text


def build_code(text: str) -> str:
    """Build a code from the letters and digits of a text, in Latin capitals.

    >>> build_code("Far North District"), build_code("Область"), build_code("東京")
    ('FAR_NORTH_DISTRICT', 'OBLAST', '')
    """
    spelt = unicodedata.normalize("NFKD", romanise(text)).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]+", "_", spelt.upper()).strip("_")[:MAX_CODE_LENGTH].rstrip("_")


def make_unique(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    taken.add(name)
    return name


def write_codes_csv(own_dimension: OwnDimension, title: str) -> bytes:
    source = f"labels of “{title}”"
    rows = [("", "", own_dimension.name, "", "candidate", source)]
    rows += [(code, "", name, "", "candidate", source) for code, name in own_dimension.codes]
    return format_csv((LIST_COLUMNS, *rows))


def write_concepts_csv(dimensions: Sequence[OwnDimension], stem: str, title: str) -> bytes:
    source = f"labels of “{title}”"
    rows = [(*LIST_COLUMNS, "codelist", "type"), ("", "", f"Concepts of {title}", "", "candidate", source, "", "")]
    rows += [
        (
            own_dimension.id,
            "",
            own_dimension.name,
            "",
            "candidate",
            source,
            own_dimension.codelist or f"{AGENCY}:CL_{stem}_{own_dimension.id}({VERSION})",
            "",
        )
        for own_dimension in dimensions
    ]
    return format_csv(rows)


def format_csv(rows: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()


def write_structure_toml(
    stem: str, title: str, shared: Sequence[Component], dimensions: Sequence[OwnDimension], known: FlowKnowledge
) -> str:
    lines = [*build_head(f"DSD_{stem}", title), f"concepts = {quote_text(f'{AGENCY}:CS_{stem}({VERSION})')}"]
    for component in shared:
        lines += ["", "[[dimension]]", *write_component(component)]
    for dimension in dimensions:
        lines += ["", "[[dimension]]", f"id = {quote_text(dimension.id)}"]
    structure = known.flow.structure
    if structure.time:
        lines += ["", "[time]", *write_component(structure.time)]
    lines += ["", "[[measure]]", *write_component(structure.measure)]
    for name in ALWAYS_LAST:
        attached = 'attachment = "observation"'
        lines += ["", "[[attribute]]", *write_component(structure[name]), attached, "mandatory = true"]
    return "\n".join(lines) + "\n"


def build_head(name: str, title: str) -> tuple[str, ...]:
    return (
        f"id = {quote_text(name)}",
        f"agency = {quote_text(AGENCY)}",
        f"version = {quote_text(VERSION)}",
        f"name.en = {quote_text(title)}",
        'status = "candidate"',
        f"source = {quote_text(f'labels of “{title}”')}",
    )


def write_component(component: Component) -> tuple[str, ...]:
    represented = (
        f"codelist = {quote_text(component.codelist.short)}"
        if component.codelist
        else f"type = {quote_text(component.data_type)}"
    )
    return f"id = {quote_text(component.id)}", f"concept = {quote_text(component.concept.short)}", represented


def write_flow_toml(name: str, structure: str, title: str, region: Region) -> str:
    description = f"Proposed from the labels of {region.table.file}."
    lines = [*build_head(name, title), f"description.en = {quote_text(description)}"]
    return "\n".join([*lines, f"structure = {quote_text(structure)}"]) + "\n"
