"""Saved mappings, edited with answers and tried on their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion.convert import Conversion
from sdmxmig.conversion.mapping.grid import build_grid, find_tables
from sdmxmig.conversion.mapping.layout import Layout, locate_block
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion import Decisions, Proposal, Question
from sdmxmig.conversion.suggestion.answers import Answers
from sdmxmig.conversion.suggestion.questions import (
    AS_IT_IS,
    EVERYWHERE,
    HIDDEN,
    LEAVE_OUT,
    apply_decisions,
    ask,
    build_hidden_question,
    gather_questions,
)
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sampling import choose_tables, drop_unsampled_rows
from sdmxmig.conversion.suggestion.year_statements import NOTE, format_label, parse_label_codes
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Block, ComponentMap, Dataset, Skip, TableMapping, UserNote
from sdmxmig.sdmx.model.sources import Source
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.proposals import TriedProposal

SAVED_REASON = "as the mapping says"
LEFT_OUT_REASON = "left out by a person"


def try_mapping(
    mapping: TableMapping, tables: Sequence[Table], catalogue: Catalogue, *, decisions: Decisions, language: str
) -> TriedProposal:
    """Return a saved mapping as editable lines, tried on its tables; labels without a code are open questions."""
    try:
        tables = choose_tables(tables, [drop_unsampled_rows(table) for table in tables], mapping)
        found = tuple(list_blocks(mapping, tables))
        trial = conversion.convert(tables, mapping, catalogue.flow(mapping.flow), catalogue.rules)
    except SdmxmigError as error:
        refusal = ask(EVERYWHERE, "sheet", f"{error.message} {error.hint}".strip())
        proposal = Proposal(replace(mapping, blocks=()), (), regions=())
        return TriedProposal(
            proposal=proposal,
            flow=catalogue.flow(mapping.flow),
            questions=(refusal,),
            tables=tables,
        )
    lines = [line for block, region in found for line in list_lines(block, region.name)]
    lines += [
        ask_hidden_line(block, region.name)
        for block, region in found
        if region.table.hidden_rows or region.table.hidden_columns
    ]
    questions = apply_decisions((*gather_questions(lines), *list_unknown_labels(trial)), decisions)
    proposal = Proposal(
        replace(mapping, blocks=tuple(block for block, _ in found)),
        questions,
        regions=tuple(region for _, region in found),
    )
    return TriedProposal(
        proposal=proposal,
        flow=catalogue.flow(mapping.flow),
        questions=questions,
        tables=tables,
        conversion=trial,
        language=language,
    )


def list_blocks(mapping: TableMapping, tables: Sequence[Table]) -> Iterator[tuple[Block, Region]]:
    where = mapping.place or Place(mapping.id)
    grids = {id(table): build_grid(table) for table in tables}
    layouts = [
        layout
        for block in mapping.blocks
        for table in find_tables(tables, block.sheet, where)
        for layout in locate_block(block, grids[id(table)], where)
    ]
    for layout in layouts:
        is_part = sum(other.table is layout.table for other in layouts) > 1
        yield layout.block, build_region(layout, is_part=is_part)


def build_region(layout: Layout, *, is_part: bool) -> Region:
    sign = -1 if layout.block.labels_right else 1
    rows = layout.held_rows
    return Region(
        layout.table,
        layout.corner.top,
        first=layout.corner.top + layout.block.header_rows,
        last=int(rows[-1]),
        labels=tuple(layout.corner.left + sign * number for number in range(layout.block.header_columns)),
        values=tuple(sorted({*layout.columns, *layout.skipped_columns["number"]})),
        titles=(),
        below="",
        is_part=is_part,
    )


def list_lines(block: Block, name: str) -> Iterator[Question]:
    for component, code in block.fixed:
        yield find_line(name, f"fixed {component}", "", code)
    for component_map in block.components:
        part = f"codes {component_map.component}"
        left_out = {skip.match for skip in find_skips(block, component_map)}
        for label, code in component_map.codes:
            if label not in left_out:
                yield find_line(name, part, label, code)
        for label in sorted(left_out):
            yield find_line(name, part, label, LEAVE_OUT)
    for noted in block.notes:
        for attribute, text in noted.attributes:
            yield find_line(name, f"{NOTE} {attribute}", format_label(noted.where), text)


def ask_hidden_line(block: Block, name: str) -> Question:
    code = LEAVE_OUT if block.skip_hidden else AS_IT_IS
    return build_hidden_question(name, Candidate(code, 1.0, reason=SAVED_REASON))


def find_line(sheet: str, part: str, label: str, code: str) -> Question:
    return Question(sheet, part, label=label, chosen=Candidate(code, 1.0, reason=SAVED_REASON))


def find_skips(block: Block, component_map: ComponentMap) -> tuple[Skip, ...]:
    last = component_map.source.parts[-1]
    skips = list_skips_of_other_axis(block, last.kind)
    own = (component_map.source, Source(last.kind, last.number or 1))
    return tuple(skip for skip in skips if skip.source(last.kind) in own and not skip.column)


def list_skips_of_other_axis(block: Block, kind: str) -> tuple[Skip, ...]:
    return {"header": block.skip_columns, "column": block.skip_rows}.get(kind, ())


def list_unknown_labels(trial: Conversion) -> Iterator[Question]:
    dataset: Dataset = trial.dataset
    for name in dataset.flow.structure.key:
        codelist = dataset.flow.codelist(name)
        if codelist is None or name not in dataset.observations.columns:
            continue
        for label in dataset.observations[name].cast(pl.String).drop_nulls().unique().sort():
            if label not in codelist:
                yield ask(EVERYWHERE, f"codes {name}", "the mapping has no code for it", label=label)


def apply_answers(mapping: TableMapping, answers: Answers, tables: Sequence[Table]) -> TableMapping:
    """Apply answers to a saved mapping; an answer for all sheets changes blocks with the displayed value."""
    if not answers.decisions:
        return mapping
    names: dict[str, set[str]] = {}
    for block, region in list_blocks(mapping, tables):
        names.setdefault(block.key, set()).add(region.name)
    blocks = list(mapping.blocks)
    for about, answer in sorted(answers.decisions.items()):
        sheet, part, label = about
        change = build_change(part)
        for at, block in enumerate(blocks):
            is_meant = sheet == EVERYWHERE and describe_part(block, part, label) == answers.proposed.get(about, "")
            if is_meant or sheet in names.get(block.key, ()):
                blocks[at] = change(block, part.partition(" ")[2], label, answer)
    return replace(mapping, blocks=tuple(blocks))


def describe_part(block: Block, part: str, label: str) -> str:
    questions = (*list_lines(block, ""), ask_hidden_line(block, ""))
    lines = {(question.part, question.label): question.chosen.code for question in questions}
    return lines.get((part, label), "")


Change = Callable[[Block, str, str, str], Block]


def build_change(part: str) -> Change:
    kind = part.partition(" ")[0]
    if kind not in CHANGE_FUNCTIONS:
        message = f"A saved mapping cannot be changed by an answer to “{part}”."
        raise InputError(message, hint="Change it in its file, or remove the mapping and let it be proposed again.")
    return CHANGE_FUNCTIONS[kind]


def set_fixed_code(block: Block, component: str, label: str, code: str) -> Block:  # noqa: ARG001 - as all changes
    return replace(block, fixed=tuple({**dict(block.fixed), component: code}.items()))


def set_code(block: Block, component: str, label: str, code: str) -> Block:
    component_map = next((each for each in block.components if each.component == component), None)
    if component_map is None:
        return block
    codes = {text: each for text, each in component_map.codes if text != label}
    if code != LEAVE_OUT:
        codes[label] = code
    components = tuple(
        replace(each, codes=tuple(codes.items())) if each is component_map else each for each in block.components
    )
    return change_skips(replace(block, components=components), component_map, label, is_out=code == LEAVE_OUT)


def change_skips(block: Block, component_map: ComponentMap, label: str, *, is_out: bool) -> Block:
    last = component_map.source.parts[-1]
    if last.kind not in ("header", "column"):
        if is_out:
            message = f"“{label}” is not a label of a row or a column, so its figures cannot be left out here."
            raise InputError(message, hint="Leave them out in the file of the mapping.")
        return block
    known = find_skips(block, component_map)
    kept = [skip for skip in list_skips_of_other_axis(block, last.kind) if skip not in known or skip.match != label]
    if is_out:
        parts = component_map.source.parts
        numbers = tuple(part.number or 1 for part in parts)
        is_along = all(part.kind == last.kind for part in parts)
        kept.append(Skip(label, LEFT_OUT_REASON, headers=numbers if is_along else numbers[-1:]))
    if last.kind == "header":
        return replace(block, skip_columns=tuple(kept))
    return replace(block, skip_rows=tuple(kept))


def set_note(block: Block, attribute: str, label: str, text: str) -> Block:
    where = parse_label_codes(label)
    notes = {noted.where: dict(noted.attributes) for noted in block.notes}
    notes.setdefault(where, {})[attribute] = text
    return replace(block, notes=tuple(UserNote(at, tuple(attributes.items())) for at, attributes in notes.items()))


def set_hidden(block: Block, name: str, label: str, answer: str) -> Block:  # noqa: ARG001 - as all changes
    return replace(block, skip_hidden=answer == LEAVE_OUT)


CHANGE_FUNCTIONS: dict[str, Change] = {"fixed": set_fixed_code, "codes": set_code, NOTE: set_note, HIDDEN: set_hidden}
