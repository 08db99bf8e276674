"""Labels with several dimensions glued together, and where each part of them is read.

Commas glue the dimensions of the columns in tab-separated files of Eurostat, a blank the period and the words in the
headers of PxWeb: “2011 Men”.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sdmxmig.mapping.meanings import part_that_counts
from sdmxmig.model.data import Skip

SIGN = ","
ACROSS = "\\"
"""What stands before the name of the dimension across in the corner: ``geo\\TIME_PERIOD``."""
PART = re.compile(r"(?P<line>column \d+) part (?P<at>\d+)")
PERIOD = r"(?:1[6-9]|20)\d\d(?:-?[QqKk][1-4]|-?[Hh][12]|-?[Mm](?:0[1-9]|1[0-2]))?"
"""A period beside words. A year and two digits, “2011-12”, may be one of two years."""
SEPARATING = "[,;:–—-]"
BETWEEN = rf"(?:\s*{SEPARATING}\s*|\s+)"
"""What stands between a period and words."""
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
"""What stands before and behind each of them."""
WORDED = re.compile(rf"(?P<line>(?:column|header) \d+) (?P<part>{'|'.join(TAKES)})")


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


def part_named(column: int, at: int) -> str:
    """The source of a part, counted from 0, of a label column, counted from 1."""
    return f"column {column} part {at + 1}"


def is_part(source: str) -> bool:
    """Whether a source is a part of the labels of a line."""
    return bool(PART.fullmatch(source) or WORDED.fullmatch(source))


def may_be_time(source: str) -> bool:
    """Whether the labels of a source may be periods: parts of labels are none, but for those beside words."""
    return not is_part(source) or source.endswith((FIRST, LAST))


def line_of(source: str) -> str:
    """The line of labels that a source is, or is a part of.

    >>> line_of("column 1 part 2"), line_of("header 2 words behind"), line_of("header 3")
    ('column 1', 'header 2', 'header 3')
    """
    found = PART.fullmatch(source) or WORDED.fullmatch(source)
    return found["line"] if found else source


def part_of(text: str, source: str) -> str:
    """The part of a label that a source is, empty if the label has no such part.

    >>> part_of("F,DE", "column 1 part 2"), part_of("2011 Men", "header 1 words behind"), part_of("Men", "column 1")
    ('DE', 'Men', 'Men')
    """
    found = PART.fullmatch(source)
    if found:
        return dict(enumerate(text.split(SIGN))).get(int(found["at"]) - 1, "")
    take = read_by(source)[1]
    return part_that_counts(text, take) if re.search(take, text) else ""


def read_by(source: str) -> tuple[str, str]:
    """The line of a source and the expression that takes the part out of its labels, as a mapping file has them."""
    if worded := WORDED.fullmatch(source):
        return worded["line"], TAKES[worded["part"]]
    if part := PART.fullmatch(source):
        return part["line"], f"^(?:[^{SIGN}]*{SIGN}){{{int(part['at']) - 1}}}([^{SIGN}]*)"
    return source, ""


def skip_of(source: str, text: str, reason: str) -> Skip:
    """The rows or columns that stay out because of a label in a numbered line, or of a part of their labels."""
    number = int(line_of(source).split()[1])
    if worded := WORDED.fullmatch(source):
        before, behind = AROUND[worded["part"]]
        return Skip(f"/{before}{re.escape(text)}{behind}/", reason, header=number)
    if part := PART.fullmatch(source):
        return Skip(
            f"/^(?:[^{SIGN}]*{SIGN}){{{int(part['at']) - 1}}}{re.escape(text)}(?:{SIGN}|$)/", reason, header=number
        )
    return Skip(text, reason, header=number)


def is_numbered(source: str) -> bool:
    """Whether a source is a header row or label column by its number, or a part of one."""
    return line_of(source).partition(" ")[2].isdecimal()
