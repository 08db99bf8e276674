"""Proposed mappings with questions, some common to several sheets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import combinations
from pathlib import PurePath

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import NOTE_SIGNS
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.competing_tables import FIXED_PART, resolve_competing_tables
from sdmxmig.conversion.suggestion.cut_labels import (
    add_headings,
    join_split_labels,
    mark_announcements,
    mark_nested_sexes,
    mark_parts_of_years,
)
from sdmxmig.conversion.suggestion.draft import Draft, build_draft
from sdmxmig.conversion.suggestion.earlier_mapping import has_no_figure
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, list_lines
from sdmxmig.conversion.suggestion.other_counts import counts_moves
from sdmxmig.conversion.suggestion.other_measures import DIRECTION
from sdmxmig.conversion.suggestion.periods import is_cumulative
from sdmxmig.conversion.suggestion.questions import (
    ADD_UP,
    AND,
    AREA,
    DECIDED,
    EVERYWHERE,
    HIDDEN,
    LEAVE_OUT,
    SHEET,
    SUMS,
    TITLE,
    Basis,
    Decisions,
    Question,
    ask,
    build_hidden_question,
    decided,
    gather_questions,
)
from sdmxmig.conversion.suggestion.questions import apply_decisions as with_decisions
from sdmxmig.conversion.suggestion.region_names import RESTS
from sdmxmig.conversion.suggestion.region_splitting import find_regions, mark_rates
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sampling import restore_region
from sdmxmig.conversion.suggestion.title_values import NOT_APPLICABLE, UNKNOWN, list_other_codes
from sdmxmig.primitives.places import describe_spans, name_column
from sdmxmig.sdmx.frames import DEFINITIONS
from sdmxmig.sdmx.model.data import OF_ANOTHER_FLOW, Block, DerivedValue, DroppedCode, Flow, TableMapping
from sdmxmig.sdmx.model.tables import Table

MAX_NOTES_ELSEWHERE = 200
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Proposal:
    mapping: TableMapping
    questions: tuple[Question, ...]
    _: KW_ONLY
    regions: tuple[Region, ...]

    @property
    def open(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.is_open)


def suggest(tables: Sequence[Table], known: FlowKnowledge, area: str, decisions: Decisions | None = None) -> Proposal:
    """Propose a mapping for a workbook; uncertain parts are left out or asked, long sheets are sampled."""
    decisions = decisions or {}
    regions = collect_regions(tables, known)
    of_moves = [names_moves(region, known) for region in regions]
    bases = [
        Basis(
            region,
            known,
            area=area,
            decisions=decisions,
            beside_moves=sum(of_moves) > is_of_moves,
            elsewhere=(*list_texts_without_figures(tables, [region.table.sheet]), *list_legends_below(region, regions)),
        )
        for region, is_of_moves in zip(regions, of_moves, strict=True)
    ]
    drafts, about_others = select_drafts(apply_answers(bases, decisions), known)
    chosen, about_competing = resolve_competing_tables(drafts, known.flow)
    with_competing = {question.sheet for question in about_competing}
    shown = [draft for at, draft in enumerate(drafts) if at in chosen or is_competing(draft, with_competing)]
    settled = [question for draft in shown for question in with_decisions(draft.questions, draft.basis.decisions)]
    blocks, questions = merge_attribute_questions([drafts[at].block for at in chosen], settled, known.flow, decisions)
    whole_regions = tuple(restore_region(drafts[at].region, tables) for at in chosen)
    with_hidden = [restore_region(drafts[at].whole, tables) for at in chosen]
    others = [*gather_questions([*about_competing, *about_others]), *ask_about_hidden(with_hidden, decisions)]
    return Proposal(
        add_sums(build_mapping(blocks, tables, known.flow), [region.name for region in whole_regions], decisions),
        (*gather_questions_except(with_competing, questions), *with_decisions(others, decisions)),
        regions=whole_regions,
    )


def ask_about_hidden(regions: Sequence[Region], decisions: Decisions) -> Iterator[Question]:
    names: dict[str, list[str]] = {}
    for region in regions:
        table = region.table
        if table.hidden or decided(decisions, table.sheet, HIDDEN) == LEAVE_OUT:
            continue
        rows = sorted(table.hidden_rows & region.counted) if table.hidden_rows else []
        columns = sorted(table.hidden_columns.intersection(region.values))
        if rows or columns:
            names.setdefault(table.sheet, []).extend(
                (*describe_spans(rows, str), *describe_spans(columns, name_column))
            )
    if names:
        several = tuple(names) if len(names) > 1 else ()
        listed = "; ".join(
            f"{f'“{sheet}” ' if several else ''}{', '.join(dict.fromkeys(parts))}" for sheet, parts in names.items()
        )
        chosen = Candidate("", 0.0, reason=listed)
        yield build_hidden_question(EVERYWHERE if several else next(iter(names)), chosen, several)


def collect_regions(tables: Sequence[Table], known: FlowKnowledge) -> list[Region]:
    vocabulary = known.vocabulary
    regions = [region for table in tables for region in find_regions(table, vocabulary)]
    marked = (mark_announcements(region, known.recogniser) for region in regions)
    cut = (join_split_labels(region, known.recogniser) for region in marked)
    if "SEX" in known.flow.structure.key:
        cut = (mark_nested_sexes(region, vocabulary) for region in cut)
    dated = (mark_parts_of_years(region, vocabulary) for region in cut)
    return [mark_rates(add_headings(region, vocabulary), vocabulary) for region in dated]


def list_texts_without_figures(tables: Sequence[Table], sheets: Collection[str]) -> tuple[str, ...]:
    """Return the rows of sheets without figures as texts: “[p] provisional”, “1 Excluding cruise passengers”.

    Leaves out rows that name other sheets than `sheets`, and the title above a list of such rows.
    """
    texts: list[str] = []
    for table in tables:
        rows = [[" ".join(text.split()) for text in row.values()] for _, row in sorted(table.rows.items())]
        if not all(has_no_figure(row) for row in table.rows.values()):
            continue
        are_of_others = [all(names_another_sheet(row, sheet) for sheet in sheets) for row in rows]
        is_list = sum(are_of_others) > 1 and not are_of_others[0]
        texts += [
            " ".join(filter(None, row))
            for at, (row, is_of_others) in enumerate(zip(rows, are_of_others, strict=True))
            if not (is_of_others or (is_list and at == 0))
        ]
    return tuple(filter(None, texts))[:MAX_NOTES_ELSEWHERE]


def names_another_sheet(row: Sequence[str], sheet: str) -> bool:
    """Check whether a text of a row begins with the name of a numbered sheet other than `sheet`.

    >>> names_another_sheet(["Table 1", "Immigration by sex"], "Table 2")
    True
    >>> names_another_sheet(["Table 1", "Immigration by sex"], "Table 1")
    False
    >>> names_another_sheet(["Table 1 and 2: provisional"], "Table 2")
    False
    """
    words = DIGITS.split(sheet.casefold())
    if len(words) == 1 or not any(map(str.isalpha, sheet)):
        return False
    named = re.compile(r"\d+".join(map(re.escape, words)) + r"(?!\w)")
    numbers = {*DIGITS.findall(sheet)}
    return any(named.match(text.casefold()) and not numbers <= {*DIGITS.findall(text)} for text in row)


LEGEND_SIGN = re.compile(rf"(?:\.{{1,3}}|…|:|[{NOTE_SIGNS}]{{1,3}})\s*[=:–—-]?\s*\w.*")
"""A sign with its meaning: “.. not available”. A dash may begin an item of a list."""


def list_legends_below(region: Region, regions: Sequence[Region]) -> list[str]:
    """Return the notes that explain signs below the other tables of a region's sheet."""
    others = [each for each in regions if each is not region and each.table.sheet == region.table.sheet]
    notes = dict.fromkeys(note for each in others for note in each.notes if LEGEND_SIGN.fullmatch(note))
    return [note for note in notes if note not in region.notes]


