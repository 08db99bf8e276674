"""Status words and marks next to periods: “Provisional 2023”, “2023p”, “2023 (prov.)”."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.mapping.meanings import extract_relevant_part
from sdmxmig.conversion.mapping.sourced_values import split_marks
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.calendars import convert_years
from sdmxmig.conversion.recognition.labels import NOTE_SIGNS, plain
from sdmxmig.conversion.recognition.statuses import (
    BESIDE_PERIODS,
    BREAK,
    STATUS,
    WITHOUT_BLANKS,
    YEAR,
    YEAR_SIGNS,
    Status,
    find_statuses,
    list_words_between,
    names_break,
)
from sdmxmig.conversion.recognition.times import FILLERS, YEAR_WORD
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.figures import USUAL_MEANING
from sdmxmig.conversion.suggestion.line_sources import SECTION, LineSource
from sdmxmig.conversion.suggestion.lines import Line, list_codes
from sdmxmig.conversion.suggestion.periods import read_line_periods
from sdmxmig.conversion.suggestion.questions import DECIDED, Decisions, Question, decided
from sdmxmig.conversion.suggestion.title_values import NORMAL, REVISED
from sdmxmig.sdmx.model.data import ComponentMap, Flow

STAGE = "REV_STAGE"
STAGES: Mapping[str, str] = {"P": "PREL", REVISED: "REV", NORMAL: "FINAL"}
ALL_WORDS = r"([^\W\d_](?:\D*[^\W\d_])?)|()$"
DOUBTED_CONFIDENCE = 0.6
STATUS_SIGN = re.compile(r"^\s*([*†‡]+|[¹²³⁰⁴-⁹]+)\s*(?=\d{4})")
HARMLESS_CONCEPTS = (
    "ROLE",
    "PLAIN",
    "MONTH",
    "QUARTER",
    "WORDING",
    "ARTICLE",
    "DIRECTION",
    "TOTAL",
    "LENGTH",
    "AGEPART",
    "DATE",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyWords:
    phrases: tuple[str, ...]
    meaning: Candidate
    is_revised: bool = False

    @property
    def label(self) -> str:
        return f"the mark “{' '.join(self.phrases)}”"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodStatuses:
    components: tuple[ComponentMap, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodSurroundings:
    flow: Flow
    vocabulary: Vocabulary
    notes: Sequence[str]
    marks: Sequence[str]
    components_by_source: Sequence[tuple[LineSource, str]]


def propose_period_statuses(
    lines: Sequence[Line], sheet: str, around: PeriodSurroundings, decisions: Decisions
) -> PeriodStatuses:
    for line in lines:
        words_by_label = find_adjacent_words(line, around)
        if words_by_label:
            answers = {
                text: find_answers(words, sheet, around.flow, decisions) for text, words in words_by_label.items()
            }
            questions = {
                words.label: build_question(words, answers[text], sheet, around)
                for text, words in words_by_label.items()
            }
            return PeriodStatuses(
                components=tuple(build_components(line, words_by_label, answers, around)),
                questions=tuple(questions.values()),
            )
    return PeriodStatuses()


def find_answers(beside: NearbyWords, sheet: str, flow: Flow, decisions: Decisions) -> Mapping[str, str]:
    now = decided(decisions, sheet, "values", beside.label)
    if now:
        return {choose_status_or_stage(now, flow): now}
    words = " ".join(beside.phrases)
    earlier = {name: decided(decisions, sheet, f"codes {name}", words) for name in (STATUS, STAGE)}
    return {name: code for name, code in earlier.items() if code}


def find_adjacent_words(line: Line, around: PeriodSurroundings) -> Mapping[str, NearbyWords]:
    dated = [text for text in line.texts if YEAR.search(convert_years(text, around.vocabulary))]
    bare = {text: split_marks(text, around.marks)[0] for text in dated}
    shared = any(
        source == line.source for source, name in around.components_by_source if name != around.flow.structure.time_id
    )
    words_by_label = {
        text: words for text, label in bare.items() if (words := find_period_words(label, around, shared=shared))
    }
    periods = read_line_periods(line.texts, around.vocabulary).moments
    words_by_label = {
        text: words
        for text, words in words_by_label.items()
        if text in periods and (words.meaning.code or words.is_revised or periods[text].freq in ("A", "D"))
    }  # a quarter or month is read only if its words are
    unknown = {words.phrases for words in words_by_label.values() if not words.meaning.code and not words.is_revised}
    if (
        len(words_by_label) == len(line.texts)
        and len({words.phrases for words in words_by_label.values()}) == 1
        and unknown
    ):
        return {}
    return words_by_label


def find_period_words(label: str, around: PeriodSurroundings, *, shared: bool) -> NearbyWords | None:
    statuses = find_statuses(label, around.vocabulary)
    if shared and any(len(status.phrase) == 1 and status.phrase.isascii() for status in statuses):
        statuses = ()
    pieces = list_words_between(label, statuses)
    strange = (
        () if shared else tuple(words for part in pieces if (words := find_strange_words(part, around.vocabulary)))
    )
    if statuses:
        meaning, is_revised = interpret_words(statuses, around)
        if strange and meaning.confidence > DOUBTED_CONFIDENCE:
            meaning = Candidate(meaning.code, DOUBTED_CONFIDENCE, reason=f"what does “{' '.join(strange)}” mean?")
        return NearbyWords(phrases=tuple(status.phrase for status in statuses), meaning=meaning, is_revised=is_revised)
    sign = STATUS_SIGN.match(label)
    unknown = (sign[1],) if sign else strange if len(strange) == 1 and len(strange[0].split()) > 1 else ()
    if not unknown:
        return None
    noted = next(iter(find_explanations(unknown[0], around.notes, around.vocabulary)), None)
    return NearbyWords(phrases=unknown, meaning=noted or Candidate("", 0.0, reason="the table does not explain it"))


def find_strange_words(text: str, vocabulary: Vocabulary) -> str:
    words = [word for word in YEAR.sub(" ", convert_years(text, vocabulary)).split() if any(map(str.isalpha, word))]
    unknown = [at for at, word in enumerate(words) if len(plain(word)) > 1 and not is_harmless(word, vocabulary)]
    return " ".join(words[unknown[0] : unknown[-1] + 1]).strip("()[],;:.") if unknown else ""


def is_harmless(word: str, vocabulary: Vocabulary) -> bool:
    return word in YEAR_SIGNS or any(vocabulary.codes(concept, plain(word)) for concept in HARMLESS_CONCEPTS)


def interpret_words(statuses: Sequence[Status], around: PeriodSurroundings) -> tuple[Candidate, bool]:
    phrase = " ".join(status.phrase for status in statuses)
    noted = next(iter(find_explanations(phrase, around.notes, around.vocabulary)), None)
    if noted is not None:
        return noted, False
    codes = {code for status in statuses for code in status.codes}
    is_revised = REVISED in codes
    other_codes = codes - {REVISED}
    if (
        any(status.negated for status in statuses)
        or len(other_codes) > 1
        or any(len(status.codes) > 1 for status in statuses)
    ):
        return Candidate("", 0.0, reason="it may mean several things"), False
    sure = min(compute_confidence(status.phrase) for status in statuses)
    reason = f"“{phrase}” beside a year usually means this status"
    for code in codes:
        staged = to_stage(Candidate(code, sure, reason=reason), around.flow)
        if not staged.code:
            return staged, False
    return Candidate(other_codes.pop() if other_codes else NORMAL, sure, reason=reason), is_revised


def to_stage(meaning: Candidate, flow: Flow) -> Candidate:
    if meaning.code in ("", NORMAL, *list_codes(flow, STATUS)):
        return meaning
    if meaning.code != REVISED:
        return Candidate("", 0.0, reason=f"{meaning.reason}, but the dataflow has no code {meaning.code}")
    if STAGE not in flow.structure:
        return Candidate("", 0.0, reason="revised figures, for which the dataflow has no code")
    return Candidate(STAGES[REVISED], meaning.confidence, reason=meaning.reason)


def choose_status_or_stage(code: str, flow: Flow) -> str:
    return STAGE if code in list_codes(flow, STAGE) - list_codes(flow, STATUS) else STATUS


def build_question(words: NearbyWords, answers: Mapping[str, str], sheet: str, around: PeriodSurroundings) -> Question:
    choices = tuple(Candidate(code, 0.2, reason="an observation status") for code in ("P", "E", NORMAL))
    chosen = words.meaning
    if words.is_revised and chosen.code == NORMAL:
        chosen = Candidate(STAGES[REVISED], chosen.confidence, reason=chosen.reason)
    if any(name == STATUS for _, name in around.components_by_source):
        chosen = Candidate("", 0.0, reason="another row or column of the table also contains statuses")
    elif answers:
        chosen = Candidate(next(iter(answers.values())), 1.0, reason=DECIDED)
    return Question(sheet, "values", label=words.label, chosen=chosen, others=choices)


def build_components(
    line: Line,
    words_by_label: Mapping[str, NearbyWords],
    answers: Mapping[str, Mapping[str, str]],
    around: PeriodSurroundings,
) -> Sequence[ComponentMap]:
    by_status, by_stage = {}, {}
    for text, words in words_by_label.items():
        status = answers[text].get(STATUS) or words.meaning.code
        by_status[text] = status or (NORMAL if answers[text] else "")
        by_stage[text] = answers[text].get(STAGE) or STAGES.get(REVISED if words.is_revised else status, "")
    to_read = [(STATUS, by_status)] if any(by_status.values()) else []
    if any(words.is_revised or STAGE in answers[text] for text, words in words_by_label.items()):
        to_read.append((STAGE, by_stage))
    components = {
        *(name for _, name in around.components_by_source),
        *around.flow.structure.key,
        *find_only_codes(around.flow),
    }
    return [
        build_status_component(
            line,
            name,
            codes={text: code for text, code in codes.items() if code},
            words_by_label=words_by_label,
            around=around,
        )
        for name, codes in to_read
        if name in around.flow.structure and name not in components
    ]


def build_status_component(
    line: Line,
    name: str,
    codes: Mapping[str, str],
    words_by_label: Mapping[str, NearbyWords],
    around: PeriodSurroundings,
) -> ComponentMap:
    phrases = {phrase for text in codes for phrase in words_by_label[text].phrases}
    alternatives = "|".join(re.escape(phrase) for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))
    bare = {text: split_marks(text, around.marks)[0] for text in line.texts}
    for expression in (ALL_WORDS, f"({alternatives})|()$"):
        words = {text: extract_relevant_part(label, expression) for text, label in bare.items()}
        listed = {(words[text], codes.get(text, "")) for text in words}
        if len({plain(word) for word, _ in listed}) == len(listed) and all(
            bool(word) == bool(code) for word, code in listed
        ):
            break
    return ComponentMap(
        name,
        line.source.place,
        codes=tuple(sorted({(word, code) for word, code in listed if word and code})),
        carried=line.carried and line.source != SECTION,
        take=expression,
        fold=True,
    )


MARKED_YEAR = re.compile(
    rf".*?\d{{4}}(?:[^\W\d_]{{1,2}}\d{{1,2}})?\.?(?:(?:{'|'.join(YEAR_SIGNS)})(?!\s*{WITHOUT_BLANKS.pattern}))?\s*(?P<mark>/[a-z]|[(\[]\s*(?:[^\W\d_]+\.?|\d|[{NOTE_SIGNS}]+)\s*[)\]]|[^\W\d_]{{1,3}}[./)]*|[{NOTE_SIGNS}]+\)?|[(\[⁽]?[¹²³⁰⁴-⁹]+[)\]⁾]?|\d[/)]|[^\W\d_]+\.?)",
)
NUMBER_OR_TOPIC = re.compile(r"^\W*\d{1,2}[).\]]+\s+|(?<=[)\]'’”])[은는]\s")
"""The number of a note, and the Korean particle behind the sign that it explains: “2) p)는 …”."""
LEGEND_PATTERN = r"^\W*{mark}(?:[^\w\s]\s*|\s+|(?<=[^\w\s]))[=:–—-]?\s*(?P<meaning>.+)$"
LEGEND_HEADING = re.compile(r"^[^\W\d_][^:=\[\]()]{3,40}:\s+(?=\S)")
"""The name of a legend: “Conventional signs: Po - Provisional value”."""
BY_LEGEND = 0.95
MIN_WORD_LETTERS = 4


def find_marks(texts: Sequence[str], notes: Sequence[str], vocabulary: Vocabulary) -> Mapping[str, Candidate]:
    """Find marks after periods with their status, or empty. Marks after all periods are wording: “2020 г.”."""
    written = {text: " ".join(convert_years(text, vocabulary).split()) for text in texts}
    mark_by_text = {text: match["mark"] for text in texts if (match := MARKED_YEAR.fullmatch(written[text]))}
    mark_by_text = {
        text: mark
        for text, mark in mark_by_text.items()
        if not (mark.startswith("/") and f" {mark}" not in text and find_statuses(text, vocabulary))  # “2023/p”
    }
    mark_by_text = {text: mark for text, mark in mark_by_text.items() if not is_label(mark, vocabulary)}
    mark_by_text = {text: mark for text, mark in mark_by_text.items() if not is_word_for_year(mark, notes, vocabulary)}
    mark_by_text = {
        text: mark for text, mark in mark_by_text.items() if mark in YEAR_SIGNS or not mark.startswith(YEAR_SIGNS)
    }
    meanings = {mark: find_meaning_of_mark(mark, notes, vocabulary) for mark in dict.fromkeys(mark_by_text.values())}
    if len(mark_by_text) == len(texts) and len(meanings) == 1:
        mark, meaning = next(iter(meanings.items()))
        is_wording = plain(mark) in FILLERS or (not meaning.code and "note" not in meaning.reason)
        return {} if is_wording else meanings
    return meanings


def is_word_for_year(mark: str, notes: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Check whether a mark is only a word for a year, such as “г.”, with no status and no explanation in a note.

    A single Latin letter is such a word only with a dot: “2019 r.” is a year in Polish, “2019 r” a revised one in
    English.
    """
    word = plain(mark)
    if len(word) == 1 and word.isascii() and not mark.endswith("."):
        return False
    is_status = vocabulary.codes(STATUS, word) or vocabulary.codes(BESIDE_PERIODS, word)
    return (
        bool(vocabulary.codes(YEAR_WORD, word))
        and not is_status
        and not any(find_explanations(mark, notes, vocabulary))
    )


