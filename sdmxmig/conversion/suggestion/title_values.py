"""Components with one value in the table: from titles, flow or uniform labels."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import lru_cache
from operator import attrgetter

from sdmxmig.catalogue.item_schemes import is_added
from sdmxmig.conversion.mapping.block_keys import find_only_codes, list_allowed
from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.calendars import NUMBERED_YEAR, convert_numerals, convert_years, find_calendars
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.mentions import COUNTRY, Mention, ReadTitle, is_introduced, is_telling, read_title
from sdmxmig.conversion.recognition.mentions import split_words as words_of_title
from sdmxmig.conversion.recognition.times import TO, find_ending_year, moment, parse_month_span
from sdmxmig.conversion.recognition.words import ALL_WORDS, NOT, Vocabulary, list_meanings
from sdmxmig.conversion.suggestion.notes import find_sentence_around
from sdmxmig.conversion.suggestion.other_counts import (
    ACQUIRED,
    OF_EVENTS,
    find_measures,
    find_subjects,
    is_event,
    join_words,
)
from sdmxmig.conversion.suggestion.periods import NUMBERED, SOLAR_YEARS, list_possible_periods, read_numbered_year
from sdmxmig.conversion.suggestion.titled_years import (
    DATE,
    MOVEMENT_REASON,
    find_day_span,
    find_days_in_clauses,
    find_named_days,
    is_of_figures,
    is_other_day,
    is_reference_day,
    names_day,
)
from sdmxmig.primitives.lazily import rapidfuzz
from sdmxmig.primitives.periods import parse
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.data import Flow

TOTAL, UNKNOWN, NOT_APPLICABLE = "_T", "_U", "_Z"
UNSTATED = "the table does not state it"
MIN_WORD_LETTERS = 3
"""Minimum number of letters in a one-word title."""
MAX_OFFERED = 14
MAX_SHORT_TITLE = 2
"""Maximum number of words in a title such as “Monat Juni”."""
STATUS, REF_DATE, ANOTHER_DAY = "OBS_STATUS", "REF_DATE", "OTH"
TITLE_COMPONENTS = frozenset(
    {STATUS, "SEX", "BIRTH_STATUS", "CTZ_STATUS", "DIRECTION", "REF_DATE", "UNIT_MULT", "UNIT_MEASURE"}
    | {"ACC_ITEM", "ADM_ITEM", "PROT_ITEM", "TMP_ITEM", "CTZ_ITEM", "REASON", "MOB_TYPE", "PROT_STATUS"}
    | {"CTZ_MODE", "DECISION_ACTION", "DECISION_STAGE"}
)
CITIZENS, FOREIGN, NATIONAL, INSIDE = "CTZ_STATUS", "FC", "NC", 0.8
STATUS_OF = {"C_CITIZEN": CITIZENS, "C_BIRTH": "BIRTH_STATUS"}
"""Status components of groups among countries."""
UNIT, MULTIPLE, EXPLICIT = "UNIT_MEASURE", "UNIT_MULT", 0.95
OF_OFFICE = "national"
"""The status of codes that a workspace adds to a list."""
PERSONS, ITEMS = "PS", ("ADM_ITEM", "PROT_ITEM")
CROSSING_CONCEPTS = frozenset({"ENTRY", "EXIT", "BORDER_IN", "BORDER_OUT"})
BETWEEN_SIGNS = re.compile(r"[()\[\]（）【】,;:.،؛、，；：。–—|]|\s-\s")
FOREIGNERS = frozenset({"FC", "NON_EU", "THIRD_COUNTRY"})
OWN_CITIZEN_CODES = frozenset({"NC", "CTZ_STATUS=NC"})
YEAR = re.compile(r"(?<!\d)((?:1[89]|20)\d\d)(?!\d)")
SPAN = re.compile(rf"{YEAR.pattern}\s*(?:[-–—/]|{TO})\s*{YEAR.pattern}")
TWO_YEARS = re.compile(rf"{YEAR.pattern}\s*[/–-]\s*(\d\d)(?!\d)")
"""A year that begins in one and ends in the next, as titles write it."""
LONGEST_SPLIT = len("2021 / 22")
DAILY, PERCENT = "D", "PT"
BY_MEASURE, MOVES_ASKED, WORD_FOR_IT = 0.93, 0.5, "a word for what is counted"
NORMAL, REVISED = "A", "R"
SEX, WOMEN = "SEX", "F"
OTHERS = {"NC": "FC", "FC": "NC", "NB": "FB", "FB": "NB", "M": "F", "F": "M"}
BY_TITLE, IN_TITLE = 0.9, 0.75
LIMIT_CONCEPTS = ("EXCLUDING", "INCLUDING", "ONLY")
LEAVING = frozenset({"GROUP", "CTZ_STATUS", "BIRTH_STATUS", "SEX", "PLACE", "COUNTRY", "PROT_STATUS"})
"""Concepts of groups and places that an exclusion may leave out."""
DIRECTION, ITEM, KIND, STATUSES = "DIRECTION", "ACC_ITEM", "KIND", ("BIRTH_STATUS", "CTZ_STATUS")
MEASURE, APPLICATION, GRANT = "MEASURE", "APPLICATION", "GRANT"
COUNTED_BY_KIND = ("MOB_TYPE",)
RARELY_STATED = ("DUR_BASIS",)
"""Attributes that few offices state: a table without a statement is not asked about."""
USUAL: Mapping[str, tuple[str, float]] = {UNIT: (PERSONS, 0.9), "UNIT_MULT": ("0", 0.9), "POP_BASE": ("RES", 0.9)}


@dataclass(frozen=True, slots=True)
class Setting:
    """A component with one value, its confidence and candidates; an empty code is asked."""

    component: str
    chosen: Candidate
    _: KW_ONLY
    others: tuple[Candidate, ...] = ()
    kept: str = ""
    """The code until an open question is answered, so that the rest of the table can be shown."""


def open_setting(component: str, reason: str, *, others: tuple[Candidate, ...] = (), kept: str = "") -> Setting:
    return Setting(component, Candidate("", 0.0, reason=reason), others=others, kept=kept)


def find_fixed_settings(
    flow: Flow, components: Sequence[str], titles: Sequence[str], area: str, freq: str, recogniser: Recogniser
) -> tuple[Setting, ...]:
    """Find values for components without a line; `components` have one; `area` and `freq` may be empty."""
    only = find_only_codes(flow)
    time = flow.structure.time_id
    settings = []
    reporting = area or propose_area(titles, area, flow, recogniser).chosen.code
    wanted = [*flow.structure.key, *(component.id for component in flow.structure.attributes() if component.mandatory)]
    on_one_day = REF_DATE in wanted
    if not on_one_day and REF_DATE in flow.structure and OF_EVENTS.isdisjoint(flow.structure.key):
        of_lengths = [bool(read_title(title, recogniser).of("LENGTH")) for title in titles]
        of_days = [title for title, of_length in zip(titles, of_lengths, strict=True) if not of_length]
        of_days = [title for title in of_days if not find_stated_period(title, recogniser)]
        wanted += [REF_DATE] if any(find_days(of_days, recogniser)) else []
    for component in wanted:
        is_normal = component == STATUS and set(find_title_codes(STATUS, flow, titles, recogniser)) <= {NORMAL}
        if component in components or is_normal:
            continue
        if component == "FREQ" and freq and only.get(component, freq) != freq:
            why = f"the periods of the table; the dataflow allows only {only[component]}"
            settings.append(Setting(component, Candidate(freq, INSIDE, reason=why)))
        elif component in only:
            settings.append(
                Setting(component, Candidate(only[component], 1.0, reason="the only code of this dataflow"))
            )
        elif component == "REF_AREA":
            settings.append(propose_area(titles, area, flow, recogniser))
        elif component == "FREQ" and (freq or time not in components):
            settings.append(propose_frequency(freq, titles, recogniser, on_one_day=on_one_day))
        elif component == time:
            settings.append(propose_period(titles, recogniser, on_one_day=on_one_day))
        else:
            settings.append(propose_value(component, flow, titles, recogniser, reporting, components))
    return tuple(settings)


def propose_area(titles: Sequence[str], area: str, flow: Flow, recogniser: Recogniser) -> Setting:
    listed = find_areas(titles, recogniser)
    if area:
        whole = Candidate(area, 1.0, reason="as requested")
        parts = [candidate for candidate in listed if candidate.code in list_parts_of_country(area, flow)]
        return Setting("REF_AREA", parts[0], others=(whole,)) if len(parts) == 1 else Setting("REF_AREA", whole)
    if len(listed) == 1:
        return Setting("REF_AREA", listed[0])
    return open_setting("REF_AREA", "the reporting country is not stated", others=listed[:3])


def list_parts_of_country(area: str, flow: Flow) -> frozenset[str]:
    """Return the areas added by the workspace; those of a fictional country, itself added, are other countries."""
    added = frozenset(item.id for item in flow.codelist("REF_AREA") or () if is_added(item))
    return frozenset() if area in added else added


def find_areas(titles: Sequence[str], recogniser: Recogniser) -> tuple[Candidate, ...]:
    areas: dict[str, Candidate] = {}
    for title in titles:
        for candidate in find_title_areas(title, recogniser):
            areas.setdefault(candidate.code, candidate)
    return tuple(areas.values())


@lru_cache(maxsize=4096)
def find_title_areas(title: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    mentions = read_title(title, recogniser).of(COUNTRY)
    named = (mention for mention in mentions if not mention.code.isdecimal())
    return tuple(Candidate(each.code, 0.75, reason=f"the title names “{each.phrase}”") for each in named)


def drop_asked_frequency(settings: Sequence[Setting]) -> tuple[Setting, ...]:
    period = next((setting.chosen for setting in settings if setting.component == "TIME_PERIOD"), None)
    if period is None or period.is_applied:
        return tuple(settings)
    sure = (
        replace(setting, chosen=replace(setting.chosen, confidence=1.0)) if setting.component == "FREQ" else setting
        for setting in settings
    )
    return tuple(setting for setting in sure if setting.component != "FREQ" or setting.chosen.code)


def propose_frequency(freq: str, titles: Sequence[str], recogniser: Recogniser, *, on_one_day: bool = False) -> Setting:
    if freq:
        sure = 0.95 if len(freq) == 1 or freq == UNKNOWN else 0.8
        return Setting("FREQ", Candidate(freq, sure, reason="the periods of the table"))
    chosen = propose_period(titles, recogniser, on_one_day=on_one_day).chosen
    period = parse(chosen.code)
    if period is None:
        return open_setting("FREQ", UNSTATED)
    return Setting("FREQ", Candidate(period.freq, chosen.confidence, reason="the period that the titles name"))


def propose_period(titles: Sequence[str], recogniser: Recogniser, *, on_one_day: bool = False) -> Setting:
    """Find the single period of a table in titles; `on_one_day`: a day dates the figures."""
    between = {period for title in titles if (period := find_stated_period(title, recogniser))}
    if len(between) == 1 and not on_one_day:
        days = between.pop()
        sure = BY_TITLE if days.isdecimal() else IN_TITLE
        return Setting("TIME_PERIOD", Candidate(days, sure, reason="a title names its first or last day"))
    if year := next(find_open_years(titles, recogniser.vocabulary), None):
        codes = list_possible_periods(year[0], recogniser.vocabulary, year[1])
        codes = (*([year[0][:4]] if YEAR.match(year[0]) and not year[1] else []), *codes)
        near = tuple(Candidate(code, 0.3, reason="a title names it") for code in codes)
        reason = f"a title names “{year[0]}”: when does this year begin?"
        return open_setting("TIME_PERIOD", reason, others=near)
    whole = {
        title_moment.period: title_moment for title in titles if (title_moment := moment(title, recogniser.vocabulary))
    }
    if on_one_day:  # the day dates a yearly count
        whole = {period: moment for period, moment in whole.items() if moment.freq != DAILY}
    if len(whole) == 1 and next(iter(whole.values())).candidate.is_applied:
        period = next(iter(whole))
        if find_years(titles, recogniser.vocabulary, besides=period[:4]) <= {period[:4]}:
            sure = IN_TITLE if whole[period].freq == DAILY else 0.95
            return Setting("TIME_PERIOD", Candidate(period, sure, reason="a title consists of this period"))
    dating = [title for title in titles if not is_other_day(title, recogniser)]
    years = find_years(dating, recogniser.vocabulary)
    years = {year for year in years if find_years(dating, recogniser.vocabulary, besides=year) == {year}} or years
    if not years and len(dating) < len(titles):
        years = find_years(titles, recogniser.vocabulary)
        near = tuple(Candidate(year, 0.3, reason="a title names it") for year in sorted(years))
        return open_setting("TIME_PERIOD", "a title names a day, but not the year of the figures", others=near[:3])
    dated = any(recogniser.vocabulary.inside("REF_DATE", title) for title in titles)
    dated |= on_one_day and any(read_title(title, recogniser).of("DATE") for title in titles)
    of_days = [title for title in dating if names_day(title, recogniser)]
    in_months = () if dated else [title for title in dating if title not in of_days]
    is_day_above_moves = bool(of_days) and not (on_one_day or dated)  # “situation as at 15 May 2023”
    if is_day_above_moves:
        others = find_years([title for title in dating if title not in of_days], recogniser.vocabulary)
        years = others or years | {str(int(year) - 1) for year in years}
    months = {month for title in in_months for month in find_months(title, recogniser)}
    spans = {span for title in in_months if (span := parse_month_span(title, recogniser.vocabulary))}
    is_span = len(months) == 1 and len(spans) == 1
    if not is_span and (len(years) != 1 or len(months) > 1):
        several = tuple(Candidate(year, 0.3, reason="a title names it") for year in sorted(years))
        reason = MOVEMENT_REASON if is_day_above_moves else "several are possible" if several else UNSTATED
        return open_setting("TIME_PERIOD", reason, others=several[:3])
    is_titled = not months and is_of_figures(titles, recogniser, on_one_day=on_one_day)
    sure = BY_TITLE if is_titled else IN_TITLE
    named = min(years, default="")
    period = spans.pop() if is_span else f"{named}-{months.pop()}" if months else named
    return Setting("TIME_PERIOD", Candidate(period, sure, reason="the titles name it"))


def find_stated_period(title: str, recogniser: Recogniser) -> str:
    """Return the period of a title with a first and last day, or the end of a year: “year ending June 2023”."""
    ended = find_ending_year(title, recogniser.vocabulary)
    return find_day_span(title, recogniser) or (ended.period if ended else "")


def find_open_years(titles: Sequence[str], vocabulary: Vocabulary) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield years in titles that may not begin on 1 January, with their calendars: “2021/22”, “2014 E.C.”, “۱۴۰۱”."""
    for title in titles:
        calendars, written = find_calendars(title, vocabulary), convert_numerals(title)
        for match in NUMBERED_YEAR.finditer(written):
            year = NUMBERED.fullmatch(match[0])
            first, last = read_numbered_year(year) if year else (0, 0)
            is_split = last == first + 1 and (len(match[0]) < LONGEST_SPLIT or "/" in match[0])
            is_solar = first in SOLAR_YEARS and title[match.start() : match.end()] != match[0]
            if calendars or is_split or is_solar:
                yield match[0], calendars


