"""Last year's mapping for this year's table, and the patterns of titles and notes by which it is recognised."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from sdmxmig.conversion.mapping.block_keys import list_allowed
from sdmxmig.conversion.mapping.grid import collapse_blanks, is_match, matches_any
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.mentions import read_title, split_words
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.times import list_named_months
from sdmxmig.conversion.suggestion.legends import is_entry, is_legend
from sdmxmig.conversion.suggestion.lines import Fit
from sdmxmig.conversion.suggestion.notes import SENTENCE
from sdmxmig.conversion.suggestion.period_statuses import STAGE
from sdmxmig.conversion.suggestion.periods import OF_A_YEAR
from sdmxmig.conversion.suggestion.questions import AREA, DECIDED, EVERYWHERE, LEAVE_OUT, Decisions, Question
from sdmxmig.conversion.suggestion.regions import PUBLICATION_CONCEPTS, Region
from sdmxmig.conversion.suggestion.sampling import FIRST_ROWS, LAST_ROWS
from sdmxmig.conversion.suggestion.title_values import NOT_APPLICABLE, STATUS, TOTAL, UNKNOWN
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules.words import find_code_name
from sdmxmig.sdmx.model.data import TO_CONFIRM, Block, Flow, SavedAnswer, TableMapping
from sdmxmig.sdmx.model.tables import Table

DEFINITION_ATTRIBUTES = frozenset({"RES_RULE", "DUR_BASIS", "POP_BASE", "REF_DATE", "AGEDEF", "STOCK_METHOD"})
NOT_CARRIED_OVER = frozenset(
    {"TIME_PERIOD", "FREQ", "REF_AREA", "OBS_STATUS", "REV_STAGE", "COMMENT_OBS", "COMMENT_DSET"}
)


MAX_ROUNDS = 4
"""An answer may raise another question that last year's answers settle too."""
CHANGED_CONFIDENCE = 0.5
"""Confidence in a value that differs from last year's."""
FIXED, LINE, NOTE, TIME = "fixed", "line", "note", "TIME_PERIOD"
SAYS_QUOTE = " says “"
"""Part of a reason that quotes a title or a note."""
NUMBERS, HAN_MONTH = re.compile(r"\[[^]]*\]|\d+"), re.compile(r"(\d{1,2})\s*[月월]")
FIGURE, OF_LABELS = re.compile(r"[-−+]?\d[\d\s.,'’]*%?"), ("codes", "values")
MARKED_YEAR = re.compile(r"\(?[^\W\d_]?\)?\s*\?{4}\W*[^\W\d_]?\W*")
"""A year without its digits, perhaps with a mark of one letter."""
NOT_STATED = ("", UNKNOWN, NOT_APPLICABLE)
Ask = Callable[[Decisions], Sequence[Question]]
"""Makes the proposal for this year's table with these decisions, and returns its questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedDecisions:
    """Decisions that still apply, answers for repeated questions, and values that no longer match."""

    decisions: Decisions
    answers: tuple[SavedAnswer, ...]
    changed: Decisions
    count: int


def carry_over(earlier: TableMapping, tables: Sequence[Table], ask: Ask, recogniser: Recogniser) -> CarriedDecisions:
    """Find earlier decisions that still apply; `ask` is called with them.

    Questions match if only years differ. Table-wide values apply unless the table contradicts. Signs and years whose
    notes changed are asked again.
    """

    @cache
    def is_explained_alike(subject: str) -> bool:
        return has_same_notes(subject, earlier, tables, recogniser)

    contents = extract_decisions(earlier, tables)
    contents = {about: code for about, code in contents.items() if is_explained_alike(find_subject(*about[1:]))}
    decisions = {about: code for about, code in contents.items() if not about[1].startswith(FIXED)}
    count = len(collect_found_labels(decisions, tables))
    answers: dict[tuple[str, str, str], SavedAnswer] = {}
    changed: dict[tuple[str, str, str], str] = {}
    questions = ask(decisions)
    asked = {question.part for question in questions}
    settled = {about: code for about, code in contents.items() if about[1].startswith(FIXED) and about[1] not in asked}
    for _ in range(MAX_ROUNDS):
        for question in questions:
            about = question.sheet, question.part, question.label
            is_new = question.chosen.reason != DECIDED and is_explained_alike(find_subject(*about[1:]))
            last = find_last_answer(question, earlier) if is_new else None
            decision = repeat_decision(question, last, earlier, tables) if last else ""
            if decision and (question.is_open or decision != question.chosen.code):
                settled[about] = decision
                answers[about] = SavedAnswer(*about, answer=decision, proposed=question.chosen.code)
            elif last and not decision and is_changed(question, last):
                changed[about] = last.answer
        if not settled.keys() - decisions.keys():
            break
        count += len(settled.keys() - decisions.keys())
        decisions |= settled
        questions = ask(decisions)
    return CarriedDecisions(decisions=decisions, answers=tuple(answers.values()), changed=changed, count=count)


def limit_to_flow(earlier: TableMapping, flow: Flow) -> TableMapping:
    """Return the decisions that also apply to another dataflow: codes that it allows and definitions.

    The values of its dimensions, such as the direction of moves, come from the new table.
    """
    allowed = list_allowed(flow)
    names = DEFINITION_ATTRIBUTES - {*flow.structure.key}
    blocks = (
        replace(
            block,
            fixed=tuple((name, code) for name, code in block.fixed if name in names),
            components=tuple(
                replace(each, codes=tuple(pair for pair in each.codes if pair[1] in allowed.get(each.component, pair)))
                for each in block.components
            ),
        )
        for block in earlier.blocks
    )
    answers = (
        answer
        for answer in earlier.answers
        if not answer.part.startswith(FIXED) or answer.part == AREA or answer.part.partition(" ")[2] in names
    )
    return replace(earlier, blocks=tuple(blocks), answers=tuple(answers))


def collect_found_labels(decisions: Decisions, tables: Sequence[Table]) -> frozenset[str]:
    texts = {collapse_blanks(text) for table in tables for text in table.cells["text"].unique()}
    return frozenset(label for _, _, label in decisions if collapse_blanks(label) in texts)


def list_last_answers(earlier: TableMapping) -> Iterator[SavedAnswer]:
    yield from earlier.answers
    answered = {(answer.part, answer.sheet) for answer in earlier.answers}
    for block in earlier.blocks:
        for name, code in block.fixed:
            if answered.isdisjoint((f"{FIXED} {name}", sheet) for sheet in (EVERYWHERE, block.sheet)):
                yield SavedAnswer(block.sheet, f"{FIXED} {name}", "", answer=code)


def find_last_answer(question: Question, earlier: TableMapping) -> SavedAnswer | None:
    """Return last year's answer with the years of this year's label; None if sheets disagree."""
    alike = [
        answer
        for answer in list_last_answers(earlier)
        if answer.part == question.part
        and (question.part.startswith(LINE) or remove_years(answer.label) == remove_years(question.label))
    ]
    sheets = {remove_years(sheet) for sheet in question.sheets or (question.sheet,)}
    same_sheets = [answer for answer in alike if answer.sheet in (question.sheets or (question.sheet,))]
    same_sheets = (
        same_sheets
        or [answer for answer in alike if answer.sheet == EVERYWHERE or remove_years(answer.sheet) in sheets]
        or alike
    )
    same_label = [answer for answer in same_sheets if answer.label == question.label] or same_sheets
    if question.part.startswith(NOTE):  # a year has its own statement, which was of another year last time
        same_label = [answer for answer in same_sheets if is_same_proposal(answer, question)]
    moved = [shift_year_answer(answer, question.label) for answer in same_label]
    if len({answer.answer for answer in moved}) != 1:
        return None
    return next((answer for answer in moved if is_same_proposal(answer, question)), moved[0])


def is_same_proposal(last: SavedAnswer, question: Question) -> bool:
    return remove_years(last.proposed) == remove_years(question.chosen.code)


def shift_year_answer(answer: SavedAnswer, label: str) -> SavedAnswer:
    before, now = (WRITTEN_YEARS.findall(text) for text in (answer.label, label))
    moved = {int(later) - int(earlier) for earlier, later in zip(before, now, strict=False)}
    if len(moved) != 1 or len(before) != len(now):
        return answer
    shift = moved.pop()

    def later(text: str) -> str:
        return WRITTEN_YEARS.sub(lambda year: str(int(year[0]) + shift) if year[0] in before else year[0], text)

    return replace(answer, label=label, answer=later(answer.answer), proposed=later(answer.proposed))


def repeat_decision(question: Question, last: SavedAnswer, earlier: TableMapping, tables: Sequence[Table]) -> str:
    """Return last year's decision for a question; empty if it must be made again."""
    kind, _, name = question.part.partition(" ")
    now = question.chosen.code
    if last.answer == last.proposed and is_same_proposal(last, question):
        return now
    if kind != FIXED:
        return "" if last.answer != LEAVE_OUT and is_period_of_title(question.part, question.label) else last.answer
    if name == TIME:
        offers = (code for code in (now, *(other.code for other in question.others)) if code)
        return next(
            (code for code in offers if has_dates_like_earlier_title(last, code, question, earlier, tables)), ""
        )
    if question.part == AREA:
        is_same = all(matches_texts(block.required_texts, tables) for block in earlier.blocks)
        return last.answer if question.is_open and is_same else ""
    if name in NOT_CARRIED_OVER:
        return ""
    is_silent = is_same_proposal(last, question) or (
        last.proposed in NOT_STATED and SAYS_QUOTE not in question.chosen.reason
    )
    return last.answer if now == last.answer or (is_silent and still_applies(name, earlier, tables)) else ""