def names_moves(region: Region, known: FlowKnowledge) -> bool:
    titles = (" ".join(text.split()) for text in (*region.titles, *region.corner, region.table.sheet))
    return any(counts_moves(read_title(title, known.recogniser), known.vocabulary) for title in titles)


def apply_answers(bases: Sequence[Basis], decisions: Decisions) -> list[Draft]:
    drafts = [build_draft(basis) for basis in bases]
    answers = limit_common_answers(drafts, decisions)
    return [
        draft if its_answers == decisions else build_draft(replace(draft.basis, decisions=its_answers))
        for draft, its_answers in zip(drafts, answers, strict=True)
    ]


def select_drafts(drafts: Sequence[Draft], known: FlowKnowledge) -> tuple[list[Draft], list[Question]]:
    """Return drafts that give dimensions of a dataflow, and questions about other regions."""
    key = known.flow.structure.key
    giving = [
        draft for draft in drafts if any(component_map.component in key for component_map in draft.block.components)
    ] or [draft for draft in drafts if len(draft.region.figures) == 1]
    wanted = [draft for draft in giving if not is_omitted(draft)]
    elsewhere = [question for draft in wanted for question in draft.elsewhere]
    unread = [explain_omission(draft) if is_omitted(draft) else explain_unread(draft, known) for draft in drafts]
    return [draft for draft in wanted if not draft.elsewhere], [*elsewhere, *(() if wanted else unread)]


