"""Questions about a phrase: measure, group, unit, date or country."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from sdmxmig.conversion.recognition.calendars import YearEnd, read_year_end
from sdmxmig.conversion.recognition.countries import CASE_CONFIDENCE
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import BEHIND, COUNTRY, Mention, ReadTitle, is_introduced, split_words
from sdmxmig.conversion.recognition.words import Vocabulary, find_component, list_meanings
from sdmxmig.conversion.suggestion.ambiguities import ONE_OF, convert_to_dimension, is_breakdown
from sdmxmig.conversion.suggestion.assignment import DIMENSIONS_BY_ROLE, read_roles
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge
from sdmxmig.conversion.suggestion.other_counts import AS_DIMENSION, About, find_measures, find_subjects, is_stock
from sdmxmig.conversion.suggestion.title_values import (
    APPLICATION,
    CITIZENS,
    FOREIGN,
    GRANT,
    NATIONAL,
    NORMAL,
    OTHERS,
    are_other_citizens,
    find_codes_of_phrase,
    find_exclusion,
    find_stated_component,
    implies_grant,
    names_citizenship,
    names_people,
)
from sdmxmig.conversion.suggestion.title_values import (
    LEAVING as LEAVING_OUT,
)
from sdmxmig.conversion.suggestion.words_inside import AGE
from sdmxmig.quality.rules.constraints import list_selected_values
from sdmxmig.quality.rules.words import FIRST_LANGUAGE, find_code_name
from sdmxmig.sdmx.model.data import Attributes, Flow

OF_PEOPLE = {"CTZ_STATUS": "C_CITIZEN", "BIRTH_STATUS": "C_BIRTH"}
"""Status components and the components of countries that imply them."""
ASKED_BY_NAME = frozenset({*AS_DIMENSION, "UNIT_MEASURE", "UNIT_MULT"})
"""Components asked about by name if a text contains one of their codes."""
UNKNOWN = "UNKNOWN"
GRANT_DECISION = ("DECISION_ACTION", GRANT)
DECIDED_MEASURES = frozenset({"PERMIT", "WORK_PERMIT", "VISA", "ASYLUM", "DECISION", "CTZ", "REFUGEE"})
"""Measures that include only what was granted."""
PERSONS, SEX, STATUS = "PS", "SEX", "OBS_STATUS"
OF_PART = "which area do the figures cover?"
LESS = "do the figures leave out people that this dataset should count?"
MORE = "do the figures count additional people?"
ASKED = {
    "GROUP": "do all figures cover this group only?",
    COUNTRY: "do all figures cover this group only?",
    UNKNOWN: "do all figures cover this group only?",
    "MEASURE": "is this what the dataset counts?",
    "PLACE": OF_PART,
    "OBS_STATUS": "does this apply to all figures?",
    "EXCLUDING": LESS,
    "INCLUDING": MORE,
    "DATE": "do the years begin or end on that day?",
    "LENGTH": "on which day do the years begin?",
    "PRECISION": "are these figures standard errors or bounds of estimates?",
}
LEFT_OUT = "do the figures leave this group out?"
AVERAGE_CODE = "AVG"
AVERAGE_QUESTION = "are the figures averages over a year or several?"
IN_WHAT_UNIT = "in what unit are the figures?"
CUMULATIVE_QUESTION = "are the figures cumulative since the beginning of a longer period?"
UNREAD_QUESTION = "few of these words are known. Do the figures count something other than the preview shows?"
NOT_UNDERSTOOD = "some words are not recognised. Do they limit the figures?"
LIMITED = "does this change who or what the figures count?"
DATED = "do the figures for that year refer to another day, or to part of the year?"
OTHER_HEADS = "do the figures refer to the years in the headers?"
OF_ANOTHER_AREA = "they cover another area, or a part of the country"
IN_COMMENT = "yes: keep the figures, and state it in a comment on them"
KEPT = {
    ASKED["GROUP"]: "no: they cover everyone whom the dataset counts",
    ASKED["OBS_STATUS"]: "no",
    ASKED["DATE"]: "no: they are calendar years",
    ASKED["LENGTH"]: "on 1 January: they are calendar years",
    **dict.fromkeys(
        (LESS, MORE, ASKED["PRECISION"], LEFT_OUT, AVERAGE_QUESTION, CUMULATIVE_QUESTION, DATED, LIMITED), "no"
    ),
    OTHER_HEADS: "yes: to the years in the headers",
    IN_WHAT_UNIT: "in the unit that the preview shows",
    OF_PART: "the whole country, or the areas named in the table",
    UNREAD_QUESTION: "no: the preview is right",
    NOT_UNDERSTOOD: "no: the figures are not limited",
}
"""The answer that keeps the figures as read; “yes” to other questions."""
SHARE_UNITS = (
    "PERCENT",
    "PERMILLE",
    "SHARE",
    "RATE",
    "RATIO",
    "CHANGE",
    "PER_1000",
    "PER_100000",
    "PT",
    "PER_1000_POP",
)
UNIT_MEASURE = "UNIT_MEASURE"
THING_UNITS = ("DAYS", "HOUSEHOLDS", "KM2", "MONEY", "NIGHTS", "YEARS")
"""Words for units that are not multiples: the question about the unit of a dataflow of the office's own covers them."""
INTERNAL = "INTERNAL"
"""Moves within the country."""
BROAD_MEASURES = frozenset({"POP", "MIG", "IMM", "EMI", "NET", "BORDER_IN", "BORDER_OUT", "CTZ", "CTZ_LOSS"})
"""Measures with several names; any other measure in a title means other people or events."""
OPPOSITES = {
    "IMM": "EMI",
    "EMI": "IMM",
    "CTZ": "CTZ_LOSS",
    "CTZ_LOSS": "CTZ",
    "BORDER_IN": "BORDER_OUT",
    "BORDER_OUT": "BORDER_IN",
    "BIRTH": "DEATH",
    "DEATH": "BIRTH",
}
PERMANENT, LONG_TERM = "PERMANENT", "LONG_TERM"
"""The code of words for permanent residence."""
VITAL, MOVES = frozenset({"BIRTH", "DEATH"}), frozenset({"IMM", "EMI", "NET"})
PLACE, ROLE, JOINING = "PLACE", "ROLE", "JOINING"
IN_CONCEPT = "in"
"""The Slovenian “and”; in other languages it precedes a place: “by nationality in region B”."""


