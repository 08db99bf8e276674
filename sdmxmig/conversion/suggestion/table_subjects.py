"""The subject of a table: people on a day, moves in a period, or events.

The question is answered only if two independent kinds of evidence agree and none contradicts. A noun for people, such
as “immigrants”, is not enough: they may live in the country or be arriving.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.catalogue.topics import TableSubject
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.mentions import Mention, ReadTitle, Word, is_introduced, read_title, split_words
from sdmxmig.conversion.recognition.times import moment
from sdmxmig.conversion.recognition.words import OFFICE_OF, Vocabulary
from sdmxmig.conversion.suggestion.assignment import find_role_components, read_roles
from sdmxmig.conversion.suggestion.lines import MIN_CONFIDENCE, FlowKnowledge, Line, assess_fit, list_lines
from sdmxmig.conversion.suggestion.measures import find_item_of_moves
from sdmxmig.conversion.suggestion.other_counts import (
    DIRECTION,
    MEASURE,
    NATURE,
    OF_DIRECTION,
    PARTICLES,
    PEOPLE,
    STOCK,
    counts_moves,
    find_counted_people,
    find_phrases,
    follows_by,
    join_words,
)
from sdmxmig.conversion.suggestion.other_measures import has_directions
from sdmxmig.conversion.suggestion.phrase_doubts import INTERNAL, list_allowed_codes
from sdmxmig.conversion.suggestion.region_splitting import find_regions
from sdmxmig.conversion.suggestion.stated_rules import find_short_stays_in_text
from sdmxmig.conversion.suggestion.surrounding_texts import FILE, NAME, NOTE, TITLE, is_office, list_region_texts
from sdmxmig.conversion.suggestion.title_values import BETWEEN_SIGNS
from sdmxmig.conversion.suggestion.titled_years import DATE, names_day
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.tables import Table

MAX_REGIONS = 4
MAX_LABELS = 100
GROUP = "GROUP"
OTHER_YEAR = "OTHER_YEAR"
ON_A_DAY, LIVING, IN_A_PERIOD, EVENT_NOUN = "day", "living", "period", "event"
BECOMING_EVIDENCE = "becoming"
"""Words for the start of a status, which exclude stocks: “obtaining”, “granted”, “change of”."""
SHORT_STAY = "short stay"
"""Words and lengths of temporary stays, which are not migration: “short-term”, “less than three months”."""
TEMPORARY, SHORT_GROUPS = "TEMPORARY", ("TEMPORARY", "SHORT_TERM")
STOCK_NOUN, PERSON_NOUN, RHYTHM, MOVE = "population", "people", "rhythm", "move"
SEVERAL_ITEMS = "its labels name several of them"
EARLIER_MOVE_REASON = "“{phrase}” may be people who moved there earlier"
STOCK_EVIDENCE = frozenset({STOCK_NOUN, ON_A_DAY, LIVING, RHYTHM})
OF_FLOWS = frozenset({EVENT_NOUN, IN_A_PERIOD, MOVE})
MIN_EVIDENCE = 2
"""Number of kinds of evidence that must agree; a noun for a stock or an event counts twice."""
MAX_SHORT_STAY = 4
"""Maximum number of letters of words, such as “fin”, that mean a day only beside a number."""
NON_DAY_CONCEPTS = ("PUBLISHED", "ADDED", "SOURCE", "LENGTH")
MIN_RHYTHM_YEARS = 5
"""Stocks of migrants are published for every fifth or tenth year."""
MIN_FIT = 0.5
ITEM_ENDING = "_ITEM"
ITEM, ITEMS_OF_ACCOUNT, ROLE = "ACC_ITEM", 4, "ROLE"
SOME_PEOPLE = frozenset({"STUDENT", "WORKER"})
PEOPLE_DIMENSIONS = frozenset({"C_CITIZEN", "C_BIRTH"})
"""Items of the population account that, on one line, mean several measures."""
COUNTRY_NAMED = "COUNTRY"
COUNTRY = "C_CITIZEN"
"""Any component of countries."""
PLACE, REGION = "PLACE", "REGION"
"""The concept of words for parts of a country."""
EVENT, CROSSING = "event", "crossing"
"""Events never confused with moves, and border crossings, which share words with moves."""
STATUS_SUBJECTS = frozenset({"PERMITS", "CITIZENSHIP"})
RESIDENTS, ABROAD, ACCOUNT = "RESIDENTS", "ABROAD", "ACCOUNT"
OUTSIDE = "ABROAD"
"""The concept of words for all other countries together."""
OF_EMIGRANTS = frozenset({"E", "EMI", "EMISTOCK"})
MOVE_CONCEPT = "MOVE"
"""The concept of words for the country of previous or next residence."""
ALONE = {COUNTRY_NAMED, "PLAIN"}
NUMERALS, LISTED = re.compile(r"\d+"), re.compile("[,;/、،，]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An answer to “What do these figures count?”: dataflow and reasons."""

    flow: str
    name: Text
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectQuestion:
    """The options, most likely first; `flow` is the answer, empty if the user must choose.

    `others` are the subjects for which the table has no evidence; `half` is the first of two dataflows side by side.
    """

    options: tuple[Option, ...] = ()
    flow: str = ""
    others: tuple[Option, ...] = ()
    half: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    kind: str
    phrase: str
    direction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clues:
    readings: tuple[ReadTitle, ...]
    regions: tuple[tuple[ReadTitle, ...], ...]
    """The titles of each table."""
    texts: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[ReadTitle, ...]


