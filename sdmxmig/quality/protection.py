"""Suppression and rounding of datasets, with the disclosure interval of each suppressed figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sdmxmig.catalogue.rules import is_in_scope
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import Flags, np, pl
from sdmxmig.quality.disclosure.problem import (
    BOUNDED,
    Expired,
    Interval,
    ProtectionProblem,
    SafetyRules,
    build_undecided_interval,
    compute_intervals,
    compute_widths,
    find_consistent_values,
    find_limits,
    is_wide_enough,
    never_expires,
    select_relations,
)
from sdmxmig.quality.disclosure.suppression import NONE, Pattern, protect, round_figures
from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.additive import CELL, ReaderView, find_required
from sdmxmig.quality.rules.confidentiality import (
    CONFIDENTIALITY,
    PRIMARY,
    RESTRICTED,
    SECONDARY,
    STATUS,
    UNSAID,
    ConfidentialityMarks,
    has_suppressed,
    list_marks,
    select_figures_shown,
)
from sdmxmig.quality.rules.inferable_figures import compute_safety
from sdmxmig.quality.rules.readers_view import BOOK, ROW, find_published_earlier, join_views
from sdmxmig.quality.rules.words import TOTAL
from sdmxmig.statistics.demography.ledger import Book, open_books
from sdmxmig.statistics.demography.revisions import EarlierRelease

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.sdmx.model.data import Dataset, Vintage
    from sdmxmig.sdmx.model.findings import Rule

AUDIT_RULE = "WITHHELD-IS-UNCERTAIN"
SMALL, FOR_OTHERS, SUPPRESSED = "A", "D", "Q"
SAFE, NOT_SAFE, KNOWN, FREE, UNDECIDED = "safe", "too narrow", "published before", "not in any sum", "not worked out"
PROTECTED, BEST_SO_FAR, NOT_PROTECTED = "protected", "best pattern so far", "not protected"
MARKED, OF_TOTAL = "#marked", "#of total"
UNIT_ATTRIBUTES = ("UNIT_MULT", "DECIMALS")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressedFigure:
    """A suppressed figure with its interval.

    `reason` is ``primary`` or ``secondary``; `needed` is the required width (None for secondary).
    """

    flow: str
    key: tuple[tuple[str, str], ...]
    reason: str
    least: float
    most: float
    needed: float
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProtectedData:
    """Protected datasets and suppressed figures.

    `outcome` is ``protected``, ``best pattern so far`` (time expired) or ``not protected``.
    """

    datasets: tuple[Dataset, ...]
    figures: tuple[SuppressedFigure, ...]
    outcome: str


class ProtectionState:
    def __init__(
        self, datasets: Sequence[Dataset], catalogue: Catalogue, previous: Sequence[Vintage], rules: SafetyRules | None
    ) -> None:
        self.rule = load_audit_rule(catalogue)
        self.catalogue, self.previous = catalogue, previous
        self.datasets = [
            add_status_columns(dataset) if is_in_scope(self.rule.runs_on, dataset.flow) else dataset
            for dataset in datasets
        ]
        self.books = [*open_books(self.datasets)]
        parameters = Check(self.rule, self.datasets[0], books=tuple(self.books[:1])).parameters
        self.marks, declared = list_marks(parameters), compute_safety(parameters)
        self.rules = rules or declared

    def check(self, first: int = 0) -> Check:
        order = [first, *(place for place in range(len(self.datasets)) if place != first)]
        books = tuple(self.books[place] for place in order)
        releases = [
            EarlierRelease(books[0], vintage.datasets[books[0].flow], name=vintage.name, prepared=vintage.prepared)
            for vintage in self.previous
            if books[0].flow in vintage.datasets
        ]
        return Check(
            self.rule,
            books[0].dataset,
            books=books,
            others=tuple(book.dataset for book in books[1:]),
            identities=tuple(self.catalogue.identities),
            flows=self.catalogue.flows,
            rules=self.catalogue.rules,
            previous=tuple(releases),
        )

    def place_of(self, flow: str) -> int:
        return next(place for place, book in enumerate(self.books) if book.flow == flow)

    def judges(self, place: int) -> bool:
        return is_in_scope(self.rule.runs_on, self.datasets[place].flow)

    def replace(self, place: int, observations: pl.DataFrame) -> None:
        self.datasets[place] = replace(self.datasets[place], observations=observations)
        (self.books[place],) = open_books([self.datasets[place]])

    def add(self, place: int, figures: pl.DataFrame) -> None:
        dataset = self.datasets[place]
        structure, frame = dataset.flow.structure, dataset.observations
        units = [pl.lit("0").alias(name) for name in UNIT_ATTRIBUTES if name in frame.columns]
        for (dimension,), more in figures.group_by(OF_TOTAL):
            others = [name for name in structure.key if name != dimension]
            rows = (
                frame.filter(pl.col(str(dimension)) == TOTAL).drop(str(dimension)).unique(others, maintain_order=True)
            )
            counts = more.drop(OF_TOTAL).with_columns(pl.col("value").cast(pl.Int64).cast(pl.String))
            added = rows.join(counts, on=others, how="inner", nulls_equal=True).with_columns(
                pl.col("value").alias(structure.measure.id), *units
            )
            frame = pl.concat([frame, added.select(frame.columns)])
        if figures.height:
            self.replace(place, frame)

    def mark(self, place: int, keys: pl.DataFrame, code: str) -> None:
        dataset = self.datasets[place]
        key = list(dataset.flow.structure.key)
        is_one = keys.select(key).unique().with_columns(pl.lit(value=True).alias(MARKED))
        frame = dataset.observations.join(is_one, on=key, how="left", nulls_equal=True, maintain_order="left")
        plain = ~pl.col(CONFIDENTIALITY).is_in(self.marks.of_confidentiality).fill_null(value=False)
        coded = pl.when(pl.col(MARKED) & plain).then(pl.lit(code)).otherwise(pl.col(CONFIDENTIALITY))
        self.replace(place, frame.with_columns(coded.alias(CONFIDENTIALITY)).drop(MARKED))


def load_audit_rule(catalogue: Catalogue) -> Rule:
    rules = [rule for rule in catalogue.rules.values() if rule.kind == AUDIT_RULE]
    if not rules:
        raise SdmxmigError(f"There is no rule of kind {AUDIT_RULE}, which defines how figures are protected.")
    return rules[0]


def add_status_columns(dataset: Dataset) -> Dataset:
    columns = [
        pl.col(name).cast(pl.String) if name in dataset.observations.columns else pl.lit(None, pl.String).alias(name)
        for name in (CONFIDENTIALITY, STATUS)
    ]
    key = [pl.col(name).cast(pl.String) for name in dataset.flow.structure.key if name in dataset.observations.columns]
    return replace(dataset, observations=dataset.observations.with_columns(*columns, *key))


def protect_datasets(
    datasets: Sequence[Dataset],
    catalogue: Catalogue,
    rules: SafetyRules | None,
    *,
    previous: Sequence[Vintage] = (),
    expired: Expired,
    audit_expired: Expired,
) -> ProtectedData:
    """Apply primary and secondary suppression to datasets released together.

    Marked figures, and counts below the threshold of `rules`, are confidential. Figures published in `previous`
    releases cannot be suppressed. Raises `SdmxmigError` without HiGHS.
    """
    state = ProtectionState(datasets, catalogue, previous, rules)
    places = [place for place in range(len(state.datasets)) if state.judges(place)]
    reported = [dataset.observations.height for dataset in state.datasets]
    for place in places:
        state.add(place, compute_implied_figures(state.check(place), state))
        state.mark(place, select_small_figures(state.check(place), state), SMALL)
    check = state.check()
    figures: list[SuppressedFigure] = []
    outcome = PROTECTED
    if any(has_suppressed(state.check(place), state.marks) for place in places):
        view = join_views(check, state.marks, together=True)
        published = find_known_cells(view, state)
        problem = build_problem(view, published, state)
        pattern = protect(problem, expired=expired, audit_expired=audit_expired)
        figures = [*list_suppressed_figures(state, view, problem, pattern, published, audit_expired)]
        mark_secondary(state, view, pattern)
        unsafe = [figure for figure in figures if figure.reason == PRIMARY and figure.verdict not in (SAFE, FREE)]
        outcome = PROTECTED if not unsafe else BEST_SO_FAR if expired() else NOT_PROTECTED
    released = []
    for place, dataset in enumerate(state.datasets):
        own = replace(dataset, observations=dataset.observations.head(reported[place]))
        released.append(blank_suppressed_values(own, state.marks) if state.judges(place) else own)
    return ProtectedData(datasets=tuple(released), figures=tuple(figures), outcome=outcome)


def select_small_figures(check: Check, state: ProtectionState) -> pl.DataFrame:
    value, frame = pl.col("value"), select_figures_shown(check, state.marks)
    is_small = (value < state.rules.threshold) & ((value > 0) | (state.rules.zero & (value == 0)))
    return frame.filter(is_small, pl.col("shown"), pl.col("half") == 0)


def compute_implied_figures(check: Check, state: ProtectionState) -> pl.DataFrame:
    """Compute small counts missing from closed breakdowns, such as women from men and a total."""
    figures, found = select_figures_shown(check, state.marks), []
    for dimension, codes in find_required(check).items():
        if len(codes) < 2 or dimension not in check.structure.key:
            continue
        others = [name for name in check.structure.key if name != dimension]
        is_whole = (pl.col("shown") & (pl.col("half") == 0)).all()
        signed = pl.when(pl.col(dimension) == TOTAL).then("value").otherwise(-pl.col("value")).sum()
        reported = [(pl.col(dimension) == code).any().alias(f"#{code}") for code in (TOTAL, *codes)]
        groups = figures.group_by(others, maintain_order=True).agg(
            is_whole.alias("whole"), signed.alias("value"), *reported
        )
        for code in codes:
            rest = [f"#{other}" for other in (TOTAL, *codes) if other != code]
            is_implied = (
                pl.all_horizontal("whole", *rest)
                & ~pl.col(f"#{code}")
                & pl.col("value").is_between(0, state.rules.threshold, closed="none")
            )
            found.append(
                groups.filter(is_implied).select(
                    *others, "value", pl.lit(code).alias(dimension), pl.lit(dimension).alias(OF_TOTAL)
                )
            )
    return pl.concat(found, how="diagonal") if found else pl.DataFrame(schema={OF_TOTAL: pl.String})


def mark_secondary(state: ProtectionState, view: ReaderView, pattern: Pattern) -> None:
    cells = view.cells.filter(pl.Series(pattern.secondary), pl.col(ROW).is_not_null())
    for place in cells[BOOK].unique(maintain_order=True):
        rows = cells.filter(pl.col(BOOK) == place)[ROW]
        state.mark(int(place), state.books[place].frame[rows.to_list()], FOR_OTHERS)


def build_problem(view: ReaderView, published: Flags, state: ProtectionState) -> ProtectionProblem:
    relations, limits = view.relations(), view.limits()
    value, half = (view.cells[name].cast(pl.Float64).to_numpy() for name in ("value", "half"))
    known = ~np.isnan(value)
    limits.least[known], limits.most[known] = (value - half)[known], (value + half)[known]
    values = np.where(known, value, find_consistent_values(relations, limits))
    primary = view.cells["mark"].is_in([PRIMARY, RESTRICTED, UNSAID]).to_numpy() & ~published & ~np.isnan(values)
    shown = view.cells["shown"].to_numpy() | published
    counts = ~view.cells["signed"].to_numpy()
    values = np.nan_to_num(values)
    return ProtectionProblem(
        relations=relations,
        values=values,
        primary=primary,
        hidden=~shown & ~primary,
        may_hide=shown & ~published & counts & (values >= state.rules.threshold),
        width=compute_widths(values, state.rules),
        half=np.where(shown, half, 0.0),
    )


def find_known_cells(view: ReaderView, state: ProtectionState) -> Flags:
    is_known = np.zeros(view.cells.height, dtype=bool)
    for place in view.cells[BOOK].unique(maintain_order=True):
        cells = find_published_earlier(state.check(int(place)), view, state.marks, int(place))[CELL]
        is_known[cells.to_numpy().astype(np.int64)] = True
    return is_known


def list_suppressed_figures(
    state: ProtectionState,
    view: ReaderView,
    problem: ProtectionProblem,
    pattern: Pattern,
    published: Flags,
    expired: Expired,
) -> Iterator[SuppressedFigure]:
    bounds = {bound.cell: bound for bound in pattern.bounds}
    withheld = ((view.cells["mark"] != "") & view.cells[ROW].is_not_null()).to_numpy() | pattern.secondary
    cells = np.flatnonzero(withheld)
    others = np.array([cell for cell in cells if cell not in bounds and not published[cell]], dtype=np.int64)
    limits = find_limits(problem, pattern.secondary)
    bounds |= {bound.cell: bound for bound in compute_intervals(problem.relations, limits, others, expired=expired)}
    tied = np.zeros(view.cells.height, dtype=bool)
    tied[problem.relations.cell] = True
    frame = view.cells[cells.tolist()]
    for cell, place, row, mark in zip(cells.tolist(), frame[BOOK], frame[ROW], frame["mark"], strict=True):
        is_primary = mark not in ("", SECONDARY)
        needed = float(problem.width[cell]) if is_primary else 0.0
        bound = bounds.get(cell) or build_undecided_interval(cell)
        yield SuppressedFigure(
            flow=state.books[place].flow,
            key=get_key(state.books[place], row),
            reason=PRIMARY if is_primary else SECONDARY,
            least=bound.least,
            most=bound.most,
            needed=needed,
            verdict=KNOWN if published[cell] else judge_figure(bound, problem, needed, is_tied=bool(tied[cell])),
        )


def get_key(book: Book, row: int) -> tuple[tuple[str, str], ...]:
    key = book.dataset.flow.structure.key
    codes = book.frame.select(key).row(row)
    return tuple((name, str(code)) for name, code in zip(key, codes, strict=True) if code is not None)


def judge_figure(bound: Interval, problem: ProtectionProblem, needed: float, *, is_tied: bool) -> str:
    if not is_tied:
        return FREE
    if bound.outcome != BOUNDED:
        return UNDECIDED
    return SAFE if not needed or is_wide_enough(problem, bound) else NOT_SAFE


def blank_suppressed_values(dataset: Dataset, marks: ConfidentialityMarks) -> Dataset:
    measure = dataset.flow.structure.measure.id
    withheld = pl.col(CONFIDENTIALITY).is_in(marks.of_confidentiality).fill_null(value=False)
    columns = [pl.when(withheld).then(None).otherwise(pl.col(measure)).alias(measure)]
    if STATUS in dataset.flow.structure:
        columns.append(pl.when(withheld).then(pl.lit(SUPPRESSED)).otherwise(pl.col(STATUS)).alias(STATUS))
    return replace(dataset, observations=dataset.observations.with_columns(columns))


def round_datasets(
    datasets: Sequence[Dataset], catalogue: Catalogue, base: int, *, seconds: float, expired: Expired = never_expires
) -> tuple[tuple[Dataset, ...], Mapping[str, str]]:
    """Round counts of persons to a base and keep all sums, as an alternative to suppression.

    Returns the datasets and the kind of rounding by dataflow. Raises `SdmxmigError` if time expires.
    """
    state = ProtectionState(datasets, catalogue, (), None)
    kinds: dict[str, str] = {}
    for place, dataset in enumerate(state.datasets):
        if dataset.flow.id in kinds or not state.judges(place):
            continue
        check = state.check(place)
        view = join_views(check, state.marks, everything=True)
        values = view.cells["value"].cast(pl.Float64).to_numpy()
        values = np.where(np.isnan(values), find_consistent_values(view.relations(), view.limits()), values)
        is_count = (view.cells["half"] == 0).to_numpy() & ~np.isnan(values)
        relations = select_relations(view.relations(), is_count)
        rounded, kind = round_figures(relations, values, base, expired=expired, seconds=seconds)
        if kind == NONE:
            message = f"No rounding of {dataset.flow.id} to {base} keeps all sums consistent."
            raise SdmxmigError(
                message, hint="Give more time (--time-limit), another base, or suppress figures instead."
            )
        cells = view.cells.with_columns(pl.Series("rounded", rounded))
        for book in cells[BOOK].unique(maintain_order=True):
            flow = check.books[book].flow
            kinds[flow] = kind
            whole = cells.filter(pl.col(BOOK) == book, pl.col("half") == 0, pl.col("shown"), pl.col(ROW).is_not_null())
            replace_values(state, state.place_of(flow), check.books[book].frame, whole)
    return tuple(state.datasets), kinds


def replace_values(state: ProtectionState, place: int, frame: pl.DataFrame, cells: pl.DataFrame) -> None:
    dataset = state.datasets[place]
    key, measure = list(dataset.flow.structure.key), dataset.flow.structure.measure.id
    rows = frame.select(*key, ROW).join(cells.select(ROW, "rounded"), on=ROW, how="inner")
    texts = rows.with_columns(pl.col("rounded").round().cast(pl.Int64).cast(pl.String))
    changed = dataset.observations.join(
        texts.select(*key, "rounded"), on=key, how="left", nulls_equal=True, maintain_order="left"
    )
    values = pl.coalesce("rounded", measure).alias(measure)
    state.replace(place, changed.with_columns(values).drop("rounded"))
