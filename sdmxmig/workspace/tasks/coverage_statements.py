"""Coverage requests, and statements of their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from pathlib import Path

from sdmxmig.records.corrected_emigration import CorrectedYear
from sdmxmig.records.counting import Statement
from sdmxmig.records.coverage_release import Population
from sdmxmig.records.coverage_rules import CoverageRules, Rule
from sdmxmig.statistics.demography.capture import BIC, NO_FAULTS, Share
from sdmxmig.statistics.demography.deregistration import SAMPLE, SIGNS
from sdmxmig.workspace.tasks.record_files import HASH_SHOWN, digest

DAYS = {(1, 1): "D0101", (7, 1): "D0701", (12, 31): "D1231"}
"""The codes of `CL_REF_DATE` by month and day."""
OTHER_DAY, SIGNS_OF_LIFE = "OTH", "SOL"
LONGEST_COMMENT = 4000


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """A coverage request.

    `lists` are tables by name, the register first, or None for linked sources. `files`: `persons`, `citizenships`,
    `signs`, `training`, `links`, `movements`. `by` are dimensions. `precision` and `recall`, or `linkage`, give link
    quality. `base` None means declared rounding.
    """

    area: str
    day: date
    _: KW_ONLY
    lists: Mapping[str, Path | None]
    rule: str
    files: Mapping[str, Path] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    precision: Share = NO_FAULTS.precision
    recall: Share = NO_FAULTS.recall
    criterion: str = BIC
    source_type: str = "REG"
    base: int | None = None
    declaration: Path | None = None
    linkage: Path | None = None


NOT_DECLARED = "the index of the declaration is not used, since it was measured anew in the training sample"


def list_notes(request: CoverageRequest, rules: CoverageRules, rule: Rule | None, population: Population) -> list[str]:
    others = "who is on them without living there is taken off" if rule else "nobody is on them without living there"
    supposed = (
        f"the lists are of one closed population, {others}, nobody is on a list twice under different names, and lists "
        "that no model joins are independent within groups"
    )
    limits = rules.limits
    hard = (
        f"hard to count: over-coverage above {limits.over_coverage:g}, coverage below {limits.coverage:g} or half an "
        f"interval above {limits.precision:g} of the estimate ({limits.status})"
    )
    released_as = f"all counts are multiples of {rules.base}, ends of intervals moved outwards"
    groups = f"groups by {', '.join(request.by)}" if request.by else "no groups: persons are taken for alike"
    return [
        groups,
        supposed,
        *([index_words(rule)] if rule else []),
        *([NOT_DECLARED] if rule and rules.index and rule is not rules.index else []),
        *population.doubts,
        hard,
        released_as,
    ]


def method_words(request: CoverageRequest) -> str:
    names = ", ".join(request.lists)
    if len(request.lists) == 1:
        return f"{names} without those who have left by signs of life"
    if len(request.lists) == 2:
        return f"dual system estimate by Chapman from the lists {names}"
    return f"log-linear models of the lists {names}, chosen by {request.criterion}"


def index_words(rule: Rule) -> str:
    index, tells = rule.index, rule.reliability
    weights = ", ".join(f"{name} {weight:.3f}" for name, weight in sorted(index.weights.items()))
    return (
        f"index of residence {rule.measured} ({index.status}): decay {index.decay:g}, gain {index.gain:g}, threshold "
        f"{index.threshold:.3f}, weights {weights}; it calls {tells.residents.value:.3f} of residents resident and "
        f"{tells.others.value:.3f} of others absent, for which it is corrected in every group alike"
    )


LATE_WORDS = {
    SAMPLE: "without those of persons who had left before or live there, by the exits of which the training sample "
    "knows it",
    SIGNS: "without those of persons who had left before, by how often the training sample has signs of life in the "
    "year of leaving and after it, exits of persons who live there among them",
}
NOT_LATE = (
    "late ones, and those of persons who live there, among them, since neither the training sample nor signs of life "
    "in the year tell them"
)


def flow_words(year: CorrectedYear) -> str:
    late = [words for name, words in LATE_WORDS.items() if name in year.total.late.known_by.split(", ")]
    return (
        f"emigration of persons who were in the register, from {year.begin} to before {year.end}: exits registered in "
        f"the year, {'; '.join(late) or NOT_LATE}; and those of the register who left in the year, by the training "
        "sample in classes of the last sign of life; it supposes that of persons with alike last signs those outside "
        "the sample left as often as those in it; who is in the register on the day counts there, and not by an exit"
    )


def stock_statement(request: CoverageRequest, notes: Sequence[str]) -> Statement:
    day = DAYS.get((request.day.month, request.day.day), OTHER_DAY)
    return Statement(
        {
            "RES_RULE": request.rule,
            "DUR_BASIS": "_U",
            "REF_DATE": day,
            "STOCK_METHOD": "EST",
            "AGEDEF": "COMPLET" if day == "D0101" else "REACH",
            "COMMENT_DSET": write_comment([f"as of the beginning of {request.day}", *notes]),
        },
        observation={**build_observation(request), "INTEG_METHOD": SIGNS_OF_LIFE if len(request.lists) == 1 else "MSE"},
    )


def flow_statement(request: CoverageRequest, notes: Sequence[str]) -> Statement:
    return Statement(
        {
            "RES_RULE": request.rule,
            "DUR_BASIS": "_U",
            "REF_DATE": "_Z",
            "COMMENT_DSET": write_comment(list(reversed(notes))),
        },
        observation={**build_observation(request), "INTEG_METHOD": SIGNS_OF_LIFE},
    )


def write_comment(notes: Sequence[str]) -> str:
    text = "; ".join(notes) + "."
    return text if len(text) <= LONGEST_COMMENT else text[: LONGEST_COMMENT - 1] + "…"


def build_observation(request: CoverageRequest) -> dict[str, str]:
    further = (("linkage", request.linkage), ("declaration", request.declaration))
    sources = "; ".join(
        f"{name}: {path.name} (SHA-256 {digest(path)[:HASH_SHOWN]})"
        for name, path in (*request.lists.items(), *request.files.items(), *further)
        if path
    )
    return {
        "FREQ": "A",
        "REF_AREA": request.area,
        "UNIT_MEASURE": "PS",
        "UNIT_MULT": "0",
        "SRC_TYPE": request.source_type,
        "SOURCE_DETAIL": sources,
    }
