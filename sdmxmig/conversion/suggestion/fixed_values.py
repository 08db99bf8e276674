"""Components with one value in a region, from titles such as “Foreign citizens by age”, defaults and decisions."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import COUNTRY, Mention, ReadTitle, is_introduced, read_title, split_words
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.ambiguities import ask_about_multiplier, ask_about_settings
from sdmxmig.conversion.suggestion.components import ELSEWHERE
from sdmxmig.conversion.suggestion.figures import has_fractions
from sdmxmig.conversion.suggestion.legends import strip_legend
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, list_lines
from sdmxmig.conversion.suggestion.other_counts import AS_DIMENSION, is_event
from sdmxmig.conversion.suggestion.other_measures import PERSONS
from sdmxmig.conversion.suggestion.part_years import open_year_settings
from sdmxmig.conversion.suggestion.periods import find_frequency
from sdmxmig.conversion.suggestion.questions import (
    AND,
    DECIDED,
    EVERYWHERE,
    LEAVE_OUT,
    ONLY,
    STATE_IT,
    Basis,
    Decisions,
    Question,
    decided,
    find_line_decisions,
)
from sdmxmig.conversion.suggestion.read_regions import ReadRegion, find_common_area
from sdmxmig.conversion.suggestion.stated_rules import (
    DUR_BASIS,
    OTHER_RULE,
    RES_RULE,
    add_stated_rule,
    apply_usual,
    find_named_attributes,
    find_rule_sentence,
    propose_usual_source,
)
from sdmxmig.conversion.suggestion.surrounding_texts import BESIDE, FILE, NAME, NOTE, TITLE, SurroundingText
from sdmxmig.conversion.suggestion.title_values import (
    ANOTHER_DAY,
    BY_TITLE,
    CITIZENS,
    FOREIGN,
    INSIDE,
    MULTIPLE,
    PERCENT,
    REF_DATE,
    STATUS,
    STATUS_OF,
    TOTAL,
    UNIT,
    Setting,
    compare_with_notes,
    drop_asked_frequency,
    find_codes_of_phrase,
    find_fixed_settings,
    find_years,
    list_allowed_items,
    list_codes_below,
    list_other_codes,
    list_parts_of_country,
    open_setting,
    propose_value,
)
from sdmxmig.conversion.suggestion.titled_years import find_named_days, is_day_alone, parse_written_day, states_the_day
from sdmxmig.conversion.suggestion.year_statements import list_allowed_attributes, remove_statements
from sdmxmig.sdmx.model.data import NO_COUNTS, Attributes

COMMENT, OBS_COMMENT = "COMMENT_DSET", "COMMENT_OBS"
STATUS_PART = f"fixed {STATUS}"
AS_WRITTEN = "0"
"""The multiple of figures that are not in thousands or millions."""
SUM_OF_OTHERS = "the total is the sum of other countries"
INCLUDES_OWN: Mapping[str, str] = {
    CITIZENS: "no row is for citizens of the country itself: does the total include them?",
    "BIRTH_STATUS": "no row is for people born in the country itself: does the total include them?",
}
TEXT_COMPONENTS = ("UNIT_MEASURE", MULTIPLE, REF_DATE, STATUS)
"""Components that a sheet name does not settle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedValues:
    codes: Attributes
    questions: tuple[Question, ...]


