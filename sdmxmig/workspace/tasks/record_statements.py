"""Statements of figures from records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.counting import Statement
from sdmxmig.records.crossing_rules import ACTUAL, GRANTED
from sdmxmig.records.days import date_of
from sdmxmig.records.derivation import Sums
from sdmxmig.records.engines import collected
from sdmxmig.records.linkage_errors import AGREEING, BETWEEN, PROBABLE, SHARES, UNMEASURED, Linked, linkage_errors_of
from sdmxmig.records.people import AGE_DEFINITION, REACHED
from sdmxmig.records.questions import Derivation, Events, Question
from sdmxmig.records.reading import NOTICE
from sdmxmig.records.record_tables import DOCUMENTS, LINKS, NIGHTS, PERMITS, PERSONS, SIMULATED
from sdmxmig.records.residence_rules import MISSING_RECORD, OPEN_SPELL, ResidenceRule
from sdmxmig.records.traces import unseen_at_the_end
from sdmxmig.workspace.tasks.further_figures import DeriveRequest

HASH_SHOWN = 12

LOOKS_AHEAD = (
    "who arrived within the {rule.window_months} months before a reference date counts by the nights of the "
    "{rule.intention_window_months} months after the arrival, and figures are provisional until these have passed"
)


@dataclass(frozen=True, slots=True)
class Remarks:
    notes: tuple[str, ...]
    method: str
    _: KW_ONLY
    of_flows: tuple[str, ...] = ()
    is_simulated: bool = False


def outcome_counts(sums: Sums) -> dict[str, int]:
    counts = sums.outcomes.group_by("outcome").agg(pl.col("crossings").sum())
    return dict(sorted(counts.select("outcome", "crossings").rows()))


def statement_of(
    request: DeriveRequest, question: Question, outcomes: Mapping[str, int], remarks: Remarks, *, by_rule: bool = True
) -> Statement:
    rule = question.rule
    unknown = outcomes.get(MISSING_RECORD, 0)
    ahead = [LOOKS_AHEAD.format(rule=rule)] if rule.intention_months and request.basis == ACTUAL else []
    unjudged = [
        f"{unknown:,} crossings in these periods could not be judged, since a record before or after is missing",
        f"{outcomes.get(OPEN_SPELL, 0):,} are still open",
    ]
    notes = [
        *([NOTICE] if remarks.is_simulated else []),
        *([in_words(rule), *ahead] if by_rule else []),
        f"records complete from {date_of(question.observation.first)} to {date_of(question.observation.until - 1)}",
        *remarks.notes,
        *of_linkage(request),
        *([f"country of birth by {request.birth_place} of CL_BIRTH_PLACE"] if PERSONS.name in request.files else []),
        *([*remarks.of_flows, *unjudged] if by_rule else []),
    ]
    return Statement(
        {
            "RES_RULE": rule.code if by_rule else "",
            "DUR_BASIS": GRANTED if rule.by_permits else request.basis,
            "REF_DATE": "_Z",
            AGE_DEFINITION: REACHED,
            "COMMENT_DSET": "; ".join(notes) + ".",
        },
        observation={
            "FREQ": request.every,
            "REF_AREA": request.area,
            "UNIT_MEASURE": "PS",
            "UNIT_MULT": "0",
            "SRC_TYPE": request.source_type or source_of(request),
            **({"INTEG_METHOD": remarks.method} if remarks.method else {}),
            "SOURCE_DETAIL": sources_of(request, is_simulated=remarks.is_simulated),
        },
    )


def method_of(request: DeriveRequest, by_person: Linked | None) -> str:
    if request.linkage:
        return PROBABLE
    if by_person:
        return by_person.method
    return AGREEING if DOCUMENTS.name in request.files else ""


def of_linkage(request: DeriveRequest) -> list[str]:
    joined = [f"{table} by records of {source}" for table, source in request.linked.items()]
    whose = [f"persons by links of records: {', '.join(joined)}"] if joined else []
    if not request.linkage:
        return whose
    if not {DOCUMENTS.name, LINKS.name} & set(request.files):
        raise SdmxmigError(
            "Linkage errors need links or documents.", hint="Name the linked records with --links or --documents."
        )
    rates = []
    for error in linkage_errors_of(request.linkage):
        if error.measure in SHARES:
            interval = f" ({error.low} to {error.high})" if error.low else ""
            where = "between sources" if error.kind == BETWEEN else "within the source"
            rates.append(f"{error.source} {where} {error.measure} {error.value}{interval} by {error.basis}")
    return [*whose, f"persons by linkage of records: {', '.join(rates) or UNMEASURED}"]


def sources_of(request: DeriveRequest, *, is_simulated: bool = False) -> str:
    files = ", ".join(f"{path.name} (SHA-256 {digest(path)[:HASH_SHOWN]})" for path in request.files.values())
    return f"{SIMULATED} records: {files}" if is_simulated else files


def source_of(request: DeriveRequest) -> str:
    if NIGHTS.name in request.files:
        return "MPD"
    return "PER_RES" if PERMITS.name in request.files else "BOR"


OF_CROSSINGS = ["nights belong to where the last crossing of the day leads"]
OF_PERMITS = ["nights are those for which a stay is allowed, with its whole length; who is a citizen needs no permit"]


UNSEEN = "unseen"
"""The sum of persons of whom no night is known any more when observation ends."""


def unseen_persons(derivation: Derivation, events: Events) -> dict[str, pl.DataFrame]:
    if derivation.records.nights is None:
        return {}
    gone = unseen_at_the_end(events.spells, derivation.question.observation)
    return {UNSEEN: pl.DataFrame({"persons": [collected(derivation.engine, gone).height]})}


def of_nights(request: DeriveRequest, sums: Sums) -> list[str]:
    if UNSEEN not in sums.further:
        return OF_PERMITS if PERMITS.name in request.files else OF_CROSSINGS
    lost = sums.further[UNSEEN]["persons"].sum()
    filled = f"gaps of up to {request.bridged} nights on one side of the border count as nights there"
    return [
        *([filled] if request.bridged else []),
        "nights that no record shows are unknown; a crossing in a gap is dated by the first night known again",
        f"of {lost:,} persons no night is known any more when observation ends",
    ]


def in_words(rule: ResidenceRule) -> str:
    facts = {
        "anchor": rule.anchor,
        "continuity": rule.continuity,
        "threshold_days": rule.threshold_days,
        "threshold_months": None if rule.threshold_days else rule.threshold_months,
        "before_days": rule.before_days,
        "window_days": rule.window_days,
        "window_months": None if rule.window_days else rule.window_months,
        "absence_days": rule.absence_days or None,
        "absence_months": rule.absence_months or None,
        "intention_months": rule.intention_months,
        "intention_window_months": rule.intention_window_months,
        "parameters": rule.status,
    }
    listed = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
    set_so = "".join(f", {name} set by the request" for name, _ in rule.changed)
    return f"rule {rule.code}: {listed}{set_so}"


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