def ask_about_table_subject(
    tables: Sequence[Table], flows: Mapping[str, Flow], recogniser: Recogniser, counted: Sequence[TableSubject]
) -> SubjectQuestion:
    clues = _collect_clues(tables, recogniser)
    if clues is None:
        return SubjectQuestion()
    account, balance = next((each for each in counted if each.id == ACCOUNT), None), _find_balance(clues.readings)
    if account:
        known = FlowKnowledge(flows[account.flows[0]], recogniser)
        placed = _find_placed_lines(clues, known)
        is_account = not placed and _is_account(clues.lines, known)
        if is_account or (balance and not placed and _may_be_account(clues.lines, known)):
            reason = SEVERAL_ITEMS if is_account else f"the table says “{balance}”"
            option = Option(flow=account.flows[0], name=account.name, reasons=(reason,))
            rest = (each for each in counted if each is not account)
            others = tuple(
                Option(flow=_choose_flow(each, clues, flows, recogniser), name=each.name, reasons=()) for each in rest
            )
            return SubjectQuestion((option,), option.flow, others)
    evidence = unify_direction(_collect_evidence(clues, recogniser, _list_event_measures(counted)))
    if any(one.direction for one in evidence):  # “immigrants (usual residents)” may move: one phrase is one evidence
        people = [one.phrase for one in evidence if one.kind == PERSON_NOUN]
        evidence = [one for one in evidence if one.kind != LIVING or all(one.phrase not in each for each in people)]
    named, grouped = (
        _find_named_subjects(clues.readings, counted, flows, recogniser),
        _find_group_subjects(clues.readings, counted),
    )
    likely = [each for each in counted if each.id in (*named, *grouped) or _collect_kinds(each, evidence)]
    answer = _choose_subject(counted, named, evidence, _find_divided_subjects(clues, counted, flows, recogniser))
    if answer and answer.nature == "flow" and any(_counts_people(titles, recogniser) for titles in clues.regions):
        answer = None
    if answer and answer.id == RESIDENTS and any(map(_counts_some_people, clues.readings)):
        answer = None
    has_noun = bool({STOCK_NOUN, EVENT_NOUN} & {one.kind for one in evidence}) or bool(answer and answer.id in named)
    if answer and grouped and answer.id not in grouped and not has_noun:
        answer = None  # “beneficiaries of protection living in the country on 1 January” may be counted by an authority
    reasons = {each.id: _list_reasons(each, evidence, {**grouped, **named}) for each in likely}
    weights = {each.id: _compute_weight(_collect_kinds(each, evidence)) for each in likely}
    likely.sort(key=lambda each: (each is not answer, not reasons[each.id], -weights[each.id], each.id not in named))
    options = [
        Option(flow=_choose_flow(each, clues, flows, recogniser), name=each.name, reasons=reasons.get(each.id, ()))
        for each in (*likely, *(each for each in counted if each not in likely))
    ]
    shown = len(likely) or len(options)
    half = _choose_first_half(counted, named, evidence, clues.lines, recogniser.vocabulary)
    flow_of_half = next((option.flow for option in options if half and option.name == half.name), "")
    is_within = any(not each.negated and each.code == INTERNAL for read in clues.readings for each in read.of(MEASURE))
    flow = options[0].flow if answer and not is_within and ACCOUNT not in named else ""
    return SubjectQuestion(tuple(options[:shown]), flow, tuple(options[shown:]), flow_of_half)


