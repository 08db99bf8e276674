"""All files of one report, made side by side: the PDF takes as long as all others, so a process of its own makes it.

The process is ``python -m sdmxmig.outputs.side_by_side``: the page comes in and the file goes out as pickles of ours.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sdmxmig.errors import MissingLibrary, SdmxmigError
from sdmxmig.outputs import OUTPUTS, Page

SLOWEST = "pdf"


def write_all(page: Page, outputs: Sequence[str]) -> Iterator[tuple[str, bytes | MissingLibrary]]:
    """The files of a page, in the order of `outputs`, each by its kind; instead of one, the library that it lacks.

    Raises `SdmxmigError` for what cannot be made for another reason.
    """
    if SLOWEST not in outputs or (os.cpu_count() or 1) < 2:
        yield from ((output, made(page, output)) for output in outputs)
        return
    with started(page, SLOWEST) as process:
        done = {output: made(page, output) for output in outputs if output != SLOWEST}
        done[SLOWEST] = answer_of(process)
    yield from ((output, done[output]) for output in outputs)


def made(page: Page, output: str) -> bytes | MissingLibrary:
    """One file of a page, or the library that it lacks."""
    try:
        return OUTPUTS[output](page)
    except MissingLibrary as error:
        return error


@contextmanager
def started(page: Page, output: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that makes one file, ended when nobody waits for it any more; an interruption is for us alone."""
    folders = os.pathsep.join(folder for folder in sys.path if folder)
    with tempfile.TemporaryFile() as request:
        pickle.dump((page, output), request)
        request.seek(0)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", __name__],
            stdin=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": folders},
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()


def answer_of(process: subprocess.Popen[bytes]) -> bytes | MissingLibrary:
    """What the process made; raises what it raised."""
    content, _ = process.communicate()
    if not content:
        raise RuntimeError(f"The process that makes the {SLOWEST} ended with {process.returncode} and no word.")
    answer: Any = pickle.loads(content)  # noqa: S301 - it is our own
    if isinstance(answer, Exception) and not isinstance(answer, MissingLibrary):
        raise answer
    return answer  # type: ignore[no-any-return]


def main() -> None:
    """Answer the request on standard input with a file, or with the trouble."""
    gc.disable()  # it makes one file and ends
    page, output = pickle.load(sys.stdin.buffer)  # noqa: S301 - it is our own
    answer: object
    try:
        answer = made(page, output)
    except SdmxmigError as error:
        answer = error
    except Exception:  # a bug is reported by whoever asked
        answer = RuntimeError(traceback.format_exc())
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    main()
