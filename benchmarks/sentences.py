"""Every sentence of the reports of the example countries, in all languages, each with the message that made it.

``python -m benchmarks.sentences`` (`make golden`) writes `tests/golden/sentences/LANGUAGE.csv`: section, template,
sentence and the countries whose reports have it, in the order of the reports. A template is the English message of
`words.csv`, ``formula.x`` and the like for a sentence of `sentences.toml`, and ``declared`` where a name of a list or a
text of a profile stands among them; several stand one after another where a paragraph has several sentences. Figures
alone, and what is only a name of a list or a text of a profile, are left out: they are read there.
`tests/reporting/test_sentences.py` compares.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from lxml import html

from sdmxmig import Workspace
from sdmxmig.reporting import sections as reporting
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "golden" / "sentences"
COUNTRIES = tuple(
    name for name in ("georgia", "moldova", "norway", "sweden") if (ROOT / "examples" / name / "profile.toml").is_file()
)
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
NOW = "2026-01-31T12:00:00+00:00"
DECLARED = "declared"
HEAD = ("section", "template", "sentence", "countries")
BLOCKS = ("p", "li", "h1", "h2", "h3", "h4", "figcaption", "summary", "caption", "dt", "dd", "th", "td", "aside")
UNREAD = "//svg | //script | //style | //nav | //*[@class='refs']"
SPACES = re.compile(r"[ \t\r\n]+")
LETTER = re.compile(r"[^\W\d_]")
SHORTEST = 3
"""Texts of fewer signs, such as commas, are not looked for within others."""
Row = tuple[str, str, str]


class Recorder:
    """Remembers which message made which text; the last one that made it wins, for it is the outermost."""

    def __init__(self) -> None:
        self.templates: dict[str, str] = {}

    def remember(self, template: str, text: str) -> str:
        """Note a text and hand it on."""
        known = self.templates.get(squeezed(text))
        if known is None or known == DECLARED:
            self.templates[squeezed(text)] = template
        return text

    def of(self, text: str) -> str:
        """The template of a whole text, else those of its parts, longest first, in the order in which they stand."""
        if text in self.templates:
            return self.templates[text]
        rest, places = text, []
        for part in sorted((part for part in self.templates if len(part) >= SHORTEST and part in text), key=len)[::-1]:
            at = rest.find(part)
            if at >= 0:
                places.append((at, self.templates[part]))
                rest = rest[:at] + "\0" * len(part) + rest[at + len(part) :]
        return " + ".join(dict.fromkeys(template for _, template in sorted(places)))


@contextmanager
def recording() -> Iterator[Recorder]:
    """Note what every wording says as long as this lasts."""
    recorder = Recorder()
    say, count, of, statement = Wording.say, Wording.count, Wording.of, Wording.statement

    def said(self: Wording, message: str, **values: object) -> str:
        return recorder.remember(message, say(self, message, **values))

    def counted(self: Wording, singular: str, many: str, number: int, **values: object) -> str:
        return recorder.remember(many, count(self, singular, many, number, **values))

    def declared(self: Wording, translations: Text) -> str:
        return recorder.remember(DECLARED, of(self, translations))

    def stated(self: Wording, sentence: Any, assessment: Assessment) -> str:
        return recorder.remember(sentence.id, statement(self, sentence, assessment))

    replaced: dict[str, Callable[..., str]] = {"say": said, "count": counted, "of": declared, "statement": stated}
    try:
        for name, method in replaced.items():
            setattr(Wording, name, method)
        yield recorder
    finally:
        for name, method in {"say": say, "count": count, "of": of, "statement": statement}.items():
            setattr(Wording, name, method)


def squeezed(text: str) -> str:
    """A text as a page shows it, with one blank where it has several."""
    return SPACES.sub(" ", text).strip()


def pages(assessment: Assessment, language: str) -> list[Page]:
    """All documents of a country in a language, in the order in which they are read."""
    all_documents = getattr(reporting, "compose_documents", None)
    if all_documents is None:
        return [reporting.compose(assessment, language=language)]
    return list(all_documents(assessment, language=language).values())


def rows(assessment: Assessment, language: str) -> list[Row]:
    """Section, template and sentence of each text of the documents of a country, each once, in their order."""
    with recording() as recorder:
        composed = pages(assessment, language)
    blocks = dict.fromkeys(block for page in composed for block in texts(page.html))
    made = [(section, recorder.of(text), text) for section, text in blocks]
    return [row for row in made if row[1] not in ("", DECLARED)]


def texts(page: str) -> Iterator[tuple[str, str]]:
    """The texts of a page, each with the section in which it stands; numbers alone are none."""
    tree: Any = html.document_fromstring(page)
    for unread in tree.xpath(UNREAD):
        unread.drop_tree()
    for element in tree.iter(*BLOCKS):
        if any(inner.tag in BLOCKS for inner in element.iterdescendants()):
            continue
        text = squeezed(" ".join(squeezed(part) for part in element.itertext()))
        section = next((above.get("id", "") for above in element.iterancestors("section")), "")
        if LETTER.search(text):
            yield section, text


def table(rows_by_country: dict[str, Sequence[Row]]) -> str:
    """The rows of several countries as one table; a row says in which of their reports it stands."""
    countries: dict[Row, list[str]] = {}
    for country, listed in rows_by_country.items():
        for row in listed:
            countries.setdefault(row, []).append(country)
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows((*row, " ".join(named)) for row, named in countries.items())
    return output.getvalue()


def known(language: str, country: str) -> list[Row]:
    """The rows of a country that are written down."""
    with (FOLDER / f"{language}.csv").open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1], row[2]) for row in csv.reader(file) if country in row[3].split()]


@cache
def assessed(country: str) -> Assessment:
    """An example, assessed from its workbooks, without the checksums of files, which change with every declaration."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(ROOT / "examples" / country, output=folder, now=NOW)
        workspace.convert()
        workspace.validate()
        return replace(workspace.assess(), provenance=())


def write(languages: Iterable[str]) -> None:
    """Write the tables of languages anew."""
    FOLDER.mkdir(exist_ok=True)
    for language in languages:
        listed = {country: rows(assessed(country), language) for country in COUNTRIES}
        (FOLDER / f"{language}.csv").write_text(table(listed), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:] or LANGUAGES)
