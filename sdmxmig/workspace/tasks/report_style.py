"""Logo and colours of reports."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.catalogue.folders import shipped
from sdmxmig.conversion.mapping.writing import quoted as toml_text
from sdmxmig.io.edited_toml import with_value, without_table
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.charts.theme import CHOSEN
from sdmxmig.reporting.sections.logo import PNG
from sdmxmig.reporting.sections.logo import SIZE_LIMIT as LARGEST_LOGO
from sdmxmig.reporting.sections.office_templates import FILE, OfficeTemplates, coloured, read_office_templates
from sdmxmig.sdmx.declarations import Declared

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

STYLE_FILE = f"templates/report/{FILE}"
"""Where colours and logo are declared in a workspace."""
LONGEST = 300
"""So many signs has the text that stands for the logo."""
STYLE_SHEET = "style.css"
PICTURES = ("logo.png", "logo.svg")
"""The names under which a logo is kept, by what it is."""


@dataclass(frozen=True, slots=True)
class StyleChange:
    """A change of style; empty values keep or reset."""

    logo: bytes = b""
    logo_text: str | None = None
    _: KW_ONLY
    language: str = "en"
    colours: Mapping[str, str] = field(default_factory=dict)
    no_logo: bool = False


def present_style(session: Session) -> OfficeTemplates:
    folder = session.workspace.folder / "templates" / "report"
    return read_office_templates(folder) if folder.is_dir() else OfficeTemplates({})


def set_style(session: Session, change: StyleChange) -> None:
    """Change logo or colours.

    Raises `DeclarationError` for invalid pictures and unreadable colours; writes nothing then.
    """
    folder = session.workspace.folder / "templates" / "report"
    if folder.is_symlink() or folder.parent.is_symlink():
        raise DeclarationError("The folder is a link to another one.", Place(str(folder)), "Put the files into it.")
    file = folder / FILE
    content = read_bytes(file) if file.is_file() and file.stat().st_size else b""
    Declared.parse(FILE, content)
    text = content.decode("utf-8-sig")
    declared = changed_text(text, change).encode()
    files = {FILE: declared} if declared or content else {}
    if change.logo:
        files[logo_name(change.logo)] = change.logo
    gone = [folder / name for name in PICTURES if change.no_logo and (folder / name).is_file()]
    try_out(folder, files)
    for name, content in sorted(files.items()):  # the declaration comes after the picture that it names
        if not (folder / name).is_file() or read_bytes(folder / name) != content:
            publish_file(folder / name, content)
    for picture in gone:
        picture.unlink()


def changed_text(text: str, change: StyleChange) -> str:
    if change.no_logo:
        text = without_table(text, "logo")
    if change.logo:
        text = with_value(text, ("logo", "file"), toml_text(logo_name(change.logo)))
    if change.logo_text is not None:
        written = " ".join(change.logo_text.split())
        if len(written) > LONGEST:
            hint = "Say in short what the picture shows, such as the name of the office."
            raise SdmxmigError(f"The text for the logo has at most {LONGEST} signs.", hint=hint)
        text = with_value(text, ("logo", "text", change.language), toml_text(written) if written else "")
    for name, colour in change.colours.items():
        if name not in CHOSEN:
            raise SdmxmigError(f"There is no colour “{name}” to choose.", hint=did_you_mean(name, CHOSEN))
        text = with_value(text, ("colours", name), toml_text(colour.strip()) if colour.strip() else "")
    return text


def logo_name(content: bytes) -> str:
    if len(content) > LARGEST_LOGO:
        hint = f"Save it smaller: up to {LARGEST_LOGO // 1024} KiB."
        raise DeclarationError("The logo is too large.", Place("logo"), hint)
    png, svg = PICTURES
    return png if content.startswith(PNG) else svg


def try_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Read the folder as it would be; raises `DeclarationError` naming what the report could not be made with."""
    with tempfile.TemporaryDirectory(prefix="sdmxmig-") as place:
        copy = Path(place) / "report"
        if folder.is_dir():
            shutil.copytree(folder, copy, symlinks=True)
        copy.mkdir(exist_ok=True)
        for name, content in files.items():
            (copy / name).unlink(missing_ok=True)
            (copy / name).write_bytes(content)
        style = (shipped("templates") / "report" / STYLE_SHEET).read_text(encoding="utf-8")
        coloured(style, read_office_templates(copy))


def style_command_line(folder: Path, change: StyleChange, logo: str) -> str:
    words = ["sdmxmig", "style", str(folder), *(["--logo", logo] if change.logo else [])]
    words += ["--no-logo"] if change.no_logo else []
    if change.logo_text is not None:
        words += ["--logo-text", change.logo_text, "--language", change.language]
    for name, colour in change.colours.items():
        words += [f"--{name}", colour]
    return shlex.join(words)
