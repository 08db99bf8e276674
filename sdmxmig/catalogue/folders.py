"""Locations of declarations, templates and examples."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from sdmxmig.primitives.text import find_base_language, normalise_tag
from sdmxmig.sdmx.words import FILE, REMARK_MARK, Words, read_words

PACKAGE = Path(__file__).parents[1]


def find_shipped_folder(folder: str) -> Path:
    packaged = PACKAGE / folder
    return packaged if packaged.is_dir() else PACKAGE.parent / folder


def list_search_path(folder: str, workspace: Path | None = None) -> tuple[Path, ...]:
    in_workspace = (workspace / folder,) if workspace is not None and (workspace / folder).is_dir() else ()
    return (*in_workspace, find_shipped_folder(folder))


@cache
def read_word_table(part: str, file: str = FILE) -> Mapping[str, Mapping[str, str]]:
    return read_words((find_shipped_folder("templates") / part / file).read_text(encoding="utf-8-sig"))


@cache
def read_words_in(part: str, language: str) -> Words:
    """Return the shipped words of a part of templates/ in a language, or in English if untranslated.

    >>> read_words_in("findings", "fr").say("Severity"), read_words_in("findings", "de").say("Severity")
    ('Gravité', 'Severity')
    """
    tagged = normalise_tag(language)
    return Words(tagged, read_word_table(part).get(find_base_language(tagged), read_word_table(part)["en"]))


@cache
def read_code_words(part: str, kind: str) -> Mapping[str, str]:
    """Return the English words for codes of a kind, in the order of their table in templates/.

    >>> read_code_words("report", "step")["fit"]
    'table fitted to margins'
    """
    lines = (find_shipped_folder("templates") / part / "codes.csv").read_text(encoding="utf-8").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith(REMARK_MARK))
    return {row["code"]: row["en"] for row in table if row["of"] == kind}


def walk(folder: Path, suffix: str) -> Iterator[Path]:
    next(folder.iterdir(), None)  # reports an unreadable folder, which rglob would skip
    return iter(sorted(path for path in folder.rglob(f"*{suffix}") if path.is_file()))


def index_first_files(folders: Sequence[Path], suffix: str) -> dict[str, Path]:
    paths: dict[str, Path] = {}
    for folder in folders:
        for path in walk(folder, suffix):
            paths.setdefault(path.relative_to(folder).as_posix(), path)
    return dict(sorted(paths.items()))
