"""Legends, “[p] provisional, [r] revised, - nil”, and notes on labels and periods with a mark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import NOTE_SIGNS, bare, choose_best, plain, strip_marks
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import COUNTRY, HAN, find_mentions, read_title, split_words
from sdmxmig.conversion.recognition.statuses import ABSENT, BREAK, names_break
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.figures import PAIR
from sdmxmig.conversion.suggestion.line_sources import split_label
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, has_areas
from sdmxmig.conversion.suggestion.period_statuses import NUMBER_OR_TOPIC, to_stage
from sdmxmig.conversion.suggestion.periods import YEAR
from sdmxmig.conversion.suggestion.questions import Question, offer_keeping_or_leaving
from sdmxmig.conversion.suggestion.words_inside import find_ages_in_title
from sdmxmig.sdmx.model.data import Attributes, UserNote, Values

STATUS, COMMENT, NIL, NOT = "OBS_STATUS", "COMMENT_OBS", "NIL", "NEGATION"
ZERO, MISSING = "0", "O"
ORDINARY_CONCEPTS = ("ARTICLE", "JOINING", "BY", "PLAIN")
LONGEST_MEANING, LONGEST_LINKED, LONGEST_HEAD = 6, 12, 40
IN_BRACKETS = (
    r"(?:[\[(]\s?(?:[^\W\d_]{1,3}|[*†‡§#.:…–—-]{1,3})\s?[\])]"
    r"|[^\W\d_]/(?=\s)|/[^\W\d_](?!\w)|(?<!\S)(?:[^\W\d_]{1,2}|[*†‡§#]{1,3})\)(?=\s))"
)
"""A sign in brackets, before a bracket, or beside a stroke: “(p)”, “p)”, “*)”, “p/”, “/p”."""
SIGNS = rf"[{NOTE_SIGNS}]{{1,3}}|\.{{1,3}}|…|:|[-–—−]"
SHORTENED = r"(?:(?:[^\W\d_]{1,2}\.\s?){2,3}|[^\W\d_]/[^\W\d_])(?=\s*[=:–—-]\s)"
"""“n.d.”, “n. d.” and “n/a” before their meaning."""
LEGEND_ENTRY = re.compile(
    rf"[“\"«„‘']?(?P<sign>{IN_BRACKETS}|{SIGNS}|{SHORTENED}|[^\W\d_]{{1,3}}(?=\s*[=:]|\s+\w)|[^\W\d_])[”“\"»’']?"
    r"(?P<link>\s*[=:–—-]\s*|\s+|(?<=[\])]))(?P<meaning>\w.*)"
)
SENTENCE_BREAK = re.compile(rf"(?<=[^\W\d_]{{3}})\.\s+|(?<=[\])])\.\s+|(?<=\d{{4}})\.\s+(?=(?:{SIGNS})\s)|\s*[;|]\s*")
LEGEND_HEADING = re.compile(rf"\A(?!{SHORTENED}|[^\W\d_]{{1,2}}\s*:)[^\W\d_][^:=;\[\]()]{{2,{LONGEST_HEAD}}}:\s+")
NEXT_ENTRY = re.compile(
    rf"[,\s]\s*(?={IN_BRACKETS}\s*[=:–—-]?\s*\w|{SHORTENED})|[,\s]\s*(?=[^\W\d_]{{1,3}}\s*=|[^\W\d_]\s*:\s)|,\s*(?=[^\W\d_]\s)"
    rf"|(?:(?<=[^\W\d_]{{3}})|(?<=[^\W\d_]\))(?!\s*[:–—-]\s))[,\s]\s*(?=(?:{SIGNS})\s)"
)
"""Before another sign in the same sentence."""
SIGN_FIRST = re.compile(rf"(?:{IN_BRACKETS}|{SIGNS})\s")
LINK_SIGN = r"(?:\s*[=:]|\s[–—-]\s)"
ABBREVIATION = re.compile(
    rf"(?P<label>[^\W\d_][^\W_]{{0,7}}|[–—x-]){LINK_SIGN}\s*(?P<meaning>[^=:]*[^\W\d_]{{2}}[^=:]*)"
)
BETWEEN_ABBREVIATIONS = re.compile(rf"[;|]|,\s*(?=[^\W\d_]{{1,3}}{LINK_SIGN})")
BRACKETS = " ()[]/"
BRACKETED_TEXT = re.compile(r"\(([^()]*)\)")
GLOSS = re.compile(r"\s*\(([^()]+)\)\s*$")
"""The meaning in another language: “không có (nil)”."""
MARK, CELL = "the mark “", "the sign “"
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    sign: str
    code: str
    written: str
    is_plain: bool


def parse_entries(text: str, vocabulary: Vocabulary) -> tuple[Entry, ...]:
    """Return the symbols that a note explains, in order; none unless a sentence begins with one.

    >>> from sdmxmig.conversion.recognition.words import read_vocabulary
    >>> words = read_vocabulary()
    >>> [(entry.sign, entry.code) for entry in parse_entries("[p] provisional [r] revised - nil", words)]
    [('[p]', 'P'), ('[r]', 'R'), ('-', '0')]
    >>> [(entry.sign, entry.code) for entry in parse_entries("(:) Στοιχεία εμπιστευτικά   (-) Μηδέν", words)]
    [('(:)', 'Q'), ('(-)', '0')]
    >>> parse_entries("A provisional figure is given for 2023", words)
    ()
    """
    written = " ".join(unicodedata.normalize("NFKC", text.replace("…", "\0")).replace("\0", "…").split())
    written = strip_number(written)
    sentences = (*SENTENCE_BREAK.split(written), *BRACKETED_TEXT.findall(written))
    return tuple(entry for sentence in sentences for entry in _read_sentence(sentence, vocabulary))


def strip_number(text: str) -> str:
    """Remove the number of a note.

    >>> strip_number("1) z confidential"), strip_number("(3) s) estimated"), strip_number("2019 p")
    ('z confidential', 's) estimated', '2019 p')
    """
    return NUMBER_OR_TOPIC.sub(" ", text).strip()


def split_legend(text: str) -> list[str]:
    """Split a text before each symbol that it may explain.

    >>> split_legend("Key: – no case; .. not available"), split_legend("* Fewer than 5; suppressed")
    (['– no case', '.. not available'], ['* Fewer than 5; suppressed'])
    """
    entries: list[str] = []
    for sentence in SENTENCE_BREAK.split(strip_number(text)):
        head = LEGEND_HEADING.match(sentence)
        is_heading = bool(head and SIGN_FIRST.match(sentence[head.end() :]))
        for part in NEXT_ENTRY.split(sentence[head.end() if head and is_heading else 0 :].strip()):
            if entries and not SIGN_FIRST.match(part):
                entries[-1] = f"{entries[-1]}; {part}"
            else:
                entries.append(part)
    return entries


def _read_sentence(sentence: str, vocabulary: Vocabulary) -> Iterator[Entry]:
    head = LEGEND_HEADING.match(sentence)
    for part in NEXT_ENTRY.split(sentence[head.end() if head else 0 :].strip()):
        entry = _parse_entry(part.strip(" ,"), vocabulary) if part.strip() else None
        if entry is None:
            return
        yield entry


def _parse_entry(part: str, vocabulary: Vocabulary) -> Entry | None:
    """Parse a symbol with its meaning; None if it has none or several statuses."""
    match = LEGEND_ENTRY.fullmatch(part)
    if not match or DIGIT.search(match["meaning"]):
        return None
    sign, meaning, is_linked = match["sign"].strip(), match["meaning"].strip(" ."), bool(match["link"].strip())
    gloss = GLOSS.search(meaning)
    is_long = len(split_words(gloss[1] if gloss else meaning)) > (LONGEST_LINKED if is_linked else LONGEST_MEANING)
    if is_long and not _is_zero(meaning, vocabulary):
        return None
    code = _interpret_meaning(meaning, vocabulary)
    if not code or (sign.isalpha() and not is_linked and not _is_sign(sign, meaning, code, vocabulary)):
        return None
    if not re.search(r"[^\W\d_]|[*†‡§#]", sign) and code not in (ABSENT | {ZERO}):
        return None
    return Entry(sign=sign, code=code, written=part, is_plain=is_linked or sign.endswith(("]", ")", "/")))


def _interpret_meaning(meaning: str, vocabulary: Vocabulary) -> str:
    if gloss := GLOSS.search(meaning):
        codes = {_find_status(part, vocabulary) for part in (meaning[: gloss.start()], gloss[1])} - {""}
        if codes == {ZERO, MISSING}:
            return ZERO  # “không có (nil)”: the words for nothing also mean missing
        if len(codes) == 1 and codes <= ABSENT | {ZERO}:
            return codes.pop()
    parts = split_label(meaning)
    codes = {_find_status(part, vocabulary) for part in parts}
    return codes.pop() if parts and len(codes) == 1 and "" not in codes else _find_status(meaning, vocabulary)


def _is_zero(meaning: str, vocabulary: Vocabulary) -> bool:
    """Check whether a meaning is zero in any wording: “value is exactly zero”, but not “zero or not available”."""
    words = (word for word in split_words(meaning) if not vocabulary.codes("NIL_WORDING", word.plain))
    return any(vocabulary.candidates(NIL, text) for text in (meaning, " ".join(word.written for word in words)) if text)


def _find_status(meaning: str, vocabulary: Vocabulary) -> str:
    if _is_zero(meaning, vocabulary):
        return ZERO
    whole = {candidate.code for candidate in vocabulary.candidates(STATUS, meaning)}
    mentions = find_mentions(split_words(meaning), vocabulary)[0]
    codes = whole or {mention.code for mention in mentions if mention.concept == STATUS}
    codes |= {BREAK} if names_break(meaning, vocabulary) else set()
    is_otherwise = not whole and any(mention.concept == NOT for mention in mentions)
    is_otherwise |= not whole and bool(vocabulary.inside(NIL, meaning))  # “zero or not available”
    return codes.pop() if len(codes) == 1 and not is_otherwise else ""


def _is_sign(letter: str, meaning: str, code: str, vocabulary: Vocabulary) -> bool:
    if len(letter) > 1 or not any(vocabulary.codes(concept, letter.casefold()) for concept in ORDINARY_CONCEPTS):
        return letter.casefold() != "a"
    is_usual = code in vocabulary.codes(STATUS, letter.casefold())
    return is_usual and bool(vocabulary.candidates(STATUS, meaning))


def is_entry(text: str, vocabulary: Vocabulary) -> bool:
    """Check whether a text is the explanation of one symbol: “* provisional”."""
    return [entry.written.strip(" .") for entry in parse_entries(text, vocabulary)] == [strip_number(text).strip(" .")]


def is_legend(text: str, vocabulary: Vocabulary) -> bool:
    """Check whether a text only explains symbols; some may mean no status: “* fewer than 5”."""
    entries = parse_entries(text, vocabulary)
    text = LEGEND_HEADING.sub("", " ".join(strip_number(text).split()), count=1)
    sentences = SENTENCE_BREAK.split(text)
    if entries and len(sentences) > 1 and all(LEGEND_ENTRY.fullmatch(sentence) for sentence in sentences):
        return True
    words_explained = sum(len(split_words(entry.written)) for entry in entries)
    return words_explained >= len(split_words(text)) and (len(entries) > 1 or any(entry.is_plain for entry in entries))


def find_abbreviations(texts: Iterable[str], labels: Collection[str]) -> dict[str, str]:
    """Return the meanings of labels that texts explain, and nothing else: “VV = Visitors”, “IMM: immigrants; EMI: …”.

    >>> find_abbreviations(["Key: M = men; W = women", "Sex: total"], ["M", "W", "Total"])
    {'M': 'men', 'W': 'women'}
    """
    found: dict[str, str] = {}
    for text in texts:
        parts = BETWEEN_ABBREVIATIONS.split(LEGEND_HEADING.sub("", text, count=1))
        matches = [ABBREVIATION.fullmatch(part.strip(" .")) for part in parts]
        pairs = {match["label"]: match["meaning"] for match in matches if match}
        if len(pairs) == len(matches) and pairs.keys() <= {*labels}:
            found |= pairs
    return found


def list_written_signs(texts: Iterable[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(entry.written for text in texts for entry in parse_entries(text, vocabulary))


def strip_legend(title: str, others: Collection[str], vocabulary: Vocabulary) -> str:
    """Remove explanations of symbols from a title: “Persons; p = provisional”, “persons (p: provisional)”.

    Without an equals sign, only symbols of missing figures, or symbols that mark one of the other texts, are explained.
    """
    written = " ".join(title.split())
    for entry in parse_entries(written, vocabulary):
        is_read = "=" in entry.written or entry.code in ABSENT
        is_read = is_read or any(marks_text(entry.sign, text) for text in others)
        if entry.is_plain and entry.code != ZERO and is_read:
            written = written.replace(entry.written, " ")
    return written


def index_sign_codes(texts: Iterable[str], vocabulary: Vocabulary) -> dict[str, set[str]]:
    codes_by_sign: dict[str, set[str]] = {}
    for entry in (entry for text in texts for entry in parse_entries(text, vocabulary)):
        codes_by_sign.setdefault(normalise_sign(entry.sign), set()).add(entry.code)
    return codes_by_sign


def find_legend_codes(
    values: Values, doubted: Collection[str], texts: Iterable[str], known: FlowKnowledge
) -> dict[str, str]:
    """Find codes for asked symbols and unusual marks in legends. Ambiguous symbols and dashes are left."""
    codes_by_sign = index_sign_codes(texts, known.vocabulary)
    codes = {sign: min(sign_codes) for sign, sign_codes in codes_by_sign.items() if len(sign_codes) == 1}
    marks = {f"{MARK}{mark}”": dict(pairs).get(STATUS, "") for mark, pairs in values.marks}
    code_by_question: dict[str, str] = {}
    zeros = {f"{CELL}{sign}”" for sign, _ in values.numbers}
    for what in dict.fromkeys(label for label in (*doubted, *marks) if label not in zeros):
        code = find_code_of_sign(normalise_sign(what.removeprefix(MARK).removeprefix(CELL).removesuffix("”")), codes)
        if code and code != ZERO:
            code = to_stage(Candidate(code, 1.0, reason=""), known.flow).code
        if code and (what in doubted or code != marks.get(what)) and (code != ZERO or what.startswith(CELL)):
            code_by_question[what] = code
    return code_by_question


def find_code_of_sign(sign: str, codes: Mapping[str, str]) -> str:
    """Return the code of a sign: its own, that of the second of two explained letters, or that of a final star.

    >>> explained = {"e": "E", "p": "P"}
    >>> find_code_of_sign("e", explained), find_code_of_sign("ep", explained), find_code_of_sign("ex", explained)
    ('E', 'P', '')
    >>> [find_code_of_sign(sign, {"*": code}) for sign, code in (("n/a*", "O"), ("..*", "O"), ("n/a*", "P"))]
    ['O', 'O', '']
    """
    is_pair = len(sign) == PAIR and sign.isalpha() and {*sign} <= codes.keys()
    star = re.search(r"(?<=[^*†‡])[*†‡]+$", sign)
    of_star = codes.get(star[0], "") if star else ""
    return codes.get(sign, codes[sign[-1]] if is_pair else of_star if of_star in ABSENT else "")


def normalise_sign(sign: str) -> str:
    return unicodedata.normalize("NFKC", sign).strip(BRACKETS).casefold() if sign != "…" else sign


def is_word(entry: Entry) -> bool:
    """Check whether a sign may also be an ordinary word, which only the table shows: “Po provisional”."""
    return entry.sign.isalpha() and len(entry.sign) > 1 and not entry.is_plain


def add_legend_signs(signs: frozenset[str], notes: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    listed = {
        normalise_sign(entry.sign) for note in notes for entry in parse_entries(note, vocabulary) if is_word(entry)
    }
    return signs | listed if not listed.isdisjoint(map(normalise_sign, signs)) else signs


def is_explained(
    phrase: str, note: str, other_texts: Sequence[str], signs: Iterable[str], *, vocabulary: Vocabulary
) -> bool:
    """Check whether a symbol explains a phrase in all its occurrences, up to the end of its sentence."""
    words = phrase.casefold().split()
    while words and " ".join(words) not in note.casefold():  # “P Provisional. Estimates are revised later”
        words.pop()
    phrase = " ".join(words) or phrase
    read = {normalise_sign(sign) for sign in signs}
    entries = [
        entry
        for entry in parse_entries(note, vocabulary)
        if phrase.casefold() in entry.written.casefold() and (not is_word(entry) or normalise_sign(entry.sign) in read)
    ]
    times = sum(entry.written.casefold().count(phrase.casefold()) for entry in entries)
    is_all = bool(entries) and times == note.casefold().count(phrase.casefold())
    unread = [entry.sign for entry in entries if normalise_sign(entry.sign) not in read]
    return is_all and not any(marks_text(sign, text) for sign in unread for text in other_texts)


def marks_text(sign: str, text: str) -> bool:
    """Check whether a symbol marks a text: at its end, in brackets, or after a number.

    >>> marks_text("[p]", "2023 (p)"), marks_text("p", "Immigrants 2019-2023p"), marks_text("e", "Sexo e idade")
    (True, True, False)
    """
    escaped, written = re.escape(normalise_sign(sign)), unicodedata.normalize("NFKC", text).casefold()
    if not normalise_sign(sign).isalpha():
        return bool(re.search(rf"[^\W_]\s?[\[(]?{escaped}[)\]]?(?:\W*$|[)\]\s])", written))
    shapes = rf"\S\s*[\[(]\s?{escaped}\s?[)\]]|\d{escaped}(?![^\W\d_])|\w\s{escaped}\W*$"
    return bool(re.search(shapes, written))


RAISED_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ⁽⁾⁺"
RAISED_CHARACTERS = str.maketrans(RAISED_SIGNS, "0123456789abcde()+")
CLAUSE_END = re.compile(r"\s*[:;.]\s")
RAISED_DIGITS = re.compile(r"[⁰¹²³⁴-⁹]+")
MARK_SIGNS = re.compile(rf"[0-9]{{1,2}}|[{NOTE_SIGNS}]+|[a-z](?![a-z])|[①-⑳]")
"""A mark without its brackets."""
WRITTEN_MARK = re.compile(rf"[(\[]?(?:{MARK_SIGNS.pattern}|[{RAISED_SIGNS}]+)[)\]/]?")
NOTE_HEADING = r"(?:\w?注|[^\W\d_]{3,}(?:\s?[ /]\s?[^\W\d_]+){0,2})\s?[:：]"
BEFORE = re.compile(
    rf"^\W*?(?:{NOTE_HEADING}|注|※|[Nn]ote)?\s*[(\[]?([0-9]{{1,2}}|[{NOTE_SIGNS}]+|[a-z](?![a-z])|[①-⑳])(?:[)\]./:\s]|(?=[^\W\d]{{2}}))"
)
MARKED_YEAR = re.compile(r"(?:19|20)\d\d(?:\.(?=\d\)))?[\s()\[\]]*(?P<mark>[^\s()\[\]])[\s()\[\]]*")
STEM_LETTERS = 5
GROUPS = ("SEX", "CTZ_STATUS", "BIRTH_STATUS")


def ask_about_notes(
    fits: Sequence[Fit],
    lines: Sequence[Line],
    notes: Sequence[str],
    fixed: Attributes,
    known: FlowKnowledge,
    sheet: str,
) -> tuple[Question, ...]:
    """Ask about labels whose notes name other people: “Men 1)”, “1) of both sexes”."""
    marked_notes = [(mark, " ".join(note.split())) for note in notes if (mark := find_leading_mark(note))]
    questions: dict[str, Question] = {}
    for line in lines if marked_notes else ():
        for text in line.texts:
            for mark, note in marked_notes:
                if mark in find_trailing_marks(text):
                    for phrase in find_others(note, find_codes_of_label(text, line, fits), dict(fixed), known):
                        questions.setdefault(f"{note} {phrase}", build_note_question(sheet, text, phrase, note))
    return tuple(questions.values())


def find_label_comments(fits: Sequence[Fit], notes: Sequence[str], known: FlowKnowledge) -> tuple[UserNote, ...]:
    """Return notes on labels of countries as comments on their figures: “Chile 1)”, “1) Including visitors”."""
    notes_by_mark = index_notes(notes)
    comments: dict[Attributes, list[str]] = {}
    for fit in fits if COMMENT in known.flow.structure else ():
        for text, candidates in fit.meanings.items() if has_areas(fit.component, known.flow) else ():
            found = [notes_by_mark.get(mark, []) for mark in sorted(find_trailing_marks(text))]
            if found and candidates and candidates[0].is_applied and all(len(listed) == 1 for listed in found):
                comments.setdefault(((fit.component, candidates[0].code),), []).extend(note for (note,) in found)
    components = [where[0][0] for where in comments]
    return tuple(
        UserNote(where, (*list_stated_statuses(texts, known), (COMMENT, " ".join(texts))))
        for where, texts in comments.items()
        if where[0][0] == components[0]  # comments on two characteristics contradict each other at one figure
    )


def index_notes(notes: Sequence[str]) -> dict[str, list[str]]:
    notes_by_mark: dict[str, list[str]] = {}
    for note in notes:
        notes_by_mark.setdefault(find_leading_mark(note), []).append(remove_mark(note))
    return notes_by_mark


def find_label_marks(
    fits: Sequence[Fit], notes: Sequence[str], known: FlowKnowledge
) -> tuple[tuple[str, Attributes], ...]:
    """Return marks of labels without a codelist, such as regions, with the one note on each: “Kédougou (e)”."""
    notes_by_mark = index_notes(notes)
    found: dict[str, Attributes] = {}
    structure = known.flow.structure
    free = [fit for fit in fits if fit.component != structure.time_id and known.flow.codelist(fit.component) is None]
    for text in (text for fit in free if COMMENT in structure for text in fit.line.texts):
        for written in WRITTEN_MARK.findall(text[len(strip_marks(text)) :]):
            listed = [note for mark in find_trailing_marks(f"Label {written}") for note in notes_by_mark.get(mark, ())]
            if len(listed) == 1:
                found[written] = (*list_stated_statuses(listed, known), (COMMENT, listed[0]))
    return tuple(found.items())


def find_named_labels(note: str, labels: Sequence[str]) -> list[str]:
    """Return the labels with a word of a note, unless it names all of them.

    >>> find_named_labels("Decisions are provisional", ["Applications", "Decisions in first instance"])
    ['Decisions in first instance']
    """
    spelt = plain(note)
    named = [label for label in labels if any(word[:STEM_LETTERS] in spelt for word in find_telling_words(label))]
    return named if len(named) < len(labels) else []


def find_telling_words(label: str) -> list[str]:
    return [word for word in plain(bare(label)).split() if len(word) >= (1 if HAN.match(word) else STEM_LETTERS - 1)]


def list_stated_statuses(notes: Sequence[str], known: FlowKnowledge) -> Attributes:
    """Return the one status that short notes or first clauses state: “Preliminary figures.”."""
    texts = [text for note in notes for text in (note, CLAUSE_END.split(note, maxsplit=1)[0])]
    short = (text for text in texts if len(split_words(text)) <= LONGEST_MEANING)
    stated = {
        to_stage(candidate, known.flow).code for note in short for candidate in known.vocabulary.inside(STATUS, note)
    }
    stated |= {BREAK for note in notes if names_break(note, known.vocabulary)}
    listed = known.flow.codelist(STATUS) or ()
    return tuple((STATUS, code) for code in stated if code in listed) if len(stated) == 1 else ()


def find_codes_of_label(text: str, line: Line, fits: Sequence[Fit]) -> dict[str, str]:
    read = {fit.component: choose_best(fit.meanings.get(text, ())) for fit in fits if fit.line.source == line.source}
    return {component: candidate.code if candidate else "" for component, candidate in read.items()}


def find_others(note: str, codes: Mapping[str, str], fixed: Mapping[str, str], known: FlowKnowledge) -> Iterator[str]:
    """Yield phrases of a note that name another group than the label or an age, or add a country to its country."""
    reading = read_title(note, known.recogniser)
    for mention in reading.of(*GROUPS):
        label_code = codes.get(mention.concept) or fixed.get(mention.concept, TOTAL)
        if mention.concept in known.flow.structure.key and not mention.negated and label_code not in ("", mention.code):
            yield mention.phrase
    if reading.of("ONLY") or find_ages_in_title(note, known.recogniser):
        yield note
    if not reading.of("INCLUDING"):
        return
    areas = [code for component, code in codes.items() if has_areas(component, known.flow)]
    for mention in reading.of(COUNTRY):
        if not mention.negated and mention.code not in areas and set(areas) - {TOTAL}:
            yield mention.phrase


def find_trailing_marks(label: str) -> frozenset[str]:
    """Return the marks at the end of a label, and raised digits in it, without brackets.

    >>> [sorted(find_trailing_marks(label)) for label in ("Men 1)", "China²", "2019", "中国¹ China")]
    [['1'], ['2'], [], ['1']]
    """
    whole = " ".join(label.split())
    behind = " ".join((*RAISED_DIGITS.findall(whole), whole[len(strip_marks(whole)) :]))
    return frozenset(MARK_SIGNS.findall(behind.translate(RAISED_CHARACTERS)))


def find_leading_mark(note: str) -> str:
    """Return the mark at the start of a note, or empty.

    >>> [find_leading_mark(note) for note in ("1) Men", "¹Preliminary", "a/ Men", "Nota: ¹ Men", "A year")]
    ['1', '1', 'a', '1', '']
    """
    match = BEFORE.match(note.translate(RAISED_CHARACTERS))
    return match[1] if match else ""


def find_noted_labels(note: str, labels: Iterable[str]) -> list[str]:
    """Return the labels that a note refers to: those with its mark, otherwise those with the one year that it names.

    >>> find_noted_labels("* January to May", ["2023", "2024*"]), find_noted_labels("2023: to May", ["2023", "2024*"])
    (['2024*'], ['2023'])
    """
    listed, years = list(labels), set(YEAR.findall(note))
    marked = [label for label in listed if has_label_mark(note, label)]
    named = [label for label in listed if len(years) == 1 and set(YEAR.findall(label)) == years]
    return marked or named


def has_label_mark(note: str, label: str) -> bool:
    return find_leading_mark(note) in {*find_trailing_marks(label), find_year_mark(label)} - {""}


def strip_mark(note: str, label: str) -> str:
    """Remove the mark of a label from the start of its note.

    >>> strip_mark("(a) First quarter", "2024 (a)"), strip_mark("9 months", "2024")
    ('First quarter', '9 months')
    """
    return remove_mark(note) if has_label_mark(note, label) else note


def remove_mark(note: str) -> str:
    return BEFORE.sub(" ", note.translate(RAISED_CHARACTERS)).strip()


def find_year_mark(label: str) -> str:
    """Return the mark behind a year, also one of its digits that was raised, or empty.

    >>> find_year_mark("2022 [p]"), find_year_mark("20221)"), find_year_mark("2022-23")
    ('p', '1', '')
    """
    match = MARKED_YEAR.fullmatch(label)
    return match["mark"] if match else ""


def build_note_question(sheet: str, label: str, phrase: str, note: str) -> Question:
    chosen = Candidate("", 0.0, reason=f"the note on “{label}” says “{phrase}”: do the figures still match the label?")
    return Question(sheet, "title", label=f"{label}: {note}", chosen=chosen, others=offer_keeping_or_leaving("yes"))
