"""Disclosure protection of a workspace's data, and results of the last run."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import InputError, SdmxmigError, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import unshield_formula, write_shielded_csv
from sdmxmig.quality.disclosure.problem import Expired, SafetyRules
from sdmxmig.quality.protection import (
    FREE,
    PROTECTED,
    SAFE,
    SUPPRESSED,
    ProtectedData,
    ProtectionState,
    SuppressedFigure,
    protect_datasets,
    round_datasets,
)
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.workspace.tasks.converting import update_data
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT, MESSAGE_FORMATS, name_data, read_datasets
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.vintages import read_vintages

REPORT, LIST = "protection.json", "withheld.csv"
COLUMNS = ("flow", "figure", "reason", "least", "most", "needed", "verdict")
"""Columns of the list of suppressed figures."""
SUPPRESSION_REASONS = ("primary", "secondary")
"""Reasons for suppression: confidential, or needed to protect another figure."""
CONFIDENTIALITY, WITHHELD = "CONF_STATUS", "N"
SEARCH_TIME_SHARE = 0.6
MIN_THRESHOLD, MIN_BASE = 2, 2
OUTCOME_TEXTS = {
    "protected": "every confidential figure is protected",
    "best pattern so far": "the time was over before every confidential figure was protected",
    "not protected": "some confidential figures are not protected, and no pattern does it",
}


@dataclass(frozen=True, slots=True)
class ProtectionRequest:
    """A protection request; None means declared values."""

    threshold: int | None = None
    seconds: float = 60.0
    _: KW_ONLY
    base: int | None = None
    previous: tuple[Path, ...] = ()
    clock: Callable[[], float] = time.monotonic


def protect(session: Session, request: ProtectionRequest) -> ProtectedData:
    """Write protected datasets and a report; raise `SdmxmigError` for invalid parameters or without HiGHS."""
    check_request(request)
    update_data(session)
    datasets = read_datasets(session)
    if request.base is not None:
        return write_rounded(session, request, request.base, datasets)
    previous, _ = read_vintages(
        request.previous or session.workspace.accepted,
        session.catalogue.flows,
        session.catalogue.rules,
        of=datasets,
        are_kept=not request.previous,
    )
    expired, audit_expired = set_time_limits(request)
    protected = protect_datasets(
        datasets,
        session.catalogue,
        find_safety_rules(request.threshold, datasets, session.catalogue),
        previous=previous,
        expired=expired,
        audit_expired=audit_expired,
    )
    files = {
        **index_released_files(session, protected.datasets),
        LIST: list_figures(protected.figures),
        REPORT: report(protected),
    }
    session.put("protected", files)
    session.stage("protect", write_summary(protected))
    return protected


def find_safety_rules(threshold: int | None, datasets: Sequence[Dataset], catalogue: Catalogue) -> SafetyRules:
    declared = ProtectionState(datasets[:1], catalogue, (), None).rules
    return declared if threshold is None else replace(declared, threshold=threshold)


def check_request(request: ProtectionRequest) -> None:
    if request.threshold is not None and request.threshold < MIN_THRESHOLD:
        raise SdmxmigError(
            f"A threshold of {request.threshold} gives no protection.",
            hint="Use a threshold such as 3: smaller counts are suppressed.",
        )
    if request.base is not None and request.base < MIN_BASE:
        raise SdmxmigError(f"{request.base} is not a rounding base.", hint="Name a base such as 3, 5 or 10.")
    if not request.seconds > 0:
        raise SdmxmigError(
            f"{request.seconds:g} seconds is not a valid time limit.", hint="Name a number of seconds above zero."
        )


def set_time_limits(request: ProtectionRequest) -> tuple[Expired, Expired]:
    """Return the time limits for finding and for auditing a pattern, counted from the first call."""
    start: list[float] = []

    def elapsed() -> float:
        now = request.clock()
        if not start:
            start.append(now)
        return now - start[0]

    return (lambda: elapsed() > request.seconds * SEARCH_TIME_SHARE, lambda: elapsed() > request.seconds)


def write_rounded(
    session: Session, request: ProtectionRequest, base: int, datasets: Sequence[Dataset]
) -> ProtectedData:
    _, expired = set_time_limits(request)
    rounded, kinds = round_datasets(datasets, session.catalogue, base, seconds=request.seconds, expired=expired)
    protected = ProtectedData(datasets=rounded, figures=(), outcome=PROTECTED)
    content = {"base": base, "rounding": dict(sorted(kinds.items()))}
    session.put("protected", {**index_released_files(session, rounded), REPORT: encode_json(content)})
    session.stage("protect", f"{write_count(len(kinds), 'dataset')} rounded to {base}; all sums still hold")
    return protected


def index_released_files(session: Session, datasets: Sequence[Dataset]) -> dict[str, bytes]:
    files = {}
    for dataset in map(unify_confidentiality, datasets):
        header = session.header(f"{session.workspace.country.area}_{dataset.flow.id}")
        for name in (DISK_FORMAT, *MESSAGE_FORMATS):
            files[name_data(dataset.flow.id, name)] = data_bytes(FORMATS[name], [dataset], header)
    return files


def unify_confidentiality(dataset: Dataset) -> Dataset:
    observations = dataset.observations
    if CONFIDENTIALITY not in observations.columns:
        return dataset
    is_withheld = (pl.col("OBS_STATUS") == SUPPRESSED).fill_null(value=False)
    mark = pl.when(is_withheld).then(pl.lit(WITHHELD)).otherwise(pl.col(CONFIDENTIALITY)).alias(CONFIDENTIALITY)
    return replace(dataset, observations=observations.with_columns(mark))


def build_row(figure: SuppressedFigure) -> dict[str, str]:
    return {
        "flow": figure.flow,
        "figure": ", ".join(f"{name}={code}" for name, code in figure.key),
        "reason": figure.reason,
        "least": format_end(figure.least),
        "most": format_end(figure.most),
        "needed": format_end(figure.needed),
        "verdict": figure.verdict,
    }


def build_listed_row(figure: SuppressedFigure) -> dict[str, str]:
    return {name: value for name, value in build_row(figure).items() if name in ("flow", "figure", "verdict")}


def format_end(value: float) -> str:
    """Format an interval end with at most six decimals; empty if not computed.

    >>> format_end(2.0), format_end(float("inf")), format_end(float("nan")), format_end(1.4999999)
    ('2', 'inf', '', '1.5')
    """
    return "" if math.isnan(value) else f"{round(value, 6) + 0.0:.15g}"


def list_figures(figures: Iterable[SuppressedFigure]) -> bytes:
    return write_shielded_csv(list(map(build_row, figures)), COLUMNS)


def report(protected: ProtectedData) -> bytes:
    content: dict[str, object] = {
        "outcome": protected.outcome,
        "meaning": OUTCOME_TEXTS[protected.outcome],
        "withheld": {reason: count_suppressed(protected, reason) for reason in SUPPRESSION_REASONS},
        "not protected": [build_listed_row(figure) for figure in list_unsafe_figures(protected)],
    }
    return encode_json(content)


def encode_json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def count_suppressed(protected: ProtectedData, reason: str) -> int:
    return sum(figure.reason == reason for figure in protected.figures)


def list_unsafe_figures(protected: ProtectedData) -> list[SuppressedFigure]:
    return [f for f in protected.figures if f.reason == "primary" and f.verdict not in (SAFE, FREE)]


def write_summary(protected: ProtectedData) -> str:
    primary, secondary = count_suppressed(protected, "primary"), count_suppressed(protected, "secondary")
    counts = f"{primary} confidential, {secondary} suppressed to protect them"
    if protected.outcome == PROTECTED:
        return f"{counts}; {OUTCOME_TEXTS[PROTECTED]}"
    return f"{counts}; {protected.outcome}: {write_count(len(list_unsafe_figures(protected)), 'figure')} not protected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionReport:
    outcome: Mapping[str, Any]
    figures: tuple[Mapping[str, str], ...]
    files: tuple[str, ...]


def read_protection(session: Session) -> ProtectionReport | None:
    made = session.results.made("protected")
    path = session.path("protected") / REPORT
    if made is None or not path.is_file():
        return None
    listed = session.path("protected") / LIST
    try:
        outcome = check_outcome(json.loads(read_bytes(path)))
        text = read_bytes(listed).decode("utf-8") if LIST in made.files and listed.is_file() else ""
        figures = tuple(map(parse_figure, csv.DictReader(io.StringIO(text, newline=""))))
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        raise InputError("This is not a report on protection.", Place(str(path)), "Run: sdmxmig protect") from error
    return ProtectionReport(outcome=outcome, figures=figures, files=tuple(sorted(made.files)))


def check_outcome(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    if "base" in outcome:
        is_whole = isinstance(outcome["base"], int)
    else:
        counts = (outcome["withheld"][reason] for reason in SUPPRESSION_REASONS)
        is_whole = isinstance(outcome["outcome"], str) and all(isinstance(count, int) for count in counts)
    if not is_whole:
        raise TypeError
    return outcome


def parse_figure(row: Mapping[str, str]) -> Mapping[str, str]:
    figure = {name: unshield_formula(row[name]) for name in COLUMNS}
    if not all("=" in part for part in figure["figure"].split(", ")):
        raise ValueError
    return figure
