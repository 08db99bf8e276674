"""Messages with what a format can hold: the rest is left out by name, with the reason, never in silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats import Format, structure_bytes
from sdmxmig.model.dependencies import dependants, schemes_named
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact
from sdmxmig.model.submission import Header


@dataclass(frozen=True, slots=True)
class Fitted:
    """A structure message, and the artefacts that are not in it, with the reason for each."""

    content: bytes
    left_out: tuple[tuple[Ref, str], ...]


def fitting(form: Format, artefacts: Iterable[Artefact], header: Header) -> Fitted:
    """Write those artefacts that a format can hold as one structure message.

    An artefact that the format cannot express is left out whole, and so is what refers to it, so that no reference
    leads nowhere. Raises `SdmxmigError` if the format has no structure messages.
    """
    given = list(artefacts)
    named = None
    left: dict[Ref, str] = {}
    while True:
        kept = [one for one in given if one.ref not in left]
        try:
            return Fitted(structure_bytes(form, kept, header), tuple(left.items()))
        except SdmxmigError as error:
            refused = {culprit.ref: one for one in (error, *error.others) if (culprit := named_by(one, kept))}
            if not refused:
                raise
            left |= {ref: f"{one.message} {one.hint}".rstrip() for ref, one in refused.items()}
            named = named or schemes_named(given)
            held = {one.ref: named[one.ref] for one in kept}
            for ref, missing in dependants(held, refused).items():
                left.setdefault(ref, f"It refers to {missing}, which is left out.")


def named_by(error: SdmxmigError, artefacts: Iterable[Artefact]) -> Artefact | None:
    """The artefact of which an error says that it cannot be expressed; None if it speaks of none."""
    named = [one for one in artefacts if one.place == error.place and one.ref.short in error.message]
    of_kind = [one for one in named if str(one.ref).replace("=", " ") in error.message]
    return next(iter((*of_kind, *named)), None)