def compare_with_notes(
    settings: Sequence[Setting], notes: Sequence[str], recogniser: Recogniser
) -> tuple[Setting, ...]:
    readings = (read_title(note, recogniser) for note in notes)
    notes = [reading.title for reading in readings if not reading.of("PUBLISHED") and "©" not in reading.title]
    period = next((setting for setting in settings if setting.component == "TIME_PERIOD"), None)
    if period is None:
        return tuple(settings)
    year = period.chosen.code[:4]  # a later day is that of the publication
    undated = [DATE.sub(lambda day: " " if max(YEAR.findall(day[0])) > year else day[0], note) for note in notes]
    if find_years(undated, recogniser.vocabulary) <= {year}:
        return tuple(settings)
    doubted = replace(period, chosen=replace(period.chosen, confidence=min(period.chosen.confidence, IN_TITLE)))
    return tuple(doubted if setting is period else setting for setting in settings)


def find_years(titles: Sequence[str], vocabulary: Vocabulary, besides: str = "") -> set[str]:
    """Return the years in titles, except spans that contain a year, such as “2019–2023” with 2021.

    >>> words = Vocabulary({}, {})
    >>> sorted(find_years(["Population, 2019–2023", "2021"], words))
    ['2019', '2021', '2023']
    >>> find_years(["Population, 2019–2023"], words, besides="2021")
    set()
    """
    titles = [convert_years(title, vocabulary) for title in titles]
    without_spans = [
        SPAN.sub(lambda span: " " if span[1] <= besides <= span[2] else span[0], title) for title in titles
    ]
    return {year for title in without_spans for year in YEAR.findall(title)}


