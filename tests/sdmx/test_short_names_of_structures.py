"""Data without agency or version follow the best match; the match and its alternatives are reported."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import made
import made_old
import pytest
from console import Console
from folders import TESTS

from sdmxmig.cli import run
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.formats.flows import ANY, find_flow
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref


def version(number: str, agency: str = "SDMXMIG") -> Flow:
    """The dataflow and its structure in another version, or of another agency."""
    own = replace(made.DATAFLOW, ref=replace(made.DATAFLOW.ref, version=number, agency=agency))
    structure = replace(made.STRUCTURE, ref=replace(made.STRUCTURE.ref, version=number, agency=agency))
    return replace(made.FLOW, dataflow=own, structure=structure)


def known(*flows: Flow) -> dict[str, Flow]:
    return {flow.dataflow.ref.short: flow for flow in flows}


ONE, NEW, ELSEWHERE = version("1.0.0"), version("2.0.0"), version("1.0.0", "ELSEWHERE")
TWO = known(ONE, NEW)
BY_VERSION = ("SDMXMIG:DF_POP(2.0.0) was used. It might also be SDMXMIG:DF_POP(1.0.0).", known(ONE, NEW, ELSEWHERE))
BY_AGENCY = ("ELSEWHERE:DF_POP(1.0.0) was used. It might also be SDMXMIG:DF_POP(1.0.0).", known(ELSEWHERE, ONE))
FULL = "SDMXMIG:DF_POP(1.0.0)"
IN_PARTS = 'agencyID="SDMXMIG" id="DF_POP" version="1.0.0" class="Dataflow" package="datastructure"'
LEFT_OUT = {
    "the version in CSV 1.0": ("sdmx-csv-1.0", FULL, "SDMXMIG:DF_POP"),
    "the version in CSV 2.0": ("sdmx-csv-2.0", FULL, "SDMXMIG:DF_POP"),
    "the version in CSV 2.1": ("sdmx-csv-2.1", FULL, "SDMXMIG:DF_POP"),
    "the version in ML 3.0": ("sdmx-ml-3.0", FULL, "SDMXMIG:DF_POP"),
    "the version in ML 3.1": ("sdmx-ml-3.1", FULL, "SDMXMIG:DF_POP"),
    "the version in JSON 2.0": ("sdmx-json-2.0", FULL, "SDMXMIG:DF_POP"),
    "the version in JSON 2.1": ("sdmx-json-2.1", FULL, "SDMXMIG:DF_POP"),
    "the agency in ML 2.1": ("sdmx-ml-2.1", IN_PARTS, IN_PARTS.replace('agencyID="SDMXMIG" ', "")),
    "the agency in generic ML 2.1": ("sdmx-ml-2.1-generic", IN_PARTS, IN_PARTS.replace('agencyID="SDMXMIG" ', "")),
}
IN_FULL = {
    "CSV 1.0": ("sdmx-csv-1.0", FULL, FULL),
    "CSV 2.0": ("sdmx-csv-2.0", FULL, FULL),
    "an earlier version": ("sdmx-csv-2.0", FULL, "SDMXMIG:DF_POP(2.0.0)"),
    "the newest of 1": ("sdmx-csv-2.0", FULL, "SDMXMIG:DF_POP(1+.0.0)"),
    "any": ("sdmx-csv-2.0", FULL, "SDMXMIG:DF_POP(*)"),
    "ML 2.1": ("sdmx-ml-2.1", FULL, FULL),
    "generic ML 2.1": ("sdmx-ml-2.1-generic", FULL, FULL),
    "ML 3.0": ("sdmx-ml-3.0", FULL, FULL),
    "ML 3.1": ("sdmx-ml-3.1", FULL, FULL),
    "JSON 2.0": ("sdmx-json-2.0", FULL, FULL),
}


def message(form: str, old: str, new: str) -> bytes:
    content = data_bytes(FORMATS[form], [replace(made.SMALL, flow=ONE)], made.HEADER).decode()
    assert old in content or old == new
    return content.replace(old, new).encode()


def told(content: bytes, flows: Mapping[str, Flow]) -> str:
    sentences: list[str] = []
    form, out = FORMATS["sdmx-csv-2.0"], io.BytesIO()
    header = lambda found: found or made.HEADER  # noqa: E731 - it is one argument
    transform("data", io.BytesIO(content), form, out, flows=flows, header=header, tell=sentences.append)
    return " ".join(sentences)


@pytest.mark.parametrize("case", LEFT_OUT)
def test_ambiguous_short_name_is_unchecked_with_alternatives(case: str) -> None:
    content = message(*LEFT_OUT[case])
    said, both = BY_AGENCY if "agency" in case else BY_VERSION
    checked = identify_and_check("data", content, both)
    assert checked.unchecked.count(said) == 1
    assert told(content, both).count(said) == 1
    assert checked.size == made.SMALL.observations.height


@pytest.mark.parametrize("case", LEFT_OUT)
def test_short_name_with_single_match_is_reported_and_checked(case: str) -> None:
    content = message(*LEFT_OUT[case])
    checked = identify_and_check("data", content, known(ONE))
    (said,) = checked.taken
    assert said.endswith(f": {FULL} was used.")
    assert checked.unchecked == ""
    assert told(content, known(ONE)).count(said) == 1


@pytest.mark.parametrize("case", IN_FULL)
def test_full_and_open_names_are_not_reported(case: str) -> None:
    content = message(*IN_FULL[case])
    checked = identify_and_check("data", content, TWO)
    assert (checked.taken, checked.unchecked) == ((), "")
    assert "was used" not in told(content, TWO)


def test_given_dataflow_is_not_reported() -> None:
    content = message("sdmx-csv-2.0", FULL, "SDMXMIG:DF_X")
    checked = identify_and_check("data", content, {**TWO, ANY: ONE})
    assert (checked.taken, checked.unchecked) == ((), "")


def test_structure_of_sdmx_2_0_is_found_by_id_alone() -> None:
    content = made_old.generic()
    (said,) = identify_and_check("data", content, known(ONE)).taken
    assert said.startswith("The data name the data structure “DSD_STOCK” without its agency and version: ")
    assert said.endswith(": SDMXMIG:DSD_STOCK(1.0.0) was used.")


NO_AGENCY = message("sdmx-ml-2.1-generic", IN_PARTS, IN_PARTS.replace('agencyID="SDMXMIG" ', ""))
BY_ID = {
    "generic 2.0": made_old.generic(),
    "compact 2.0": made_old.compact("urn:x"),
    "generic 2.1": NO_AGENCY,
    "specific 2.1": message("sdmx-ml-2.1", IN_PARTS, IN_PARTS.replace('agencyID="SDMXMIG" ', "")),
}


@pytest.mark.parametrize("renamed", ["CTZ", "SEX"])
@pytest.mark.parametrize("case", BY_ID)
def test_structure_with_other_dimensions_is_not_used(case: str, renamed: str) -> None:
    components = made.with_component(made.STRUCTURE, renamed, id=f"{renamed}_2").components
    other = replace(ELSEWHERE, structure=replace(ELSEWHERE.structure, components=components, groups=()))
    checked = identify_and_check("data", BY_ID[case], known(other))
    assert (checked.size, checked.taken) == (3, ())
    assert not [problem for problem in checked.problems if "agencyID" not in problem.message]
    assert "with these components" in checked.unchecked
    sentences = told(BY_ID[case], known(other))
    assert "with these components" in sentences
    assert "ELSEWHERE" not in sentences


def test_dataset_that_names_the_agency_is_not_read_by_id() -> None:
    content = made_old.compact("urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=THIRD:DSD_STOCK:compact")
    nameless = content.replace(b"<KeyFamilyRef>DSD_STOCK</KeyFamilyRef>", b"")
    named = nameless.replace(b"<d:DataSet", b'<d:DataSet keyFamilyURI="http://x/DSD_STOCK"')
    checked = identify_and_check("data", named, known(ELSEWHERE))
    assert (checked.size, checked.taken) == (3, ())
    assert "THIRD:DSD_STOCK" in checked.unchecked


def test_header_of_sdmx_2_0_states_the_agency_of_the_structure() -> None:
    named = b"<KeyFamilyRef>DSD_STOCK</KeyFamilyRef><KeyFamilyAgency>SDMXMIG</KeyFamilyAgency><DataSetAction>"
    content = made_old.generic().replace(b"<DataSetAction>", named)
    (said,) = identify_and_check("data", content, known(ELSEWHERE, ONE)).taken
    assert said.endswith(" without its version: SDMXMIG:DSD_STOCK(1.0.0) was used.")


def test_versions_of_different_agencies_are_not_compared() -> None:
    flow = find_flow(known(ELSEWHERE, NEW), Ref("Dataflow", "", id="DF_POP", version=""))
    assert flow.dataflow.ref == ELSEWHERE.dataflow.ref


@pytest.mark.parametrize(
    ("asked", "found"), {"1.0+.0": "1.0.0", "1.0.0+": "1.0.0", "1+.0.0": "2.0.0", "*": "2.0.0"}.items()
)
def test_open_version_keeps_numbers_before_the_plus(asked: str, found: str) -> None:
    assert find_flow(TWO, Ref("Dataflow", "SDMXMIG", id="DF_POP", version=asked)).dataflow.ref.version == found


def test_check_and_transform_report_short_name(tmp_path: Path, console: Console) -> None:
    source = tmp_path / "data.csv"
    golden = (TESTS / "golden" / "sweden" / "DF_ACCOUNT.csv").read_text(encoding="utf-8")
    source.write_text(golden.replace("DF_ACCOUNT(1.0.0)", "DF_ACCOUNT"), encoding="utf-8")
    said = "“SDMXMIG:DF_ACCOUNT” without its version: SDMXMIG:DF_ACCOUNT(1.0.0) was used."
    assert said in " ".join(console.output("check", source).split())
    assert run(["transform", str(source), "--to", "sdmx-ml-3.0", "-o", str(tmp_path / "out.xml")]) == 0
    assert said in " ".join(console.readouterr().err.split())
