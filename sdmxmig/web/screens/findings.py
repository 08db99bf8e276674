"""Findings screen: fix findings, or justify warnings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import parse_qsl

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.convert.tracing import parse_place
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, name_column, parse_cell
from sdmxmig.primitives.text import list_placeholders, quote_path
from sdmxmig.quality.rules.words import TOTAL, find_code_name, is_worded, name_in_words, write_reason
from sdmxmig.reporting.outputs.finding_reports import Excerpt
from sdmxmig.sdmx.model.data import TableMapping
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Justification, Verdict
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.web.guidance import find_remedy_in_browser, load_web_words
from sdmxmig.web.screens import Redirect, Screen, ScreenContent, Visit, build_data_query
from sdmxmig.web.screens.data import build_path, find_emptied_cells, write_correction
from sdmxmig.web.screens.home import CHECK_COMMAND
from sdmxmig.workspace.folder import COMMENTS_FILE, JUSTIFICATIONS_FILE
from sdmxmig.workspace.results import hash_input
from sdmxmig.workspace.tasks.correcting import find_equal_cells
from sdmxmig.workspace.tasks.data_folder import read_datasets, read_origins
from sdmxmig.workspace.tasks.finding_lists import (
    FILTER_FIELDS,
    UNJUSTIFIED_FILTER,
    FindingList,
    Overlap,
    find_overlaps,
    find_store,
    omit_periods,
)
from sdmxmig.workspace.tasks.history import record_changes
from sdmxmig.workspace.tasks.justifying import (
    check_same_reason,
    create_comment,
    group_by_subject,
    justify,
    keep_comments,
    read_comments,
    read_justifications,
    write_comment_command,
    write_justify_command,
)
from sdmxmig.workspace.tasks.mapping_files import find_text_format
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.sheet_views import ExcerptHeaders, Excerpts, detect_direction
from sdmxmig.workspace.tasks.validating import list_suppressed_cells, recheck

FINDINGS_PER_PAGE = 25
MAX_NUMBER = 1_000_000
CONTEXT_COLUMNS = 12
MAX_REASONS, MAX_CHECKS = 200, 50
LETTER = re.compile(r"[^\W\d_]")
PLUS_SIGN = " + "
MAX_FINDINGS = 500
"""Maximum number of findings among which those about a corrected cell are searched."""
WHOLE_NUMBER = re.compile(r"\d{1,15}")
GROUPED_NUMBER = re.compile(r"\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3}){1,4}|\d{1,15}")
GONE_TEXT = "The cell is corrected, and this finding is gone. Validate to update the list."


def show(visit: Visit) -> ScreenContent:
    workbench = visit.workbench
    session = workbench.session()
    command = f"sdmxmig validate {quote_path(workbench.folder)}"
    path, has_tables = find_store(session.out), bool(session.workspace.tables)
    check = build_check_command(session)
    if not path.is_file():
        return ScreenContent(
            {"is_there": False, "has_tables": has_tables, "older": [], "check": check}, command=command
        )
    findings = workbench.kept("findings", lambda: FindingList(path), path)
    chosen = find_chosen(visit.asked)
    first = visit.number("first", 0, most=MAX_NUMBER)
    page = findings.page(chosen, first=first, most=FINDINGS_PER_PAGE)
    excerpts, mappings = open_excerpts(visit, session), workbench.mappings(session)[0]
    reasons = read_justifications(workbench.folder / JUSTIFICATIONS_FILE)
    comments = group_by_subject(read_comments(workbench.folder / COMMENTS_FILE))
    older = session.results.older("findings")
    corrected = visit.asked.get("corrected", "").split() if older else []
    errors_left = {*findings.fingerprints({"severity": "error"})}.difference(corrected)
    errors = findings.page({"severity": "error"}, first=0, most=MAX_FINDINGS).findings if page.findings else ()
    suspects = find_suspects(errors, excerpts)
    facts = {
        "is_there": True,
        "has_tables": has_tables,
        "older": older,
        "is_answered": not errors_left.union(select_unexplained(findings, {}, reasons)).difference(corrected),
        "errors_left": len(errors_left),
        "check": check,
        "counts": findings.counts,
        "outcomes": count_outcomes(findings),
        "rules": list_rules(findings, visit.language),
        "untested": list_untested(findings, visit.language),
        "chosen": chosen,
        "first": first,
        "a_page": FINDINGS_PER_PAGE,
        "count": page.chosen,
        "overlaps": [asdict(overlap) for overlap in list_overlaps(visit, session)]
        if findings.counts["error"] and not older
        else [],
        "findings": [
            describe_finding(finding, session, excerpts, mappings, visit.language)
            | {"suspect": suspects.get(finding.fingerprint)}
            | {"comments": comments.get(finding.fingerprint, []), "reason": find_reason(finding, reasons)}
            | {"is_corrected": finding.fingerprint in corrected}
            for finding in page.findings
        ],
        "unexplained": len({*select_unexplained(findings, chosen, reasons)}.difference(corrected)),
        "author": find_last_author(reasons),
        "emptied": find_emptied_cells(visit),
        "made_from": {JUSTIFICATIONS_FILE: workbench.hash_result(JUSTIFICATIONS_FILE)},
    }
    return ScreenContent(facts, command=command)


def build_check_command(session: Session) -> str:
    results = session.results
    return CHECK_COMMAND if results.made("data") is None or results.older("data") else "validate"


def open_excerpts(visit: Visit, session: Session) -> Excerpts:
    def made() -> Excerpts:
        kept_back = {cell.file for cell in list_suppressed_cells(list(read_datasets(session)))}
        paths = {path.name: path for path in session.workspace.tables}
        return Excerpts(
            paths,
            kept_back,
            lambda name: find_text_format(visit.workbench.mappings(session)[0], name),
            heads=ExcerptHeaders(lambda: read_measure_origins(session)),
        )

    return visit.workbench.kept("excerpts", made, session.path("data"), *session.workspace.tables)


def read_measure_origins(session: Session) -> dict[str, tuple[pl.DataFrame, str]]:
    try:
        origins = read_origins(session)
        return {flow: (origins[flow], session.catalogue.flow(flow).structure.measure.id) for flow in origins}
    except SdmxmigError:  # errors are reported where they are needed
        return {}


def count_outcomes(findings: FindingList) -> dict[str, int]:
    names = ("pass", "fail", "not testable")
    return {name: sum(verdict.outcome == name for verdict in findings.verdicts) for name in names}


def list_rules(findings: FindingList, language: str) -> list[dict[str, Any]]:
    lines: dict[str, dict[str, Any]] = {}
    for severity, rule, count in findings.index.group_by("severity", "rule", maintain_order=True).len().iter_rows():
        line = lines.setdefault(rule, {"rule": rule, "counts": dict.fromkeys(SEVERITIES, 0)})
        line["counts"][severity] += count
    for more in findings.unlisted:
        line = lines.setdefault(more.rule, {"rule": more.rule, "counts": dict.fromkeys(SEVERITIES, 0)})
        line["counts"][more.severity] += more.findings
    for rule, line in lines.items():
        described = findings.rules.get(rule, {})
        line["level"], line["name"] = described.get("level"), choose_text(described.get("name", {}), language)
    return list(lines.values())


def list_untested(findings: FindingList, language: str) -> list[dict[str, Any]]:
    groups: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in findings.verdicts:
        if verdict.outcome == "not testable":
            kind = tuple(reason.message for reason in verdict.reasons) or (verdict.reason,)
            groups.setdefault(kind, []).append(verdict)
    ordered = sorted(groups.values(), key=len, reverse=True)[:MAX_REASONS]
    return [describe_reasons(verdicts, findings, language) for verdicts in ordered]


def describe_reasons(verdicts: Sequence[Verdict], findings: FindingList, language: str) -> dict[str, Any]:
    first = verdicts[0]
    is_one = len({verdict.reason for verdict in verdicts}) == 1
    return {
        "reason": write_reason(first if is_one else restore_placeholders(first), language),
        "language": "" if language == "en" or is_worded(first, language) else "en",
        "count": len(verdicts),
        "checks": [
            {
                "rule": verdict.rule,
                "flow": verdict.flow,
                "name": choose_text(findings.rules.get(verdict.rule, {}).get("name", {}), language),
                "reason": "" if is_one else write_reason(verdict, language),
            }
            for verdict in verdicts[:MAX_CHECKS]
        ],
    }


def restore_placeholders(verdict: Verdict) -> Verdict:
    reasons = tuple(
        replace(reason, parameters=tuple((name, "…") for name in list_placeholders(reason.message)))
        for reason in verdict.reasons
    )
    return replace(verdict, reason="; ".join(reason.sentence() for reason in reasons), reasons=reasons)


def choose_text(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("en", "")


def describe_finding(
    finding: Finding, session: Session, excerpts: Excerpts, mappings: Sequence[TableMapping], language: str
) -> dict[str, Any]:
    place = finding.place
    excerpt = excerpts.of(finding)
    tables = {path.name for path in session.workspace.tables}
    justification = finding.justification
    remedy, screen = find_remedy_in_browser(finding.hint.in_language("en"))
    is_cell = bool(place and place.cell and place.file in tables)
    shown = describe_excerpt(excerpt, place, excerpts) if excerpt and place else None
    is_unseen = is_cell and (shown is None or shown["said"] is None)
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "severity": finding.severity,
        "level": finding.level,
        "flow": finding.flow,
        "state": finding.state,
        "sentence": finding.sentence(language),
        "remedy": load_web_words(language).say(remedy) if remedy else finding.remedy(language),
        "way": {"screen": screen, "query": build_mapping_query(place, tables, mappings) if screen == "mapping" else {}},
        "key": dict(finding.key),
        "what": build_finding_row(finding, session.catalogue, language),
        "observed": finding.observed,
        "expected": finding.expected,
        "difference": finding.difference,
        "has_numbers": not LETTER.search(finding.observed + finding.expected),
        "place": str(Place(place.file) if is_in_mapping(place, mappings) else place) if place else "",
        "cell": place.address if place and is_cell else "",
        "made_from": find_source_table(session, place) if place and is_unseen else {},
        "alike": len(find_equal_cells([*excerpts.sheets_of(place.file).values()], place)) if place and shown else 0,
        "excerpt": shown,
        "beside": [
            {"cell": other.address, "name": other.name_from(place), "said": text}
            for other in (*finding.others, *finding.related)[:CONTEXT_COLUMNS]
            if other.cell and other != place and other.file in tables and (text := excerpts.text_of(other)) is not None
        ],
        "justification": {"text": justification.text, "by": justification.by, "at": justification.at}
        if justification
        else None,
    }


def is_in_mapping(place: Place, mappings: Iterable[TableMapping]) -> bool:
    return any(mapping.place and mapping.place.file == place.file for mapping in mappings)


def build_mapping_query(place: Place | None, tables: Iterable[str], mappings: Iterable[TableMapping]) -> dict[str, Any]:
    """Return the query of the Mapping screen for a place; empty if several mappings read the file."""
    if place and place.cell and place.file in tables:
        return build_data_query(place)
    readers = [each for each in mappings if place and (is_match(place.file, each.file) or is_in_mapping(place, [each]))]
    names = [(name, each.flow) for each in readers for name in tables if is_match(name, each.file)]
    return {"file": names[0][0], "flow": names[0][1]} if len(names) == 1 else {}


def build_finding_row(finding: Finding, catalogue: Catalogue, language: str) -> dict[str, Any]:
    flow = catalogue.flows.get(finding.flow)
    if flow is None:
        return {"flow": finding.flow, "parts": [{"name": name, "value": code} for name, code in finding.key]}
    parts = [
        {
            "name": name_in_words(name, flow, language),
            "value": PLUS_SIGN.join(find_code_name(flow, name, each, language) for each in code.split(PLUS_SIGN)),
        }
        for name, code in finding.key
        if code != TOTAL
    ]
    return {"flow": flow.dataflow.name.in_language(language) or flow.id, "parts": parts}


def find_reason(finding: Finding, reasons: Mapping[str, Justification]) -> dict[str, Any] | None:
    kept = reasons.get(finding.fingerprint)
    if kept is None:
        return None
    known = finding.justification
    return {"text": kept.text, "by": kept.by, "is_new": known is None or known.text != kept.text}


def find_suspects(findings: Sequence[Finding], excerpts: Excerpts) -> dict[str, dict[str, Any]]:
    """For each wrong sum, find the cells whose correction would also correct another wrong sum."""
    wanted: dict[Place, dict[int, set[str]]] = {}
    for finding, place, content in list_correcting_values(findings, excerpts):
        wanted.setdefault(place, {}).setdefault(content, set()).add(finding.fingerprint)
    suspects: dict[str, list[dict[str, Any]]] = {}
    for place, by_content in wanted.items():
        for content, fingerprints in by_content.items():
            for fingerprint in fingerprints if len(fingerprints) > 1 else ():
                facts = {"cell": place.address, "at": place.cell, "said": excerpts.text_of(place), "content": content}
                suspects.setdefault(fingerprint, []).append(facts | {"sums": len(fingerprints)})
    return {fingerprint: cells[0] for fingerprint, cells in suspects.items() if len(cells) == 1}


def list_correcting_values(findings: Iterable[Finding], excerpts: Excerpts) -> Iterator[tuple[Finding, Place, int]]:
    """Yield each cell of a wrong sum with the whole number that would correct the sum."""
    for finding in findings:
        sums = finding.observed, finding.expected
        if finding.severity != "error" or not (finding.difference and all(map(WHOLE_NUMBER.fullmatch, sums))):
            continue
        observed, expected = map(int, sums)
        for place in dict.fromkeys((*filter(None, [finding.place]), *finding.others, *finding.related)):
            text = excerpts.text_of(place) if place.cell else None
            if place == finding.place:
                yield finding, place, expected
            elif text is not None and GROUPED_NUMBER.fullmatch(text.strip()):
                yield finding, place, int(re.sub(r"\D", "", text)) + observed - expected


def find_source_table(session: Session, place: Place) -> dict[str, str]:
    name = f"tables/{place.file}"
    return {name: hash_input(session.workspace.folder, name)}


def describe_excerpt(excerpt: Excerpt, place: Place, excerpts: Excerpts) -> dict[str, Any]:
    called_rows, called_columns = excerpts.names(place, excerpt)
    columns = range(excerpt.column, excerpt.column + len(excerpt.rows[0]))
    own = parse_cell(place.cell)
    rows = []
    for row, (texts, called) in enumerate(zip(excerpt.rows, called_rows, strict=True), excerpt.row):
        cells = [
            {"text": text, "marked": (row, column) in excerpt.marked, "it": (row, column) == own}
            for column, text in zip(columns, texts, strict=True)
        ]
        rows.append({"number": row, "called": called, "cells": cells})
    return {
        "columns": [name_column(column) for column in columns],
        "called": called_columns,
        "rows": rows,
        "said": excerpts.text_of(place),
        "direction": detect_direction(text for texts in excerpt.rows for text in texts),
    }


def save_reason(visit: Visit) -> Redirect:
    workbench = visit.workbench
    session, text = workbench.session(), visit.word("text")
    fingerprints = (
        list_unexplained(visit, session) if "all" in visit.form else visit.form.get("fingerprint", "").split()
    )
    if not fingerprints:
        raise SdmxmigError("No warning is selected.", hint="Tick the warnings that this reason explains.")
    by = visit.by or visit.form.get("by", "").strip()  # a user named by a proxy acts only for themselves
    command = write_justify_command(workbench.folder, fingerprints, text, by=by)
    with record_changes(workbench.folder, workbench.intent("justify", command, visit.by)):
        if JUSTIFICATIONS_FILE in visit.made_from:
            for fingerprint in fingerprints:
                check_same_reason(workbench.folder, fingerprint, text, seen_in=visit.made_from[JUSTIFICATIONS_FILE])
        justify(session, fingerprints, text, by=by)
    return Redirect(build_return_path(visit), "The reason is saved.")


def list_unexplained(visit: Visit, session: Session) -> list[str]:
    path = find_store(session.out)
    findings = visit.workbench.kept("findings", lambda: FindingList(path), path)
    asked = dict(parse_qsl(visit.form.get("query", "")))
    reasons = read_justifications(visit.workbench.folder / JUSTIFICATIONS_FILE)
    corrected = asked.get("corrected", "").split()
    return [each for each in select_unexplained(findings, find_chosen(asked), reasons) if each not in corrected]


def select_unexplained(
    findings: FindingList, chosen: Mapping[str, str], reasons: Mapping[str, Justification]
) -> list[str]:
    if chosen.get("severity", "warning") != "warning" or chosen.get("justified", "no") != "no":
        return []
    warnings = findings.fingerprints({**chosen, **UNJUSTIFIED_FILTER})
    return [fingerprint for fingerprint in warnings if fingerprint not in reasons]


def find_chosen(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: asked[name] for name in FILTER_FIELDS if asked.get(name)}


def find_last_author(reasons: Mapping[str, Justification]) -> str:
    newest = max(reasons.values(), key=lambda reason: reason.at, default=None)
    return newest.by if newest else ""


def correct(visit: Visit) -> Redirect:
    path, place = write_correction(visit, build_return_path(visit)), parse_place(visit.form["cell"])
    store, fingerprint = find_store(visit.workbench.session().out), visit.form.get("fingerprint", "")
    listed = visit.workbench.kept("findings", lambda: FindingList(store), store) if store.is_file() else None
    naming = list(find_findings_on_cell(listed, place, fingerprint)) if listed else []
    found = recheck(visit.workbench.session(), {finding.rule for finding in naming}) if naming else None
    if found is None:
        return Redirect(path, "The cell is corrected. Validate to update the list.")
    left = {finding.fingerprint for finding in found.items}
    texts = (finding for finding in found.items if finding.rule == RuleId.VALUE_IS_NO_NUMBER)
    if fingerprint not in left and any(place in (finding.place, *finding.others) for finding in texts):
        return Redirect(path, "The cell is changed, but its new content is not a number. Correct it again.")
    path = build_path(path, corrected=[each.fingerprint for each in naming if each.fingerprint not in left])
    return Redirect(path, "The cell is corrected, but this finding remains." if fingerprint in left else GONE_TEXT)


def find_findings_on_cell(listed: FindingList, place: Place, fingerprint: str) -> Iterator[Finding]:
    """Find the findings on a cell; in a long list, only the finding with this fingerprint."""
    rows = listed.index if listed.index.height <= MAX_FINDINGS else listed.index.filter(fingerprint=fingerprint)
    for finding in listed.select_rules(rows["rule"].unique().to_list()).items:
        is_naming = place in (finding.place, *finding.others, *finding.related)
        if finding.fingerprint == fingerprint or (is_naming and rows is listed.index):
            yield finding


def list_overlaps(visit: Visit, session: Session) -> tuple[Overlap, ...]:
    try:
        return visit.workbench.kept(
            "overlaps", lambda: tuple(find_overlaps(read_datasets(session))), session.path("data")
        )
    except SdmxmigError:  # errors are reported where they are needed
        return ()


def prefer_table(visit: Visit) -> Redirect:
    """Use the figures of one table for periods in two tables."""
    workbench, session = visit.workbench, visit.workbench.session()
    chosen = (visit.word("flow"), visit.word("used"), visit.word("other"))
    overlap = next(
        (each for each in list_overlaps(visit, session) if (each.flow, each.used, each.other) == chosen), None
    )
    if overlap is None:
        raise SdmxmigError("These tables do not give the same figures.", hint="Run all stages, and look again.")
    with record_changes(workbench.folder, workbench.intent("map", "", visit.by)):
        omit_periods(session, overlap)
    return Redirect(build_return_path(visit), "The choice is saved. Run all stages.")


def save_comment(visit: Visit) -> Redirect:
    workbench = visit.workbench
    comments = [create_comment(workbench.session(), visit.word("fingerprint"), visit.word("comment"), by=visit.by)]
    with record_changes(
        workbench.folder, workbench.intent("comment", write_comment_command(workbench.folder, comments), visit.by)
    ):
        keep_comments(workbench.folder, comments)
    return Redirect(build_return_path(visit), "The comment is saved.")


def build_return_path(visit: Visit) -> str:
    query = visit.form.get("query", "")
    if any(sign in query for sign in "#\r\n\\"):
        raise SdmxmigError("This selection of findings is not valid.")
    pairs = [part for part in query.split("&") if part and part.partition("=")[0] not in ("emptied", "job")]
    return f"/findings?{'&'.join(pairs)}" if pairs else "/findings"


SCREEN = Screen(
    name="findings",
    title="Findings",
    show=show,
    actions={"justify": save_reason, "correct": correct, "comment": save_comment, "prefer": prefer_table},
)