def collect_fixed_values(read: ReadRegion) -> FixedValues:
    basis, texts = read.basis, [text.text for text in read.around.texts]
    region, known = basis.region, basis.known
    period = decided(basis.decisions, basis.sheet, "fixed TIME_PERIOD")
    values = propose_settings(read, find_label_frequency(read, period))
    values = adjust_units(values, read)
    values = tuple(
        compare_with_persons(setting, texts, known) if setting.component == MULTIPLE else setting for setting in values
    )
    values = set_frequency(values, read.periods.freqs)
    values = compare_with_notes(open_year_settings(values, read.periods.part), region.notes, known.recogniser)
    components = [*list_line_components(read), *(setting.component for setting in values)]
    values = (*values, *find_decided_status(basis.sheet, components, texts, known, decisions=basis.decisions))
    values = (*values, *find_decided_attributes(basis, components))
    stated = [*find_named_attributes(region, known), *propose_usual_source(texts, known)]
    given = {*components, *(setting.component for setting in values)}
    first = {setting.component: setting for setting in reversed(stated) if setting.component not in given}
    values = (*values, *first.values())
    limits = list_limits(read)
    values = (*values, *comment_on_other_codes(values, read))
    if limits and OBS_COMMENT not in {setting.component for setting in values}:
        values = (*values, Setting(OBS_COMMENT, Candidate(AND.join(limits), 1.0, reason=DECIDED)))
    return apply_decisions(values if period else drop_asked_frequency(values), basis, limits)


def find_label_frequency(read: ReadRegion, period: str) -> str:
    return next((reading.freq for reading in read.readings if reading.freq), find_frequency(period) if period else "")


def list_line_components(read: ReadRegion) -> list[str]:
    carried = (component_map.component for component_map in read.apart.other_measures.carried)
    groups = (reading.group.component for reading in read.readings if reading.group)
    return [*(fit.component for fit in read.fits), *carried, *groups]


def propose_settings(read: ReadRegion, freq: str) -> tuple[Setting, ...]:
    basis, texts = read.basis, read.around.texts
    region, known = basis.region, basis.known
    area = basis.area

    def settings(*names: str) -> tuple[Setting, ...]:
        return find_fixed_settings(
            known.flow,
            list_line_components(read),
            [title for title, text in zip(titles, titled, strict=True) if text.where not in names],
            area=area,
            freq=freq,
            recogniser=known.recogniser,
        )

    titled = [text for text in texts if text.where != NOTE]
    marked = {text for line in list_lines(region) for text in line.texts} | {text for _, _, text in region.figures}
    without_signs = (strip_legend(text.text, marked, known.vocabulary) for text in titled)
    titles = tuple(remove_statements(text, read.of_years) for text in without_signs)
    of_sheets = settings(FILE)
    proposed = {STATUS} - {said.attribute for said in read.of_years}
    names = [title for title, text in zip(titles, titled, strict=True) if text.where == NAME]
    of_names = [setting for setting in of_sheets if has_year_of_setting(names, setting, known.recogniser.vocabulary)]
    dated = [next((each for each in of_names if each.component == one.component), one) for one in settings()]
    values = tuple(
        setting if setting in of_sheets else open_file_setting(setting, of_sheets, known, proposed=proposed)
        for setting in dated
    )
    others = [setting for setting in of_sheets if setting.component not in TEXT_COMPONENTS]
    values = keep_confidence_if_stated(values, [*others, *settings(FILE, NAME)])
    inside = [text.text for text in texts if text.where not in (NOTE, FILE)]
    values = tuple(propose_unit(setting, inside, known) for setting in values)
    values = confirm_stated_settings(values, texts, read.fits, known.recogniser)
    is_of_present = any(found for text in texts for found in known.recogniser.vocabulary.inside("PRESENT", text.text))
    unlike = (RES_RULE, DUR_BASIS) if is_of_present else ()
    values = tuple(
        setting if setting.component in unlike else apply_usual(setting, known)
        for setting in add_stated_rule(values, texts, known)
    )
    values = tuple(ask_about_nationals(setting, read) for setting in values)
    of_all = [text.text for text in texts if text.where == NOTE]
    return ask_about_settings(values, list_lines(region), titles, known, notes=of_all)


