"""Hook: a program of the office's own carries the file; which one it is says the machine, never a workspace."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sdmxmig.errors import SdmxmigError
from sdmxmig.model.delivery import READY, RECEIVED, REJECTED, UNCERTAIN, Channel, Dispatch, Outcome
from sdmxmig.network.secrets import NAME
from sdmxmig.transports import TRANSPORTS, Settings

LARGEST = 1_000_000
"""Of what a program says, so much is kept as its receipt; in bytes."""
MEANINGS = {0: RECEIVED, 65: REJECTED, 75: READY, 77: READY}
"""What the end of a program means, as ``sysexits.h`` has it: done, bad data, try again, no permission."""
NO_PERMISSION = 77
NO_SUCH_FILE = 3
"""What a program ends with that was asked for a file, and knows that the receiver has none of it."""


@TRANSPORTS.add("hook")
def channel(settings: Settings) -> Channel:
    """Run a program for each file: ``PROGRAM send ID NAME FILE``, and ``PROGRAM ask ID NAME`` for a question.

    Which program, says ``SDMXMIG_HOOK_NAME`` for the address ``NAME``: a workspace may come from others, and must not
    run what they want.
    """

    def run(*arguments: str) -> tuple[int, bytes]:
        with tempfile.TemporaryFile() as says:
            ended = subprocess.run(  # noqa: S603 - who runs sdmxmig has named the program
                [program_named(settings.address), *arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=says,
                stderr=subprocess.DEVNULL,
                timeout=settings.habits.lease / 2,
            )
            says.seek(0)
            return ended.returncode, says.read(LARGEST)

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            with path.open("wb") as file:
                file.writelines(pieces)
            try:
                code, answer = run("send", dispatch.id, dispatch.parcel.name, str(path))
            except subprocess.TimeoutExpired:
                return Outcome(state=UNCERTAIN, reason="The program took too long.")
        reason = f"The program ended with {code}."
        return Outcome(state=MEANINGS.get(code, UNCERTAIN), reason=reason, answer=answer, pauses=code == NO_PERMISSION)

    def ask(dispatch: Dispatch) -> Outcome:
        try:
            code, answer = run("ask", dispatch.id, dispatch.parcel.name)
        except subprocess.TimeoutExpired:
            return Outcome(state=dispatch.state, reason="The program took too long.")
        states = {0: RECEIVED, 65: REJECTED, NO_SUCH_FILE: READY}
        return Outcome(state=states.get(code, dispatch.state), reason=f"The program ended with {code}.", answer=answer)

    return Channel(send=send, ask=ask)


def program_named(name: str) -> str:
    """The program that this machine runs for a hook; raises `SdmxmigError` if it names none."""
    variable = f"SDMXMIG_HOOK_{name.upper().replace('-', '_')}"
    path = os.environ.get(variable, "") if NAME.fullmatch(name) else ""
    program = shutil.which(path) if path else None
    if program is None:
        message = f"This machine runs no program for the hook “{name}”."
        raise SdmxmigError(message, hint=f"Set {variable} to the path of the program.")
    return program
