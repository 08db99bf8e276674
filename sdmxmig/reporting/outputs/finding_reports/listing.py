"""Findings as a list: CSV or workbook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sdmxmig.catalogue.folders import read_words_in
from sdmxmig.io.workbooks import (
    CELL_LENGTH,
    HEAD,
    TEXT,
    build_alignment,
    build_fill,
    build_font,
    choose_free_title,
    save_workbook,
    write_text,
)
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.places import format_cell
from sdmxmig.primitives.text import (
    SIGNED_NUMBER,
    escape_invisible,
    fill_message,
    find_direction,
    format_number,
    normalise_tag,
    shield_formula,
    shorten_text,
    show_lines,
)
from sdmxmig.quality.rules.words import write_reason
from sdmxmig.reporting.outputs.finding_reports import (
    REPORTS,
    FindingReport,
    Validation,
    choose_examples,
    count_by_rule,
    count_total,
    find_reason,
    list_first_places,
    write_key_text,
)
from sdmxmig.reporting.outputs.findings_text import FindingSubject, read_columns, shorten_cells, translate_expected
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Verdict
from sdmxmig.sdmx.words import Words

COLUMNS = read_columns("list")
NUMBER_COLUMNS = ("level", "observed", "expected", "difference", "tolerance", "observations")
MAX_CELLS = 12
MAX_ROWS_OF_RULE, MAX_ROWS = 1_000, 5_000
"""Maximum number of findings listed by rule and in total; the summary counts all."""
SPLIT_PATTERN = re.compile(r"([;|]\s*)(?=[=@]|[+-]\s*[^\s\d])")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ROWS_PER_PIECE = 1_000


def write_csv(validation: Validation) -> Iterator[bytes]:
    words = read_words_in("findings", normalise_tag(validation.language))
    about = FindingSubject(validation.findings, validation.flows, words.language)
    ordered = sorted(validation.findings.items, key=lambda finding: SEVERITIES.index(finding.severity))
    heads = [words.say(head) for head, _ in COLUMNS.values()]
    yield BYTE_ORDER_MARK + _format_csv([heads], next(iter(validation.mark), ""))
    mark = "true" if validation.mark else ""
    for start in range(0, len(ordered), ROWS_PER_PIECE):
        rows = (
            shield_cells(build_finding_row(finding, validation, about, words))
            for finding in ordered[start : start + ROWS_PER_PIECE]
        )
        yield _format_csv(rows, mark)
    yield _format_csv((shield_cells(record) for record in yield_rows_with_context(validation, about, words)), mark)
    yield _format_csv(
        (shield_cells(build_untested_row(verdict, validation, words)) for verdict in list_untested(validation)), mark
    )


def _format_csv(rows: Iterable[list[str]], mark: str) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([*row, mark] if mark else row for row in rows)
    return buffer.getvalue().encode()


def shield_cells(record: Mapping[str, str]) -> list[str]:
    return [
        text
        if name in NUMBER_COLUMNS and SIGNED_NUMBER.fullmatch(text)
        else SPLIT_PATTERN.sub(r"\1'", shield_formula(escape_invisible(text)))
        for name, text in ((name, record.get(name, "").replace("\t", " ")) for name in COLUMNS)
    ]


def yield_rows_with_context(validation: Validation, about: FindingSubject, words: Words) -> Iterator[dict[str, str]]:
    note = words.say("more findings of this rule are counted but not listed")
    for more in validation.findings.unlisted:
        rule = validation.rules.get(more.rule)
        yield {
            "severity": words.say(more.severity),
            "rule": more.rule,
            "name": rule.name.in_language(words.language) if rule else "",
            "level": str(more.level),
            "flow": more.flow,
            "what": f"{note}: {format_number(more.findings, words.language)}",
        }
    for gone in validation.findings.gone:
        yield build_finding_row(gone, validation, about, words)


def list_untested(validation: Validation) -> Sequence[Verdict]:
    return sorted(
        (verdict for verdict in validation.findings.verdicts if verdict.reason),
        key=lambda verdict: (verdict.rule, verdict.flow),
    )


def build_finding_row(finding: Finding, validation: Validation, about: FindingSubject, words: Words) -> dict[str, str]:
    places = list_first_places(finding, MAX_CELLS + 1)
    count = len(finding.others) - len(places[1:])
    further = [", ".join(map(str, places[1:]))] + ([f"… (+{count})"] if count > 0 else [])
    rule = validation.rules.get(finding.rule)
    return {
        "severity": words.say(finding.severity),
        "rule": finding.rule,
        "name": rule.name.in_language(words.language) if rule else "",
        "level": str(finding.level),
        "flow": finding.flow,
        "figure": about.line(finding),
        "key": shorten_text(write_key_text(finding)),
        "component": finding.component,
        "where": str(finding.place or ""),
        "further": " ".join(filter(None, further)),
        "related": shorten_cells(finding.related, finding.place),
        "what": finding.sentence(words.language),
        "remedy": finding.remedy(words.language),
        "observed": shorten_text(finding.observed),
        "expected": shorten_text(translate_expected(finding.expected, words.language)),
        "difference": finding.difference,
        "tolerance": finding.tolerance,
        "observations": str(finding.observations),
        "state": words.say(finding.state) if finding.state else "",
        "justification": find_reason(finding),
        "fingerprint": finding.fingerprint,
    }


def build_untested_row(verdict: Verdict, validation: Validation, words: Words) -> dict[str, str]:
    rule = validation.rules.get(verdict.rule)
    partly = f" ({words.say('partly checked')})" if verdict.outcome != "not testable" else ""
    return {
        "severity": words.say("not run"),
        "rule": verdict.rule,
        "name": rule.name.in_language(words.language) if rule else "",
        "level": str(rule.level) if rule else "",
        "flow": verdict.flow,
        "what": write_reason(verdict, words.language) + partly,
    }


def write_workbook(validation: Validation) -> Iterator[bytes]:
    words = read_words_in("findings", normalise_tag(validation.language))
    workbook = openpyxl.Workbook()
    summary: Any = workbook.worksheets[0]
    summary.title = choose_free_title([], words.say("Overview"))
    shown = choose_examples(validation.findings, of_a_rule=MAX_ROWS_OF_RULE, most=MAX_ROWS)
    write_summary(summary, validation, words, shown=sum(map(len, shown.values())))
    about = FindingSubject(validation.findings, validation.flows, words.language)
    if shown:
        rows = [
            build_finding_row(finding, validation, about, words) for findings in shown.values() for finding in findings
        ]
        rows += yield_rows_with_context(validation, about, words)
        write_list(workbook.create_sheet(choose_free_title(workbook.sheetnames, words.say("Findings"))), rows, words)
    if verdicts := list_untested(validation):
        rows = [build_untested_row(verdict, validation, words) for verdict in verdicts]
        write_list(workbook.create_sheet(choose_free_title(workbook.sheetnames, words.say("not run"))), rows, words)
    for sheet in workbook.worksheets:
        sheet.sheet_view.rightToLeft = find_direction(words.language) == "rtl"
    yield save_workbook(workbook)


def write_summary(sheet: Any, validation: Validation, words: Words, *, shown: int) -> None:
    write_text(sheet, 1, 1, show_lines(validation.title)).font = build_font(size=16, bold=True, color=TEXT)
    write_text(sheet, 2, 1, words.say(validation.notice) if validation.notice else "")
    count = count_total(validation.findings)
    if shown < count:
        note = words.say("{shown} of {count} findings are listed. The counts include all findings.")
        write_text(
            sheet,
            3,
            1,
            fill_message(
                note, {"shown": format_number(shown, words.language), "count": format_number(count, words.language)}
            ),
        )
    heads = [words.say("Rule"), words.say("Rule name"), words.say("Level")]
    heads += [words.say(severity) for severity in SEVERITIES]
    heads += [words.say(outcome) for outcome in ("passed", "failed", "not run")]
    for column, head in enumerate(heads, start=1):
        style_head(write_text(sheet, 5, column, head))
    for row, numbers in enumerate(build_rule_rows(validation, words), start=6):
        for column, value in enumerate(numbers, start=1):
            if isinstance(value, int):
                sheet.cell(row, column, value)
            else:
                write_text(sheet, row, column, value)
    for column, width in enumerate((12, 50, 8, 12, 12, 12, 12, 12, 14), start=1):
        sheet.column_dimensions[format_cell(1, column).rstrip("1")].width = width
    sheet.freeze_panes = "A6"


def build_rule_rows(validation: Validation, words: Words) -> Iterator[list[str | int]]:
    for rule_id, of_rule in sorted(count_by_rule(validation.findings).items()):
        rule = validation.rules.get(rule_id)
        name, level = (rule.name.in_language(words.language), rule.level) if rule else ("", "")
        yield [rule_id, name, level, *(of_rule.get(name, 0) for name in (*SEVERITIES, "pass", "fail", "not testable"))]


def write_list(sheet: Any, rows: Sequence[Mapping[str, str]], words: Words) -> None:
    names = [name for name in COLUMNS if any(record.get(name) for record in rows)]
    for column, name in enumerate(names, start=1):
        style_head(write_text(sheet, 1, column, words.say(COLUMNS[name][0])))
        sheet.column_dimensions[format_cell(1, column).rstrip("1")].width = COLUMNS[name][1]
    wrapped = build_alignment()
    for row, record in enumerate(rows, start=2):
        for column, name in enumerate(names, start=1):
            text = record.get(name, "")
            if name in ("level", "observations") and text.isdecimal():
                sheet.cell(row, column, int(text)).alignment = wrapped
            elif text:
                write_text(sheet, row, column, show_lines(text)[:CELL_LENGTH]).alignment = wrapped
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{format_cell(len(rows) + 1, len(names))}"


def style_head(cell: Any) -> None:
    cell.font = build_font(bold=True, color=TEXT)
    cell.fill = build_fill(HEAD)


REPORTS.add("csv")(FindingReport("csv", "list in CSV", endings=(".csv",), write=write_csv))
REPORTS.add("xlsx")(FindingReport("xlsx", "list in a workbook", endings=(".xlsx",), write=write_workbook))
