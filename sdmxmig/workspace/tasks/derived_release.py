"""Release of derived figures with suppression.

Suppression considers sums across flows, stocks and accounts. If anything is suppressed, only totals of return and
circular mobility are released.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.rules import is_in_scope
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.disclosure.problem import SafetyRules, import_highs
from sdmxmig.quality.protection import (
    FREE,
    SAFE,
    SMALL,
    SUPPRESSED,
    ProtectedData,
    SuppressedFigure,
    load_audit_rule,
    protect_datasets,
)
from sdmxmig.records.accounts import FLOW_BY_DIRECTION, GAINS, ITEM_SIGNS, LOSSES
from sdmxmig.records.circular import ALL, RETURNED
from sdmxmig.records.files import PERSONS
from sdmxmig.records.rows import CITIZEN, FOREIGN, PERIOD, TOTAL
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.workspace.tasks.deriving import DerivationResult
from sdmxmig.workspace.tasks.further_figures import YEARLY, DeriveRequest
from sdmxmig.workspace.tasks.protecting import (
    CONFIDENTIALITY,
    WITHHELD,
    ProtectionRequest,
    check_request,
    find_safety_rules,
    set_time_limits,
    unify_confidentiality,
)

STATUS, COMMENT, TERM, ITEM = "OBS_STATUS", "COMMENT_OBS", "IND_TERM", "ACC_ITEM"
BALANCING_ITEMS = ("ADJ",)
"""Items of the account that are not counts of persons."""
CHANGES, CITIZENSHIP = (GAINS, LOSSES), "CTZ_STATUS"
"""Changes of citizenship, given by birth only."""
IMMIGRATION_FLOW = FLOW_BY_DIRECTION["I"]


def check_protectable(request: DeriveRequest, threshold: int | None) -> None:
    if threshold is None:
        return
    check_request(ProtectionRequest(threshold))
    import_highs()
    if request.every != YEARLY and PERSONS.name in request.files:
        raise SdmxmigError(
            "Accounts of quarters and months cannot be protected: their balances disclose figures.",
            hint="Use years, or flows alone (leave out --persons).",
        )


def count_small_figures(datasets: Sequence[Dataset], catalogue: Catalogue) -> tuple[int, int]:
    rules = find_safety_rules(None, datasets, catalogue)
    return sum(dataset.observations.filter(is_small(dataset, rules)).height for dataset in datasets), rules.threshold


def suppress_figures(
    derived: DerivationResult, catalogue: Catalogue, request: ProtectionRequest
) -> tuple[DerivationResult, ProtectedData]:
    check_request(request)
    rules = find_safety_rules(request.threshold, derived.datasets, catalogue)
    judged = [is_in_scope(load_audit_rule(catalogue).runs_on, dataset.flow) for dataset in derived.datasets]
    looked_at = [
        add_changes(mark_small_figures(add_zeros(dataset), rules))
        for dataset, is_judged in zip(derived.datasets, judged, strict=True)
        if is_judged
    ]
    expired, audit_expired = set_time_limits(request)
    protected = protect_datasets(looked_at, catalogue, rules, expired=expired, audit_expired=audit_expired)
    parts = iter([drop_zero_comments(unify_confidentiality(dataset)) for dataset in protected.datasets])
    datasets = [
        shape_like(next(parts), dataset) if is_judged else dataset
        for dataset, is_judged in zip(derived.datasets, judged, strict=True)
    ]
    withheld = list_suppressed_periods(datasets)
    datasets = [
        dataset if is_judged else keep_safe_totals(dataset, rules, withheld)
        for dataset, is_judged in zip(datasets, judged, strict=True)
    ]
    figures = tuple(list_suppressed_figures(protected, derived.datasets))
    return replace(derived, datasets=tuple(datasets)), replace(protected, figures=figures)


def list_suppressed_figures(protected: ProtectedData, datasets: Sequence[Dataset]) -> Iterator[SuppressedFigure]:
    written = {(dataset.flow.id, key) for dataset in datasets for key in list_keys(dataset)}
    named = set()
    for figure in sorted(protected.figures, key=lambda figure: figure.verdict in (SAFE, FREE)):
        both = {**dict(figure.key), **({CITIZENSHIP: TOTAL} if dict(figure.key).get(ITEM) in CHANGES else {})}
        key = tuple(both.items())
        if (figure.flow, key) in written and (figure.flow, key) not in named:
            named.add((figure.flow, key))
            yield replace(figure, key=key)


def list_keys(dataset: Dataset) -> Iterator[tuple[tuple[str, str], ...]]:
    names = list(dataset.flow.structure.key)
    for codes in dataset.observations.select(names).rows():
        yield tuple((name, code) for name, code in zip(names, codes, strict=True) if code is not None)


def add_zeros(dataset: Dataset) -> Dataset:
    frame = dataset.observations
    if ITEM not in frame.columns:
        return dataset
    measure, key = dataset.flow.structure.measure.id, list(dataset.flow.structure.key)
    groups = frame.select(name for name in key if name != ITEM).unique(maintain_order=True)
    every = groups.join(frame.select(ITEM).filter(pl.col(ITEM).is_in([*ITEM_SIGNS, *CHANGES])).unique(), how="cross")
    every = every.filter(~pl.col(ITEM).is_in(CHANGES) | (pl.col(CITIZENSHIP) == TOTAL))
    absent = every.join(frame, on=key, how="anti", nulls_equal=True).with_columns(pl.lit("0").alias(measure))
    return replace(dataset, observations=pl.concat([frame, absent.sort(key)], how="diagonal"))


def add_changes(dataset: Dataset) -> Dataset:
    frame = dataset.observations
    if ITEM not in frame.columns:
        return dataset
    changes = frame.filter(pl.col(ITEM).is_in(CHANGES))
    moved = [changes.with_columns(pl.lit(code).alias(CITIZENSHIP)) for code in (CITIZEN, FOREIGN)]
    return replace(dataset, observations=pl.concat([frame, *moved]))


def shape_like(dataset: Dataset, before: Dataset) -> Dataset:
    key = list(before.flow.structure.key)
    rows = dataset.observations.join(before.observations.select(key), on=key, how="semi", nulls_equal=True)
    return replace(dataset, observations=rows)


def is_small(dataset: Dataset, rules: SafetyRules) -> pl.Expr:
    numbers = [pl.col(measure.id).cast(pl.Float64) for measure in dataset.flow.structure.measures]
    small = pl.any_horizontal((number > 0) & (number < rules.threshold) for number in numbers).fill_null(value=False)
    return small & ~pl.col(ITEM).is_in(BALANCING_ITEMS) if ITEM in dataset.observations.columns else small


def mark_small_figures(dataset: Dataset, rules: SafetyRules) -> Dataset:
    small = is_small(dataset, rules)
    if ITEM in dataset.observations.columns:
        any_small = small.any().over(PERIOD, ITEM)
        number = pl.col(dataset.flow.structure.measure.id).cast(pl.Float64)
        tells = ~is_total(dataset) | (number < rules.times * rules.threshold)
        small |= pl.col(ITEM).is_in(CHANGES) & any_small & (number > 0) & tells
    marked = pl.when(small).then(pl.lit(SMALL)).otherwise(None).cast(pl.String)
    return replace(dataset, observations=dataset.observations.with_columns(marked.alias(CONFIDENTIALITY)))


def drop_zero_comments(dataset: Dataset) -> Dataset:
    (measure, *_) = dataset.flow.structure.measures
    speaks = pl.col(measure.id).is_not_null() & (pl.col(measure.id) != "0")
    comment = pl.when(speaks).then(pl.col(COMMENT)).otherwise(None)
    return replace(dataset, observations=dataset.observations.with_columns(comment.alias(COMMENT)))


def list_suppressed_periods(datasets: Sequence[Dataset]) -> dict[bool, set[str]]:
    periods: dict[bool, set[str]] = {True: set(), False: set()}
    for dataset in datasets:
        if dataset.flow.id == IMMIGRATION_FLOW:
            away = dataset.observations.filter(pl.col(STATUS) == SUPPRESSED)
            periods[False] |= {*away[PERIOD]}
            periods[True] |= {*away.filter(is_total(dataset))[PERIOD]}
    return periods


def is_total(dataset: Dataset) -> pl.Expr:
    frame = dataset.observations
    divided = [name for name in dataset.flow.structure.key if (frame[name] == TOTAL).any()]
    return pl.all_horizontal(pl.lit(value=True), *(pl.col(name) == TOTAL for name in divided))


def keep_safe_totals(dataset: Dataset, rules: SafetyRules, withheld: dict[bool, set[str]]) -> Dataset:
    frame = dataset.observations.with_columns(small=is_small(dataset, rules), total=is_total(dataset))
    if TERM in frame.columns:
        frame = flag_few_others(dataset, frame, rules)
        immigration = {whole: pl.col(PERIOD).is_in(sorted(periods)) for whole, periods in withheld.items()}
        divided, nothing = immigration[False], immigration[True]
    else:
        divided, nothing = pl.lit(value=False), pl.lit(value=False)
    broken = pl.col("small").any().over(PERIOD) | divided
    away = pl.col("small") | nothing | (broken & ~pl.col("total"))
    values = [measure.id for measure in dataset.flow.structure.measures]
    nothing_said = [pl.when(away).then(None).otherwise(pl.col(name)).alias(name) for name in (*values, COMMENT)]
    frame = frame.with_columns(
        *nothing_said,
        pl.when(away).then(pl.lit(SUPPRESSED)).otherwise(pl.col(STATUS)).alias(STATUS),
        pl.when(away).then(pl.lit(WITHHELD)).otherwise(pl.col(CONFIDENTIALITY)).alias(CONFIDENTIALITY),
    )
    return replace(dataset, observations=frame.select(dataset.observations.columns))


def flag_few_others(dataset: Dataset, frame: pl.DataFrame, rules: SafetyRules) -> pl.DataFrame:
    (measure, *_) = dataset.flow.structure.measures
    key = [name for name in dataset.flow.structure.key if name != TERM]
    number = pl.col(measure.id).cast(pl.Float64)
    everybody = frame.filter(pl.col(TERM) == ALL).select(*key, all=number)
    frame = frame.join(everybody, on=key, how="left", nulls_equal=True, maintain_order="left")
    others = pl.col("all") - number
    few = (pl.col(TERM) == RETURNED) & (others > 0) & (others < rules.threshold)
    return frame.with_columns(small=pl.col("small") | few.fill_null(value=False))