def find_months(title: str, recogniser: Recogniser) -> frozenset[str]:
    words = plain(title).split()
    if len(words) <= MAX_SHORT_TITLE:
        return frozenset(candidate.code for candidate in recogniser.vocabulary.inside("MONTH", title))
    years = [at for at, word in enumerate(words) if re.fullmatch(r"(?:1[89]|20)\d\d", word)]
    near = {
        phrase for at in years for phrase in (*words[max(0, at - 1) : at + 2], " ".join(words[max(0, at - 2) : at]))
    }
    return frozenset(code for phrase in near for code in recogniser.vocabulary.codes("MONTH", phrase))


def propose_value(
    component: str, flow: Flow, titles: Sequence[str], recogniser: Recogniser, area: str, lines: Sequence[str] = ()
) -> Setting:
    """Find the value of a component without breakdown; `area` is the reporter."""
    codelist = flow.codelist(component)
    if codelist is None:
        return Setting(component, Candidate(TOTAL, 0.92, reason="the table has no breakdown by it"))
    stated = find_title_codes(component, flow, titles, recogniser, area, lines)
    is_ordinary = component == UNIT and PERSONS not in stated and are_ordinary_words(stated, recogniser)
    by_code = {} if is_ordinary else stated  # “place” is “płace”, wages, only as written in Polish
    if component == UNIT and flow.dataflow.ref.is_draft:
        return ask_for_unit(by_code, codelist, titles, recogniser)
    is_open = not by_code or (component == UNIT and is_plain_number(by_code, recogniser))
    offers = offer_codes_of_titles(component, flow, titles, recogniser) if is_open else ()
    if offers:
        kept = USUAL.get(component, ("",))[0]
        said: Setting | None = open_setting(component, offers[0].reason, others=offers, kept=kept)
    else:
        said = join_statements(component, by_code, codelist)
    if said:
        return said
    if component in USUAL and not by_code:
        return Setting(component, Candidate(*USUAL[component], reason="the usual value; the table states no other"))
    if TOTAL in codelist and not by_code:
        is_named = component not in COUNTED_BY_KIND or any(
            read_title(title, recogniser).of(MEASURE) for title in titles
        )
        sure, reason = (
            (0.92, "the table has no breakdown by it") if is_named else (0.6, "no title states what is counted")
        )
        return Setting(component, Candidate(TOTAL, sure, reason=reason))
    unsaid = next((code for code in (UNKNOWN, NOT_APPLICABLE) if code in codelist and not by_code), "")
    return propose_unstated(component, codelist, unsaid) if unsaid else ask_for_value(component, flow, titles, by_code)


