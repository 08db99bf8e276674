"""Groups of peers, and study requests in ``region.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.benchmarking import BenchmarkItem
from sdmxmig.catalogue.item_schemes import walk_with_depth
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.structures import Hierarchy
from sdmxmig.statistics.calculations.evidence import parse_bracketed_ids
from sdmxmig.statistics.calculations.peers import COUNTRY
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.region import Definition, PeerGroup, StudyRequest, StudyStatement

M49 = "H_AREA_M49"
GROUP_LEVELS = ("REGION", "SUBREGION")
ALL_COUNTRIES = "all"


def build_peer_groups(
    chosen_groups: Sequence[PeerGroup],
    definitions: Mapping[str, Definition],
    sources: Mapping[str, BenchmarkItem | None],
    catalogue: Catalogue,
) -> tuple[PeerGroup, ...]:
    """Build peer groups: all, chosen, M49, rule, source."""
    areas = tuple(definitions)
    groups = [PeerGroup(ALL_COUNTRIES, "all", name=Text(), areas=areas), *chosen_groups]
    for group in yield_m49_groups(areas, catalogue):
        if len(group.areas) > 1 and all(group.areas != peer_group.areas for peer_group in groups):
            groups.append(group)
    shared = (*group_by_rule(definitions), *group_by_source(sources))
    return *groups, *(group for group in shared if 1 < len(group.areas) < len(areas))


def yield_m49_groups(areas: Sequence[str], catalogue: Catalogue) -> Iterator[PeerGroup]:
    trees = (
        hierarchy
        for hierarchy in catalogue.artefacts.values()
        if isinstance(hierarchy, Hierarchy) and hierarchy.ref.id == M49
    )
    for node in (node for tree in trees for _, node in walk_with_depth(tree.codes)):
        if node.level in GROUP_LEVELS:
            members = {hierarchical_code.code.item for _, hierarchical_code in walk_with_depth(node.children)}
            scheme = catalogue.artefacts[node.code.scheme]
            name = scheme[node.code.item].name if isinstance(scheme, ItemScheme) else Text()
            yield PeerGroup(
                f"{M49}.{node.id}", "area", name=name, areas=tuple(area for area in areas if area in members)
            )


def group_by_rule(definitions: Mapping[str, Definition]) -> Iterator[PeerGroup]:
    definite = {definition.key: definition for definition in definitions.values() if definition.is_definite}
    for key, definition in sorted(definite.items()):
        (rule, name), (basis, _) = definition.rules[0], definition.bases[0]
        members = tuple(
            area for area, definition in definitions.items() if definition.is_definite and definition.key == key
        )
        yield PeerGroup(f"RULE.{rule}.{basis}", "rule", name=name, areas=members)


def group_by_source(sources: Mapping[str, BenchmarkItem | None]) -> Iterator[PeerGroup]:
    source_items = {item.id: item for item in sources.values() if item}
    for name, item in sorted(source_items.items()):
        members = tuple(
            area for area, benchmark_item in sources.items() if benchmark_item and benchmark_item.id == name
        )
        yield PeerGroup(f"SOURCE.{name}", "source", name=item.name, areas=members)


def find_source(assessment: Assessment, indicator: str, question: str) -> BenchmarkItem | None:
    answers = [result.answers for result in assessment.indicators if result.indicator.id == indicator]
    source_ids = [
        name
        for answers_by_item in answers
        if question in answers_by_item
        for name in parse_bracketed_ids(answers_by_item[question].practice)
    ]
    return next((score.item for name in source_ids[:1] for score in assessment.scores if score.item.id == name), None)


REGION_FILE = "region.toml"


def read_request(name: str, content: bytes) -> StudyRequest:
    """Read ``region.toml``, with paths relative to it; raise `DeclarationError` with the key."""
    declared = Declared.parse(name, content)
    region = declared.table("region", required=True)
    request = region.read(
        StudyRequest,
        workspaces=region.strings("workspaces", None),
        groups=tuple(read_peer_group(entry, number) for number, entry in enumerate(declared.tables("peers"), start=1)),
        steps=tuple(map(read_statement, declared.tables("step"))),
        findings=tuple(read_statement(finding, actions=()) for finding in declared.tables("finding")),
        translations=dict(read_text(entry, "text") for entry in declared.tables("translation")),
        headings=dict(read_text(entry, "section") for entry in declared.tables("heading")),
    )
    declared.close()
    return request


def check_areas(request: StudyRequest, areas: Sequence[str]) -> None:
    """Raise `DeclarationError` for a country that is not in the study."""
    entries: tuple[PeerGroup | StudyStatement, ...] = (*request.groups, *request.steps, *request.findings)
    for entry in entries:
        for area in entry.areas:
            if area not in areas:
                message = f"“{entry.name}” names “{area}”, which is not in the study."
                raise DeclarationError(message, hint=did_you_mean(area, areas))


def read_statement(declared: Declared, **fields: object) -> StudyStatement:
    return declared.read(StudyStatement, areas=read_areas(declared), **fields)


def read_text(declared: Declared, key: str) -> tuple[str, Text]:
    text = declared.text(key), declared.texts("name")
    declared.close()
    return text


def read_peer_group(declared: Declared, number: int) -> PeerGroup:
    areas = read_areas(declared)
    if len(set(areas)) < 2:
        raise DeclarationError("A group of peers has two countries or more.", declared.at("areas"))
    return declared.read(PeerGroup, id=f"CHOSEN.{number}", kind="chosen", areas=tuple(sorted(set(areas))))


def read_areas(declared: Declared) -> tuple[str, ...]:
    areas = declared.strings("areas", None)
    for area in areas:
        if not COUNTRY.fullmatch(area):
            hint = "Write the two capital letters of ISO 3166-1, such as GE."
            raise DeclarationError(f"“{area}” is not the code of a country.", declared.at("areas"), hint)
    return areas