def ask_about_nationals(setting: Setting, read: ReadRegion) -> Setting:
    """Ask whether a total by country includes citizens or natives of the reporting country, which has no row.

    A total that equals the sum of the other countries does not include them. If there is a row such as “Other
    countries”, this answer is proposed instead of applied.
    """
    known, of_countries = read.basis.known, [name for name, status in STATUS_OF.items() if status == setting.component]
    pairs = [pair for pair in zip(read.fits, read.readings, strict=True) if pair[0].component in of_countries]
    codes = {text: text for fit, _ in pairs for text in fit.line.texts}
    codes |= {text: code for _, reading in pairs for text, code in reading.component.codes if text in codes}
    totals = {text for text, code in codes.items() if code == TOTAL}
    of_all = any(mention.code == "POP" for text in totals for mention in read_title(text, known.recogniser).of(MEASURE))
    is_stated = setting.chosen.code != TOTAL or setting.chosen.phrase or of_all
    area = find_common_area(read.fits, read.basis)
    if area in list_parts_of_country(read.basis.area, known.flow):
        area = read.basis.area
    if is_stated or not totals or area in (None, "", *codes.values()):
        return setting
    foreign = ELSEWHERE[setting.component]
    if not {TOTAL, foreign} <= {item.id for item in list_allowed_items(setting.component, known.flow)}:
        return setting
    is_sum = any(fit.line.whole in totals and not reading.left_out for fit, reading in pairs)
    parts = {code for text, code in codes.items() if text not in totals}
    if is_sum and all(map(str.isalpha, parts)):
        return Setting(setting.component, Candidate(foreign, BY_TITLE, reason=SUM_OF_OTHERS))
    kinds = ((foreign, "the others"), (TOTAL, "everybody"), (LEAVE_OUT, "leave the total out"))
    offers = tuple(Candidate(code, 0.1, reason=kind) for code, kind in kinds)
    reason = INCLUDES_OWN[setting.component]
    if is_sum and not any(map(str.isdecimal, parts)):
        return Setting(setting.component, Candidate(foreign, 0.6, reason=reason), others=offers[1:])
    return open_setting(setting.component, reason, others=offers, kept=TOTAL)


def adjust_units(values: tuple[Setting, ...], read: ReadRegion) -> tuple[Setting, ...]:
    region, others = read.basis.region, read.apart.other_measures
    if has_fractions(text for _, column, text in region.figures if not others.holds(region.over(column))):
        values = ask_about_multiplier(values)
    if any(skip.reason == NO_COUNTS for skip in (*others.rows, *others.columns)):
        values = tuple(reset_share_unit(setting) for setting in values)
    return values


def compare_with_persons(setting: Setting, texts: Sequence[str], known: FlowKnowledge) -> Setting:
    """Offer the figures as written when their multiplier is asked; propose nothing next to “Unit: individuals”."""
    chosen, written = setting.chosen, Candidate(AS_WRITTEN, 0.1, reason="as written")
    if chosen.code in ("", AS_WRITTEN):
        return setting
    units = [text.rpartition(":")[2].strip(" ()[]（）.") for text in texts]
    if any(PERSONS in find_unit_codes(unit, known) for unit in units):
        others = (written, chosen, *setting.others)
        return open_setting(MULTIPLE, "several are possible", others=others, kept=AS_WRITTEN)
    is_offered = chosen.is_applied or AS_WRITTEN in {other.code for other in setting.others}
    return setting if is_offered else replace(setting, others=(*setting.others, written))


def find_unit_codes(text: str, known: FlowKnowledge) -> set[str]:
    codes = known.vocabulary.codes
    return {code for concept in ("UNIT", "UNIT_MEASURE") for code in codes(concept, plain(text))}


def set_frequency(values: tuple[Setting, ...], freqs: Sequence[Candidate]) -> tuple[Setting, ...]:
    if not freqs:
        return values
    frequency = Setting("FREQ", freqs[0], others=tuple(freqs[1:]))
    return tuple(frequency if setting.component == "FREQ" else setting for setting in values)


