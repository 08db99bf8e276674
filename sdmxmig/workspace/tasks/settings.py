"""Settings and people, edited in their files without losing comments."""

from __future__ import annotations

import os
import re
import threading
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import msgspec

from sdmxmig.io.edited_toml import format_inline, remove_table, set_value
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.network import (
    KEYRING_SERVICE,
    MAX_SECRET_BYTES,
    SECRET_NAME,
    NotSentError,
    UnknownOutcomeError,
    build_variable_name,
    exchange,
    find_host,
    find_secret,
    resolve_destination,
)
from sdmxmig.io.publishing.files import lock_folder, publish_file
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.delivery import Route
from sdmxmig.transmission.transports import FOLDER_HINT, TRANSPORTS, Settings
from sdmxmig.transmission.transports.http import CREDENTIAL_STATUSES, build_request
from sdmxmig.workspace.folder import COUNTRY_FILE, LANGUAGE, PEOPLE_FILE, parse_workspace
from sdmxmig.workspace.tasks.approvals import find_people_file, parse_people, set_roles
from sdmxmig.workspace.tasks.delivery_setup import build_settings, find_route
from sdmxmig.workspace.tasks.first_tables import find_country_code, write_country_file
from sdmxmig.workspace.tasks.history import Conflict
from sdmxmig.workspace.tasks.session import Session

TEXT, TEXTS, BY_FLOW, FLAG, LIST, NUMBER = "text", "texts", "by flow", "flag", "list", "number"
KEY_PATTERNS = {TEXTS: LANGUAGE, BY_FLOW: re.compile(r"[A-Za-z][A-Za-z0-9_]{0,100}")}
"""The last part of the names of settings that have several values."""
YES_WORD = "yes"
"""The form value of a flag that is set."""
MAX_CHARACTERS, MAX_NUMBER = 1_000, 1_000_000
DELIVERY = ("receiver", "delivery")
DELIVERY_KEYS = ("message.receiver", "receiver.delivery.")
"""Settings that belong together: an address is that of a receiver."""
TRANSPORT, ADDRESS, PRIVATE, KEY_FILE, AREA = (
    *(f"receiver.delivery.{key}" for key in ("transport", "address", "private", "key_file")),
    "country.area",
)
WEB = ("http", "registry", "dotstat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting: name in ``country.toml``, kind and choices; it applies only to `transports`."""

    name: str
    kind: str = TEXT
    choices: tuple[str, ...] = ()
    transports: tuple[str, ...] = ()
    is_required: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))


SETTINGS: Sequence[Setting] = msgspec.convert(
    tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["setting"], list[Setting]
)
"""The settings that a person can change without a text editor."""


class SettingsConflict(SdmxmigError):  # noqa: N818 - the name says what is the matter
    def __init__(self, theirs: Mapping[str, str]) -> None:
        super().__init__(
            "Another person has changed the same settings since you opened this page.",
            hint="Compare both values, then save again.",
        )
        self.theirs = dict(theirs)


def read_settings(content: bytes) -> dict[str, str]:
    values = Declared.parse(COUNTRY_FILE, content).values
    return dict(list_settings(values))


