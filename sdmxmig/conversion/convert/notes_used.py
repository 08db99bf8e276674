"""User notes without figures, and contradictory notes.

A note without figures is outdated or wrong. A note on fewer figures takes precedence; of two that overlap only partly,
neither does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.noted_figures import figures_meant
from sdmxmig.conversion.mapping.readings import Readings
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Attributes, Noted


class CrossingNotes(DeclarationError):  # noqa: N818 - the name says what is the matter
    """Two notes give the same figures different codes and neither is more specific.

    `attribute` and `texts` are the contradiction; `where` are the codes of the shared figures.
    """

    def __init__(self, notes: tuple[Noted, Noted], attribute: str, *, file: str) -> None:
        earlier, later = notes
        self.notes, self.attribute = notes, attribute
        self.texts = (dict(earlier.attributes)[attribute], dict(later.attributes)[attribute])
        self.where: Attributes = tuple(dict([*earlier.where, *later.where]).items())
        codes = " and ".join(f"{name} {code}" for name, code in self.where)
        message = f"Two notes say different things of figures with {codes}: {attribute} {' and '.join(self.texts)}."
        pairs = ", ".join(f'{name} = "{code}"' for name, code in self.where)
        if set(later.where) <= set(earlier.where):
            hint = "Keep one of the two, or put the one about fewer figures behind the other."
        else:
            hint = f"Say which holds in a note of its own behind both, about: {pairs}."
        super().__init__(message, Place(file, key=f"{later.key}.set.{attribute}"), hint)


class NotesWaiting:
    def __init__(self, mapping: model.Mapping) -> None:
        self.notes = {(block.key, noted): noted for block in mapping.blocks for noted in block.notes}

    def add(self, readings: Readings, context: ConversionContext) -> None:
        """Look which notes are about the figures of a block; raises `CrossingNotes` for two that contradict."""
        notes, block = readings.layout.block.notes, readings.layout.block
        meant = [figures_meant(noted, readings.components, readings.fixed, readings.cells.height) for noted in notes]
        for noted, figures in zip(notes, meant, strict=True):
            if figures.any():
                self.notes.pop((block.key, noted), None)
        coded = {name for noted in notes for name, _ in noted.attributes if context.flow.structure[name].is_coded}
        for attribute in sorted(coded):
            for pair in contradicting(notes, meant, attribute, fixed=frozenset(block.fixed)):
                raise CrossingNotes(pair, attribute, file=context.mapping_place.file)

    def check(self, context: ConversionContext) -> None:
        for noted in self.notes.values():
            codes = " and ".join(f"{name} {code}" for name, code in noted.where)
            raise DeclarationError(
                f"A note is about figures with {codes}, and the table has none.",
                Place(context.mapping_place.file, key=f"{noted.key}.where"),
                "Correct its codes, or remove it.",
            )


def contradicting(
    notes: Sequence[Noted], meant: Sequence[pl.Series], attribute: str, *, fixed: frozenset[tuple[str, str]]
) -> Iterator[tuple[Noted, Noted]]:
    """Find pairs of contradictory notes in which the later one is not more specific.

    `meant` gives the figures of each note. Codes that are `fixed` for the block are ignored.
    """
    saying = [
        (noted, figures) for noted, figures in zip(notes, meant, strict=True) if attribute in dict(noted.attributes)
    ]
    decided = pl.Series([False]).new_from_index(0, len(saying[0][1]))  # by a later note
    for number in range(len(saying) - 1, 0, -1):
        later, figures = saying[number]
        last_word = figures & ~decided
        decided |= figures
        for earlier, others in saying[:number]:
            says_otherwise = dict(earlier.attributes)[attribute] != dict(later.attributes)[attribute]
            codes, fewer = set(earlier.where), set(later.where)
            is_narrower = codes < fewer or codes - fixed < fewer - fixed
            if says_otherwise and not is_narrower and may_meet(earlier, later) and (last_word & others).any():
                yield earlier, later


def may_meet(note: Noted, other: Noted) -> bool:
    codes = dict(note.where)
    return all(codes.get(name, code) == code for name, code in other.where)
