"""Data of other providers, for comparison."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sdmxmig import catalogue as declared_catalogue
from sdmxmig.io.intake.files import MIB, read_bytes
from sdmxmig.io.intake.incoming import open_message
from sdmxmig.io.publishing.files import compute_hash
from sdmxmig.primitives.errors import DeclarationError, InputError, SdmxmigError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.quality.confidential import blank_confidential_values
from sdmxmig.quality.rules.outside_comparisons import OWN_DATA
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import MIRROR, CorrectionFactor, OtherProviderData, OutsideData
from sdmxmig.workspace.folder import AREA, COMPARISONS, COUNTRY_FILE, DECLARED, check_result_links, open_workspace
from sdmxmig.workspace.results import Results
from sdmxmig.workspace.tasks.messages import read_message_datasets
from sdmxmig.workspace.tasks.session import Session

MAX_FILE_BYTES = 256 * MIB
"""So large all data of others are at most together, unpacked: they are held in memory."""
REF_AREA, MAX_SHOWN = "REF_AREA", 3
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
POSITIVE, DIRECTION = re.compile(r"[0-9]{1,12}(\.[0-9]{1,15})?"), re.compile(r"[IE]")
MAX_FACTOR = 1000
FILE_NAME = re.compile(r"[^/\\]+")
NON_DATA_SUFFIXES = (".toml", ".md", ".txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The provider of a file in ``comparisons/`` (``[[data]]``)."""

    path: Path
    flow: str
    domain: str
    provider: str
    source: str
    read: str
    margin: str


@dataclass(slots=True)
class Allowance:
    left: int
    _: KW_ONLY
    whole: int = MAX_FILE_BYTES

    def message(self, path: Path, called: str = "") -> tuple[str, bytes]:
        with open_message(path, called) as (name, message):
            content = message.read(self.left + 1)
        if len(content) > self.left:
            text = f"The data of others are larger than {self.whole // MIB or 1} MiB, all together and unpacked."
            raise InputError(text, Place(str(path)), "Compare with fewer years, or with fewer countries at a time.")
        self.left -= len(content)
        return name, content


def read_outside_data(session: Session, mirrors: Sequence[Path] = ()) -> OtherProviderData:
    """Read ``comparisons/`` and `mirrors`."""
    catalogue, allowance = session.catalogue, Allowance(MAX_FILE_BYTES)
    outside: list[OutsideData] = []
    factors: list[CorrectionFactor] = []
    named: set[str] = set()
    for path in session.workspace.comparisons:
        origins, more = read_comparisons(path, read_bytes(path), list_domains(catalogue.rules), catalogue.flows)
        for number, origin in enumerate(origins, start=1):
            refuse_future(
                origin, session.prepared[:10], Place(f"{COMPARISONS}/{path.name}", key=f"data[{number}].read")
            )
        named |= {origin.path.name for origin in origins}
        outside += [read_origin_data(origin, catalogue.flows, allowance) for origin in origins]
        factors += more
    for name in list_unnamed_data(session.workspace.folder / COMPARISONS, named):
        session.say(f"! {COMPARISONS}/{name}: no [[data]] names the provider of these data; they are not compared.")
    for mirror in mirrors:
        outside += read_mirror_data(session, mirror, allowance)
    return OtherProviderData(tuple(outside), tuple(factors))


def refuse_future(origin: Origin, today: str, place: Place) -> None:
    if origin.read > today:
        hint = "Write the day on which you took the figures."
        raise DeclarationError(f"The day {origin.read} has not come yet.", place, hint)


def list_unnamed_data(folder: Path, named: Collection[str]) -> list[str]:
    inside = sorted(folder.iterdir()) if folder.is_dir() else ()
    return [path.name for path in inside if path.name not in named and (has_data(path) or path.is_dir())]


def list_domains(rules: Mapping[str, Rule]) -> list[str]:
    named: set[str] = set()
    for rule in rules.values():
        domains = rule.parameters.get("domains", ())
        if isinstance(domains, list):
            named.update(str(domain) for domain in domains)
    return sorted(named - {OWN_DATA})


def read_comparisons(
    path: Path, content: bytes, domains: Collection[str], flows: Collection[str]
) -> tuple[list[Origin], list[CorrectionFactor]]:
    declared = Declared.parse(f"{COMPARISONS}/{path.name}", content)
    origins = [read_origin(entry, path.parent, domains, flows) for entry in declared.tables("data")]
    factors = [read_factor(entry) for entry in declared.tables("factor")]
    declared.close()
    return origins, factors


def read_factor(declared: Declared) -> CorrectionFactor:
    """Read the correction factor of a country's flows in one direction."""
    text = declared.text("factor")
    if not POSITIVE.fullmatch(text) or not 0 < float(text) <= MAX_FACTOR:
        hint = f'Write a number above 0 and up to {MAX_FACTOR}, with a point before decimals, such as "1.25".'
        raise DeclarationError(f"“{text}” is not a factor by which reports are corrected.", declared.at("factor"), hint)
    factor = CorrectionFactor(
        declared.check_shape("area", AREA, "Write the two capital letters of ISO 3166-1, such as GE."),
        declared.check_shape("direction", DIRECTION, "Write I for immigration or E for emigration."),
        factor=float(text),
        source=declared.text("source"),
    )
    declared.close()
    return factor


