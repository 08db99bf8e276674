"""Comparison of two validation runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sdmxmig.sdmx.model.findings import Finding, Findings, JudgedInputs, Justification, Unlisted

NEW, UNCHANGED, FIXED, NOT_TESTED = "new", "unchanged", "fixed", "not tested"
NOT_TESTABLE = "not testable"
TIMELESS_SUFFIX = ".csv"
"""Suffix of files without a timestamp."""
MIN_WIDTH = 8
"""Number of bytes of a fingerprint."""


def compare_with_run(
    findings: Findings,
    judged: JudgedInputs,
    findings_then: Findings,
    judged_then: JudgedInputs | None,
    read_by: Collection[str] = (),
) -> Findings:
    """Compare findings with an earlier run; a run on the same data and rules keeps its comparison."""
    is_of_same_data = judged_then is not None and select_timeless_hashes(judged_then) == select_timeless_hashes(judged)
    if is_of_same_data and judged_then and judged_then == replace(judged, datasets=judged_then.datasets):
        return keep_earlier_run(findings, findings_then)
    beside = compare_findings(findings, findings_then, read_by)
    return replace(beside, against=findings_then.at, is_of_same_data=is_of_same_data)


def select_timeless_hashes(judged: JudgedInputs) -> dict[str, Mapping[str, str]]:
    """Return file hashes by dataset, ignoring the time in message headers."""
    return {
        flow: {name: sha256 for name, sha256 in files.items() if name.endswith(TIMELESS_SUFFIX)} or files
        for flow, files in judged.datasets.items()
    }


def compare_findings(findings: Findings, earlier: Findings, read_by: Collection[str] = ()) -> Findings:
    """Set the state of findings relative to the earlier run, by fingerprint.

    A finding that is gone is fixed if its rule ran, otherwise it is kept as not tested. `read_by` are rules without
    verdicts that ran, such as those on reading tables.
    """
    before = {*list_fingerprints(earlier), *(gone.fingerprint for gone in earlier.gone if gone.state == NOT_TESTED)}
    now = set(list_fingerprints(findings))
    items = [replace(finding, state=UNCHANGED if finding.fingerprint in before else NEW) for finding in findings.items]
    judged = {(verdict.rule, verdict.flow) for verdict in findings.verdicts if verdict.outcome != NOT_TESTABLE}
    remembered = (*earlier.items, *(gone for gone in earlier.gone if gone.state == NOT_TESTED))
    gone = [
        replace(finding, state=FIXED if is_judged(finding, judged, read_by) else NOT_TESTED)
        for finding in remembered
        if finding.fingerprint not in now
    ]
    more_fixed = sum(
        fingerprint not in now
        for more in earlier.unlisted
        if (more.rule, more.flow) in judged or more.rule in read_by
        for fingerprint in collect_fingerprints(more)
    )
    return replace(
        findings,
        items=tuple(items),
        unlisted=tuple(compare_unlisted(more, before) for more in findings.unlisted),
        gone=tuple(gone),
        more_fixed=more_fixed,
    )


def is_judged(finding: Finding, judged: Collection[tuple[str, str]], read_by: Collection[str]) -> bool:
    return (finding.rule, finding.flow) in judged or finding.rule in read_by


def compare_unlisted(more: Unlisted, before: Collection[str]) -> Unlisted:
    unchanged = sum(fingerprint in before for fingerprint in collect_fingerprints(more))
    return replace(more, new=more.findings - unchanged, unchanged=unchanged)


def keep_earlier_run(findings: Findings, earlier: Findings) -> Findings:
    """Return the findings of a repeated run with the states of the earlier run."""
    states = {finding.fingerprint: finding.state for finding in earlier.items}
    kinds = {(more.rule, more.flow, more.severity): more for more in earlier.unlisted}
    unlisted = [
        replace(more, new=known.new, unchanged=known.unchanged)
        if (known := kinds.get((more.rule, more.flow, more.severity)))
        else more
        for more in findings.unlisted
    ]
    return replace(
        findings,
        items=tuple(replace(finding, state=states.get(finding.fingerprint, "")) for finding in findings.items),
        unlisted=tuple(unlisted),
        gone=earlier.gone,
        more_fixed=earlier.more_fixed,
        at=earlier.at,
        against=earlier.against,
        is_of_same_data=earlier.is_of_same_data,
        is_repeated=True,
    )


def remove_run_comparison(findings: Findings) -> Findings:
    return replace(
        findings,
        items=tuple(replace(finding, state="") for finding in findings.items),
        unlisted=tuple(replace(more, new=0, unchanged=0) for more in findings.unlisted),
        gone=(),
        more_fixed=0,
        at="",
        against="",
        is_of_same_data=False,
        is_repeated=False,
    )


def apply_justifications(
    findings: Findings, justifications: Mapping[str, Justification], read_by: Collection[str] = ()
) -> Findings:
    """Apply justifications to warnings by fingerprint; those without a finding are `unused` if their rule ran."""
    judged = {(verdict.rule, verdict.flow) for verdict in findings.verdicts if verdict.outcome != NOT_TESTABLE}
    present = set(list_fingerprints(findings))
    unlisted = []
    for more in findings.unlisted:
        count = sum(fingerprint in justifications for fingerprint in collect_fingerprints(more))
        unlisted.append(replace(more, justified=count) if more.severity == "warning" else more)
    items = [
        replace(finding, justification=justifications.get(finding.fingerprint))
        if finding.severity == "warning"
        else finding
        for finding in findings.items
    ]
    return replace(
        findings,
        items=tuple(items),
        unlisted=tuple(unlisted),
        unused=tuple(
            reason
            for name, reason in sorted(justifications.items())
            if name not in present and ((reason.rule, reason.flow) in judged or reason.rule in read_by)
        ),
    )


def list_fingerprints(findings: Findings) -> Iterator[str]:
    for finding in findings.items:
        yield finding.fingerprint
    for more in findings.unlisted:
        yield from collect_fingerprints(more)


def collect_fingerprints(more: Unlisted) -> Iterator[str]:
    for start in range(0, len(more.fingerprints), MIN_WIDTH):
        yield more.fingerprints[start : start + MIN_WIDTH].hex()
