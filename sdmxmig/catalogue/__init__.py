"""The catalogue: all declarations, with resolved references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sdmxmig.catalogue.accounting import Identity, check_identity_rules, read_identities
from sdmxmig.catalogue.agencies import Agency, check_agencies, read_agency
from sdmxmig.catalogue.benchmarking import BenchmarkItem, Declarations, RoadmapPlan, Scale
from sdmxmig.catalogue.constraints import Limits, find_known
from sdmxmig.catalogue.data_structures import index_by_reference, read_metadata_set
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.catalogue.indicators import Indicator, read_indicator
from sdmxmig.catalogue.reading import read_artefacts, read_declared, read_indicators
from sdmxmig.catalogue.rules import (
    add_aliases,
    add_rules,
    check_profiles,
    check_rules_used_by_code,
    check_scope,
    choose_rules,
    read_rule_profile,
    read_rules,
)
from sdmxmig.catalogue.standard import Standard, read_standard
from sdmxmig.catalogue.study import SCALE_PREFIX, Study, read_benchmark_items, read_plan, read_scale, read_study
from sdmxmig.catalogue.topics import TableSubject, Topics, read_table_subjects, read_topics
from sdmxmig.io.disk_cache import load_or_make
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError, check_known, did_you_mean
from sdmxmig.primitives.summaries import Summary, add_summary, list_some
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text, find_needed_artefacts
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.findings import Rule, RuleProfile
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import KINDS, Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact

BENCHMARK_ITEMS = "CL_BENCH_ITEM"
OWN_AGENCY = "SDMXMIG"
KIND_ORDER = [row["kind"] for row in sorted(KINDS, key=lambda row: int(row["order"] or 0)) if row["order"]]


@add_summary
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Catalogue:
    """All artefacts, dataflows, rules, indicators, items and scales.

    `items` are about the country, `questions` about indicators and sources. `plan` closes gaps; `topics` locate
    breakdowns. `rules_left_out` are excluded by a profile but still define sums.
    """

    artefacts: Mapping[Ref, Artefact]
    flows: Mapping[str, Flow]
    rules: Mapping[str, Rule]
    identities: tuple[Identity, ...]
    indicators: Mapping[str, Indicator]
    items: Mapping[str, BenchmarkItem]
    scales: Mapping[str, Scale]
    agencies: Mapping[str, Agency]
    study: Study = field(default_factory=Study)
    metadata: Mapping[Ref, MetadataSet] = field(default_factory=dict)
    questions: Mapping[str, BenchmarkItem] = field(default_factory=dict)
    plan: RoadmapPlan = field(default_factory=RoadmapPlan)
    topics: Topics = field(default_factory=Topics)
    counted: tuple[TableSubject, ...] = ()
    standard: Standard = field(default_factory=Standard)
    rule_profiles: Mapping[str, RuleProfile] = field(default_factory=dict)
    rules_left_out: Mapping[str, Rule] = field(default_factory=dict)

    def flow(self, name: str) -> Flow:
        flow_id = Ref.parse(name, kind="Dataflow").id
        if flow_id not in self.flows:
            raise DeclarationError(f"There is no dataflow “{name}”.", hint=did_you_mean(flow_id, self.flows))
        return self.flows[flow_id]

    def agency(self, agency_id: str) -> Agency:
        if agency_id not in self.agencies:
            listed = ", ".join(self.agencies)
            hint = f"Possible values: {listed}. Or declare it in structures/agencies/{agency_id}.toml."
            raise DeclarationError(f"There is no agency “{agency_id}”.", hint=hint)
        return self.agencies[agency_id]

    def apply_profile(self, profile: str = "", levels: Collection[int] = ()) -> Catalogue:
        """Return the catalogue with the rules of a profile, limited to these levels (empty: all)."""
        if profile and profile not in self.rule_profiles:
            hint = f"{did_you_mean(profile, self.rule_profiles)} Or declare it in structures/rule_profiles/."
            raise DeclarationError(f"There is no profile of rules “{profile}”.", hint=hint.strip())
        known = sorted({rule.level for rule in self.rules.values()})
        for level in levels:
            if level not in known:
                hint = f"Use one of: {', '.join(map(str, known))}."
                raise SdmxmigError(f"There are no rules of level {level}.", hint=hint)
        rules, flows = choose_rules(self.rules, self.flows, self.rule_profiles.get(profile), levels)
        left_out = {rule_id: rule for rule_id, rule in self.rules.items() if rule_id not in rules}
        return replace(self, rules=rules, flows=flows, rules_left_out={**self.rules_left_out, **left_out})

    def add_artefacts(self, artefacts: Iterable[Artefact]) -> Catalogue:
        """Add artefacts of other agencies, or replace them.

        Dataflows have their id as key, or the full name if ambiguous; agreements and structures without a dataflow have
        their URN. Partial codelists are completed from the catalogue.
        """
        foreign = {artefact.ref: artefact for artefact in artefacts}
        merged = {**self.artefacts, **foreign}
        complete = {
            ref: item_scheme
            for ref, item_scheme in self.artefacts.items()
            if not isinstance(item_scheme, ItemScheme) or not item_scheme.partial
        }
        foreign_flows = build_flows(foreign.values(), complete)
        foreign_refs = {flow.dataflow.ref for flow in foreign_flows.values()}
        merged_flows = build_flows(
            artefact for ref, artefact in merged.items() if ref not in foreign or not isinstance(artefact, Dataflow)
        )
        own_flows = {
            name: merged_flows.get(name, flow)
            for name, flow in self.flows.items()
            if flow.dataflow.ref not in foreign_refs
        }
        hidden = {flow.dataflow.ref.short: flow for name, flow in own_flows.items() if name in foreign_flows}
        by_urn = {name: flow for name, flow in merged_flows.items() if name.startswith("urn:")}
        # The foreign flows come first: names without an agency mean them.
        flows = {**foreign_flows, **own_flows, **by_urn, **hidden, **foreign_flows}
        return replace(self, artefacts=merged, flows=flows)

    def item_scheme(self, name: str) -> ItemScheme:
        """Return an item scheme by id or AGENCY:ID(VERSION).

        Prefers schemes used by our structures, then our own, then those of SDMX.
        """
        requested = Ref.parse(name)
        schemes = [item_scheme for item_scheme in self.artefacts.values() if isinstance(item_scheme, ItemScheme)]
        fitting = [
            item_scheme
            for item_scheme in schemes
            if item_scheme.ref.id == requested.id and is_requested(item_scheme.ref, requested)
        ]
        if not fitting:
            hint = did_you_mean(requested.id, [item_scheme.ref.id for item_scheme in schemes])
            raise DeclarationError(f"There is no codelist or scheme “{name}”.", hint=hint)
        used_codelists = collect_codelists(self.artefacts.values()) if len(fitting) > 1 else frozenset()
        return min(
            fitting,
            key=lambda item_scheme: (
                item_scheme.ref not in used_codelists,
                item_scheme.ref.agency != OWN_AGENCY,
                item_scheme.ref.agency != "SDMX",
            ),
        )

    def summary(self) -> Summary:
        kinds = Counter(ref.kind for ref in self.artefacts)
        facts = [
            (kind, f"{kinds[kind]:,}") for kind in (*KIND_ORDER, *sorted(kinds.keys() - {*KIND_ORDER})) if kinds[kind]
        ]
        facts += [("indicators", f"{len(self.indicators):,}"), ("rules", f"{len(self.rules):,}")]
        facts.append(("dataflows", list_some(sorted(name for name in self.flows if not name.startswith("urn:")))))
        return Summary(f"Catalogue of {len(self.artefacts):,} artefacts", tuple(facts))


def is_requested(ref: Ref, requested: Ref) -> bool:
    return requested.agency in ("", ref.agency) and requested.version in ("", ref.version)


def collect_codelists(artefacts: Iterable[Artefact]) -> frozenset[Ref]:
    own_structures = [
        data_structure
        for data_structure in artefacts
        if isinstance(data_structure, DataStructure) and data_structure.ref.agency == OWN_AGENCY
    ]
    return frozenset(
        component.codelist
        for data_structure in own_structures
        for component in data_structure.components
        if component.codelist
    )


def load(workspace: Path | None = None) -> Catalogue:
    """Load all declarations; those of the workspace take precedence."""
    codelists, structures = list_search_path("codelists", workspace), list_search_path("structures", workspace)
    return load_or_make(
        "catalogue",
        [codelists[-1], structures[-1]],
        lambda: read_catalogue(codelists, structures),
        own=[*codelists[:-1], *structures[:-1]],
    )


def read_catalogue(codelists: Sequence[Path], folders: Sequence[Path]) -> Catalogue:
    """Read all declarations below folders of codelists and structures; earlier folders take precedence."""
    index = read_artefacts(codelists, folders)
    schemes = {ref: item_scheme for ref, item_scheme in index.artefacts.items() if isinstance(item_scheme, ItemScheme)}
    flows = build_flows(index.artefacts.values())
    agreed = apply_agreements(flows, index.artefacts.values(), folders[:-1])
    flows = {name: flow for name, flow in flows.items() if not name.startswith("urn:")} | agreed
    rules = index_unique_rules([rule for file in read_declared(folders, "rules") for rule in read_rules(file)])
    check_rules_used_by_code(rules)
    rules = add_aliases(rules, folders)
    check_rules([dataflow for dataflow in index.artefacts.values() if isinstance(dataflow, Dataflow)], rules)
    check_scope(rules.values(), flows)
    flows = add_rules(flows, rules)
    index.artefacts.update({flow.dataflow.ref: flow.dataflow for flow in flows.values()})
    profiles = {profile.id: profile for profile in map(read_rule_profile, read_declared(folders, "rule_profiles"))}
    check_profiles(profiles.values(), rules, flows)
    identities = read_identities(folders, index.artefacts.values(), flows)
    check_identity_rules(rules, identities)
    scales = {
        s.id: s
        for ref, item_scheme in schemes.items()
        if ref.id.startswith(SCALE_PREFIX)
        for s in [read_scale(item_scheme)]
    }
    items = next((item_scheme for ref, item_scheme in schemes.items() if ref.id == BENCHMARK_ITEMS), None)
    lists = {
        ref.id: schemes[ref]
        for ref in sorted(schemes, key=lambda ref: (ref.agency == OWN_AGENCY, ref.agency == "SDMX"))
    }
    topics = read_topics(folders, flows, schemes)
    published = read_standard(folders)
    declared_indicators = read_indicators(folders, published)
    indicators = [
        replace(read_indicator(file, flows, lists), topics=topics)
        for file in declared_indicators
        if not file.text("removed", "")
    ]
    indicators.sort(key=lambda indicator: (indicator.policy_area, indicator.order, indicator.id))
    items_by_id = read_benchmark_items(items, scales) if items else {}
    indicator_ids = [file.text("id") for file in declared_indicators]
    about_country = {name: item for name, item in items_by_id.items() if not item.of}
    declarations = Declarations(
        items=items_by_id,
        scales=scales,
        flows=flows,
        rules=rules,
        identities=[identity.id for identity in identities],
        indicators=indicator_ids,
        lists=lists,
    )
    study = read_study(folders, declarations)
    closable = [*about_country, *(difference.id for difference in study.differences)]
    indicators_by_id = {indicator.id: indicator for indicator in indicators}
    agencies = {agency.id: agency for agency in map(read_agency, read_declared(folders, "agencies"))}
    check_agencies(agencies.values(), index.artefacts)
    return Catalogue(
        artefacts=index.artefacts,
        flows=flows,
        rules=rules,
        identities=identities,
        indicators=indicators_by_id,
        items=about_country,
        scales=scales,
        agencies=agencies,
        study=study,
        metadata=index_by_reference([read_metadata_set(entry, index) for entry in read_declared(folders, "metadata")]),
        questions={name: item for name, item in items_by_id.items() if item.of},
        topics=topics,
        counted=read_table_subjects(folders, flows),
        plan=read_plan(lists, scales, closable=closable, indicators=set(indicator_ids)),
        standard=published.standard,
        rule_profiles=profiles,
    )


def index_unique_rules(rules: Sequence[Rule]) -> dict[str, Rule]:
    rules_by_id: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        if rule.id in rules_by_id:
            raise DeclarationError(f"The rule {rule.id} is declared twice.", rule.place)
        rules_by_id[rule.id] = rule
    return rules_by_id


def check_rules(dataflows: Iterable[Dataflow], rules: Mapping[str, Rule]) -> None:
    for flow in dataflows:
        for rule_id in flow.rules:
            check_known("rule", rule_id, rules, flow.place)


def list_structures(
    catalogue: Catalogue, flows: Iterable[str], metadata: Iterable[MetadataSet] = ()
) -> tuple[Artefact, ...]:
    chosen_flows = [catalogue.flow(name) for name in flows]
    roots = {flow.dataflow.ref for flow in chosen_flows} | {
        constraint.ref for flow in chosen_flows for constraint in flow.constraints
    }
    roots |= {metadata_set.describes for metadata_set in metadata if metadata_set.describes}
    needed_refs = find_needed_artefacts(catalogue.artefacts, roots)
    return tuple(artefact for artefact in sort_structures(catalogue) if artefact.ref in needed_refs)


def list_metadata_about(catalogue: Catalogue, flows: Iterable[str] = ()) -> tuple[MetadataSet, ...]:
    urns = {catalogue.flow(name).dataflow.ref.urn for name in flows}
    return tuple(
        metadata_set
        for _, metadata_set in sorted(catalogue.metadata.items())
        if not urns or any(target.value in urns for report in metadata_set.reports for target in report.targets)
    )


def sort_structures(catalogue: Catalogue) -> tuple[Artefact, ...]:
    """Sort artefacts so that references come first."""
    place = {kind: number for number, kind in enumerate(KIND_ORDER)}
    refs = sorted(catalogue.artefacts, key=lambda ref: (place.get(ref.kind, len(KIND_ORDER)), ref))
    return tuple(catalogue.artefacts[ref] for ref in refs)


def build_flows(artefacts: Iterable[Artefact], beside: Mapping[Ref, Artefact] | None = None) -> dict[str, Flow]:
    """Build the dataflows of a message by id or full name, completed from `beside`; omit unknown structures."""
    in_message: dict[Ref, Artefact] = {artefact.ref: artefact for artefact in artefacts}
    available = {**(beside or {}), **in_message}
    limits = Limits(available.values())
    flows = [flow for flow in in_message.values() if isinstance(flow, Dataflow)]
    count = Counter(flow.ref.id for flow in flows)
    flows_by_name: dict[str, Flow] = {}
    for flow in flows:
        if (resolved := resolve_flow(flow, available, limits)) is not None:
            flows_by_name[flow.ref.id if count[flow.ref.id] == 1 else flow.ref.short] = resolved
    used_structures = {flow.structure.ref for flow in flows_by_name.values() if not flow.dataflow.constrained}
    for artefact in in_message.values():
        if isinstance(artefact, DataStructure) and artefact.ref not in used_structures:
            flow_ref = Ref("Dataflow", artefact.ref.agency, id=artefact.ref.id, version=artefact.ref.version)
            alone = resolve_flow(Dataflow(flow_ref, artefact.name, structure=artefact.ref), available, limits)
            flows_by_name |= {artefact.ref.urn: alone} if alone is not None else {}
    for agreement in in_message.values():
        if isinstance(agreement, Agreement):
            provided = find_known(available, agreement.flow)
            followed = resolve_flow(provided, available, limits) if isinstance(provided, Dataflow) else None
            flows_by_name |= (
                {agreement.ref.urn: apply_agreement(followed, agreement, limits)} if followed is not None else {}
            )
    return flows_by_name


def apply_agreements(
    flows: Mapping[str, Flow], artefacts: Iterable[Artefact], folders: Iterable[Path]
) -> dict[str, Flow]:
    """Apply declared agreements; raise `DeclarationError` for two on one dataflow."""
    files = {path.name for folder in folders for path in (folder / "agreements").rglob("*.toml")}
    agreed_flows: dict[str, Flow] = {}
    for agreement in artefacts:
        if not isinstance(agreement, Agreement) or agreement.place is None or agreement.place.file not in files:
            continue
        name = next((name for name, flow in flows.items() if flow.dataflow.ref == agreement.flow), "")
        if name in agreed_flows:
            hint = "Keep the one under which this office sends its data."
            raise DeclarationError(f"There are two agreements about {name}.", agreement.place, hint)
        if flow := flows.get(agreement.ref.urn):
            agreed_flows[name] = replace(flow, dataflow=flows[name].dataflow)
    return agreed_flows


def apply_agreement(flow: Flow, agreement: Agreement, limits: Limits) -> Flow:
    constraints = dict.fromkeys((*flow.constraints, *limits.select_for_agreement(agreement)))
    return replace(flow, constraints=tuple(constraints), provider=agreement.provider)


def resolve_flow(flow: Dataflow, available: Mapping[Ref, Artefact], limits: Limits) -> Flow | None:
    """Resolve the codelists and concepts of a dataflow; None if its structure is unknown."""
    structure = find_known(available, flow.structure)
    if not isinstance(structure, DataStructure) or structure.details.external:
        return None
    components: list[Component] = []
    codelists: dict[str, ItemScheme] = {}
    concepts: dict[str, Text] = {}
    for component in list_components(flow, structure):
        scheme = find_known(available, component.concept.scheme)
        items = scheme.items if isinstance(scheme, ItemScheme) else ()
        concept = next((item for item in items if item.id == component.concept.item), None)
        if concept:
            concepts[component.id] = concept.name
            if not component.codelist and not component.data_type:
                core = concept.codelist, concept.data_type, concept.facets
                component = replace(component, codelist=core[0], data_type=core[1], facets=core[2])  # noqa: PLW2901
        components.append(component)
        codelist = find_known(available, component.codelist) if component.codelist else None
        if isinstance(codelist, ItemScheme) and not codelist.details.external:
            codelists[component.id] = codelist
    constraints = dict.fromkeys((*limits.on(structure.ref), *limits.on(flow.ref)))
    return Flow(
        flow,
        replace(structure, components=tuple(components)),
        codelists=codelists,
        concepts=concepts,
        constraints=tuple(constraints),
    )


def list_components(flow: Dataflow, structure: DataStructure) -> tuple[Component, ...]:
    if not flow.constrained:
        return structure.components
    left_out = {component.id for component in structure.select_role("dimension")}.difference(flow.constrained)
    return tuple(
        replace(component, dimensions=tuple(name for name in component.dimensions if name not in left_out))
        for component in structure.components
        if component.id not in left_out
    )
