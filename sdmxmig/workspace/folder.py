"""Workspaces: a country's tables, mappings, profile and results."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import DeclarationError, InputError, SdmxmigError, check_known, find_nearest
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import list_some
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.delivery import REPEATS, RetryPolicy, Route
from sdmxmig.statistics.country import Country

COUNTRY_FILE, PROFILE_FILE = "country.toml", "profile.toml"
RESULTS = "out"
"""The default folder of results in a workspace."""
JUSTIFICATIONS_FILE = "justifications.toml"
PEOPLE_FILE = "people.toml"
COMMENTS_FILE = "comments.toml"
APPROVALS_FILE = "approvals.toml"
HISTORY_FILE, HISTORY_FOLDER = "history.jsonl", ".history"
"""The record of changes, and the folder with earlier contents."""
DECLARED = ("codelists", "structures")
"""Folders of declarations in a workspace or a release of artefacts."""
PREVIOUS = "previous"
"""Earlier assessments."""
PEERS = "peers"
"""Data of other countries."""
ACCEPTED = "accepted"
"""Submissions that their receiver has accepted."""
COMPARISONS = "comparisons"
"""Data of others for comparison."""
INTEGRATION = "integration"
"""Integration records."""
DRAFTS = "drafts"
OWN_FILES = (COUNTRY_FILE, PROFILE_FILE, JUSTIFICATIONS_FILE, PEOPLE_FILE, COMMENTS_FILE, APPROVALS_FILE)
OWN_FOLDERS = (
    "tables",
    "mappings",
    DRAFTS,
    *DECLARED,
    "templates",
    PREVIOUS,
    PEERS,
    ACCEPTED,
    COMPARISONS,
    INTEGRATION,
)
DELIVERIES = "deliveries"
"""The delivery queue, sent bytes and receipts."""
MAX_TABLE_BYTES = 20_000_000
"""Largest table whose cells the workbench reads; a larger one is read only during conversion."""
WAY_KEYS = (
    "user",
    "host_key",
    "key_file",
    "method",
    "action",
    "api",
    "dataspace",
    "pack",
    "token_address",
    "client",
    "client_credential",
    "scope",
)
AREA = re.compile(r"^[A-Z]{2}$")
LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
ORGANISATION_ID = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A country's folder with ``country.toml`` and files sorted by name.

    `test` marks messages as tests (required for fictional countries). `profile` is None without ``profile.toml``.
    `previous` is an earlier assessment, `peers` are data of other countries, `accepted` releases accepted by the
    receiver, `comparisons` declarations of outside data, and `integration` integration records. `override` is the
    reason for sealing tests with blocking findings. `dataset_ids` are the receiver's ids. `way` is None for manual
    delivery.
    """

    folder: Path
    country: Country
    _: KW_ONLY
    sender: str
    receiver: str
    test: bool
    tables: tuple[Path, ...]
    mappings: tuple[Path, ...]
    profile: Path | None
    previous: Path | None = None
    peers: tuple[Path, ...] = ()
    accepted: tuple[Path, ...] = ()
    comparisons: tuple[Path, ...] = ()
    integration: tuple[Path, ...] = ()
    licence: str = ""
    override: str = ""
    known_agencies: tuple[str, ...] = ()
    dataset_ids: Mapping[str, str] = field(default_factory=dict)
    way: Route | None = None

    @property
    def out(self) -> Path:
        return self.folder / RESULTS

    @property
    def name(self) -> str:
        return self.folder.resolve().name


