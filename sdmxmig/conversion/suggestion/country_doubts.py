"""Countries in a text, with questions: another country, its people, or the type of origin.

“Refugees from Ukraine”, with Ukraine as reporter, are counted elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import COUNTRY, Mention, ReadTitle, introduced, words_of
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.ambiguities import ONE_OF
from sdmxmig.conversion.suggestion.assignment import ROLES
from sdmxmig.conversion.suggestion.fixed import CITIZENS, names_citizenship, names_people
from sdmxmig.conversion.suggestion.flow_subjects import about_figures
from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.other_counts import measures_in
from sdmxmig.conversion.suggestion.phrase_doubts import ASKED, OF_PEOPLE, TOTAL
from sdmxmig.conversion.suggestion.taken import TakenUp

ORIGINS = ("C_BIRTH", "C_CITIZEN", "C_FORMER", "C_RESIDENCE")
OF_COUNTRIES = frozenset({*ORIGINS, "C_DESTINATION"})
FROM_HERE = "are the people from there, and which country counted them?"
LITTLE = ("ARTICLE", "JOINING", "PLAIN", "WORDING")
OUT_OF = "OUT_OF"
"""The concept of words for “from” that mean nothing else before a country."""
LONGEST = 3
"""How many words such a phrase has at most."""
LEAVING = frozenset({"EMI", "EMISTOCK", "RETURN", "NET", "MIG", "BORDER_OUT", "CTZ", "CTZ_LOSS", "REMITTANCE"})


def of_countries(
    reading: ReadTitle, taken: TakenUp, known: FlowKnowledge, labels: frozenset[str]
) -> Iterator[tuple[Mention, str]]:
    """Ask about countries in a title other than the reporter.

    Countries that the labels name too are the topic.
    """
    area = taken.code("REF_AREA")
    countries = [mention for mention in reading.of(COUNTRY) if area and not mention.negated]
    of_reporter = [mention for mention in countries if names(mention.phrase, area, known)]
    other_countries = [
        mention for mention in countries if mention not in of_reporter and not introduced(mention, reading)
    ]
    words = {word for mention in other_countries for word in plain(mention.phrase).split()}
    vocabulary = known.recogniser.vocabulary
    little = {word for word in words if any(vocabulary.codes(concept, word) for concept in LITTLE)}
    if len(other_countries) == 1 or not labels.issuperset(words - little):
        yield from ((mention, f"are these figures of {area}?") for mention in other_countries)
    yield from (
        (mention, ASKED["GROUP"]) for mention in of_reporter if is_of_own_people(mention, reading, taken, known)
    )
    measures = measures_in(about_figures(known.flow, known.recogniser))
    yield from ((mention, FROM_HERE) for mention in from_here(of_reporter, reading, measures, vocabulary))


def of_file(reading: ReadTitle, taken: TakenUp, known: FlowKnowledge) -> Iterator[tuple[Mention, str]]:
    area = taken.code("REF_AREA")
    of_reporter = [
        mention
        for mention in reading.of(COUNTRY)
        if area and not mention.negated and names(mention.phrase, area, known)
    ]
    of_reporter = [mention for mention in of_reporter if names_people(mention.phrase, known.recogniser)]
    if CITIZENS not in taken.read and "C_CITIZEN" not in taken.read:
        yield from ((mention, FROM_HERE) for mention in of_people_from_here(of_reporter, reading))


def is_of_own_people(mention: Mention, reading: ReadTitle, taken: TakenUp, known: FlowKnowledge) -> bool:
    """Whether a phrase limits figures to the reporter's citizens or natives.

    Not if the table is broken down by it.
    """
    if introduced(mention, reading) and any(introduced(named_group, reading) for named_group in reading.of(*ONE_OF)):
        return False
    recogniser = known.recogniser
    of_citizens = names_citizenship(mention.phrase, recogniser)
    of_citizens |= names_people(mention.phrase, recogniser) and not introduced(mention, reading)
    born = any(recogniser.vocabulary.codes("BORN", plain(word)) for word in mention.phrase.split())
    open_to = {name for name in OF_PEOPLE if taken.code(name) == TOTAL and name not in taken.settled}
    return (of_citizens and CITIZENS in open_to) or (born and "BIRTH_STATUS" in open_to)


def of_origins(roles: Iterable[Mention], taken: TakenUp) -> Iterator[tuple[Mention, str]]:
    components_by_mention = {mention: ROLES.get(mention.code, (mention.code,)) for mention in roles}
    named_origins = [
        mention for mention, components in components_by_mention.items() if not OF_COUNTRIES.isdisjoint(components)
    ]
    read = [name for name in ORIGINS if name in taken.read]
    if (
        read
        and named_origins
        and taken.read.isdisjoint(name for mention in named_origins for name in components_by_mention[mention])
    ):
        for mention in named_origins:
            yield mention, f"and the table is read by {' and '.join(read)}?"


def names(word: str, area: str, known: FlowKnowledge) -> bool:
    countries = known.recogniser.countries
    return any(candidate.code == area for candidate in (*countries.candidates(word), *countries.near(word)[:1]))


def from_here(
    mentions: list[Mention], reading: ReadTitle, measures: frozenset[str], vocabulary: Vocabulary
) -> Iterator[Mention]:
    """The mentions of the reporting country that say that people come from it; `measures` are what is counted."""
    words = [word.plain for word in words_of(reading.title)]
    for mention in mentions if measures.isdisjoint(LEAVING) else ():
        around = range(max(mention.at - LONGEST, 0), mention.end)
        near = (
            " ".join(words[at : at + size])
            for at in around
            for size in range(1, LONGEST + 1)
            if at + size <= mention.end
        )
        if not introduced(mention, reading) and any(vocabulary.codes(OUT_OF, text) for text in near):
            yield mention


def of_people_from_here(mentions: list[Mention], reading: ReadTitle) -> Iterator[Mention]:
    groups = {mention.at for mention in reading.of("GROUP")}
    return (mention for mention in mentions if not introduced(mention, reading) and mention.end in groups)