def has_year_of_setting(names: Sequence[str], setting: Setting, vocabulary: Vocabulary) -> bool:
    """Check whether names of sheets have the year of a period; the file may be named after the last of them."""
    return setting.component == "TIME_PERIOD" and setting.chosen.code[:4] in find_years(names, vocabulary)


def open_file_setting(
    setting: Setting, of_sheets: Sequence[Setting], known: FlowKnowledge, *, proposed: Collection[str]
) -> Setting:
    """Offer both codes without a proposal if only the file name states one.

    A file name may be less specific than its sheets: “asylum” and “first-time applicants”. If the sheets state none of
    the `proposed` components, their values are those of the file name.
    """
    normal = open_setting(setting.component, setting.chosen.reason)
    of_sheet = next((other for other in of_sheets if other.component == setting.component), normal)
    chosen, codelist = of_sheet.chosen, known.flow.codelist(setting.component)
    if chosen.code == setting.chosen.code or (setting.component in proposed and of_sheet is normal):
        return setting
    if codelist and chosen.code in codelist and chosen.code in list_codes_below(setting.chosen.code, codelist):
        return of_sheet
    offers = {each.code: each for each in (setting.chosen, chosen, *setting.others) if each.code}
    reason = setting.chosen.reason
    return open_setting(setting.component, reason, others=tuple(offers.values()), kept=chosen.code)


def keep_confidence_if_stated(values: Sequence[Setting], stated: Sequence[Setting]) -> tuple[Setting, ...]:
    same = {(setting.component, setting.chosen.code) for setting in stated}
    return tuple(
        setting
        if (setting.component, setting.chosen.code) in same
        else replace(setting, chosen=replace(setting.chosen, confidence=min(setting.chosen.confidence, INSIDE)))
        for setting in values
    )


def propose_unit(setting: Setting, titles: Sequence[str], known: FlowKnowledge) -> Setting:
    if setting.component != "UNIT_MEASURE" or setting.chosen.code in ("", PERSONS):
        return setting
    return propose_value(setting.component, known.flow, titles, known.recogniser, area="")


def reset_share_unit(setting: Setting) -> Setting:
    is_share = setting.component == "UNIT_MEASURE" and setting.chosen.code == PERCENT
    return (
        replace(setting, chosen=Candidate(PERSONS, 0.9, reason="as usual; shares are left out"))
        if is_share
        else setting
    )


def apply_decisions(values: Sequence[Setting], basis: Basis, limits: Sequence[str]) -> FixedValues:
    """Apply the answers, and append limits that the comment of the office does not contain."""
    codes, questions = [], []
    for setting in values:
        part = f"fixed {setting.component}"
        answer = decided(basis.decisions, basis.sheet, part)
        code = (answer if answer != LEAVE_OUT else "") or setting.chosen.code or setting.kept
        if setting.component == OBS_COMMENT:
            code = AND.join(filter(None, [code, *(limit for limit in limits if not has_words(code, limit))]))
        if code:
            codes.append((setting.component, code))
        others = setting.others
        if not (setting.chosen.is_applied or others):
            others = list_other_codes(setting.component, setting.chosen.code, basis.known.flow)
        questions.append(Question(basis.sheet, part, label="", chosen=setting.chosen, others=others))
    return FixedValues(codes=tuple(codes), questions=tuple(questions))


def find_decided_status(
    sheet: str, components: Collection[str], texts: Sequence[str], known: FlowKnowledge, *, decisions: Decisions
) -> Iterator[Setting]:
    if STATUS in components or STATUS not in known.flow.structure:
        return
    of_sheet = decisions.get((sheet, STATUS_PART, ""), "").strip()
    speak = (read_title(text, known.recogniser).of(STATUS) for text in texts)
    status = of_sheet or (decided(decisions, sheet, STATUS_PART) if any(speak) else "")
    if status:
        yield Setting(STATUS, Candidate(status, 1.0, reason=DECIDED))


