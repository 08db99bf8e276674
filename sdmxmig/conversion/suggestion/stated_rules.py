"""Residence rules stated as length of stay: “12 months or more”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from sdmxmig.catalogue.ages import find_interval_in_months
from sdmxmig.conversion.convert.partial_years import names_part_of_year
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import COUNTED, read_title, split_words
from sdmxmig.conversion.recognition.recogniser import recognise_value
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.earlier_mapping import SIGNS, build_pattern
from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.notes import PERSONS, SENTENCE, concerns_other_things, has_figures
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.surrounding_texts import NOTE, ROW, TITLE, SurroundingText
from sdmxmig.conversion.suggestion.title_values import (
    MIN_WORD_LETTERS,
    NOT_APPLICABLE,
    UNKNOWN,
    UNSTATED,
    Setting,
    list_allowed_items,
    list_other_codes,
    open_setting,
)
from sdmxmig.conversion.suggestion.year_statements import list_allowed_attributes
from sdmxmig.sdmx.model.data import TableMapping

RES_RULE, DUR_BASIS, DURATION, DAYS = "RES_RULE", "DUR_BASIS", "DURATION", "DAYS"
ACTUAL_OR_INTENDED, AT_LEAST = "MIX", "M_GE"
LENGTH_CONCEPTS = (DURATION, "STAY_DUR")
INTENTION = "INTENTION"
RULE_BY_LENGTH: Mapping[str, str] = {"M_GE12": "R12", "M_GE3": "R3"}
"""Rules that consist only of a minimum stay, by its length."""
OTHER_RULE = "OTH"
SRC_TYPE = "SRC_TYPE"
NAMED_CONFIDENCE, STATED = 0.95, 0.8
USUAL_CONFIDENCE = 0.4
"""Confidence in a statement of the office's other tables alone, which a person must accept."""
STATED_BY = {NOTE: "a note says", TITLE: "the title says"}
DEFINITION_ATTRIBUTES = (RES_RULE, DUR_BASIS, "AGEDEF", SRC_TYPE)
"""Attributes that an office states once for its tables; days and methods differ from table to table."""
BOUNDED_LENGTH = re.compile(r"M(?:_|\d+T)")
"""The codes of lengths with a lower or upper bound."""
AMBIGUOUS_LENGTH = "M_?"
NUMBER_OF_UNITS = re.compile(r"(\d+|[一二三四五六七八九十]+)\s?(日|일|天|か月|ヶ月|개월|个月|個月)")
"""The number and the unit of days or months in scripts without blanks."""
END_OF_SHORT, FROM_JANUARY = 13, "M1T"
"""The month after the longest temporary stay, and the beginning of codes of “1-9 months”, a part of a year."""
TWO_LENGTHS = re.compile(
    r"(?:(?P<before>[^\W\d_]+)\s*)?(?<![\d/])(?P<first>\d{1,2})/(?P<second>\d{1,2})(?![\d/])(?:\s*(?P<behind>[^\W\d_]+))?"
)
SLASHED_LENGTHS = re.compile(r"(?<![\d/.-])(\d{1,2})\s?/\s?(\d{1,2})(?![\d/]|[-.]\d)")
NUMBER = re.compile(r"(?<![\d.,])\d+(?![\d.,]*\d)")
HAN_MONTHS = re.compile(r"个月|個月|か月|ヶ月")
STEM_LETTERS = 5
"""Number of letters common to all cases of a word for a rule."""
CLAUSE_BREAK = re.compile(r"[,;:()。；，]|\.\s|\s[-–—]\s|\.$")
MAX_WORDS = 6
"""Maximum number of words in such a length: “for a period of 12 months or more”."""
THRESHOLDS: Mapping[str, str] = {"MONTHS": "THRESHOLD_MONTHS", DAYS: "THRESHOLD_DAYS"}
"""Annotations of a residence rule with its minimum stay, by unit."""
STAYS, SHORT_WORD = ("TRAIT", "CTZ_STATUS", DUR_BASIS, "STAYING"), 2
"""The concepts of words for stays and foreigners, and the length of words that are often articles."""