def choose_component(mention: Mention, taken: Usage, flow: Flow) -> tuple[str, str]:
    component, codes = find_component(mention.concept, mention.code)
    is_fixed = component not in taken.read and component in flow.structure
    listed = flow.codelist(component) if is_fixed and (taken.code(component) or component == STATUS) else None
    is_count = component == UNIT_MEASURE and mention.code not in (*SHARE_UNITS, *THING_UNITS)
    is_one = len(codes) == 1 or is_count  # “cases” may be cases or events
    is_one &= component in (*ASKED_BY_NAME, STATUS) and codes[0] in (listed or ()) and not mention.negated
    return (component, codes[0]) if is_one else ("", "")


def has_opposite_measure(mention: Mention, about: About) -> bool:
    measures = find_measures(about)
    other_measures = find_measures([(mention.concept, mention.code)]) - measures
    return not other_measures.isdisjoint({APPLICATION, *(OPPOSITES.get(measure, "") for measure in measures)})


def is_item(mention: Mention, reading: ReadTitle, taken: Usage, flow: Flow) -> bool:
    """Check whether a phrase is the code of a component that is asked about or answered."""
    same = [
        other_mention
        for other_mention in reading.of(mention.concept)
        if (other_mention.at, other_mention.phrase) == (mention.at, mention.phrase)
    ]
    if any(other_mention.code == APPLICATION for other_mention in same):
        return False
    named = [(concept, other.code) for other in same if not other.negated for concept in (other.concept, "HELD")]
    components = [pair for concept, code in named for pair in list_meanings(concept, code)]
    if any(len(codes) == 1 and (taken.code(name) == codes[0] or name in taken.settled) for name, codes in components):
        return True
    return not mention.negated and is_read_item(
        mention, reading, flow, dict(taken.fixed), settled=taken.settled, read=frozenset(taken.read)
    )