def open_workspace(folder: Path) -> Workspace:
    """Open a workspace; raise `SdmxmigError` for other folders, `DeclarationError` for ``country.toml``."""
    path = folder / COUNTRY_FILE
    if not os.access(folder, os.X_OK) and folder.is_dir():
        hint = "Ask for permission to read it."
        raise InputError("You do not have permission to read the folder.", Place(str(folder)), hint)
    if not path.is_file():
        message = f"“{folder}” is not a workspace: there is no {COUNTRY_FILE} in it."
        if folder.is_file():
            home = next((parent for parent in folder.parents if (parent / COUNTRY_FILE).is_file()), None)
            hint = f"Name the folder of the workspace: {home}" if home else suggest_workspace(folder.parent)
            raise SdmxmigError(f"“{folder}” is a file, not a workspace.", hint=hint)
        if not folder.is_dir():
            message = f"There is no folder “{folder}”."
            if folder.suffix:
                read_bytes(folder)  # a missing file
        raise SdmxmigError(message, hint=suggest_workspace(folder))
    check_links(folder)
    for place in (folder, folder / "templates"):
        if (place / "report.toml").is_file():
            message = "The settings of the report are not read from here."
            raise DeclarationError(message, Place(str(place / "report.toml")), "Move the file to templates/report.")
    return parse_workspace(folder, read_bytes(path))


def parse_workspace(folder: Path, content: bytes) -> Workspace:
    declared = Declared.parse(str(folder / COUNTRY_FILE), content)
    about, header = declared.table("country", required=True), declared.table("message", required=True)
    publication, at_receiver = declared.table("report"), declared.table("receiver")
    profile = folder / PROFILE_FILE
    is_test, standing = header.flag("test", default=False), header.text("override", "")
    country = Country(
        area=about.check_shape("area", AREA, "Write the two capital letters of ISO 3166-1, such as GE."),
        name=about.texts("name", required=True),
        office=about.texts("office", required=True),
        language=about.check_shape("language", LANGUAGE, "Write a language tag, such as en, fr or ar."),
        contact=publication.texts("contact"),
        citation=publication.texts("citation"),
        compared_with=about.text("compared_with", ""),
        is_fictional=about.flag("fictional", default=False),
    )
    workspace = Workspace(
        folder=folder,
        country=country,
        sender=header.check_shape("sender", ORGANISATION_ID, "Write an id of letters and digits, such as GE1."),
        receiver=header.check_shape("receiver", ORGANISATION_ID, "Write an id of letters and digits, such as UNSD."),
        test=is_test,
        tables=_list_files(folder / "tables", "*"),
        mappings=_list_files(folder / "mappings", "*.toml"),
        profile=profile if profile.is_file() else None,
        previous=_find_previous(folder, publication),
        peers=_list_files(folder / PEERS, "*"),
        accepted=(*_list_folders(folder / ACCEPTED), *_list_files(folder / ACCEPTED, "*")),
        comparisons=_list_files(folder / COMPARISONS, "*.toml"),
        integration=_list_files(folder / INTEGRATION, "*.json"),
        licence=header.text("licence", ""),
        override=standing if is_test else "",
        known_agencies=at_receiver.strings("agencies"),
        dataset_ids=at_receiver.table("datasets").pairs(),
        way=_read_route(at_receiver.table("delivery")) if "delivery" in at_receiver.values else None,
    )
    if country.is_fictional and not workspace.test:
        hint = "Write test = true, so that no agency mistakes its figures for those of a country."
        raise DeclarationError("Messages of a fictional country must be marked as tests.", header.at("test"), hint)
    for table in (about, header, publication, at_receiver, declared):
        table.close()
    return workspace


def _read_route(declared: Declared) -> Route:
    usual = RetryPolicy()
    repeat = declared.text("repeat", usual.repeat)
    check_known("way to repeat", repeat, REPEATS, declared.at("repeat"))
    address = declared.text("address")
    if not address.strip():
        hint = "Write a folder, an address, or what the transport asks for."
        raise DeclarationError("The address of the receiver is empty.", declared.at("address"), hint)
    way = Route(
        transport=declared.text("transport"),
        address=address,
        credential=declared.text("credential", ""),
        is_private=declared.flag("private", default=False),
        habits=RetryPolicy(
            repeat=repeat,
            quiet=declared.integer("quiet", int(usual.quiet)),
            attempts=declared.integer("attempts", usual.attempts),
            hours=declared.integer("hours", int(usual.hours)),
            lease=declared.integer("longest", int(usual.lease)),
        ),
        more=tuple((key, declared.text(key)) for key in WAY_KEYS if key in declared.values),
    )
    declared.close()
    return way


