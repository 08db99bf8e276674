"""How many series and observations there are, as the answer to a query tells: annotations where it has no place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sdmxmig.model.artefacts import Annotation

COUNTS = {"seriesCount": "series_count", "obsCount": "obs_count"}
"""The counts by SDMX's names, and the ids of the annotations that stand for them."""
METRICS = "sdmx_metrics"


def count_notes(counts: Iterable[tuple[str, str]]) -> Iterator[Annotation]:
    """Counts (name, number) as annotations."""
    for name, count in counts:
        yield Annotation(METRICS, title=count, id=COUNTS.get(name, name))


def counts_in(notes: tuple[Annotation, ...]) -> tuple[tuple[Annotation, ...], tuple[tuple[str, str], ...]]:
    """The annotations without those that stand for counts, and these counts."""
    counts = []
    for name, own in COUNTS.items():
        found = next((annotation for annotation in notes if annotation.id == own and annotation.type == METRICS), None)
        if found and found == Annotation(METRICS, title=found.title, id=own) and found.title:
            counts.append((name, found.title))
            notes = tuple(annotation for annotation in notes if annotation is not found)
    return notes, tuple(counts)