def find_named_country(tables: Sequence[Table], recogniser: Recogniser) -> str:
    """Return the country in a clause or label of its own, or that people are in, or that of the source's office.

    The titles name no other country there. The country of an office is certain only with the language of a title, or
    with its name in a title or note.
    """
    clues = _collect_clues(tables, recogniser)
    titles, notes = (clues.readings, clues.notes) if clues else ((), ())
    in_titles = _read_clauses(titles, recogniser)
    named = {mention.code for part in in_titles for mention in part.of(COUNTRY_NAMED)}
    labels = {text for line in clues.lines for text in line.texts[:MAX_LABELS]} if clues and len(named) == 1 else set()
    labelled = [part for part in (read_title(label, recogniser) for label in labels) if _is_country(part)]
    is_whole = {mention.code for part in labelled for mention in part.of(COUNTRY_NAMED)} == named  # above its regions
    if len(named) == 1 and (is_whole or any(part.of(COUNTRY_NAMED) for part in in_titles if _is_country(part))):
        return named.pop()
    placed = _find_places(titles, recogniser.vocabulary)
    if len(placed) == 1 and named <= placed and not placed & _find_labelled_countries(clues, recogniser):
        return placed.pop()
    vocabulary = recogniser.vocabulary
    offices = [each for reading in (*titles, *notes) for each in vocabulary.inside(OFFICE_OF, reading.title)]
    phrases = {office.phrase for office in offices}
    possible = _intersect({each.code for each in offices if each.phrase == phrase} for phrase in phrases)
    sources = [_read_clauses([note], recogniser) for note in notes if note.is_source]
    of_offices = [
        part for parts in sources for part in parts if any(is_office(each.title, recogniser) for each in parts)
    ]
    of_offices += [part for parts in sources for part in parts if _names_institution(part)]
    possible = possible or {each.code for part in of_offices if _is_country(part) for each in part.of(COUNTRY_NAMED)}
    languages = _intersect(vocabulary.languages_by_word.get(phrase, frozenset()) for phrase in phrases) - {"en"}
    spoken = {title: _find_languages(title, vocabulary) for title in titles}
    own = [title for title in titles if not languages or not spoken[title] or languages & spoken[title]]
    mentioned = {mention.code for reading in (*own, *notes) for mention in reading.of(COUNTRY_NAMED)}
    is_spoken = any(languages & spoken[title] for title in titles)
    supported = possible & mentioned or (possible if is_spoken else set())
    return supported.pop() if len(supported) == 1 and named <= possible else ""


def _read_clauses(readings: Iterable[ReadTitle], recogniser: Recogniser) -> list[ReadTitle]:
    return [read_title(part.strip(), recogniser) for reading in readings for part in BETWEEN_SIGNS.split(reading.title)]


def _find_places(titles: Iterable[ReadTitle], vocabulary: Vocabulary) -> set[str]:
    """Return the countries that people of titles are in: “refugees in Kenya”; emigrants are in another country."""
    listed = [title for title in titles if not any(each.code in OF_EMIGRANTS for each in title.mentions)]
    mentions = (mention for title in listed for mention in title.of(COUNTRY_NAMED) if not mention.negated)
    return {each.code for each in mentions if vocabulary.codes("WITHIN", split_words(each.phrase)[0].plain)}


def _find_labelled_countries(clues: _Clues | None, recogniser: Recogniser) -> set[str]:
    labels = {text for line in clues.lines for text in line.texts[:MAX_LABELS]} if clues else set[str]()
    return {candidate.code for label in labels for candidate in recogniser.candidates(label, "PARTNER")[:1]}


def _is_country(clause: ReadTitle) -> bool:
    return not clause.unexplained and {each.concept for each in clause.mentions} <= ALONE


def _names_institution(clause: ReadTitle) -> bool:
    """Check for ordinary words beside a country in a source: “Bureau of statistics of Kazakhstan”."""
    return any(len(each.phrase) > MAX_SHORT_STAY for each in clause.of("PLAIN")) and bool(clause.of(COUNTRY_NAMED))


def _intersect(sets: Iterable[Collection[str]]) -> set[str]:
    listed = [{*each} for each in sets]
    return set.intersection(*listed) if listed else set()


def _find_languages(title: ReadTitle, vocabulary: Vocabulary) -> set[str]:
    """Return the languages that most ordinary words of a title share."""
    phrases = {*(word.plain for word in split_words(title.title)), *(plain(each.phrase) for each in title.mentions)}
    counts = Counter(each for phrase in phrases for each in vocabulary.languages_by_word.get(phrase, ()))
    return {language for language, count in counts.items() if count == max(counts.values())}