def is_total(mention: Mention, reading: ReadTitle, taken: Usage) -> bool:
    counted = any(measure.at == mention.at for measure in reading.of("MEASURE", "DIRECTION"))
    return mention.concept in OF_PEOPLE and taken.code(mention.concept) == TOTAL and not counted


def is_asked_as_dimension(mention: Mention, taken: Usage, known: FlowKnowledge) -> bool:
    component = convert_to_dimension(mention, known.flow)[0] if not mention.negated else ""
    return bool(component) and (component == AGE or component not in taken.read)


def find_doubt(mention: Mention, reading: ReadTitle, taken: Usage, known: FlowKnowledge, *, about: About) -> str:
    if mention.concept in AS_DIMENSION:
        return doubt_dimension(mention, reading, taken, known, about=about)
    if mention.concept in ("MEASURE", "DIRECTION"):
        is_granted = implies_grant(mention, known.vocabulary) and find_measures(about) & DECIDED_MEASURES
        return "" if is_granted else doubt_measure(reading, about, taken)
    if is_asked_as_dimension(mention, taken, known):
        return ""
    if mention.concept in ("UNIT", "UNIT_MULT", "UNIT_MEASURE"):
        before = split_words(reading.title)[mention.at - 1].plain if mention.at else ""
        return "" if before.isdecimal() and mention.code == "DAYS" else doubt_unit(mention, taken, known.flow)
    if (mention.concept, mention.code) == ("DATE", AVERAGE_CODE):
        return AVERAGE_QUESTION
    is_taken = mention.concept == "OBS_STATUS" and (taken.code("OBS_STATUS") or NORMAL) == mention.code
    is_taken |= mention.concept == COUNTRY and taken.code(CITIZENS) == FOREIGN  # asked separately
    is_taken |= mention.concept in ("DATE", "LENGTH") and not is_other_year_start(mention, reading, taken, known)
    is_taken |= mention.concept == UNKNOWN and not counts_unknown(mention, reading, known)
    is_taken |= mention.concept == "PRECISION" and taken.left_out
    is_taken |= mention.concept == "EXCLUDING" and excludes_counterpart(reading, taken)
    is_taken |= concerns_residents(mention, reading, taken) or is_heading(mention, reading)
    is_taken |= mention.concept not in (STATUS, "LENGTH") and is_breakdown(mention, reading)
    is_taken |= mention.concept == COUNTRY and not mention.negated
    asks = LEFT_OUT if is_excluded_group(mention, reading) else ASKED.get(mention.concept, "")
    asks = LESS if asks == MORE and mention.negated else asks
    return "" if is_taken else asks


def excludes_counterpart(reading: ReadTitle, taken: Usage) -> bool:
    """Check whether an excluded group is only the counterpart of the counted one: citizens beside foreigners."""
    left = [mention for mention in reading.of(*LEAVING_OUT) if find_exclusion(mention, reading)]
    groups = [mention for mention in left if mention.concept != COUNTRY or mention.code != taken.code("REF_AREA")]
    are_others = all(taken.code(mention.concept) == OTHERS.get(mention.code, "?") for mention in groups)
    return bool(groups) and are_others and not reading.unexplained


def counts_unknown(mention: Mention, reading: ReadTitle, known: FlowKnowledge) -> bool:
    """Check whether a title counts unknown people: “of unknown citizenship”, but not “incl. unknown”."""
    if is_introduced(mention, reading) or reading.of("INCLUDING", "EXCLUDING", "OFWHICH"):
        return False
    beside = set(range(mention.at - 2, mention.end + 2)) - reading.broken_down
    near = " ".join(word.written for at, word in enumerate(split_words(reading.title)) if at in beside)
    return not read_roles([near], known.recogniser).isdisjoint(OF_PEOPLE.values())


def is_excluded_group(mention: Mention, reading: ReadTitle) -> bool:
    return mention.concept == "GROUP" and not mention.negated and bool(find_exclusion(mention, reading))