def add_stated_rule(
    settings: Sequence[Setting], texts: Sequence[SurroundingText], known: FlowKnowledge
) -> tuple[Setting, ...]:
    """Propose the residence rule and the basis of the duration of stay that titles and notes state."""
    stated = list(find_stated_rules(texts, known))
    with_rule = apply_codes(settings, RES_RULE, stated, known) if stated else ask_about_length(settings, texts, known)
    return apply_codes(with_rule, DUR_BASIS, list(find_stated_bases(texts, known)), known)


def ask_about_length(
    settings: Sequence[Setting], texts: Sequence[SurroundingText], known: FlowKnowledge
) -> tuple[Setting, ...]:
    """Ask which rule applies if a text names a stay as long as that of a rule in words that are not recognised."""
    named = next(find_rule_lengths(texts, known), None)
    if named is None:
        return tuple(settings)
    text, phrase, rules = named
    reason = f"{STATED_BY[text.where]} “{phrase}”"
    listed = known.flow.codelist(RES_RULE) or ()
    ordered = sorted(listed, key=lambda item: (item.id not in rules, item.id != OTHER_RULE))
    others = tuple(Candidate(item.id, 0.1, reason=str(item.name)) for item in ordered)
    return tuple(
        open_setting(RES_RULE, reason, others=others)
        if (setting.component, setting.chosen.code) == (RES_RULE, UNKNOWN)
        else setting
        for setting in settings
    )


def find_rule_lengths(
    texts: Sequence[SurroundingText], known: FlowKnowledge
) -> Iterator[tuple[SurroundingText, str, frozenset[str]]]:
    """Yield texts that name a number of days or months, with the words and the matching residence rules.

    Beside a bound, “at least 6 months”, a length without a matching rule is a stay too.
    """
    rules: dict[str, set[str]] = {}
    for item in known.flow.codelist(RES_RULE) or ():
        for unit, annotation in THRESHOLDS.items():
            if length := item.note(annotation):
                rules.setdefault(f"{length} {unit}", set()).add(item.id)
    vocabulary = known.vocabulary
    for text in list_definitions(texts, known):
        for clause in CLAUSE_BREAK.split(text.text) if text.where in (TITLE, NOTE) else ():
            reading = read_title(clause, known.recogniser)
            is_bounded = any(each.code in ("FROM_ON", "OVER") for each in vocabulary.inside("AGEPART", clause))
            is_part = not is_bounded and names_part_of_year(clause, vocabulary, is_label=False)
            if is_part or reading.of("LENGTH") or concerns_other_things(reading.mentions, clause):
                continue  # “12 months ended June”; “published after 12 months” is not a stay
            words = [word.written for word in split_words(convert_year_to_months(clause, vocabulary))]
            ages = {at for at, pair in enumerate(pairwise(words), start=1) if is_age(pair, vocabulary)}
            pairs = [pair for at, pair in enumerate(pairwise(words)) if at not in ages]  # “aged one year or more”
            for number, unit in (*pairs, *NUMBER_OF_UNITS.findall(clause)):
                digits = [each for each in (number, *vocabulary.codes("CARDINAL", plain(number))) if each.isdecimal()]
                units = (*vocabulary.codes("AGEPART", plain(unit)), *vocabulary.codes(DAYS, plain(unit)))
                for length in (f"{int(digit)} {code}" for digit in digits for code in units if code in THRESHOLDS):
                    if length in rules or is_bounded:
                        yield text, clause.strip(), frozenset(rules.get(length, ()))


def list_definitions(texts: Sequence[SurroundingText], known: FlowKnowledge) -> Sequence[SurroundingText]:
    """Return the texts in which a length is a rule; where it is a dimension too, only notes define who is counted."""
    is_dimension = not set(LENGTH_CONCEPTS).isdisjoint(known.flow.structure.key)
    return [text for text in texts if text.where == NOTE] if is_dimension else texts


def find_rule_sentence(texts: Sequence[SurroundingText], known: FlowKnowledge) -> str:
    """Return the sentence that states the residence rule, to keep it as the office writes it."""
    named = next(find_rule_lengths(texts, known), None)
    if named is None:
        return ""
    text, clause, _ = named
    return next((part.strip() for part in SENTENCE.split(text.text) if clause in part), clause)