def find_decided_attributes(basis: Basis, components: Collection[str]) -> Iterator[Setting]:
    for attribute in list_allowed_attributes(basis.known.flow.structure):
        answer = decided(basis.decisions, basis.sheet, f"fixed {attribute.id}")
        if answer and attribute.id not in components:
            yield Setting(attribute.id, Candidate(answer, 1.0, reason=DECIDED))


def comment_on_other_codes(values: Sequence[Setting], read: ReadRegion) -> Iterator[Setting]:
    """Yield a comment with the reference date and the residence rule as the table states them if no code does."""
    basis = read.basis
    if COMMENT in {setting.component for setting in values} or COMMENT not in basis.known.flow.structure:
        return
    codes = {
        each.component: decided(basis.decisions, basis.sheet, f"fixed {each.component}") or each.chosen.code
        for each in values
    }
    comments: dict[str, str] = {}
    if codes.get(REF_DATE) == ANOTHER_DAY:
        comments |= describe_day(read)
    if codes.get(RES_RULE) == OTHER_RULE and (rule := find_rule_sentence(read.around.texts, basis.known)):
        comments[f"Residence rule: {rule}"] = rule
    if comments:
        reason = " and ".join(f"the table says “{phrase}”" for phrase in comments.values())
        yield Setting(COMMENT, Candidate(AND.join(comments), 1.0, reason=reason))


def describe_day(read: ReadRegion) -> Mapping[str, str]:
    """Return the comment on the only day that titles name, with the phrase that names it."""
    days = {named for title in read.around.titles for named in find_named_days(title, read.basis.known.recogniser)}
    phrases = {named.phrase for named in days}
    if len(phrases) != 1:
        return {}
    phrase, day = phrases.pop(), min(named.day for named in days)
    written = f"{int(day[3:])} {month_name[int(day[:2])]}" if len(days) == 1 else phrase
    return {f"Reference date: {written}": phrase}


def list_limits(read: ReadRegion) -> list[str]:
    """Return the titles and notes that a person decided to state in the comment on all figures."""
    basis = read.basis
    if OBS_COMMENT not in basis.known.flow.structure:
        return []
    phrases = [
        phrase
        for (sheet, part, label), decision in sorted(basis.decisions.items())
        if part == TITLE and sheet in (basis.sheet, EVERYWHERE) and decision == STATE_IT
        for phrase in label.split(AND)
    ]
    phrases += list_only_kinds(basis)
    texts = [" ".join(text.text.split()) for text in read.around.texts]
    return list(dict.fromkeys(next((text for text in texts if has_words(text, phrase)), phrase) for phrase in phrases))


def list_only_kinds(basis: Basis) -> list[str]:
    """Return the labels chosen as the only ones to read in lines of unknown kind, except totals and units."""
    recogniser = basis.known.recogniser
    labels = [
        text.removeprefix(ONLY)
        for text in find_line_decisions(basis.decisions, basis.sheet).values()
        if text.startswith(ONLY)
    ]
    return [
        label
        for label in labels
        if not recogniser.shared(label) and not recogniser.vocabulary.names_any(("PLAIN", "UNIT", UNIT), label)
    ]


def has_words(text: str, phrase: str) -> bool:
    """Check whether a text has the words of a phrase in this order, perhaps with others between them."""
    words = iter([word.written for word in split_words(text)])
    return all(word.written in words for word in split_words(phrase))


