"""Templates of questionnaires, profiles and workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.catalogue.folders import search_path
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from pathlib import Path


def template(workspace: Path | None, part: str, name: str) -> bytes:
    for folder in search_path("templates", workspace):
        path = folder / part / name
        if path.is_file():
            return read_bytes(path)
    raise SdmxmigError(f"The template {name} is gone.", hint="Install sdmxmig again.")