def apply_codes(
    settings: Sequence[Setting], component: str, stated: Sequence[Candidate], known: FlowKnowledge
) -> tuple[Setting, ...]:
    codes = dict.fromkeys(candidate.code for candidate in stated)
    listed = known.flow.codelist(component) or ()
    if not codes or any(code and code not in listed for code in codes):
        return tuple(settings)
    chosen, offered = stated[0], []
    if len(codes) > 1:
        words = ", ".join(dict.fromkeys(f"“{candidate.phrase}”" for candidate in stated))
        several_rules = f"several residence rules are stated: {words}"
        several_bases = f"several bases of the duration of stay are stated: {words}"
        chosen = Candidate("", 0.0, reason=several_rules if component == RES_RULE else several_bases)
        offered = list({candidate.code: candidate for candidate in stated if candidate.code}.values())
    return tuple(
        replace(
            setting,
            chosen=chosen,
            others=(*offered, *(each for each in (*setting.others, setting.chosen) if each.code not in codes)),
        )
        if setting.component == component and setting.chosen.code == UNKNOWN
        else setting
        for setting in settings
    )


def list_rule_patterns(texts: Iterable[SurroundingText], known: FlowKnowledge) -> Iterator[str]:
    """Yield a pattern of the words that state a residence rule; the rest of a note may change from year to year."""
    for text in texts if RES_RULE in known.flow.structure else ():
        for candidate in find_stated_rules((text,), known):
            pattern = f"*{candidate.phrase.translate(SIGNS)}*"
            yield pattern if is_match(text.text, pattern) else build_pattern(text.text, dated=False)


def find_named_attributes(region: Region, known: FlowKnowledge) -> Iterator[Setting]:
    """Yield the attributes that a name and a value above a table state: “Age definition: Age in completed years”."""
    above = [cells.values() for row, cells in sorted(region.table.rows.items()) if row < region.first]
    parts = [[part.strip() for text in texts for part in text.split(":") if part.strip()] for texts in above]
    said = {find_naming_words(name): (name, value) for row in parts for name, value in pairwise(row)}
    for attribute in list_allowed_attributes(known.flow.structure):
        items = known.flow.codelist(attribute)
        names = (find_naming_words(name) for _, name in known.flow.concepts[attribute.id])
        name, value = next((said[words] for words in names if words in said), ("", ""))
        if items and name:
            codes = {
                item.id for item in items if plain(value) in {plain(text) for _, text in item.name} or value == item.id
            }
            reason = f"the title says “{name}: {value}”"
            if len(codes) == 1:
                yield Setting(attribute.id, Candidate(codes.pop(), NAMED_CONFIDENCE, reason=reason, phrase=value))
            else:
                yield open_setting(attribute.id, reason, others=list_other_codes(attribute.id, "", known.flow))


def find_naming_words(text: str) -> frozenset[str]:
    """Return the words of a name in any order: “Definition of age” equals “Age definition”."""
    words = plain(text).split()
    return frozenset(word for word in words if len(word) >= MIN_WORD_LETTERS) or frozenset(words)


def list_usual_values(mappings: Iterable[TableMapping]) -> Mapping[str, tuple[str, str]]:
    """Return the definitions that all mappings of the workspace share, with the name of one of these mappings.

    A value that was read from its own table, or proposed for it and accepted, does not apply to others.
    """
    found: dict[str, dict[str, str]] = {}
    for mapping in mappings:
        answered = {answer.part for answer in mapping.answers if answer.answer != answer.proposed}
        for component, code in (pair for block in mapping.blocks for pair in block.fixed):
            is_own = bool(mapping.answers) and f"fixed {component}" not in answered
            if component in DEFINITION_ATTRIBUTES and not is_own and code not in (UNKNOWN, NOT_APPLICABLE):
                found.setdefault(component, {}).setdefault(code, mapping.place.file if mapping.place else mapping.id)
    return {component: next(iter(codes.items())) for component, codes in found.items() if len(codes) == 1}