def concerns_residents(mention: Mention, reading: ReadTitle, taken: Usage) -> bool:
    population = {
        at
        for measure in reading.of("MEASURE")
        if measure.code == "POP"
        for at in range(measure.at - 1, measure.end + 1)
    }
    of_moves = {at for measure in reading.of("MEASURE") if measure.code in MOVES for at in measure.span}
    is_long = mention.code == LONG_TERM and mention.at in of_moves  # “long-term immigration” is what the dataset counts
    is_near = mention.code == PERMANENT and mention.at in population
    return (is_long or is_near) and not mention.negated and taken.code("POP_BASE") in ("", "RES")


def is_other_year_start(mention: Mention, reading: ReadTitle, taken: Usage, known: FlowKnowledge) -> bool:
    on_a_day = is_stock(known.flow)
    of_calendar = any(date.code in ("D0101", "D1231") for date in reading.of("DATE"))
    of_year = (mention.concept, mention.code) in (("DATE", "D0701"), ("LENGTH", "A"), ("LENGTH", "FY"))
    is_read = taken.end is not None and read_year_end(reading.title, known.vocabulary) in (None, taken.end)
    is_read |= any(code.endswith("/P1Y") for code in taken.read.get("TIME_PERIOD", ()))
    return of_year and not (on_a_day or of_calendar or is_read)


def doubt_measure(reading: ReadTitle, about: About, taken: Usage) -> str:
    """Determine the question about a measure; internal moves share words (“in-migrants”)."""
    measures, named_measures = (
        find_measures(about),
        find_measures((mention.concept, mention.code) for mention in reading.mentions),
    )
    other_measures = named_measures - measures
    first = min((mention.at for mention in reading.of("BY") if mention.code != BEHIND), default=len(reading.title))
    before = find_measures((mention.concept, mention.code) for mention in reading.mentions if mention.at < first)
    anywhere = {INTERNAL} if measures & MOVES else {INTERNAL, "EMISTOCK"}  # “acquisitions by residents abroad”
    is_other = not measures & named_measures or bool(other_measures & (before | anywhere) - BROAD_MEASURES)
    is_other |= bool(measures & VITAL and other_measures & before & MOVES)
    by_kind = any(name == "DIRECTION" or name.endswith("_ITEM") for name in taken.read)
    is_other |= not by_kind and any(OPPOSITES.get(measure) in other_measures for measure in measures & named_measures)
    return ASKED["MEASURE"] if measures and is_other else ""


def doubt_dimension(mention: Mention, reading: ReadTitle, taken: Usage, known: FlowKnowledge, *, about: About) -> str:
    is_move = "DIRECTION" in taken.read and mention.at in {move.at for move in reading.of("MEASURE", "DIRECTION")}
    if is_move or mention.code in (TOTAL, "_O", "_U") or is_breakdown(mention, reading):
        return ""
    if (mention.concept, mention.code) == GRANT_DECISION and find_measures(about) & DECIDED_MEASURES:
        return ""
    is_other = (mention.concept, mention.code) == (CITIZENS, NATIONAL) and (
        mention.negated or are_other_citizens(mention, reading, taken.code("REF_AREA"), known.recogniser)
    )
    code = OTHERS.get(mention.code) if is_other or find_exclusion(mention, reading) else mention.code
    if taken.code(mention.concept) == code and (is_other or not mention.negated):
        return ""
    several = {group.code for group in reading.of(mention.concept)} - {TOTAL}
    is_of_both = len(several) > 1 and not mention.negated  # “men and women”
    is_contrary = not mention.negated and OTHERS.get(code or "") in taken.read.get(mention.concept, ())
    if is_of_both or (mention.concept in taken.read and not is_contrary):
        return ""
    if (
        mention.concept in known.flow.structure
        and not mention.negated
        and taken.code(mention.concept) not in ("", TOTAL)
    ):
        return f"does this agree with {mention.concept} = {taken.code(mention.concept)}?"
    return LEFT_OUT if find_exclusion(mention, reading) else ASKED["GROUP"]