def list_settings(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = ".".join((*path, key))
        if isinstance(value, dict):
            yield from list_settings(value, (*path, key))
        elif find_setting(name):
            yield name, write_setting_text(value)
        elif find_setting(f"{name}.en"):  # a text without language counts as English
            yield f"{name}.en", write_setting_text(value)


def write_setting_text(value: Any) -> str:
    if isinstance(value, bool):
        return YES_WORD if value else ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def find_setting(name: str) -> Setting | None:
    of, _, key = name.rpartition(".")
    for setting in SETTINGS:
        keys = KEY_PATTERNS.get(setting.kind)
        if keys is None and setting.name == name:
            return setting
        if keys is not None and setting.name == of and keys.fullmatch(key):
            return setting
    return None


def edit_settings(content: bytes, changes: Mapping[str, str]) -> bytes:
    """Change settings; an empty value removes one. Raises `DeclarationError` with the setting."""
    text = content.decode("utf-8-sig")
    if changes.get(TRANSPORT, "-") == "":
        text = remove_table(text, *DELIVERY)
        changes = {name: value for name, value in changes.items() if not name.startswith(f"{'.'.join(DELIVERY)}.")}
    for name, value in changes.items():
        setting = find_setting(name)
        if setting is None:
            raise SdmxmigError(f"There is no setting “{name}”.")
        if setting.kind == TEXTS:
            text = add_language_table(text, setting.path)
        depth = len(DELIVERY) if setting.path[0] == DELIVERY[0] and name.count(".") == len(DELIVERY) else 1
        text = set_value(text, tuple(name.split(".")), format_setting(setting, name, value), depth=depth)
        if setting.is_required and not any(find_setting(each) is setting for each in read_settings(text.encode())):
            raise DeclarationError("This setting is required.", Place(COUNTRY_FILE, key=name), "Fill it in.")
    return text.encode()


def add_language_table(text: str, path: tuple[str, ...]) -> str:
    value: Any = tomllib.loads(text)
    for part in path:
        value = value.get(part, {}) if isinstance(value, dict) else {}
    return set_value(set_value(text, path, ""), (*path, "en"), format_inline(value)) if isinstance(value, str) else text


def format_setting(setting: Setting, name: str, value: str) -> str:
    place, value = Place(COUNTRY_FILE, key=name), " ".join(value.split())
    if len(value) > MAX_CHARACTERS:
        raise DeclarationError(f"The text has more than {MAX_CHARACTERS:,} characters.", place, "Shorten it.")
    if setting.kind == FLAG:
        return format_inline(value == YES_WORD)
    if setting.kind == LIST:
        return format_inline(ids) if (ids := re.findall(r"[^\s,;]+", value)) else ""
    if not value:
        return ""
    if setting.kind == NUMBER:
        if not value.isascii() or not value.isdigit() or int(value) > MAX_NUMBER:
            raise DeclarationError(f"“{value}” is not a whole number.", place, "Write digits only.")
        return value.lstrip("0") or "0"
    if setting.choices:
        check_known("choice", value, setting.choices, place)
    if name == AREA and not re.fullmatch("[A-Z]{2}", value):
        try:
            value = find_country_code(value)
        except SdmxmigError as error:
            raise DeclarationError(error.message, place, error.hint) from error
    return format_inline(value)


def change_settings(
    workspace: Path,
    typed: Mapping[str, str],
    seen: Mapping[str, str],
    step: AbstractContextManager[None],
    *,
    is_remote: bool,
) -> bool:
    """Save changed settings after validation; raise `SettingsConflict`, or an error for invalid settings."""
    path = workspace / COUNTRY_FILE
    wanted = {name: value for name, value in typed.items() if value.split() != seen.get(name, "").split()}
    if not wanted:
        return False
    with step:
        content = read_bytes(path)
        present = read_settings(content)
        is_about_way = any(name.startswith(DELIVERY_KEYS) for name in wanted)
        kept = {name: text for name, text in seen.items() if name.startswith(DELIVERY_KEYS)} if is_about_way else {}
        theirs = {name: present.get(name, "") for name in kept | wanted}
        mine = kept | wanted
        if clash := {name: text for name, text in theirs.items() if text not in (seen.get(name, ""), mine[name])}:
            raise SettingsConflict(clash)
        if TRANSPORT in wanted:
            wanted |= {name: "" for name in present if not belongs_to(name, wanted[TRANSPORT])}
        if is_remote:
            check_remote_change(present, wanted)
        changed = edit_settings(content, wanted)
        if AREA in wanted:
            changed = edit_settings(changed, list_settings_of_new_country(present, read_settings(changed)))
        if (way := parse_workspace(workspace, changed).way) and {TRANSPORT, ADDRESS} & wanted.keys():
            check_route(way)
        publish_file(path, changed)
    return True


def list_settings_of_new_country(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return the names and ids that change with a new country."""
    old, new = (
        read_settings(write_country_file(of.get(AREA, ""), language=of.get("country.language") or "en").encode())
        for of in (before, after)
    )
    return {name: new[name] for name, value in old.items() if name in new and after.get(name) == value != new[name]}


def check_route(way: Route) -> None:
    place = Place(COUNTRY_FILE, key=ADDRESS)
    check_known("method", way.transport, [*TRANSPORTS], place)
    if way.transport in WEB:
        try:
            resolve_destination(way.address, is_private=True, resolve=skip_lookup)
        except SdmxmigError as error:
            raise DeclarationError(error.message, place, error.hint) from error


def skip_lookup(host: str, _: int) -> list[str]:
    is_number = ":" in host or host.replace(".", "").isdigit()
    return [host if is_number else "127.0.0.1" if host == "localhost" else "1.1.1.1"]


def belongs_to(name: str, transport: str) -> bool:
    setting = find_setting(name)
    return setting is None or not setting.transports or transport in setting.transports


def check_remote_change(present: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Reject remote changes that would open the network or local files."""
    after = {**present, **wanted}
    destination = [name for name in (TRANSPORT, ADDRESS) if name in wanted]
    refused = [name for name in (PRIVATE, KEY_FILE) if name in wanted and after[name]]
    if destination and (after.get(PRIVATE) or after.get(KEY_FILE)):
        refused += destination
    if destination and after.get(TRANSPORT) == "folder" and not is_below(after.get(ADDRESS, "")):
        refused.append(ADDRESS)
    if refused:
        raise DeclarationError(
            "This setting can only be changed on the computer that runs the workbench.",
            Place(COUNTRY_FILE, key=refused[0]),
            "Ask the person who runs it.",
        )


def is_below(address: str) -> bool:
    r"""Check whether a folder address stays in the workspace.

    >>> [is_below(address) for address in ("outbox", "/srv", "../other", "C:\\\\out")]
    [True, False, False, False]
    """
    return (
        not set(address) & set("\\:~") and not PurePath(address).is_absolute() and ".." not in PurePath(address).parts
    )


def change_person(
    workspace: Path,
    name: str,
    roles: Collection[str] | None,
    seen: Collection[str] | None,
    step: AbstractContextManager[None],
) -> None:
    path = find_people_file(workspace)
    is_own = path.parent == workspace.resolve()
    with step if is_own else lock_folder(path.with_name(f".{PEOPLE_FILE}")):
        content = read_bytes(path) if path.is_file() else b""
        present = parse_people(path, content).roles.get(name) if content else None
        if present != (None if seen is None else frozenset(seen)):
            raise Conflict({PEOPLE_FILE: ""}, f"The roles of “{name}” were changed since you opened this page.")
        publish_file(path, set_roles(path, content, name, roles))


REACHED, FAILED, REFUSED, BY_HAND = "reached", "failed", "refused", "by hand"
"""Results: reached, failed, credential refused, manual, program found."""
MAX_SECONDS, MAX_ANSWER_SECONDS = 30.0, 20.0
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """The result of a connection test, with the reason or the receiver's status."""

    result: str
    message: str = ""
    hint: str = ""
    status: int = 0


def try_connection(session: Session, seconds: float = MAX_SECONDS) -> ConnectionTest:
    """Test the connection to the receiver without sending data; raise `SdmxmigError` if none is configured."""
    kind, settings = find_route(session).transport, build_settings(session)
    results: list[ConnectionTest] = []

    def run() -> None:
        results.append(check_connection(kind, settings))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return results[0] if results else ConnectionTest(FAILED, "The receiver did not answer in time.")


def check_connection(kind: str, settings: Settings) -> ConnectionTest:
    try:
        if kind == "upload":
            return ConnectionTest(BY_HAND)
        channel = TRANSPORTS[kind](settings)
        channel.check()
        if kind == "folder":
            check_folder(settings)
        elif kind in WEB:
            return call_receiver(settings)
        elif channel.listing is not None:
            next(iter(channel.listing()), None)
        return ConnectionTest(REACHED)
    except SdmxmigError as error:
        return ConnectionTest(FAILED, error.message, error.hint)
    except (NotSentError, UnknownOutcomeError, OSError) as error:
        return ConnectionTest(FAILED, f"The receiver does not answer ({error or type(error).__name__}).")


def check_folder(settings: Settings) -> None:
    folder = settings.base / settings.address
    if folder.parent == settings.base and not folder.exists():
        return
    if not folder.is_dir():
        raise SdmxmigError(f"There is no folder {folder}.", hint=FOLDER_HINT)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SdmxmigError(
            f"You do not have permission to write to the folder {folder}.", hint="Ask for permission to write to it."
        )


def call_receiver(settings: Settings) -> ConnectionTest:
    answer = exchange(build_request(settings, "GET", settings.address, {"Accept": "*/*"}, seconds=MAX_ANSWER_SECONDS))
    if answer.status in CREDENTIAL_STATUSES:
        return ConnectionTest(REFUSED, status=answer.status)
    return ConnectionTest(FAILED if answer.status >= SERVER_ERROR else REACHED, status=answer.status)


def list_secret_names(way: Route) -> tuple[str, ...]:
    more = dict(way.more)
    host = find_host(more.get("token_address", "") or way.address)
    return tuple(f"{name}@{host}" for name in (way.credential, more.get("client_credential", "")) if name)


def has_secret(name: str) -> bool:
    try:
        find_secret(name)
    except SdmxmigError:
        return False
    return True


def keep_secret(name: str, text: str) -> None:
    """Save a secret in the keyring; on failure, raise `SdmxmigError` without the secret."""
    if not SECRET_NAME.fullmatch(name) or not text or len(text) > MAX_SECRET_BYTES or not text.isprintable():
        raise SdmxmigError("This secret cannot be saved.", hint="Copy it again, without line breaks.")
    try:
        import keyring
        from keyring.errors import KeyringError

        keyring.set_password(KEYRING_SERVICE, name, text)
    except (ImportError, KeyringError):
        raise SdmxmigError(
            "This computer has no keyring for secrets.",
            hint=f"Ask the person who runs the workbench to set {build_variable_name(name)}.",
        ) from None