def propose_usual_source(texts: Iterable[str], known: FlowKnowledge) -> Iterator[Setting]:
    """Propose the type of source of the office's other tables; ask for it if the table names its own source."""
    if SRC_TYPE in known.usual and SRC_TYPE in known.flow.structure:
        named = next((text for text in texts if read_title(text, known.recogniser).is_source), "")
        if not named:
            yield apply_usual(Setting(SRC_TYPE, Candidate("", 0.0, reason=UNSTATED)), known)
            return
        offered = (Candidate(item.id, 0.1, reason=str(item.name)) for item in list_allowed_items(SRC_TYPE, known.flow))
        yield open_setting(SRC_TYPE, f"a note says “{named}”", others=tuple(offered))


def apply_usual(setting: Setting, known: FlowKnowledge) -> Setting:
    """Propose the definition of the workspace's other mappings if the table states none."""
    code, file = known.usual.get(setting.component, ("", ""))
    is_stated = setting.chosen.code not in ("", UNKNOWN) or setting.chosen.reason.startswith(tuple(STATED_BY.values()))
    if is_stated or code not in (known.flow.codelist(setting.component) or ()):
        return setting
    usual = Candidate(code, USUAL_CONFIDENCE, reason=f"as in {file}", is_usual=True)
    others = (setting.chosen, *setting.others, *list_other_codes(setting.component, code, known.flow))
    offers = {each.code: each for each in reversed(others) if each.code not in ("", code)}
    return Setting(setting.component, usual, others=tuple(reversed(offers.values())))


def find_stated_rules(texts: Sequence[SurroundingText], known: FlowKnowledge) -> Iterator[Candidate]:
    for text in list_definitions(texts, known):
        if text.where == ROW:
            yield from find_rule_in_column(text.text, known)
        for sentence in SENTENCE.split(text.text) if text.where in (TITLE, NOTE) else ():
            reading = read_title(sentence, known.recogniser)
            who_says = STATED_BY[text.where]
            if rule := find_named_rule(reading.title, known):
                yield replace(rule, reason=f"{who_says} “{rule.phrase}”")
                continue
            is_other = reading.of("EXCLUDING") or concerns_other_things(reading.mentions, sentence)
            lengths = find_lengths(sentence, known.vocabulary) if not is_other else ()
            for code, phrase in lengths:
                alone = replace(text, text=sentence)
                if may_be_age(phrase, alone, known) or not is_stay_of_people(phrase, alone, known):
                    continue
                yield Candidate(RULE_BY_LENGTH[code], STATED, reason=f"{who_says} “{phrase}”", phrase=phrase)


def is_stay_of_people(phrase: str, text: SurroundingText, known: FlowKnowledge) -> bool:
    """Check that a length is that of a stay, unlike “data checked for 12 months” and “migration revised after 3”.

    Persons and stays may be anywhere in a sentence that is not about data, migrants only before unknown words.
    """
    clauses = [each for each in CLAUSE_BREAK.split(text.text) if phrase in each] if text.where == TITLE else []
    readings = [read_title(each, known.recogniser) for each in (*clauses, text.text)]
    reading = readings[0] if readings[0].unexplained else readings[-1]
    of_data = has_figures(split_words(reading.title), known.vocabulary)
    told = reading.title.partition((*reading.unexplained, "\n")[0])[0]
    return not reading.of("OBS_STATUS") and any(
        len(each.phrase) > SHORT_WORD and (each.phrase in told or (is_person and not of_data))
        for each in reading.mentions
        if not known.vocabulary.inside("AGEPART", each.phrase)  # “for at least” is about any length
        if (is_person := each.concept in STAYS or each.code in PERSONS) or (each.concept, each.code) in COUNTED
    )


def find_stated_bases(texts: Sequence[SurroundingText], known: FlowKnowledge) -> Iterator[Candidate]:
    """Yield the basis of the stays in sentences that state their length: “who intend to stay for a year”.

    The code is empty for clauses with words that are not recognised, which may state it.
    """
    for text in texts:
        for sentence in SENTENCE.split(text.text) if text.where in (TITLE, NOTE) else ():
            alone = (replace(text, text=sentence),)
            clauses = [clause for _, clause, _ in find_rule_lengths(alone, known)]
            if clauses or any(find_stated_rules(alone, known)):
                intended = known.vocabulary.inside(INTENTION, sentence)
                stated = [(each.code, each.phrase) for each in read_title(sentence, known.recogniser).of(DUR_BASIS)]
                stated = stated or [(each.code, each.phrase) for each in intended]
                either = any(follows_stay(phrase, sentence, known.vocabulary) for _, phrase in stated)
                stated = [(ACTUAL_OR_INTENDED if either else code, phrase) for code, phrase in stated]
                unread = [("", clause) for clause in clauses if read_title(clause, known.recogniser).unexplained]
                for code, phrase in stated or unread:
                    reason = f"{STATED_BY[text.where]} “{phrase}”"
                    yield Candidate(code, STATED if code else 0.0, reason=reason, phrase=phrase)


