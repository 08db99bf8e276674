"""Lines of labels that give no component: which rows and columns they keep out, and what is asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from sdmxmig.recognition import Candidate
from sdmxmig.recognition.labels import bare, plain
from sdmxmig.suggestion.lines import Fit, Known, Line, placed_texts
from sdmxmig.suggestion.questions import Question
from sdmxmig.suggestion.regions import NO_DIMENSION, Region

NOT_RECOGNISED = "not recognised: to be confirmed"
"""Why rows and columns are left out whose label nothing explains: no figure gets a code by guess."""
TOTAL = "_T"
SECTION = "section"
LeftOut = tuple[str, str, str]
"""A label that stays out: the source of its line, its text, and why."""


def unused(
    region: Region, fits: Sequence[Fit], lines: Sequence[Line], known: Known
) -> tuple[tuple[LeftOut, ...], tuple[Question, ...]]:
    """The lines whose labels differ and that give no component: the labels that must stay out, and the questions.

    Their figures would fall together if they were ignored: only a total among them is read. A line that says the same
    as one that is read, such as names in a second language, is ignored.
    """
    sources, same = {one.line.source for one in fits}, same_lines(region, lines)
    left: list[LeftOut] = []
    told: list[Question] = []
    if region.repeated and not any(line.source == SECTION or line.upper for line in lines):
        left += [("column 1", text, NOT_RECOGNISED) for text in sorted(region.repeated)]
        reason = "they stand in several rows, and nothing tells them apart"
        told.append(Question(region.name, "rows", ", ".join(sorted(region.repeated)[:3]), Candidate("", 0.0, reason)))
    for line in lines:
        texts = line.texts
        roles = set(known.recogniser.vocabulary.codes("ROLE", plain(bare(line.head))))
        if line.source in sources or len(texts) < 2 or roles & NO_DIMENSION:
            continue
        if line.source == SECTION:
            if not line.needed and all(known.recogniser.candidates(text, "PARTNER") for text in texts):
                continue  # parts of the world above their countries
            upper = kept_out(texts, line, known) if any(one.upper for one in lines) else []
            left += [("column 1", text, NOT_RECOGNISED) for text in (*sorted(region.repeated), *upper)]
        elif sources & {one for one, other in same if other == line.source}:
            continue
        else:
            left += [(line.source, text, NOT_RECOGNISED) for text in kept_out(texts, line, known)]
        told.append(asked(region, line, texts, fits, known))
    return tuple(left), tuple(told)


def kept_out(texts: Sequence[str], line: Line, known: Known) -> list[str]:
    """The labels of a line that stay out: all but its one total; gaps too where labels are carried on."""
    totals = [text for text in texts if any(one.code == TOTAL for one in known.recogniser.shared(text))]
    out = [text for text in texts if len(totals) != 1 or text not in totals]
    return [*out, *([""] if line.carried else [])]


def asked(region: Region, line: Line, texts: Sequence[str], fits: Sequence[Fit], known: Known) -> Question:
    """What a person is asked about a line that gives no component."""
    what = f"{line.head or line.source}: {', '.join(texts[:3])}{' …' if len(texts) > 3 else ''}"
    reason = "its labels differ, and nothing says which component they give"
    open_dimensions = [name for name in known.flow.structure.key if name not in {one.component for one in fits}]
    near = tuple(Candidate(name, 0.1, "not yet read from the table") for name in open_dimensions[:3])
    return Question(region.name, f"line {line.source}", what, Candidate("", 0.0, reason), near)


def same_lines(region: Region, lines: Sequence[Line]) -> frozenset[tuple[str, str]]:
    """The pairs of sources that say the same in other words, each in both orders."""
    listed = [line for line in lines if line.source != SECTION and len(line.texts) > 1]
    pairs = permutations(listed, 2)
    return frozenset((one.source, other.source) for one, other in pairs if says_the_same(region, one, other))


def says_the_same(region: Region, line: Line, other: Line) -> bool:
    """Whether two lines along the same rows or columns differ in their words only: each label has one counterpart."""
    if line.source.split()[0] != other.source.split()[0] or len(line.texts) != len(other.texts):
        return False
    one, two = placed_texts(region, line), placed_texts(region, other)
    pairs = {(text, two.get(position)) for position, text in one.items()}
    return one.keys() == two.keys() and len(pairs) == len(set(one.values())) == len(set(two.values()))