def doubt_unit(mention: Mention, taken: Usage, flow: Flow) -> str:
    component, codes = find_component(mention.concept, mention.code)
    is_obligatory = any(attribute.id == component and attribute.mandatory for attribute in flow.structure.attributes())
    is_asked = (len(codes) > 1 or is_obligatory) and not taken.code(component)
    is_asked |= len(codes) > 1 and component in taken.settled
    is_asked |= mention.code in THING_UNITS and (flow.dataflow.ref.is_draft or UNIT_MEASURE in taken.settled)
    if mention.code == PERSONS or component in taken.read or taken.code(component) in codes or is_asked:
        return ""
    if taken.left_out and component in ("UNIT", "UNIT_MEASURE") and mention.code in SHARE_UNITS:
        return ""
    return CUMULATIVE_QUESTION if mention.code == "CUMULATIVE" else IN_WHAT_UNIT


def is_heading(mention: Mention, reading: ReadTitle) -> bool:
    roles = reading.of(ROLE)
    if mention.concept != PLACE or mention.negated or mention.at not in {role.at for role in roles}:
        return False  # a place name is not a value of a dimension
    return is_alone(reading) or any(is_joined(mention, role, reading) for role in roles if role.at != mention.at)


def is_alone(reading: ReadTitle) -> bool:
    roles, joints = {role.at for role in reading.of(ROLE)}, {joint.at for joint in reading.of(JOINING)}
    return {mention.at for mention in reading.mentions} <= roles | joints and not reading.unexplained


def is_joined(mention: Mention, role: Mention, reading: ReadTitle) -> bool:
    first, last = sorted((mention, role), key=lambda word: word.at)
    joints = {joint.at for joint in reading.of(JOINING) if joint.phrase.casefold() != IN_CONCEPT}
    if first.end < last.at:
        return set(range(first.end, last.at)) <= joints
    between = reading.title.partition(first.phrase)[2].partition(last.phrase)[0]
    return first.end == last.at and between.strip() in ("/", "、")


ENTRIES_AND_EXITS, ITEMS_MOVES = frozenset({"ENTRY", "EXIT"}), "MIG"
"""Two items, and the name of both together: “movimientos migratorios”."""
ITEM_SUFFIX = "_ITEM"


def is_read_item(
    mention: Mention,
    reading: ReadTitle,
    flow: Flow,
    fixed: Mapping[str, str],
    *,
    settled: frozenset[str],
    read: frozenset[str],
) -> bool:
    """Check whether a phrase names the item that is read or asked about; contradictory items do not count."""
    for component in (name for name in flow.structure.key if name.endswith(ITEM_SUFFIX)):
        held = list_allowed_codes(component, flow)
        codes = held & find_named_codes(mention, reading, component)
        if component in read and mention.code == ITEMS_MOVES and held >= ENTRIES_AND_EXITS:
            return True
        if codes and (component in settled | read or fixed.get(component, "") in codes | {""}):
            return True
    return False


def list_allowed_codes(component: str, flow: Flow) -> set[str]:
    codes = {item.id for item in flow.codelist(component) or ()}
    for regions in ([region for region in constraint.regions if region.include] for constraint in flow.constraints):
        for selection in regions[0].selections if len(regions) == 1 else ():
            if selection.component == component and selection.include and selection.members:
                codes &= list_selected_values(selection, flow.codelist(component))
    return codes


def find_named_codes(mention: Mention, reading: ReadTitle, component: str) -> set[str]:
    pairs = ((mention.concept, mention.code), ("HELD", mention.code))
    codes = {code for concept, word in pairs for code in find_codes_of_phrase(concept, word, component)}
    same = {
        item_mention.code
        for item_mention in reading.of(component)
        if (item_mention.at, item_mention.phrase) == (mention.at, mention.phrase)
    }
    return same or codes


