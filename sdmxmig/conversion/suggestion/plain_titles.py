"""Titles that state the subject plainly: “Foreign citizens by age”.

Certain unless words are unknown, combined or ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import COUNTRY, Mention, ReadTitle, introduced, read_title
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.suggestion.fixed import BY_TITLE, CITIZENS, FOREIGN, INSIDE, Setting, codes_of_phrase
from sdmxmig.conversion.suggestion.flow_subjects import AS_DIMENSION
from sdmxmig.conversion.suggestion.lines import Fit
from sdmxmig.conversion.suggestion.texts_around import TITLE, SurroundingText

MEASURE, COUNTED = "MEASURE", "COUNTED"
LOOSE, BORN, BIRTH = "LOOSE", "BORN", "BIRTH_STATUS"
OF_DECISIONS = ("DECISION_ACTION", "DECISION_STAGE")
OF_PARTS = ("JOINING", "EXCLUDING", "INCLUDING", "NEGATION", "ONLY", "UNIT", "OFWHICH", "PLACE", "GROUP", *OF_DECISIONS)
SEVERAL_THINGS = frozenset(
    {("PROT_ITEM", "PENDING"), ("PROT_ITEM", "STOCK"), ("PROT_STATUS", "ASY"), ("PROT_STATUS", "REFUGEE")}
    | {("CTZ_MODE", "NAT"), ("CTZ_STATUS", "NC"), ("BIRTH_STATUS", "NB"), ("ADM_ITEM", "WORK_PERMIT")}
)
"""Codes with ambiguous words: “asylum seekers” for applicants, “naturalisations” for all modes, “citizens” for anybody,
“work permits” issued or valid.
"""
MAY_BE_ABROAD = ("WORKER", "STUDENT")
"""Measures whose words may mean people of the country who are abroad: “foreign employment”, “foreign students”."""
ABROAD: Mapping[str, str] = {FOREIGN: "C_CITIZEN", "FB": "C_BIRTH"}


def with_plain_titles(
    settings: Sequence[Setting], texts: Sequence[SurroundingText], fits: Sequence[Fit], recogniser: Recogniser
) -> tuple[Setting, ...]:
    """Mark settings as certain where a title states them plainly."""
    area = next((setting.chosen.code for setting in settings if setting.component == "REF_AREA"), "")
    titles = [read_title(" ".join(text.text.split()), recogniser) for text in texts if text.where == TITLE]
    first = ((fit.component, candidates[0].code) for fit in fits for candidates in fit.meanings.values() if candidates)
    with_area = {component for component, code in first if code == area}
    weighed = (
        as_titles_say(setting, titles, area, recogniser)
        if ABROAD.get(setting.chosen.code) not in with_area
        else setting
        for setting in settings
    )
    return tuple(weighed)


def as_titles_say(setting: Setting, titles: Sequence[ReadTitle], area: str, recogniser: Recogniser) -> Setting:
    sure = setting.chosen.confidence
    if not setting.others and says_plainly(setting, titles, area, recogniser):
        sure = max(sure, BY_TITLE)
    elif is_by_group(setting, titles):
        sure = min(sure, INSIDE)
    return replace(setting, chosen=replace(setting.chosen, confidence=sure))


def is_by_group(setting: Setting, titles: Sequence[ReadTitle]) -> bool:
    if (setting.component, setting.chosen.code) not in SEVERAL_THINGS:
        return False
    groups = [{group.at for group in title.of("GROUP")} for title in titles]
    return any(
        mention.at in at for title, at in zip(titles, groups, strict=True) for mention in title.of(setting.component)
    )


def says_plainly(setting: Setting, titles: Sequence[ReadTitle], area: str, recogniser: Recogniser) -> bool:
    """Whether a title says the value of a component in plain words, and each other that says it does so too."""
    if (
        setting.component not in AS_DIMENSION
        or setting.component in OF_DECISIONS
        or (setting.component, setting.chosen.code) in SEVERAL_THINGS
    ):
        return False
    pairs = [(title, that_say(setting, title, area, recogniser)) for title in titles]
    saying = [(title, phrases) for title, phrases in pairs if phrases]
    return bool(saying) and all(is_plain(title, phrases, area) for title, phrases in saying)


def that_say(setting: Setting, title: ReadTitle, area: str, recogniser: Recogniser) -> tuple[Mention, ...]:
    """The phrases of a title that say a component to have this value, and not only that it is about such things."""
    mentions = [mention for mention in title.of(COUNTRY) if mention.negated and mention.code == area]
    mentions = mentions if (setting.component, setting.chosen.code) == (CITIZENS, FOREIGN) else []
    apart = {at for measure in title.of(MEASURE) if measure.code in MAY_BE_ABROAD for at in measure.span}
    for mention in (mention for mention in title.mentions if not introduced(mention, title) and not mention.negated):
        if mention.inner and mention.at in apart:
            continue
        codes = codes_of_phrase(mention.concept, mention.code, setting.component)
        if codes == (setting.chosen.code,) and is_exact(mention, setting.component, recogniser):
            mentions.append(mention)
    return tuple(mentions)


def is_exact(mention: Mention, component: str, recogniser: Recogniser) -> bool:
    vocabulary, phrase = recogniser.vocabulary, plain(mention.phrase)
    if mention.concept == MEASURE and mention.code not in vocabulary.codes(COUNTED, phrase):
        return False
    if component == BIRTH and not vocabulary.inside(BORN, mention.phrase):
        return False
    return component not in vocabulary.codes(LOOSE, phrase)


def is_plain(title: ReadTitle, mentions: Sequence[Mention], area: str) -> bool:
    first = min(title.broken_down, default=len(title.title))
    at = {mention.at for mention in mentions} | {mention.at - 1 for mention in mentions if mention.negated}
    at |= {
        side for mention in title.of(COUNTRY) if mention.code == area for side in (mention.at - 1, mention.at)
    }  # “in Kenya”
    besides = [mention for mention in title.mentions if mention.at < first and mention.at not in at]
    limits = any(mention.concept in OF_PARTS or mention.negated for mention in besides)
    return not (title.unexplained or limits or any(is_adjective(mention, title) for mention in mentions))


def is_adjective(mention: Mention, title: ReadTitle) -> bool:
    names = [role for role in title.of("ROLE") if role.code != "OBS_VALUE" and not introduced(role, title)]
    return any(role.at == mention.end or role.end == mention.at for role in names)
