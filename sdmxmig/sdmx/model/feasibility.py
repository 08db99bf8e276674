"""Feasibility: by when an indicator can be produced, as the office says it and as its sources tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.scores import Statement


@dataclass(frozen=True, slots=True)
class Need:
    """What an indicator needs of one term: one of these sources, which must have some properties.

    `sources` are items that say whether a source is there: those of module H (whose sheets answer S05 to S14) or of
    module G (whether sector statistics record birth or citizenship). `conditions` lead from a question of the sheet
    to the answers that are good enough. `variables` are the components that a
    source must record; none: the primary topics of the indicator. `without` is how feasible it is where the answer to
    the item is no.
    """

    term: str
    sources: tuple[str, ...]
    _: KW_ONLY
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    without: str = "F1"
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Carrier:
    """One source that could carry a term of an indicator: between which codes of the scale FEAS it puts it, and why.

    `least` and `most` are the same where all that is asked is known of the source. `lacking` are variables that its
    sheet does not list.
    """

    source: str
    term: str
    _: KW_ONLY
    least: str
    most: str
    reasons: tuple[Statement, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feasibility:
    """By when an indicator can be produced: as the office says it (L06), and as its source inventory tells.

    `declared` and `computed` are codes of the scale FEAS; `computed` is empty where unknown answers leave it open
    between `least` and `most` (both empty: no source of the inventory is known to carry it). `difference` is how many
    steps the office is more hopeful (above zero) or less than its sources, None where one of the two is not known.
    `carriers` are the sources that could carry it, as they are declared; `drivers` the obstacles that the office
    names, by driver (a code of CL_FEAS_DRIVER) with a code of the scale DRIVER. `inputs` are the answers that went in.
    """

    declared: str = ""
    computed: str = ""
    _: KW_ONLY
    least: str = ""
    most: str = ""
    difference: int | None = None
    reasons: tuple[Statement, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    drivers: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Challenge:
    """An indicator that is hard to produce: because the office names it (L07), and by how many obstacles (drivers).

    `decisive` and `some` count the drivers that stand decisively or somewhat in the way, `asked` those that are
    answered. The list is ordered: named ones first, then by decisive, then by some obstacles.
    """

    indicator: str
    is_named: bool
    _: KW_ONLY
    decisive: int
    some: int
    asked: int