ORIGIN_DIMENSIONS = ("C_BIRTH", "C_CITIZEN", "C_FORMER", "C_RESIDENCE")
COUNTRY_DIMENSIONS = frozenset({*ORIGIN_DIMENSIONS, "C_DESTINATION"})
CITIZENSHIP_DIMENSIONS = ("C_CITIZEN", "C_FORMER")
"""Possible meanings of “by citizenship” for changes of citizenship; the line question decides."""
FROM_HERE = "these people came from the reporting country. Did it count them itself?"
PARTICLE_CONCEPTS = ("ARTICLE", "JOINING", "PLAIN", "WORDING")
EXTENT = "EXTENT"
"""The concept of names that cover less or more than the country they resemble."""
OUT_OF = "OUT_OF"
"""The concept of words that before a country can only mean “from”."""
MAX_WORDS = 3
"""Maximum number of words in such a phrase."""
LEAVING_MEASURES = frozenset(
    {"EMI", "EMISTOCK", "RETURN", "RETURNING", "NET", "MIG", "BORDER_OUT", "CTZ", "CTZ_LOSS", "REMITTANCE"}
)


def find_country_doubts(
    reading: ReadTitle, taken: Usage, known: FlowKnowledge, labels: frozenset[str]
) -> Iterator[tuple[Mention, str]]:
    """Ask about countries in a title other than the reporting country, unless the labels name them too."""
    area = taken.code("REF_AREA")
    countries = [mention for mention in reading.of(COUNTRY) if area and not mention.negated]
    of_reporter = [mention for mention in countries if is_name_of_area(mention.phrase, area, known)]
    other_countries = [
        mention for mention in countries if mention not in of_reporter and not is_introduced(mention, reading)
    ]
    if of_reporter:  # “Polish citizens in Germany”: their country is a question about that component
        origins = {mention: find_stated_component(mention, reading, known.recogniser) for mention in other_countries}
        other_countries = [mention for mention in other_countries if not taken.code(origins[mention])]
    words = {word for mention in other_countries for word in plain(mention.phrase).split()}
    vocabulary = known.vocabulary
    little = {word for word in words if is_function_word(word, vocabulary)}
    if len(other_countries) == 1 or not labels.issuperset(words - little):
        asks = f"are these figures for {find_code_name(known.flow, 'REF_AREA', area, FIRST_LANGUAGE)} ({area})?"
        yield from ((mention, asks) for mention in other_countries)
    yield from (
        (mention, ASKED["GROUP"]) for mention in of_reporter if limits_to_nationals(mention, reading, taken, known)
    )
    measures = find_measures(find_subjects(known.flow, known.recogniser))
    yield from ((mention, FROM_HERE) for mention in find_reporter_origins(of_reporter, reading, measures, vocabulary))
    yield from (
        (mention, OF_PART) for mention in of_reporter if area in list_other_extents(mention, reading, vocabulary)
    )


