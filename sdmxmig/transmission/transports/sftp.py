"""SFTP transport: upload under a hidden name, then rename."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sdmxmig.io.network import UnreachableError, resolve_destination
from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, write_pip_install
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, UNCERTAIN, Channel, Dispatch, Outcome
from sdmxmig.transmission.transports import TRANSPORTS, Settings, name_file, write_seal

if TYPE_CHECKING:
    import paramiko

CONNECT_SECONDS = 20.0
PIECE_BYTES = 1 << 18
MAX_FILES = 100_000
HOST_KEY, USER, KEY_FILE = "host_key", "user", "key_file"


class IncompleteUpload(OSError):  # noqa: N818 - the name says what is the matter
    """The receiver stored an incomplete file."""


@TRANSPORTS.add("sftp")
def build_channel(settings: Settings) -> Channel:
    """Upload files to a folder of a host with a known key, without replacing any."""

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        may_be_there = False
        try:
            with open_session(settings) as (server, folder):
                final, hidden = choose_names(folder, dispatch)
                if not has_file(server, final):
                    write(server, hidden, pieces)
                    check_size(server, hidden, dispatch.parcel.size)
                    may_be_there = True
                    if (refusal := rename_file(server, hidden, final)) is not None:
                        return report_unreachable(refusal)
                return verify_upload(server, final, dispatch)
        except UnreachableError as error:
            return Outcome(state=READY, reason=str(error))
        except OSError as error:
            return Outcome(state=UNCERTAIN, reason=describe_error(error)) if may_be_there else report_unreachable(error)

    def ask(dispatch: Dispatch) -> Outcome:
        try:
            with open_session(settings) as (server, folder):
                final, _ = choose_names(folder, dispatch)
                if not has_file(server, final):
                    return Outcome(state=READY, reason=f"{dispatch.parcel.name} is not there.")
                return verify_upload(server, final, dispatch)
        except (UnreachableError, OSError) as error:
            return Outcome(state=dispatch.state, reason=describe_error(error))

    return Channel(send=send, ask=ask, listing=lambda: list_names(settings))


def report_unreachable(error: OSError) -> Outcome:
    return Outcome(
        state=READY, reason=describe_error(error), pauses=isinstance(error, (PermissionError, FileNotFoundError))
    )


def describe_error(error: Exception) -> str:
    if isinstance(error, IncompleteUpload):
        return str(error)
    if isinstance(error, PermissionError):
        return "The receiver does not allow it: PermissionError."
    if isinstance(error, FileNotFoundError):
        return "There is no such folder at the receiver."
    return f"{type(error).__name__} at the receiver."


def list_names(settings: Settings) -> Iterator[str]:
    try:
        with open_session(settings) as (server, folder):
            for entry in islice(server.listdir_iter(folder), MAX_FILES):
                if stat.S_ISREG(entry.st_mode or 0) and not entry.filename.startswith("."):
                    yield entry.filename
    except (UnreachableError, OSError) as error:
        raise SdmxmigError(f"The files of the receiver cannot be listed ({type(error).__name__}).") from None


@contextmanager
def open_session(settings: Settings) -> Iterator[tuple[paramiko.SFTPClient, str]]:
    try:
        import paramiko
    except ImportError:
        message = "SFTP needs paramiko, which is not installed."
        raise MissingLibrary(message, hint=f"Install it: {write_pip_install('sftp')}") from None
    if not settings.address.startswith("sftp://"):
        raise SdmxmigError(f"“{settings.address}” is not an address of SFTP.", hint="Write sftp://host/folder.")
    to = resolve_destination(settings.address, is_private=settings.private)
    try:
        connected = socket.create_connection((to.ip, to.port), CONNECT_SECONDS)
    except OSError as error:
        raise UnreachableError(f"{to.authority} does not answer ({type(error).__name__}).") from None
    transport = paramiko.Transport(connected)
    try:
        transport.start_client(timeout=CONNECT_SECONDS)
        check_host(transport.get_remote_server_key(), settings)
        authenticate(transport, settings)
        server = paramiko.SFTPClient.from_transport(transport)
        if server is None:
            raise UnreachableError(f"{to.authority} does not offer files.")
        server.get_channel().settimeout(CONNECT_SECONDS)  # type: ignore[union-attr]
        yield server, unquote(to.path)
    except paramiko.AuthenticationException:
        raise SdmxmigError(f"{to.authority} refused the login.", hint="Check the user and the secret.") from None
    except (paramiko.SSHException, EOFError) as error:
        raise ConnectionError(type(error).__name__) from None
    finally:
        transport.close()


def authenticate(transport: paramiko.Transport, settings: Settings) -> None:
    """Authenticate with a private key (the secret is its passphrase) or a password."""
    import paramiko

    user, path = settings.more.get(USER, ""), settings.more.get(KEY_FILE, "")
    secret = settings.secrets(settings.credential, settings.address).reveal() if settings.credential else ""
    if not path:
        transport.auth_password(user, secret)
        return
    passphrase: Any = secret.encode() or None  # the stubs require text, the library bytes
    try:
        key = paramiko.PKey.from_path(Path(path).expanduser(), passphrase)
    except (OSError, ValueError, TypeError, paramiko.SSHException) as error:
        message = f"The private key cannot be read ({type(error).__name__})."
        raise SdmxmigError(message, hint="Check its path and its passphrase.") from None
    transport.auth_publickey(user, key)


def check_host(key: paramiko.PKey, settings: Settings) -> None:
    shown = "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    if settings.more.get(HOST_KEY, "") != shown:
        hint = f"Ask the receiver for it, and write {HOST_KEY} = “{shown}” only if it is this one."
        raise SdmxmigError("The key of the receiver's machine differs from the recorded key.", hint=hint)


def choose_names(folder: str, dispatch: Dispatch) -> tuple[str, str]:
    name = name_file(dispatch)
    return posixpath.join(folder, name), posixpath.join(folder, f".{name}.{dispatch.id[:12]}.part")


def has_file(server: paramiko.SFTPClient, path: str) -> bool:
    try:
        server.lstat(path)
    except FileNotFoundError:
        return False
    return True


def check_size(server: paramiko.SFTPClient, path: str, size: int) -> None:
    kept = server.stat(path).st_size or 0
    if kept != size:
        raise IncompleteUpload(f"The receiver has kept {kept:,} of {size:,} bytes: is its disk full?")


def rename_file(server: paramiko.SFTPClient, hidden: str, final: str) -> OSError | None:
    try:
        server.rename(hidden, final)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        return None if has_file(server, final) else error
    return None


def write(server: paramiko.SFTPClient, path: str, pieces: Iterator[bytes]) -> None:
    with suppress(FileNotFoundError):
        server.remove(path)
    with server.open(path, "wx") as file:
        file.set_pipelined(True)
        for piece in pieces:
            file.write(piece)


def verify_upload(server: paramiko.SFTPClient, path: str, dispatch: Dispatch) -> Outcome:
    """Read the uploaded file and compare it with the original."""
    digest, left = hashlib.sha256(), dispatch.parcel.size + 1
    try:
        with server.open(path, "rb") as file:
            while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
                digest.update(piece)
                left -= len(piece)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        reason = f"The file {dispatch.parcel.name} cannot be read back ({type(error).__name__})."
        return Outcome(state=UNCERTAIN, reason=reason)
    if digest.hexdigest() != dispatch.parcel.content:
        reason = f"Another file named {dispatch.parcel.name} is already there."
        return Outcome(state=UNCERTAIN, reason=reason)
    return Outcome(state=RECEIVED, answer=write_seal(dispatch.parcel.name, dispatch.parcel.content))
