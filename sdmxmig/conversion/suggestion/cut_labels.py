"""Labels split over rows, “Democratic Republic” above “of the Congo”, and nested labels in a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.calendars import PARTS, find_part_of_year
from sdmxmig.conversion.recognition.country_wordings import strip_of_which
from sdmxmig.conversion.recognition.labels import bare, choose_best, plain
from sdmxmig.conversion.recognition.mentions import ReadTitle, read_title
from sdmxmig.conversion.recognition.times import strip_mark
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.periods import read_line_periods
from sdmxmig.conversion.suggestion.regions import Region

WHOLE_LABELS = ("SEX", "PARTNER", "AGE")
FORMAL, SHORT = "FORMAL", 4
MAX_ROWS_OF_LABEL = 3
"""Maximum number of rows of a cut label above its figures."""
MIN_SEVERAL = 2
DOUBTED_CONFIDENCE = 0.6


def join_split_labels(region: Region, recogniser: Recogniser) -> Region:
    rows, cuts = region.table.rows, []
    for row in sorted(region.inside):
        lower = " ".join(rows[row].get(region.side, "").split())
        if not lower or not any(column in rows[row] for column in region.values):
            continue
        above = range(row - 1, max(region.top, row - MAX_ROWS_OF_LABEL) - 1, -1)
        for back, upper in enumerate(above, start=1):
            if list(rows.get(upper, {})) != [region.side] or not (upper >= region.first or upper in region.lone_rows):
                break
            texts = [" ".join(rows[part_row][region.side].split()) for part_row in range(upper, row)]
            if is_first_part(" ".join(texts), lower, region, recogniser):
                cuts.append((row, " ".join([*texts, lower]), back))
    longest = {row: (row, label, back) for row, label, back in cuts}
    return replace(region, cut=tuple(longest.values())) if longest else region


ANNOUNCING_CONCEPTS = frozenset({"ARTICLE", "BY", "INCLUDING", "JOINING", "OFWHICH", "PLAIN", "ROLE"})


def mark_announcements(region: Region, recogniser: Recogniser) -> Region:
    """Mark texts, alone in their rows, that only introduce the labels below: “of which:”, “of which by citizenship”."""
    readings = {text: read_title(text, recogniser) for text in region.alone.values()}
    announcing = tuple(text for text, reading in readings.items() if is_announcement(reading))
    roles = {tuple(role.code for role in readings[text].of("ROLE")) for text in announcing}
    return replace(region, announcing=announcing) if len(roles) == 1 else region


def is_announcement(reading: ReadTitle) -> bool:
    explained = {mention.at for mention in reading.mentions if mention.concept in ANNOUNCING_CONCEPTS}
    is_explained = explained.issuperset(mention.at for mention in reading.mentions) and not reading.unexplained
    return bool(reading.of("OFWHICH")) and is_explained


def add_headings(region: Region, vocabulary: Vocabulary) -> Region:
    """Find rows that give the direction of those below: “Emigrants”, “Poland”, “Immigrants”, “Latvia”."""
    beside = [column for column in region.labels if region.is_beside(column)]
    texts = [text for row, text in region.fold_column(beside[0]) if row in region.counted] if len(beside) == 1 else []
    directions = {text: frozenset(found.code for found in vocabulary.inside("DIRECTION", text)) for text in texts}
    headings = tuple(text for text, codes in directions.items() if len(codes) == 1 and texts.count(text) == 1)
    places = [*map(texts.index, headings), len(texts)]
    parts = [end - place - 1 for place, end in pairwise(places)]
    are_totals = all(vocabulary.codes("TOTAL", plain(bare(text))) for text in texts[: places[0]])
    are_apart = len({directions[heading] for heading in headings}) == len(headings) and are_totals
    are_heads = sum(count >= MIN_SEVERAL for count in parts) >= MIN_SEVERAL and 1 not in parts
    return replace(region, headings=headings) if are_apart and are_heads else region


def mark_nested_sexes(region: Region, vocabulary: Vocabulary) -> Region:
    """Mark labels such as “of which women” in the only column of labels; below another part, the whole is unclear."""
    beside = [column for column in region.labels if region.is_beside(column)]
    texts = [text for row, text in region.fold_column(beside[0]) if row in region.counted] if len(beside) == 1 else []
    parts = {text: strip_of_which(text, vocabulary) for text in dict.fromkeys(texts)}
    lower = tuple(text for text, part in parts.items() if part != text and vocabulary.candidates("SEX", part))
    unclear = [
        above for above, text in pairwise(texts) if text in lower and above not in lower and parts[above] != above
    ]
    return replace(region, lower=lower) if lower and texts[0] not in lower and not unclear else region


def mark_parts_of_years(region: Region, vocabulary: Vocabulary) -> Region:
    """Mark months or quarters below years with figures of their own, in the only column of labels.

    Below the last of several years, or some months below a single one, they may be those of the next year.
    """
    beside = [column for column in region.labels if region.is_beside(column)]
    texts = [text for row, text in region.fold_column(beside[0]) if row in region.counted] if len(beside) == 1 else []
    parts = tuple(dict.fromkeys(text for text in texts if names_part(text, vocabulary)))
    years = tuple(text for text in texts if text not in parts)
    periods = {moment.period for moment in read_line_periods(years, vocabulary).moments.values()}
    are_years = all(map(str.isdecimal, periods)) and len(periods) == len(years) > (len(parts) not in PARTS.values())
    are_above = texts[:1] == [*years[:1]] and all(below in parts for year, below in pairwise(texts) if year in years)
    return replace(region, lower=parts) if parts and are_years and are_above and texts[-1] in parts else region


def names_part(text: str, vocabulary: Vocabulary) -> bool:
    part = strip_mark(text)
    return bool(vocabulary.codes("MONTH", plain(part)) or find_part_of_year(part, vocabulary))


def is_first_part(upper: str, lower: str, region: Region, recogniser: Recogniser) -> bool:
    """Check whether a text in a row without figures is the first part of the label below it."""
    if upper.endswith((":", ".")) or recogniser.vocabulary.names_any(("ROLE",), upper):
        return False
    if any(mention.at == 0 for mention in read_title(lower, recogniser).of("OFWHICH")):
        return False
    together, alone = recognise_country(f"{upper} {lower}", recogniser), recognise_country(lower, recogniser)
    if is_complete_label(upper, recogniser):
        return is_continued(lower, recogniser) or bool(together and not is_complete_label(lower, recogniser))
    return (together not in ("", alone)) or is_continued(lower, recogniser) or starts_in_lower_case(lower, region)


def is_continued(text: str, recogniser: Recogniser) -> bool:
    first = text.split(maxsplit=1)[0]
    is_short = first[0].islower() and len(first) <= SHORT and len(text) > len(first)
    return is_short and bool(recogniser.vocabulary.codes(FORMAL, plain(first)))


def starts_in_lower_case(text: str, region: Region) -> bool:
    other_labels = [label for _, label in region.fold_column(region.side) if label != text]
    return text[0].islower() and not any(label[0].islower() for label in other_labels)


def is_complete_label(text: str, recogniser: Recogniser) -> bool:
    if recogniser.vocabulary.codes("TOTAL", plain(bare(text))):
        return True
    candidates = [choose_best(recogniser.candidates(text, concept)) for concept in WHOLE_LABELS]
    return any(candidate is not None and candidate.is_applied for candidate in candidates)


def recognise_country(text: str, recogniser: Recogniser) -> str:
    meaning = choose_best(recogniser.candidates(text, "PARTNER"))
    return meaning.code if meaning is not None and meaning.is_applied else ""


def lower_confidence(whole: str, together: Sequence[Candidate], alone: Sequence[Candidate]) -> tuple[Candidate, ...]:
    if together and alone and together[0].code == alone[0].code:
        return tuple(together)
    reason = f"together with the row above: “{whole}”"
    return tuple(
        Candidate(candidate.code, min(DOUBTED_CONFIDENCE, candidate.confidence), reason=reason)
        for candidate in together
    )


MIN_SHARE = 0.5
"""Minimum share of the upper labels with labels below them."""


def find_lower_labels(texts: Sequence[str]) -> tuple[str, ...]:
    """Find labels that repeat below other labels; empty for a single level.

    >>> find_lower_labels(["Armenia", "Males", "Females", "Turkey", "Males", "Females"])
    ('Males', 'Females')
    >>> find_lower_labels(["Armenia", "Males", "Turkey"]), find_lower_labels(["2020", "2021", "2020", "2021"])
    ((), ())
    """
    times = Counter(texts)
    lower = tuple(text for text in times if times[text] > 1)
    below: list[set[str]] = []
    for text in texts:
        if times[text] == 1:
            below.append(set())
        elif not below or text in below[-1]:
            return ()
        else:
            below[-1].add(text)
    return lower if sum(map(bool, below)) > MIN_SHARE * len(below) else ()