def is_plain_number(by_code: Mapping[str, Candidate], recogniser: Recogniser) -> bool:
    """Check whether titles have only the unit “number”, which may mean persons or things."""
    words = {plain(candidate.phrase) for candidate in by_code.values()}
    return {*by_code} == {PERSONS} and all(recogniser.vocabulary.codes("PLAIN", word) for word in words)


def are_ordinary_words(by_code: Mapping[str, Candidate], recogniser: Recogniser) -> bool:
    """Check whether all units come from words with an ordinary meaning, without the letters of another language."""
    words = {candidate.phrase.casefold() for candidate in by_code.values()}
    return all(word == plain(word) and recogniser.vocabulary.codes("PLAIN", word) for word in words)


def propose_unstated(component: str, codelist: ItemScheme, unsaid: str) -> Setting:
    """Return the code for “not stated”; ask if the characteristic may not exist."""
    may_exist = unsaid == NOT_APPLICABLE
    items = [*(item for item in codelist if item.id != unsaid), *([codelist[unsaid]] if may_exist else [])]
    confidence = BY_TITLE if component in RARELY_STATED else 0.6
    chosen = Candidate("" if may_exist else unsaid, 0.0 if may_exist else confidence, reason=UNSTATED)
    others = tuple(Candidate(item.id, 0.1, reason=str(item.name)) for item in items[:MAX_OFFERED])
    return Setting(component, chosen, others=others)


def ask_for_value(component: str, flow: Flow, titles: Sequence[str], by_code: Mapping[str, Candidate]) -> Setting:
    near = tuple(by_code.values())[:3] or find_nearest_codes(component, flow, titles)
    return open_setting(component, "several are possible" if near else UNSTATED, others=near)