def is_label(mark: str, vocabulary: Vocabulary) -> bool:
    """Check whether a word after a year is a part of the year or a sex: “2021 Q1”, “2021 Men”, but not “2021 Total”."""
    word = plain(mark)
    sexes = {*vocabulary.codes("SEX", word), *vocabulary.list_short_codes("SEX", mark)} - {"_T"}
    is_part = any(vocabulary.codes(concept, word) for concept in ("MONTH", "QUARTER"))
    return (len(word) > 1 or not word.isascii()) and (is_part or bool(sexes))


def find_meaning_of_mark(mark: str, notes: Sequence[str], vocabulary: Vocabulary) -> Candidate:
    for noted in find_explanations(mark, notes, vocabulary):
        return noted
    codes = set(vocabulary.codes(STATUS, plain(mark)) or vocabulary.codes(BESIDE_PERIODS, plain(mark)))
    if len(codes) == 1 and not any(map(str.isdigit, mark)):
        return Candidate(
            codes.pop(), compute_confidence(mark), reason=f"“{mark}” after a year usually means this status"
        )
    return Candidate("", 0.0, reason="the table does not explain it")


def compute_confidence(mark: str) -> float:
    return BY_LEGEND if len(plain(mark)) >= MIN_WORD_LETTERS or WITHOUT_BLANKS.search(mark) else USUAL_MEANING


