"""Index of artefacts read so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdmxmig.catalogue.ages import find_same_ages
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact


class ArtefactIndex:
    """Artefacts by reference; agency and version may be omitted if unique, and errors name the nearest."""

    def __init__(self, artefacts: Iterable[Artefact] = ()) -> None:
        self.artefacts: dict[Ref, Artefact] = {}
        self.looked_up: dict[Ref, Artefact] = {}
        self._items: dict[Ref, dict[str, Item]] = {}
        for artefact in artefacts:
            self.add(artefact)

    def add(self, artefact: Artefact) -> None:
        earlier = self.artefacts.get(artefact.ref)
        if earlier is not None:
            hint = f"See {earlier.place}." if earlier.place else ""
            raise DeclarationError(f"{artefact.ref} is declared twice.", artefact.place, hint)
        self.artefacts[artefact.ref] = artefact

    def ref(self, text: str, kind: str, place: Place) -> Ref:
        return self.find(parse_reference(text, kind, place), place).ref

    def find(self, ref: Ref, place: Place) -> Artefact:
        artefact = self.looked_up[ref] = (
            self.artefacts[ref] if ref in self.artefacts else self._find_fitting(ref, place)
        )
        return artefact

    def _find_fitting(self, ref: Ref, place: Place) -> Artefact:
        """Find the only artefact that fits a partial reference; errors name the nearest."""
        same_kind = [artefact for known_ref, artefact in self.artefacts.items() if known_ref.kind == ref.kind]
        fitting = [artefact for artefact in same_kind if artefact.ref.id == ref.id]
        fitting = [artefact for artefact in fitting if ref.agency in ("", artefact.ref.agency) and not ref.version]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            names = ", ".join(artefact.ref.short for artefact in fitting)
            raise DeclarationError(f"Several artefacts are called {ref.id}.", place, f"Write one of: {names}.")
        is_full = bool(ref.agency and ref.version)
        name = ref.short if is_full else ref.id
        hint = did_you_mean(name, [artefact.ref.short if is_full else artefact.ref.id for artefact in same_kind])
        raise DeclarationError(f"There is no {name_kind(ref.kind)} {name}.", place, hint or "None is declared.")

    def item(self, text: str, kind: str, place: Place) -> Ref:
        ref = parse_reference(text, kind, place)
        scheme = self.find(ref.scheme, place)
        self.check_items(scheme.ref, [ref.item], place)
        return Ref(kind, scheme.ref.agency, id=scheme.ref.id, version=scheme.ref.version, item=ref.item)

    def items(self, scheme: Ref) -> Mapping[str, Item]:
        if scheme not in self._items:
            artefact = self.artefacts.get(scheme)
            items = artefact.items if isinstance(artefact, ItemScheme) else ()
            by_path = scheme.kind == "CategoryScheme"
            self._items[scheme] = {item.path if by_path else item.id: item for item in items}
        return self._items[scheme]

    def check_items(self, scheme: Ref, ids: Iterable[str], place: Place) -> None:
        artefact = self.artefacts[scheme]
        if artefact.details.external:
            return
        items = self.items(scheme)
        for item_id in ids:
            if item_id not in items:
                kind_of_item = {"Codelist": "code", "ConceptScheme": "concept"}.get(scheme.kind, "item")
                message = f"There is no {kind_of_item} “{item_id}” in {scheme.short}."
                raise DeclarationError(message, place, did_you_mean(find_same_ages(item_id, items) or item_id, items))


def parse_reference(text: str, kind: str, place: Place) -> Ref:
    try:
        return Ref.parse(text, kind=kind)
    except DeclarationError as error:
        raise DeclarationError(error.message, place, error.hint) from None


def name_kind(kind: str) -> str:
    """Return the display name of a kind.

    >>> name_kind("DataStructure"), name_kind("Codelist")
    ('data structure', 'codelist')
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
