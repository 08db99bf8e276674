"""What a name means: an artefact, one of its items, an indicator, a definition, a rule or an account."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.trees import path_in
from sdmxmig.errors import SdmxmigError, nearest
from sdmxmig.model.artefacts import ItemScheme, Text
from sdmxmig.model.references import ITEM_KINDS, Ref

DEFINITIONS = "CS_DEFINITIONS"
NUMBER = "DEFINITION_ID"
"""The annotation with the number under which a definition is known, such as D05."""


HOME = ("SDMXMIG", "SDMX")
"""Whose artefacts are meant where only an id is given and other owners have the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Something that can be shown: its kind, the full name that means nothing else, and what it is called.

    `within` is the scheme of an item, None for what is none.
    """

    kind: str
    name: str
    _: KW_ONLY
    title: Text
    thing: object
    within: ItemScheme | None = None


def everything(catalogue: Catalogue) -> Iterator[Named]:
    """All that can be shown but items of schemes: artefacts by kind, metadata, indicators, rules and accounts."""
    for ref in sorted(catalogue.artefacts, key=lambda ref: (ref.kind, ref.id, ref.agency, ref.version)):
        artefact = catalogue.artefacts[ref]
        yield Named(ref.kind, ref.short, title=artefact.name, thing=artefact)
    for ref, metadata in sorted(catalogue.metadata.items()):
        yield Named(ref.kind, ref.short, title=metadata.name, thing=metadata)
    for indicator in catalogue.indicators.values():
        yield Named("Indicator", indicator.id, title=indicator.name, thing=indicator)
    for rule in catalogue.rules.values():
        yield Named("Rule", rule.id, title=rule.name, thing=rule)
    for identity in catalogue.identities:
        yield Named("Account", identity.id, title=identity.name, thing=identity)


def items(catalogue: Catalogue) -> Iterator[Named]:
    """All items of all schemes, the definitions first."""
    schemes = [item_scheme for item_scheme in catalogue.artefacts.values() if isinstance(item_scheme, ItemScheme)]
    schemes.sort(key=lambda item_scheme: (item_scheme.ref.id != DEFINITIONS, item_scheme.ref))
    for scheme in schemes:
        for item in scheme:
            yield Named(
                ITEM_KINDS[scheme.ref.kind],
                f"{scheme.ref.short}.{path_in(item, scheme)}",
                title=item.name,
                thing=item,
                within=scheme,
            )


def find(catalogue: Catalogue, name: str) -> tuple[Named, ...]:
    """What a name means; several things only if the name does not tell them apart.

    A name is a URN, ``AGENCY:ID(VERSION)`` with or without agency and version, the same with ``.ITEM``, the id or UN
    number of an indicator, the id or number of a definition, the id of a rule, an account or any code, or what
    something is called in any language. Raises `SdmxmigError` with the nearest name if there is no such thing.
    """
    asked = name.strip()
    listed = (*everything(catalogue), *items(catalogue))
    for told in (str, folded):  # as it is written first, then whatever the case and blanks
        for fits in _ways(asked, told):
            found = tuple(one for one in listed if fits(one))
            if found:
                return found
    raise SdmxmigError(f"There is nothing called “{asked}”.", hint=_hint(asked, listed))


def meant(found: tuple[Named, ...]) -> Named | None:
    """The one that is meant: the only one, or the only one of ours or of SDMX among namesakes of several owners.

    None if the name leaves it open.
    """
    namesakes = len({(owner(one).id, _path(one) if one.within else "") for one in found}) == 1
    for agency in HOME if len(found) > 1 and namesakes else ():
        own = [one for one in found if owner(one).agency == agency]
        if own:
            return own[0] if len(own) == 1 else None
    return found[0] if len(found) == 1 else None


def owner(one: Named) -> Ref:
    """The artefact that a thing is or belongs to; for what is none a name that no other has."""
    ref = one.within.ref if one.within else getattr(one.thing, "ref", None)
    return ref if isinstance(ref, Ref) else Ref(one.kind, "", id=one.name, version="")


def _ways(asked: str, told: Callable[[str], str]) -> Iterator[Callable[[Named], bool]]:
    """The ways to understand a name, the most exact first."""
    wanted = told(asked)
    parsed = _parsed(asked)
    if parsed:
        yield lambda one: _is_called(one, parsed, told)
    yield lambda one: one.kind == "Indicator" and wanted in _indicator_names(one, told)
    yield lambda one: _is_definition(one) and wanted in map(told, (_id(one), one.thing.note(NUMBER)))  # type: ignore[attr-defined]
    yield lambda one: one.within is None and told(one.name) == wanted
    yield lambda one: one.within is not None and told(_id(one)) == wanted
    for fits in (_is_definition, lambda one: one.within is None, lambda _: True):
        yield lambda one, fits=fits: fits(one) and wanted in (told(text) for _, text in one.title)  # type: ignore[misc]


def folded(text: str) -> str:
    """A name without case and blanks.

    >>> folded("MI 1.3") == folded("mi1.3")
    True
    """
    return re.sub(r"\s", "", text).casefold()


def _parsed(asked: str) -> Ref | None:
    try:
        return Ref.parse(asked)
    except SdmxmigError:
        return None


def _is_called(one: Named, wanted: Ref, told: Callable[[str], str]) -> bool:
    """Whether this is the artefact or item that a reference names; what the reference leaves out may be anything."""
    ref = owner(one)
    if not ref.agency or bool(wanted.item) != (one.within is not None):
        return False
    kind = one.kind if one.within else ref.kind
    pairs = ((wanted.kind, kind), (wanted.agency, ref.agency), (wanted.version, ref.version))
    if any(asked and told(asked) != told(known) for asked, known in pairs):
        return False
    return told(wanted.id) == told(ref.id) and (not one.within or told(wanted.item) == told(_path(one)))


def _path(one: Named) -> str:
    return one.name.rpartition(").")[2]


def _id(one: Named) -> str:
    return str(getattr(one.thing, "id", ""))


def _is_definition(one: Named) -> bool:
    return one.within is not None and one.within.ref.id == DEFINITIONS


def _indicator_names(one: Named, told: Callable[[str], str]) -> tuple[str, ...]:
    number = str(getattr(one.thing, "un_number", ""))
    return (told(_id(one)), *((told(number),) if number else ()))


def _hint(asked: str, listed: tuple[Named, ...]) -> str:
    """The names that look most like this one, or are called something with this word in it."""
    ids: dict[str, None] = {}
    for one in listed:
        if one.within is None:
            ids[owner(one).id] = None
        elif "." in asked:
            ids[f"{one.within.ref.id}.{_path(one)}"] = None
        elif _is_definition(one):
            ids[_id(one)] = None
    guess = nearest(asked.rpartition(":")[2].upper(), ids)
    with_word = [one for one in listed if any(asked.casefold() in text.casefold() for _, text in one.title)]
    shown = ", ".join(f"{one.name} ({one.title})" for one in with_word[:6])
    hints = (f"Did you mean “{guess}”?" if guess else "", f"With this word: {shown}." if shown else "")
    return " ".join(filter(None, hints)) or "List what there is: sdmxmig show"