def find_explanations(mark: str, notes: Sequence[str], vocabulary: Vocabulary) -> Iterator[Candidate]:
    for meaning in _find_note_meanings(mark, notes):
        codes = {
            candidate.code
            for candidate in (*vocabulary.candidates(STATUS, meaning), *vocabulary.inside(STATUS, meaning))
        }
        codes |= {BREAK} if names_break(meaning, vocabulary) else set()
        is_one = len(codes) == 1
        code, sure = (codes.pop(), BY_LEGEND) if is_one else ("", 0.0)
        yield Candidate(code, sure, reason=f"a note says “{meaning[:60]}”", phrase=meaning)


def _find_note_meanings(mark: str, notes: Sequence[str]) -> Iterator[str]:
    bare = re.escape(unicodedata.normalize("NFKC", mark.strip("()[]./ ")))
    for note in notes:
        numbered = unicodedata.normalize("NFKC", note.strip())
        written = NUMBER_OR_TOPIC.sub(" ", numbered)
        legend = LEGEND_PATTERN.format(mark=bare)
        texts = (written, LEGEND_HEADING.sub("", written, count=1), numbered)
        match = next((found for text in texts if (found := re.match(legend, text, flags=re.IGNORECASE))), None)
        if match:
            yield match["meaning"].strip()


def strip_marks(component_map: ComponentMap, marks: Iterable[str]) -> ComponentMap:
    listed = tuple(marks)
    codes = {split_marks(text, listed)[0]: code for text, code in component_map.codes}
    if any(codes[split_marks(text, listed)[0]] != code for text, code in component_map.codes):
        return component_map
    return replace(component_map, codes=tuple((text, code) for text, code in codes.items() if text != code))
