"""Accounting identities as they are declared in `structures/accounts.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError
from sdmxmig.model.artefacts import Text
from sdmxmig.places import Place


@dataclass(frozen=True, slots=True)
class IdentityTerm:
    """One term of an identity: the account's item, its sign, and the flow that holds it if there is no account.

    An optional term counts as zero when it is not reported. `codes` say where to look in the flow when that is not
    the population of the account itself.
    """

    item: str
    sign: int = 1
    flow: str = ""
    optional: bool = False
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What must hold between the populations at the start and at the end of a year, and what happened between them.

    `account` is the flow that reports all items together. `population` restricts the identity to those codes; a
    dimension that it does not name may have any code.
    """

    id: str
    name: Text
    account: str
    start: IdentityTerm
    end: IdentityTerm
    terms: tuple[IdentityTerm, ...]
    population: tuple[tuple[str, str], ...] = ()
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)

    @property
    def all_terms(self) -> tuple[IdentityTerm, ...]:
        """Start, end and everything between."""
        return (self.start, self.end, *self.terms)


def parse_identities(name: str, content: bytes) -> tuple[Identity, ...]:
    """The accounting identities of a file, in the order in which they are declared.

    Raises `DeclarationError` with file and key if one is incomplete, is declared twice or has a sign that is not 1
    or -1.
    """
    declared = Declared.parse(name, content)
    found = tuple(identity_of(one) for one in declared.tables("identity"))
    declared.close()
    ids = [identity.id for identity in found]
    for identity in found:
        if ids.count(identity.id) > 1:
            raise DeclarationError(f"The identity {identity.id} is declared twice.", identity.place)
    return found


def identity_of(declared: Declared) -> Identity:
    """One identity."""
    identity = Identity(
        declared.text("id"),
        declared.texts("name", required=True),
        declared.text("account"),
        term_of(declared.table("start", required=True)),
        term_of(declared.table("end", required=True)),
        tuple(term_of(one) for one in declared.tables("term")),
        tuple(declared.table("population").pairs().items()),
        declared.text("status", "candidate"),
        declared.text("source", ""),
        declared.place,
    )
    declared.close()
    return identity


def term_of(declared: Declared) -> IdentityTerm:
    """One term."""
    sign = declared.integer("sign", 1)
    if sign not in (1, -1):
        raise DeclarationError(f"A sign is 1 or -1, not {sign}.", declared.at("sign"))
    term = IdentityTerm(
        declared.text("item"),
        sign,
        declared.text("flow", ""),
        declared.flag("optional", default=False),
        tuple(declared.table("codes").pairs().items()),
    )
    declared.close()
    return term