def follows_stay(intention: str, sentence: str, vocabulary: Vocabulary) -> bool:
    """Check for an actual stay before an intended one: “for 6 months, or with the intention to stay 6 months”."""
    words = plain(sentence).partition(plain(intention))[0].split()
    joints = [at for at, word in enumerate(words) if vocabulary.codes("JOINING", word)]
    before = (find_stays(" ".join(words[:at]), vocabulary) for at in joints)
    return any(code.startswith(AT_LEAST) for stays in before for code, _ in stays)


def find_rule_in_column(text: str, known: FlowKnowledge) -> Iterator[Candidate]:
    """Yield the rule that a column states for all figures; the code is empty for a length of stay without a rule."""
    reason = f"a column says “{text}”"
    named = [
        item.id for item in known.flow.codelist(RES_RULE) or () if plain(text) in {plain(name) for _, name in item.name}
    ]
    lengths = [code for code, _ in find_lengths(text, known.vocabulary)]
    if named or lengths:
        yield Candidate(named[0] if named else RULE_BY_LENGTH[lengths[0]], STATED, reason=reason, phrase=text)
    elif NUMBER.search(text) and has_months(text, known.vocabulary):
        yield Candidate("", 0.0, reason=reason, phrase=text)


def has_months(text: str, vocabulary: Vocabulary) -> bool:
    words = [*(word.plain for word in split_words(text)), *HAN_MONTHS.findall(text)]
    return any("MONTHS" in vocabulary.codes("AGEPART", word) for word in words)


def find_named_rule(sentence: str, known: FlowKnowledge) -> Candidate | None:
    """Return the rule that a sentence names by its two lengths, such as “12 of 16 months” or “12/16 rule”."""
    names = [(item.id, name) for item in known.flow.codelist(RES_RULE) or () for _, name in item.name]
    named = [(code, match) for code, name in names if (match := TWO_LENGTHS.search(name))]
    rule_words = {
        plain(word)[:STEM_LETTERS] for _, match in named for word in (match["before"], match["behind"]) if word
    }
    vocabulary, spelt = known.vocabulary, plain(sentence)
    of_months = has_months(sentence, vocabulary)
    numbers = [*NUMBER.finditer(sentence)]
    written = SLASHED_LENGTHS.search(sentence)
    for code, match in named:
        first, second = match["first"], match["second"]
        pair = {first, second} == {number[0] for number in numbers} and len(numbers) > 1 and of_months
        by_name = bool(written and written.groups() == (first, second)) and any(word in spelt for word in rule_words)
        if pair or by_name:
            phrase = sentence[numbers[0].start() : numbers[-1].end()] if pair else f"{first}/{second}"
            return Candidate(code, STATED, reason=phrase, phrase=phrase)
    return None


@lru_cache(maxsize=4096)
def find_lengths(text: str, vocabulary: Vocabulary) -> tuple[tuple[str, str], ...]:
    return tuple((code, phrase) for code, phrase in find_stays(text, vocabulary) if code in RULE_BY_LENGTH)


