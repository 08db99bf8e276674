"""Commands that run in the process of a test, what is typed into them, and what they print."""

from __future__ import annotations

import io

import pytest

from sdmxmig.cli import run


class Console:
    """Runs commands, and reads what was printed since the last reading."""

    def __init__(self, captured: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.readouterr = captured.readouterr
        self.patch = patch

    def run(self, *words: object, typed: str | None = None) -> int:
        """Run a command; gives its exit code."""
        with self.patch.context() as patch:
            if typed is not None:
                patch.setattr("sys.stdin", io.StringIO(typed))
            return run([*map(str, words)])

    def errors(self, *words: object, typed: str | None = None, code: int = 2) -> str:
        """Run a command that must end with this exit code; gives its standard error."""
        ended = self.run(*words, typed=typed)
        assert ended == code, f"exit code {ended}: {self.readouterr().err}"
        return self.readouterr().err

    def output(self, *words: object, typed: str | None = None, code: int = 0) -> str:
        """Run a command that must end with this exit code; gives its standard output."""
        ended = self.run(*words, typed=typed)
        assert ended == code, f"exit code {ended}: {self.readouterr().err}"
        return self.readouterr().out
