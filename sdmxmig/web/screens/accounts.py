"""Accounts screen, with disclosure control."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.catalogue.folders import read_words_in
from sdmxmig.conversion.convert.tracing import parse_place
from sdmxmig.io.intake.files import read_inside
from sdmxmig.io.publishing.files import read_record
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.quality.rules.words import find_code_name, name_in_words
from sdmxmig.reporting.outputs.accounts_text import LABELS, TOTAL, AccountWording
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE
from sdmxmig.statistics.demography.closing import CONTRADICTED, OUTCOME_CLASSES, UNBALANCED
from sdmxmig.statistics.demography.mirror import MIRROR_FLOW
from sdmxmig.web.screens import Document, Redirect, Screen, ScreenContent, Visit, build_data_query
from sdmxmig.workspace.tasks.accounting import (
    FOLDER,
    AccountSheet,
    Row,
    StoredAccounts,
    TermLine,
    explain_staleness,
    extract_item,
    find_accounts_file,
    list_cells,
    parse_relative_error,
)
from sdmxmig.workspace.tasks.codelists import find_flow_name
from sdmxmig.workspace.tasks.data_folder import read_datasets, read_traced_cells
from sdmxmig.workspace.tasks.new_workspace import has_file
from sdmxmig.workspace.tasks.protecting import read_protection
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.validating import list_suppressed_cells

MAX_SHEETS, MAX_FIGURES = 6, 50
MAX_NUMBER = 1_000_000
MAX_CELLS = 12
"""Maximum number of cells named for a term; a sum may have thousands."""
DECIMALS = 2
WRONG_OUTCOMES = (CONTRADICTED, UNBALANCED)
OTHER_FLOWS = (MIRROR_FLOW, "DF_IMM", "DF_INDICATOR")
"""Dataflows with the dimensions and indicators of identities that accounts lack."""
VIEW_NAMES = ("close", "small")
MAX_SECONDS = 3600


def show(visit: Visit) -> ScreenContent:
    view = visit.asked.get("view", VIEW_NAMES[0])
    if view not in VIEW_NAMES:
        raise SdmxmigError(f"“{view}” is not a view of accounts.", hint=did_you_mean(view, VIEW_NAMES))
    return show_small_cells(visit) if view == "small" else show_closing(visit)


def show_closing(visit: Visit) -> ScreenContent:
    workbench = visit.workbench
    session = workbench.session()
    command = f"sdmxmig accounts {quote_path(workbench.folder)}"
    flow = session.catalogue.flow(session.catalogue.identities[0].account)
    others = tuple(session.catalogue.flow(name) for name in OTHER_FLOWS)
    speaker = AccountWording(read_words_in("accounts", visit.language), flow, others)
    path = find_accounts_file(session)
    has_data = session.results.made("data") is not None
    facts: dict[str, Any] = {"view": "close", "has_data": has_data, "is_there": path.is_file()}
    facts |= {"older": [], "trace": None}
    if not path.is_file():
        return ScreenContent(facts, command=command)
    study = workbench.kept("accounts", lambda: StoredAccounts(path), path)
    identities = session.catalogue.identities
    chosen = choose_identity(visit, study, identities)
    result_class = visit.asked.get("class", "")
    if result_class and result_class not in OUTCOME_CLASSES:
        raise SdmxmigError(
            f"“{result_class}” is not a result of a test.", hint=did_you_mean(result_class, OUTCOME_CLASSES)
        )
    first = visit.number("first", 0, most=MAX_NUMBER)
    sheets, count = study.page(chosen.id, result_class, first=first, most=MAX_SHEETS)
    facts |= {
        "older": explain_staleness(session),
        "counts": study.counts,
        "labels": {name: speaker.say(LABELS[name]) for name in OUTCOME_CLASSES},
        "identities": [describe_identity(identity, study, speaker) for identity in identities],
        "identity": {"id": chosen.id, "name": speaker.words.of(chosen.name).text},
        "class": result_class,
        "first": first,
        "a_page": MAX_SHEETS,
        "count": count,
        "sheets": [describe_sheet(sheet, speaker) for sheet in sheets],
        "residual_migration": [
            {"period": row["period"]}
            | format_numbers(row, visit.language, ("net_migration", "measured", "discrepancy"))
            for row in study.residual_migration
            if row["net_migration"] and not row["population"] and row["identity"] == chosen.id
        ],
        "balance": describe_balance(study, speaker),
        "files": sorted(made.files) if (made := read_record(path.parent).results.get(FOLDER)) else [],
    }
    if visit.asked.get("trace"):
        facts["trace"] = describe_trace(session, visit.asked["trace"], visit.language)
        command = f'sdmxmig trace {quote_path(workbench.folder)} "{facts["trace"]["cell"]}"'
    return ScreenContent(facts, command=command)


def choose_identity(visit: Visit, study: StoredAccounts, identities: Sequence[Identity]) -> Identity:
    """Return the requested identity, or the first with a problem, or the first with a test."""
    by_id = {identity.id: identity for identity in identities}
    name = visit.asked.get("identity", "")
    if name and name not in by_id:
        raise SdmxmigError(f"There is no identity “{name}”.", hint=did_you_mean(name, by_id))
    if name:
        return by_id[name]
    counts = {identity.id: study.count_outcomes(identity.id) for identity in identities}
    for classes in (WRONG_OUTCOMES, [name for name in OUTCOME_CLASSES if name != NOT_TESTABLE]):
        for id_, count in counts.items():
            if any(count[result_class] for result_class in classes):
                return by_id[id_]
    return identities[0]


def describe_identity(identity: Identity, study: StoredAccounts, speaker: AccountWording) -> dict[str, Any]:
    counts = study.count_outcomes(identity.id)
    is_tested = any(count for name, count in counts.items() if name != NOT_TESTABLE)
    missing = [] if is_tested else [speaker.term(term) for term in study.list_missing(identity.id)]
    return {
        "id": identity.id,
        "name": speaker.words.of(identity.name).text,
        "is_tested": is_tested,
        "counts": counts,
        "missing": missing,
    }


def describe_sheet(sheet: AccountSheet, speaker: AccountWording) -> dict[str, Any]:
    language = speaker.words.language
    results = ("computed", "residual", "allowed_by_rounding", "tolerance", "standard_error", "in_standard_errors")
    lines = {line.term for line in sheet.lines}
    codes = [tuple(part.split("=", 1)) for part in sheet.population.split(", ")] if sheet.population else []
    return {
        "equation": sheet.equation,
        "in_words": speaker.equation(sheet.equation),
        "population": speaker.population((part[0], part[-1]) for part in codes),
        "periods": [test["period"] for test in sheet.tests],
        "lines": [describe_line(line, sheet, speaker) for line in sheet.lines],
        "results": [
            {"name": name, "values": [describe_number(test[name], language) for test in sheet.tests]}
            for name in results
            if any(test[name] for test in sheet.tests)
        ],
        "classes": [test["class"] for test in sheet.tests],
        "by_construction": [test["by_construction"] == "yes" for test in sheet.tests],
        "missing": [
            [speaker.term(term) for term in list_missing_terms(test) if term not in lines] for test in sheet.tests
        ],
    }


def describe_line(line: TermLine, sheet: AccountSheet, speaker: AccountWording) -> dict[str, Any]:
    return {
        "side": line.side,
        "term": line.term,
        "name": speaker.term(line.term),
        "factor": line.factor,
        "years": [describe_year(line, test, speaker.words.language) for test in sheet.tests],
    }


def describe_year(line: TermLine, test: Row, language: str) -> dict[str, Any]:
    rows = line.observations.get(test["period"], ())
    values = [Decimal(row["value"]) for row in rows if row["value"]]
    cells = [cell for row in rows for cell in list_cells(row)]
    missing = list_missing_terms(test)
    return {
        **describe_number(str(sum(values)) if values else "", language),
        "observations": len(rows),
        "is_missing": not rows and (line.term in missing or extract_item(line.term) in map(extract_item, missing)),
        "cells": [describe_cell(parse_place(cell)) for cell in cells[:MAX_CELLS]],
        "more": max(0, len(cells) - MAX_CELLS),
    }


def list_missing_terms(test: Row) -> list[str]:
    return test["missing"].split("; ") if test["missing"] else []


def describe_cell(place: Place) -> dict[str, str]:
    return {"place": str(place), "address": place.address, "path": f"/data?{urlencode(build_data_query(place))}"}


def describe_number(value: str, language: str) -> dict[str, str]:
    if not value:
        return {"value": "", "text": ""}
    exact = Decimal(value)
    decimals = 0 if exact == exact.to_integral_value() else DECIMALS
    return {"value": value, "text": text.format_number(exact, language, decimals)}


def format_numbers(row: Row, language: str, names: Sequence[str]) -> dict[str, dict[str, str]]:
    return {name: describe_number(row[name], language) for name in names}


def describe_balance(study: StoredAccounts, speaker: AccountWording) -> dict[str, Any] | None:
    if not study.balance_tests:
        return None
    language = speaker.words.language
    moved = [row for row in study.balance if row["moved"] and abs(Decimal(row["moved"])) >= 1]
    moved.sort(key=lambda row: -abs(Decimal(row["moved"])))
    names = ("reported", "standard_error", "balanced", "moved")
    return {
        "tests": [
            {
                "group": row["group"],
                "accounts": row["accounts"],
                "contradicts": row["contradicts"] == "yes",
                "broken": row["broken_by_fixed_figures"],
                **format_numbers(row, language, ("chi_square", "degrees_of_freedom", "probability")),
            }
            for row in study.balance_tests
        ],
        "count": len(moved),
        "figures": [
            {
                "name": speaker.term(row["item"]),
                "key": speaker.figure(row["key"]),
                **format_numbers(row, language, names),
            }
            for row in moved[:MAX_FIGURES]
        ],
    }


def describe_trace(session: Session, cell: str, language: str) -> dict[str, Any]:
    place = parse_place(cell)
    rows = read_traced_cells(session, cell, {})
    return {"cell": place.address, "place": str(place), "rows": list(list_trace_rows(rows, place, session, language))}


def list_trace_rows(
    rows: Sequence[Mapping[str, object]], place: Place, session: Session, language: str
) -> Iterator[dict[str, Any]]:
    for row in rows:
        if "fate" in row:
            yield {"flow": "", "key": "", "component": "", "value": str(row["fate"]), "reason": str(row["reason"])}
        elif find_place(row) == place:
            rest = {"dataflow", "component", "value", "file", "sheet", "cell"}
            flow = session.catalogue.flow(str(row["dataflow"]))
            yield {
                "flow": str(row["dataflow"]),
                "flow_name": find_flow_name(flow, language),
                "key": describe_codes(flow, {name: str(row[name]) for name in row if name not in rest}, language),
                "component": name_in_words(str(row["component"]), flow, language),
                "value": str(row["value"]),
                "reason": "",
            }


def describe_codes(flow: Flow, codes: Mapping[str, str], language: str) -> str:
    """Return the codes of a key in words, without totals."""
    return ", ".join(find_code_name(flow, name, code, language) for name, code in codes.items() if code != TOTAL)


def find_place(row: Mapping[str, object]) -> Place:
    return Place(str(row["file"]), str(row["sheet"]), cell=str(row["cell"]))


def show_small_cells(visit: Visit) -> ScreenContent:
    workbench = visit.workbench
    session = workbench.session()
    has_data = session.results.made("data") is not None
    confidential = count_confidential(visit, session) if has_data else 0
    protection = read_protection(session)
    facts: dict[str, Any] = {
        "view": "small",
        "has_data": has_data,
        "confidential": confidential,
        "is_there": protection is not None,
        "older": session.results.older("protected"),
        "trace": None,
    }
    if protection is not None:
        verdict = visit.asked.get("verdict", "")
        verdicts = {row["verdict"] for row in protection.figures}
        figures = [row for row in protection.figures if not verdict or row["verdict"] == verdict]
        first = visit.number("first", 0, most=MAX_NUMBER)
        if visit.asked.get("figure"):
            facts["trace"] = describe_figure(visit, session, protection.figures)
        facts |= {
            "outcome": protection.outcome,
            "files": list(protection.files),
            "verdict": verdict,
            "verdicts": sorted(verdicts),
            "first": first,
            "a_page": MAX_FIGURES,
            "count": len(figures),
            "figures": [
                {**row, "short": shorten_figure(row, session, visit.language)}
                for row in figures[first : first + MAX_FIGURES]
            ],
        }
    return ScreenContent(facts, command=f"sdmxmig protect {quote_path(workbench.folder)}")


def shorten_figure(figure: Row, session: Session, language: str) -> str:
    flow = session.catalogue.flow(figure["flow"])
    codes = dict(part.split("=", 1) for part in figure["figure"].split(", "))
    return f"{find_flow_name(flow, language)}: {describe_codes(flow, codes, language)}"


def describe_figure(visit: Visit, session: Session, figures: Sequence[Row]) -> dict[str, Any]:
    """Describe the cells of a suppressed figure; raise `SdmxmigError` if it is no longer suppressed."""
    flow, key = visit.asked.get("flow", ""), visit.asked["figure"]
    figure = next((row for row in figures if (row["flow"], row["figure"]) == (flow, key)), None)
    if figure is None:
        raise SdmxmigError("This figure is not suppressed.", hint="See the list of suppressed figures.")
    conditions = dict(part.split("=", 1) for part in key.split(", "))
    rows = read_traced_cells(session, flow, conditions)
    declared = session.catalogue.flow(flow)
    return {
        "place": shorten_figure(figure, session, visit.language),
        "rows": [
            {
                "component": str(row["component"]),
                "component_name": name_in_words(str(row["component"]), declared, visit.language),
                "value": str(row["value"]),
                **describe_cell(find_place(row)),
            }
            for row in rows
        ],
    }


def serve_table(visit: Visit) -> Document:
    session = visit.workbench.session()
    folder = find_accounts_file(session).parent
    made = read_record(folder).results.get(FOLDER)
    return find_file(folder, made.files if made else (), visit.form["path"])


def serve_protected(visit: Visit) -> Document:
    session = visit.workbench.session()
    made = session.results.made("protected")
    return find_file(session.path("protected"), made.files if made else (), visit.form["path"])


def find_file(folder: Path, names: Collection[str], name: str) -> Document:
    if name not in names or not has_file(folder, name):
        raise SdmxmigError(f"There is no file “{name}”.", hint=did_you_mean(name, names))
    return Document(name, read_inside(folder, name))


def count_confidential(visit: Visit, session: Session) -> int:
    return visit.workbench.kept(
        "confidential", lambda: len(list_suppressed_cells(list(read_datasets(session)))), session.path("data")
    )


def estimate_accounts(visit: Visit) -> Redirect:
    share = visit.form.get("equal_errors", "").strip()
    parse_relative_error(share)
    options = ["--balance"] if "balance" in visit.form else []
    options += ["--equal-errors", share] if share else []
    language = ["--language", visit.language]
    job = visit.begin(["accounts", str(visit.workbench.folder), *options, *language])
    return visit.watch(job)


def protect(visit: Visit) -> Redirect:
    words = ["protect", str(visit.workbench.folder)]
    for name, option in (("threshold", "--threshold"), ("base", "--round"), ("seconds", "--time-limit")):
        if visit.form.get(name, "").strip():
            words += [option, str(parse_number(visit, name))]
    if "--threshold" in words and "--round" in words:
        raise SdmxmigError(
            "Small cells are suppressed or figures rounded, not both.", hint="Clear one of the two fields."
        )
    job = visit.begin(words)
    return visit.watch(job)


def parse_number(visit: Visit, name: str) -> int:
    word, most = visit.word(name), MAX_SECONDS if name == "seconds" else MAX_NUMBER
    number = text.parse_whole_number(word)
    if number is None or not 2 <= number <= most:
        raise SdmxmigError(f"“{word}” is not a valid value.", hint=f"Write a whole number from 2 to {most}, such as 5.")
    return number


SCREEN = Screen(
    name="accounts",
    title="Accounts",
    show=show,
    actions={"work-out": estimate_accounts, "protect": protect},
    documents={"of": serve_table, "protected": serve_protected},
)