def _find_previous(folder: Path, publication: Declared) -> Path | None:
    name = publication.text("previous", "")
    if not name:
        return None
    path = folder / PREVIOUS / name
    if Path(name).name != name or not path.is_file():
        hint = f"Put the earlier assessment.json into {folder / PREVIOUS}, and write its name here."
        raise DeclarationError(f"There is no earlier assessment “{name}”.", publication.at("previous"), hint)
    return path


def is_small_enough(size: int) -> bool:
    return size <= MAX_TABLE_BYTES


def check_declares(folder: Path) -> None:
    check_links(folder)
    if not (folder / COUNTRY_FILE).is_file() and not any((folder / name).is_dir() for name in DECLARED):
        message = f"“{folder}” is not a workspace: there is no {COUNTRY_FILE}, {' or '.join(DECLARED)} in it."
        raise SdmxmigError(message, hint=suggest_workspace(folder))


def suggest_workspace(folder: Path) -> str:
    parent = folder if folder.is_dir() else folder.parent
    workspaces = {file.parent.name: file.parent for file in sorted(parent.glob(f"*/{COUNTRY_FILE}"))}
    if folder.is_dir() and workspaces:
        return f"Name the folder of a workspace: {list_some([*map(str, workspaces.values())])}."
    if guess := find_nearest(folder.name, workspaces):
        return f"Did you mean {workspaces[guess]}?"
    if folder.is_dir() and any(folder.iterdir()):
        return "Name the folder of a workspace, or make one with: sdmxmig init NEW_FOLDER"
    return f"Make a workspace with: sdmxmig init {quote_path(folder)}"


def check_links(folder: Path) -> None:
    """Reject links out of the workspace, so that workspaces from others cannot read your files."""
    _check_inside(folder, _find_links(folder), "Replace the link with a copy of its target.")


def check_result_links(folder: Path) -> None:
    """Reject links out of the workspace in results."""
    hint = "Remove the link, or name the folder for results yourself, with -o FOLDER."
    _check_inside(folder, _list_links_below(folder / RESULTS), hint)


def check_inside(folder: Path, place: Path) -> None:
    _check_inside(folder, (place,), "Remove the link, and try again.")


def _check_inside(folder: Path, links: Iterable[Path], hint: str) -> None:
    root = folder.resolve()
    for path in links:
        leads_to = Path(os.path.realpath(path))  # unlike `resolve`, it accepts links to themselves
        if leads_to != root and root not in leads_to.parents:
            raise InputError(f"This link leads out of the workspace, to {leads_to}.", Place(str(path)), hint)


def _find_links(folder: Path) -> Iterator[Path]:
    yield from filter(_is_link, (folder / name for name in (*OWN_FILES, HISTORY_FILE, HISTORY_FOLDER)))
    for name in OWN_FOLDERS:
        yield from _list_links_below(folder / name)


def _list_links_below(path: Path) -> Iterator[Path]:
    if _is_link(path):
        yield path
    for name, folders, files in os.walk(path):
        yield from filter(_is_link, (Path(name, entry) for entry in sorted([*folders, *files])))


def _is_link(path: Path) -> bool:
    is_junction: Callable[[Path], bool] = getattr(os.path, "isjunction", lambda _: False)
    return path.is_symlink() or is_junction(path)


def _list_folders(folder: Path) -> tuple[Path, ...]:
    return tuple(path for path in sorted(folder.glob("*")) if path.is_dir() and path.name[0] not in ".~")


def _list_files(folder: Path, pattern: str) -> tuple[Path, ...]:
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        hint = "Ask for permission to read it."
        raise InputError("You do not have permission to read the folder.", Place(str(folder)), hint)
    paths = tuple(path for path in sorted(folder.glob(pattern)) if path.is_file() and path.name[0] not in ".~")
    for path in paths:
        readable_name = path.name.encode(errors="replace").decode()
        if readable_name != path.name:  # results contain file names in UTF-8
            raise InputError("The name of this file is not UTF-8.", Place(str(folder / readable_name)), "Rename it.")
    return paths
