"""Customisation of reports by an office: templates and logos (small static PNG or SVG)."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.xml import parse_xml, strip_namespace
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.charts.theme import CHOSEN_COLOURS, WHITE, Theme, build_theme, contrast
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.words import FILE as WORDS
from sdmxmig.sdmx.words import read_words

if TYPE_CHECKING:
    from sdmxmig.reporting.outputs import sandboxed_templates
else:
    sandboxed_templates = import_lazily("sdmxmig.reporting.outputs.sandboxed_templates")

SETTINGS_FILE = "report.toml"
SECTION_FILE = re.compile(r"^(\d\d)-([a-z][a-z0-9_-]*)\.html\.j2$")
PART_FILE = re.compile(r"^_[a-z][a-z0-9_-]*\.html\.j2$")
TRANSLATION_NOTICE = "# Unofficial translations by sdmxmig"
KEPT_FILES = ("_page.html.j2", "style.css", "script.js")
OFFICE_TEMPLATES_SIZE_LIMIT, FILES_LIMIT = 256 * 1024, 200
WORDS_LIMIT = 4 * OFFICE_TEMPLATES_SIZE_LIMIT
"""Translations may be larger than a template: a profile has hundreds of texts in five languages."""
COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")
BACKGROUND = re.compile(r"--(?:paper|wash): (#[0-9a-fA-F]{6});")
DARK_SCHEME = "@media screen and (prefers-color-scheme: dark)"
MIN_CONTRAST = 4.5
"""Minimum contrast of text (WCAG 2.2, 1.4.3)."""


@dataclass(frozen=True, slots=True)
class OfficeTemplates:
    """An office's templates and ``report.toml``.

    `order`, `removed`, `titles` by section; `colours` by name; `logo` and `logo_text`; `words` are translations, not
    reviewed if `words_unseen`.
    """

    templates: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    _: KW_ONLY
    removed: frozenset[str] = frozenset()
    titles: Mapping[str, Text] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)
    logo: str = ""
    logo_text: Text = Text()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words_unseen: bool = False

    @property
    def theme(self) -> Theme:
        return build_theme(self.colours)


def read_office_templates(folder: Path) -> OfficeTemplates:
    """Read an office's templates; raise `DeclarationError` with file and key or line."""
    if folder.is_symlink() or folder.parent.is_symlink():
        raise DeclarationError("The folder is a link to another one.", Place(str(folder)), "Put the files into it.")
    templates = {path.name: _read_template(path) for path in sorted(folder.iterdir()) if _is_template(path)}
    _merge_repeats(templates)
    if len(templates) > FILES_LIMIT:
        raise DeclarationError(f"There are {len(templates)} templates; the limit is {FILES_LIMIT}.", Place(str(folder)))
    empty = {name for name, source in templates.items() if not source.strip()}
    left_out = {match[2] for name in empty if (match := SECTION_FILE.match(name))}
    words = _read_template(folder / WORDS) if (folder / WORDS).is_file() else ""
    office = OfficeTemplates(
        {name: source for name, source in templates.items() if name not in empty},
        removed=frozenset(left_out),
        words=read_words(words, partly=True) if (folder / WORDS).is_file() else {},
        words_unseen=words.startswith(TRANSLATION_NOTICE),
    )
    return _read_declaration(folder, office) if (folder / SETTINGS_FILE).is_file() else office


def _is_template(path: Path) -> bool:
    place = Place(path.name)
    if path.name in KEPT_FILES:
        message, hint = (
            "The frame of the page cannot be replaced.",
            f"Colours, logo and order are set in {SETTINGS_FILE}.",
        )
        raise DeclarationError(message, place, hint)
    if not path.name.endswith(".j2"):
        return False
    if not (SECTION_FILE.match(path.name) or PART_FILE.match(path.name)):
        hint = "A section is named like 15-context.html.j2, a part of sections like _table.html.j2."
        raise DeclarationError("This cannot be the name of a template.", place, hint)
    if path.is_symlink():
        raise DeclarationError("The template is a link to another file.", place, "Put the text itself there.")
    return True


def _merge_repeats(templates: Mapping[str, str]) -> None:
    files_by_section: dict[str, str] = {}
    for file in templates:
        if match := SECTION_FILE.match(file):
            if match[2] in files_by_section:
                raise DeclarationError(
                    f"{files_by_section[match[2]]} is a section of this name too.", Place(file), "Remove one."
                )
            files_by_section[match[2]] = file