def ask_for_unit(stated: Iterable[str], units: ItemScheme, titles: Sequence[str], recogniser: Recogniser) -> Setting:
    """Ask for the unit of an office's own dataflow, which need not count persons, and offer the units in titles."""
    readings = [read_title(title, recogniser) for title in titles]
    counted = [mention for concept in ("UNIT", MEASURE) for reading in readings for mention in reading.of(concept)]
    reason = f"the table says “{counted[0].phrase}”" if counted else UNSTATED
    is_money = any(mention.code == "MONEY" for mention in counted)
    own = (item.id for item in units if is_money and item.status == OF_OFFICE)  # the currency of the country
    of_things = (code for mention in counted for code in find_codes_of_phrase(mention.concept, mention.code, UNIT))
    codes = dict.fromkeys((*own, *stated, *of_things, *units.ids))
    return open_setting(
        UNIT, reason, others=tuple(Candidate(code, 0.1, reason=str(units[code].name)) for code in codes)
    )


def offer_codes_of_titles(
    component: str, flow: Flow, titles: Sequence[str], recogniser: Recogniser
) -> tuple[Candidate, ...]:
    """Offer codes that titles name without linking them to the figures: days, units, women."""
    if component == REF_DATE:
        stated = [*find_days(titles, recogniser)]
        others = list_other_codes(REF_DATE, "", flow) if stated else ()
    elif component == UNIT:
        moves = frozenset() if OF_EVENTS.isdisjoint(flow.structure.key) else CROSSING_CONCEPTS
        stated = [*find_units_of_things(titles, recogniser, moves)]
        others = (Candidate(PERSONS, INSIDE, reason="persons"),) if stated else ()
    elif component == SEX:
        words = filter(None, map(recogniser.countries.find_women, titles))
        stated = [Candidate(WOMEN, INSIDE, reason=f"the table says “{word}”", phrase=word) for word in words]
        others = (Candidate(TOTAL, INSIDE, reason="everybody"),) if stated else ()
    else:
        return ()
    listed = flow.codelist(component) or ()
    by_code: dict[str, Candidate] = {}
    for each in (*stated, *others):
        by_code.setdefault(each.code, each)
    return tuple(each for code, each in by_code.items() if code in listed)


def find_days(titles: Sequence[str], recogniser: Recogniser) -> Iterator[Candidate]:
    for title in titles:
        dates = [(mention.code, mention.phrase) for mention in read_title(title, recogniser).of("DATE")]
        named = [(code, phrase) for date, phrase in dates for code in find_codes_of_phrase("DATE", date, REF_DATE)]
        days = find_named_days(title, recogniser)
        named += [(find_day_code(day.day, recogniser.vocabulary), day.phrase) for day in days]
        for code, phrase in named:
            yield Candidate(code, INSIDE, reason=f"the table says “{phrase}”", phrase=phrase)


def find_units_of_things(titles: Sequence[str], recogniser: Recogniser, moves: Collection[str]) -> Iterator[Candidate]:
    """Yield the units of what titles count besides persons: permits issued are documents or persons.

    None if a title names the people: “holders of permits”, “persons refused entry”. Arrivals and other `moves` count
    persons in a dataflow on immigration.
    """
    for reading in (read_title(title, recogniser) for title in titles):
        people = [mention for mention in reading.of("GROUP", "HAVING", "ROLE", "UNIT") if describes_people(mention)]
        counted = [mention for mention in reading.of(MEASURE, *ITEMS) if not (mention.negated or mention.inner)]
        counted = [mention for mention in counted if not implies_grant(mention, recogniser.vocabulary)] or counted
        first = [mention for mention in counted if mention.at == counted[0].at and not is_introduced(mention, reading)]
        for mention in first:
            if mention.code not in moves and not any(counts_people(person, mention) for person in people):
                for code in find_codes_of_phrase("COUNTS", mention.code, UNIT):
                    yield Candidate(code, INSIDE, reason=f"the table says “{mention.phrase}”", phrase=mention.phrase)


def implies_grant(mention: Mention, vocabulary: Vocabulary) -> bool:
    """Check whether a word for decisions implies that they are positive: “beviljade”."""
    return mention.concept == MEASURE and GRANT in vocabulary.list_value_codes("DECISION_ACTION", plain(mention.phrase))


PERMIT_CONCEPTS = frozenset({"LONG_TERM", "PERMANENT", "SEASONAL", "SHORT_TERM", "TEMPORARY"})
"""Groups whose words also describe documents: “temporary permits”."""


def counts_people(person: Mention, thing: Mention) -> bool:
    """Check whether people are counted rather than things: “Asylanträge Minderjähriger” counts applications."""
    return person.at <= (thing.at if person.concept == "GROUP" else thing.end)


def describes_people(mention: Mention) -> bool:
    is_group = mention.concept == "GROUP" and mention.code not in PERMIT_CONCEPTS
    return is_group or mention.concept == "HAVING" or mention.code in (PERSONS, "OBS_VALUE")


def find_whole_code(codes: Collection[str], codelist: ItemScheme) -> str:
    """Return the code whose parts are exactly these codes, or an empty string."""
    parts = {code for code in codes if codelist[code].parent}
    above = {codelist[part].parent for part in parts}
    is_whole = len(above) == 1 and above >= {*codes} - parts
    return next(iter(above)) if is_whole and parts == {item.id for item in codelist if item.parent in above} else ""


def join_statements(component: str, by_code: Mapping[str, Candidate], codelist: ItemScheme) -> Setting | None:
    """Return the single code of titles, or the code that covers all of theirs."""
    if len(by_code) == 1:
        return propose_stated(component, next(iter(by_code.values())))
    if whole := find_whole_code(by_code, codelist):
        reasons = dict.fromkeys(said.reason for _, said in sorted(by_code.items()))
        said = replace(next(iter(by_code.values())), code=whole, reason="; ".join(reasons))
        return propose_stated(component, said)
    holding = next((code for code in by_code if list_codes_below(code, codelist) >= by_code.keys()), "")
    parts = tuple(said for code, said in by_code.items() if code != holding)
    return Setting(component, replace(by_code[holding], confidence=IN_TITLE), others=parts) if holding else None