def _collect_clues(tables: Sequence[Table], recogniser: Recogniser) -> _Clues | None:
    regions = [region for table in tables for region in find_regions(table, recogniser.vocabulary)][:MAX_REGIONS]
    if not regions:
        return None
    lines = {region: list_lines(region) for region in regions}
    around_regions = [list_region_texts(region, lines[region], recogniser) for region in regions]
    around = [text for texts in around_regions for text in texts if text.where != NOTE]
    heads = [line.head for region in regions for line in lines[region] if line.head]
    titles = [text.text for text in around if text.where != FILE] or [*heads, *(text.text for text in around)]
    texts = tuple(dict.fromkeys(" ".join(text.split()) for text in titles))
    readings = tuple(read_title(_remove_listed_values(text, recogniser), recogniser) for text in texts)
    by_region = tuple(
        tuple(read_title(text.text, recogniser) for text in texts if text.where in (TITLE, NAME))
        for texts in around_regions
    )
    return _Clues(
        readings=readings,
        regions=by_region,
        texts=(*texts, *dict.fromkeys(heads)),
        lines=tuple(lines[regions[0]]),
        notes=tuple(
            read_title(each.text, recogniser) for texts in around_regions for each in texts if each.where == NOTE
        ),
    )


def _counts_people(titles: Sequence[ReadTitle], recogniser: Recogniser) -> bool:
    """Check whether titles name people and no moves: “foreign citizens by age”."""
    vocabulary = recogniser.vocabulary
    people = any([*find_counted_people(title, vocabulary, beside_moves=True)] for title in titles)
    return people and not any(counts_moves(title, vocabulary) for title in titles)


def _counts_some_people(reading: ReadTitle) -> bool:
    """Check whether a title names students or workers, or describes people with unknown words that are not names."""
    words = split_words(reading.title)[: min(reading.broken_down, default=None)]
    ordinary = {word.written for at, word in enumerate(words) if at == 0 or word.written.islower()}
    groups = [each for each in reading.of(MEASURE, GROUP) if not is_introduced(each, reading)]
    are_some = any(each.code.rstrip("S") in SOME_PEOPLE for each in groups)
    are_some |= any(each.code == "C_RESIDENCE" for each in reading.of(ROLE))  # people counted abroad, or who moved
    return are_some or not ordinary.isdisjoint(reading.unexplained)


def _remove_listed_values(title: str, recogniser: Recogniser) -> str:
    """Remove values in brackets behind a breakdown: “registrations by type (resident, temporary)”, closed or not."""
    before, bracket, behind = title.partition("(")
    listed, _, rest = behind.partition(")")
    is_list = bool(bracket) and not NUMERALS.search(listed) and (")" not in behind or LISTED.search(listed))
    by = [mention for mention in read_title(before, recogniser).of("BY") if mention.end < len(split_words(before))]
    return f"{before} {rest}" if is_list and by else title


def _find_named_subjects(
    readings: Sequence[ReadTitle], counted: Sequence[TableSubject], flows: Mapping[str, Flow], recogniser: Recogniser
) -> Mapping[str, str]:
    """Map each subject that titles name to the phrase; “granted” names decisions unless a title names another event."""
    named = _find_item_subjects(readings, counted, flows)
    events = _list_event_measures(counted)
    for reading in readings:
        for mention in reading.of(MEASURE, DIRECTION):
            code = OF_DIRECTION.get(mention.code, "") if mention.concept == DIRECTION else mention.code
            is_whose = mention.code in ("POP", "DECISION") and _is_event_description(mention, events, reading)
            is_whose |= mention.code == "DECISION" and bool(named)
            if not (is_introduced(mention, reading) or mention.negated or mention.inner or is_whose):
                named |= {each.id: mention.phrase for each in counted if code in each.measures and each.id not in named}
        whose = {mention.phrase for mention in reading.of(*PEOPLE) if _is_event_description(mention, events, reading)}
        for phrase in find_counted_people(reading, recogniser.vocabulary, beside_moves=False):
            named |= {RESIDENTS: named.get(RESIDENTS, phrase)} if phrase not in whose else {}
    abroad = next((phrase for reading in readings for phrase in _find_living_abroad(reading, recogniser)), "")
    has_event = any(each.id in named for each in counted if each.nature in (EVENT, CROSSING))
    return {ABROAD: abroad, **named} if abroad and not has_event else named


def _find_item_subjects(
    readings: Sequence[ReadTitle], counted: Sequence[TableSubject], flows: Mapping[str, Flow]
) -> dict[str, str]:
    """Map each subject whose item is named in titles to the phrase: “first residence permits”."""
    mentions = [
        mention
        for reading in readings
        for mention in reading.mentions
        if not (is_introduced(mention, reading) or mention.negated or mention.inner)
    ]
    named: dict[str, str] = {}
    for subject in (each for each in counted if each.nature == EVENT):
        flow = flows[subject.flows[0]]
        held = {name: list_allowed_codes(name, flow) for name in flow.structure.key if name.endswith(ITEM_ENDING)}
        items = (mention.phrase for mention in mentions if mention.code in held.get(mention.concept, ()))
        if phrase := next(items, ""):
            named[subject.id] = phrase
    return named


