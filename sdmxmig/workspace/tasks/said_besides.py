"""Notes on table figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.conversion.suggestion.fixed import STATUS
from sdmxmig.conversion.suggestion.questions import EVERYWHERE
from sdmxmig.conversion.suggestion.unsaid import WANTED, unsaid
from sdmxmig.conversion.suggestion.year_statements import NOTE, label_of, where_of
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.sources import COLUMN_KINDS, ROW_KINDS, Kind
from sdmxmig.workspace.tasks.proposal_lines import Line, answered_line, region_at

if TYPE_CHECKING:
    from sdmxmig.conversion.suggestion.answers import Answers
    from sdmxmig.sdmx.model.data import Attributes, Block, Dataset, Flow
    from sdmxmig.sdmx.model.findings import Rule
    from sdmxmig.sdmx.model.tables import Table
    from sdmxmig.workspace.proposals import TriedProposal

UNSAID = "unsaid"
FIGURE, ROW, COLUMN, TABLE = "figure", "row", "column", "table"
COMMENT = "COMMENT_OBS"


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of figures around a cell."""

    kind: str
    where: Attributes
    _: KW_ONLY
    table: str

    @property
    def label(self) -> str:
        return label_of(self.where) if self.where else EVERYWHERE

    def about(self, attribute: str) -> tuple[str, str, str]:
        part = NOTE if self.where else "fixed"
        return self.table, f"{part} {attribute}", label_of(self.where)


def unsaid_lines(tried: TriedProposal, answers: Answers, flow: Flow, rules: Mapping[str, Rule]) -> list[Line]:
    questions = unsaid(tried.proposal, tried.questions, flow, rules)
    about = (
        (question, answers.decisions.get((question.sheet, question.part, question.label), "")) for question in questions
    )
    return [Line(question, state=UNSAID, answer=answer) for question, answer in about]


def is_wanted(line: Line) -> bool:
    return line.question.chosen.reason == WANTED


def scopes_of(tried: TriedProposal, table: Table, row: int, column: int) -> tuple[Scope, ...]:
    region = region_at(tried, table, row, column)
    if tried.conversion is None or region is None or not region.has(row, column):
        return ()
    dataset = tried.conversion.dataset
    measure = dataset.flow.structure.measure.id
    block = tried.proposal.mapping.blocks[tried.proposal.regions.index(region)]
    origins = dataset.origins.filter(
        (pl.col("sheet").cast(pl.String).fill_null("") == table.sheet)
        & (pl.col("row") == row)
        & (pl.col("column") == column)
    )
    figures = dataset.observations[origins["observation"].unique().sort()]
    traced = set(origins["component"].cast(pl.String))
    if measure in traced:
        kinds = {FIGURE: None, ROW: ROW_KINDS, COLUMN: COLUMN_KINDS}
    else:
        sides = {ROW: ROW_KINDS, COLUMN: COLUMN_KINDS}
        kinds = {side: of_side for side, of_side in sides.items() if traced & set(read_from(block, of_side, dataset))}
    pairs = ((kind, shared_codes(figures, read_from(block, of_kind, dataset))) for kind, of_kind in kinds.items())
    by_codes: dict[Attributes, str] = {}
    for kind, where in pairs:
        if where:
            by_codes.setdefault(where, kind)
    if by_codes and not any(
        component_map.component in sayable_of_figures(dataset.flow) for component_map in block.components
    ):
        by_codes[()] = TABLE  # otherwise some cells state it by figure, and they count
    return tuple(Scope(kind, where, table=region.name) for where, kind in by_codes.items())


def read_from(block: Block, kinds: Sequence[Kind] | None, dataset: Dataset) -> list[str]:
    return [
        component_map.component
        for component_map in block.components
        if component_map.component in dataset.flow.structure.key
        and (kinds is None or all(part.kind in kinds for part in component_map.source.parts))
    ]


def shared_codes(figures: pl.DataFrame, dimensions: Iterable[str]) -> Attributes:
    columns = ((name, figures[name].cast(pl.String).unique()) for name in dimensions)
    return tuple((name, codes[0]) for name, codes in columns if len(codes) == 1 and codes[0] is not None)


def notes_at(scopes: Sequence[Scope], answers: Answers) -> list[Line]:
    return [
        answered_line(about, answers)
        for about in sorted(answers.decisions)
        if any(is_note_on(about, scope) for scope in scopes)
    ]


def is_note_on(about: tuple[str, str, str], scope: Scope) -> bool:
    table, part, label = about
    kind, _, name = part.partition(" ")
    if not scope.where:
        return about == scope.about(name)
    return kind == NOTE and table == scope.table and set(where_of(label)) <= set(scope.where)


def sayable_of_figures(flow: Flow) -> list[str]:
    names = [attribute.id for attribute in flow.structure.attributes("observation") if not attribute.is_array]
    return sorted(names, key=lambda name: (name != STATUS, name != COMMENT))
