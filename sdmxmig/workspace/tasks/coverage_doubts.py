"""Doubts about tables for coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import counted
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.doubtful import unread_columns
from sdmxmig.records.group_estimates import Group
from sdmxmig.records.record_findings import findings_of
from sdmxmig.records.register_coverage import Seen, few, with_sample
from sdmxmig.records.wrong_records import strays_of
from sdmxmig.sdmx.model.records import LISTED
from sdmxmig.statistics.demography.deregistration import LEAST_IN_CLASS
from sdmxmig.workspace.tasks.coverage_files import TABLES, Taken
from sdmxmig.workspace.tasks.coverage_statements import CoverageRequest

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue

FEW = 3
"""So many persons of a sample who should not be on a list make it doubtful."""


def unread_words(request: CoverageRequest, catalogue: Catalogue) -> list[str]:
    lists = {name: (path, LISTED) for name, path in request.lists.items() if path}
    tables = {table.name: table for table in TABLES}
    files = {**{name: (path, tables[name]) for name, path in request.files.items()}, **lists}
    paths = {name: path for name, (path, _) in files.items()}
    doubts = unread_columns((name, *file) for name, file in files.items())
    findings = findings_of(doubts, paths, catalogue.rules)
    return [f"{paths[finding.flow].name}: {finding.sentence()}" for finding in findings.items]


def not_in_persons(persons: pl.DataFrame, taken: Taken, request: CoverageRequest) -> list[str]:
    if not request.by or "persons" not in taken.files:
        return []
    unknown = persons.join(taken.files["persons"], on="person", how="anti").height
    return (
        [f"{few(unknown, 'person')} of the lists are not in {request.files['persons'].name}: they are _U"]
        if unknown
        else []
    )


def not_sampled(taken: Taken, register: pl.Series) -> list[str]:
    if "training" not in taken.files:
        return []
    sample = taken.files["training"]["person"].unique()
    strangers = int((~sample.is_in(register.implode())).sum())
    if not strangers:
        return []
    what = (
        "of the training sample are not in the register on the day, and tell nothing of it, but of emigration, if "
        "their exit was registered in the year, and of other lists that they are on"
    )
    return [f"{few(strangers, 'person')} {what}"]


def below_nothing(groups: Sequence[Group]) -> list[str]:
    below = sum(group.over.below_nothing for group in groups if group.over)
    if not below:
        return []
    words = (
        f"in {counted(below, 'group')} of {len(groups)} fewer persons are silent than if all were residents: nobody is "
        "absent there but who is known to be, and as large a share is taken off all other groups, so that their sum is "
        "as many as signs tell of all groups as one"
    )
    return [words]


def wrong_on_others(persons: pl.DataFrame, seen: Seen | None, lists: Sequence[str]) -> tuple[list[str], list[str]]:
    if seen is None:
        return [], []
    rows = with_sample(persons, seen)
    strays = strays_of(rows, len(lists))
    register, notes, doubts = lists[0], [], []
    for number, name in list(enumerate(lists))[1:]:
        listed = rows.filter((pl.col("history") // (1 << number)) % 2 == 1)
        is_registered = pl.col("history") % 2 == 1
        on_both = any(history >> number & 1 for history in np.flatnonzero(strays.spread).tolist())
        alone = any(history >> number & 1 for history, _ in strays.others)
        gone = listed.filter(~pl.col("resident"))
        if on_both:
            notes.append(
                f"absent persons are taken off {name}, too: as large a share of those of {register} is on it as of "
                "those of the training sample, wrong links among them"
            )
        elif gone.filter(is_registered).height >= FEW:
            doubts.append(
                f"{name} has persons of {register} who do not live in the country, and the training sample has too few "
                "of them to tell how many: the estimate is too low"
            )
        if alone:
            notes.append(
                f"of persons on {name} who are not in {register} as large a share is taken off as of those in the "
                f"training sample, of those whose exit was registered in the year, and of others with the same lists "
                f"where it has {LEAST_IN_CLASS} of them"
            )
        left = listed.filter(~is_registered & pl.col("left"))
        if left.height >= FEW and not left["resident"].count():
            doubts.append(
                f"exits of the year were registered of persons who are on {name} and not in {register}, and none of "
                "them is in the training sample: who has left makes the estimate too high"
            )
        elif gone.height >= FEW and not alone:
            doubts.append(
                f"{name} has persons of the training sample who do not live in the country, and the sample does not "
                f"tell how many of who is on it and not in {register} are such: they make the estimate too high"
            )
    return notes, doubts


def why_not(taken: Taken) -> str:
    if "movements" not in taken.files:
        return "no exits that were registered are named (--exits)"
    if "training" not in taken.files:
        return "no training sample is named, which says who left in the year (--training)"
    if not taken.files["training"]["left"].is_not_null().any():
        return "the training sample does not say when those left who do not live in the country (column left)"
    return ""
