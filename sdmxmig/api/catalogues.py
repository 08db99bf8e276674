"""Everything that is declared: loaded, and shown by its name."""

from __future__ import annotations

from sdmxmig import catalogue
from sdmxmig.api.asking import in_python
from sdmxmig.api.sources import StrPath, catalogue_for, folder_of
from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.showing import Card, card, find, meant
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import locale
from sdmxmig.quality.rules import describe_kinds

MOST_NAMED = 8


@in_python
def load(workspace: StrPath | None = None) -> Catalogue:
    """Read all declarations: codelists, structures, dataflows, rules, indicators, benchmarking items.

    Declarations of a workspace override those shipped with sdmxmig. Raises `SdmxmigError` naming file and line if a
    declaration is wrong.
    """
    return catalogue.load(folder_of(workspace))


@in_python
def show(name: str, *, language: str = "en", workspace: StrPath | None = None) -> Card:
    """Show a declaration: a codelist, a code, a structure, an indicator, a definition, a rule, an account.

    `name` is an id, ``AGENCY:ID(VERSION)``, a URN, a code as ``CL_SEX.F``, the number of a definition or indicator, or
    a name. ``print(show("CL_SEX"))`` prints everything. Raises `SdmxmigError` with the nearest name if it is unknown,
    and with the full names if it is ambiguous.
    """
    if not isinstance(name, str) or not name.strip():
        raise SdmxmigError(
            "Show what?", hint='Give an id or a name, such as "CL_SEX"; load() gives everything there is.'
        )
    tongue = locale(language).language
    catalogue = catalogue_for(workspace)
    things = find(catalogue, name)
    thing = meant(things)
    if thing is None:
        names = [candidate.name for candidate in things]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        hint = f"Name one of them: {', '.join(names[:MOST_NAMED])}{more}."
        raise SdmxmigError(f"Several things are called “{name}”.", hint=hint)
    return card(thing, catalogue, tongue, describe_kinds=describe_kinds)
