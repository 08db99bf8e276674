"""Recently opened workspaces."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.folder import COUNTRY_FILE, open_workspace

FILE = "recent.json"
MOST, LARGEST = 20, 100_000
"""So many workspaces are remembered; a list of more bytes is none of ours."""
NEARBY = 200
"""So many workspaces beneath a folder are listed."""


@dataclass(frozen=True, slots=True)
class FoundWorkspace:
    """A workspace folder with its name; empty if its description is unreadable."""

    folder: Path
    _: KW_ONLY
    area: str = ""
    name: str = ""


def state_folder() -> Path:
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Application Support")
    else:
        base = os.environ.get("XDG_STATE_HOME", "") or str(Path.home() / ".local" / "state")
    return Path(base) / "sdmxmig"


def recent_workspaces() -> list[Path]:
    try:
        path = state_folder() / FILE
        if path.stat().st_size > LARGEST:
            return []
        names = json.loads(path.read_bytes())
    except (OSError, ValueError, RuntimeError, RecursionError):  # an unreadable list counts as empty
        return []
    if not isinstance(names, list):
        return []
    folders = [Path(name) for name in names[:MOST] if isinstance(name, str) and "\0" not in name]
    return [folder for folder in folders if folder.is_absolute() and is_workspace(folder)]


def remember(folder: Path) -> None:
    folder = folder.resolve()
    names = [str(folder), *(str(other) for other in recent_workspaces() if other != folder)]
    with contextlib.suppress(OSError, RuntimeError, SdmxmigError):
        place = state_folder()
        place.mkdir(parents=True, exist_ok=True)
        publish_file(place / FILE, json.dumps(names[:MOST], ensure_ascii=False, indent=1).encode())


def workspaces_in(folder: Path) -> list[Path]:
    try:
        return [path for path in sorted(folder.iterdir()) if is_workspace(path)][:NEARBY]
    except OSError:
        return []


def described(folder: Path, language: str = "en") -> FoundWorkspace:
    try:
        workspace = open_workspace(folder)
    except (SdmxmigError, OSError):
        return FoundWorkspace(folder)
    return FoundWorkspace(folder, area=workspace.country.area, name=workspace.country.name.in_language(language))


def is_workspace(folder: Path) -> bool:
    try:
        return (folder / COUNTRY_FILE).is_file()
    except OSError:
        return False