def has_dates_like_earlier_title(
    last: SavedAnswer, period: str, question: Question, earlier: TableMapping, tables: Sequence[Table]
) -> bool:
    """Check whether this year's tables have last year's title with the year of this period instead of last year's."""
    before, now = (WRITTEN_YEARS.findall(code) for code in (last.answer, period))
    if len(before) != 1 or len(now) != 1 or remove_years(last.answer) != remove_years(period):
        return False
    titles = {
        text
        for block in earlier.blocks
        if is_match(last.sheet, block.sheet) or is_match(block.sheet, last.sheet)
        for text in block.required_texts
        if WRITTEN_YEARS.findall(text) == before
    }
    sheets = question.sheets or (question.sheet,)
    read = [table for table in tables if any(is_match(table.sheet, sheet) for sheet in sheets)]
    texts = {text for table in read for text in table.cells["text"].unique()}
    return bool(titles) and all(
        any(matches_any(text, (title.replace(before[0], now[0]),)) for text in texts) for title in titles
    )


def is_period_of_title(part: str, label: str) -> bool:
    """Check whether only a title has the year of a label, so that last year's “Jan” is a different month."""
    return part == "codes TIME_PERIOD" and not WRITTEN_YEARS.search(label)


def still_applies(component: str, earlier: TableMapping, tables: Sequence[Table]) -> bool:
    blocks = [block for block in earlier.blocks if component in dict(block.fixed)]
    return all(component in dict(find_valid_fixed_codes(block, tables)) for block in blocks)


