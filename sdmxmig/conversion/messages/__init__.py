"""SDMX data messages and JSON-stat datasets converted to the dataflows of a workspace.

A message names the dataflow of its figures. If structure maps lead to it from our dataflows, they are applied
backwards; figures of declared dataflows stay unchanged. Components are those of the message, since the shipped
structure of its agency may be older or newer.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.messages import json_stat
from sdmxmig.conversion.messages.figures import by_maps
from sdmxmig.conversion.messages.json_stat import is_json_stat
from sdmxmig.conversion.messages.maps import maps_by_target, maps_to
from sdmxmig.conversion.translation import Untranslated
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.formats.detection import Detected, detect
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.inference import inferred
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import FindingCollector, Findings
from sdmxmig.sdmx.model.rule_ids import RuleId

JSON_STAT = Detected("json-stat", "data", name="JSON-stat data")
MAX_LISTED_VALUES = 5


@dataclass(frozen=True, slots=True, eq=False)
class CarriedMessage:
    """The datasets of a message; `named` are the dataflows that it names."""

    format: str
    named: tuple[str, ...]
    _: KW_ONLY
    datasets: tuple[Dataset, ...]
    findings: Findings


def detected_message(name: str, content: bytes) -> Detected | None:
    """Detect a data message or JSON-stat dataset by its content; None for other files."""
    try:
        detected = detect(name, content)
    except InputError:
        return JSON_STAT if is_json_stat(content) else None
    return detected if detected.kind == "data" and detected.format in FORMATS else None


def carry_over(name: str, content: bytes, catalogue: Catalogue) -> CarriedMessage:
    """Read a data message and translate its figures to our dataflows.

    Raises `InputError` if it is no data message or cannot be read.
    """
    detected = detected_message(name, content) or detect(name, content)
    maps = maps_by_target(catalogue)
    own = {key: flow for key, flow in catalogue.flows.items() if not maps_to(flow.dataflow.ref, maps)}
    datasets: list[Dataset] = []
    findings: list[Findings] = []
    named: dict[str, None] = {}
    for dataset in published(detected, name, content, own):
        ref = dataset.flow.dataflow.ref
        is_first = ref.short not in named
        named[ref.short] = None
        collector = FindingCollector(dataset.flow.id, catalogue.rules)
        candidates = maps_to(ref, maps)
        carried, lost = by_maps(dataset, candidates, catalogue) if candidates else (kept(dataset), [])
        if is_first and not carried and not lost:
            collector.add(RuleId.NO_COUNTERPART, [Place(name)], said=ref.short)
        for untranslated in together(lost):
            report(untranslated, collector, name)
        datasets += carried
        findings.append(Findings(tuple(collector.findings)))
    return CarriedMessage(detected.name, tuple(named), datasets=tuple(datasets), findings=Findings.join(findings))


def published(detected: Detected, name: str, content: bytes, own: Mapping[str, Flow]) -> Sequence[Dataset]:
    """Read the datasets of a message, by its own structure unless it follows one of our dataflows."""
    if detected is JSON_STAT:
        return (json_stat.read(name, content),)
    form = FORMATS[detected.format]
    return read_all(form, name, content, inferred(form, name, io.BytesIO(content), own).flows, Faults(TOLERANT))


def kept(dataset: Dataset) -> list[Dataset]:
    return [] if dataset.flow.inferred else [replace(dataset, properties={}, notes=None, reports=None)]


def together(untranslated: Iterable[Untranslated]) -> Iterator[Untranslated]:
    """Join losses by component and reason, with all their values."""
    groups: dict[tuple[tuple[str, ...], str, bool], list[Untranslated]] = {}
    for loss in untranslated:
        groups.setdefault((loss.components, loss.reason, loss.left_out), []).append(loss)
    for (components, reason, left_out), losses in groups.items():
        values = dict.fromkeys(" ".join(filter(None, loss.values)) for loss in losses)
        count = sum(loss.observations for loss in losses)
        yield Untranslated(components, tuple(values), observations=count, reason=reason, left_out=left_out)


def report(untranslated: Untranslated, collector: FindingCollector, name: str) -> None:
    values = untranslated.values
    more = f" (+{len(values) - MAX_LISTED_VALUES})" if len(values) > MAX_LISTED_VALUES else ""
    listed = f"{', '.join(values[:MAX_LISTED_VALUES])}{more}"
    collector.add(
        RuleId.LEFT_OUT_OF_MESSAGE if untranslated.left_out else RuleId.ATTRIBUTE_LEFT_OUT,
        [Place(name)],
        subject=" ".join(filter(None, (*untranslated.components, listed))),
        reason=untranslated.reason,
        count=f"{untranslated.observations:,}",
    )