def _find_living_abroad(reading: ReadTitle, recogniser: Recogniser) -> Iterator[str]:
    """Yield words for abroad outside other phrases of a title without moves: “overseas Filipinos”."""
    if not any(_get_direction(mention, recogniser) for mention in reading.mentions):
        explained = {at for mention in reading.mentions if mention.concept != COUNTRY_NAMED for at in mention.span}
        others = (word for at, word in enumerate(split_words(reading.title)) if at not in explained)
        yield from (word.written for word in others if recogniser.vocabulary.codes(OUTSIDE, word.plain))


def _list_event_measures(counted: Iterable[TableSubject]) -> frozenset[str]:
    return frozenset(code for each in counted if each.nature == EVENT for code in each.measures)


def _is_event_description(later: Mention, events: Collection[str], reading: ReadTitle) -> bool:
    """Check whether a noun describes an event: “acquisitions of citizenship of residents”, “permits granted”."""
    words = split_words(reading.title)
    little, joining = (
        {at for mention in reading.of(*concepts) for at in mention.span}
        for concepts in ((*PARTICLES, GROUP), ["JOINING"])
    )
    before = (range(event.end, later.at) for event in reading.of(MEASURE) if event.code in events and event != later)
    is_apart = words[later.at].after_comma
    return any(event_to.start <= later.at and little - joining >= {*event_to} and not is_apart for event_to in before)


def _find_divided_subjects(
    clues: _Clues, counted: Sequence[TableSubject], flows: Mapping[str, Flow], recogniser: Recogniser
) -> frozenset[str]:
    """Return the only subject with a dimension that titles or heads name: “by former citizenship”."""
    dimensions = {each.id: {name for flow in each.flows for name in flows[flow].structure.key} for each in counted}
    having = [
        {subject for subject, key in dimensions.items() if role in key} for role in read_roles(clues.texts, recogniser)
    ]
    return frozenset(subject for subjects in having if len(subjects) == 1 for subject in subjects)


def _find_group_subjects(readings: Iterable[ReadTitle], counted: Sequence[TableSubject]) -> Mapping[str, str]:
    """Map each subject that may count a group of people in titles to the phrase: “students”, “seasonal workers”."""
    phrase_by_code = {
        mention.code: mention.phrase
        for reading in readings
        for mention in reading.of(MEASURE, GROUP)
        if not (is_introduced(mention, reading) or mention.negated)
    }
    return {each.id: phrase_by_code[min(codes)] for each in counted if (codes := each.groups & phrase_by_code.keys())}


def _collect_evidence(clues: _Clues, recogniser: Recogniser, events: Collection[str]) -> Iterator[Evidence]:
    for reading in clues.readings:
        yield from _find_noun_evidence(reading, recogniser, events)
        yield from _find_word_evidence(reading, recogniser)
        yield from _find_day_evidence(reading, recogniser)
        yield from _find_short_stays(reading, recogniser)
    for text in clues.texts:
        for candidate in recogniser.vocabulary.inside(MOVE_CONCEPT, text):
            yield Evidence(MOVE, candidate.reason.partition("“")[2].rstrip("”"), candidate.code)
    yield from _find_period_evidence(clues.lines, recogniser)


def unify_direction(evidence: Iterable[Evidence]) -> list[Evidence]:
    """If the evidence names one direction, apply it to all evidence: “foreigners who arrived” did not leave."""
    listed = list(evidence)
    directions = {one.direction for one in listed} - {""}
    return [replace(one, direction=min(directions)) for one in listed] if len(directions) == 1 else listed


def _find_noun_evidence(reading: ReadTitle, recogniser: Recogniser, events: Collection[str]) -> Iterator[Evidence]:
    vocabulary = recogniser.vocabulary
    population = {*find_counted_people(reading, vocabulary, beside_moves=False)}
    of_population = PERSON_NOUN if _describes_people_further(reading, recogniser) else STOCK_NOUN
    for mention in reading.mentions:
        if is_introduced(mention, reading) or mention.negated:
            continue
        if (mention.concept, mention.code) == (MEASURE, "POP"):
            yield Evidence(of_population, mention.phrase)
        elif (
            mention.concept in PEOPLE
            and mention.code not in ("_T",)
            and not _is_event_description(mention, events, reading)
        ):
            yield Evidence(of_population if mention.phrase in population else PERSON_NOUN, mention.phrase)
        direction = _get_direction(mention, recogniser)
        if direction is not None:
            is_event = EVENT_NOUN in vocabulary.codes(NATURE, plain(mention.phrase))
            yield Evidence(EVENT_NOUN if is_event else PERSON_NOUN, mention.phrase, direction)


