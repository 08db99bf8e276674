"""Protection: datasets without what is confidential, and how closely a reader can still place each withheld figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sdmxmig.catalogue.rules import reaches
from sdmxmig.demography.ledger import books_of
from sdmxmig.demography.revisions import EarlierRelease
from sdmxmig.disclosure.audit import BOUNDED, Interval, consistent, intervals
from sdmxmig.disclosure.primary import SafetyRules, widths
from sdmxmig.disclosure.rounding import NONE, rounded
from sdmxmig.disclosure.solver import Expired, never
from sdmxmig.disclosure.suppression import ENOUGH, ProtectionProblem, protect
from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import np, pl
from sdmxmig.rules import Check
from sdmxmig.rules.additive import CELL
from sdmxmig.rules.readers_view import BOOK, ROW, View, joined, published_before
from sdmxmig.rules.recoverable import safety_in
from sdmxmig.rules.withheld import (
    CONFIDENTIALITY,
    PRIMARY,
    SECONDARY,
    STATUS,
    Marks,
    figures_shown,
    marks_in,
    withholds,
)

if TYPE_CHECKING:
    from sdmxmig.model.data import Dataset
    from sdmxmig.model.findings import Rule
    from sdmxmig.model.vintages import Vintage
    from sdmxmig.validation import RuleCatalogue

AUDIT_RULE = "MIG-1-204"
"""The rule whose parameters say which codes withhold a figure and how uncertain it must be."""
SMALL, FOR_OTHERS, SUPPRESSED = "A", "D", "Q"
"""What protection writes: CONF_STATUS of small numbers and of figures withheld for others; OBS_STATUS of both."""
SAFE, NOT_SAFE, KNOWN, FREE, UNDECIDED = "safe", "too narrow", "published before", "in no sum", "not worked out"
"""What is said of a withheld figure. Only the first and the fourth mean that it is protected."""
PROTECTED, BEST_SO_FAR, NOT_PROTECTED = "protected", "best pattern so far", "not protected"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldFigure:
    """A figure that is withheld: where, why, and in which interval a reader can place it.

    `reason` is ``primary`` for a confidential figure and ``secondary`` for one that is withheld for others' sake;
    `needed` is how wide the interval must be (nothing for the latter), `verdict` one of the words above.
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
    """Datasets as they may be released, all withheld figures, and whether these are protected.

    `outcome` is ``protected`` only if every confidential figure is shown to be safe; ``best pattern so far`` where the
    time was over before, ``not protected`` where no pattern does it.
    """

    datasets: tuple[Dataset, ...]
    figures: tuple[WithheldFigure, ...]
    outcome: str