def is_changed(question: Question, last: SavedAnswer) -> bool:
    kind, _, name = question.part.partition(" ")
    return kind == FIXED and name not in NOT_CARRIED_OVER and question.chosen.code != last.answer


def open_changed_questions(questions: Iterable[Question], changed: Decisions, flow: Flow) -> Iterator[Question]:
    for question in questions:
        last = changed.get((question.sheet, question.part, question.label), "")
        if not last or question.chosen.reason == DECIDED:
            yield question
            continue
        name = find_code_name(flow, question.part.partition(" ")[2], last, "en")
        said = question.chosen.reason
        now = f"this year {said}" if SAYS_QUOTE in said else "this year's table does not state it"
        reason = f"last year's mapping has {name} ({last}), but {now}"
        others = (
            Candidate(last, CHANGED_CONFIDENCE, reason="as last year"),
            *(other for other in question.others if other.code != last),
        )
        chosen = replace(question.chosen, confidence=min(CHANGED_CONFIDENCE, question.chosen.confidence), reason=reason)
        yield replace(question, chosen=chosen, others=others)


def remove_years(text: str) -> str:
    """Remove years from a text, to compare editions of a table.

    >>> (remove_years("Change 2022-2023") == remove_years("Change 2023-2024"),
    ...  remove_years("2023年") == remove_years("٢٠٢٤年"))
    (True, True)
    """
    return WRITTEN_YEARS.sub("????", collapse_blanks(text))


MIN_KEPT = 0.5
"""Minimum share of last year's titles and notes, and of its labels, in this year's table."""


