"""Hook transport: a program configured on the machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from sdmxmig.io.network.exchange import without
from sdmxmig.io.network.secrets import NAME, Secret
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, REJECTED, UNCERTAIN, Channel, Dispatch, Outcome
from sdmxmig.transmission.transports import TRANSPORTS, Settings

LARGEST = 1_000_000
"""Maximum bytes kept as receipt."""
PIECE = 1 << 16
LAST_WORDS = 5.0
"""Seconds to wait for output after exit."""
MEANINGS = {0: RECEIVED, 65: REJECTED, 75: READY, 77: READY}
NO_PERMISSION = 77
NO_SUCH_FILE = 3
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")


class TookTooLong(Exception):  # noqa: N818 - the name says what is the matter
    """A program exceeded its time and was ended."""


@TRANSPORTS.add("hook")
def channel(settings: Settings) -> Channel:
    """Run a program per file: ``PROGRAM send ID NAME FILE``, ``PROGRAM ask ID NAME``.

    ``SDMXMIG_HOOK_NAME`` names it for address ``NAME``: foreign workspaces must not run programs. It receives variables
    starting with ``SDMXMIG_HOOK_NAME_`` and a few others.
    """

    def run(*arguments: str, folder: str) -> tuple[int, bytes]:
        environment = environment_of(settings.address, os.environ)
        command = [program_named(settings.address), *arguments]
        code, answer = ended(command, environment, folder, settings.habits.lease / 2)
        return code, without_own(answer, settings.address, environment)

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "file"
            with path.open("wb") as file:
                file.writelines(pieces)
            try:
                code, answer = run("send", dispatch.id, dispatch.parcel.name, str(path), folder=folder)
            except TookTooLong:
                return Outcome(state=UNCERTAIN, reason="The program took too long.")
        reason = f"The program ended with {code}."
        return Outcome(state=MEANINGS.get(code, UNCERTAIN), reason=reason, answer=answer, pauses=code == NO_PERMISSION)

    def ask(dispatch: Dispatch) -> Outcome:
        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                code, answer = run("ask", dispatch.id, dispatch.parcel.name, folder=folder)
        except TookTooLong:
            return Outcome(state=dispatch.state, reason="The program took too long.")
        states = {0: RECEIVED, 65: REJECTED, NO_SUCH_FILE: READY}
        return Outcome(state=states.get(code, dispatch.state), reason=f"The program ended with {code}.", answer=answer)

    return Channel(send=send, ask=ask, outlives=True)


def variable(name: str) -> str:
    """Return the environment variable that names a hook's program.

    >>> variable("our-courier")
    'SDMXMIG_HOOK_OUR_COURIER'
    """
    return f"SDMXMIG_HOOK_{name.upper().replace('-', '_')}"


def program_named(name: str) -> str:
    path = os.environ.get(variable(name), "") if NAME.fullmatch(name) else ""
    program = shutil.which(path) if path else None
    if program is None:
        message = f"This machine runs no program for the hook “{name}”."
        raise SdmxmigError(message, hint=f"Set {variable(name)} to the path of the program.")
    return str(Path(program).absolute())


def environment_of(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    own = f"{variable(name)}_"
    return {key: text for key, text in environ.items() if key in ENVIRONMENT or key.startswith(own)}


def without_own(answer: bytes, name: str, environment: Mapping[str, str]) -> bytes:
    for key, text in environment.items():
        if key.startswith(f"{variable(name)}_"):
            answer = without(Secret(f"Bearer {text}"), answer)
    return answer


def ended(command: list[str], environment: Mapping[str, str], folder: str, seconds: float) -> tuple[int, bytes]:
    """Run a program without a shell in its own folder; returns exit code and start of output."""
    try:
        process = subprocess.Popen(  # noqa: S603 - who runs sdmxmig has named the program
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        message = f"The program of the hook cannot be run ({type(error).__name__})."
        raise SdmxmigError(message, hint="Check that it is an executable program.") from None
    kept = bytearray()
    listening = threading.Thread(target=listen, args=[process.stdout, kept], daemon=True)
    listening.start()
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise TookTooLong from None
    finally:
        end_group(process)
        listening.join(LAST_WORDS)  # processes outside the group may keep the pipe open
    return code, bytes(kept)


def listen(stream: IO[bytes] | None, kept: bytearray) -> None:
    if stream is None:
        return
    with stream:
        while piece := stream.read(PIECE):
            kept += piece[: LARGEST - len(kept)]


def end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