def _read_template(path: Path) -> str:
    if not path.stat().st_size:
        return ""
    content = read_bytes(path, limit=WORDS_LIMIT if path.name == WORDS else OFFICE_TEMPLATES_SIZE_LIMIT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(path.name, line=content[: error.start].count(b"\n") + 1)
        raise DeclarationError("The template is not UTF-8 text.", place, "Save it with the encoding UTF-8.") from None


def _read_declaration(folder: Path, office: OfficeTemplates) -> OfficeTemplates:
    declared = Declared.parse(SETTINGS_FILE, read_bytes(folder / SETTINGS_FILE, limit=OFFICE_TEMPLATES_SIZE_LIMIT))
    titles, colours = declared.table("titles"), declared.table("colours")
    logo = declared.table("logo")
    declared_own = replace(
        office,
        order=declared.strings("order"),
        removed=office.removed | frozenset(declared.strings("remove")),
        titles={name: titles.texts(name, required=True) for name in sorted(titles.values)},
        colours={name: _read_colour(colours, name) for name in CHOSEN_COLOURS if name in colours.values},
        logo=encode_logo(folder / _name_file(logo)) if logo.values else "",
        logo_text=logo.texts("text"),
    )
    for table in (titles, colours, logo, declared):
        table.close()
    return declared_own


def _name_file(brought: Declared) -> str:
    name = brought.text("file")
    if Path(name).name != name or "\\" in name:
        raise DeclarationError(f"“{name}” leads out of the folder.", brought.at("file"), "Put it beside this file.")
    return name


def _read_colour(colours: Declared, name: str) -> str:
    return colours.check_shape(name, COLOUR, 'Write it as red, green and blue, such as "#0b5c8a".').lower()


def apply_colours(style: str, office: OfficeTemplates) -> str:
    light, dark, remainder = style.partition(DARK_SCHEME)
    grounds = [WHITE, *BACKGROUND.findall(light)]
    for name, colour in office.colours.items():
        under = [
            *grounds,
            *(ground for ground, sign in office.theme.levels.values() if name == "ink" and sign == colour),
        ]
        worst = min(contrast(colour, ground) for ground in under)
        if worst < MIN_CONTRAST:
            raise DeclarationError(
                f"“{colour}” has a contrast of {worst:.1f} with its background, but text needs {MIN_CONTRAST}.",
                Place(SETTINGS_FILE, key=f"colours.{name}"),
                "Choose a darker one.",
            )
    chosen = dict(office.colours)
    if "accent" in chosen:
        chosen |= {f"l{level}": ground for level, ground in enumerate(office.theme.ramp)}
    declarations = " ".join(f"--{name}: {colour};" for name, colour in sorted(chosen.items()))
    ending = "" if light.endswith("\n") else "\n"
    return f"{light}{ending}:root {{ {declarations} }}\n{dark}{remainder}" if declarations else style


def order_sections(
    sections: Sequence[tuple[int, str, str]], office: OfficeTemplates, *, annexes: int
) -> list[tuple[int, str, str]]:
    """Order the sections; numbers from `annexes` stay last. Raises `DeclarationError` for unknown names."""
    by_name = {name: (number, file, name) for number, file, name in sections}
    for file in office.templates:
        if match := SECTION_FILE.match(file):
            by_name[match[2]] = (int(match[1]), file, match[2])
    for key, names in (("order", office.order), ("remove", sorted(office.removed)), ("titles", office.titles)):
        for name in names:
            if name not in by_name and not (key == "order" and name in office.removed):
                message = f"There is no section “{name}”."
                raise DeclarationError(message, Place(SETTINGS_FILE, key=key), did_you_mean(name, sorted(by_name)))
    first = {name: position for position, name in enumerate(office.order)}
    remaining = [section for name, section in by_name.items() if name not in office.removed]
    return sorted(remaining, key=lambda section: (section[0] >= annexes, first.get(section[2], len(first)), section))


SIZE_LIMIT = 256 * 1024
MAX_SIDE_PIXELS = 2_000
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
SIZE_HINT = f"Save it smaller: up to {SIZE_LIMIT // 1024} KiB, and {MAX_SIDE_PIXELS:,} pixels a side."


def encode_logo(path: Path) -> str:
    """Return the logo as a ``data:`` URI; raise `DeclarationError` for other formats, sizes, scripts or links."""
    place = Place(path.name)
    if path.is_symlink():
        raise DeclarationError("The logo is a link to another file.", place, "Put the picture itself there.")
    content = read_bytes(path)
    if len(content) > SIZE_LIMIT:
        raise DeclarationError("The logo is too large.", place, SIZE_HINT)
    if content.startswith(PNG_MAGIC):
        _check_png(content, place)
        kind = "png"
    else:
        _check_svg(content, place)
        kind = "svg+xml"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _check_png(content: bytes, place: Place) -> None:
    if content[12:16] != b"IHDR" or len(content) < 33 or content[-8:-4] != b"IEND":
        raise DeclarationError("The logo is a damaged PNG.", place, "Save it again.")
    if max(struct.unpack(">II", content[16:24])) > MAX_SIDE_PIXELS:
        raise DeclarationError("The logo is too large.", place, SIZE_HINT)


def _check_svg(content: bytes, place: Place) -> None:
    if b"<svg" not in content:
        raise DeclarationError("The logo is neither PNG nor SVG.", place, "Save it as one of these.")
    for element in parse_xml(content, place.file).iter("*"):
        name = strip_namespace(str(element.tag))
        if name.lower() not in sandboxed_templates.ALLOWED["drawing"]:
            raise DeclarationError(
                f"The logo has the element <{name}>, which is not a drawing.", place, "Save it as a plain SVG."
            )
    sandboxed_templates.require_static_html(content.decode("utf-8", errors="replace"), place.file, style=True)