def is_competing(draft: Draft, with_competing: Collection[str]) -> bool:
    return draft.region.is_part and draft.region.name in with_competing


def gather_questions_except(sheets: Collection[str], questions: Sequence[Question]) -> list[Question]:
    alike = [question for question in questions if question.sheet not in sheets]
    return [*gather_questions(alike), *(question for question in questions if question.sheet in sheets)]


def build_mapping(blocks: Sequence[Block], tables: Sequence[Table], flow: Flow) -> TableMapping:
    file = PurePath(tables[0].file).name if tables else ""
    name = re.sub(r"[^A-Z0-9]+", "_", PurePath(file).stem.upper()).strip("_") or "TABLE"
    numbered = tuple(add_keys(block, number) for number, block in enumerate(blocks, start=1))
    direction = find_only_codes(flow).get(DIRECTION, "")
    others = (
        {code for block in blocks for code in list_direction_codes(block)} - {direction} if direction else set[str]()
    )
    dropped = tuple(DroppedCode(DIRECTION, code, reason=OF_ANOTHER_FLOW) for code in sorted(others))
    return TableMapping(f"MAP_{name}", flow.id, file=file, blocks=numbered, dropped=dropped)


def add_sums(mapping: TableMapping, names: Sequence[str], decisions: Decisions) -> TableMapping:
    """Add up the figures of labels with one code, where decided; `names` are those of the regions."""
    for (sheet, part, listed), answer in decisions.items():
        kind, _, component = part.partition(" ")
        if kind not in (SUMS, RESTS) or answer != ADD_UP:
            continue
        labels, codes = listed.split(AND), dict[str, str]()
        blocks = []
        for block, name in zip(mapping.blocks, names, strict=True):
            components = list(block.components)
            for at, read in enumerate(components):
                shared = [pair for pair in read.codes if read.component == component and pair[0] in labels]
                if sheet in (name, EVERYWHERE) and len(shared) > 1:
                    codes |= shared
                    components[at] = replace(read, codes=tuple(pair for pair in read.codes if pair not in shared))
            blocks.append(replace(block, components=tuple(components)))
        if len(set(codes.values())) == 1:
            terms = tuple((1, label) for label in codes)
            added = DerivedValue(component, next(iter(codes.values())), terms=terms, labels=tuple(codes))
            mapping = replace(mapping, blocks=tuple(blocks), derived=(*mapping.derived, added))
    return mapping


