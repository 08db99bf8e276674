"""Labels that a narrow column cut over several rows: “Democratic Republic”, and below it “of the Congo” with figures.

The lower half alone may be the name of something else: of the other Congo, of Sudan instead of South Sudan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.candidates import best
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.regions import Region

WHOLE_LABELS = ("SEX", "PARTNER", "AGE")
"""What a label may name that is whole by itself."""
FORMAL, SHORT = "FORMAL", 4
"""The concept of words in long names of states, and the letters that such a word has at most as “of” and “and” have."""
LONGEST = 3
"""Over how many rows above its figures a label is cut at most."""
DOUBTED = 0.6


def with_cut_labels(region: Region, recogniser: Recogniser) -> Region:
    """The region with the labels that are cut over several rows, so far as they stand in its outermost column."""
    rows, cuts = region.table.rows, []
    for row in sorted(region.inside):
        lower = " ".join(rows[row].get(region.side, "").split())
        if not lower or not any(column in rows[row] for column in region.values):
            continue
        above = range(row - 1, max(region.top, row - LONGEST) - 1, -1)
        for back, upper in enumerate(above, start=1):
            if list(rows.get(upper, {})) != [region.side] or not (upper >= region.first or upper in region.lone):
                break
            texts = [" ".join(rows[part_row][region.side].split()) for part_row in range(upper, row)]
            if is_cut(" ".join(texts), lower, region, recogniser):
                cuts.append((row, " ".join([*texts, lower]), back))
    longest = {row: (row, label, back) for row, label, back in cuts}
    return replace(region, cut=tuple(longest.values())) if longest else region


def is_cut(upper: str, lower: str, region: Region, recogniser: Recogniser) -> bool:
    """Whether a text without figures is the beginning of the label below it.

    The lower one begins with a word that goes on, or in small letters as no other label does; or both are a country
    together that the lower one is not alone.
    """
    if upper.endswith((":", ".")) or any(mention.at == 0 for mention in read_title(lower, recogniser).of("OFWHICH")):
        return False
    together, alone = country(f"{upper} {lower}", recogniser), country(lower, recogniser)
    if is_whole(upper, recogniser):
        return goes_on(lower, recogniser) or bool(together and not is_whole(lower, recogniser))
    return (together not in ("", alone)) or goes_on(lower, recogniser) or is_small(lower, region)


def goes_on(text: str, recogniser: Recogniser) -> bool:
    """Whether a label begins with a word such as “of” or “and”, in small letters."""
    first = text.split(maxsplit=1)[0]
    is_short = first[0].islower() and len(first) <= SHORT and len(text) > len(first)
    return is_short and bool(recogniser.vocabulary.codes(FORMAL, plain(first)))


def is_small(text: str, region: Region) -> bool:
    """Whether a label begins with a small letter, as none of the others does."""
    other_labels = [label for _, label in region.folded(region.side) if label != text]
    return text[0].islower() and not any(label[0].islower() for label in other_labels)


def is_whole(text: str, recogniser: Recogniser) -> bool:
    """Whether a text names a group or a country by itself."""
    if recogniser.vocabulary.codes("TOTAL", plain(bare(text))):
        return True
    candidates = [best(recogniser.candidates(text, concept)) for concept in WHOLE_LABELS]
    return any(candidate is not None and candidate.is_applied for candidate in candidates)


def country(text: str, recogniser: Recogniser) -> str:
    """The country that a label surely names; empty if there is none."""
    meaning = best(recogniser.candidates(text, "PARTNER"))
    return meaning.code if meaning is not None and meaning.is_applied else ""


def doubted(whole: str, together: Sequence[Candidate], alone: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """What a label means by the whole of it; a person sees that it is one, unless it means the same `alone`."""
    if together and alone and together[0].code == alone[0].code:
        return tuple(together)
    reason = f"with the row above it is “{whole}”"
    return tuple(Candidate(candidate.code, min(DOUBTED, candidate.confidence), reason=reason) for candidate in together)