def find_last_mappings(tables: Sequence[Table], mappings: Iterable[TableMapping]) -> dict[str, TableMapping]:
    """Return by dataflow the last mapping that has the titles or notes of these tables and their labels."""
    texts: set[str] = set()
    cells = {collapse_blanks(text) for table in tables for text in table.cells["text"].unique()}
    for table in tables:
        is_outer = (pl.col("row") <= FIRST_ROWS) | (pl.col("row") > table.last_row - LAST_ROWS)
        texts |= {*table.cells.filter(is_outer)["text"].unique()}
    texts |= {remove_years(text) for text in texts}
    return {
        each.flow: each
        for each in mappings
        if not any(is_match(table.file, each.file) for table in tables)
        and (titles := {title for block in each.blocks for title in block.required_texts})
        and (match_all(texts, titles) or has_same_layout(each, titles, texts, cells))
    }


def has_same_layout(
    earlier: TableMapping, titles: Collection[str], texts: Collection[str], cells: Collection[str]
) -> bool:
    """Check whether most sentences of titles and notes, and most labels, are those of an earlier mapping."""
    now, last = ([piece.strip(" .") for text in each for piece in SENTENCE.split(text)] for each in (texts, titles))
    kept = [piece for piece in last if match_all(now, [piece])]
    maps = [each for block in earlier.blocks for each in block.components if each.component != TIME]
    labels = {collapse_blanks(text) for each in maps for text, _ in each.codes}
    is_alike = len(labels.intersection(cells)) > MIN_KEPT * len(labels)
    return is_alike and len(kept) > MIN_KEPT * len(last)


def has_same_texts(tables: Sequence[Table], last: Sequence[Table], recogniser: Recogniser) -> bool:
    """Check whether titles, heads and notes are those of last year, in the same order of sheets, apart from years."""
    now, then = ([*dict.fromkeys(collect_texts(table, recogniser) for table in each)] for each in (tables, last))
    chosen = {sheet for sheet, _ in now}
    return now == [(sheet, texts) for sheet, texts in then if sheet in chosen]


def collect_texts(table: Table, recogniser: Recogniser) -> tuple[str, frozenset[str]]:
    """Return the name of a sheet and its texts in rows without figures.

    Days of publication, marks of years and their legends are left out: marks are compared one by one.
    """
    is_outer = (pl.col("row") <= FIRST_ROWS) | (pl.col("row") > table.last_row - LAST_ROWS)
    texts: dict[int, set[str]] = {}
    for row, text in table.cells.filter(is_outer).select("row", "text").iter_rows():
        texts.setdefault(row, set()).add(remove_years(text))
    heads = {text for row in texts.values() if not any(map(FIGURE.fullmatch, row)) for text in row}
    return remove_years(table.sheet), frozenset(
        text
        for text in heads
        if not MARKED_YEAR.fullmatch(text)
        and not is_dated(text, recogniser)
        and not is_entry(text, recogniser.vocabulary)
        and not is_legend(text, recogniser.vocabulary)
    )


def is_dated(text: str, recogniser: Recogniser) -> bool:
    return any(mention.at == 0 for mention in read_title(text, recogniser).of(*PUBLICATION_CONCEPTS))


def keep_labels(earlier: TableMapping) -> TableMapping:
    """Return the mapping with its codes of labels and signs, without what the texts of its table stated."""
    answers = tuple(each for each in earlier.answers if each.part.split()[0] in OF_LABELS)
    return replace(earlier, blocks=tuple(replace(block, fixed=()) for block in earlier.blocks), answers=answers)