def read_origin(declared: Declared, folder: Path, domains: Collection[str], flows: Collection[str]) -> Origin:
    sha256 = describe_provenance(declared)
    origin = declared.read(
        Origin,
        path=folder / declared.check_shape("file", FILE_NAME, f"Write the name of a file in {COMPARISONS}/."),
        read=read_access_day(declared),
        margin=declared.text("margin", ""),
    )
    check_known("dataflow", origin.flow, flows, declared.at("flow"))
    check_known("domain", origin.domain, domains, declared.at("domain"))
    if not origin.provider.strip() or not origin.source.strip():
        raise DeclarationError(
            "Provider and source must be named.", declared.place, "State the provider and the source."
        )
    if origin.margin and not is_share(origin.margin):
        hint = (
            'Write a number of per cent up to 100: "1.5" for up or down, "+1.5" for figures that are so much too low.'
        )
        raise DeclarationError(f"“{origin.margin}” is not a margin.", declared.at("margin"), hint)
    if not origin.path.is_file():
        hint = f"Put it into {COMPARISONS}/, beside the file that names it."
        raise DeclarationError(f"There is no file “{origin.path.name}”.", declared.at("file"), hint)
    if sha256 and compute_hash(origin.path) != sha256:
        hint = "Fetch it again with sdmxmig get; or remove the lines on where it was fetched, if it is yours now."
        raise DeclarationError(f"“{origin.path.name}” has changed since it was fetched.", declared.at("sha256"), hint)
    return origin


def describe_provenance(declared: Declared) -> str:
    for key in ("address", "fetched", "message"):
        declared.text(key, "")
    return declared.text("sha256", "")


def read_access_day(declared: Declared) -> str:
    hint = "Write the day on which you took the figures, such as 2026-01-31."
    written = declared.check_shape("read", DAY, hint)
    try:
        date.fromisoformat(written)
    except ValueError:
        raise DeclarationError(f"“{written}” is not a day.", declared.at("read"), hint) from None
    return written


def is_share(text: str) -> bool:
    try:
        return abs(Decimal(text)) <= 100
    except InvalidOperation:
        return False


def read_origin_data(origin: Origin, flows: Mapping[str, Flow], allowance: Allowance) -> OutsideData:
    name, content = allowance.message(origin.path, f"{COMPARISONS}/{origin.path.name}")
    known = read_message_datasets(name, content, flows)
    datasets = [dataset for dataset in known if dataset.flow.id == origin.flow]
    if len(datasets) != 1:
        there = ", ".join(dict.fromkeys(dataset.flow.id for dataset in known)) or "none"
        message = f"This contains {len(datasets)} datasets of {origin.flow}, not one."
        raise InputError(message, Place(str(origin.path)), f"Its dataflows: {there}.")
    return OutsideData(
        book=Book(blank_confidential_values(datasets[0])),
        domain=origin.domain,
        provider=origin.provider,
        source=origin.source,
        read=origin.read,
        margin=origin.margin,
    )


def read_mirror_data(session: Session, path: Path, allowance: Allowance) -> Iterator[OutsideData]:
    if not path.exists():
        raise SdmxmigError(f"There is no file and no folder “{path}”.", hint="Name data of a partner country.")
    if path.is_file():
        yield from read_message_data(path, session.catalogue.flows, allowance)
    elif (path / COUNTRY_FILE).is_file():
        yield from read_workspace_data(session, path, allowance)
    else:
        workspaces = [below for below in sorted(path.iterdir()) if (below / COUNTRY_FILE).is_file()]
        files = [file for file in sorted(path.iterdir()) if has_data(file)]
        if not workspaces and not files:
            raise SdmxmigError(f"There are no data in “{path}”.", hint="Name a data message, or a workspace.")
        for workspace in workspaces:
            if workspace.resolve() != session.workspace.folder.resolve():
                yield from read_workspace_data(session, workspace, allowance)
        for file in files if not workspaces else ():
            yield from read_message_data(file, session.catalogue.flows, allowance)


def has_data(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() not in NON_DATA_SUFFIXES and path.name[0] not in ".~"


def read_message_data(path: Path, flows: Mapping[str, Flow], allowance: Allowance) -> Iterator[OutsideData]:
    name, content = allowance.message(path)
    yield from build_mirror(read_message_datasets(name, content, flows), provider=path.name, source=path.name)


def read_workspace_data(session: Session, folder: Path, allowance: Allowance) -> Iterator[OutsideData]:
    partner = open_workspace(folder)
    country = partner.country
    if country.area == session.workspace.country.area:
        message = f"“{folder}” is a workspace of the same country, {country.area}."
        raise SdmxmigError(message, Place(str(folder)), "Name the workspace of a partner country.")
    check_result_links(folder)
    results = Results(folder, partner.out)
    record = results.made("data")
    paths = [partner.out / "data" / name for name in sorted(record.files if record else ()) if name.endswith(".csv")]
    if not paths:
        hint = f"Run first: sdmxmig convert {quote_path(folder)}"
        raise SdmxmigError(f"“{folder}” has no data yet.", Place(str(folder)), hint)
    if results.changed("data"):
        session.say(f"! The data of {folder} were changed since sdmxmig made them.")
    declares = any((folder / name).is_dir() for name in DECLARED)
    flows = (declared_catalogue.load(folder) if declares else session.catalogue).flows
    for path in paths:
        name, content = allowance.message(path)
        yield from build_mirror(
            read_message_datasets(name, content, flows), provider=str(country.name), source=path.name
        )


def list_partner_reports(datasets: Sequence[Dataset]) -> Iterator[OutsideData]:
    for dataset in datasets:
        areas = dataset.observations.get_column(REF_AREA) if REF_AREA in dataset.observations.columns else ()
        names = ", ".join(sorted({str(area) for area in areas if area})[:MAX_SHOWN])
        yield from build_mirror([dataset], provider=names or dataset.flow.id, source=dataset.flow.id)


def build_mirror(datasets: Sequence[Dataset], *, provider: str, source: str) -> Iterator[OutsideData]:
    for dataset in datasets:
        yield OutsideData(
            book=Book(blank_confidential_values(dataset)), domain=MIRROR, provider=provider, source=source
        )
