"""The cover letter of a submission: what is sent, to whom, and what the checks found, for people who read no XML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from itertools import groupby

from sdmxmig.catalogue.folders import shipped
from sdmxmig.model.artefacts import Text
from sdmxmig.model.data import Dataset
from sdmxmig.text import base, date, number, tag
from sdmxmig.words import FILE, Words, read_words

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
CHECKSUMS = (
    "manifest.json and SHA256SUMS: every file with its checksum. “sha256sum --check SHA256SUMS” tells whether "
    "anything was changed on the way."
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a cover letter says beside the datasets: who sends what about which country to whom, and when.

    `counts` are the findings by severity, `structures` is the file of the structures, `is_test` says that the data are
    not meant to be published.
    """

    office: Text
    country: Text
    _: KW_ONLY
    receiver: Text
    day: dt.date
    counts: Mapping[str, int]
    structures: str
    is_test: bool


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
    yield from (words.say("We send you these statistics:"), "")
    yield from (f"- {line}" for line in _what_is_sent(datasets, words))
    counts = {name: number(letter.counts.get(key, 0), words.language) for name, key in SEVERITIES.items()}
    yield from ("", words.say(FOUND, **counts), "")
    yield words.say("In this folder:")
    yield from ("", f"- {words.say('data: the figures, in the formats that you take')}")
    yield f"- {words.say('{file}: what their codes mean', file=letter.structures)}"
    yield f"- {words.say('findings.jsonl: what our checks found')}"
    yield f"- {words.say(CHECKSUMS)}"
    yield from ("", office)


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
