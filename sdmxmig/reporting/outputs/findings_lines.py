"""Findings stored as JSON lines: run and counts, rules, findings, counted and gone findings, verdicts."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from sdmxmig.io.intake.json import JsonDocument
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import escape_json
from sdmxmig.reporting.outputs.findings_json import (
    NO_MARK,
    describe_finding,
    describe_rule,
    describe_verdict,
    find_rules,
    read_finding,
    read_pairs,
    read_verdict,
)
from sdmxmig.sdmx.model.findings import SEVERITIES, Findings, Justification, Rule, UnlistedFindings, ValidatedInputs

FILE_NAME = "findings.jsonl"
RECORD_FIELD = "record"
DOCUMENT = JsonDocument("sdmxmig-findings", 2, what="a store of findings", hint="Write it again with: sdmxmig validate")


def render(
    findings: Findings,
    rules: Mapping[str, Rule] | None = None,
    judged: ValidatedInputs | None = None,
    *,
    mark: Mapping[str, bool] = NO_MARK,
) -> bytes:
    store = io.BytesIO()
    for record in build_records(findings, rules or {}, judged, mark):
        store.write((escape_json(json.dumps(record, ensure_ascii=False)) + "\n").encode())
    return store.getvalue()


def build_records(
    findings: Findings, rules: Mapping[str, Rule], judged: ValidatedInputs | None, mark: Mapping[str, bool]
) -> Iterator[dict[str, Any]]:
    described = find_rules(findings, rules)
    yield {
        RECORD_FIELD: "run",
        "schema": DOCUMENT.schema,
        "version": DOCUMENT.version,
        **mark,
        "judged": None if judged is None else asdict(judged),
        **describe_run(findings),
        "counts": count_findings(findings),
        "verdicts": len(findings.verdicts),
        "rules": {rule: rules[rule].version for rule in described},
    }
    texts = {}
    for rule in described:
        texts[rule] = {"message": dict(rules[rule].message.values), "hint": dict(rules[rule].hint.values)}
        yield {RECORD_FIELD: "rule", "id": rule, **describe_rule(rules[rule]), **texts[rule]}
    for kind, listed in (("finding", findings.items), ("gone", findings.gone)):
        for finding in listed:
            record = describe_finding(finding)
            shared = texts.get(finding.rule, {})
            yield {RECORD_FIELD: kind, **{k: v for k, v in record.items() if k not in shared or shared[k] != v}}
    for more in findings.unlisted:
        yield {
            RECORD_FIELD: "unlisted",
            **asdict(more),
            "fingerprints": more.fingerprints.hex(),
            "findings": more.findings,
        }
    for justification in findings.unused:
        yield {RECORD_FIELD: "unused", **asdict(justification)}
    for verdict in findings.verdicts:
        yield {RECORD_FIELD: "verdict", **describe_verdict(verdict)}


def describe_run(findings: Findings) -> dict[str, Any]:
    run = {"at": findings.at, "against": findings.against, "of the same data": findings.is_of_same_data}
    return {name: value for name, value in run.items() if value}


def count_findings(findings: Findings) -> dict[str, int]:
    return {
        **{severity: findings.count(severity) for severity in SEVERITIES},
        "justified": findings.justified,
        "new": findings.new,
        "unchanged": findings.unchanged,
        "fixed": findings.fixed,
        "not tested again": sum(finding.state == "not tested" for finding in findings.gone),
    }


def read(content: bytes, name: str = FILE_NAME) -> Findings:
    """Read a store; ``read(render(x)) == x``."""
    lines = content.splitlines()
    run = DOCUMENT.opened(lines[0] if lines else b"", name)
    listed: dict[str, list[Any]] = {}
    texts: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines[1:], 2):
        try:
            record = json.loads(line)
            kind = record.pop(RECORD_FIELD)
            if kind == "rule":
                texts[record["id"]] = {"message": record["message"], "hint": record["hint"]}
            else:
                shared = texts.get(record["rule"], {}) if kind in ("finding", "gone") else {}
                listed.setdefault(kind, []).append(MAKERS[kind]({**shared, **record}))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise InputError(f"A record is not complete: {error}.", Place(name, line=number), DOCUMENT.hint) from None
    kinds = {kind: tuple(listed.get(kind, ())) for kind in MAKERS}
    findings = Findings(
        kinds["finding"], kinds["verdict"], unlisted=kinds["unlisted"], gone=kinds["gone"], unused=kinds["unused"]
    )
    return complete_counts(findings, run, name)


def read_counts(first_line: bytes, name: str = FILE_NAME) -> dict[str, int]:
    run = DOCUMENT.opened(first_line, name)
    try:
        return {kind: int(run["counts"][kind]) for kind in count_findings(Findings())}
    except (KeyError, TypeError, ValueError):
        raise InputError("The number of findings is missing.", Place(name), DOCUMENT.hint) from None


def complete_counts(findings: Findings, run: Mapping[str, Any], name: str) -> Findings:
    """Add findings counted in the first line but not listed, as in a truncated store."""
    try:
        findings = replace(
            findings,
            more_fixed=int(run["counts"]["fixed"]) - findings.fixed,
            at=str(run.get("at", "")),
            against=str(run.get("against", "")),
            is_of_same_data=run.get("of the same data") is True,
        )
        is_whole = run["counts"] == count_findings(findings) and run["verdicts"] == len(findings.verdicts)
    except (KeyError, TypeError, ValueError):
        is_whole = False
    if not is_whole:
        raise InputError("The file is incomplete: its first line states another number.", Place(name), DOCUMENT.hint)
    return findings


def read_judged(content: bytes, name: str = FILE_NAME) -> ValidatedInputs | None:
    judged = DOCUMENT.opened(content.partition(b"\n")[0], name).get("judged")
    try:
        return judged and ValidatedInputs(
            datasets={flow: dict(read_pairs(files)) for flow, files in judged["datasets"].items()},
            declarations=str(judged["declarations"]),
            profile=str(judged["profile"]),
            levels=tuple(int(level) for level in judged["levels"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError("The list of checked files is missing.", Place(name), DOCUMENT.hint) from None


def read_unlisted(record: Mapping[str, Any]) -> UnlistedFindings:
    fields = {name: value for name, value in record.items() if name != "findings"}
    return UnlistedFindings(**{**fields, "fingerprints": bytes.fromhex(record["fingerprints"])})


MAKERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "finding": read_finding,
    "gone": read_finding,
    "unlisted": read_unlisted,
    "unused": lambda record: Justification(**record),
    "verdict": read_verdict,
}
