"""Unused statements in titles and notes, and table identifiers such as “FOLK1C”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sdmxmig.catalogue.item_schemes import is_added
from sdmxmig.conversion.convert.partial_years import names_part_of_year
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.calendars import ANY_YEAR, NUMBERED_YEAR, convert_numerals, find_calendars
from sdmxmig.conversion.recognition.calendars import OTHER as CALENDAR
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.mentions import (
    COUNTRY,
    Mention,
    ReadTitle,
    Word,
    is_introduced,
    read_title,
    split_words,
)
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.words import Vocabulary, find_component
from sdmxmig.conversion.suggestion.fits import UNIT_OPENING
from sdmxmig.conversion.suggestion.legends import add_legend_signs, is_explained, normalise_sign
from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.notes import (
    ONLY,
    SENTENCE,
    concerns_other_things,
    find_other_dates,
    find_short_limits,
    find_strange_titles,
    is_general,
    is_relevant_in_note,
    split_sentences,
)
from sdmxmig.conversion.suggestion.other_counts import (
    AS_DIMENSION,
    STOCK_MEASURES,
    About,
    counts_events,
    counts_moves,
    find_counted_people,
    find_measures,
    find_other_counts,
    find_subjects,
    is_event,
    is_stock,
    join_words,
    names_events,
)
from sdmxmig.conversion.suggestion.period_statuses import NUMBER_OR_TOPIC
from sdmxmig.conversion.suggestion.phrase_doubts import (
    ASKED,
    AVERAGE_CODE,
    DATED,
    EXTENT,
    FROM_HERE,
    IN_COMMENT,
    IN_WHAT_UNIT,
    KEPT,
    LEFT_OUT,
    LESS,
    LIMITED,
    MORE,
    MOVES,
    NOT_UNDERSTOOD,
    OF_ANOTHER_AREA,
    OF_PART,
    OF_PEOPLE,
    OTHER_HEADS,
    PARTICLE_CONCEPTS,
    PERSONS,
    SEX,
    STATUS,
    UNREAD_QUESTION,
    Doubt,
    Usage,
    choose_component,
    doubt_unit,
    find_country_doubts,
    find_doubt,
    find_file_doubts,
    find_origin_doubts,
    has_opposite_measure,
    is_asked_as_dimension,
    is_item,
    is_name_of_area,
    is_total,
)
from sdmxmig.conversion.suggestion.questions import (
    AREA,
    LEAVE_OUT,
    OTHER_AREA,
    STATE_IT,
    Question,
    ask,
    keep_first_of_each_code,
    offer_keeping_or_leaving,
)
from sdmxmig.conversion.suggestion.region_names import propose_code
from sdmxmig.conversion.suggestion.stated_rules import find_lengths, find_short_stays_in_text
from sdmxmig.conversion.suggestion.surrounding_texts import BESIDE, FILE, LABEL, NAME, NOTE, ROW, TITLE, SurroundingText
from sdmxmig.conversion.suggestion.title_values import LIMIT_CONCEPTS, MULTIPLE, NORMAL, OTHERS, find_clause_end
from sdmxmig.conversion.suggestion.words_inside import find_ages_in_title, find_stay_lengths, is_unit_of_time
from sdmxmig.conversion.suggestion.year_statements import COMMENT, find_other_years
from sdmxmig.sdmx.model.data import Flow

MIN_STRANGE_WORDS = 4
LIMIT_QUESTIONS = (ASKED["GROUP"], NOT_UNDERSTOOD, LESS, MORE, LEFT_OUT)
"""Doubts whether words limit the figures, asked in one question."""
NOTED_CONFIDENCE = 0.6
"""The confidence that a limit in a note is stated in a comment on the figures; a limit in a title has no proposal."""
FIGURE_CONCEPTS = ("MEASURE", "DIRECTION", "ROLE", "GROUP", *AS_DIMENSION)
MAX_WORDS_OF_FILE, SHORTEST_OF_FILE = 2, 4
MARKED_TITLE = re.compile(r"(?:(?<=\d)|\s)[(\[](?P<mark>[pe])[)\]]\W*$")
"""A title with the mark of provisional or estimated figures at its end."""
NO_MULTIPLE = "0"
UNWEIGHTED_CONCEPT = "UNWEIGHTED"
"""The code of words for figures of a sample only."""
PEOPLE_MEASURES = STOCK_MEASURES | {"WORKER"}
"""Measures of people, to which “foreign population” adds nothing."""
ANY_MOVE = ("MEASURE", "MIG")
"""Measures that “migration” may mean; it does not contradict immigration."""
OF_MONTHS, OF_YEARS_LONG, OF_DAYS, OF_INFANTS = "MONTHS", "YEARS", "DAYS", "FIRST"
BOUND_CONCEPTS = ("OVER", "UNDER", "AND_UNDER")
NEAR, LONGEST_AGE = 3, 3
"""Maximum number of words between a bound and its number or unit, plus one; digits of an age."""
STAY_DURATION = "STAY_DUR"
FIRST_AND_LAST_DAY = ("D0101", "D1231")
CHANGING_CONCEPTS = ("EXCLUDING", "INCLUDING", "NEGATION")
"""Words that are asked about themselves, or with which short stays are left out."""
OVER_CONCEPT = "over"
"""A word that bounds a length only before a number: “over the years”."""


def find_countries(texts: Iterable[str], known: FlowKnowledge) -> frozenset[str]:
    readings = [read_title(text, known.recogniser) for text in texts]
    return frozenset(mention.code for reading in readings for mention in reading.of(COUNTRY) if not mention.negated)


def ask_about_titles(
    texts: Sequence[SurroundingText],
    taken: Usage,
    known: FlowKnowledge,
    *,
    sheet: str,
    labels: frozenset[str],
    signs: frozenset[str],
    beside_moves: bool,
) -> tuple[Question, ...]:
    """Ask once about each unused statement; `labels` explain words, `signs` limit notes to marked figures."""
    readings = [(text, read_title(text.text, known.recogniser)) for text in texts]
    measured = any(reading.of("MEASURE", "DIRECTION") for text, reading in readings if text.where in (TITLE, BESIDE))
    other_texts, vocabulary = [text.text for text in texts if text.where != NOTE], known.vocabulary
    signs = add_legend_signs(signs, (text.text for text in texts if text.where == NOTE), vocabulary)
    about, about_file, is_named = find_event_subjects(readings, taken, known)
    titled = [reading for text, reading in readings if text.where in (TITLE, NAME, ROW, BESIDE)]
    beside_moves = beside_moves and not any(counts_moves(reading, vocabulary) for reading in titled)
    names_of_tables = find_sheet_words(
        *([text.text for text in texts if text.where == place] for place in (NAME, TITLE))
    )
    labels |= {plain(word) for word in names_of_tables}
    doubts_by_subject: dict[str, list[Doubt]] = {}
    seen: set[str] = set()
    for surrounding, reading in readings:
        if reading.of("ADDED"):
            continue
        subjects = about_file if surrounding.where == FILE else about
        doubts = list(list_doubts(reading, surrounding.where, taken, known, labels=labels, about=subjects))
        doubts += find_count_doubts(reading, surrounding.where, known, is_named=is_named, beside_moves=beside_moves)
        doubts += find_calendar_doubts(reading, surrounding.where, vocabulary)
        doubts += find_title_doubts(reading, taken, known) if surrounding.where == TITLE else ()
        of_sentences = find_sentence_doubts(reading, doubts, taken, known, labels=labels)
        if surrounding.where == NOTE:
            doubts = [*convert_to_limits([*doubts, *of_sentences], reading)]
        if reading.is_source or surrounding.where == LABEL:
            said = [doubt for doubt in doubts if reading.is_source and states_limit_or_status(doubt, reading)]
            doubts = [*find_multiple_doubts(reading, taken, known), *said]
            doubts += find_person_doubts(reading, taken)
        for doubt in doubts:
            if surrounding.where == FILE and measured and doubt.asks == ASKED["MEASURE"]:
                continue
            if surrounding.where == NOTE and explains_sign(doubt.phrase, reading.title, signs):
                continue
            is_status = doubt.asks == ASKED["OBS_STATUS"]
            if is_status and is_explained(doubt.phrase, reading.title, other_texts, signs, vocabulary=vocabulary):
                continue
            is_inside = any(doubt.phrase != other.phrase and doubt.phrase in other.phrase for other in doubts)
            if doubt.phrase.casefold() not in seen and not (is_inside and doubt.component_code == ("", "")):
                seen.add(doubt.phrase.casefold())
                is_limit = doubt.asks in LIMIT_QUESTIONS and doubt.component_code == ("", "")
                doubts_by_subject.setdefault(LIMITED if is_limit else doubt.about, []).append(doubt)
    return merge_questions(build_question(sheet, doubts, taken, known) for doubts in doubts_by_subject.values())


FOREIGN_CODES = {"C_BIRTH": ("BIRTH_STATUS", "FB"), "C_CITIZEN": ("CTZ_STATUS", "FC")}
"""The status of people whose country is abroad."""
EMPTY_CONCEPTS = frozenset({"PLAIN", "ARTICLE", "JOINING", "WORDING", "ROLE"})


def find_setting_doubts(reading: ReadTitle, known: FlowKnowledge) -> Iterator[Doubt]:
    """Ask about a setting above a table whose value is not recognised: “Country of birth: Foreign country”."""
    name, _, value = reading.title.partition(":")
    roles = known.vocabulary.codes("ROLE", plain(bare(name)))
    read = read_title(value, known.recogniser)
    is_silent = not read.unexplained and {mention.concept for mention in read.mentions} <= EMPTY_CONCEPTS
    components = [component for component in roles if component in known.flow.structure.key]
    if not (value.strip() and is_silent and components):
        return
    is_abroad = bool(known.vocabulary.codes("ABROAD", plain(value)))
    status = FOREIGN_CODES.get(components[0], ("", "")) if is_abroad else ("", "")
    doubt = Doubt(phrase=reading.title, origin="the title says", asks=NOT_UNDERSTOOD)
    yield replace(doubt, component_code=status if status[0] in known.flow.structure.key else ("", ""))


def convert_to_limits(doubts: Sequence[Doubt], reading: ReadTitle) -> Iterator[Doubt]:
    """Merge doubts about a note such as “Persons with subsidiary protection are included.” into one."""
    limits = [doubt for doubt in doubts if doubt.asks in (LESS, MORE)]
    if not limits or {doubt.asks for doubt in doubts} - {LESS, MORE} != {ASKED["MEASURE"]}:
        yield from doubts
        return
    for doubt in limits:
        yield replace(
            doubt, phrase=next((text for text in split_sentences(reading) if doubt.phrase in text), doubt.phrase)
        )


def states_limit_or_status(doubt: Doubt, reading: ReadTitle) -> bool:
    """Check whether a source line limits the figures or states their status: “Source: INE. Provisional”."""
    if doubt.asks == ASKED["OBS_STATUS"]:
        return any(doubt.phrase in sentence for sentence in SENTENCE.split(reading.title)[1:])
    return doubt.asks == ASKED["GROUP"] and bool(reading.of(ONLY))


def find_event_subjects(
    readings: Iterable[tuple[SurroundingText, ReadTitle]], taken: Usage, known: FlowKnowledge
) -> tuple[About, About, bool]:
    """Determine what the texts count and what the dataflow counts, and whether a title names it."""
    about, vocabulary = find_subjects(known.flow, known.recogniser), known.vocabulary
    events = find_measures(about)
    naming = {text.where for text, reading in readings if names_events(reading, events, vocabulary)} - {NOTE}
    of_subject = about | ({ANY_MOVE} if "DIRECTION" in known.flow.structure.key else set())
    return of_subject if naming or "DIRECTION" in taken.read else about, of_subject, TITLE in naming


def find_mark_doubts(reading: ReadTitle, taken: Usage, known: FlowKnowledge) -> Iterator[Doubt]:
    match = MARKED_TITLE.search(reading.title)
    for code in known.vocabulary.codes("OBS_STATUS", match["mark"]) if match else ():
        if code != (taken.code(STATUS) or NORMAL) and STATUS not in {*taken.read, *taken.settled}:
            asks = ASKED["OBS_STATUS"]
            phrase, listed = match[0].strip() if match else "", known.flow.codelist(STATUS) or ()
            component_code = (STATUS, code) if code in listed else ("", "")
            said, subject = "the title says", f"OBS_STATUS {code} False"
            yield Doubt(phrase=phrase, origin=said, asks=asks, subject=subject, component_code=component_code)


def find_title_doubts(reading: ReadTitle, taken: Usage, known: FlowKnowledge) -> Iterator[Doubt]:
    yield from (*find_day_doubts(reading, known), *find_mark_doubts(reading, taken, known))
    yield from (*find_year_doubts(reading, taken, known), *find_setting_doubts(reading, known))


def find_day_doubts(reading: ReadTitle, known: FlowKnowledge) -> Iterator[Doubt]:
    """Ask whether people who moved are counted on a day: “Immigrants, 31 December” may be a stock."""
    days = [mention for mention in reading.of("DATE", "REF_DATE") if mention.code in FIRST_AND_LAST_DAY]
    movers = [mention for mention in reading.of("MEASURE") if mention.code in {*MOVES, ANY_MOVE[1]}]
    is_of_people = bool(movers) and not any(is_event(mention, known.vocabulary) for mention in movers)
    is_of_moves = "DIRECTION" in known.flow.structure.key
    if is_of_moves and is_of_people and len({day.at for day in days}) == 1 and not reading.of("LENGTH"):
        asks = ASKED["MEASURE"]
        yield Doubt(phrase=days[0].phrase, origin="the title says", asks=asks)


def find_year_doubts(reading: ReadTitle, taken: Usage, known: FlowKnowledge) -> Iterator[Doubt]:
    time = known.flow.structure.time
    codes = [code for code in taken.read.get(time.id, ()) if code[:4].isdecimal()] if time else []
    years = {int(code[:4]) for code in codes} | {int(code[:4]) + 1 for code in codes if code.endswith("P1Y")}
    for phrase in find_other_years(reading.title, years, known) if years else ():
        yield Doubt(phrase=phrase, origin="the title says", asks=OTHER_HEADS, subject=OTHER_HEADS)


def merge_questions(questions: Iterable[Question]) -> tuple[Question, ...]:
    question_by_key: dict[tuple[str, str], Question] = {}
    for question in questions:
        key = (question.part, question.label)
        question_by_key[key] = (
            replace(
                question_by_key[key], others=keep_first_of_each_code((*question_by_key[key].others, *question.others))
            )
            if key in question_by_key
            else question
        )
    return tuple(question_by_key.values())


def find_multiple_doubts(reading: ReadTitle, taken: Usage, known: FlowKnowledge) -> Iterator[Doubt]:
    for mention in reading.of("UNIT", "UNIT_MULT"):
        component, _ = find_component(mention.concept, mention.code)
        is_of_unit = component == "UNIT_MULT" or mention.code in ("CUMULATIVE", UNWEIGHTED_CONCEPT)
        asks = doubt_unit(mention, taken, known.flow) if is_of_unit else ""
        before = reading.title.partition(mention.phrase)[0].rstrip()
        if asks and not (mention.phrase.isdecimal() and before[-1:].isdecimal()):  # “74 000” is a number
            yield Doubt(
                subject=f"{mention.concept} {mention.code}",
                phrase=mention.phrase,
                origin="the table says",
                asks=asks,
                component_code=choose_component(mention, taken, known.flow),
            )


def find_person_doubts(reading: ReadTitle, taken: Usage) -> Iterator[Doubt]:
    """Yield a doubt if a header counts persons but the title thousands: “Men (persons)”."""
    if taken.code(MULTIPLE) in ("", NO_MULTIPLE) or MULTIPLE in {*taken.read, *taken.settled}:
        return
    mentions = reading.of("UNIT", "UNIT_MEASURE", MULTIPLE)
    for mention in mentions if {mention.code for mention in mentions} == {PERSONS} else ():
        if UNIT_OPENING.search(reading.title.partition(mention.phrase)[0]):
            yield Doubt(
                subject=f"{MULTIPLE} {NO_MULTIPLE}",
                phrase=mention.phrase,
                origin="the table says",
                asks=IN_WHAT_UNIT,
                component_code=(MULTIPLE, NO_MULTIPLE),
            )


STATELESS = "STLS"
"""The code of people without citizenship, who are also people without that of the country."""


def build_question(sheet: str, doubts: Sequence[Doubt], taken: Usage, known: FlowKnowledge) -> Question:
    listed = " and ".join(f"“{doubt.phrase}”" for doubt in doubts)
    component, code = doubts[0].component_code
    who_says = doubts[0].origin if len({doubt.origin for doubt in doubts}) == 1 else "the table says"
    if component == "REF_AREA":
        return ask_about_area(sheet, f"{who_says} {listed}", taken, known.flow)
    asks = doubts[0].asks if len({doubt.asks for doubt in doubts}) == 1 else LIMITED
    reason = f"{who_says} {listed}: {asks}"
    if component:
        codes = dict.fromkeys((code, taken.code(component) or NORMAL))
        choices = tuple(Candidate(each, 0.5, reason="for all figures") for each in codes)
        question = ask(sheet, f"fixed {component}", reason, others=choices)
        return propose_code(question, taken.code(component) if code == STATELESS else "")
    may_be_place = any(doubt.may_be_place for doubt in doubts) and "REF_AREA" not in taken.read
    others = [Candidate(OTHER_AREA, 0.5, reason=OF_ANOTHER_AREA)] if may_be_place else []
    if asks in (*LIMIT_QUESTIONS, LIMITED, DATED) or (asks == ASKED["MEASURE"] and COMMENT in known.flow.structure):
        others.append(Candidate(STATE_IT, 0.5, reason=IN_COMMENT))
    choices = offer_keeping_or_leaving(KEPT.get(asks, "yes"), *others)
    question = ask(sheet, "title", reason, label="; ".join(doubt.phrase for doubt in doubts), others=choices)
    is_limit = who_says == "a note says" and not may_be_place and all(doubt.asks in LIMIT_QUESTIONS for doubt in doubts)
    is_limit &= COMMENT in known.flow.structure
    return replace(question, chosen=Candidate(STATE_IT, NOTED_CONFIDENCE, reason=reason)) if is_limit else question


def ask_about_area(sheet: str, who_says: str, taken: Usage, flow: Flow) -> Question:
    """Ask for the area of figures of a part of the country; own areas that the words name are offered."""
    said, listed = f" {plain(who_says)} ", flow.codelist("REF_AREA") or ()
    named = [item for item in listed if is_added(item) and any(f" {plain(name)} " in said for _, name in item.name)]
    whole = Candidate(taken.code("REF_AREA"), 0.5, reason="the whole country")
    left = Candidate(LEAVE_OUT, 0.5, reason="leave this table out")
    parts = [Candidate(item.id, 0.5, reason=str(item.name)) for item in named]
    return ask(sheet, AREA, who_says, others=tuple(offer for offer in (*parts, whole, left) if offer.code))


SAID_BY = {
    NOTE: "a note says",
    FILE: "the name of the file says",
    **dict.fromkeys((NAME, ROW, BESIDE), "the table says"),
}


def list_doubts(
    reading: ReadTitle, where: str, taken: Usage, known: FlowKnowledge, *, labels: frozenset[str], about: About
) -> Iterator[Doubt]:
    who_says = SAID_BY.get(where, "the title says")
    doubts = tuple(find_phrase_doubts(reading, where, who_says, taken, known, about=about))
    yield from doubts
    countries = find_country_doubts(reading, taken, known, labels) if where in (TITLE, ROW, BESIDE) else ()
    for mention, asks in find_file_doubts(reading, taken, known) if where == FILE else countries:
        is_other = asks not in (ASKED["GROUP"], FROM_HERE)
        yield Doubt(phrase=mention.phrase, origin=who_says, asks=asks, may_be_place=is_other)
    if where in (TITLE, ROW, BESIDE):
        for mention, asks in find_origin_doubts(
            (mention for mention in reading.of("ROLE") if is_introduced(mention, reading)), taken
        ):
            yield Doubt(phrase=mention.phrase, origin="the title names a breakdown by", asks=asks)
        for phrase in find_time_limits(reading, known.recogniser):
            yield Doubt(phrase=phrase, origin=who_says, asks=ASKED["GROUP"])
    strange = find_strange_words(reading, where, taken, known, labels=labels)
    if strange := [word for word in strange if not any(word in doubt.phrase for doubt in doubts)]:
        unread = where != FILE and is_mostly_unknown(strange, reading)
        asks, phrase = UNREAD_QUESTION if unread else NOT_UNDERSTOOD, " ".join(strange)
        yield Doubt(phrase=phrase, origin=who_says, asks=asks, may_be_place=True)


def find_time_limits(reading: ReadTitle, recogniser: Recogniser) -> Iterator[str]:
    """Yield limits other than the ages read and residence rules: “6 months or more”, “under one year”, “over 65”."""
    codes, words = recogniser.vocabulary.codes, split_words(reading.title)
    bounds = [mention for mention in reading.of("AGEPART") if mention.code in BOUND_CONCEPTS]
    found = list(find_stay_lengths(reading.title, recogniser))
    stays = [span for mention, span in found if not is_introduced(mention, reading)]
    has_rule = bool(find_lengths(reading.title, recogniser.vocabulary))
    for stay in stays if not has_rule else ():
        unit = words[stay.stop - 1].plain
        if OF_MONTHS not in codes("AGEPART", unit) and (is_unit_of_time(unit, recogniser) or not unit.isdecimal()):
            end = max([stay.stop, *(bound.end for bound in bounds if bound.at == stay.stop)])
            yield join_words(words, range(stay.start, end))
    if find_ages_in_title(reading.title, recogniser) or has_rule:
        return
    yield from (mention.phrase for mention in reading.of("AGEPART") if mention.code == OF_INFANTS)
    units = {at: set(codes("AGEPART", word.plain)) for at, word in enumerate(words)}
    numbers = {at for at, word in enumerate(words) if word.plain.isdecimal() and len(word.plain) <= LONGEST_AGE}
    days = {mention.at for mention in reading.of("UNIT") if mention.code == OF_DAYS and mention.at - 1 in numbers}
    yield from (join_words(words, range(at - 1, at + 1)) for at in sorted(days))
    of_years = [span for _, span in found if OF_MONTHS not in codes("AGEPART", words[span.stop - 1].plain)]
    of_stays = {at for span in of_years for at in (span.start - 1, *span, span.stop)}
    for bound in (bound for bound in bounds if of_stays.isdisjoint(bound.span)):
        around = range(max(bound.at - NEAR, 0), min(bound.end + NEAR, len(words)))
        months = [at for at in around if OF_MONTHS in units[at]]
        limits = [at for at in around if at >= bound.end and (at in numbers or OF_YEARS_LONG in units[at])]
        is_limit = plain(bound.phrase) != OVER_CONCEPT or not numbers.isdisjoint(limits)
        ends = [*months, *(limits if is_limit and days.isdisjoint(around) else ())]
        if ends:
            yield join_words(words, range(min(bound.at, *ends), max(bound.end, *(at + 1 for at in ends))))


def find_phrase_doubts(
    reading: ReadTitle, where: str, who_says: str, taken: Usage, known: FlowKnowledge, *, about: About
) -> Iterator[Doubt]:
    """Ask about phrases that the proposal does not use; a limit and its subject are one phrase."""
    asked: set[int] = set()
    for mention in find_unused_phrases(reading, taken, about):
        if mention.at in asked:
            continue
        # answered by the person who named the code
        is_settled = mention.concept in taken.settled and not mention.negated
        asks = "" if is_settled else find_doubt(mention, reading, taken, known, about=about)
        if where == NOTE and not asks and not is_settled and is_asked_as_dimension(mention, taken, known):
            asks = ASKED["GROUP"]  # dimensions are asked by phrases of titles
        if asks == ASKED["MEASURE"] and mention.at != find_measure_position(reading, taken, known, about):
            continue  # the subject is one question, about a title or its item
        is_code = mention.phrase.upper() == taken.code("REF_AREA")  # “kr” in a file name is Korea, not crowns
        if where == FILE and (is_code or mention.concept in taken.read or mention.concept in LIMIT_CONCEPTS):
            continue  # file names are not sentences: “rag.csv” is not about men, “sem” is not “without”
        if asks and (where != NOTE or is_relevant_in_note(mention, reading, known.vocabulary)):
            span = find_place_span(mention, reading) if asks == OF_PART else find_limit_span(mention, reading, asks)
            asked |= {*span} - {mention.at}
            phrase = mention.phrase if len(span) <= len(mention.span) else join_words(split_words(reading.title), span)
            is_named = where == NAME and asks == OF_PART  # sheets may differ by a dimension
            yield Doubt(
                subject=f"{mention.concept} {mention.code} {mention.negated}",
                phrase=phrase,
                origin=who_says,
                asks=asks,
                component_code=("", "") if is_named else choose_asked_component(mention, asks, taken, known),
                may_be_place=is_named,
            )


def find_uncovered(reading: ReadTitle, taken: Usage, about: About) -> frozenset[int]:
    """Return the positions of phrases that the dataflow and the fixed values of the table do not express."""
    covered = {
        mention.at
        for mention in reading.mentions
        if (mention.concept, mention.code) in about and not is_total(mention, reading, taken)
    }
    covered -= {mention.at for mention in reading.of("MEASURE", "DIRECTION") if has_opposite_measure(mention, about)}
    dimension_mentions = [
        mention
        for mention in reading.of(*AS_DIMENSION)
        if mention.concept not in (SEX, *OF_PEOPLE) and not mention.negated
    ]
    fixed = {mention.at for mention in dimension_mentions if taken.code(mention.concept) == mention.code}
    covered |= {mention.at for mention in reading.of("GROUP") if mention.at in fixed}
    return frozenset(mention.at for mention in reading.mentions) - covered


def find_unused_phrases(reading: ReadTitle, taken: Usage, about: About) -> Iterator[Mention]:
    still = find_uncovered(reading, taken, about)
    for mention in reading.mentions:
        if mention.negated or mention.inner or mention.at in still:
            yield mention
    yield from (mention for mention in reading.of("DATE") if mention.code == AVERAGE_CODE and mention.at not in still)


def find_measure_position(reading: ReadTitle, taken: Usage, known: FlowKnowledge, about: About) -> int:
    still = find_uncovered(reading, taken, about)
    measures = [mention for mention in reading.of("MEASURE", "DIRECTION") if mention.at in still]
    items = {mention.at for mention in measures if is_item(mention, reading, taken, known.flow)}
    return min((mention.at for mention in measures if mention.at not in items), default=-1)


def find_place_span(place: Mention, reading: ReadTitle) -> range:
    """Return the position of a word for a place with the unknown names beside it: “the municipality of Nakuru”."""
    words = split_words(reading.title)
    read = {at for mention in reading.mentions for at in mention.span}
    unknown = {at for at, word in enumerate(words) if any(word.written in text for text in reading.unexplained)} - read
    unknown |= {at for mention in reading.of("PLACE") for at in mention.span}
    little = {mention.at for mention in reading.of(*PARTICLE_CONCEPTS)} - unknown
    first, end = place.at, place.end
    while first - 1 in unknown and not words[first].after_comma:
        first -= 1
    behind = end
    while behind in little | unknown and not words[behind].after_comma:
        behind += 1
        end = behind if behind - 1 in unknown else end
    return range(first, end)


def find_limit_span(limit: Mention, reading: ReadTitle, asks: str) -> range:
    """Return the positions of a word such as “excluding” and what it limits, up to one such as “only”."""
    end = find_clause_end(limit, reading) if asks in (LESS, MORE) else limit.end
    next_limit = min((other.at for other in reading.of(ONLY) if other.at >= limit.end), default=end)
    return range(limit.at, max(min(end, next_limit), limit.end))


def choose_asked_component(mention: Mention, asks: str, taken: Usage, known: FlowKnowledge) -> tuple[str, str]:
    if asks == OF_PART:
        return ("REF_AREA", "") if "REF_AREA" in known.flow.structure and "REF_AREA" not in taken.read else ("", "")
    component, code = choose_component(mention, taken, known.flow)
    if asks != LEFT_OUT or not component:
        return component, code
    return (component, OTHERS[code]) if code in OTHERS else ("", "")


def is_mostly_unknown(strange: Sequence[str], reading: ReadTitle) -> bool:
    return len(strange) >= MIN_STRANGE_WORDS and len(strange) * 2 > len(split_words(reading.title))


def find_strange_words(
    reading: ReadTitle, where: str, taken: Usage, known: FlowKnowledge, labels: frozenset[str]
) -> Sequence[str]:
    """Find unknown words of a table-wide text.

    File names count if mostly understood; notes only if short with “only”.
    """
    if where not in (TITLE, NAME, ROW, BESIDE, FILE):
        return ()
    area, vocabulary = taken.code("REF_AREA"), known.vocabulary
    unexplained = remove_identifiers(reading.unexplained, reading.title)
    is_people = known.recogniser.countries.is_demonym
    is_reporter = {word for word in unexplained if not is_people(word) and is_name_of_area(word, area, known)}
    words = [word for word in unexplained if word not in is_reporter or vocabulary.codes(EXTENT, plain(word))]
    words = [word for word in words if plain(word) not in labels and not is_coded(word, taken, vocabulary)]
    if "DIRECTION" in known.flow.structure.key:  # moves are from abroad or to it
        words = [word for word in words if not vocabulary.codes("ABROAD", plain(word))]
    if area and where in (TITLE, ROW, BESIDE):
        words = [*dict.fromkeys((*words, *find_country_qualifiers(reading, area, known)))]
    if where != FILE:
        return words
    telling = reading.of(*FIGURE_CONCEPTS)
    are_signs = any(len(word) < SHORTEST_OF_FILE for word in words)
    return () if not telling or len(words) > MAX_WORDS_OF_FILE or are_signs else words


def is_coded(phrase: str, taken: Usage, vocabulary: Vocabulary) -> bool:
    return all(
        any(code in vocabulary.list_value_codes(name, plain(word)) for name, code in taken.fixed)
        for word in phrase.split()
    )


def find_country_qualifiers(reading: ReadTitle, area: str, known: FlowKnowledge) -> Iterator[str]:
    """Yield words right beside the reporting country that may name a part of it: “España sur”, “юг России”."""
    words, vocabulary = split_words(reading.title), known.vocabulary
    concepts_at: dict[int, set[str]] = {}
    for mention in reading.mentions:
        for at in mention.span:
            concepts_at.setdefault(at, set()).add(mention.concept)
    for country in reading.of(COUNTRY):
        if country.negated or not is_name_of_area(country.phrase, area, known):
            continue
        before = country.at - 1
        while before > 0 and "ARTICLE" in concepts_at.get(before, ()):
            before -= 1
        for at in (before, country.end):
            span = range(min(at, country.at), max(at + 1, country.end))
            is_right_beside = 0 <= at < len(words) and " ".join(words[each].written for each in span) in reading.title
            if not is_right_beside or not words[at].written.isalpha() or concepts_at.get(at, set()) - {"PLAIN"}:
                continue
            if area in vocabulary.codes(EXTENT, words[at].plain) or not is_in_title_language(words, at, vocabulary):
                yield words[at].written


def is_in_title_language(words: Sequence[Word], at: int, vocabulary: Vocabulary) -> bool:
    """Check whether an ordinary word has a language that the other ordinary words of the title share."""
    languages = vocabulary.languages_by_word
    of_others = [languages[word.plain] for number, word in enumerate(words) if number != at and word.plain in languages]
    shared = frozenset.intersection(*of_others) or frozenset().union(*of_others) if of_others else frozenset[str]()
    of_word = languages.get(words[at].plain, frozenset())
    return bool(of_word) and (not shared or not of_word.isdisjoint(shared))


def find_count_doubts(
    reading: ReadTitle, where: str, known: FlowKnowledge, *, is_named: bool, beside_moves: bool
) -> Iterator[Doubt]:
    if where not in (TITLE, NAME, ROW, BESIDE, FILE):
        return
    who_says = SAID_BY.get(where, "the title says")
    measures, vocabulary = find_measures(find_subjects(known.flow, known.recogniser)), known.vocabulary
    phrases: list[str] = []
    if counts_events(known.flow):
        phrases += find_other_counts(reading, measures, known.flow, vocabulary, is_named=is_named)
    if where in (TITLE, NAME) and measures and measures.isdisjoint(PEOPLE_MEASURES):
        phrases += find_counted_people(reading, vocabulary, beside_moves=beside_moves)
    for phrase in phrases:
        yield Doubt(phrase=phrase, origin=who_says, asks=ASKED["MEASURE"])


def find_calendar_doubts(reading: ReadTitle, where: str, vocabulary: Vocabulary) -> Iterator[Doubt]:
    if where in (TITLE, NAME, ROW, BESIDE) and find_calendars(reading.title, vocabulary):
        named = vocabulary.inside(CALENDAR, NUMBERED_YEAR.sub(ANY_YEAR, reading.title))
        names = {word for candidate in named for word in candidate.phrase.split()}
        names |= {*NUMBERED_YEAR.findall(convert_numerals(reading.title))}
        phrase = " ".join(word.written for word in split_words(reading.title) if word.plain in names) or reading.title
        yield Doubt(phrase=phrase, origin="the title says", asks=ASKED["LENGTH"])


YEAR = re.compile(r"(?:1[89]|20)\d\d(?:\d\d)?")
CODE_TOKEN = re.compile(r"(?<![^\W_])(?<![\w-])[^\W\d_]+(?:[_.]?\d+[^\W\d_]*)+(?![\w-])")
"""Letters with digits behind them, and perhaps further letters."""
SERIES_CODE = re.compile(r"[A-Z]{2,3}\d{2,}|[A-Z]{2,5}\d{4,}[A-Z]{0,2}|[A-Z]{2,5}\d{1,3}[A-Z]{1,5}\d{0,2}")
LETTERS = re.compile(r"[^\W\d_]+")
DIGITS_AND_LETTERS = re.compile(r"\d+[^\W\d_]+")
NAME_OF_TABLE = re.compile(r"(?<![^\W_])[A-Z][a-z]{1,2}_[A-Z]?\d{1,3}[a-z]?$")
"""The name of a table at the end of a sheet name: “Ret_01”, “Data_Cit_D02”."""


def remove_identifiers(words: Iterable[str], text: str) -> list[str]:
    """Remove words that belong to table identifiers.

    >>> remove_identifiers(["RVR"], "RVR09: Immigration"), remove_identifiers(["Kikuyu"], "Kikuyu1: Immigration")
    ([], ['Kikuyu'])
    """
    signs = [match[0] for match in CODE_TOKEN.finditer(text) if is_identifier(match[0])]
    if not signs:
        return list(words)
    inside = {word for sign in signs for word in (*LETTERS.findall(sign), *DIGITS_AND_LETTERS.findall(sign))}
    outside = set(LETTERS.findall(re.sub("|".join(map(re.escape, signs)), " ", text)))
    return [word for word in words if word not in inside or word in outside]


def is_identifier(token: str) -> bool:
    """Check whether letters and digits look like a table identifier.

    >>> [token for token in ("RVR09", "ITM552101", "VAN5RKAM", "M2020", "W15", "KAM2020") if is_identifier(token)]
    ['RVR09', 'ITM552101', 'VAN5RKAM']
    """
    digits = re.search(r"\d+", token)
    return bool(SERIES_CODE.fullmatch(token)) and not (digits and YEAR.fullmatch(digits[0]))


MIN_ABBREVIATION = 4


def find_sheet_words(names: Sequence[str], titles: Sequence[str]) -> frozenset[str]:
    """Find sheet names that titles use for tables, or that abbreviate a word of a title.

    >>> [sorted(find_sheet_words(["Ret_01"], [title])) for title in ("Ret_01: Returns by sex", "Returns")]
    [['Ret'], []]
    >>> sorted(find_sheet_words(["Immig"], ["Immigrants by sex"]))
    ['Immig']
    """
    begins = tuple(
        word[:size] for title in titles for word in plain(title).split() for size in range(MIN_ABBREVIATION, len(word))
    )
    abbreviated = (word for name in names for word in LETTERS.findall(name) if plain(word) in begins)
    begun = [title for title in titles if re.match(r"\S+\s*(?:[:.]\s|[–—-]\s)", title)]
    of_sheets = (match[0] for name in names if (match := NAME_OF_TABLE.search(name)))
    called = [name for name in of_sheets if any(title.startswith(name) for title in begun)]
    return frozenset((*abbreviated, *(word for name in called for word in LETTERS.findall(name))))


RAISED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺", "0123456789+", '“”„«»"')


def find_sentence_doubts(
    reading: ReadTitle, doubts: Sequence[Doubt], taken: Usage, known: FlowKnowledge, *, labels: frozenset[str]
) -> Iterator[Doubt]:
    who_says = "a note says"
    for phrase in find_short_limits(reading, known.recogniser):
        yield Doubt(phrase=phrase, origin=who_says, asks=ASKED["GROUP"])
    for role, asks in find_origin_doubts(
        (mention for mention in reading.of("ROLE") if is_general(mention, reading)), taken
    ):
        yield Doubt(phrase=role.phrase, origin=who_says, asks=asks)
    for phrase in find_other_dates(reading, known.vocabulary):
        yield Doubt(phrase=phrase, origin=who_says, asks=DATED)
    for phrase in find_short_stays(reading, known):
        yield Doubt(phrase=phrase, origin=who_says, asks=ASKED["GROUP"])
    for sentence in find_strange_titles(reading, known.recogniser):
        is_asked = any(plain(doubt.phrase) in plain(sentence.title) for doubt in doubts)
        is_asked |= STATUS in taken.settled and bool(sentence.of(STATUS))
        is_asked |= is_asked_with_year(sentence.title, known)
        if not is_asked and {plain(word) for word in sentence.unexplained} - labels:
            yield Doubt(phrase=sentence.title, origin=who_says, asks=NOT_UNDERSTOOD)


def is_asked_with_year(sentence: str, known: FlowKnowledge) -> bool:
    """Check whether a sentence names a part of one year: the period of that year is asked."""
    years = {year[0] for year in YEAR.finditer(sentence)}
    is_part = names_part_of_year(sentence, known.vocabulary, is_label=False)
    return is_part and len(years) == 1 and not is_stock(known.flow)


def find_short_stays(reading: ReadTitle, known: FlowKnowledge) -> Iterator[str]:
    """Yield sentences that limit figures to short stays, such as “persons who stayed for less than 12 months”."""
    if STAY_DURATION in known.flow.structure.key:
        return
    for sentence in split_sentences(reading):
        read_sentence = read_title(sentence, known.recogniser)
        is_apart = concerns_other_things(read_sentence.mentions, sentence) or read_sentence.of(*CHANGING_CONCEPTS)
        if not is_apart and find_short_stays_in_text(sentence, known.vocabulary):
            yield sentence


def explains_sign(phrase: str, note: str, signs: frozenset[str]) -> bool:
    """Check whether a note explains a sign by a phrase; the number of the note may be the sign."""
    unnumbered = NUMBER_OR_TOPIC.sub(" ", note).strip()
    if unnumbered != note and explains_sign(phrase, unnumbered, signs):
        return True
    whole = (note[: note.find(phrase)] or phrase).translate(RAISED_DIGITS).casefold()
    before, entry = whole.rstrip(" -–—=:)]/\t"), whole.rpartition(";")[2].strip()
    entry = entry if entry or note.rstrip(" .").removesuffix(phrase) == note else whole  # “* Fewer than 5; suppressed”
    for sign in filter(None, map(normalise_sign, signs)):
        right_before = sign in (before, entry) or re.search(rf"[\s;,.(\[]{re.escape(sign)}$", before)
        begins = re.match(rf"(?:[^\W\d_]+:\s*)?[(\[]?{re.escape(sign)}[)\]]?[\s=:]", entry)
        marked = re.match(rf"(?:[^\W\d_]+:?\s+)?[(\[“„«]{re.escape(sign)}[)\]”“»]", entry)
        if right_before or marked or (begins and (not sign.isalpha() or len(sign) == 1)):
            return True
    return False
