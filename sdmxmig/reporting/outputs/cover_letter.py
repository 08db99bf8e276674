"""Cover letters of submissions: content, receiver, validation results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import groupby

from sdmxmig.catalogue.folders import read_words_in
from sdmxmig.primitives.text import format_number, join_texts, spell_date
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.delivery import APPEND, DELETE, MERGE
from sdmxmig.sdmx.model.submission import METADATA, STRUCTURES
from sdmxmig.sdmx.words import Words

FILE_NAME = "cover-letter.txt"
MAX_UNDERLINE = 80
SIGNATURE_LINE = "_" * 20


SEVERITIES = {"errors": "error", "warnings": "warning", "information": "information"}
VALUES_LINE = "{name} ({flow}): values: {n}; {periods}"
VALUES_AND_MISSING_LINE = "{name} ({flow}): values: {n}; missing: {missing}; {periods}"
NO_FIGURE = ("", "NaN", "#N/A")
FINDINGS_LINE = (
    "Validation results: errors: {errors}; warnings: {warnings}; information: {information}. "
    "See findings.jsonl for details."
)
EXPLANATIONS_LINE = "Warnings with a reason: {n}. The reasons are in findings.jsonl."
LEFT_OUT_LINE = "Groups of values without a matching code at the receiver: {n}. manifest.json lists them."
CHECKSUMS_LINE = (
    "manifest.json and SHA256SUMS: checksums of all files. To confirm that no file has changed, "
    "run “sha256sum --check SHA256SUMS”."
)


REQUEST_BY_ACTION = {
    APPEND: "This submission contains new figures only. Please add them to the data you hold.",
    MERGE: "This submission contains new and changed figures only. Please keep all other figures as they are.",
    DELETE: "Please delete these figures. All other figures stay as they are.",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """The facts of a cover letter.

    `counts` are findings by severity, `explained` justified warnings. `override` is the reason for sealing with open
    issues, `left_out` counts values without receiver code, `key` is a fingerprint. Without `prepared_by`, the letter
    has a signature line. Without `approved_by`, it states that no approval is recorded and is not written in the name
    of the office.
    """

    office: Text
    country: Text
    _: KW_ONLY
    receiver: Text
    day: dt.date
    counts: Mapping[str, int]
    explained: int
    files: Mapping[str, Sequence[str]]
    is_test: bool
    licence: str = ""
    override: str = ""
    left_out: int = 0
    key: str = ""
    action: str = ""
    prepared_by: str = ""
    approved_by: Sequence[str] = ()


def write_cover_letter(letter: Letter, datasets: Sequence[Dataset], language: str) -> bytes:
    return ("\n".join(_write_lines(letter, datasets, read_words_in("submission", language))) + "\n").encode()


def _write_lines(letter: Letter, datasets: Sequence[Dataset], words: Words) -> Iterator[str]:
    office = words.of(letter.office).text
    subject = words.say(
        "Statistics on international migration and temporary mobility: {country}", country=words.of(letter.country).text
    )
    yield office if letter.approved_by else words.say("Statistical office: {office}", office=office)
    yield words.say("Date: {date}", date=spell_date(letter.day, words.language))
    yield words.say("To: {receiver}", receiver=words.of(letter.receiver).text)
    yield from ("", subject, "=" * min(len(subject), MAX_UNDERLINE), "")
    if letter.is_test:
        yield from (words.say("This is a test. Please do not publish these data."), "")
    if letter.action in REQUEST_BY_ACTION:
        yield from (words.say(REQUEST_BY_ACTION[letter.action]), "")
    yield from (words.say("Statistics in this submission:"), "")
    yield from (f"- {line}" for line in _list_dataflows(datasets, words))
    counts = {name: format_number(letter.counts.get(key, 0), words.language) for name, key in SEVERITIES.items()}
    yield from ("", words.say(FINDINGS_LINE, **counts))
    yield from _list_remarks(letter, words)
    yield from ("", words.say("Files in this folder:"), "")
    yield from (f"- {line}" for line in _list_files(letter, words))
    yield ""
    yield from _write_signature(letter, office, words)


def _write_signature(letter: Letter, office: str, words: Words) -> Iterator[str]:
    yield words.say("Prepared by: {name}", name=letter.prepared_by or SIGNATURE_LINE)
    if letter.approved_by:
        name = join_texts(letter.approved_by, words.language)
        yield words.say("Approved by: {name} ({office})", name=name, office=office)
    else:
        yield words.say("No approval by the office is recorded.")


def _list_remarks(letter: Letter, words: Words) -> Iterator[str]:
    if letter.explained:
        yield words.say(EXPLANATIONS_LINE, n=format_number(letter.explained, words.language))
    if letter.left_out:
        yield words.say(LEFT_OUT_LINE, n=format_number(letter.left_out, words.language))
    if letter.override:
        yield words.say("Sealed with open issues. Reason: {reason}", reason=letter.override)
    if letter.licence:
        yield words.say("Data licence: {licence}", licence=letter.licence)


def _list_files(letter: Letter, words: Words) -> Iterator[str]:
    structures, metadata = (letter.files.get(kind, ()) for kind in (STRUCTURES, METADATA))
    yield words.say("data: the figures, in the formats you accept")
    yield from (words.say("{file}: data structures and codelists", file=file) for file in structures)
    yield from (words.say("{file}: reference metadata (methods and sources)", file=file) for file in metadata)
    yield words.say("findings.jsonl: validation results")
    yield words.say(CHECKSUMS_LINE)
    if letter.key:
        yield words.say("manifest.json.sig: digital signature, made with the key {key}", key=letter.key)


def _list_dataflows(datasets: Sequence[Dataset], words: Words) -> Iterator[str]:
    ordered = sorted(datasets, key=lambda dataset: dataset.flow.id)
    for flow, of_flow in groupby(ordered, key=lambda dataset: dataset.flow.id):
        parts = list(of_flow)
        time = parts[0].flow.structure.time
        columns = [part.observations[time.id] for part in parts] if time else []
        periods = sorted({period for column in columns for period in column.drop_nulls()})
        figures = sum(map(_count_figures, parts))
        missing = sum(part.observations.height for part in parts) - figures
        yield words.say(
            VALUES_AND_MISSING_LINE if missing else VALUES_LINE,
            name=words.of(parts[0].flow.dataflow.name).text,
            flow=flow,
            n=format_number(figures, words.language),
            **({"missing": format_number(missing, words.language)} if missing else {}),
            periods="–".join(dict.fromkeys((periods[0], periods[-1]))) if periods else "",
        )


def _count_figures(dataset: Dataset) -> int:
    present = dataset.observations[dataset.flow.structure.measure.id].drop_nulls()
    return present.len() - int(present.is_in(NO_FIGURE).sum())