def extract_decisions(earlier: TableMapping, tables: Sequence[Table]) -> Decisions:
    """Extract codes, omissions and table-wide values; those from titles need all required titles."""
    decisions: dict[tuple[str, str, str], str] = {}
    values: dict[str, dict[str, set[str]]] = {}
    for block in earlier.blocks:
        for name, code in find_valid_fixed_codes(block, tables):
            values.setdefault(name, {}).setdefault(block.sheet, set()).add(code)
    for name, by_sheet in values.items():
        codes = set().union(*by_sheet.values())
        codes_by_sheet = {EVERYWHERE: codes} if len(codes) == 1 else by_sheet
        decisions |= {
            (sheet, f"fixed {name}", ""): min(sheet_codes)
            for sheet, sheet_codes in codes_by_sheet.items()
            if len(sheet_codes) == 1
        }
    for block in earlier.blocks:
        for component_map in block.components:
            part = f"codes {component_map.component}"
            shared = [dict(each.codes) for each in block.components if each is not component_map]
            decisions |= {
                (EVERYWHERE, part, text): code
                for text, code in component_map.codes
                if not is_period_of_title(part, text)
                and not (code == TOTAL and any(text in codes for codes in shared))  # a total beside the part it names
            }
            last = component_map.source.parts[-1]
            skips = block.skip_columns if last.kind == "header" else block.skip_rows
            skips_of_line = [
                skip for skip in skips if not skip.column and skip.source(last.kind) in (component_map.source, last)
            ]
            confirmed = [skip for skip in skips_of_line if not skip.reason.endswith(TO_CONFIRM)]
            decisions |= {(EVERYWHERE, f"codes {component_map.component}", skip.match): LEAVE_OUT for skip in confirmed}
        for mark, attributes in block.values.marks:
            statuses = [code for name, code in attributes if name in (STATUS, STAGE)]  # only these are asked
            decisions |= {(EVERYWHERE, "values", f"the mark “{mark}”"): code for code in statuses}
    return decisions


def matches_texts(patterns: Collection[str], tables: Sequence[Table]) -> bool:
    texts = {text for table in tables for text in table.cells["text"].unique()}
    if match_all(texts | {remove_years(text) for text in texts}, patterns):
        return True
    texts |= {join_cells(cells) for table in tables for cells in table.rows.values() if len(cells) == NOTE_CELLS}
    return match_all(texts | {remove_years(text) for text in texts}, patterns)


def match_all(texts: Collection[str], patterns: Iterable[str]) -> bool:
    return all(any(matches_any(text, (pattern, remove_years(pattern))) for text in texts) for pattern in patterns)


def find_subject(part: str, label: str) -> str:
    """Return the sign or mark of a question, or `TIME`; empty if no note explains it."""
    return label.partition("“")[2].removesuffix("”") if part == "values" else TIME if part.endswith(TIME) else ""


def has_same_notes(subject: str, earlier: TableMapping, tables: Sequence[Table], recogniser: Recogniser) -> bool:
    """Check whether the notes on a sign or on the first day of years are those of last year, apart from years.

    Mappings do not store notes on sheets without figures, so these never count as the same.
    """
    required = {text for block in earlier.blocks for text in block.required_texts}
    last = list_explanations((text for text in required if explains(text, subject, recogniser)), subject, recogniser)
    sheets = {remove_years(block.sheet) for block in earlier.blocks}
    read = [table for table in tables if any(is_match(remove_years(table.sheet), sheet) for sheet in sheets)]
    beside = [table for table in tables if table not in read and all(map(has_no_figure, table.rows.values()))]
    found = [[*find_explaining_notes(table, {subject}, recogniser)] for table in (*read, *beside)]
    notes, kept = (
        list_explanations((text for texts in place for text in texts), subject, recogniser)
        for place in (found, found[: len(read)])
    )
    return (matches_texts(last, read) or match_all(kept, last)) and all(matches_any(note, last) for note in notes)


def list_explanations(texts: Iterable[str], subject: str, recogniser: Recogniser) -> frozenset[str]:
    """Return notes without years; from notes on the first day of years, only the relevant sentences."""
    pieces = [piece.strip(" .") for text in texts for piece in (SENTENCE.split(text) if subject == TIME else [text])]
    return frozenset(remove_years(piece) for piece in pieces if subject != TIME or explains(piece, subject, recogniser))


def find_explaining_notes(table: Table, subjects: Collection[str], recogniser: Recogniser) -> Iterator[str]:
    """Yield the texts, in one cell or two, that explain one of these signs, or the first day of years."""
    for cells in table.rows.values() if any(subjects) else ():
        text = join_cells(cells) if len(cells) <= NOTE_CELLS and has_no_figure(cells) else ""
        if text and any(explains(text.translate(SIGNS), subject, recogniser) for subject in subjects):
            yield text


def join_cells(cells: Mapping[int, str]) -> str:
    return collapse_blanks(" ".join(text for _, text in sorted(cells.items())))


