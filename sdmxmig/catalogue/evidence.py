"""What data can show about the questions of the profile, as ``structures/evidence.toml`` declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.data import Flow
from sdmxmig.model.evidence import PROBES, Probe
from sdmxmig.model.profile import BenchmarkItem, Scale

FILE = "evidence.toml"


def read_probes(
    folders: Sequence[Path],
    items: Mapping[str, BenchmarkItem],
    scales: Mapping[str, Scale],
    flows: Mapping[str, Flow],
) -> tuple[Probe, ...]:
    """The looks at data of the first folder that declares any.

    Raises `DeclarationError` where one names an item, an answer, a dataflow or a component that does not exist.
    """
    path = next((folder / FILE for folder in folders if (folder / FILE).is_file()), None)
    if path is None or not items:
        return ()
    declared = Declared.parse(path.name, path.read_bytes())
    found = tuple(read_probe(one) for one in declared.tables("evidence"))
    declared.close()
    for probe in found:
        check_probe(probe, items, scales, flows)
    return found


def read_probe(declared: Declared) -> Probe:
    """One look at data."""
    of, contradicts = declared.table("of"), declared.table("contradicts")
    probe = Probe(
        declared.text("item"),
        declared.text("kind"),
        {said: contradicts.strings(said) for said in contradicts.values},
        declared.strings("flows"),
        declared.strings("by"),
        of.pairs(),
        declared.text("attribute", ""),
        declared.strings("codes"),
        declared.place,
    )
    declared.close()
    return probe


def check_probe(
    probe: Probe, items: Mapping[str, BenchmarkItem], scales: Mapping[str, Scale], flows: Mapping[str, Flow]
) -> None:
    """Refuse a look at what does not exist."""

    def refuse(what: str, name: str, known: Sequence[str]) -> DeclarationError:
        return DeclarationError(f"There is no {what} “{name}”.", probe.place, did_you_mean(name, known))

    if probe.kind not in PROBES:
        raise refuse("kind of evidence", probe.kind, PROBES)
    if probe.item not in items:
        raise refuse("benchmarking item", probe.item, sorted(items))
    answers = [code for code, _ in scales[items[probe.item].scale].labels]
    for answer in (answer for listed in probe.contradicts.values() for answer in listed):
        if answer not in answers:
            raise refuse("answer", answer, answers)
    for name in probe.flows:
        if name not in flows:
            raise refuse("dataflow", name, sorted(flows))
        known = [one.id for one in flows[name].structure.components]
        for component in (*probe.by, *probe.of, *filter(None, [probe.attribute])):
            if component not in known:
                raise refuse(f"component of {name}", component, known)