class Workshop:
    """The datasets that are protected together, with their marks as they grow, and what all steps need."""

    def __init__(
        self,
        datasets: Sequence[Dataset],
        catalogue: RuleCatalogue,
        previous: Sequence[Vintage],
        rules: SafetyRules | None,
    ) -> None:
        self.rule = audit_rule(catalogue)
        self.catalogue, self.previous = catalogue, previous
        self.datasets = [
            with_status(dataset) if reaches(self.rule.runs_on, dataset.flow) else dataset for dataset in datasets
        ]
        parameters = Check(self.rule, self.datasets[0], books=books_of(self.datasets[:1])).parameters
        self.marks, declared = marks_in(parameters), safety_in(parameters)
        self.rules = rules or declared

    def check(self, place: int) -> Check:
        """The check of one dataset, beside all others as they are now."""
        ordered = [self.datasets[place], *(other for other in self.datasets if other is not self.datasets[place])]
        books = books_of(ordered)
        releases = [
            EarlierRelease(books[0], vintage.datasets[books[0].flow], name=vintage.name, prepared=vintage.prepared)
            for vintage in self.previous
            if books[0].flow in vintage.datasets
        ]
        return Check(
            self.rule,
            ordered[0],
            books=books,
            others=tuple(ordered[1:]),
            identities=tuple(self.catalogue.identities),
            flows=self.catalogue.flows,
            rules=self.catalogue.rules,
            previous=tuple(releases),
        )

    def place_of(self, flow: str) -> int:
        """The place of the dataset of a flow."""
        return next(place for place, dataset in enumerate(self.datasets) if dataset.flow.id == flow)

    def concerned(self) -> list[int]:
        """The places of the datasets that withhold anything."""
        return [
            place
            for place, dataset in enumerate(self.datasets)
            if reaches(self.rule.runs_on, dataset.flow) and withholds(self.check(place), self.marks)
        ]

    def mark(self, place: int, keys: pl.DataFrame, code: str) -> None:
        """Mark the figures with these keys, where they have no mark yet."""
        dataset = self.datasets[place]
        key = list(dataset.flow.structure.key)
        is_one = keys.select(key).unique().with_columns(pl.lit(value=True).alias(MARKED))
        frame = dataset.observations.join(is_one, on=key, how="left", nulls_equal=True, maintain_order="left")
        plain = ~pl.col(CONFIDENTIALITY).is_in(self.marks.of_confidentiality).fill_null(value=False)
        coded = pl.when(pl.col(MARKED) & plain).then(pl.lit(code)).otherwise(pl.col(CONFIDENTIALITY))
        observations = frame.with_columns(coded.alias(CONFIDENTIALITY)).drop(MARKED)
        self.datasets[place] = replace(dataset, observations=observations)


MARKED = "#marked"


def audit_rule(catalogue: RuleCatalogue) -> Rule:
    """The rule of the audit; raises `SdmxmigError` where a workspace has none."""
    rule = catalogue.rules.get(AUDIT_RULE)
    if rule is None:
        raise SdmxmigError(f"There is no rule {AUDIT_RULE}, which says how figures are protected.")
    return rule


def with_status(dataset: Dataset) -> Dataset:
    """The dataset with columns for what is said of withheld figures, as text."""
    columns = [
        pl.col(name).cast(pl.String) if name in dataset.observations.columns else pl.lit(None, pl.String).alias(name)
        for name in (CONFIDENTIALITY, STATUS)
    ]
    key = [pl.col(name).cast(pl.String) for name in dataset.flow.structure.key if name in dataset.observations.columns]
    return replace(dataset, observations=dataset.observations.with_columns(*columns, *key))


def protect_datasets(
    datasets: Sequence[Dataset],
    catalogue: RuleCatalogue,
    rules: SafetyRules | None = None,
    *,
    previous: Sequence[Vintage] = (),
    expired: tuple[Expired, Expired] = (never, never),
) -> ProtectedData:
    """Withhold what is confidential in datasets that are released together, and what must be withheld for its sake.

    Confidential is what the data mark so, and every count below the threshold of `rules` (without them, as the rule of
    the audit declares it). `previous` are earlier releases: what they tell, nobody can withhold any more. `expired`
    says when to stop looking for a pattern, and when to stop judging it.

    Raises `SdmxmigError` where HiGHS is not installed.
    """
    shop = Workshop(datasets, catalogue, previous, rules)
    for place, dataset in enumerate(shop.datasets):
        if reaches(shop.rule.runs_on, dataset.flow):
            shop.mark(place, small_figures(shop.check(place), shop), SMALL)
    for place in shop.concerned():
        withhold_for_others(shop, place, expired[0])
    figures = [figure for place in shop.concerned() for figure in judged(shop, place, expired[1])]
    unsafe = [figure for figure in figures if figure.reason == PRIMARY and figure.verdict not in (SAFE, FREE)]
    outcome = PROTECTED if not unsafe else BEST_SO_FAR if expired[0]() else NOT_PROTECTED
    released = [
        without_values(dataset, shop.marks) if reaches(shop.rule.runs_on, dataset.flow) else dataset
        for dataset in shop.datasets
    ]
    return ProtectedData(datasets=tuple(released), figures=tuple(figures), outcome=outcome)


