"""Checks of values during conversion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.primitives.errors import counted
from sdmxmig.primitives.places import Place
from sdmxmig.quality.checking import located
from sdmxmig.quality.checking.content import Contents
from sdmxmig.sdmx.checking.reading import Problem, reading_of, version_of
from sdmxmig.sdmx.formats import Format
from sdmxmig.sdmx.model.data import Dataset, Flow


@dataclass(slots=True)
class Passing:
    form: Format
    contents: Contents = field(init=False)
    flows: dict[str, Flow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.contents = Contents(version_of(self.form.id))

    def of(self, blocks: Iterable[Dataset]) -> Iterator[Dataset]:
        for block in blocks:
            self.contents.take(block)
            self.flows[block.flow.dataflow.ref.short] = block.flow
            yield block
        self.contents.close()

    @property
    def is_sound(self) -> bool:
        return not self.contents.problems and not self.contents.duplicates.height

    def problems(self, name: str, message: KeptMessage | None, flows: Mapping[str, Flow]) -> list[Problem]:
        if message is not None:
            with ExitStack() as opened:
                return located(self.contents, reading_of(message, self.form, {**self.flows, **flows}, opened))
        repeated = self.contents.duplicates.height
        sentences = (
            [f"{counted(repeated, 'observation')} {'stands' if repeated == 1 else 'stand'} twice."] if repeated else []
        )
        return [Problem(Place(name), sentence) for sentence in (*self.contents.problems, *sentences)]
