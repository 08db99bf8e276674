"""Start files open a workspace by a click: whatever its path has in it, the very words of the command come out."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console
from small_validation import TABLE, workspace

from sdmxmig.cli import run
from sdmxmig.cli import workspaces as command
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.tasks.first_tables import StartFile, build_start_file

PATHS = [
    "/home/office/georgia",
    "/home/Статистика и миграция/Géorgie 2026",
    "/home/بيانات/我的 数据",
    r"/home/a \b\\c",
    "/home/50% of $HOME `id` \"quoted\" 'too'",
    "/home/a;b&c|d>e<f*g?h#i~j(k)[l]{m}!n^o",
    "/home/ends with a backslash\\",
]


def words_of_exec(entry: str) -> tuple[str, ...]:
    """Split Exec as a desktop does: undo the escapes of strings, then those of arguments."""
    value = re.search(r"(?m)^Exec=(.*)$", entry)[1].replace("\\\\", "\\")  # type: ignore[index]
    words = re.findall(r'"((?:[^"`$\\]|\\["`$\\])*)"(?: |$)', value)
    assert " ".join(f'"{word}"' for word in words) == value, "nothing stands outside of quotation marks"
    return tuple(re.sub(r'\\(["`$\\])', r"\1", word).replace("%%", "%") for word in words)


def words_of_command_file(content: str) -> tuple[str, ...]:
    """Split a command line as the C library of Microsoft does, with variables left as written."""
    line = content.split("\r\n")[3]
    assert not re.search("(?<!%)(?:%%)*%(?!%)", line), "no variable"
    words = re.findall(r'"([^"]*)"(?: |$)', line.replace("%%", "%"))
    return tuple(word[: len(word) - (len(word) - len(word.rstrip("\\"))) // 2] for word in words)


@pytest.mark.parametrize("path", PATHS)
def test_desktop_entry_runs_the_command(path: str) -> None:
    start = StartFile(f"{path}/bin/python3", path, title="Géorgie\n(test) \\ 2")
    _, content = build_start_file(start, "linux")
    entry = content.decode()
    assert words_of_exec(entry) == start.words
    assert entry.startswith("[Desktop Entry]\nType=Application\n")
    assert all(re.fullmatch(r"[A-Z]\w*=\S.*", line) for line in entry.splitlines()[1:]), "one key a line"
    assert "\nName=sdmxmig – Géorgie (test) \\\\ 2\n" in entry
    assert "\nTerminal=false\n" in entry


@pytest.mark.parametrize("path", [*(path.replace('"', "") for path in PATHS), "D:\\", r"\\server\share\Daten ä"])
def test_command_file_runs_the_command(path: str) -> None:
    start = StartFile(r"C:\Program Files (x86)\Python 50%\python.exe", path)
    content = build_start_file(start, "win32")[1].decode()
    assert words_of_command_file(content) == start.words
    lines = content.split("\r\n")
    assert lines[2] == "chcp 65001 >nul", "so that what follows is read as UTF-8"
    assert lines[4:] == ["if errorlevel 1 pause", ""], "what went wrong can be read"
    assert "\n" not in content.replace("\r\n", "")


@pytest.mark.parametrize("path", PATHS)
def test_script_runs_the_command(path: str, tmp_path: Path) -> None:
    python = tmp_path / "my 'own' python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    _, content = build_start_file(StartFile(str(python), path), "darwin")
    script = tmp_path / "start.command"
    script.write_bytes(content)
    printed = subprocess.run(["sh", str(script)], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == ["-P", "-m", "sdmxmig", "open", "--clicked", path]


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
@pytest.mark.parametrize("path", ["/home/a\nExec=rm", "/home/a\0b", "/home/\udcff", "/home/a\rb"])
def test_path_unsuitable_for_a_start_file_is_refused(system: str, path: str) -> None:
    with pytest.raises(SdmxmigError, match="a start file cannot contain"):
        build_start_file(StartFile("/usr/bin/python3", path), system)


def test_program_path_with_equals_sign_is_refused() -> None:
    with pytest.raises(SdmxmigError, match="equals sign"):
        build_start_file(StartFile("/home/a=b/python3", "/home/a"), "linux")


@cases_from("workspace/cases/a_start_file_is_called_like_its_workspace.csv")
def test_start_file_is_named_after_its_workspace(folder: str, system: str, name: str) -> None:
    assert build_start_file(StartFile("python3", folder), system)[0] == name


def test_open_shortcut_writes_start_file_to_the_desktop(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder, desktop = workspace(tmp_path / "Mein Land", TABLE), tmp_path / "Schreibtisch"
    words = ["open", str(folder), "--shortcut", str(desktop)]
    assert run(words) == 2, "there is no such folder"
    desktop.mkdir()
    assert (run(words), run(words)) == (0, 0), "the same file may be made again"
    (file,) = desktop.iterdir()
    assert str(file) in capfd.readouterr().err
    assert file.stat().st_mode & 0o777 == 0o755
    assert shlex.quote(str(folder)) in file.read_text() or f'"{folder}"' in file.read_text()
    file.write_text("something of somebody else")
    assert run(words) == 2
    assert file.read_text() == "something of somebody else"
    assert run(["open", str(tmp_path / "nowhere"), "--shortcut", str(desktop)]) == 2


def test_missing_web_libraries_are_reported_with_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    monkeypatch.setattr(command, "REQUIRED_LIBRARIES", ("starlette", "no_such_library"))
    for words in (["open", str(tmp_path)], ["serve", str(tmp_path)], ["open", "--shortcut", str(tmp_path)]):
        (line,) = console.errors(*words).splitlines()
        assert line.endswith('Install it: pip install "sdmxmig[web]"')
    assert list(tmp_path.iterdir()) == []