MEASURE, COUNTED = "MEASURE", "COUNTED"
LOOSE, BORN, BIRTH = "LOOSE", "BORN", "BIRTH_STATUS"
DECISION_COMPONENTS = ("DECISION_ACTION", "DECISION_STAGE")
PART_CONCEPTS = (
    "JOINING",
    "EXCLUDING",
    "INCLUDING",
    "NEGATION",
    "ONLY",
    "UNIT",
    "OFWHICH",
    "PLACE",
    "GROUP",
    *DECISION_COMPONENTS,
)
SEPARATOR_SIGNS = re.compile(r"[\s.]+")
SEVERAL_THINGS = frozenset(
    {("PROT_ITEM", "PENDING"), ("PROT_ITEM", "STOCK"), ("PROT_STATUS", "ASY"), ("PROT_STATUS", "REFUGEE")}
    | {("CTZ_MODE", "NAT"), ("CTZ_STATUS", "NC"), ("BIRTH_STATUS", "NB"), ("ADM_ITEM", "WORK_PERMIT")}
)
"""Codes with ambiguous words: “asylum seekers” for applicants, “naturalisations” for all modes, “citizens” for anybody,
“work permits” issued or valid.
"""
VALID_ON_A_DAY = {("ADM_ITEM", "WORK_PERMIT"): "WORK_VALID"}
"""What an ambiguous word means where the table counts on a day."""
MOBILE_GROUPS = ("WORKER", "STUDENT")
"""Measures whose words may mean people of the country who are abroad: “foreign employment”, “foreign students”."""
COUNTRY_BY_STATUS: Mapping[str, str] = {FOREIGN: "C_CITIZEN", "FB": "C_BIRTH"}


def confirm_stated_settings(
    settings: Sequence[Setting], texts: Sequence[SurroundingText], fits: Sequence[Fit], recogniser: Recogniser
) -> tuple[Setting, ...]:
    area = next((setting.chosen.code for setting in settings if setting.component == "REF_AREA"), "")
    titles = [read_title(text.text, recogniser) for text in texts if text.where == TITLE]
    days = [read_title(text.text, recogniser) for text in texts if text.where == BESIDE]
    first = ((fit.component, candidates[0].code) for fit in fits for candidates in fit.meanings.values() if candidates)
    with_area = {component for component, code in first if code == area}
    weighed = (
        adjust_confidence(setting, [*titles, *days] if setting.component == REF_DATE else titles, area, recogniser)
        if COUNTRY_BY_STATUS.get(setting.chosen.code) not in with_area
        else setting
        for setting in settings
    )
    is_dated = any(setting.component == REF_DATE and setting.chosen.code for setting in settings)
    return tuple(propose_valid_documents(setting) if is_dated else setting for setting in weighed)


def propose_valid_documents(setting: Setting) -> Setting:
    """Propose documents valid on the day that the table states, and offer documents issued."""
    code = VALID_ON_A_DAY.get((setting.component, setting.chosen.code))
    if code is None:
        return setting
    others = (replace(setting.chosen, confidence=0.1), *(each for each in setting.others if each.code != code))
    return replace(setting, chosen=replace(setting.chosen, code=code), others=others)


def adjust_confidence(setting: Setting, titles: Sequence[ReadTitle], area: str, recogniser: Recogniser) -> Setting:
    sure = setting.chosen.confidence
    says = names_same_day if setting.component == REF_DATE else is_stated_plainly
    if not setting.others and says(setting, titles, area, recogniser):
        sure = max(sure, BY_TITLE)
    elif is_ambiguous_group(setting, titles):
        sure = min(sure, INSIDE)
    return replace(setting, chosen=replace(setting.chosen, confidence=sure))


def is_ambiguous_group(setting: Setting, titles: Sequence[ReadTitle]) -> bool:
    if (setting.component, setting.chosen.code) not in SEVERAL_THINGS:
        return False
    groups = [{group.at for group in title.of("GROUP")} for title in titles]
    return any(
        mention.at in at for title, at in zip(titles, groups, strict=True) for mention in title.of(setting.component)
    )


def is_stated_plainly(setting: Setting, titles: Sequence[ReadTitle], area: str, recogniser: Recogniser) -> bool:
    """Check whether every title that states the value of a component does so in plain words."""
    if (
        setting.component not in AS_DIMENSION
        or setting.component in DECISION_COMPONENTS
        or (setting.component, setting.chosen.code) in SEVERAL_THINGS
    ):
        return False
    pairs = [(title, find_statements(setting, title, area, recogniser)) for title in titles]
    saying = [(title, phrases) for title, phrases in pairs if phrases]
    return bool(saying) and all(has_no_other_limits(title, phrases, area) for title, phrases in saying)