def small_figures(check: Check, shop: Workshop) -> pl.DataFrame:
    """The counts that are small and not yet marked; those that are rounded are not small."""
    value, frame = pl.col("value"), figures_shown(check, shop.marks)
    is_small = (value < shop.rules.threshold) & ((value > 0) | (shop.rules.zero & (value == 0)))
    return frame.filter(is_small, pl.col("shown"), pl.col("half") == 0)


def withhold_for_others(shop: Workshop, place: int, expired: Expired) -> None:
    """Mark the figures, also of other datasets, that must be withheld for the sake of those of one dataset."""
    check = shop.check(place)
    view = joined(check, shop.marks)
    problem = problem_of(check, view, shop)
    pattern = protect(problem, expired=expired)
    cells = view.cells.filter(pl.Series(pattern.secondary), pl.col(ROW).is_not_null())
    for book in cells[BOOK].unique(maintain_order=True):
        rows = cells.filter(pl.col(BOOK) == book)[ROW]
        shop.mark(shop.place_of(check.books[book].flow), check.books[book].frame[rows.to_list()], FOR_OTHERS)


def problem_of(check: Check, view: View, shop: Workshop) -> ProtectionProblem:
    """What is to be protected among the figures of a view; values that nobody knows are any that fit the sums."""
    relations, limits = view.relations(), view.limits()
    value, half = (view.cells[name].cast(pl.Float64).to_numpy() for name in ("value", "half"))
    known = ~np.isnan(value)
    limits.least[known], limits.most[known] = (value - half)[known], (value + half)[known]
    values = np.where(known, value, consistent(relations, limits))
    published = known_before(check, view, shop)
    primary = (view.cells["mark"] == PRIMARY).to_numpy() & ~published & ~np.isnan(values)
    shown = view.cells["shown"].to_numpy() | published
    whole = (half == 0) & ~view.cells["signed"].to_numpy()
    values = np.nan_to_num(values)
    return ProtectionProblem(
        relations=relations,
        values=values,
        primary=primary,
        hidden=~shown & ~primary,
        may_hide=shown & ~published & whole & (values >= shop.rules.threshold),
        width=widths(values, shop.rules),
        half=np.where(shown, half, 0.0),
    )


def known_before(check: Check, view: View, shop: Workshop) -> np.typing.NDArray[np.bool_]:
    """Which figures earlier releases of all datasets of a view tell."""
    is_known = np.zeros(view.cells.height, dtype=bool)
    for book in view.cells[BOOK].unique(maintain_order=True):
        own = shop.check(shop.place_of(check.books[book].flow))
        cells = published_before(own, view, shop.marks, int(book))[CELL]
        is_known[cells.to_numpy().astype(np.int64)] = True
    return is_known


def judged(shop: Workshop, place: int, expired: Expired) -> Iterable[WithheldFigure]:
    """Every withheld figure of one dataset with its interval."""
    check = shop.check(place)
    view = joined(check, shop.marks)
    relations, limits = view.relations(), view.limits()
    value = view.cells["value"].cast(pl.Float64).to_numpy()
    published = known_before(check, view, shop) & ~np.isnan(value)
    limits.least[published] = limits.most[published] = value[published]
    own = view.cells.filter(pl.col(BOOK) == 0, pl.col("mark") != "", pl.col(ROW).is_not_null()).sort(ROW)
    cells = own[CELL].to_numpy().astype(np.int64)
    tied = set(view.terms[CELL])
    keys = check.frame.select(check.dataset.flow.structure.key)[own[ROW].to_list()].rows(named=True)
    needed = widths(value[cells], shop.rules)
    for bound, width, mark, key in zip(
        intervals(relations, limits, cells, expired=expired), needed, own["mark"], keys, strict=True
    ):
        width_needed = float(width) if mark != SECONDARY else 0.0
        yield WithheldFigure(
            flow=check.dataset.flow.id,
            key=tuple((name, str(code)) for name, code in key.items() if code is not None),
            reason=SECONDARY if mark == SECONDARY else PRIMARY,
            least=bound.least,
            most=bound.most,
            needed=width_needed,
            verdict=KNOWN if published[bound.cell] else verdict_on(bound, width_needed, is_tied=bound.cell in tied),
        )


