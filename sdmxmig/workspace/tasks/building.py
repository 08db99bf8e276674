"""Structure messages of a workspace in every SDMX version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig import catalogue
from sdmxmig.primitives.errors import write_count
from sdmxmig.primitives.text import escape_markdown
from sdmxmig.quality.vtl.reports import build_other_flows, build_other_rows
from sdmxmig.quality.vtl.script import (
    TranslatedRule,
    build_artefacts,
    describe_data_set,
    encode_json,
    list_value_domains,
    translate_rules,
    write_titled_script,
)
from sdmxmig.quality.vtl.script import format_omitted_rules as left_out_rules
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.fitting import FittedMessage, fit_artefacts
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.workspace.tasks.mapping_files import load_mappings
from sdmxmig.workspace.tasks.outside_data import read_outside_data
from sdmxmig.workspace.tasks.session import Session

STRUCTURE_FORMATS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
LEFT_OUT, NOT_IN_VTL = "left-out.md", "not-in-vtl.md"
AGENCY = "SDMXMIG"


def build(session: Session, flows: Sequence[str] = (), *, rules: bool = False) -> list[dict[str, str]]:
    """Write codelists and structures in every version, with metadata and VTL for `rules`; one row per file."""
    sets = catalogue.list_metadata_about(session.catalogue, flows)
    artefacts = (
        catalogue.list_structures(session.catalogue, flows, sets)
        if flows
        else catalogue.sort_structures(session.catalogue)
    )
    header = session.header("STRUCTURES")
    fitted = {name: fit_artefacts(FORMATS[name], artefacts, header) for name in STRUCTURE_FORMATS}
    files = {f"structures.{name}{FORMATS[name].suffix}": message.content for name, message in fitted.items()}
    files |= index_metadata_files(session, sets)
    if rules:
        files |= index_rule_files(session)
    rows = [{"format": find_format(file), "file": str(session.out / "structures" / file)} for file in files]
    if any(message.left_out for message in fitted.values()):
        files[LEFT_OUT] = describe_left_out({FORMATS[name].name: message for name, message in fitted.items()}).encode()
    session.put("structures", files, options=None if rules else {"flows": ",".join(flows)})
    summary = f"{write_count(len(artefacts), 'artefact')} in {write_count(len(fitted), 'structure message')}"
    session.stage("build", f"{summary}, {write_count(len(sets), 'metadata set')}" if sets else summary)
    for name, message in fitted.items():
        if message.left_out:
            ids = ", ".join(ref.id for ref, _ in message.left_out)
            session.say(f"  {FORMATS[name].name} cannot contain {ids}; {LEFT_OUT} gives the reasons.")
    return rows


def find_format(file: str) -> str:
    name, _, ending = file.partition(".")[2].rpartition(".")
    return name or ending


def index_metadata_files(session: Session, sets: Sequence[MetadataSet]) -> dict[str, bytes]:
    header = session.header("METADATA")
    forms = [FORMATS[name] for name in STRUCTURE_FORMATS if sets]
    return {
        f"metadata.{form.id}{form.suffix}": form.write_metadata(sets, header) for form in forms if form.write_metadata
    }


def index_rule_files(session: Session) -> dict[str, bytes]:
    flows, language = session.catalogue.flows, session.workspace.country.language
    filled = sorted({mapping.flow for mapping in load_mappings(session)}) or sorted(flows)
    others = build_other_flows(flows)
    reports = read_outside_data(session).data
    tables = {name: table for name, flow in others.items() if (table := build_other_rows(flow, reports)).height}
    translations = translate_rules([flows[flow] for flow in filled], session.catalogue, [*filled, *tables])
    schemes = build_artefacts(translations, flows, AGENCY)
    header = session.header("RULES")
    fitted = {name: fit_artefacts(FORMATS[name], schemes, header) for name in STRUCTURE_FORMATS}
    files = {
        f"rules.{name}{FORMATS[name].suffix}": message.content
        for name, message in fitted.items()
        if len(message.left_out) < len(schemes)
    }
    used = sorted({flow for translation in translations for part in translation.parts for flow in part.inputs})
    known = {**flows, **others}
    written = {translation.rule.id for translation in translations if translation.parts}
    left = {translation.rule.id for translation in translations if not translation.parts} - written
    session.stage(
        "rules", f"{write_count(len(written), 'rule')} in VTL; {len(left)} others, with reasons, in {NOT_IN_VTL}"
    )
    return {
        "rules.vtl": write_titled_script(translations, language).encode(),
        **{name: script.encode() for name, script in index_scripts_by_flow(translations, language).items()},
        "vtl-datasets.json": encode_json({"datasets": [describe_data_set(known[flow]) for flow in used]}),
        "vtl-domains.json": encode_json(list_value_domains(known[flow] for flow in used)),
        **{f"{name}.csv": tables[name].write_csv().encode() for name in tables if name in used},
        NOT_IN_VTL: left_out_rules(translations, language).encode(),
        **files,
    }


def index_scripts_by_flow(translations: Sequence[TranslatedRule], language: str) -> dict[str, str]:
    written = sorted({translation.flow.id for translation in translations if translation.parts})
    return {
        f"rules-{flow}.vtl": write_titled_script(
            [translation for translation in translations if translation.flow.id == flow], language
        )
        for flow in written
    }


def describe_left_out(fitted: Mapping[str, FittedMessage]) -> str:
    lines = ["# Left out", "", "Each message omits what its SDMX version cannot express; the others contain it."]
    for name, message in fitted.items():
        if message.left_out:
            lines += [
                "",
                f"## {name}",
                "",
                *(f"- `{ref}`: {escape_markdown(reason)}" for ref, reason in message.left_out),
            ]
    return "\n".join(lines) + "\n"
