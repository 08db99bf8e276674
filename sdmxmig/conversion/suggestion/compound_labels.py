"""Labels with several dimensions: “F,DE” or “2011 Men”.

Commas in Eurostat files, blanks in PxWeb headers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sdmxmig.conversion.mapping.meanings import part_that_counts
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.sdmx.model.data import Skip
from sdmxmig.sdmx.model.sources import Source

SIGN = ","
ACROSS = "\\"
PART = re.compile(r"part (?P<at>\d+)")
PERIOD = r"(?:1[6-9]|20)\d\d(?:-?[QqKk][1-4]|-?[Hh][12]|-?[Mm](?:0[1-9]|1[0-2]))?"
"""A period beside words. A year and two digits, “2011-12”, may be one of two years."""
SEPARATING = "[,;:–—-]"
BETWEEN = rf"(?:\s*{SEPARATING}\s*|\s+)"
FIRST, BEHIND, LAST, BEFORE = "period first", "words behind", "period last", "words before"
"""The parts of labels of a period and words, in either order."""
TAKES = {
    FIRST: rf"^({PERIOD})\.?{BETWEEN}",
    BEHIND: rf"^{PERIOD}\.?{BETWEEN}(.+)$",
    LAST: rf"{BETWEEN}({PERIOD})$",
    BEFORE: rf"^(.+?){BETWEEN}{PERIOD}$",
}
"""The expression that takes each of these parts out of a label."""
AROUND = {
    FIRST: ("^", rf"\.?{BETWEEN}"),
    BEHIND: (rf"^{PERIOD}\.?{BETWEEN}", "$"),
    LAST: (BETWEEN, "$"),
    BEFORE: ("^", rf"{BETWEEN}{PERIOD}$"),
}


def parts_of_labels(head: str, texts: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    r"""The name and the distinct labels of each dimension in a column; nothing if its labels are whole.

    >>> parts_of_labels(r"sex,geo\time", ["F,DE", "M,DE"])
    (('sex', ('F', 'M')), ('geo', ('DE',)))
    """
    names = head.partition(ACROSS)[0].split(SIGN)
    split = [text.split(SIGN) for text in texts]
    if len(names) < 2 or any(len(parts) != len(names) for parts in split):
        return ()
    columns = zip(*split, strict=True)
    return tuple((name.strip(), tuple(dict.fromkeys(column))) for name, column in zip(names, columns, strict=True))


def part_named(column: int, at: int) -> LineSource:
    return LineSource(Source("column", column), f"part {at + 1}")


def may_be_time(source: LineSource) -> bool:
    return source.part in ("", FIRST, LAST)


def part_of(text: str, source: LineSource) -> str:
    """The part of a label that a line is of, empty if the label has no such part.

    >>> column = Source("column", 1)
    >>> part_of("F,DE", LineSource(column, "part 2")), part_of("2011 Men", LineSource(column, "words behind"))
    ('DE', 'Men')
    """
    match = PART.fullmatch(source.part)
    if match:
        return dict(enumerate(text.split(SIGN))).get(int(match["at"]) - 1, "")
    take = read_by(source)[1]
    return part_that_counts(text, take) if re.search(take, text) else ""


def read_by(source: LineSource) -> tuple[Source, str]:
    if match := PART.fullmatch(source.part):
        return source.place, f"^(?:[^{SIGN}]*{SIGN}){{{int(match['at']) - 1}}}([^{SIGN}]*)"
    return source.place, TAKES.get(source.part, "")


def skip_of(source: LineSource, text: str, reason: str) -> Skip:
    """The rows or columns that stay out because of a label in a numbered line, or of a part of their labels."""
    number = source.number or 1
    if source.part in AROUND:
        before, behind = AROUND[source.part]
        return Skip(f"/{before}{re.escape(text)}{behind}/", reason, header=number)
    if match := PART.fullmatch(source.part):
        return Skip(
            f"/^(?:[^{SIGN}]*{SIGN}){{{int(match['at']) - 1}}}{re.escape(text)}(?:{SIGN}|$)/", reason, header=number
        )
    return Skip(text, reason, header=number)