def list_direction_codes(block: Block) -> frozenset[str]:
    read = (component_map.codes for component_map in block.components if component_map.component == DIRECTION)
    return frozenset(code for codes in read for _, code in codes)


def explain_unread(draft: Draft, known: FlowKnowledge) -> Question:
    lines = [line for line in list_lines(draft.region) if len(line.texts) > 1]
    some_labels = "; ".join(f"“{', '.join(line.texts[:3])}”" for line in lines[:2])
    since = next((line.texts[0] for line in lines if is_cumulative(line.texts)), "")
    reason = f"its labels match no dimension of {known.flow.id}: {some_labels}"
    if since:
        reason = f"its figures are cumulative since {since} and do not refer to single periods: {some_labels}"
    return ask(draft.region.name, SHEET, f"not proposed: {reason}")


def explain_omission(draft: Draft) -> Question:
    return ask(draft.region.name, SHEET, "an answer about the table leaves it out")


def is_omitted(draft: Draft) -> bool:
    basis = draft.basis
    questions = (question for question in draft.questions if question.part in (TITLE, AREA))
    return any(
        decided(basis.decisions, basis.sheet, question.part, question.label) == LEAVE_OUT for question in questions
    )


def add_keys(block: Block, number: int) -> Block:
    key = f"block[{number}]"
    components = tuple(
        replace(component_map, key=f"{key}.components.{component_map.component}") for component_map in block.components
    )
    notes = tuple(replace(noted, key=f"{key}.notes[{at}]") for at, noted in enumerate(block.notes, start=1))
    return replace(block, key=key, components=components, notes=notes)


MIN_SOME_SHARE = 0.6
"""Confidence in a value that only some sheets state."""


def merge_attribute_questions(
    blocks: Sequence[Block], questions: Sequence[Question], flow: Flow, decisions: Decisions
) -> tuple[tuple[Block, ...], tuple[Question, ...]]:
    """Ask once for each attribute of the dataset, and for definitions unless they differ by series."""
    of_dataset = [component.id for component in flow.structure.attributes("dataset")]
    for name in (*of_dataset, *(name for name in DEFINITIONS if name in flow.structure and name not in of_dataset)):
        part = f"fixed {name}"
        about = [question for question in questions if question.part == part]
        codes = {code: None for block in blocks for component, code in block.fixed if component == name}
        codes |= {question.chosen.code: None for question in about}
        if len(codes) < 2 or (name not in of_dataset and differ_by_series(blocks, name, flow)):
            continue
        question = merge_questions(about, part, codes, decisions, flow)
        blocks = [set_fixed_value(block, name, question) for block in blocks]
        questions = [*(question for question in questions if question.part != part), question]
    return tuple(blocks), tuple(questions)


def differ_by_series(blocks: Sequence[Block], name: str, flow: Flow) -> bool:
    """Check whether blocks state several codes of an attribute, with no series likely to have two of them."""
    stated = [(dict(block.fixed).get(name, ""), block) for block in blocks]
    telling = [(code, block) for code, block in stated if code not in ("", UNKNOWN, NOT_APPLICABLE)]
    pairs = [(one, other) for (code, one), (another, other) in combinations(telling, 2) if code != another]
    return bool(pairs) and all(have_no_series_in_common(one, other, flow) for one, other in pairs)


def have_no_series_in_common(one: Block, other: Block, flow: Flow) -> bool:
    codes = [(list_possible_codes(one, name), list_possible_codes(other, name)) for name in flow.structure.series_key]
    return any(mine and theirs and not mine & theirs for mine, theirs in codes)