def list_codes_below(code: str, codelist: ItemScheme) -> set[str]:
    return {code, *(item.id for item in codelist if item.parent == code)}


def propose_stated(component: str, said: Candidate) -> Setting:
    if component == STATUS and said.code == REVISED:
        usual = Candidate(NORMAL, 0.5, reason="as usual")
        return open_setting(component, f"{said.reason}: does this apply to all figures?", others=(said, usual))
    is_usual = said.code == USUAL.get(component, (TOTAL,))[0]  # the same value as without evidence
    return Setting(component, replace(said, confidence=0.95) if is_usual else said)


def find_title_codes(
    component: str, flow: Flow, titles: Sequence[str], recogniser: Recogniser, area: str = "", lines: Sequence[str] = ()
) -> Mapping[str, Candidate]:
    """Find the codes of a component in titles, whole titles before words; `lines` are components of rows and columns.

    Directions do not identify the people, nor do “immigrants and emigrants” above items of an account. New
    citizens were not nationals before.
    """
    codelist, vocabulary = flow.codelist(component), recogniser.vocabulary
    readings = [read_title(title, recogniser) for title in titles]
    counted = {mention.code for reading in readings for mention in reading.of(MEASURE) if not mention.inner}
    if component not in TITLE_COMPONENTS or codelist is None or (component == ITEM and not counted <= {"NET", "POP"}):
        return {}
    directions = {mention.code for reading in readings for mention in reading.of(DIRECTION)}
    moving = component in STATUSES and (DIRECTION in flow.structure.key or (ITEM in lines and len(directions) > 1))
    words = [title for title in titles if sum(map(str.isalpha, title)) >= MIN_WORD_LETTERS or not title.isascii()]
    words = [title for title in words if not (moving and vocabulary.candidates(DIRECTION, title))]
    listed = (candidate for title in words for candidate in vocabulary.candidates(component, title))
    whole = {candidate.code: candidate for candidate in listed if candidate.is_applied and candidate.code in codelist}
    telling = {code: candidate for code, candidate in whole.items() if code != TOTAL} or whole
    if len(telling) == 1 and not component.endswith("_ITEM"):
        return telling
    are_new = component == CITIZENS and ACQUIRED in find_measures(find_subjects(flow, recogniser))
    inside = [
        candidate
        for title in titles
        for candidate in find_inner_values(component, title, recogniser, area, moving=moving)
        if candidate.code in codelist and not (are_new and candidate.code == NATIONAL)
    ]
    said = {said.code: said for said in inside if not any(is_stated_exactly(said, other, codelist) for other in inside)}
    if component in (*ITEMS, "TMP_ITEM", "CTZ_ITEM"):
        below = {code for code in said for code in list_codes_below(code, codelist)}
        unread = [find_kind(each, below) for each in find_unread_items(component, titles, recogniser)]
        said = {each.code: each for each in unread} or said
    if len(telling) != 1:
        return said
    (exact,) = telling  # “Visas granted”, below “Work permits by nationality”
    return {**telling, **{code: each for code, each in said.items() if exact not in list_codes_below(code, codelist)}}


def find_kind(item: Candidate, below: Collection[str]) -> Candidate:
    """Return the item below those of the titles that an item means: “first” in “Work permits issued, first”."""
    kinds = {code for _, codes in list_meanings(KIND, item.code) for code in codes if code in below}
    return replace(item, code=min(kinds)) if kinds else item


def find_unread_items(component: str, titles: Sequence[str], recogniser: Recogniser) -> Iterator[Candidate]:
    """Yield items named by words that titles do not explain, but labels do: “w toku”, “reiterate”."""
    for title in titles:
        unread, words = {*read_title(title, recogniser).unexplained}, words_of_title(title)
        spans = (range(at, at + size) for size in (3, 2, 1) for at in range(len(words) - size + 1))
        for span in (span for span in spans if any(words[at].written in unread for at in span)):
            codes = recogniser.vocabulary.list_value_codes(component, " ".join(words[at].plain for at in span))
            is_negated = any(recogniser.vocabulary.codes(NOT, word.plain) for word in words[: span.start][-1:])
            if len(codes) == 1 and not is_negated:
                phrase = join_words(words, span)
                yield Candidate(codes[0], INSIDE, reason=f"the table says “{phrase}”", phrase=phrase)


def is_stated_exactly(said: Candidate, other: Candidate, codelist: ItemScheme) -> bool:
    is_narrower = other.code != said.code and other.code in list_codes_below(said.code, codelist)
    return is_narrower and other.reason == said.reason


def find_codes_of_phrase(concept: str, code: str, component: str) -> tuple[str, ...]:
    if concept == component:
        return (code,)
    return next((codes for name, codes in list_meanings(concept, code) if name == component), ())