def has_no_figure(row: Mapping[int, str]) -> bool:
    """Check whether a row has no number, or only that of the note that follows."""
    texts = [text.strip() for _, text in sorted(row.items()) if text.strip()]
    is_numbered = len(texts) > 1 and texts[0].isdecimal() and len(texts[0]) <= LONGEST_NOTE_NUMBER
    return not any(text.isdecimal() for text in (texts[1:] if is_numbered else texts))


def explains(pattern: str, subject: str, recogniser: Recogniser) -> bool:
    """Check whether a sentence begins with a sign, or says when years begin or end."""
    return states_year_start(pattern, recogniser) if subject == TIME else explains_sign(pattern, subject)


def states_year_start(sentence: str, recogniser: Recogniser) -> bool:
    """Check whether a sentence names fiscal years and a month, or twelve months from one month to another."""
    reading = read_title(sentence, recogniser)
    months = list_named_months(sentence, recogniser.vocabulary) or [*map(int, HAN_MONTH.findall(sentence))]
    months = months or [int(each.code.removeprefix("D")[:2]) for each in reading.of("MONTH", "DATE")]
    is_year = any(each.code in OF_A_YEAR for each in reading.of("LENGTH"))
    return bool(months) and (is_year or months[1:] == [(months[0] - 2) % MONTHS + 1])


def explains_sign(pattern: str, sign: str) -> bool:
    """Check whether a sentence begins with a sign.

    >>> [explains_sign("z – data; [*] – data", "*"), explains_sign("*data", "*"), explains_sign("p暂定", "p")]
    [True, False, True]
    """
    end = r"(?![a-z0-9])" if sign[-1:].isalnum() else ""
    begins = rf"(?:^|[;|:.,]\s*|[(\[“\"«„'‘]){re.escape(sign.translate(SIGNS))}{end}\W*[^\W\d_]{{2}}"
    return bool(sign and re.search(begins, pattern))


def match_any_number(pattern: str) -> str:
    return NUMBERS.sub(lambda found: found[0] if found[0].startswith("[") else "[0-9]*", remove_years(pattern))


def find_valid_fixed_codes(block: Block, tables: Sequence[Table]) -> Iterator[tuple[str, str]]:
    same = matches_texts(block.required_texts, tables)
    if not same and matches_texts([*map(match_any_number, block.required_texts)], tables):
        return  # “6 months or more” instead of “12 months or more”
    for name, code in block.fixed:
        if name not in NOT_CARRIED_OVER and (same or name in DEFINITION_ATTRIBUTES):
            yield name, code


def find_area(earlier: TableMapping) -> str:
    codes = {code for block in earlier.blocks for name, code in block.fixed if name == "REF_AREA"}
    return codes.pop() if len(codes) == 1 else ""


DECISIVE_COMPONENTS = (
    "SEX",
    "DIRECTION",
    "CTZ_STATUS",
    "BIRTH_STATUS",
    "MEASURE",
    "GROUP",
    "PLACE",
    "OBS_STATUS",
    "UNIT",
    "UNIT_MULT",
    "UNIT_MEASURE",
    "DATE",
    "REF_DATE",
    "EXCLUDING",
    "INCLUDING",
    "ADM_ITEM",
    "PROT_ITEM",
    "PROT_STATUS",
    "TMP_ITEM",
    "CTZ_ITEM",
    "REASON",
    "MOB_TYPE",
)
NOTE_COMPONENTS = ("OBS_STATUS", "UNIT", "UNIT_MULT", "EXCLUDING")
NUMBER = re.compile(r"^[^\w*†‡§#]*(?:[^\W\d_]{1,10}\.?\s*)?(?:№\s*)?\d[\d./-]*(?:\([a-z]\)|[a-z])?(?=[\s:.,–—-])")
LAST_OF_NUMBER = re.compile(r"(?P<digit>\d)(?P<letter>(?:\([a-z]\)|[a-z])?)(?P<stop>[./-]*)$")
LETTER_CLASS = "[a-z]"
WRITTEN_YEARS = re.compile(r"(?<!\d)(?:1[3-9]|2[0-5]|١[٣-٩]|٢[٠-٥]|۱[۳-۹]|۲[۰-۵]|१[३-९]|२[०-५]|๒[๔-๕])\d\d(?!\d)")
"""Years in digits of any script, and in the calendars of offices."""
YEAR = re.compile(r"(?<!\d)(?:1[89]|20|١[٨٩]|٢٠|۱[۸۹]|۲۰)\d\d(?:(?P<to>[-–/])(?P<last>\d\d))?(?!\d)")
ANY_YEAR, ANY_LATER_YEAR = "????", "??"
SIGNS = str.maketrans({"[": "[[]", "?": "[?]", "*": "[*]"})
SHORTEST, MONTHS = 3, 12
NOTE_CELLS, LONGEST_NOTE_NUMBER = 2, 2
"""Maximum number of cells of a note, and of digits of its number."""


