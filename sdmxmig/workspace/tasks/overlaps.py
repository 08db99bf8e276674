"""Tables that give the same observations differently, and the choice of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from itertools import permutations

from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Dataset, Dropped, TableMapping
from sdmxmig.workspace.tasks.mapping_files import load_mappings
from sdmxmig.workspace.tasks.session import Session


@dataclass(frozen=True, slots=True)
class Overlap:
    """Periods for which two tables give observations of a dataflow; `lost` are those that only `other` gives."""

    flow: str
    _: KW_ONLY
    used: str
    other: str
    periods: tuple[str, ...]
    lost: int


def find_overlaps(datasets: Iterable[Dataset]) -> Iterator[Overlap]:
    """Yield each choice between two tables that give the same observations differently."""
    for dataset in datasets:
        structure = dataset.flow.structure
        if not structure.time or dataset.observations.select(structure.key).is_unique().all():
            continue
        keys, time = list(structure.key), structure.time.id
        of_values = dataset.origins.filter(pl.col("component").cast(pl.String) == structure.measure.id)
        file = of_values.group_by("observation").agg(pl.col("file").cast(pl.String).first())
        numbered = dataset.observations.select(keys).with_columns(observation=pl.int_range(pl.len(), dtype=pl.Int64))
        read = numbered.join(file.cast({"observation": pl.Int64}), on="observation").unique([*keys, "file"])
        twice = read.filter(pl.len().over(keys) > 1)
        for used, other in permutations(sorted(twice["file"].unique()), 2):
            of_used = read.filter(file=used)
            shared = twice.filter(file=other).join(of_used, on=keys, how="semi", nulls_equal=True)
            periods = shared[time].unique().sort()
            in_periods = read.filter(pl.col("file") == other, pl.col(time).is_in(periods.implode()))
            lost = in_periods.join(of_used, on=keys, how="anti", nulls_equal=True).height
            if shared.height:
                yield Overlap(dataset.flow.id, used=used, other=other, periods=tuple(periods), lost=lost)


def leave_out(session: Session, overlap: Overlap) -> None:
    """Leave the periods of an overlap out of the mapping of the table that is not used."""
    mapping = mapping_of_one(load_mappings(session), overlap)
    reason = f"{overlap.used} gives these figures"
    known = {(dropped.component, dropped.code) for dropped in mapping.dropped}
    time = session.catalogue.flow(overlap.flow).structure.time
    pairs = [(time.id, period) for period in overlap.periods] if time else []
    dropped = tuple(Dropped(*pair, reason=reason) for pair in pairs if pair not in known)
    changed = replace(mapping, dropped=(*mapping.dropped, *dropped))
    path = next(path for path in session.workspace.mappings if mapping.place and path.name == mapping.place.file)
    publish_file(path, write(changed).encode())


def mapping_of_one(mappings: Iterable[TableMapping], overlap: Overlap) -> TableMapping:
    """Return the only mapping of the table that is not used; raises `SdmxmigError` if it reads the other one too."""
    reading = [each for each in mappings if each.flow == overlap.flow and is_match(overlap.other, each.file)]
    if len(reading) != 1 or is_match(overlap.used, reading[0].file):
        hint = "Remove these years from one of the tables."
        raise SdmxmigError("These figures cannot be left out by a mapping.", Place(overlap.other), hint)
    return reading[0]
