"""Web services of agencies, from which data and structures are fetched: where they are, and what they are known for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

DATA, STRUCTURES = "data", "structures"
"""What is fetched; a service may limit how often each of them is asked for."""
RESOURCES = (DATA, STRUCTURES)
APIS = (1, 2)
"""The generations of the SDMX REST API: 1.x and 2.x."""


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """A format in which a service answers, by our id for it, and how it is asked for that.

    `accept` is the header; empty for the media type that SDMX has for the format. `parameters` are what the service
    wants in the address besides.
    """

    format: str
    accept: str = ""
    _: KW_ONLY
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How often a service may be asked: so many times in so many seconds."""

    count: int
    seconds: int
    _: KW_ONLY
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a service that prepares large answers tells how far it is: two addresses, each with a blank ``{id}``.

    It is asked `every` so many seconds.
    """

    state: str
    answer: str
    _: KW_ONLY
    every: int
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True)
class WebService:
    """A web service by its id, which is that of its agency.

    `address` is where its paths begin, `api` the generation of the SDMX REST API that it speaks. `client` is what the
    library sdmx1 calls it, if that knows it: its addresses are then made there. `agencies` are those whose dataflows it
    serves besides; ``X.*`` means all below X. `data` and `structures` are the formats in which it answers, the usual
    one first. `limits` say how often it may be asked for each of the two. `is_private` says that the address is meant,
    though it lies within this machine or network.
    """

    id: str
    name: Text
    _: KW_ONLY
    address: str
    api: int
    client: str = ""
    agencies: tuple[str, ...] = ()
    data: tuple[AnswerFormat, ...] = ()
    structures: tuple[AnswerFormat, ...] = ()
    limits: Mapping[str, RateLimit] = field(default_factory=dict)
    preparation: Preparation | None = None
    is_private: bool = False
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)

    def formats(self, resource: str) -> tuple[AnswerFormat, ...]:
        """The formats in which it answers questions for data, or for structures."""
        return self.data if resource == DATA else self.structures

    def serves(self, agency: str) -> bool:
        """Whether dataflows of an agency are fetched here."""
        return agency == self.id or any(
            agency == name or (name.endswith(".*") and agency.startswith(name[:-1])) for name in self.agencies
        )
