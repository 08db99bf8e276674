"""The cover letter of a submission: what is sent, to whom, and what the checks found, for people who read no XML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from itertools import groupby

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives.text import base, date, number, tag
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.delivery import APPEND, DELETE, MERGE
from sdmxmig.sdmx.model.outgoing import METADATA, STRUCTURES
from sdmxmig.sdmx.words import FILE, Words, read_words

NAME = "cover-letter.txt"
WIDTH = 80
"""How long the line is under the subject."""


SEVERITIES = {"errors": "error", "warnings": "warning", "information": "information"}
WHOLE = "{name} ({flow}): values: {n}; {periods}"
WITH_MISSING = "{name} ({flow}): values: {n}; missing: {missing}; {periods}"
NO_FIGURE = ("", "NaN", "#N/A")
"""What stands in the place of a figure that is missing on purpose."""
FOUND = (
    "What our checks found: errors: {errors}; warnings: {warnings}; information: {information}. "
    "Each is explained in findings.jsonl."
)
EXPLAINED = "Warnings for which we give a reason: {n}. It stands beside each of them in findings.jsonl."
LEFT_OUT = "Groups of values for which your codes have no counterpart: {n}. manifest.json names them."
CHECKSUMS = (
    "manifest.json and SHA256SUMS: every file with its checksum. “sha256sum --check SHA256SUMS” tells whether "
    "anything was changed on the way."
)


ASKED = {
    APPEND: "These are new figures only. Please add them to those that you have.",
    MERGE: "These are only the figures that are new or changed. Please leave all others as they are.",
    DELETE: "Please delete these figures. All others stay as they are.",
}
"""What a receiver is asked to do with figures that are not all that there are."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a cover letter says beside the datasets: who sends what about which country to whom, and when.

    `counts` are the findings by severity, `explained` the warnings with a reason. `files` are those of the structures
    and of reference metadata. `is_test` says that the data are not meant to be published. `override` is why something
    was sealed that stood in the way, `left_out` how many kinds of values the receiver has no code for, `key` the
    fingerprint of the key that signs it. `action` says what the receiver is to do with what it has, where the letter
    comes with what has changed alone.
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


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, str]]:
    return read_words((shipped("templates") / "submission" / FILE).read_text(encoding="utf-8-sig"))


def cover_letter(letter: Letter, datasets: Sequence[Dataset], language: str) -> bytes:
    """The letter as plain text in a language; in English where it is not translated. The same input, the same bytes."""
    tagged = tag(language)
    words = Words(tagged, _table().get(base(tagged), _table()["en"]))
    return ("\n".join(_lines(letter, datasets, words)) + "\n").encode()


def _lines(letter: Letter, datasets: Sequence[Dataset], words: Words) -> Iterator[str]:
    """The lines of the letter, from the sender to the sender."""
    office = words.of(letter.office).text
    subject = words.say(
        "Statistics on international migration and temporary mobility: {country}", country=words.of(letter.country).text
    )
    yield office
    yield words.say("Date: {date}", date=date(letter.day, words.language))
    yield words.say("To: {receiver}", receiver=words.of(letter.receiver).text)
    yield from ("", subject, "=" * min(len(subject), WIDTH), "")
    if letter.is_test:
        yield from (words.say("This is a test. Please do not publish these data."), "")
    if letter.action in ASKED:
        yield from (words.say(ASKED[letter.action]), "")
    yield from (words.say("We send you these statistics:"), "")
    yield from (f"- {line}" for line in _what_is_sent(datasets, words))
    counts = {name: number(letter.counts.get(key, 0), words.language) for name, key in SEVERITIES.items()}
    yield from ("", words.say(FOUND, **counts))
    yield from _of_judgement(letter, words)
    yield from ("", words.say("In this folder:"), "")
    yield from (f"- {line}" for line in _files(letter, words))
    yield from ("", office)


def _of_judgement(letter: Letter, words: Words) -> Iterator[str]:
    """What our office says of warnings, of what could not be said in the receiver's codes, and of the data's use."""
    if letter.explained:
        yield words.say(EXPLAINED, n=number(letter.explained, words.language))
    if letter.left_out:
        yield words.say(LEFT_OUT, n=number(letter.left_out, words.language))
    if letter.override:
        yield words.say("We send it all the same, for this reason: {reason}", reason=letter.override)
    if letter.licence:
        yield words.say("Licence of the data: {licence}", licence=letter.licence)


def _files(letter: Letter, words: Words) -> Iterator[str]:
    """What stands in which file."""
    yield words.say("data: the figures, in the formats that you take")
    yield from (words.say("{file}: what their codes mean", file=file) for file in letter.files.get(STRUCTURES, ()))
    yield from (words.say("{file}: how the figures are made", file=file) for file in letter.files.get(METADATA, ()))
    yield words.say("findings.jsonl: what our checks found")
    yield words.say(CHECKSUMS)
    if letter.key:
        yield words.say("manifest.json.sig: our signature, by the key {key}", key=letter.key)


def _what_is_sent(datasets: Sequence[Dataset], words: Words) -> Iterator[str]:
    """One line a dataflow: its name, how many figures, how many are missing, and the first and the last period."""
    ordered = sorted(datasets, key=lambda dataset: dataset.flow.id)
    for flow, of_flow in groupby(ordered, key=lambda dataset: dataset.flow.id):
        parts = list(of_flow)
        time = parts[0].flow.structure.time
        columns = [part.observations[time.id] for part in parts] if time else []
        periods = sorted({period for column in columns for period in column.drop_nulls()})
        figures = sum(map(_figures, parts))
        missing = sum(part.observations.height for part in parts) - figures
        yield words.say(
            WITH_MISSING if missing else WHOLE,
            name=words.of(parts[0].flow.dataflow.name).text,
            flow=flow,
            n=number(figures, words.language),
            **({"missing": number(missing, words.language)} if missing else {}),
            periods="–".join(dict.fromkeys((periods[0], periods[-1]))) if periods else "",
        )


def _figures(dataset: Dataset) -> int:
    """How many observations have a figure: what says only that there is none, such as a cell with “..”, is none."""
    present = dataset.observations[dataset.flow.structure.measure.id].drop_nulls()
    return present.len() - int(present.is_in(NO_FIGURE).sum())