def find_short_stays_in_text(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the stays of at most a year in a text: “less than 3 months”, “1 to 12 months”; not “1-9 months”."""
    return tuple(
        phrase for code, phrase in find_stays(text, vocabulary) if code not in RULE_BY_LENGTH and is_short_stay(code)
    )


def is_short_stay(code: str) -> bool:
    span = find_interval_in_months(code)
    is_part_of_year = code.startswith(FROM_JANUARY) and span != (1, END_OF_SHORT)
    return span is not None and span[1] <= END_OF_SHORT and not is_part_of_year


@lru_cache(maxsize=4096)
def find_stays(text: str, vocabulary: Vocabulary) -> tuple[tuple[str, str], ...]:
    written = [word.written for word in split_words(text)]
    by_month = NUMBER_OF_UNITS.search(text) or has_months(convert_year_to_months(text, vocabulary), vocabulary)
    in_units = bool(by_month or vocabulary.inside(DAYS, text))
    lengths: list[tuple[str, str]] = []
    taken: set[int] = set()
    for size in range(min(MAX_WORDS, len(written)), 1, -1):
        for at in range(len(written) - size + 1):
            phrase = " ".join(written[at : at + size])
            is_of_number = written[max(at - 1, 0)].isdecimal() and not phrase[0].isdecimal()  # “18 سنة فأكثر” is an age
            of_age = any(is_age(written[near : near + 2], vocabulary) for near in (max(at - 1, 0), at))
            is_free = taken.isdisjoint(range(at, at + size)) and not (is_of_number or of_age)
            code = parse_stay_length(phrase, vocabulary, in_units=in_units) if is_free else ""
            if code:
                taken.update(range(at, at + size))
            if code not in ("", AMBIGUOUS_LENGTH):
                lengths.append((code, phrase))
    return tuple(lengths)


def may_be_age(phrase: str, text: SurroundingText, known: FlowKnowledge) -> bool:
    """Check whether a number of years may be an age: beside a word for ages, or in a title without stays."""
    vocabulary = known.vocabulary
    if has_months(phrase, vocabulary):
        return False
    clause = next((part for part in CLAUSE_BREAK.split(text.text) if phrase in part), text.text)
    years = [each for each in vocabulary.inside("AGEPART", clause) if each.code == "YEARS"]
    of_age = any("AGE" in vocabulary.codes("ROLE", word) for word in plain(clause).split())
    is_open = any(each.code == "OVER" for each in vocabulary.inside("AGEPART", phrase))
    of_stay = read_title(text.text, known.recogniser).of("STAYING", "TRAIT", DUR_BASIS)
    return len(years) > 1 or of_age or (text.where == TITLE and is_open and not of_stay)


def is_age(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    number = words[-1]
    is_number = number.isdecimal() or bool(vocabulary.codes("CARDINAL", plain(number)))
    return is_number and "YEARS" in vocabulary.codes("AGEPART", plain(words[0]))


def parse_stay_length(phrase: str, vocabulary: Vocabulary, *, in_units: bool) -> str:
    """Return the code of a length of stay; `AMBIGUOUS_LENGTH` for “more than 12 months”, which may include 12."""
    codes = vocabulary.list_value_codes(DURATION, plain(phrase))
    if not codes and in_units:
        in_months = convert_year_to_months(phrase, vocabulary)
        candidates = recognise_value(in_months, DURATION, vocabulary)
        codes = tuple(candidate.code if candidate.is_applied else AMBIGUOUS_LENGTH for candidate in candidates)
        if in_months != phrase and not RULE_BY_LENGTH.keys() >= {*codes}:
            return ""  # “under one year” is an age
    return codes[0] if len(codes) == 1 and BOUNDED_LENGTH.match(codes[0]) else ""


def convert_year_to_months(text: str, vocabulary: Vocabulary) -> str:
    """Write one year as months: “igual o superior a un año” becomes “igual o superior a 12 months”."""
    words = [word.written for word in split_words(text)]
    for at, (number, unit) in enumerate(pairwise(words)):
        is_one = number == "1" or "1" in vocabulary.codes("CARDINAL", plain(number))
        if is_one and "YEARS" in vocabulary.codes("AGEPART", plain(unit)):
            return " ".join((*words[:at], "12 months", *words[at + 2 :]))
    return text


def find_length_words(texts: Sequence[SurroundingText], known: FlowKnowledge) -> frozenset[str]:
    if RES_RULE not in known.flow.structure:
        return frozenset()
    phrases = [phrase for text in texts for _, phrase in find_lengths(text.text, known.vocabulary)]
    clauses = [clause for _, clause, _ in find_rule_lengths(texts, known)]
    return frozenset(word for phrase in (*phrases, *clauses) for word in plain(phrase).split())
