"""Tables in agency codes with dimension names in heads, such as Eurostat files.

Codes count only if the heads belong to the agency.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.codes import UNIT, UNIT_MEASURE, AgencyCodes
from sdmxmig.conversion.suggestion.fixed import TOTAL, Setting, open_setting
from sdmxmig.conversion.suggestion.lines import (
    CODE_CONFIDENCE,
    Fit,
    FlowKnowledge,
    Line,
    agency_candidates,
    codes_of,
    lines_of,
)
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.sdmx.model.data import Flow

TABLE = "TABLE"
"""The concept of agencies' table names, with their measures."""
UNITS = (UNIT_MEASURE, "UNIT_MULT")
MIN_HEADS = 4
"""Minimum number of heads that are dimensions of one agency."""


def with_agency_codes(lines: Sequence[Line], known: FlowKnowledge) -> tuple[Line, ...]:
    heads = {line.head.strip() for line in lines}
    shared = [len(heads & agency_codes.heads) for agency_codes in known.agencies]
    most = max(shared, default=0)
    if most < MIN_HEADS or shared.count(most) > 1:
        return tuple(lines)
    agency_codes = known.agencies[shared.index(most)]
    return tuple(replace(line, coded=dict(agency_codes_of(line, agency_codes, known.flow))) for line in lines)


def agency_codes_of(line: Line, agency_codes: AgencyCodes, flow: Flow) -> Iterator[tuple[tuple[str, str], str]]:
    for (head, component), codes in agency_codes.codes.items():
        if head == line.head.strip() and component in flow.structure:
            listed = codes_of(flow, component)
            yield from (((component, text), codes[text]) for text in line.texts if codes.get(text) in listed)


def find_shared_attribute(line: Line, flow: Flow) -> str:
    for component in flow.structure.attributes():
        if not component.mandatory and all(agency_candidates(line, component.id, text) for text in line.texts):
            return component.id
    return ""


def attribute_fits(lines: Sequence[Line], taken: Collection[str], known: FlowKnowledge) -> Iterator[Fit]:
    for line in lines:
        component = find_shared_attribute(line, known.flow) if len(line.texts) == 1 and line.coded else ""
        if component and component not in taken:
            (text,) = line.texts
            yield Fit(line, component, score=1.0, meanings={text: agency_candidates(line, component, text)})


def has_one_agency_code(line: Line) -> bool:
    return len(line.texts) == 1 and bool(line.coded)


def apply_table_name(
    settings: Sequence[Setting], texts: Sequence[str], lines: Sequence[Line], known: FlowKnowledge
) -> tuple[Setting, ...]:
    """Apply the meaning of an agency's table name: “migr_resfirst” are first permits.

    Contradictions and unmapped units are asked.
    """
    if not any(line.coded for line in lines):
        return tuple(settings)
    candidates = [candidate for text in texts for candidate in known.vocabulary.inside(TABLE, text)]
    named_values: dict[str, dict[str, Candidate]] = {}
    for candidate in candidates:
        component, _, code = candidate.code.partition("=")
        named_values.setdefault(component, {})[code] = Candidate(code, CODE_CONFIDENCE, reason=candidate.reason)
    by_names = (
        set_named_code(setting, tuple(named_values.get(setting.component, {}).values()), known) for setting in settings
    )
    units = [line for line in lines if line.head.strip() == UNIT and len(line.texts) == 1]
    return tuple(set_unit_of_line(setting, units[0], known) if units else setting for setting in by_names)


def set_unit_of_line(setting: Setting, line: Line, known: FlowKnowledge) -> Setting:
    (text,) = line.texts
    candidates = agency_candidates(line, UNIT_MEASURE, text)
    if candidates:
        return Setting(UNIT_MEASURE, candidates[0]) if setting.component == UNIT_MEASURE else setting
    if setting.component not in UNITS or read_title(text, known.recogniser).of("UNIT", *UNITS):
        return setting
    return open_setting(setting.component, f"“{text}” is not recognised", others=(setting.chosen, *setting.others))


def set_named_code(setting: Setting, candidates: Sequence[Candidate], known: FlowKnowledge) -> Setting:
    fits = len(candidates) == 1 and candidates[0].code in codes_of(known.flow, setting.component)
    is_open = not setting.chosen.code or setting.chosen.code in (TOTAL, candidates[0].code if candidates else "")
    return Setting(setting.component, candidates[0]) if fits and is_open else setting


def coded_lines_of(region: Region, known: FlowKnowledge) -> tuple[Line, ...]:
    return with_agency_codes(lines_of(region), known)
