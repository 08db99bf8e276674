"""Population accounts, optionally balanced and compared with mirror data, and sheets of the last study."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.accounting import Identity, ItemSource
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.catalogue.regional import MirrorDataflow, read_comparisons
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import compute_digest, read_record
from sdmxmig.io.publishing.folders import publish_folder
from sdmxmig.primitives.errors import InputError, SdmxmigError, check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.primitives.text import quote_path
from sdmxmig.reporting.outputs import accounts_tables
from sdmxmig.reporting.outputs.accounts_tables import JSON
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE
from sdmxmig.statistics.demography.balanced_accounts import (
    AccountStudy,
    MirrorStudy,
    balance_accounts,
    build_mirror_study,
)
from sdmxmig.statistics.demography.closing import (
    OUTCOME_CLASSES,
    SOURCE_TYPE,
    VARIANCES_FILE,
    Observation,
    StatedError,
    close_accounts,
    list_equal_errors,
    parse_variances,
)
from sdmxmig.statistics.demography.ledger import open_books
from sdmxmig.statistics.demography.mirror import MIRROR_FLOW, collect_mirror_reports
from sdmxmig.workspace.requests.tasks import AccountsRequest
from sdmxmig.workspace.tasks.computing import read_data
from sdmxmig.workspace.tasks.converting import update_data
from sdmxmig.workspace.tasks.data_folder import read_datasets
from sdmxmig.workspace.tasks.region_studies import list_changed_data, list_workspace_data
from sdmxmig.workspace.tasks.session import Session

FOLDER = "accounts"
MAKER, OPTION = "sdmxmig accounts", "-o FOLDER"
UNBALANCED_KINDS = ("derived", "mirror", "bound")
"""Identities whose figures are never adjusted."""
MAX_ERROR = Decimal(1)


def parse_relative_error(share: float | str) -> Decimal | None:
    """Parse a relative standard error such as 0.05; None if empty. Raises `SdmxmigError` for others."""
    if not share:
        return None
    try:
        number = Decimal(str(share).replace(",", "."))
    except InvalidOperation:
        number = Decimal(0)
    if not (number.is_finite() and 0 < number <= MAX_ERROR):
        hint = "Write a share of the figures, such as 0.05 for 5%."
        raise SdmxmigError(f"“{share}” is not a relative standard error.", hint=hint)
    return number


def compute_workspace_accounts(session: Session, request: AccountsRequest) -> AccountStudy:
    update_data(session)
    datasets = read_datasets(session)
    workspace, catalogue = session.workspace, session.catalogue
    for path in map(Path, request.mirror):
        if path.is_dir() and list_changed_data(path):
            session.say(
                f"! Data of {quote_path(path)} were changed since sdmxmig wrote them; the changed data are used."
            )
    study = compute_accounts(
        datasets,
        catalogue,
        workspace.country.area,
        request=request,
        stated=() if request.equal_errors else read_stated_errors(workspace.folder, catalogue),
        folder=workspace.folder,
    )
    return replace(study, places=find_places(datasets, study.closed.items))


def compute_accounts(
    datasets: Sequence[Dataset],
    catalogue: Catalogue,
    area: str,
    *,
    request: AccountsRequest,
    stated: Sequence[StatedError],
    folder: Path | None = None,
) -> AccountStudy:
    """Compute the requested accounts; raise `SdmxmigError` for unknown identities and missing data."""
    equal_error = parse_relative_error(request.equal_errors)
    identities = choose_identities(catalogue.identities, request.identities)
    items = {item: source for identity in identities for item, source in identity.item_sources.items()}
    if equal_error is not None:
        stated = list_equal_errors(equal_error, items)
    books = open_books(datasets)
    closed = close_accounts(books, identities, area, stated)
    balanced = balance_accounts(closed, all_sums=bool(request.identities)) if request.balance else None
    mirror = compare_mirror_flows(datasets, catalogue, request, folder)
    return AccountStudy(area=area, identities=identities, closed=closed, balanced=balanced, mirror=mirror)


def choose_identities(identities: Sequence[Identity], names: Collection[str]) -> tuple[Identity, ...]:
    known = {identity.id: identity for identity in identities}
    for name in names:
        check_known("identity", name, known)
    if not names:
        return tuple(identities)
    return tuple(
        replace(identity, is_balanced=identity.kind not in UNBALANCED_KINDS)
        for identity in identities
        if identity.id in names
    )


def read_stated_errors(folder: Path, catalogue: Catalogue) -> tuple[StatedError, ...]:
    path = folder / VARIANCES_FILE
    if not path.is_file():
        return ()
    return parse_stated_errors(str(path), read_bytes(path), catalogue)


def parse_stated_errors(name: str, content: bytes, catalogue: Catalogue) -> tuple[StatedError, ...]:
    items = {item: source for identity in catalogue.identities for item, source in identity.item_sources.items()}
    stated = parse_variances(name, content, items)
    for error in stated:
        check_codes(error, items.get(error.item), catalogue)
    return stated


def check_codes(stated: StatedError, source: ItemSource | None, catalogue: Catalogue) -> None:
    names = (source.flow if source else "", *(identity.account for identity in catalogue.identities))
    flows = [catalogue.flows[name] for name in dict.fromkeys(names) if name in catalogue.flows]
    components = dict.fromkeys(name for flow in flows for name in (*flow.structure.key, SOURCE_TYPE))
    place = Place(stated.place.file, key=f"{stated.place.key}.codes") if stated.place else None
    for component, code in stated.codes:
        check_known("component", component, components, place)
        lists = [flow.codelist(component) for flow in flows if component in flow.structure]
        known = [item for codelist in lists if codelist is not None for item in codelist.ids]
        if known:
            check_known(f"code of {component}", code, known, place)


def compare_mirror_flows(
    datasets: Sequence[Dataset], catalogue: Catalogue, request: AccountsRequest, folder: Path | None
) -> MirrorStudy | None:
    """Compare mirror flows; without two reports, return None, or raise `SdmxmigError` if partners are named."""
    mirrored = read_comparisons(list_search_path("structures", folder), catalogue).mirrored
    of_partners = [dataset for path in request.mirror for dataset in read_partner_data(Path(path), catalogue, mirrored)]
    reports = collect_mirror_reports(open_books([*datasets, *of_partners]), mirrored)
    if not reports.immigration.keys() & reports.emigration.keys():
        if request.mirror or request.benchmark:
            hint = "Immigration is needed by country of previous residence, emigration by country of next residence."
            raise SdmxmigError("No flow between two countries is reported by both of them.", hint=hint)
        return None
    return build_mirror_study(reports, request.benchmark)


def read_partner_data(path: Path, catalogue: Catalogue, mirrored: Sequence[MirrorDataflow]) -> tuple[Dataset, ...]:
    if not path.exists():
        raise SdmxmigError(f"There is no workspace and no file “{path}”.", hint="Name a workspace or a data message.")
    flows = (*(mirror.flow for mirror in mirrored), MIRROR_FLOW)
    read = list_workspace_data(path, catalogue, flows) if path.is_dir() else read_data(path, catalogue.flows)
    kept = tuple(dataset for dataset in read if dataset.flow.id in flows)
    if not kept:
        hint = (
            f"Run first: sdmxmig convert {quote_path(path)}" if path.is_dir() else f"Name data of {', '.join(flows)}."
        )
        raise SdmxmigError("There are no flows by partner country.", Place(str(path)), hint)
    return kept


def find_places(datasets: Sequence[Dataset], observations: Collection[Observation]) -> dict[Observation, str]:
    places: dict[Observation, list[str]] = {}
    for dataset in datasets:
        measure = dataset.flow.structure.measure.id
        rows = [row for flow, row in observations if flow == dataset.flow.id]
        origins = dataset.origins.filter(
            pl.col("observation").is_in(rows), pl.col("component").cast(pl.String) == measure
        ).sort(["observation", "file", "sheet", "row", "column"])
        for origin in origins.iter_rows(named=True):
            cell = Place(str(origin["file"]), str(origin["sheet"]), cell=format_cell(origin["row"], origin["column"]))
            places.setdefault((dataset.flow.id, int(origin["observation"])), []).append(str(cell))
    return {at: ", ".join(cells) for at, cells in places.items()}


def write_accounts(session: Session, study: AccountStudy) -> tuple[Path, dict[str, bytes]]:
    folder = session.out / FOLDER
    data = session.results.made("data")
    made_from = {"data": compute_digest(data.files)} if data else {}
    files = accounts_tables.list_files(study)
    _, notes = publish_folder(folder, FOLDER, files, maker=MAKER, option=OPTION, made_from=made_from)
    for note in notes:
        session.say(note)
    return folder, files


Row = Mapping[str, str]
TestKey = tuple[str, str, str, str]
STORED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
"""Columns of the tables of a stored study, and those with numbers."""
MAX_SHOWN = 30
CELL = re.compile(r"(.+? › [A-Z]+[0-9]+)(?:, |$)")
"""A source cell of an observation in the table of terms."""


@dataclass(frozen=True, slots=True)
class TermLine:
    side: str
    term: str
    _: KW_ONLY
    factor: str
    observations: Mapping[str, Sequence[Row]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSheet:
    equation: str
    population: str
    lines: tuple[TermLine, ...]
    tests: tuple[Row, ...]


class StoredAccounts:
    def __init__(self, path: Path) -> None:
        try:
            study: dict[str, Any] = json.loads(read_bytes(path))
            self.by_identity: dict[str, list[Row]] = {}
            for row in filter(complete, study.get("accounts", [])):
                self.by_identity.setdefault(row["identity"], []).append(row)
            self.terms: dict[TestKey, list[Row]] = {}
            for row in filter(complete, study.get("terms", [])):
                self.terms.setdefault(build_key(row), []).append(row)
            self.counts: dict[str, int] = {name: int(study["classes"][name]) for name in OUTCOME_CLASSES}
            self.residual_migration: list[Row] = list(filter(complete, study.get("residual_migration", [])))
            self.balance_tests: list[Row] = list(filter(complete, study.get("balance_tests", [])))
            self.balance: list[Row] = list(filter(complete, study.get("balance", [])))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
            hint = "Write it again with: sdmxmig accounts"
            raise InputError("This is not a study of accounts.", Place(str(path)), hint) from None

    def count_outcomes(self, identity: str) -> dict[str, int]:
        classes = Counter(test["class"] for test in self.by_identity.get(identity, ()))
        return {name: classes[name] for name in OUTCOME_CLASSES}

    def list_missing(self, identity: str) -> list[str]:
        return list(self.iterate_missing(self.by_identity.get(identity, ())))

    def page(
        self, identity: str, result_class: str = "", *, first: int = 0, most: int
    ) -> tuple[list[AccountSheet], int]:
        """Return a page of equations of an identity by part of the population, and their total number."""
        groups: dict[tuple[str, str], list[Row]] = {}
        for test in self.by_identity.get(identity, ()):
            groups.setdefault((test["equation"], test["population"]), []).append(test)
        chosen = [
            (equation, population, tests)
            for (equation, population), tests in groups.items()
            if not result_class or any(test["class"] == result_class for test in tests)
        ]
        chosen.sort(key=lambda group: (bool(group[1]), all(test["class"] == NOT_TESTABLE for test in group[2])))
        sheets = [
            self._sheet(equation, population, tests=tests)
            for equation, population, tests in chosen[first : first + most]
        ]
        return sheets, len(chosen)

    def _sheet(self, equation: str, population: str, *, tests: list[Row]) -> AccountSheet:
        tests = sorted(tests, key=lambda test: test["period"], reverse=True)
        lines: dict[tuple[str, str, str], dict[str, list[Row]]] = {}
        for test in tests:
            for row in self.terms.get(build_key(test), ()):
                line = lines.setdefault((row["side"], row["term"], row["factor"]), {})
                line.setdefault(test["period"], []).append(row)
        known = {term for _, term, _ in lines}
        for term in self.iterate_missing(tests):
            if term not in known and find_position(term, equation) < len(equation):
                lines[choose_side(term, equation), term, ""] = {}
        ordered = sorted(lines, key=lambda line: (line[0] != "left", find_position(line[1], equation)))
        return AccountSheet(
            equation=equation,
            population=population,
            lines=tuple(
                TermLine(side, term, factor=factor, observations=lines[side, term, factor])
                for side, term, factor in ordered
            ),
            tests=tuple(tests),
        )

    @staticmethod
    def iterate_missing(tests: Sequence[Row]) -> Iterator[str]:
        yield from dict.fromkeys(term for test in tests if test["missing"] for term in test["missing"].split("; "))


def complete(row: Row) -> bool:
    kind = next((kind for kind in STORED["columns"] if kind[0] in row), None)
    if kind is None:
        raise ValueError
    for name in kind:
        if not isinstance(row[name], str):
            raise TypeError
        if name in STORED["numbers"] and row[name]:
            number = Decimal(row[name])
            if not number.is_finite() or number.adjusted() > MAX_SHOWN:
                raise ValueError
    return True


def build_key(row: Row) -> TestKey:
    return row["identity"], row["equation"], row["population"], row["period"]


def extract_item(term: str) -> str:
    return term.partition("[")[0]


def find_position(term: str, equation: str) -> int:
    """Return the position of a term in its equation; at the end if absent.

    >>> find_position("DEATH[AGE=Y0]", "POP_END = POP_BEG - DEATH")
    20
    """
    at = equation.find(extract_item(term))
    return at if at >= 0 else len(equation)


def choose_side(term: str, equation: str) -> str:
    sign = equation.find("=")
    return "left" if find_position(term, equation) < sign else "right"


def list_cells(row: Row) -> list[str]:
    return CELL.findall(row["cell"])


def find_accounts_file(session: Session) -> Path:
    return session.out / FOLDER / JSON


def explain_staleness(session: Session) -> list[str]:
    made = read_record(session.out / FOLDER).results.get(FOLDER)
    if made is None:
        return []
    data = session.results.made("data")
    reasons = session.results.older("data")
    if data is None or made.made_from.get("data") != compute_digest(data.files):
        reasons = ["data was changed", *reasons]
    return reasons
