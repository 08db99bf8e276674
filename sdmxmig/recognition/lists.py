"""Lists of labels: what stands beside a label helps to understand it, since a list names each thing once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdmxmig.areas import FORMER, folded
from sdmxmig.recognition.candidates import APPLIED, Candidate, best
from sdmxmig.recognition.labels import plain
from sdmxmig.recognition.recogniser import PARTNER, Recogniser
from sdmxmig.recognition.slips import SAFE

SETTLED = 0.92
"""How sure a name of several countries is once the list names all the others beside it."""
REGIONS = 2
"""A list that names so many regions is one of regions too."""
TELLING = 0.3
"""Below this a candidate is too vague to be settled by its neighbours."""
ONE_SLIP = 0.7
"""How sure the nearest name is if one letter is wrong in it."""
CLEARLY = 0.25
"""How much surer it must be than the next one: two letters."""
NEIGHBOURS, CLEAR = 3, 0.8
"""So many labels, each so sure, are neighbours that can settle anything."""
MOSTLY = 0.6
"""The part of a list that must be recognised before its neighbours settle anything."""


def recognise_list(
    labels: Iterable[str], concept: str, recogniser: Recogniser, language: str = ""
) -> Mapping[str, tuple[Candidate, ...]]:
    """What each label of a list means; the candidates of each, the surest first.

    In a list that is mostly understood, a name of several countries (“Congo”, “Guinea”) means the one that is not named
    otherwise in the list; an inflected or formal name, or one with a slip of the pen, may be settled in the same way.
    """
    listed = list(dict.fromkeys(labels))
    found = {label: recogniser.candidates(label, concept, language) for label in listed}
    if concept != PARTNER:
        return found
    sure = {label: one for label, many in found.items() if (one := best(many)) and one.is_applied}
    taken = {one.code for one in sure.values()}
    clear = sum(bool(many) and many[0].confidence >= CLEAR for many in found.values())
    if clear < NEIGHBOURS or sum(bool(many) for many in found.values()) < MOSTLY * len(listed):
        return found
    for label in (label for label, many in found.items() if not many):
        found[label] = slips(label, recogniser)
    while True:
        settled = {
            label: one
            for label, many in found.items()
            if label not in sure and (one := _left(many, taken, recogniser)) is not None
        }
        fresh = {label: one for label, one in settled.items() if _alone(one, settled.values())}
        if not fresh:
            return found
        for label, one in fresh.items():
            sure[label] = one
            others = tuple(other for other in found[label] if other.code != one.code)
            found[label] = (one, *others)
            taken.add(one.code)


def slips(label: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """The one country whose name a label is but for a letter, if no other country's name is nearly as like it.

    It is never applied as it stands, only where a list leaves that country open.
    """
    short = " " in label.strip() and len(folded(label)) < SAFE
    place = recogniser.vocabulary.codes("PLACE", plain(label))
    near = () if short or place else recogniser.near(label, PARTNER)
    clear = len(near) == 1 or (len(near) > 1 and near[0].confidence - near[1].confidence >= CLEARLY)
    return near[:1] if near and clear and near[0].confidence >= ONE_SLIP and near[0].code.isalpha() else ()


def _left(candidates: tuple[Candidate, ...], taken: set[str], recogniser: Recogniser) -> Candidate | None:
    """The one candidate that no other label of the list stands for; in a list without regions it is none."""
    left = [one for one in candidates if one.code not in taken and one.confidence >= TELLING]
    titles = recogniser.countries.areas.titles
    if sum(code.isdecimal() for code in taken) < REGIONS:
        states = [one for one in left if not one.code.isdecimal() or titles[one.code].endswith(FORMER)]
        left = states if len(states) == 1 else left
    if len(left) != 1 or left[0].confidence >= APPLIED or left[0].code == "_O":
        return None
    return Candidate(left[0].code, SETTLED, f"{left[0].reason}; nothing else in the list is it")


def _alone(one: Candidate, others: Iterable[Candidate]) -> bool:
    """Whether no second label asks for the same code."""
    return sum(other.code == one.code for other in others) == 1
