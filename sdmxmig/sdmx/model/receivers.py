"""Who receives submissions: in which formats, words and file names, by when, and what would be refused there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

REFUSES, MAY_REFUSE = "refuses", "may refuse"
"""What a receiver does with a submission that does not meet a demand."""
EFFECTS = (REFUSES, MAY_REFUSE)
TRANSPORTS = ("folder", "upload", "registry", "sdmx-rest", "dotstat", "sftp", "http")
"""How submissions reach a receiver: from a folder or by hand, through a registry (FMR’s interface, or SDMX’s
own), a .Stat service, SFTP or HTTP."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a receiver asks of a submission; its kind says how it is looked at.

    `says` is the demand in words, `effect` what comes of not meeting it. `parameters` are those of the kind.
    """

    id: str
    kind: str
    _: KW_ONLY
    says: Text
    effect: str = REFUSES
    parameters: Mapping[str, object] = field(default_factory=dict)
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DeliveryTerm:
    """By when data are due: so many months after the end of their period, for dataflows whose ids begin so.

    No beginnings mean all dataflows.
    """

    months: int
    flows: tuple[str, ...] = ()
    _: KW_ONLY
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Transport:
    """One way in which submissions reach a receiver, and what has to be known of it."""

    kind: str
    _: KW_ONLY
    note: Text = Text()
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True)
class TakenAction:
    """One thing that a receiver does with data that it has: append, replace, merge or delete, as SDMX names it."""

    kind: str
    _: KW_ONLY
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency that receives submissions: which formats it takes, how it names things, and what it would refuse.

    `formats` are those of data messages; `structure_format` and `metadata_format` are empty where it takes no such
    messages. `file_name` is a pattern with ``{flow}``, ``{dataset}`` (the id that the receiver has for it), ``{area}``,
    ``{year}`` and ``{period}`` (of the last period of the data), ``{prepared}`` (the date, as 20260131), ``{suffix}``
    and ``{extension}``. `areas` are the countries that it calls otherwise. `addressed_as` is its id in headers.
    `languages` are those that it reads, none if that is not known. `maps` are the structure maps into its own
    structures: data of their source dataflows are translated by them. `actions` are what it can be asked to do with
    what it has; where nothing says so, it is asked to replace it.
    """

    id: str
    name: Text
    _: KW_ONLY
    formats: tuple[str, ...]
    file_name: str
    structure_format: str = ""
    metadata_format: str = ""
    addressed_as: str = ""
    languages: tuple[str, ...] = ()
    areas: Mapping[str, str] = field(default_factory=dict)
    maps: tuple[str, ...] = ()
    terms: tuple[DeliveryTerm, ...] = ()
    transports: tuple[Transport, ...] = ()
    demands: tuple[Demand, ...] = ()
    actions: tuple[TakenAction, ...] = ()
    role: str = ""
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)
