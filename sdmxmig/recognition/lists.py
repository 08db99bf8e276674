"""Lists of labels: what stands beside a label helps to understand it, since a list names each thing once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sdmxmig.areas import FORMER, folded
from sdmxmig.recognition.candidates import APPLIED, Candidate, best
from sdmxmig.recognition.labels import bare, plain
from sdmxmig.recognition.recogniser import AGE, MONTH, PARTNER, SEX, Recogniser
from sdmxmig.recognition.regions import Regions
from sdmxmig.recognition.short_words import Found, ages_out_of_context, months_beside, sexes_beside
from sdmxmig.recognition.slips import SAFE
from sdmxmig.recognition.wordings import without_of_which
from sdmxmig.recognition.words import Vocabulary

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
ASKED, REST_OF_WHAT = 0.85, "what remains of a region, or of all?"
REST = "_O"
AMERICAS, UNITED_STATES, PLURAL = "019", "US", "americas"
CONTINENTS, OF_AMERICAS = frozenset({"002", "142", "150"}), frozenset({"003", "005", "013", "021", "029", "419"})
NORTH, SOUTH = frozenset({"003", "021"}), frozenset({"005", "013", "419"})
"""Continents of M49 beside which “America” is one, and regions inside the Americas; those of north and south."""
SOUTH_AFRICA, SOUTHERN_AFRICA, OF_AFRICA = "ZA", "018", frozenset({"011", "014", "015", "017"})
"""South Africa, the south of Africa, and its other parts."""
LISTED = 0.95
"""How sure a code is in a list of codes."""
NEARLY_ALL = 0.9
CODE = re.compile(r"[A-Z]{2,3}|\d{3}", re.ASCII)
NUMBERS = 5
"""So many numbers of three digits must be codes; fewer may be anything."""
MOSTLY = 0.6
"""The part of a list that must be recognised before its neighbours settle anything."""


def recognise_list(
    labels: Iterable[str],
    concept: str,
    recogniser: Recogniser,
    language: str = "",
    *,
    head: str = "",
    m49: bool = False,
) -> Mapping[str, tuple[Candidate, ...]]:
    """What each label of a list means; the candidates of each, the surest first.

    In a list that is mostly understood, a name of several countries (“Congo”, “Guinea”) means the one that is not named
    otherwise in the list; an inflected or formal name, or one with a slip of the pen, may be settled in the same way.
    Regions are certain in a list that is visibly that of M49, or of which `m49` says so, such as one with codes beside.
    Codes count in a list of codes, letters for the sexes beside their counterparts unless a `head` says that they are
    something else, bare numbers as ages in a row or below a head that says so.
    """
    listed = list(dict.fromkeys(labels))
    found = {label: recogniser.candidates(label, concept, language) for label in listed}
    if concept != PARTNER:
        return {**found, **in_context(found, concept, head, recogniser.vocabulary)}
    found |= codes_in(found, recogniser)
    found |= americas_in(found)
    found |= lone_america(found)
    found |= south_of_africa(found)
    found = recogniser.regions.in_list(found, m49=m49)
    for label in below_regions(found, recogniser.regions):
        found[label] = (replace(found[label][0], confidence=ASKED, reason=REST_OF_WHAT),)
    sure = {label: one for label, many in found.items() if (one := best(many)) and one.is_applied}
    taken = {candidate.code for candidate in sure.values()}
    clear = sum(bool(many) and many[0].confidence >= CLEAR for many in found.values())
    if clear < NEIGHBOURS or sum(bool(many) for many in found.values()) < MOSTLY * len(listed):
        return found
    named = {one.code for many in found.values() if (one := best(many)) and one.varies} | taken
    regions = sum(code.isdecimal() for code in named) >= REGIONS
    for label in (label for label, many in found.items() if not many):
        found[label] = slips(label, recogniser)
    while True:
        settled = {
            label: one
            for label, many in found.items()
            if label not in sure and (one := _left(many, taken, recogniser, regions=regions)) is not None
        }
        fresh = {label: candidate for label, candidate in settled.items() if _alone(candidate, settled.values())}
        if not fresh:
            return found
        for label, one in fresh.items():
            sure[label] = one
            others = tuple(other for other in found[label] if other.code != one.code)
            found[label] = (one, *others)
            taken.add(one.code)


def in_context(found: Found, concept: str, head: str, vocabulary: Vocabulary) -> Found:
    """The labels of a list of sexes, months or ages that mean something else by what stands beside them."""
    if concept == SEX:
        roles = vocabulary.codes("ROLE", plain(bare(head)))
        return {} if roles and SEX not in roles else sexes_beside(found, vocabulary)
    if concept == MONTH:
        return months_beside(found)
    return ages_out_of_context(found, head, vocabulary) if concept == AGE else {}


def americas_in(found: Found) -> Found:
    """“America” in a list of continents is the Americas, and not the United States, if these are named otherwise.

    So it is if no part of the Americas stands there, or the north and the south of them without any country.
    """
    codes = {candidate.code for many in found.values() for candidate in many[:1]}
    sure = {one.code for many in found.values() if len(many) == 1 and (one := many[0]).is_applied}
    parted = codes & OF_AMERICAS and not (codes & NORTH and codes & SOUTH and not any(map(str.isalpha, sure)))
    if len(codes & CONTINENTS) < REGIONS or (parted and UNITED_STATES not in sure):
        return {}
    both = {
        label: many
        for label, many in found.items()
        if {candidate.code for candidate in many} == {AMERICAS, UNITED_STATES}
    }
    return {
        label: (Candidate(AMERICAS, LISTED, reason="the continent, among others"),) for label in both if len(both) == 1
    }


def lone_america(found: Found) -> Found:
    """“America” alone among countries may be the United States, in whatever language; “Americas” is not."""
    first = {label: many[0].code for label, many in found.items() if many}
    regions = {code for code in first.values() if code in CONTINENTS | OF_AMERICAS}
    countries = sum(code.isalpha() for code in first.values())
    alone = [label for label, code in first.items() if code == AMERICAS and plain(bare(label)) != PLURAL]
    if len(alone) != 1 or regions or countries < NEIGHBOURS or len(found[alone[0]]) > 1:
        return {}
    asked = (
        Candidate(AMERICAS, ASKED, reason="the continent"),
        Candidate(UNITED_STATES, ASKED, reason="the United States?"),
    )
    return {alone[0]: asked}


def south_of_africa(found: Found) -> Found:
    """“South Africa” beside other parts of Africa may be the south of it, if no other label is: “Südafrika”."""
    first = {label: many[0].code for label, many in found.items() if many}
    alone = [label for label, code in first.items() if code == SOUTH_AFRICA]
    if len(alone) != 1 or SOUTHERN_AFRICA in first.values() or len(OF_AFRICA & {*first.values()}) < REGIONS:
        return {}
    asked = (
        Candidate(SOUTH_AFRICA, ASKED, reason="the state"),
        Candidate(SOUTHERN_AFRICA, ASKED, reason="the south of Africa?"),
    )
    return {alone[0]: asked}


def codes_in(found: Mapping[str, tuple[Candidate, ...]], recogniser: Recogniser) -> Mapping[str, tuple[Candidate, ...]]:
    """The codes of a list whose labels are mostly codes of one shape: two or three capitals, or three digits.

    Nearly all tokens of that shape must be codes, and nearly all labels be known: those of the states of a federation
    are codes of countries only now and then. If all are also codes of the parts of one country, nothing is certain.
    """
    shapes = Counter(shape for label in found if (shape := shape_of(label)))
    tokens = [label for label in found if shapes[shape_of(label)] == max(shapes.values(), default=0)]
    numbers = bool(tokens) and tokens[0].isdecimal()
    countries = recogniser.countries
    known = {token: codes for token in tokens if (codes := countries.codes_of(token)) or token in countries.everyday}
    parts = [{*recogniser.vocabulary.codes("SUBDIVISION", token.lower())} for token in tokens]
    fewest = max(NUMBERS if numbers else NEIGHBOURS, MOSTLY * len(found))
    if not tokens or len(tokens) < fewest or len(known) < NEARLY_ALL * len(tokens):
        return {}
    if set.intersection(*parts) or sum(map(bool, found.values())) < NEARLY_ALL * len(found):
        return {}
    titles = countries.areas.titles
    return {
        token: tuple(
            Candidate(code, LISTED / len(codes), reason=f"in a list of codes: {titles[code]}") for code in codes
        )
        for token, codes in known.items()
        if codes and token not in countries.everyday
    }


def shape_of(label: str) -> str:
    """How many signs a code has and of which kind, empty for what is no code."""
    return f"{len(label)} {label.isdecimal()}" if CODE.fullmatch(label) else ""


def below_regions(found: Mapping[str, tuple[Candidate, ...]], known: Regions) -> tuple[str, ...]:
    """The labels of what remains, such as “Other countries”, in a list of regions with countries below them."""
    codes = [(label, one.code) for label, many in found.items() if (one := best(many)) and one.confidence >= CLEAR]
    regions = [at for at, (_, code) in enumerate(codes) if known.holds_others(code)]
    if not regions or not any(code.isalpha() for _, code in codes[regions[0] :]):
        return ()
    return tuple(label for label, code in codes[regions[0] :] if code == REST)


def slips(label: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """The one country whose name a label is but for a letter, if no other country's name is nearly as like it.

    It is never applied as it stands, only where a list leaves that country open.
    """
    short = " " in label.strip() and len(folded(label)) < SAFE
    place = any(recogniser.vocabulary.codes(concept, plain(label)) for concept in ("PLACE", "PART_OF"))
    near = () if short or place else recogniser.countries.near(without_of_which(label, recogniser.vocabulary))
    clear = len(near) == 1 or (len(near) > 1 and near[0].confidence - near[1].confidence >= CLEARLY)
    return near[:1] if near and clear and near[0].confidence >= ONE_SLIP and near[0].code.isalpha() else ()


def _left(
    candidates: tuple[Candidate, ...], taken: set[str], recogniser: Recogniser, *, regions: bool
) -> Candidate | None:
    """The one candidate that no other label of the list stands for; in a list without regions it is none."""
    left = [candidate for candidate in candidates if candidate.code not in taken and candidate.confidence >= TELLING]
    titles = recogniser.countries.areas.titles
    if not regions:
        states = [
            candidate for candidate in left if not candidate.code.isdecimal() or titles[candidate.code].endswith(FORMER)
        ]
        left = states if len(states) == 1 else left
    if len(left) != 1 or left[0].confidence >= APPLIED or left[0].code == REST or left[0].varies:
        return None
    if (known := recogniser.regions.compositions.get(left[0].code)) and not known.varies:
        return None
    return Candidate(left[0].code, SETTLED, reason=f"{left[0].reason}; nothing else in the list is it")


def _alone(one: Candidate, others: Iterable[Candidate]) -> bool:
    """Whether no second label asks for the same code."""
    return sum(other.code == one.code for other in others) == 1
