"""The catalogue: everything that is declared, read once, with all references resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.catalogue.agencies import read_agency
from sdmxmig.catalogue.folders import first_of_each, search_path
from sdmxmig.catalogue.indicators import SCALES, benchmark_items, read_indicator, scale_of
from sdmxmig.catalogue.item_schemes import read_item_scheme
from sdmxmig.catalogue.rules import read_rules
from sdmxmig.catalogue.structures import read_data_structure, read_dataflow, resolve
from sdmxmig.declarations import Declared
from sdmxmig.demography.accounts import Identity, parse_identities
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Dataflow, ItemScheme
from sdmxmig.model.assessment import Indicator
from sdmxmig.model.data import Flow
from sdmxmig.model.findings import Rule
from sdmxmig.model.profile import BenchmarkItem, Scale
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact
from sdmxmig.model.submission import Agency

BENCHMARK_ITEMS = "CL_BENCH_ITEM"


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """All artefacts by reference, and what is declared beside them: flows, rules, indicators, items and scales."""

    artefacts: Mapping[Ref, Artefact]
    flows: Mapping[str, Flow]
    rules: Mapping[str, Rule]
    identities: tuple[Identity, ...]
    indicators: Mapping[str, Indicator]
    items: Mapping[str, BenchmarkItem]
    scales: Mapping[str, Scale]
    agencies: Mapping[str, Agency]

    def flow(self, name: str) -> Flow:
        """A flow by the id of its dataflow or by its full name; `DeclarationError` with the nearest if unknown."""
        flow_id = Ref.parse(name, kind="Dataflow").id
        if flow_id not in self.flows:
            raise DeclarationError(f"There is no dataflow “{name}”.", hint=did_you_mean(flow_id, self.flows))
        return self.flows[flow_id]

    def agency(self, agency_id: str) -> Agency:
        """A receiving agency by its id; `DeclarationError` with the nearest if unknown."""
        if agency_id not in self.agencies:
            hint = f"{did_you_mean(agency_id, self.agencies)} Or declare it in structures/agencies/{agency_id}.toml."
            raise DeclarationError(f"There is no agency “{agency_id}”.", hint=hint)
        return self.agencies[agency_id]

    def item_scheme(self, name: str) -> ItemScheme:
        """A codelist, concept scheme or agency scheme by its id, or by AGENCY:ID(VERSION)."""
        wanted = Ref.parse(name)
        for ref, artefact in self.artefacts.items():
            fits = wanted.agency in ("", ref.agency) and wanted.version in ("", ref.version)
            if isinstance(artefact, ItemScheme) and ref.id == wanted.id and fits:
                return artefact
        known = [ref.id for ref, artefact in self.artefacts.items() if isinstance(artefact, ItemScheme)]
        raise DeclarationError(f"There is no codelist or scheme “{name}”.", hint=did_you_mean(wanted.id, known))


def load(workspace: Path | None = None) -> Catalogue:
    """Read all declarations: those of a workspace first, then those that ship with sdmxmig.

    Raises `DeclarationError` naming file and line or key when a declaration is wrong or a reference leads nowhere.
    """
    schemes = load_item_schemes(search_path("codelists", workspace))
    folders = search_path("structures", workspace)
    structures = {one.ref: one for one in (read_data_structure(d, schemes) for d in declared_in(folders, "dsd"))}
    dataflows = {one.ref: one for one in map(read_dataflow, declared_in(folders, "dataflows"))}
    flows = {ref.id: resolve(flow, structures, schemes) for ref, flow in dataflows.items()}
    rules = unique_rules([rule for file in declared_in(folders, "rules") for rule in read_rules(file)])
    check_rules(dataflows.values(), rules)
    scales = {s.id: s for ref, one in schemes.items() if ref.id.startswith(SCALES) for s in [scale_of(one)]}
    items = next((one for ref, one in schemes.items() if ref.id == BENCHMARK_ITEMS), None)
    indicators = [read_indicator(file, flows) for file in declared_in(folders, "indicators")]
    return Catalogue(
        {**schemes, **structures, **dataflows},
        flows,
        rules,
        load_identities(folders),
        {indicator.id: indicator for indicator in sorted(indicators, key=lambda one: natural_order(one.id))},
        benchmark_items(items, scales) if items else {},
        scales,
        {agency.id: agency for agency in map(read_agency, declared_in(folders, "agencies"))},
    )


def load_item_schemes(folders: Sequence[Path]) -> dict[Ref, ItemScheme]:
    """The item schemes of these folders, by reference, in the order of their names."""
    schemes = (read_item_scheme(path, path.read_bytes()) for path in first_of_each(folders, ".csv").values())
    return {scheme.ref: scheme for scheme in schemes}


def declared_in(folders: Sequence[Path], kind: str) -> list[Declared]:
    """The TOML files of one kind, such as ``dsd``; a file of the workspace hides the shipped one of its name."""
    paths = first_of_each([folder / kind for folder in folders], ".toml")
    return [Declared.parse(path.name, path.read_bytes()) for path in paths.values()]


def load_identities(folders: Sequence[Path]) -> tuple[Identity, ...]:
    """The accounting identities of the first folder that declares any."""
    path = next((folder / "accounts.toml" for folder in folders if (folder / "accounts.toml").is_file()), None)
    return parse_identities(path.name, path.read_bytes()) if path else ()


def unique_rules(rules: Sequence[Rule]) -> dict[str, Rule]:
    """Rules by id; an id is never used twice."""
    found: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda one: one.id):
        if rule.id in found:
            raise DeclarationError(f"The rule {rule.id} is declared twice.", rule.place)
        found[rule.id] = rule
    return found


def check_rules(dataflows: Iterable[Dataflow], rules: Mapping[str, Rule]) -> None:
    """Refuse a dataflow that switches on a rule which nobody declares."""
    for flow in dataflows:
        for rule_id in flow.rules:
            if rule_id not in rules:
                raise DeclarationError(f"There is no rule “{rule_id}”.", flow.place, did_you_mean(rule_id, rules))


def natural_order(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key in which MI_2_10 comes after MI_2_9."""
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in name.split("_"))


def structures_of(catalogue: Catalogue) -> tuple[Artefact, ...]:
    """The artefacts in the order in which messages hold them."""
    order = {"AgencyScheme": 0, "Codelist": 1, "ConceptScheme": 2, "DataStructure": 3, "Dataflow": 4}
    return tuple(
        catalogue.artefacts[ref] for ref in sorted(catalogue.artefacts, key=lambda ref: (order[ref.kind], ref))
    )
