"""Questions and answers in words, in six languages; names given as answers are resolved to codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from sdmxmig.catalogue.ages import find_same_ages, parse_age_code
from sdmxmig.catalogue.areas import WORD_COLUMNS, WORDS_FILE, read_alias_rows
from sdmxmig.catalogue.folders import read_word_table, read_words_in
from sdmxmig.conversion.mapping.meanings import load_areas
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.statuses import STATUS
from sdmxmig.conversion.recognition.words import VALUES_FILE
from sdmxmig.conversion.suggestion.cell_values import MINUS, NEGATIVE, PLUS, QUOTED
from sdmxmig.conversion.suggestion.components import AGES, OMIT_ROWS, TITLE_ABOVE
from sdmxmig.conversion.suggestion.figures import BRACKETS, SIGNS
from sdmxmig.conversion.suggestion.fixed_values import INCLUDES_OWN
from sdmxmig.conversion.suggestion.lines import AREA_LISTS
from sdmxmig.conversion.suggestion.other_characteristics import ASK_EACH
from sdmxmig.conversion.suggestion.phrase_doubts import IN_COMMENT, KEPT, OF_ANOTHER_AREA
from sdmxmig.conversion.suggestion.preview import describe_period
from sdmxmig.conversion.suggestion.proposal import Proposal
from sdmxmig.conversion.suggestion.questions import (
    ABOVE,
    ADD_UP,
    AND,
    AREA,
    AREA_PARTS,
    AS_IT_IS,
    HIDDEN,
    LEAVE_OUT,
    ONLY,
    OTHER_AREA,
    STATE_IT,
    Question,
)
from sdmxmig.conversion.suggestion.region_names import (
    ALL_AS_THEY_ARE,
    AS_OTHERS,
    ASK_EACH_GROUP,
    ASK_EACH_REGION,
    BOTH_LEVELS,
    RESTS,
)
from sdmxmig.conversion.suggestion.unused_lines import IGNORED
from sdmxmig.primitives.text import BLANK, find_values, list_placeholders
from sdmxmig.quality.rules.codes import find_nearest_code, write_code_with_name
from sdmxmig.quality.rules.words import FIRST_LANGUAGE, name_in_words
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.words import Words


def capitalise_sentence(text: str) -> str:
    names_a_cell = "!" in text.partition(": ")[0]
    return text if names_a_cell else f"{text[:1].upper()}{text[1:]}"


TOTAL, UNKNOWN = "_T", "_U"
MAX_NEAREST = 4
"""Maximum number of other answers in a list of open questions."""
REASONED_PARTS = ("fixed", "codes", "line", "values", HIDDEN)
"""Kinds of questions whose reason is evidence; the reason of the others is the question."""
HIDDEN_REASONS = ("", "the table does not state it", *INCLUDES_OWN.values())
ONLY_ANSWER = "Read only “{label}”"
QUESTIONS_ABOUT_ALL = {
    AREA: "Which area do these figures cover?",
    HIDDEN: "Use the figures in hidden rows and columns?",
    "fixed DECIMALS": "How many decimals do these figures have?",
}
STATEMENT_AND_QUESTION = re.compile(r"(?P<said>[^“]*“.*”): (?P<asks>[^“”]+\?)", re.DOTALL)
NOT_STATED_ANSWER = "Not stated"
QUESTIONS_ABOUT_CELLS = {
    NEGATIVE: "All figures are negative. Is the minus sign part of the figure?",
    BRACKETS: "How should figures in brackets be read?",
    SIGNS: "Which character separates thousands?",
}
MEANING_OF_SIGN, MEANING_OF_MARK = (
    "How should “{sign}” in place of a figure be read?",
    "How should “{sign}” next to a figure be read?",
)
ANSWERS_ABOUT_CELLS = {
    (SIGNS, ","): "The comma: 1,234 is a whole number",
    (SIGNS, "."): "The point: 1.234 is a whole number",
    (NEGATIVE, MINUS): "No: count these figures as positive",
    (NEGATIVE, PLUS): "Yes: the figures are negative",
    (BRACKETS, MINUS): "The figures are negative",
    (BRACKETS, PLUS): "Use the figures without the brackets",
    ("the sign ", "0"): "Zero",
    ("the mark ", "A"): "A normal value: this is part of the text",
}
OTHER_KEPT_ANSWERS = (
    "use the figures as they are",
    "yes",
    "yes: use them",
    "yes: they are codes",
    "yes: defined as in UN M49",
    BOTH_LEVELS,
    ALL_AS_THEY_ARE.reason,
    "today’s territory",
    "keep the status of the figure",
    ASK_EACH.reason,
    ASK_EACH_GROUP.reason,
    "continue without these figures",
    IGNORED.reason,
    "the header on its left applies",
    "the table is right; validation will still report it",
    "the table is right; validation will still report the sum",
)
ANSWERS_ABOUT_TEXTS = {
    ABOVE: (capitalise_sentence(TITLE_ABOVE.reason),),
    ADD_UP: ("Add them up", capitalise_sentence(AS_OTHERS.reason)),
    LEAVE_OUT: (
        "Leave them out",
        "Leave this table out",
        "Leave the total out",
        capitalise_sentence(OMIT_ROWS.reason),
        capitalise_sentence(ASK_EACH_REGION.reason),
    ),
    OTHER_AREA: (capitalise_sentence(OF_ANOTHER_AREA),),
    STATE_IT: (capitalise_sentence(IN_COMMENT),),
    AS_IT_IS: tuple(dict.fromkeys(capitalise_sentence(answer) for answer in (*OTHER_KEPT_ANSWERS, *KEPT.values()))),
}
CODED_PARTS = ("fixed", "codes", "note", RESTS)
OF_DIMENSIONS = ("line", "sheet")
NAMED_PART, ADD_AREA_HINT = "A part of the country: {label}", "For a part of the country, write “{answer}”."
OWN_AREA_HINT = "For a part of the country, write “A part of the country: NAME”, or leave the table out."
OWN_AGE_HINT = (
    "Check the spelling. For an age group of your own, add its code to the workspace, in "
    "codelists/SDMXMIG/CL_AGE.1.0.0+.csv."
)
QUOTED_OR_ID = re.compile(r"“[^”]*”|\b[A-Z][A-Z0-9_]{2,}\b")
QUOTED_BLANK = re.compile(r"([«“„]\s?)\{words\}(\s?[»”“])")
CODE_AT_END = re.compile(r"^(?P<name>.*\S)\s*[(（](?P<code>[^()（）]+)[)）]$", re.DOTALL)


def describe_question_in_full(question: Question, flow: Flow, language: str = FIRST_LANGUAGE) -> str:
    asked = describe_question(question, flow, language)
    reason = describe_question_reason(question, flow, language)
    return name_sheets(" ".join(filter(None, (asked, reason, describe_hint(question, language)))), question, language)


def describe_hint(question: Question, language: str) -> str:
    words = read_words_in("mapping", language)
    return words.say(ADD_AREA_HINT, answer=words.say(NAMED_PART, label="…")) if question.part in AREA_PARTS else ""


def find_named_part(text: str) -> str:
    """Return the name of a part of the country that an answer gives, in any language; else empty."""
    answer = " ".join(text.split())
    return next((found["label"] for each in compile_patterns(NAMED_PART) if (found := each.fullmatch(answer))), "")


def name_sheets(sentence: str, question: Question, language: str) -> str:
    place = f"{len(question.sheets)} sheets" if question.sheets else question.sheet
    if question.sheets and language != FIRST_LANGUAGE:
        place = ", ".join(question.sheets)
    if not place or sentence.startswith(place):
        return sentence
    return f"{place}: {sentence[:1].lower()}{sentence[1:]}"


def describe_answer(question: Question, answer: str, flow: Flow, language: str, *, with_sheet: bool) -> str:
    kind, _, name = question.part.partition(" ")
    subject = describe_question(question, flow, language)
    if kind in ("fixed", "codes"):
        called = capitalise_sentence(name_in_words(name, flow, language))
        subject = f"{called}, “{question.label}”:" if question.label else f"{called}:"
    evidence = ""
    if answer == question.chosen.code and kind in REASONED_PARTS:
        words = read_words_in("mapping", language)
        evidence = describe_question_reason(question, flow, language) or words.say("The table does not state it.")
    line = " ".join(filter(None, (subject, f"{describe_answer_code(answer, question, flow, language)}.", evidence)))
    return name_sheets(line, question, language) if with_sheet else line


def describe_question(question: Question, flow: Flow, language: str) -> str:
    words = read_words_in("mapping", language)
    kind, _, name = question.part.partition(" ")
    match kind:
        case "fixed" | "hidden" if question.chosen.reason not in INCLUDES_OWN.values():
            message = QUESTIONS_ABOUT_ALL.get(question.part, "Which {name} applies to these figures?")
            return words.say(message, name=name_in_words(name, flow, language))
        case "codes":
            called = name_in_words(name, flow, language)
            return words.say("Which {name} is “{label}”?", name=called, label=question.label)
        case "values" if question.label in QUESTIONS_ABOUT_CELLS:
            return words.say(QUESTIONS_ABOUT_CELLS[question.label])
        case "values" if sign := QUOTED.search(question.label):
            message = MEANING_OF_SIGN if question.label.startswith("the sign") else MEANING_OF_MARK
            return words.say(message, sign=sign[1])
        case "line":
            head = QUOTED.search(question.chosen.reason)
            label = question.label or (head[1] if head else name)
            return words.say("Which characteristic do these labels show: {label}?", label=label)
        case _:
            return describe_reason(question, flow, language)


def describe_reason(question: Question, flow: Flow, language: str) -> str:
    reason = question.chosen.reason.removesuffix(".")
    is_quoted = all(phrase in reason for phrase in question.label.split(AND))
    is_rule = question.part in ("keys", "formulas", "totals")  # their label is an id or an English name
    is_named = question.label and not is_quoted and not is_rule
    about = f"“{question.label}”: " if is_named else ""
    said, asked = explain_reason(reason, flow, language)
    return about + " ".join(filter(None, (asked, said)))


def describe_question_reason(question: Question, flow: Flow, language: str) -> str:
    reason = question.chosen.reason.removesuffix(".")
    if question.part.partition(" ")[0] not in REASONED_PARTS or reason in HIDDEN_REASONS:
        return ""
    if language == FIRST_LANGUAGE:
        return format_sentence(capitalise_sentence(name_components(reason, flow, language)))
    return " ".join(filter(None, explain_reason(reason, flow, language)))


def explain_line(question: Question, flow: Flow, language: str) -> str:
    """Return the reason for a line in a list of questions; empty if it repeats the question."""
    reason = question.chosen.reason.removesuffix(".")
    if not reason or reason in INCLUDES_OWN.values():
        return ""
    return " ".join(filter(None, explain_reason(reason, flow, language)))


def explain_reason(reason: str, flow: Flow, language: str) -> tuple[str, str]:
    """Return the statement and the question of a reason in a language; untranslated texts stay English."""
    words, both = read_words_in("mapping", language), STATEMENT_AND_QUESTION.fullmatch(reason)
    said, asked = (
        translate_reason(format_sentence(capitalise_sentence(name_components(part, flow, language))), words)
        if part
        else ""
        for part in ((both["said"], both["asks"]) if both else (reason, ""))
    )
    return said, asked


def list_reasons_in_words(reasons: Sequence[str], language: str) -> list[str]:
    """Return the reasons for a dataflow as parts of a sentence in one language."""
    words = read_words_in("mapping", language)
    sentences = (translate_reason(format_sentence(capitalise_sentence(reason)), words) for reason in reasons)
    return [f"{sentence[:1].lower()}{sentence[1:].rstrip('.。')}" for sentence in sentences]


def format_sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def translate_reason(sentence: str, words: Words) -> str:
    if sentence in words.table:
        return words.say(sentence)
    for reason in list_reason_patterns():
        if values := find_values(reason, sentence):
            return join_quoted(reason, values, words)
    return sentence


@cache
def list_reason_patterns() -> list[str]:
    """Return the messages with placeholders, those with most words of their own first."""
    messages = (message for message in read_words_in("mapping", FIRST_LANGUAGE).table if list_placeholders(message))
    return sorted(messages, key=lambda message: -len(BLANK.sub("", message)))


def join_quoted(reason: str, values: Mapping[str, str], words: Words) -> str:
    """Fill a reason; several quoted texts get the quotation marks of the language."""
    if words.language == FIRST_LANGUAGE:
        return words.say(reason, **values)
    quotes = QUOTED_BLANK.search(words.say(reason, **dict.fromkeys(values, "{words}")))
    between = f"{quotes[2]}, {quotes[1]}" if quotes else "”, “"
    return words.say(reason, **{name: value.replace("” and “", between) for name, value in values.items()})


def name_components(text: str, flow: Flow, language: str = FIRST_LANGUAGE) -> str:
    def name(found: re.Match[str]) -> str:
        return f"“{name_in_words(found[0], flow, language)}”" if found[0] in flow.structure else found[0]

    return QUOTED_OR_ID.sub(name, text)


def describe_answer_code(code: str, question: Question, flow: Flow, language: str = FIRST_LANGUAGE) -> str:
    words = read_words_in("mapping", language)
    kind = question.part.partition(" ")[0]
    if kind == RESTS and AND in code:
        return AND.join(describe_answer_code(each, question, flow, language) for each in code.split(AND))
    if code in ANSWERS_ABOUT_TEXTS:
        reasons = (capitalise_sentence(candidate.reason) for candidate in question.others if candidate.code == code)
        sentences = ANSWERS_ABOUT_TEXTS[code]
        return words.say(next((reason for reason in reasons if reason in sentences), sentences[0]))
    if code.startswith(ONLY):
        return words.say(ONLY_ANSWER, label=code.removeprefix(ONLY))
    if kind == "fixed" and code == UNKNOWN:
        return f"{words.say(NOT_STATED_ANSWER)} ({code})"
    about_cells = ANSWERS_ABOUT_CELLS.get((QUOTED.sub("", question.label), code)) if kind == "values" else None
    if about_cells:
        return words.say(about_cells)
    known = find_codelist(question.part, flow)
    called = name_in_words(code, flow, language) if kind in OF_DIMENSIONS else describe_period(code, language)
    if known is None and code == TOTAL:  # of a component without a list, such as a region
        known = next(
            (listed for name in flow.structure.key if (listed := flow.codelist(name)) and code in listed), None
        )
    if known is not None and code in known:
        called = known[code].name.in_language(language) or code
    return called if called == code else f"{capitalise_sentence(called)} ({code})"


def open_question(question: Question, flow: Flow) -> str:
    proposed = (
        f" Proposed: {describe_answer_code(question.chosen.code, question, flow)}." if question.chosen.code else ""
    )
    codes = [each.code for each in question.others if each.code not in ("", question.chosen.code)]
    others = [describe_answer_code(code, question, flow) for code in codes]
    more = "; …" if len(others) > MAX_NEAREST else "."
    nearest = f" {'Or' if proposed else 'Possible'}: {'; '.join(others[:MAX_NEAREST])}{more}" if others else ""
    return f"? {describe_question_in_full(question, flow)}{proposed}{nearest}"


def parse_answer(part: str, text: str, flow: Flow, language: str) -> str:
    text = (find_named_part(text) if part in AREA_PARTS else "") or " ".join(text.split())
    about_cells = {message: code for (_, code), message in ANSWERS_ABOUT_CELLS.items()}
    known = find_codelist(part, flow)
    of_texts = {
        message: code
        for code, messages in ANSWERS_ABOUT_TEXTS.items()
        for message in messages
        if known is None or " " in message  # “no” is Norway where a country is asked for
    }
    for message, answer in (about_cells if part == "values" else of_texts).items():
        if normalise_spelling(text) in {normalise_spelling(answer), *list_translations(message)}:
            return answer
    only = next((found["label"] for each in compile_patterns(ONLY_ANSWER) if (found := each.fullmatch(text))), "")
    if only:
        return f"{ONLY}{only}"
    kind = part.partition(" ")[0]
    if known is not None and UNKNOWN in known and normalise_spelling(text) in list_translations(NOT_STATED_ANSWER):
        return UNKNOWN
    both = CODE_AT_END.match(text)
    listed = flow.structure if kind in OF_DIMENSIONS else known or ()
    if both and (
        both["code"] == TOTAL or both["code"] in listed or describe_period(both["code"], FIRST_LANGUAGE) != both["code"]
    ):
        return both["code"]
    if kind in OF_DIMENSIONS:
        return name_dimension(text, flow)
    return text if known is None else name_code(text, known, language, concept=part.partition(" ")[2])


def find_codelist(part: str, flow: Flow) -> ItemScheme | None:
    kind, _, name = part.partition(" ")
    component = name if kind in CODED_PARTS else STATUS if kind == "values" else ""
    return flow.codelist(component) if component in flow.structure else None


def name_dimension(text: str, flow: Flow) -> str:
    names = {key: flow.concepts[key] for key in flow.structure.key if key in flow.concepts}
    called = [
        key
        for key, name in names.items()
        if any(normalise_spelling(each) == normalise_spelling(text) for _, each in name)
    ]
    return called[0] if text not in flow.structure and len(called) == 1 else text


def list_translations(message: str) -> frozenset[str]:
    return frozenset(normalise_spelling(words[message]) for words in read_word_table("mapping").values())


def compile_patterns(message: str) -> list[re.Pattern[str]]:
    parts = [words[message].partition("{label}") for words in read_word_table("mapping").values()]
    return [re.compile(f"{re.escape(before)}(?P<label>.+){re.escape(after)}") for before, _, after in parts]


MAX_NAMED_CODES = 24
"""As many as the observation statuses."""


def name_code(text: str, codelist: ItemScheme, language: str, concept: str = "") -> str:
    """Return the one code with this name or, in a table, this word; otherwise the text."""
    if text in codelist:
        return text
    codes = name_codes(text, codelist, language) or tuple(
        {
            code
            for file in (WORDS_FILE, VALUES_FILE)
            for _, code, word, *_ in read_alias_rows(file, WORD_COLUMNS, None, firsts={concept})
            if plain(word) == plain(text) and code in codelist
        }
    )
    return codes[0] if len(codes) == 1 else text


def name_codes(text: str, codelist: ItemScheme, language: str = "") -> tuple[str, ...]:
    """Find codes by name, preferring `language`; countries also have other names and letter codes."""
    if codelist.ref.id in AREA_LISTS:
        areas = tuple(code for code in load_areas().called(text, language) if code in codelist)
        if areas:
            return areas
    name = normalise_spelling(text)
    in_language = tuple(item.id for item in codelist if normalise_spelling(item.name.in_language(language)) == name)
    return in_language or tuple(
        item.id for item in codelist if any(normalise_spelling(each) == name for _, each in item.name)
    )


def normalise_spelling(name: str) -> str:
    return " ".join(name.casefold().split())


def ask_which_code(text: str, codelist: ItemScheme, concept: str) -> str:
    """Suggest codes for a name; names never match code letters."""
    if codelist.ref.id == AGES and parse_age_code(text) and not find_same_ages(text, codelist.ids):
        return OWN_AGE_HINT
    codes = name_codes(text, codelist)
    meant = " or ".join(write_code_with_name(codelist, code) for code in codes)
    if codelist.ref.id == AREA_LISTS[0] and not meant:  # a region's name may be like a country's
        return f"Check the spelling. {OWN_AREA_HINT}"
    if meant := meant or find_similar_code(text, codelist, concept):
        return f"Did you mean {meant}?"
    named = "; ".join(write_code_with_name(codelist, code) for code in codelist.ids[:MAX_NAMED_CODES])
    return f"Possible values: {named}{'; …' if len(codelist) > MAX_NAMED_CODES else ''}."


def find_similar_code(text: str, codelist: ItemScheme, concept: str) -> str:
    nearest = find_nearest_code(text, codelist, concept)
    code = nearest.partition(" ")[0]
    if code not in codelist or nearest != write_code_with_name(codelist, code):
        return ""  # no code is similar, or the list is short and complete
    letters = load_areas().codes.get(code, code) if codelist.ref.id in AREA_LISTS else code
    return write_code_with_name(codelist, letters) if letters in codelist else nearest


FILE_PARTS = ("sheet", "title", HIDDEN, "totals", "keys", "unread", "formulas", "numbers")


def build_comments(proposal: Proposal, questions: Sequence[Question]) -> Mapping[str, Sequence[str]]:
    """Return the comments of a proposed mapping by key; the empty key is the file."""
    comments: dict[str, list[str]] = {"": [summarise(questions)]}
    blocks = {region.name: block for region, block in zip(proposal.regions, proposal.mapping.blocks, strict=True)}
    for question in questions:
        block = next((blocks[sheet] for sheet in (question.sheets or (question.sheet,)) if sheet in blocks), None)
        kind, _, name = question.part.partition(" ")
        if kind in FILE_PARTS:
            where = f"{len(question.sheets)} sheets" if question.sheets else question.sheet
            if question.is_open:
                label = f" ({question.label})" if question.label and kind != "formulas" else ""
                about_file = f"{where}: " if where else ""
                comments[""].append(f"{about_file}{question.chosen.reason}{label}")
        elif block is None or (kind == "codes" and not question.is_open):
            continue
        elif kind in ("regions", "rests") and question.is_open:
            comments.setdefault(f"{block.key}.components.{name}.codes", []).append(format_question(question, name))
        elif kind == "codes":
            comments.setdefault(f"{block.key}.components.{name}.codes", []).append(format_code(question))
        elif kind == "line" and question.chosen.code and not question.chosen.code.startswith(ONLY):
            comments.setdefault(f"{block.key}.components.{question.chosen.code}", []).append(format_score(question))
        elif kind == "values":
            comments.setdefault(f"{block.key}.values", []).append(f"{question.label}: {format_score(question)}")
        elif question.is_open:
            key = f"{block.key}.fixed" if kind == "fixed" else block.key
            comments.setdefault(key, []).append(format_question(question, name or question.part))
    return comments


def summarise(questions: Sequence[Question]) -> str:
    total, unsure = len(questions), sum(question.is_open for question in questions)
    return f"Proposed by sdmxmig: {total - unsure} of {total} lines are certain, {unsure} are to be confirmed."


def format_score(question: Question) -> str:
    why = f"score {question.chosen.confidence:.2f}: {question.chosen.reason}"
    return f"{'to be confirmed, ' if question.is_open else ''}{why}{format_nearest(question)}"


def format_question(question: Question, name: str) -> str:
    proposed = f"{name} = “{question.chosen.code}”" if question.chosen.code else f"{name} is open"
    return f"{proposed} {f'({question.label}) ' if question.label else ''}– {format_score(question)}"


def format_code(question: Question) -> str:
    others = [candidate for candidate in question.others if candidate.code != LEAVE_OUT]
    is_nearest = len(others) == 1 or (others and others[0].confidence > others[1].confidence)
    code = others[0].code if is_nearest else "?"
    return f'"{question.label}" = "{code}"  – {format_score(question)}'


def format_nearest(question: Question) -> str:
    listed = ", ".join(
        f"{candidate.code} ({candidate.reason}, {candidate.confidence:.2f})" for candidate in question.others[:3]
    )
    return f"; nearest: {listed}" if listed else ""
