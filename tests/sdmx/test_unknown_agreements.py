"""Data under an unknown agreement are treated as those of the dataflow of its name, with a note to the user."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import made
import pytest
from console import Console
from folders import TESTS

from sdmxmig.cli import run
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

OWN = replace(made.DATAFLOW, ref=replace(made.DATAFLOW.ref, version="1.0"))
FLOW = replace(made.FLOW, dataflow=OWN)
AGREEMENT = Ref("ProvisionAgreement", OWN.ref.agency, id=OWN.ref.id, version=OWN.ref.version)
OTHER = replace(AGREEMENT, id="PA_OTHER")
BY_NAME = {FLOW.id: FLOW}
KNOWN = {**BY_NAME, AGREEMENT.urn: FLOW, OTHER.urn: FLOW}
SAID = "There is no provision agreement “SDMXMIG:DF_POP(1.0)”: its data were treated as those of the dataflow"
SOURCES = ("sdmx-csv-2.0", "sdmx-csv-2.1", "sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1")
JSON = ("sdmx-json-2.0", "sdmx-json-2.1")
DATAFLOW_LINK = f'{{"urn":"{OWN.ref.urn}","rel":"dataflow"}}'
STRUCTURE_LINK = f',{{"urn":"{FLOW.structure.ref.urn}","rel":"datastructure"}}'


def message(form: str, named: Ref | None) -> bytes:
    """Data that name this, or their dataflow; in JSON nothing beside the agreement is named."""
    dataset = replace(made.SMALL, flow=FLOW, refers_to=named)
    content = data_bytes(FORMATS[form], [dataset], made.HEADER)
    if form in JSON and named is not None and named.kind == "ProvisionAgreement":
        text = content.decode()
        assert f",{DATAFLOW_LINK}{STRUCTURE_LINK}" in text
        return text.replace(f",{DATAFLOW_LINK}{STRUCTURE_LINK}", "").encode()
    return content


def told(content: bytes, target: str, flows: Mapping[str, Flow]) -> str:
    sentences: list[str] = []
    transform(
        "data",
        io.BytesIO(content),
        FORMATS[target],
        io.BytesIO(),
        flows=flows,
        header=lambda found: found or made.HEADER,
        tell=sentences.append,
    )
    return " ".join(sentences)


@pytest.mark.parametrize("target", ["sdmx-csv-2.0", "sdmx-ml-3.0", "sdmx-json-2.0"])
@pytest.mark.parametrize("source", [*SOURCES, *JSON])
def test_transform_reports_an_unknown_agreement_once(source: str, target: str) -> None:
    assert told(message(source, AGREEMENT), target, BY_NAME).count(SAID) == 1


@pytest.mark.parametrize("source", [*SOURCES, *JSON])
def test_check_reports_an_unknown_agreement(source: str) -> None:
    checked = identify_and_check("data", message(source, AGREEMENT), BY_NAME)
    assert checked.unchecked.count(SAID) == 1
    assert checked.size == made.SMALL.observations.height


@pytest.mark.parametrize("source", [*SOURCES, *JSON])
@pytest.mark.parametrize(
    ("named", "flows"),
    [(AGREEMENT, KNOWN), (OTHER, KNOWN), (None, BY_NAME), (FLOW.structure.ref, BY_NAME)],
    ids=["known", "known by another name", "a dataflow", "a structure"],
)
def test_known_agreements_are_not_reported(named: Ref | None, flows: Mapping[str, Flow], source: str) -> None:
    content = message(source, named)
    assert "agreement" not in identify_and_check("data", content, flows).unchecked
    assert "agreement" not in told(content, "sdmx-csv-2.0", flows)


def test_check_and_transform_name_unknown_agreement(tmp_path: Path, console: Console) -> None:
    source = tmp_path / "data.csv"
    golden = (TESTS / "golden" / "sweden" / "DF_ACCOUNT.csv").read_text(encoding="utf-8")
    source.write_text(golden.replace("\ndataflow,", "\ndataprovision,"), encoding="utf-8")
    assert "There is no provision agreement “SDMXMIG:DF_ACCOUNT(" in console.output("check", source, code=4)
    assert run(["transform", str(source), "--to", "sdmx-ml-3.0", "-o", str(tmp_path / "out.xml")]) == 0
    assert "There is no provision agreement “SDMXMIG:DF_ACCOUNT(" in console.readouterr().err