def _describes_people_further(reading: ReadTitle, recogniser: Recogniser) -> bool:
    """Check whether a title describes people with words for movers, or with unknown words.

    Such a population may have moved in the period: “immigrated population”, “Ludność, która wyemigrowała”.
    """
    first = min(reading.broken_down, default=len(reading.title))
    before = " ".join(word.written for word in split_words(reading.title)[:first])
    return any(phrase in before for phrase in reading.unexplained) or any(
        _get_direction(mention, recogniser) is not None and not is_introduced(mention, reading)
        for mention in reading.mentions
    )


def _get_direction(mention: Mention, recogniser: Recogniser) -> str | None:
    """Return the direction of moves in a mention: empty if open, None if absent; “immigrants from Sweden” has one."""
    if mention.concept == COUNTRY_NAMED:
        return next((found.code for found in recogniser.vocabulary.inside(DIRECTION, mention.phrase)), None)
    if mention.concept == DIRECTION:
        return mention.code if mention.code in ("I", "E") else ""
    return {"IMM": "I", "EMI": "E", "MIG": "", "NET": ""}.get(mention.code) if mention.concept == MEASURE else None


def _find_word_evidence(reading: ReadTitle, recogniser: Recogniser) -> Iterator[Evidence]:
    words = split_words(reading.title)
    breakdowns = {at for mention in reading.mentions if is_introduced(mention, reading) for at in mention.span}
    nouns = {
        at for mention in reading.mentions if _get_direction(mention, recogniser) is not None for at in mention.span
    }
    for window, codes in find_phrases(words, recogniser.vocabulary, NATURE):
        is_breakdown = follows_by(window.start, reading, words) or not breakdowns.isdisjoint(window)
        for kind, _, direction in (code.partition(" ") for code in codes):
            if is_breakdown and kind != ON_A_DAY:  # “according to the census” is not a breakdown
                continue
            if kind == ON_A_DAY and _is_too_short(window, words):
                continue
            phrase = join_words(words, window)
            if kind == IN_A_PERIOD and (
                nouns.issuperset(window) or recogniser.vocabulary.codes(OTHER_YEAR, plain(phrase))
            ):
                continue  # a part of the noun is not separate evidence; stocks may be divided by year of arrival
            around = [mention for mention in reading.mentions if {*mention.span}.issuperset(window)]
            directions = {found for mention in around if (found := _get_direction(mention, recogniser))}
            of_noun = directions.pop() if len(directions) == 1 else ""  # “giden göç” are only emigrants
            yield Evidence(kind, phrase, direction or of_noun)
    for window, codes in find_phrases(words, recogniser.vocabulary):
        if (
            STOCK in codes
            and len(window) > 1
            and nouns.isdisjoint(window)
            and not follows_by(window.start, reading, words)
        ):
            yield Evidence(LIVING, join_words(words, window))


def _is_too_short(window: range, words: Sequence[Word]) -> bool:
    if len(window) > 1 or len(words[window.start].plain) > MAX_SHORT_STAY:
        return False
    beside = [words[at].plain for at in (window.start - 1, window.stop) if 0 <= at < len(words)]
    return not any(NUMERALS.search(word) for word in beside)


def _find_day_evidence(reading: ReadTitle, recogniser: Recogniser) -> Iterator[Evidence]:
    """Yield evidence from dates in a title: a length or several days mean a period, a single day means a day."""
    title = reading.title
    mentions = [mention for mention in reading.of("DATE", "REF_DATE") if mention.code != "AVG"]
    found = [mention.phrase for mention in mentions] or DATE.findall(title.replace(". ", "."))
    if reading.of("LENGTH"):
        yield Evidence(IN_A_PERIOD, reading.of("LENGTH")[0].phrase)
    elif not reading.of(*NON_DAY_CONCEPTS) and (found or names_day(title, recogniser)):
        days = {" ".join(day.split()) for day in DATE.findall(title.replace(". ", "."))}
        is_range = len(days) > 1 or len({mention.at for mention in reading.of("MONTH")}) > 1
        yield Evidence(IN_A_PERIOD if is_range else ON_A_DAY, found[0] if found else title)


def _find_short_stays(reading: ReadTitle, recogniser: Recogniser) -> Iterator[Evidence]:
    for mention in reading.of(GROUP):
        if mention.code in SHORT_GROUPS and not (mention.negated or is_introduced(mention, reading)):
            yield Evidence(SHORT_STAY, mention.phrase)
    for phrase in find_short_stays_in_text(reading.title, recogniser.vocabulary):
        yield Evidence(SHORT_STAY, phrase)