def list_possible_codes(block: Block, dimension: str) -> frozenset[str]:
    fixed = dict(block.fixed).get(dimension)
    if fixed:
        return frozenset({fixed})
    components = [component_map for component_map in block.components if component_map.component == dimension]
    if len(components) != 1 or components[0].areas:
        return frozenset()
    (read,) = components
    return frozenset({*(code for _, code in read.codes), read.empty, read.otherwise} - {""})


def merge_questions(
    questions: Sequence[Question], part: str, codes: Iterable[str], decisions: Decisions, flow: Flow
) -> Question:
    component = part.removeprefix(FIXED_PART)
    names = {item.id: str(item.name) for item in flow.codelist(component) or ()}
    telling = [code for code in codes if code not in ("", UNKNOWN, NOT_APPLICABLE)]
    decided = decisions.get((EVERYWHERE, part, ""), "").strip() or answer_for_one_sheet(part, telling, decisions)
    sheets = tuple(dict.fromkeys(question.sheet for question in questions))
    reasons = {question.chosen.code: question.chosen.reason for question in questions}
    if decided:
        chosen = Candidate(decided, 1.0, reason=DECIDED)
    elif len(telling) == 1:
        reason = f"{reasons.get(telling[0], DECIDED)}, but not in every sheet: does it apply to all of them?"
        chosen = Candidate(telling[0], MIN_SOME_SHARE, reason=reason)
    elif not telling:
        chosen = next((question.chosen for question in questions if not question.chosen.code), questions[0].chosen)
    else:
        listed = ", ".join(
            f"{names.get(question.chosen.code, question.chosen.code)} in “{question.sheet}”"
            for question in questions
            if question.chosen.code in telling
        ) or ", ".join(names.get(code, code) for code in telling)
        level = flow.structure[component].attachment
        reason = f"the sheets differ ({listed}), but a {level} has only one value: which one applies to all?"
        chosen = Candidate("", 0.0, reason=reason)
    near = {
        candidate.code: candidate
        for question in questions
        for candidate in (question.chosen, *question.others, *list_other_codes(component, chosen.code, flow))
        if candidate.code != chosen.code
    }
    choices = tuple(candidate for code, candidate in near.items() if code)
    return Question(EVERYWHERE, part, label="", chosen=chosen, others=choices, sheets=sheets)


def answer_for_one_sheet(part: str, telling: Sequence[str], decisions: Decisions) -> str:
    answers = {answer.strip() for (_, about, _), answer in decisions.items() if about == part}
    return telling[0] if answers == set(telling) and len(telling) == 1 else ""


def set_fixed_value(block: Block, name: str, question: Question) -> Block:
    fixed = dict(block.fixed)
    if name in fixed or block.sheet in question.sheets:
        fixed[name] = question.chosen.code
    return replace(block, fixed=tuple((component, code) for component, code in fixed.items() if code))


def limit_common_answers(drafts: Sequence[Draft], decisions: Decisions) -> Sequence[Decisions]:
    """Return the answers for each table: one for all sheets does not apply to a table that is never asked for it."""
    answers = [dict(decisions) for _ in drafts]
    for _, part, label in (key for key in decisions if key[0] == EVERYWHERE and key[1].startswith(FIXED_PART)):
        key, answer = (EVERYWHERE, part, label), decisions[EVERYWHERE, part, label].strip()
        without_answer = {other_key: code for other_key, code in decisions.items() if other_key != key}
        table_questions = [
            next((question for question in draft.questions if question.part == part), None) for draft in drafts
        ]
        surely = {
            at
            for at, question in enumerate(table_questions)
            if question and not question.is_open and question.chosen.code != answer
        }
        silent = {at for at in surely if not has_open_question(part, drafts[at].basis, without_answer)}
        is_asked = len(surely) > len(silent) or any(question and question.is_open for question in table_questions)
        for at in silent if is_asked else ():
            del answers[at][key]
    return answers


def has_open_question(part: str, basis: Basis, decisions: Decisions) -> bool:
    questions = build_draft(replace(basis, decisions=decisions)).questions
    return any(question.part == part and question.is_open for question in questions)
