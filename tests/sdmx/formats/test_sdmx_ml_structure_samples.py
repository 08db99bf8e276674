"""Structure messages that others published: known outcomes, the counts of other readers."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import SHARED
from lxml import etree

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import read_structures
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.references import ITEM_KINDS
from sdmxmig.sdmx.model.structures import Artefact

DATA = SHARED
FOLDERS = ("sdmx-ml-2.0", "sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "structures", "valid", "invalid")
FILES = sorted(path for folder in FOLDERS for path in (DATA / folder).rglob("*.xml"))
READ_THOUGH_INVALID = {"availability_date_not_datetime.xml", "header_id_pattern_v20.xml"}
needs_data = pytest.mark.skipif(not FILES, reason="the sample messages are not here")


def is_structure(path: Path) -> bool:
    """Whether the root says that it is a structure message (told by other means than the reader's)."""
    try:
        root = etree.fromstring(path.read_bytes(), etree.XMLParser(no_network=True, resolve_entities=False))
    except etree.XMLSyntaxError:
        return False
    return etree.QName(root).localname == "Structure"


STRUCTURES = [path for path in FILES if is_structure(path)]
GOOD = [path for path in STRUCTURES if "invalid" not in path.parts or path.name in READ_THOUGH_INVALID]


def read(path: Path) -> tuple[Artefact, ...]:
    return read_structures(path.name, path.read_bytes())


@needs_data
@pytest.mark.parametrize("path", [path for path in FILES if path not in GOOD], ids=lambda path: path.name)
def test_faulty_samples_are_refused_with_their_place(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.place.file == path.name
    assert caught.value.place.line > 0


@needs_data
@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_counts_equal_those_of_the_xml(path: Path) -> None:
    root = etree.fromstring(path.read_bytes())
    counted: dict[tuple[str, str, str], int] = {}
    known = {**ITEM_KINDS, "CodeList": "Code"}
    components = {"Dimension", "MeasureDimension", "TimeDimension", "Attribute", "PrimaryMeasure", "Measure"}
    lists = {"DimensionList", "AttributeList", "MeasureList"}
    for one in root.iter("{*}*"):
        above = one.getparent()
        local, parent = etree.QName(one).localname, etree.QName(above).localname if above is not None else ""
        nested = local == parent and local in {"Category", "ReportingCategory"}
        if nested or known.get(parent) == local or (local in components and parent in lists):
            owner = next(up for up in one.iterancestors() if up.get("agencyID"))
            key = (owner.get("agencyID", ""), owner.get("id", ""), owner.get("version", "1.0"))
            counted[key] = counted.get(key, 0) + 1
    found: dict[tuple[str, str, str], int] = {}
    for artefact in read(path):
        size = 0
        if isinstance(artefact, ItemScheme):
            size = len(artefact)
        elif isinstance(artefact, DataStructure):
            size = sum(component.role != "metadata" for component in artefact.components)
        if size:
            found[artefact.ref.agency, artefact.ref.id, artefact.ref.version.removesuffix("-draft")] = size
    assert found == counted
    assert read(path)