def find_inner_values(
    component: str, title: str, recogniser: Recogniser, area: str, *, moving: bool
) -> Iterator[Candidate]:
    """Find values inside titles: “non-Kenyan population” means foreign citizens.

    “Kenyan emigrants” are citizens if Kenya reports.
    """
    if component == REF_DATE:
        if find_days_in_clauses(title, recogniser) and not is_reference_day(title, recogniser):
            return
        for named in find_named_days(title, recogniser):
            code, reason = find_day_code(named.day, recogniser.vocabulary), f"the table says “{named.phrase}”"
            yield Candidate(code, INSIDE, reason=reason, phrase=named.phrase)
    reading = read_title(title, recogniser)
    heard = {mention.at for mention in reading.of(DIRECTION)} if moving else set()
    for mention in (mention for mention in reading.mentions if mention.at not in heard):
        codes = find_codes_of_phrase(mention.concept, mention.code, component)
        if mention.concept == COUNTRY and mention.negated and component == CITIZENS:
            phrase = f"non-{mention.phrase}"
            yield Candidate(FOREIGN, INSIDE, reason=f"the table says “{phrase}”", phrase=phrase)
        elif mention.concept == COUNTRY and component == CITIZENS and not mention.inner:
            are_citizens = names_citizenship(mention.phrase, recogniser)
            is_covered = any(
                status.at <= mention.at < status.at + len(status.phrase.split()) for status in reading.of(CITIZENS)
            )
            is_move = is_event(mention, recogniser.vocabulary)
            is_people = names_people(mention.phrase, recogniser) and not is_move  # “Australian immigration” is to it
            is_own = mention.code == area and (are_citizens or is_people)
            left_out = bool(find_exclusion(mention, reading))
            is_meant = is_own or (area and are_citizens and not left_out)
            if is_meant and not is_covered and not is_introduced(mention, reading):
                code = NATIONAL if is_own and not left_out else FOREIGN
                reason = f"the table says “{mention.phrase}”"
                yield Candidate(code, INSIDE, reason=reason, phrase=mention.phrase)
        elif (PERCENT in codes and follows_number(mention, reading)) or is_application(mention, recogniser):
            continue  # “25% sample data”
        elif codes and (component == CITIZENS or not mention.negated) and not is_introduced(mention, reading):
            phrase = find_exclusion(mention, reading) or mention.phrase
            is_other = phrase != mention.phrase or mention.negated
            is_other |= codes == (NATIONAL,) and are_other_citizens(mention, reading, area, recogniser)
            meant_codes = [OTHERS.get(code, "") for code in codes] if is_other else codes
            sure = EXPLICIT if component == MULTIPLE and is_explicit(mention, reading) else INSIDE
            reason = f"the table says “{phrase}”"
            yield from (Candidate(code, sure, reason=reason, phrase=phrase) for code in meant_codes if code)


def is_application(mention: Mention, recogniser: Recogniser) -> bool:
    return APPLICATION in recogniser.vocabulary.codes(MEASURE, plain(mention.phrase))


def follows_number(mention: Mention, reading: ReadTitle) -> bool:
    before = words_of_title(reading.title)[: mention.at][-1:]
    return any(sign.isdecimal() for word in before for sign in word.plain)


def find_day_code(day: str, vocabulary: Vocabulary) -> str:
    written = f"{int(day[3:])} {month_name[int(day[:2])].casefold()}"
    return next(iter((*vocabulary.codes("DATE", written), *vocabulary.codes(REF_DATE, written))), ANOTHER_DAY)


def list_other_codes(component: str, code: str, flow: Flow) -> tuple[Candidate, ...]:
    others = tuple(Candidate(item.id, 0.1, reason=str(item.name)) for item in list_allowed_items(component, flow))
    return tuple(other for other in others if other.code != code) if len(others) <= MAX_OFFERED else ()


def list_allowed_items(component: str, flow: Flow) -> list[Item]:
    allowed = list_allowed(flow).get(component, ())
    return [item for item in flow.codelist(component) or () if not allowed or item.id in allowed]


def is_explicit(mention: Mention, reading: ReadTitle) -> bool:
    phrase = words_of_title(mention.phrase)
    if follows_number(mention, reading):
        return False
    alone = any(plain(part) == plain(mention.phrase) for part in BETWEEN_SIGNS.split(reading.title))
    return alone or len(phrase) > 1


def find_exclusion(mention: Mention, reading: ReadTitle) -> str:
    """Find exclusions of a phrase: “excluding foreigners”, “refugees are excluded”.

    The excluding word is next to it, or later in the clause without another group: in “foreigners excluding refugees”
    foreigners stay.
    """
    if mention.concept in LIMIT_CONCEPTS:
        return ""
    limits = [limit for limit in reading.of("EXCLUDING") if not limit.negated]
    words = words_of_title(reading.title)
    before = next((limit for limit in limits if mention.at - limit.end in (0, 1)), None)
    if before:
        return f"{before.phrase} {mention.phrase}"
    end = find_clause_end(mention, reading)
    behind = next((limit for limit in limits if mention.end <= limit.at < end), None)
    followed = {group.at for group in reading.of(*LEAVING)} - {mention.at}
    if behind is None or followed & set(range(mention.end, end)):
        return ""
    return join_words(words, range(mention.at, behind.end))


def find_clause_end(mention: Mention, reading: ReadTitle) -> int:
    end = find_sentence_around(mention.at, reading.title)[1]
    commas = (at for at, word in enumerate(words_of_title(reading.title)) if word.after_comma and at >= mention.end)
    return min(end, next(commas, end))


