"""Preflight: what has to be so before a submission is sealed, and what stands in the way, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.application.approvals import missing_approvals
from sdmxmig.application.finding_lists import FindingList, store_of
from sdmxmig.application.packaging import check_findings, judged_contents
from sdmxmig.application.people import people_of
from sdmxmig.errors import SdmxmigError
from sdmxmig.intake.files import open_file
from sdmxmig.lazily import pl
from sdmxmig.outputs import findings_lines
from sdmxmig.publishing.made import hash_of

if TYPE_CHECKING:
    from sdmxmig.application.session import Session

APPROVED = "approved"
MET, OPEN, BLOCKS = "met", "open", "in the way"
"""How a condition stands: it is met; it is not, but a submission may be sealed; nothing is sealed until it is met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that has to be so before data are sent, how it stands, and why it is not met where it is not.

    `name` is one of ``data`` (converted, and not older than the tables), ``findings`` (validated, and not older than
    the data), ``unchanged`` (what is there is what was validated), ``errors`` (none is left), ``warnings`` (each is
    explained) and, where several people work on a workspace, ``approved`` (by another person than who changed it).
    `count` is how many errors or warnings there are.
    """

    name: str
    state: str
    reasons: tuple[str, ...] = ()
    count: int = 0


def preflight(session: Session, findings: FindingList | None = None) -> tuple[Condition, ...]:
    """Every condition of a submission, in the order in which they are met.

    `findings` are those of the last validation, if somebody has read them already.
    """
    conditions = [fresh(session, "data"), fresh(session, "findings")]
    if all(condition.state == MET for condition in conditions):
        conditions.append(unchanged(session))
    path = store_of(session.out)
    if session.results.made("findings") is not None and path.is_file():
        conditions += judgements(findings or FindingList(path))
    people = people_of(session.workspace.folder)
    if people is not None:
        reasons = tuple(missing_approvals(session, people))
        conditions.append(Condition(name=APPROVED, state=BLOCKS if reasons else MET, reasons=reasons))
    return tuple(conditions)


def fresh(session: Session, name: str) -> Condition:
    """Whether a result is there and not older than what it is made from."""
    if session.results.made(name) is None:
        return Condition(name=name, state=BLOCKS)
    reasons = tuple(session.results.older(name))
    return Condition(name=name, state=BLOCKS if reasons else MET, reasons=reasons)


def unchanged(session: Session) -> Condition:
    """Whether data and findings are as they were validated, file by file, and by all rules."""
    try:
        store = store_of(session.out)
        check_findings(session, hash_of(store.resolve()))
        with open_file(store) as file:  # of very many findings only the first line is read
            judged_contents(session, findings_lines.judged_in(file.readline(), str(store)))
    except SdmxmigError as error:
        where = f"{error.place}: " if error.place else ""
        return Condition(name="unchanged", state=BLOCKS, reasons=(f"{where}{error.message}",))
    return Condition(name="unchanged", state=MET)


def judgements(findings: FindingList) -> Iterator[Condition]:
    """Whether errors are left, and warnings that nobody has explained."""
    errors = findings.counts["error"]
    is_explained = (pl.col("severity") == "warning") & (pl.col("justified") == "yes")
    unexplained = findings.counts["warning"] - findings.index.filter(is_explained).height
    yield Condition(name="errors", state=BLOCKS if errors else MET, count=errors)
    yield Condition(name="warnings", state=OPEN if unexplained else MET, count=unexplained)


def is_ready(conditions: tuple[Condition, ...]) -> bool:
    """Whether a submission can be sealed."""
    return all(condition.state != BLOCKS for condition in conditions)
