"""Connection tests and secrets in the keyring."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.io.network.addresses import destination, host_of
from sdmxmig.io.network.exchange import Call, NothingSent, OutcomeUnknown, exchange
from sdmxmig.io.network.secrets import LONGEST, NAME, SERVICE, secret_named, variable
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.transmission.transports import TRANSPORTS, Settings
from sdmxmig.transmission.transports.credentials import authorization
from sdmxmig.transmission.transports.hook import program_named
from sdmxmig.transmission.transports.http import CREDENTIALS
from sdmxmig.workspace.tasks.reaching import settings_of, way_of
from sdmxmig.workspace.tasks.settings import WEB

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.delivery import Way
    from sdmxmig.workspace.tasks.session import Session

REACHED, FAILED, REFUSED, BY_HAND, FOUND = "reached", "failed", "refused", "by hand", "found"
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
    """Test the connection to the receiver without sending data.

    Limited in seconds. Raises `SdmxmigError` if none is configured.
    """
    kind, settings = way_of(session).transport, settings_of(session)
    results: list[ConnectionTest] = []

    def run() -> None:
        results.append(tried(kind, settings))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return results[0] if results else ConnectionTest(FAILED, "The receiver did not answer in time.")


def tried(kind: str, settings: Settings) -> ConnectionTest:
    try:
        if kind == "upload":
            return ConnectionTest(BY_HAND)
        if kind == "hook":
            program_named(settings.address)
            return ConnectionTest(FOUND)
        channel = TRANSPORTS[kind](settings)
        channel.check()
        if kind == "folder":
            check_folder(settings)
        elif kind in WEB:
            return asked(settings)
        elif channel.listing is not None:
            next(iter(channel.listing()), None)
        return ConnectionTest(REACHED)
    except SdmxmigError as error:
        return ConnectionTest(FAILED, error.message, error.hint)
    except (NothingSent, OutcomeUnknown, OSError) as error:
        return ConnectionTest(FAILED, f"The receiver does not answer ({error or type(error).__name__}).")


def check_folder(settings: Settings) -> None:
    folder = settings.base / settings.address
    if folder.parent == settings.base and not folder.exists():
        return
    if not folder.is_dir():
        raise SdmxmigError(f"There is no folder {folder}.", hint="Is its disk connected?")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SdmxmigError(f"You may not write to the folder {folder}.", hint="Ask for the right to write to it.")


def asked(settings: Settings) -> ConnectionTest:
    answer = exchange(
        Call(
            "GET",
            destination(settings.address, is_private=settings.private),
            headers={"Accept": "*/*"},
            secret=authorization(settings),
            seconds=MAX_ANSWER_SECONDS,
            authorities=settings.authorities,
        )
    )
    if answer.status in CREDENTIALS:
        return ConnectionTest(REFUSED, status=answer.status)
    return ConnectionTest(FAILED if answer.status >= SERVER_ERROR else REACHED, status=answer.status)


def secret_names(way: Way) -> tuple[str, ...]:
    more = dict(way.more)
    host = host_of(more.get("token_address", "") or way.address)
    return tuple(f"{name}@{host}" for name in (way.credential, more.get("client_credential", "")) if name)


def has_secret(name: str) -> bool:
    try:
        secret_named(name)
    except SdmxmigError:
        return False
    return True


def keep_secret(name: str, text: str) -> None:
    """Save a secret in the keyring; raises `SdmxmigError`, without the secret, on failure."""
    if not NAME.fullmatch(name) or not text or len(text) > LONGEST or not text.isprintable():
        raise SdmxmigError("This secret cannot be saved.", hint="Copy it again, without line breaks.")
    try:
        import keyring
        from keyring.errors import KeyringError

        keyring.set_password(SERVICE, name, text)
    except (ImportError, KeyringError):
        raise SdmxmigError(
            "This computer has no keyring for secrets.",
            hint=f"Ask the person who runs the workbench to set {variable(name)}.",
        ) from None
