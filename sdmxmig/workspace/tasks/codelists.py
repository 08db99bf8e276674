"""Codelists edited in spreadsheets, and dataflows by theme."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from sdmxmig import catalogue
from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import index_first_files, list_search_path
from sdmxmig.catalogue.item_schemes import is_addition, walk_tree, write_path
from sdmxmig.forms.sheets import (
    DamagedCell,
    Difference,
    ListSheet,
    compare,
    convert_to_csv,
    find_damage,
    read_sheet,
)
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import DeclarationError, InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import fold_text
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Categorisation
from sdmxmig.workspace.folder import DECLARED

OWN_AGENCY = "SDMXMIG"
MAP_PREFIX = "RM_"


def resolve(list_name: Ref, workspace: Path, place: Place) -> tuple[Ref, Path | None]:
    files = [index_first_files(list_search_path(folder, workspace), ".csv").values() for folder in DECLARED]
    matches = []
    for path in chain.from_iterable(files):
        if is_addition(path):
            continue
        id_, _, version = path.name.removesuffix(".csv").partition(".")
        agency = path.parent.name
        if id_ == list_name.id and list_name.agency in ("", agency) and list_name.version in ("", version):
            matches.append((Ref("", agency, id=id_, version=version), path))
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(ref.short for ref, _ in matches)
        raise SdmxmigError(f"Several lists are called {list_name.id}.", place, f"Name one with --as: {names}.")
    if list_name.agency and list_name.version:
        return list_name, None
    hint = f"{did_you_mean(list_name.id, [path.name.partition('.')[0] for path in chain.from_iterable(files)])} "
    raise SdmxmigError(f"There is no list {list_name.id}.", place, f"{hint}Name a new one: --as AGENCY:ID(VERSION).")


def index_codes(content: bytes) -> Mapping[str, Collection[str]]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restval=""))
    return {column: {row[column] or "" for row in rows} for column in (rows[0] if rows else ())}


def convert_place(place: Place | None, name: str, sheet: ListSheet) -> Place | None:
    if place is None or place.file != name:
        return place
    line = 1
    for number, cells in sheet.rows:
        line += 1 + sum(text.count("\n") for text in cells.values())
        if place.line and line >= place.line:
            return sheet.place(number, place.key if place.key in sheet.at else sheet.key)
    return Place(sheet.table.file, sheet.table.sheet)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class IncomingList:
    """An incoming codelist with its damage and changes; `path` is in the workspace."""

    ref: Ref
    path: Path
    content: bytes
    damaged: tuple[DamagedCell, ...]
    changes: tuple[Difference, ...]
    is_new: bool
    sheet: ListSheet

    @property
    def is_damaged(self) -> bool:
        return any(spoilt.is_certain for spoilt in self.damaged)

    @property
    def is_same(self) -> bool:
        return not self.is_new and not self.changes

    @property
    def is_of_others(self) -> bool:
        return self.ref.agency != OWN_AGENCY and not self.is_new and bool(self.changes)

    def try_out(self, workspace: Path) -> None:
        """Load all declarations with the new file, so that an invalid codelist is never written."""
        with tempfile.TemporaryDirectory() as name:
            trial = Path(name)
            for folder in DECLARED:
                if (workspace / folder).is_dir():
                    shutil.copytree(workspace / folder, trial / folder)
            target = trial / self.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.content)
            try:
                catalogue.load(trial)
            except DeclarationError as error:
                raise InputError(
                    error.message, convert_place(error.place, self.path.name, self.sheet), error.hint
                ) from None


def read_incoming_list(file: Path, workspace: Path, called: str) -> IncomingList:
    sheet = read_sheet(file.name, read_bytes(file), called)
    ref, current_file = resolve(sheet.name, workspace, Place(file.name))
    before = current_file.read_bytes() if current_file else b""
    content = convert_to_csv(sheet)
    folder = "structures/maps" if ref.id.startswith(MAP_PREFIX) else "codelists"
    return IncomingList(
        ref=ref,
        path=Path(folder) / ref.agency / f"{ref.id}.{ref.version}.csv",
        content=content,
        damaged=tuple(find_damage(sheet, index_codes(before))),
        changes=tuple(compare(before, content)) if current_file else (),
        is_new=current_file is None,
        sheet=sheet,
    )


AGENCY_SUFFIX = "BY_AGENCY"
"""The category of dataflows that are tables of single agencies."""


@dataclass(frozen=True, slots=True)
class FlowGroup:
    name: str
    flows: tuple[Flow, ...]


def group_by_theme(catalogue: Catalogue, language: str) -> tuple[FlowGroup, ...]:
    categories = {(scheme.ref, path): name for scheme, path, name in list_categories(catalogue, language)}
    filed: dict[tuple[Ref, str], list[Flow]] = {category: [] for category in categories}
    places = {place: at for at, place in enumerate(categories)}
    left: list[Flow] = []
    for flow in catalogue.flows.values():
        of_flow = [category for category in list_categories_of_flow(flow, catalogue) if category in places]
        if of_flow:
            filed[max(of_flow, key=lambda category: (AGENCY_SUFFIX in category[1], -places[category]))].append(flow)
        else:
            left.append(flow)
    groups = [
        FlowGroup(categories[category], sort_by_name(flows, language)) for category, flows in filed.items() if flows
    ]
    return (*groups, FlowGroup("", sort_by_name(left, language))) if left else tuple(groups)


def list_categories(catalogue: Catalogue, language: str) -> Iterator[tuple[ItemScheme, str, str]]:
    schemes = [
        artefact
        for artefact in catalogue.artefacts.values()
        if isinstance(artefact, ItemScheme) and artefact.ref.kind == "CategoryScheme"
    ]
    every = [
        (scheme, write_path(item, scheme), item.name.in_language(language) or item.id)
        for scheme in schemes
        for _, item in walk_tree(scheme)
    ]
    yield from sorted(every, key=lambda category: AGENCY_SUFFIX in category[1])


def list_categories_of_flow(flow: Flow, catalogue: Catalogue) -> list[tuple[Ref, str]]:
    return [
        (artefact.target.scheme, artefact.target.item)
        for artefact in catalogue.artefacts.values()
        if isinstance(artefact, Categorisation) and artefact.source == flow.dataflow.ref
    ]


def sort_by_name(flows: Sequence[Flow], language: str) -> tuple[Flow, ...]:
    return tuple(sorted(flows, key=lambda flow: (fold_text(find_flow_name(flow, language)), flow.id)))


def find_flow_name(flow: Flow, language: str) -> str:
    return flow.dataflow.name.in_language(language) or flow.id


def search_flows(groups: Sequence[FlowGroup], words: str, language: str) -> tuple[FlowGroup, ...]:
    sought = fold_text(words).split()

    def fits(flow: Flow, group: FlowGroup) -> bool:
        text = fold_text(f"{find_flow_name(flow, language)} {flow.id} {group.name}")
        return all(word in text for word in sought)

    fitting = (replace(group, flows=tuple(flow for flow in group.flows if fits(flow, group))) for group in groups)
    return tuple(group for group in fitting if group.flows)
