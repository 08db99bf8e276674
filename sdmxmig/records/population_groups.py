"""Population by groups, some combined.

Groups are estimated separately and added; uninformative ones are combined without own figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import np
from sdmxmig.records.group_estimates import Group, GroupEstimate, Method, WrongRecords, estimated
from sdmxmig.statistics.demography.capture import Estimate, Share, estimate_of, summed
from sdmxmig.statistics.demography.signs_of_life import OverCoverage, all_over

WITHOUT_GROUPS = "all persons as one group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The estimated groups and total.

    `refused` explains missing estimates; `others` are alternative totals.
    """

    groups: tuple[GroupEstimate, ...]
    together: GroupEstimate | None
    refused: Mapping[tuple[str, ...], str]
    total: Estimate
    others: dict[str, float]

    @property
    def parts(self) -> tuple[GroupEstimate, ...]:
        return (*self.groups, *([self.together] if self.together else []))

    @property
    def over(self) -> OverCoverage | None:
        overs = [part.group.over for part in self.parts if part.group.over]
        return all_over(overs) if overs and len(overs) == len(self.parts) else None

    @property
    def doubts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(doubt for part in self.parts for doubt in part.doubts))


def population_of(groups: Sequence[Group], method: Method) -> Population:
    """Estimate groups and total.

    Combines groups until estimable, and at least two to prevent subtraction. Raises `SdmxmigError` if even the total is
    impossible.
    """
    present = [group for group in groups if group.seen]
    if not present:
        raise SdmxmigError("Nobody is on the lists.", hint="Name lists with persons.")
    whole: list[GroupEstimate] = []
    pool: list[Group] = []
    why: dict[tuple[str, ...], str] = {}
    for group in sorted(present, key=lambda group: group.codes):
        try:
            whole.append(estimated(group, method))
        except SdmxmigError as error:
            pool.append(group)
            why[group.codes] = error.message
    whole.sort(key=lambda part: part.group.seen)
    together = None
    while pool and together is None:
        if len(pool) > 1:
            together = estimated_or_none(merged(pool), method)
        if together is None:
            if not whole:
                raise SdmxmigError(
                    f"There is no estimate: {next(iter(why.values()))}",
                    hint="Check the lists, how they are linked, and the signs of life.",
                )
            pool.append(whole.pop(0).group)
    parts = [*sorted(whole, key=lambda part: part.group.codes), *([together] if together else [])]
    if len(parts) > 1:
        links = moved_methods(method)
        parts = [replace(part, shifts=(*part.shifts, *(shift_of(part, moved) for moved in links))) for part in parts]
    return Population(
        groups=tuple(parts[: len(whole)]),
        together=parts[-1] if together else None,
        refused={codes: why.get(codes, "") for codes in sorted(group.codes for group in pool)},
        total=sum_of(parts),
        others=otherwise(parts, present, method),
    )


def estimated_or_none(group: Group, method: Method) -> GroupEstimate | None:
    try:
        return estimated(group, method)
    except SdmxmigError:
        return None


def sum_of(parts: Sequence[GroupEstimate]) -> Estimate:
    """The population of several groups; how well signs tell and links are right is measured once for all of them."""
    estimates = [part.estimate for part in parts]
    if len(estimates) == 1:
        return estimates[0]
    total = summed(estimates)
    shifts = list(zip(*(part.shifts for part in parts), strict=True))
    variance = total.variance + sum(sum(moved) ** 2 - sum(shift**2 for shift in moved) for moved in shifts)
    if variance <= total.variance:
        return total
    return estimate_of(total.value, variance, unseen=total.unseen, chance=total.chance)


def shift_of(part: GroupEstimate, moved: Method) -> float:
    other = estimated_or_none(part.group, moved)
    return other.estimate.value - part.estimate.value if other else 0.0


def all_wrong(groups: Sequence[WrongRecords]) -> WrongRecords:
    moved, chance = (
        list(zip(*(getattr(wrong, name) for wrong in groups), strict=True)) for name in ("moved", "chance")
    )
    return WrongRecords(
        number=np.sum([wrong.number for wrong in groups], axis=0),
        moved=tuple(np.sum(reaches, axis=0) for reaches in moved),
        chance=tuple(np.sign(np.sum(reaches, axis=0)) * np.sqrt(np.square(reaches).sum(axis=0)) for reaches in chance),
    )


def moved_methods(method: Method) -> list[Method]:
    moved: list[Method] = []
    for number, links in method.links.items():
        moved += [
            replace(method, links={**method.links, number: replace(links, **{name: lower(share)})})
            for name, share in (("precision", links.precision), ("recall", links.recall))
            if share.variance
        ]
    return moved


def lower(share: Share) -> Share:
    return Share(max(share.value - math.sqrt(share.variance), 0.0))


def otherwise(parts: Sequence[GroupEstimate], groups: Sequence[Group], method: Method) -> dict[str, float]:
    labels = dict.fromkeys(label for part in parts for label in part.others)
    totals = {label: sum(part.others.get(label, part.estimate.value) for part in parts) for label in labels}
    if len(parts) > 1:
        joined = estimated_or_none(merged(groups), method)
        if joined:
            totals[WITHOUT_GROUPS] = joined.estimate.value
    return totals


def merged(groups: Sequence[Group]) -> Group:
    overs = [group.over for group in groups if group.over]
    wrong = [group.wrong for group in groups if group.wrong]
    return Group(
        ("together",) * len(groups[0].codes),
        np.sum([group.counts for group in groups], axis=0),
        over=all_over(overs) if len(overs) == len(groups) else None,
        wrong=all_wrong(wrong) if len(wrong) == len(groups) else None,
    )