def list_other_extents(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return countries for similar names of a larger or smaller area, such as “Great Britain”."""
    words = [word.plain for word in split_words(reading.title)][: mention.end]
    first = mention.at + sum(1 for _ in takewhile(lambda word: is_function_word(word, vocabulary), words[mention.at :]))
    names_of_parts = (" ".join(words[at:]) for at in range(max(mention.at - MAX_WORDS, 0), first + 1))
    return next(filter(None, (vocabulary.codes(EXTENT, name) for name in names_of_parts)), ())


def is_function_word(word: str, vocabulary: Vocabulary) -> bool:
    return any(vocabulary.codes(concept, word) for concept in PARTICLE_CONCEPTS)


def find_file_doubts(reading: ReadTitle, taken: Usage, known: FlowKnowledge) -> Iterator[tuple[Mention, str]]:
    area = taken.code("REF_AREA")
    of_reporter = [
        mention
        for mention in reading.of(COUNTRY)
        if area and not mention.negated and is_name_of_area(mention.phrase, area, known)
    ]
    of_reporter = [mention for mention in of_reporter if names_people(mention.phrase, known.recogniser)]
    if CITIZENS not in taken.read and "C_CITIZEN" not in taken.read:
        yield from ((mention, FROM_HERE) for mention in find_reporter_groups(of_reporter, reading))


def limits_to_nationals(mention: Mention, reading: ReadTitle, taken: Usage, known: FlowKnowledge) -> bool:
    """Check whether a phrase limits figures to the reporter's citizens or natives, unless it is a breakdown."""
    if mention.inner:
        return False
    if is_introduced(mention, reading) and any(
        is_introduced(named_group, reading) for named_group in reading.of(*ONE_OF)
    ):
        return False
    recogniser = known.recogniser
    of_citizens = names_citizenship(mention.phrase, recogniser)
    of_citizens |= names_people(mention.phrase, recogniser) and not is_introduced(mention, reading)
    born = any(recogniser.vocabulary.codes("BORN", plain(word)) for word in mention.phrase.split())
    open_to = {name for name in OF_PEOPLE if taken.code(name) == TOTAL and name not in taken.settled}
    return (of_citizens and CITIZENS in open_to) or (born and "BIRTH_STATUS" in open_to)


def find_origin_doubts(roles: Iterable[Mention], taken: Usage) -> Iterator[tuple[Mention, str]]:
    """Ask about a breakdown by countries in a title if the dataset has no component for it."""
    read = [name for name in ORIGIN_DIMENSIONS if name in taken.read]
    for mention in roles:
        components = (
            CITIZENSHIP_DIMENSIONS
            if mention.code == "C_CITIZEN"
            else DIMENSIONS_BY_ROLE.get(mention.code, (mention.code,))
        )
        is_of_dataset = any(name in taken.read or taken.code(name) for name in components)
        if read and not COUNTRY_DIMENSIONS.isdisjoint(components) and not is_of_dataset:
            yield mention, f"is the breakdown by {' and '.join(read)} right?"


def is_name_of_area(word: str, area: str, known: FlowKnowledge) -> bool:
    """Check whether a word is a name of an area, possibly misspelt."""
    countries = known.recogniser.countries
    is_name = any(candidate.code == area for candidate in countries.candidates(word))
    return is_name or any(near.code == area and near.confidence >= CASE_CONFIDENCE for near in countries.near(word)[:1])


def find_reporter_origins(
    mentions: list[Mention], reading: ReadTitle, measures: frozenset[str], vocabulary: Vocabulary
) -> Iterator[Mention]:
    """Yield mentions of the reporting country as an origin of people; `measures` are the subject."""
    words = [word.plain for word in split_words(reading.title)]
    for mention in mentions if measures.isdisjoint(LEAVING_MEASURES) else ():
        around = range(max(mention.at - MAX_WORDS, 0), mention.end)
        near = (
            " ".join(words[at : at + size])
            for at in around
            for size in range(1, MAX_WORDS + 1)
            if at + size <= mention.end
        )
        if not is_introduced(mention, reading) and any(vocabulary.codes(OUT_OF, text) for text in near):
            yield mention


def find_reporter_groups(mentions: list[Mention], reading: ReadTitle) -> Iterator[Mention]:
    groups = {mention.at for mention in reading.of("GROUP")}
    return (mention for mention in mentions if not is_introduced(mention, reading) and mention.end in groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A doubtful phrase, its place and question.

    `component_code` would express it; if it `may_be_place`, the answer may be another area.
    """

    phrase: str
    origin: str
    asks: str
    subject: str = ""
    component_code: tuple[str, str] = ("", "")
    may_be_place: bool = False

    @property
    def about(self) -> str:
        return f"{self.subject or self.phrase} {self.asks}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Components used with the codes of their labels, fixed or left out.

    `settled` have a confirmed code; `end` is the end of the years, as texts name it.
    """

    read: Mapping[str, frozenset[str]]
    fixed: Attributes
    left_out: bool
    settled: frozenset[str] = frozenset()
    end: YearEnd | None = None

    def code(self, component: str) -> str:
        return dict(self.fixed).get(component, "")


def index_read_codes(fits: Iterable[Fit]) -> Mapping[str, frozenset[str]]:
    codes: dict[str, frozenset[str]] = {}
    for fit in fits:
        of_labels = frozenset(candidates[0].code for candidates in fit.meanings.values() if candidates)
        codes[fit.component] = codes.get(fit.component, frozenset()) | of_labels
    return codes