def _find_period_evidence(lines: Iterable[Line], recogniser: Recogniser) -> Iterator[Evidence]:
    for line in lines:
        moments = [moment(text, recogniser.vocabulary) for text in line.texts]
        if len(moments) < MIN_EVIDENCE or not all(moments):
            continue
        known = [each for each in moments if each]
        if {each.freq for each in known} == {"D"} and "/" not in known[0].period:
            yield Evidence(ON_A_DAY, line.texts[0])
        elif {each.freq for each in known} == {"A"} and all(each.period.isdecimal() for each in known):
            years = sorted(int(each.period) for each in known)
            if all(later - year >= MIN_RHYTHM_YEARS for year, later in itertools.pairwise(years)):
                yield Evidence(RHYTHM, f"{years[0]}, {years[1]}")


def _collect_kinds(each: TableSubject, evidence: Iterable[Evidence]) -> frozenset[str]:
    of_events = frozenset(
        {SHORT_STAY} if each.id == TEMPORARY else {BECOMING_EVIDENCE} if each.id in STATUS_SUBJECTS else set[str]()
    )
    kinds = {"stock": STOCK_EVIDENCE | {PERSON_NOUN}, "flow": OF_FLOWS | {PERSON_NOUN}}.get(each.nature, of_events)
    return frozenset(one.kind for one in evidence if one.kind in kinds and _is_compatible(each, one))


def _is_compatible(each: TableSubject, one: Evidence) -> bool:
    if each.nature == "flow" and each.direction:
        return one.direction in ("", each.direction)
    return not each.direction or one.direction == each.direction


def _compute_weight(kinds: Collection[str]) -> int:
    return sum(MIN_EVIDENCE if kind in (STOCK_NOUN, EVENT_NOUN, SHORT_STAY) else 1 for kind in kinds)


def _choose_subject(
    counted: Sequence[TableSubject],
    named: Mapping[str, str],
    evidence: Sequence[Evidence],
    divided: Collection[str] = (),
) -> TableSubject | None:
    """Return the subject on which the evidence agrees; `divided` have a dimension of their own in the table."""
    names_moves = any(each.id in named for each in counted if each.nature in ("stock", "flow"))
    has_moves = any(one.kind in OF_FLOWS for one in evidence)
    events = [each for each in counted if each.id in named and each.nature in (EVENT, CROSSING)]
    nouns = {one.phrase for one in evidence if one.kind in OF_FLOWS}
    events = [each for each in events if each.nature == EVENT or not (names_moves and named[each.id] in nouns)]
    if events:
        is_of_people = bool(evidence) and evidence[0].kind == PERSON_NOUN and events[0].id not in divided
        is_doubtful = names_moves or is_of_people or (events[0].nature == CROSSING and has_moves)
        is_doubtful |= events[0].id in STATUS_SUBJECTS and {ON_A_DAY, LIVING} <= {one.kind for one in evidence}
        return events[0] if len(events) == 1 and not is_doubtful else None
    has_stock = any(one.kind in STOCK_EVIDENCE for one in evidence)
    has_flow = any(one.kind in OF_FLOWS for one in evidence)
    directions = {one.direction for one in evidence} - {""}
    if any(one.kind in (BECOMING_EVIDENCE, SHORT_STAY) for one in evidence):
        return None
    if has_stock and not has_flow and "E" not in directions and ABROAD not in named:
        residents = next((each for each in counted if each.id == RESIDENTS), None)
        return residents if residents and _compute_weight(_collect_kinds(residents, evidence)) >= MIN_EVIDENCE else None
    if has_flow and not has_stock and len(directions) == 1:
        move = next((each for each in counted if each.nature == "flow" and each.direction in directions), None)
        return move if move and _compute_weight(_collect_kinds(move, evidence)) >= MIN_EVIDENCE else None
    return None


def _choose_first_half(
    counted: Sequence[TableSubject],
    named: Mapping[str, str],
    evidence: Sequence[Evidence],
    lines: Iterable[Line],
    vocabulary: Vocabulary,
) -> TableSubject | None:
    """Return the subject for arrivals if the only labels are arrivals and departures."""
    if not any(has_directions(line, vocabulary) for line in lines):
        return None
    answer = _choose_subject(counted, named, [one for one in evidence if one.direction != "E"])
    return answer if answer and answer.direction == "I" else None


