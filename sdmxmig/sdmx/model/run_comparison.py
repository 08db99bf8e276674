"""Two runs of validation: which findings are new, which were there before, and which are gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sdmxmig.sdmx.model.findings import Finding, Findings, JudgedInputs, Justification, Unlisted

NEW, UNCHANGED, FIXED, NOT_TESTED = "new", "unchanged", "fixed", "not tested"
NOT_TESTABLE = "not testable"
TIMELESS = ".csv"
"""How files end that do not say when they were made."""
WIDTH = 8
"""So many bytes has a fingerprint."""


def against_run(
    findings: Findings,
    judged: JudgedInputs,
    earlier: tuple[Findings, JudgedInputs | None],
    read_by: Collection[str] = (),
) -> Findings:
    """The findings of a run beside those of the `earlier` one, with what that one judged.

    Where both judged the same by the same rules, they stay compared with the run before, which was of other data: to
    validate twice makes nothing known of what is new. `read_by` is as for `compared`.
    """
    findings_then, judged_then = earlier
    is_of_same_data = judged_then is not None and tables_of(judged_then) == tables_of(judged)
    if is_of_same_data and judged_then and judged_then == replace(judged, datasets=judged_then.datasets):
        return same_run(findings, findings_then)
    beside = compared(findings, findings_then, read_by)
    return replace(beside, against=findings_then.at, is_of_same_data=is_of_same_data)


def tables_of(judged: JudgedInputs) -> dict[str, Mapping[str, str]]:
    """The files of each dataset that say nothing of when they were made, with their SHA-256; all where there are none.

    Messages in XML and JSON have the time in their headers: data that were converted again are still the same.
    """
    return {
        flow: {name: sha256 for name, sha256 in files.items() if name.endswith(TIMELESS)} or files
        for flow, files in judged.datasets.items()
    }


def compared(findings: Findings, earlier: Findings, read_by: Collection[str] = ()) -> Findings:
    """The findings of a run with what they are against the earlier one; the fingerprint says which are the same.

    What is gone is fixed if its rule looked again and could judge; `read_by` are rules without a verdict that looked
    all the same, such as those by which tables are read. Otherwise it was not tested, and is remembered for the next
    run: that nobody looked is no success.
    """
    before = {*fingerprints_of(earlier), *(gone.fingerprint for gone in earlier.gone if gone.state == NOT_TESTED)}
    now = set(fingerprints_of(findings))
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
        for fingerprint in fingerprints_in(more)
    )
    return replace(
        findings,
        items=tuple(items),
        unlisted=tuple(against(more, before) for more in findings.unlisted),
        gone=tuple(gone),
        more_fixed=more_fixed,
    )


def is_judged(finding: Finding, judged: Collection[tuple[str, str]], read_by: Collection[str]) -> bool:
    """Whether the rule of a finding of the earlier run has looked again."""
    return (finding.rule, finding.flow) in judged or finding.rule in read_by


def against(more: Unlisted, before: Collection[str]) -> Unlisted:
    """Findings that are only counted, with how many of them were there before."""
    unchanged = sum(fingerprint in before for fingerprint in fingerprints_in(more))
    return replace(more, new=more.findings - unchanged, unchanged=unchanged)


def same_run(findings: Findings, earlier: Findings) -> Findings:
    """The findings of a run that judged the same as the earlier one, with the states that were found then.

    Who runs a validation twice compares with the data before these, not with themselves.
    """
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


def without_runs(findings: Findings) -> Findings:
    """The findings as if there had been no earlier run: the same data give the same, however often they were judged."""
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


def justified(
    findings: Findings, justifications: Mapping[str, Justification], read_by: Collection[str] = ()
) -> Findings:
    """The findings with the reasons that an office gave for warnings, by fingerprint.

    Errors have to be mended, information asks for nothing: both stay without a reason. Reasons for findings that are no
    more are told as `unused`, if their rule looked and could judge; `read_by` is as for `compared`.
    """
    judged = {(verdict.rule, verdict.flow) for verdict in findings.verdicts if verdict.outcome != NOT_TESTABLE}
    present = set(fingerprints_of(findings))
    unlisted = []
    for more in findings.unlisted:
        count = sum(fingerprint in justifications for fingerprint in fingerprints_in(more))
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


def fingerprints_of(findings: Findings) -> Iterator[str]:
    """The fingerprints of all findings, listed or not."""
    for finding in findings.items:
        yield finding.fingerprint
    for more in findings.unlisted:
        yield from fingerprints_in(more)


def fingerprints_in(more: Unlisted) -> Iterator[str]:
    """The fingerprints of findings that are only counted."""
    for start in range(0, len(more.fingerprints), WIDTH):
        yield more.fingerprints[start : start + WIDTH].hex()