def names_same_day(setting: Setting, titles: Sequence[ReadTitle], _: str, recogniser: Recogniser) -> bool:
    """Check whether titles name the day of the code itself, and no other: “30 June” is not 1 July."""
    code, phrase = setting.chosen.code, setting.chosen.phrase
    if not code or (code != ANOTHER_DAY and f"D{parse_written_day(phrase, code).replace('-', '')}" != code):
        return False
    saying = [
        title.title for title in titles if SEPARATOR_SIGNS.sub("", phrase) in SEPARATOR_SIGNS.sub("", title.title)
    ]
    return bool(saying) and all(
        is_day_alone(title, recogniser) or states_the_day(title, recogniser) for title in saying
    )


def find_statements(setting: Setting, title: ReadTitle, area: str, recogniser: Recogniser) -> tuple[Mention, ...]:
    mentions = [mention for mention in title.of(COUNTRY) if mention.negated and mention.code == area]
    mentions = mentions if (setting.component, setting.chosen.code) == (CITIZENS, FOREIGN) else []
    apart = {at for measure in title.of(MEASURE) if measure.code in MOBILE_GROUPS for at in measure.span}
    for mention in (mention for mention in title.mentions if not is_introduced(mention, title) and not mention.negated):
        if mention.inner and mention.at in apart:
            continue
        codes = find_codes_of_phrase(mention.concept, mention.code, setting.component)
        of_moves = describes_event(mention, title, recogniser.vocabulary)
        if codes == (setting.chosen.code,) and not of_moves and is_exact(mention, setting.component, area, recogniser):
            mentions.append(mention)
    return tuple(mentions)


OF_MOVES = f"{CITIZENS} event"
"""The code of adjectives such as “foreign”, which beside a word for moves may mean people or the place they left."""


def describes_event(mention: Mention, title: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Check whether an adjective describes moves, which may be from abroad: “ausländische Zuwanderung”."""
    if OF_MOVES not in vocabulary.codes(LOOSE, plain(mention.phrase)):
        return False
    beside = [each for each in title.mentions if each.at == mention.end or each.end == mention.at]
    return any(is_event(each, vocabulary) for each in beside)


def is_exact(mention: Mention, component: str, area: str, recogniser: Recogniser) -> bool:
    vocabulary, phrase = recogniser.vocabulary, plain(mention.phrase)
    if mention.concept == MEASURE and mention.code not in vocabulary.codes(COUNTED, phrase):
        return False
    if component == BIRTH and not vocabulary.inside(BORN, mention.phrase):
        return False
    return {component, f"{component} {area}"}.isdisjoint(vocabulary.codes(LOOSE, phrase))


def has_no_other_limits(title: ReadTitle, mentions: Sequence[Mention], area: str) -> bool:
    first = min(title.broken_down, default=len(title.title))
    at = {mention.at for mention in mentions} | {mention.at - 1 for mention in mentions if mention.negated}
    at |= {
        side for mention in title.of(COUNTRY) if mention.code == area for side in (mention.at - 1, mention.at)
    }  # “in Kenya”
    besides = [mention for mention in title.mentions if mention.at < first and mention.at not in at]
    limits = any(mention.concept in PART_CONCEPTS or mention.negated for mention in besides)
    return not (title.unexplained or limits or any(is_adjective(mention, title) for mention in mentions))


def is_adjective(mention: Mention, title: ReadTitle) -> bool:
    names = [role for role in title.of("ROLE") if role.code != "OBS_VALUE" and not is_introduced(role, title)]
    return any(role.at == mention.end or role.end == mention.at for role in names)