def _list_reasons(each: TableSubject, evidence: Iterable[Evidence], named: Mapping[str, str]) -> tuple[str, ...]:
    kinds = _collect_kinds(each, evidence)
    stated = [one for one in evidence if one.kind in kinds and _is_compatible(each, one)]
    phrases = [one.phrase for one in stated if each.id != RESIDENTS or one.direction != "E"]  # emigrants live abroad
    if each.id in named and each.nature not in ("stock", "flow"):
        phrases.insert(0, named[each.id])
    are_movers = each.id == RESIDENTS and all(one.kind == PERSON_NOUN and one.direction for one in stated)
    reason = EARLIER_MOVE_REASON if are_movers else "the table says “{phrase}”"
    return tuple(reason.format(phrase=phrase) for phrase in {text.casefold(): text for text in phrases}.values())


def _choose_flow(each: TableSubject, clues: _Clues, flows: Mapping[str, Flow], recogniser: Recogniser) -> str:
    if len(each.flows) == 1:
        return each.flows[0]
    roles = read_roles(clues.texts, recogniser)
    lines = [line for line in clues.lines if len(line.texts) > 1]
    roles |= {REGION} if _find_placed_lines(clues, FlowKnowledge(flows[each.flows[0]], recogniser)) else set()

    def fitting_lines(flow: str) -> int:
        known = FlowKnowledge(flows[flow], recogniser)
        key = [
            name for name in known.flow.structure.key if name != "REF_AREA"
        ]  # a list of countries fits it everywhere
        placed = sum(
            any(assess_fit(line, name, known.flow, recogniser).score >= MIN_FIT for name in key) for line in lines
        )
        return placed + sum(any(name in key for name in find_role_components(role, known.flow)) for role in roles)

    return max(each.flows, key=fitting_lines)


def _find_placed_lines(clues: _Clues, known: FlowKnowledge) -> list[Line]:
    """Return the lines of regions: below a head for places, or without a head below a title “by region”."""
    by_place = any(is_introduced(mention, title) for title in clues.readings for mention in title.of(PLACE))
    lines = [line for line in clues.lines if len(line.texts) > 1]
    named = [line for line in lines if known.vocabulary.names_any((PLACE,), line.head)]
    placed = named or [line for line in lines if by_place and line.source.is_label_column and not line.head]
    # “kraje” are countries in Polish, and regions in Czech
    return [line for line in placed if assess_fit(line, COUNTRY, known.flow, known.recogniser).score < MIN_FIT]


def _is_account(lines: Sequence[Line], known: FlowKnowledge) -> bool:
    """Check for a line of account items: at least four, or only items and balances without countries or regions.

    An account has no country of residence and no region, so moves by these are two dataflows. Countries of birth or
    citizenship, as their head states, are dimensions of an account.
    """
    items = {line: _find_items(line, known) for line in lines}
    if any(len(set(found.values())) >= ITEMS_OF_ACCOUNT for found in items.values()):
        return True
    counts = [
        line for line, found in items.items() if len(set(found.values())) > 1 and _has_only_measures(line, found, known)
    ]
    return bool(counts) and _may_be_account([line for line in lines if line not in counts], known)


def _may_be_account(lines: Iterable[Line], known: FlowKnowledge) -> bool:
    return not any(
        assess_fit(line, COUNTRY, known.flow, known.recogniser).score >= MIN_FIT
        or known.vocabulary.names_any((PLACE,), line.head)
        for line in lines
        if not PEOPLE_DIMENSIONS.intersection(known.vocabulary.codes(ROLE, plain(bare(line.head))))
    )


def _find_balance(readings: Iterable[ReadTitle]) -> str:
    """Return the phrase for net migration if titles count only that: “Wanderungssaldo nach Geschlecht”."""
    counted = [each for reading in readings for each in reading.of(MEASURE, DIRECTION) if not each.inner]
    is_balance = bool(counted) and {each.code for each in counted} <= {"NET", "POP"} and counted[0].code == "NET"
    return counted[0].phrase if is_balance and not any(each.negated for each in counted) else ""


def _has_only_measures(line: Line, items: Mapping[str, str], known: FlowKnowledge) -> bool:
    vocabulary = known.vocabulary
    return all(vocabulary.codes(MEASURE, plain(text)) for text in line.texts if text not in items)


def _find_items(line: Line, known: FlowKnowledge) -> Mapping[str, str]:
    """Map the labels that are items of the account, or directions of moves, to their codes."""
    meanings = assess_fit(line, ITEM, known.flow, known.recogniser).meanings
    ways = (
        {text: way for text in line.texts if (way := find_item_of_moves(text, known.recogniser))}
        if line.source.is_numbered
        else {}
    )
    items = {text: codes[0].code for text, codes in meanings.items() if codes and codes[0].confidence >= MIN_CONFIDENCE}
    return {**ways, **items}
