"""All files of one report, made side by side: the PDF takes as long as all others, so a process of its own makes it.

The process is ``python -m sdmxmig.outputs.side_by_side``: the page comes in and the file goes out as pickles of ours.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sdmxmig.errors import MissingLibrary, SdmxmigError
from sdmxmig.outputs import OUTPUTS, Page, pdf

SLOWEST = "pdf"
Made = bytes | MissingLibrary
FIRST = (
    "<html lang='ar'><title>.</title><p>a <b>b</b> ع <b>ع</b> 国 я</p><div class=\"drawing\">"
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><desc>.</desc><text>ع</text></svg></div></html>"
)
"""A page with letters of all our scripts and a drawing."""


class Press:
    """Makes files of pages; `process`, if there is one, waits for the first page and prints it."""

    def __init__(self, process: subprocess.Popen[bytes] | None) -> None:
        self._process = process

    def write_all(self, page: Page, outputs: Sequence[str]) -> Iterator[tuple[str, Made]]:
        """The files of a page, in the order of `outputs`, each by its kind; instead of one, the library that it lacks.

        Raises `SdmxmigError` for what cannot be made for another reason.
        """
        process, self._process = self._process, None
        if process is None or SLOWEST not in outputs:
            yield from ((output, made_file(page, output)) for output in outputs)
            return
        ask(process, page)
        done = {output: made_file(page, output) for output in outputs if output != SLOWEST}
        done[SLOWEST] = answer_of(process)
        yield from ((output, done[output]) for output in outputs)


@contextmanager
def press() -> Iterator[Press]:
    """A press that gets ready while pages are still composed, on a machine with several processors.

    Its process ends when nobody waits for it any more; an interruption is for us alone.
    """
    if (os.cpu_count() or 1) < 2:
        yield Press(None)
        return
    folders = os.pathsep.join(folder for folder in sys.path if folder)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": folders},
        start_new_session=True,
    )
    try:
        yield Press(process)
    finally:
        with suppress(OSError), process:  # what it no longer takes is no trouble
            process.kill()


def made_file(page: Page, output: str) -> Made:
    """One file of a page, or the library that it lacks."""
    try:
        return OUTPUTS[output](page)
    except MissingLibrary as error:
        return error


def ask(process: subprocess.Popen[bytes], page: Page) -> None:
    """Give the page to the process; if it has ended, that is told when it is to answer."""
    assert process.stdin is not None  # noqa: S101 - it was started so
    with suppress(OSError), process.stdin:
        pickle.dump(page, process.stdin)


def answer_of(process: subprocess.Popen[bytes]) -> Made:
    """What the process made; raises what it raised."""
    assert process.stdout is not None  # noqa: S101 - it was started so
    content = process.stdout.read()
    if not content:
        raise RuntimeError(f"The process that makes the {SLOWEST} ended with {process.wait()} and no word.")
    answer: Any = pickle.loads(content)  # noqa: S301 - it is our own
    if isinstance(answer, Exception) and not isinstance(answer, MissingLibrary):
        raise answer
    return answer  # type: ignore[no-any-return]


def get_ready() -> None:
    """Load what prints, which takes a second, and print one page with it: that fills its memory and finds its fonts."""
    with suppress(SdmxmigError):  # what is missing is told when the page is there
        pdf.write(Page(FIRST, ".", language="ar", direction="rtl", running="."))


def main() -> None:
    """Answer the request on standard input with a file, or with the trouble."""
    gc.disable()  # it makes one file and ends
    answer: object
    try:
        get_ready()
        answer = made_file(pickle.load(sys.stdin.buffer), SLOWEST)  # noqa: S301 - it is our own
    except SdmxmigError as error:
        answer = error
    except Exception:  # a bug is reported by whoever asked
        answer = RuntimeError(traceback.format_exc())
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    main()
