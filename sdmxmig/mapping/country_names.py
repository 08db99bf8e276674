"""Names of countries for mappings that do not list them."""

from __future__ import annotations

from functools import lru_cache

from sdmxmig.areas import Areas, read_areas
from sdmxmig.catalogue.folders import search_path
from sdmxmig.catalogue.item_schemes import read_item_scheme
from sdmxmig.errors import DeclarationError

LIST = "SDMX/CL_AREA.*.csv"


@lru_cache(maxsize=1)
def country_names() -> Areas:
    """The names of countries and areas in any language, by the newest CL_AREA that ships with sdmxmig."""
    files = sorted(file for folder in search_path("codelists", None) for file in folder.glob(LIST))
    if not files:
        raise DeclarationError("There is no list of areas.", hint="Install sdmxmig anew.")
    return read_areas(read_item_scheme(files[-1], files[-1].read_bytes()))