def build_patterns(
    titles: Sequence[str], notes: Sequence[str], explaining: Iterable[str], recogniser: Recogniser, *, dated: bool
) -> tuple[str, ...]:
    """Build patterns of the titles and notes behind decisions, without table numbers; with years if `dated`."""
    usable = [title for title in titles if len(title) > SHORTEST and not is_source(title, recogniser)]
    main = max(usable, key=lambda title: len(split_words(title)), default="")
    deciding = [title for title in usable if title == main or has_concept(title, DECISIVE_COMPONENTS, recogniser)]
    deciding += [
        note for note in notes if not is_source(note, recogniser) and has_concept(note, NOTE_COMPONENTS, recogniser)
    ]
    return tuple(dict.fromkeys(build_pattern(text, dated=dated) for text in (*deciding, *explaining)))


def select_heads(fits: Iterable[Fit], region: Region, anchors: Sequence[str]) -> tuple[str, ...]:
    rows = region.table.rows
    cells = {" ".join(text.split()) for row in range(region.top, region.first) for text in rows.get(row, {}).values()}
    heads = [" ".join(fit.line.head.split()) for fit in fits if fit.line.source.kind == "column"]
    sought = [head for head in heads if head in cells and head not in anchors]
    return tuple(dict.fromkeys(build_pattern(head, dated=False) for head in sought if head))


def is_source(title: str, recogniser: Recogniser) -> bool:
    reading = read_title(title, recogniser)
    return reading.is_source or is_dated(title, recogniser)


def has_concept(title: str, concepts: Sequence[str], recogniser: Recogniser) -> bool:
    return bool(read_title(title, recogniser).of(*concepts))


def build_pattern(title: str, *, dated: bool) -> str:
    """Convert a title to a pattern; table numbers may change, words may not.

    >>> build_pattern("Table 3.1: Immigrants by sex, 2015-2023 (thousands)", dated=False)
    '*[0-9]: Immigrants by sex, ????-???? (thousands)'
    >>> build_pattern("Tab. 4a. Asylum seekers", dated=False), build_pattern("Table 4(b) Refugees", dated=False)
    ('*[0-9][a-z]. Asylum seekers', '*[0-9]([a-z]) Refugees')
    >>> build_pattern("Entries, 2021/22–2022/23", dated=False), build_pattern("الوافدون ٢٠٢٣", dated=False)
    ('Entries, ????/??–????/??', 'الوافدون ????')
    >>> build_pattern("Foreigners on 1 January 2023", dated=True)
    'Foreigners on 1 January 2023'
    """
    written = " ".join(title.split())
    number = NUMBER.match(written)
    last = LAST_OF_NUMBER.search(number[0]) if number and number.end() < len(written) else None
    words = written[number.end() if number and last else 0 :].translate(SIGNS)
    return (build_number_pattern(last) if last else "") + (words if dated else YEAR.sub(match_any_year, words))


def match_any_year(written: re.Match[str]) -> str:
    """Return the pattern of any year written like this one; two digits that may be a month stay unchanged.

    >>> [YEAR.sub(match_any_year, text) for text in ("2015–23", "2022/23", "2023-06", "2005-12")]
    ['????–??', '????/??', '????-06', '????-12']
    """
    if not written["to"]:
        return ANY_YEAR
    last, year = int(written["last"]), int(written[0][:4]) % 100
    is_year = last == (year + 1) % 100 or last > max(year, MONTHS)
    return f"{ANY_YEAR}{written['to']}{ANY_LATER_YEAR if is_year else written['last']}"


def build_number_pattern(last: re.Match[str]) -> str:
    digit = "[0-9]" if last["digit"].isascii() else "?"
    letter = f"({LETTER_CLASS})" if "(" in last["letter"] else LETTER_CLASS if last["letter"] else ""
    return f"*{digit}{letter}{last['stop']}"
