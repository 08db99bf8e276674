"""Fields of reference metadata: values by their position in the attribute tree, and texts in languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sdmxmig.sdmx.formats.sdmx_csv.cells import split
from sdmxmig.sdmx.model.artefacts import Text

Place = tuple[int, ...]


class NoTextError(ValueError):
    """A field of texts names no language of its column."""


def listed(values: Sequence[str | None], inner: str, *, always: bool) -> str | None:
    """Join values into one field, quoted if ambiguous or `always`; None if absent.

    >>> listed(["a", None, "b;c"], ";", always=False)
    'a;;"b;c"'
    """
    if all(value is None for value in values):
        return None
    return inner.join("" if value is None else quoted(value, inner, always=always) for value in values)


def quoted(value: str, inner: str, *, always: bool = False) -> str:
    if not always and value and inner not in value and not value.startswith('"'):
        return value
    return '"' + value.replace('"', '""') + '"'


def places(cell: str, depth: int, inner: str) -> Iterator[tuple[Place, str]]:
    """List the values of a field with their positions in `depth` nested lists; absent values are omitted.

    >>> list(places('"a;b";;c', 2, ";"))
    [((0, 0), 'a'), ((0, 1), 'b'), ((2, 0), 'c')]
    """
    if not depth:
        yield (), cell
        return
    for number, value in enumerate(split(cell, inner)):
        if value is not None:
            yield from (((number, *place), text) for place, text in places(value, depth - 1, inner))


def in_languages(text: Text, inner: str) -> str:
    return inner.join(f"{language}:{quoted(value, inner)}" for language, value in text)


def languages_in(cell: str, languages: Sequence[str], inner: str) -> Text:
    """Parse the texts of a field; each begins with its language and may be quoted.

    >>> languages_in('en:"<p>a;b</p>";fr:c', ["en", "fr"], ";").in_language("en")
    '<p>a;b</p>'

    Raises `NoTextError` for a text that does not begin with one of the languages.
    """
    prefix = re.compile("({}):".format("|".join(map(re.escape, languages))))
    texts, position = [], 0
    while position <= len(cell):
        start = prefix.match(cell, position)
        rest = cell[start.end() if start else position :]
        if rest.startswith('"'):
            value, length = unquoted(rest, inner)
        else:
            length = rest.find(inner) if inner in rest else len(rest)
            value = rest[:length]
        if not start:  # the language may also stand between the quotation marks
            inside = prefix.match(value)
            if inside is None:
                raise NoTextError(value)
            texts.append((inside[1], value[inside.end() :]))
        else:
            texts.append((start[1], value))
        position = len(cell) - len(rest) + length + 1
    return Text(tuple(texts))


def unquoted(text: str, inner: str) -> tuple[str, int]:
    """Return the quoted value at the start of a text and its length with quotation marks.

    Raises `NoTextError` if the quotation does not end before the next value.
    """
    end = 1
    while (end := text.find('"', end)) >= 0 and text.startswith('""', end):
        end += 2
    if end < 0 or not (end + 1 == len(text) or text.startswith(inner, end + 1)):
        raise NoTextError(text)
    return text[1:end].replace('""', '"'), end + 1
