"""Cover letters of submissions: content, receiver, validation results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import groupby

from sdmxmig.catalogue.folders import find_shipped_folder, read_words_in
from sdmxmig.primitives.templating import Templates
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
NO_FIGURE = ("", "NaN", "#N/A")


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
    words = read_words_in("submission", language)
    template = Templates(
        [find_shipped_folder("templates") / "submission"],
        words={
            "_": words.say,
            "text": lambda text: words.of(text).text,
            "number": lambda count: format_number(count, words.language),
            "joined": lambda names: join_texts(names, words.language),
        },
    )
    return template.fill(
        "letter.txt.j2",
        letter=letter,
        date=spell_date(letter.day, words.language),
        request=REQUEST_BY_ACTION.get(letter.action, ""),
        flows=list(_list_dataflows(datasets, words)),
        counts={name: format_number(letter.counts.get(key, 0), words.language) for name, key in SEVERITIES.items()},
        structures=letter.files.get(STRUCTURES, ()),
        metadata=letter.files.get(METADATA, ()),
        max_underline=MAX_UNDERLINE,
        signature_line=SIGNATURE_LINE,
    ).encode()


def _list_dataflows(datasets: Sequence[Dataset], words: Words) -> Iterator[dict[str, str]]:
    ordered = sorted(datasets, key=lambda dataset: dataset.flow.id)
    for flow, of_flow in groupby(ordered, key=lambda dataset: dataset.flow.id):
        parts = list(of_flow)
        time = parts[0].flow.structure.time
        columns = [part.observations[time.id] for part in parts] if time else []
        periods = sorted({period for column in columns for period in column.drop_nulls()})
        figures = sum(map(_count_figures, parts))
        missing = sum(part.observations.height for part in parts) - figures
        yield {
            "name": words.of(parts[0].flow.dataflow.name).text,
            "flow": flow,
            "n": format_number(figures, words.language),
            "missing": format_number(missing, words.language) if missing else "",
            "periods": "–".join(dict.fromkeys((periods[0], periods[-1]))) if periods else "",
        }


def _count_figures(dataset: Dataset) -> int:
    present = dataset.observations[dataset.flow.structure.measure.id].drop_nulls()
    return present.len() - int(present.is_in(NO_FIGURE).sum())