def verdict_on(bound: Interval, needed: float, *, is_tied: bool) -> str:
    """What is said of a withheld figure with this interval."""
    if not is_tied:
        return FREE
    if bound.outcome != BOUNDED:
        return UNDECIDED
    return SAFE if bound.width >= needed - ENOUGH else NOT_SAFE


def without_values(dataset: Dataset, marks: Marks) -> Dataset:
    """The dataset without the values of its marked figures, and with the status that says that they are suppressed."""
    measure = dataset.flow.structure.measure.id
    withheld = pl.col(CONFIDENTIALITY).is_in(marks.of_confidentiality).fill_null(value=False)
    columns = [pl.when(withheld).then(None).otherwise(pl.col(measure)).alias(measure)]
    if STATUS in dataset.flow.structure:
        columns.append(pl.when(withheld).then(pl.lit(SUPPRESSED)).otherwise(pl.col(STATUS)).alias(STATUS))
    return replace(dataset, observations=dataset.observations.with_columns(columns))


def round_datasets(
    datasets: Sequence[Dataset], catalogue: RuleCatalogue, base: int, *, seconds: float, expired: Expired = never
) -> tuple[tuple[Dataset, ...], Mapping[str, str]]:
    """Datasets with every count of single persons rounded to a base so that all sums still hold, instead of withheld.

    Gives the datasets and, by dataflow, the kind of rounding: to the next multiples, or further. Raises `SdmxmigError`
    where there is no such rounding, or none was found in time.
    """
    shop = Workshop(datasets, catalogue, (), None)
    kinds: dict[str, str] = {}
    for place, dataset in enumerate(shop.datasets):
        if dataset.flow.id in kinds or not reaches(shop.rule.runs_on, dataset.flow):
            continue
        check = shop.check(place)
        view = joined(check, shop.marks, everything=True)
        values = view.cells["value"].cast(pl.Float64).to_numpy()
        values = np.where(np.isnan(values), consistent(view.relations(), view.limits()), values)
        result = rounded(view.relations(), values, base, expired=expired, seconds=seconds)
        if result.kind == NONE:
            message = f"No rounding of {dataset.flow.id} to {base} was found in which all sums hold."
            raise SdmxmigError(
                message, hint="Give more time (--time-limit), another base, or withhold figures instead."
            )
        cells = view.cells.with_columns(pl.Series("rounded", result.values))
        for book in cells[BOOK].unique(maintain_order=True):
            flow = check.books[book].flow
            kinds[flow] = result.kind
            whole = cells.filter(pl.col(BOOK) == book, pl.col("half") == 0, pl.col("shown"), pl.col(ROW).is_not_null())
            replace_values(shop, shop.place_of(flow), check.books[book].frame, whole)
    return tuple(shop.datasets), kinds


def replace_values(shop: Workshop, place: int, frame: pl.DataFrame, cells: pl.DataFrame) -> None:
    """Put rounded values in place of those that were reported, for all observations with their keys."""
    dataset = shop.datasets[place]
    key, measure = list(dataset.flow.structure.key), dataset.flow.structure.measure.id
    rows = frame.select(*key, ROW).join(cells.select(ROW, "rounded"), on=ROW, how="inner")
    texts = rows.with_columns(pl.col("rounded").round().cast(pl.Int64).cast(pl.String))
    changed = dataset.observations.join(
        texts.select(*key, "rounded"), on=key, how="left", nulls_equal=True, maintain_order="left"
    )
    values = pl.coalesce("rounded", measure).alias(measure)
    shop.datasets[place] = replace(dataset, observations=changed.with_columns(values).drop("rounded"))
