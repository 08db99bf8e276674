"""Structure messages that others published: known outcomes, the counts of other readers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import made
import pytest
from folders import SHARED
from lxml import etree

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
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


def version_of(path: Path) -> str:
    """The version of SDMX-ML of a message; one of 2.0 is only read."""
    return str(etree.fromstring(path.read_bytes()).tag).rpartition("/v")[2][:3].replace("_", ".")


STRUCTURES = [path for path in FILES if is_structure(path)]
GOOD = [path for path in STRUCTURES if "invalid" not in path.parts or path.name in READ_THOUGH_INVALID]


def read(path: Path) -> tuple[Artefact, ...]:
    return read_structures(path.name, path.read_bytes())


@needs_data
@pytest.mark.parametrize("path", [path for path in FILES if path not in GOOD], ids=lambda path: path.name)
def test_faulty_samples_are_refused_with_their_place(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.place is not None
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


@needs_data
@pytest.mark.parametrize("path", [path for path in GOOD if version_of(path) != "2.0"], ids=lambda path: path.name)
def test_samples_survive_being_written_again(path: Path) -> None:
    artefacts = read(path)
    again = read_structures(
        "again.xml", structure_bytes(FORMATS[f"sdmx-ml-{version_of(path)}"], artefacts, made.HEADER)
    )
    assert {artefact.ref: artefact for artefact in again} == {artefact.ref: artefact for artefact in artefacts}


def shape(artefacts: tuple[Artefact, ...]) -> dict[str, list[str]]:
    """The ids of items and components by artefact, as other readers can tell them."""
    found = {}
    for artefact in artefacts:
        name = f"{artefact.ref.agency}:{artefact.ref.id}({artefact.ref.version.removesuffix('-draft')})"
        if isinstance(artefact, ItemScheme) and artefact.ref.kind in {"Codelist", "ConceptScheme"}:
            found[name] = sorted(artefact.ids)
        elif isinstance(artefact, DataStructure):
            found[name] = sorted(component.id for component in artefact.components if component.role != "metadata")
    return found


PYSDMX = """
import json, sys
from pysdmx.io import read_sdmx
message = read_sdmx(sys.argv[1], validate=False)
found = {}
for one in message.structures or ():
    kind = type(one).__name__
    agency = getattr(one.agency, "id", one.agency)
    if kind in {"Codelist", "ConceptScheme"} and getattr(one, "sdmx_type", "codelist") != "valuelist":
        found[f"{agency}:{one.id}({one.version})"] = sorted(item.id for item in one.items)
    elif kind == "DataStructureDefinition":
        found[f"{agency}:{one.id}({one.version})"] = sorted(component.id for component in one.components)
print(json.dumps(found))
"""
SDMX1 = """
import json, sys, warnings
warnings.simplefilter("ignore")
import sdmx
message = sdmx.read_sdmx(sys.argv[1])
found = {}
for group in (message.codelist, message.concept_scheme):
    for one in group.values():
        found[f"{one.maintainer.id}:{one.id}({one.version})"] = sorted(item.id for item in one)
for one in message.structure.values():
    parts = [*one.dimensions.components, *one.attributes.components, *one.measures.components]
    found[f"{one.maintainer.id}:{one.id}({one.version})"] = sorted(part.id for part in parts)
print(json.dumps(found))
"""
PEERED = {
    "sdmx1": ("SGR__common-structure.xml", "ng-structure-full.xml", "esms-structure.xml"),
    "pysdmx": (
        *("SGR__common-structure.xml", "datastructure_descendants.xml", "ECB_EXR.xml", "conceptscheme.xml"),
        *("global_registry_dataflows_30.xml", "codelist.xml", "metadata_valid.xml"),
    ),
}


@needs_data
@pytest.mark.parametrize(("peer", "name"), [(peer, name) for peer, names in PEERED.items() for name in names])
@pytest.mark.sampled(4)
def test_other_libraries_find_the_same_codes_and_components(peer: str, name: str) -> None:
    path = next(path for path in GOOD if path.name == name)
    script = {"sdmx1": SDMX1, "pysdmx": PYSDMX}[peer]
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    record = json.loads(done.stdout.strip().splitlines()[-1])
    found = {name: ids for name, ids in record.items() if "missing id" not in name}  # sdmx1's stand-ins
    assert found
    assert found == {key: value for key, value in shape(read(path)).items() if key in found}
    assert set(found) == set(shape(read(path)))