def names_people(phrase: str, recogniser: Recogniser) -> bool:
    """Check whether a phrase names a people and not a state: “overseas Kenyans”, not “Slovak Republic”."""
    countries, words = recogniser.countries, phrase.split()
    other_words = [word for word in words if not countries.is_demonym(word)]
    names_of_states = (plain(word) for word in other_words if is_telling(word))
    codes = recogniser.vocabulary.codes
    of_state = any(codes("FORMAL", word) and not codes("ABROAD", word) for word in names_of_states)
    is_place = len(words) > 1 and bool(recogniser.vocabulary.codes("WORDING", plain(words[0])))
    is_place &= all(countries.is_name(word) or countries.is_inflected(word) for word in words[1:])  # “do Polski”
    is_place |= len(words) > 1 and countries.is_name(phrase)
    return len(other_words) < len(words) and not of_state and not is_place


def are_other_citizens(citizens: Mention, reading: ReadTitle, area: str, recogniser: Recogniser) -> bool:
    """Check whether words name citizens of other countries: “non-Kenyan”, “Polish”, “of third countries”."""
    small = {at for mention in reading.of("ARTICLE", "WORDING", NOT) for at in mention.span}
    apart = {at for at, word in enumerate(words_of_title(reading.title)) if word.after_comma}
    parts, code = [plain(part) for part in BETWEEN_SIGNS.split(reading.title)], ""
    for other in reading.mentions:
        is_foreign = other.code in FOREIGNERS or (other.concept in (COUNTRY, "PLACE") and other.negated)
        between = range(min(citizens.end, other.end), max(citizens.at, other.at))
        is_beside = other.at != citizens.at and not other.inner and small.issuperset(between)
        is_beside &= apart.isdisjoint((*between, max(citizens.at, other.at)))
        later = max(citizens, other, key=attrgetter("at"))  # Arabic and Hebrew write “and” together with the next word
        is_beside &= ALL_WORDS not in recogniser.vocabulary.codes("BEGINNING", plain(later.phrase)[:1])
        phrases = (plain(citizens.phrase), plain(other.phrase))
        if is_foreign and is_beside and any(all(phrase in part for phrase in phrases) for part in parts):
            return True
        is_behind = other.at == citizens.end and names_people(other.phrase, recogniser)
        if other.concept == COUNTRY and (is_behind or citizens.at in other.span):
            code = code or other.code
    return (code or recogniser.countries.find_code_in_text(citizens.phrase)) not in ("", area)


def find_stated_component(country: Mention, reading: ReadTitle, recogniser: Recogniser) -> str:
    """Return the component stated by words around the name of a country: “born in Poland”."""
    if recogniser.vocabulary.inside("BORN", country.phrase):
        return "C_BIRTH"
    is_behind = any(citizens.end == country.at for citizens in reading.of(CITIZENS))
    of_citizens = names_citizenship(country.phrase, recogniser) or (
        is_behind and names_people(country.phrase, recogniser)
    )
    return "C_CITIZEN" if of_citizens else ""


def find_other_countries(titles: Sequence[str], area: str, recogniser: Recogniser) -> Mapping[Candidate, str]:
    """Return the countries other than the reporter that titles name, with the component that they state."""
    components: dict[Candidate, str] = {}
    for title in titles:
        reading = read_title(title, recogniser)
        for country in reading.of(COUNTRY):
            named = Candidate(country.code, 0.75, reason=f"the title names “{country.phrase}”")
            components.setdefault(named, find_stated_component(country, reading, recogniser))
        for citizens in reading.of(CITIZENS):
            code = recogniser.countries.find_code_in_text(citizens.phrase)
            said = Candidate(code, 0.75, reason=f"the title names “{citizens.phrase}”")
            components |= {said: "C_CITIZEN"} if code and not is_introduced(citizens, reading) else {}
    return {named: said for named, said in components.items() if named.code != area and not named.code.isdecimal()}


def names_citizenship(phrase: str, recogniser: Recogniser) -> bool:
    vocabulary = recogniser.vocabulary
    words = [plain(word) for word in phrase.split()]
    groups = {code for word in words for concept in (CITIZENS, "GROUP") for code in vocabulary.codes(concept, word)}
    return not OWN_CITIZEN_CODES.isdisjoint(groups) or any(
        "C_CITIZEN" in vocabulary.codes("ROLE", word) for word in words
    )


def recognise_items(component: str, text: str, vocabulary: Vocabulary) -> tuple[Candidate, ...]:
    """Return the account items that a word may mean; arrivals may be moves within the country, a balance growth."""
    phrase = plain(bare(text))
    is_exact = "NET" in vocabulary.codes("COUNTED", phrase)
    sure_by_code = {
        code: MOVES_ASKED if measure in ("IMM", "EMI") or (measure == "NET" and not is_exact) else BY_MEASURE
        for measure in vocabulary.codes("MEASURE", phrase)
        for code in find_codes_of_phrase("MEASURE", measure, component)
    }
    return tuple(Candidate(code, sure, reason=WORD_FOR_IT) for code, sure in sorted(sure_by_code.items()))


def find_nearest_codes(component: str, flow: Flow, titles: Sequence[str]) -> tuple[Candidate, ...]:
    """Return codes with names like words of titles, best first: three, or all of a short list of measures."""
    items, text = list_allowed_items(component, flow), plain(" ".join(titles))[:2000]
    scored = sorted(
        ((max(rapidfuzz.fuzz.token_set_ratio(plain(name), text) for _, name in item.name), item) for item in items),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    is_limited = (component in list_allowed(flow) or component.endswith("_ITEM")) and len(items) <= MAX_OFFERED
    offered = scored if is_limited else [pair for pair in scored[:3] if pair[0]]
    return tuple(Candidate(item.id, round(score / 200, 2), reason=str(item.name)) for score, item in offered)
