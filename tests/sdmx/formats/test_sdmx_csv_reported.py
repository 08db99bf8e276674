"""Reference metadata in a table of data: read from any row, written in rows of their own, told where none is."""

from __future__ import annotations

import io
from dataclasses import replace

import made
import polars as pl
import pytest

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FORMATS, data_bytes, read_all
from sdmxmig.sdmx.formats.dataset_notes import REPORT, packed_reports, reports_frame, unpacked
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.metadata import ReportedAttribute
from sdmxmig.sdmx.model.references import Ref

MSD = "urn:sdmx:org.sdmx.infomodel.metadatastructure.MetadataAttribute=SDMXMIG:MSD(1.0).CONTACT"
USED = Component("CONTACT", "metadata", concept=Ref.parse(MSD), attachment="dimensions", dimensions=("REF_AREA",))
STRUCTURE = replace(made.STRUCTURE, components=(*made.STRUCTURE.components, USED))
FLOW = replace(made.FLOW, structure=STRUCTURE)
FLOWS = {FLOW.id: FLOW}
KEY = STRUCTURE.key
SMALL = replace(made.SMALL, flow=FLOW, properties={})
CONTACTS = (
    ReportedAttribute(
        "CONTACT",
        attributes=(
            ReportedAttribute("NAME", text=Text.of(en="The office; its head", fr="L'office")),
            ReportedAttribute("PHONE", ("1", "2,3")),
        ),
    ),
)
METHOD = (ReportedAttribute("CONTACT", attributes=(ReportedAttribute("NAME", text=Text.of(en="Census")),)),)
CSV = ("sdmx-csv-2.0", "sdmx-csv-2.1")


def reporting(**reports: tuple[ReportedAttribute, ...]) -> Dataset:
    """The small dataset with reports on areas."""
    keys = pl.DataFrame({"REF_AREA": list(reports)})
    return replace(SMALL, reports=reports_frame(keys, list(reports.values()), KEY))


def below(name: str, *attributes: ReportedAttribute) -> tuple[ReportedAttribute, ...]:
    """Attributes under a heading."""
    return (ReportedAttribute(name, attributes=attributes),)


def told(dataset: Dataset) -> dict[str, tuple[ReportedAttribute, ...]]:
    """The reports of a dataset, by what they name."""
    if dataset.reports is None:
        return {}
    rows = dataset.reports.iter_rows(named=True)
    return {".".join(row[name] or "*" for name in KEY): unpacked(row[REPORT]) for row in rows}


def read(form: str, content: str | bytes, faults: Faults | None = None) -> Dataset:
    given = content if isinstance(content, bytes) else content.encode()
    (found,) = read_all(FORMATS[form], "x.csv", content=given, flows=FLOWS, faults=faults)
    return found


HEAD = f"STRUCTURE[;],STRUCTURE_ID,ACTION,{','.join(KEY)},OBS_VALUE"
ROW = f"dataflow,{made.DATAFLOW.ref.short},R"


def test_attribute_attaches_to_the_part_that_its_structure_names() -> None:
    dataset = read(
        "sdmx-csv-2.0",
        f'{HEAD},CONTACT.NAME[en;fr],CONTACT.PHONE[]\n{ROW},A,GE,F,GE,2023,1,en:Office;fr:""L\'office"",1;2\n'.replace(
            '""', ""
        )
        + f"{ROW},A,GE,M,GE,2023,2,en:Office;fr:L'office,1;2\n"
        f"{ROW},A,FR,M,GE,2023,3,,\n",
    )
    assert dataset.observations.height == 3
    name = ReportedAttribute("NAME", text=Text.of(en="Office", fr="L'office"))
    assert told(dataset) == {"*.GE.*.*.*": below("CONTACT", name, ReportedAttribute("PHONE", ("1", "2")))}


def test_an_attribute_that_no_structure_uses_is_about_its_row_and_makes_no_observation() -> None:
    dataset = read(
        "sdmx-csv-2.0",
        f"{HEAD},METHOD.SOURCE\n{ROW},A,GE,F,GE,2023,1,\n{ROW},,GE,,,,,Register\n{ROW},A,GE,F,GE,2023,,Survey\n",
    )
    assert dataset.observations.height == 1
    source = [below("METHOD", ReportedAttribute("SOURCE", (one,))) for one in ("Register", "Survey")]
    assert told(dataset) == {"*.GE.*.*.*": source[0], "A.GE.F.GE.2023": source[1]}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("form", CSV)
def test_reported_attributes_come_back_with_the_data(form: str, streamed: bool) -> None:
    given = reporting(GE=CONTACTS, FR=METHOD)
    if streamed:
        out = io.BytesIO()
        FORMATS[form].write_data(iter([given]), made.HEADER, out, DEFAULT_LAYOUT)  # type: ignore[misc]
        content = out.getvalue()
    else:
        content = data_bytes(FORMATS[form], [given], made.HEADER)
    found, plain = read(form, content), read(form, data_bytes(FORMATS[form], [SMALL], made.HEADER))
    assert told(found) == told(given)
    assert found.observations.equals(plain.observations)
    assert found.series.equals(plain.series)


@pytest.mark.parametrize("form", ["sdmx-csv-1.0", "sdmx-ml-2.1", "sdmx-ml-3.0"])
def test_formats_without_reported_attributes_report_the_loss(form: str) -> None:
    given = replace(reporting(GE=METHOD), partial={}, action="I")
    said: list[str] = []
    content = data_bytes(FORMATS["sdmx-csv-2.0"], [given], made.HEADER)
    transform(
        "x.csv",
        io.BytesIO(content),
        FORMATS[form],
        io.BytesIO(),
        flows=FLOWS,
        header=lambda _: made.HEADER,
        tell=said.append,
    )
    assert said == [
        f"Reference metadata are not written into data of {FORMATS[form].name}: send them as a message of their own."
    ]


def test_reports_that_would_not_come_back_are_refused() -> None:
    given = reporting(GE=(ReportedAttribute("CONTACT"),), FR=METHOD)
    with pytest.raises(SdmxmigError, match="cannot hold the attributes from CONTACT on for"):
        data_bytes(FORMATS["sdmx-csv-2.0"], [given], made.HEADER)


def test_text_without_language_is_refused_with_its_place() -> None:
    content = f"{HEAD},CONTACT.NAME[en;fr]\n{ROW},A,GE,F,GE,2023,1,Office\n"
    with pytest.raises(InputError, match="“Office” does not say its language") as caught:
        read("sdmx-csv-2.0", content)
    assert str(caught.value.place) == "x.csv:2:10"
    faults = Faults()
    dataset = read("sdmx-csv-2.0", content, faults)
    assert (dataset.observations.height, told(dataset), len(faults.listed)) == (1, {}, 1)


def test_reports_survive_as_text() -> None:
    assert unpacked(packed_reports(CONTACTS)) == CONTACTS


MSD_REF = Ref("MetadataStructure", "SDMXMIG", id="MSD", version="1.0")
LOOSE = replace(FLOW, structure=replace(STRUCTURE, metadata=MSD_REF))
SOURCE = (ReportedAttribute("SOURCE", ("Census",)), ReportedAttribute("METHOD", text=Text.of(en="a", fr="b")))


def test_an_attribute_on_top_that_no_structure_uses_has_brackets_and_comes_back() -> None:
    given = replace(reporting(GE=SOURCE, FR=SOURCE[:1]), flow=LOOSE)
    content = data_bytes(FORMATS["sdmx-csv-2.1"], [given], made.HEADER)
    assert content.decode().splitlines()[0].endswith(",SOURCE[],METHOD[en;fr]")
    (found,) = read_all(FORMATS["sdmx-csv-2.1"], "x.csv", content, {LOOSE.id: LOOSE})
    assert told(found) == told(given)
    own = content.replace(b"SOURCE[]", b"SOURCE")  # a column of the sender's own, which is passed over
    (found,) = read_all(FORMATS["sdmx-csv-2.1"], "x.csv", own, {LOOSE.id: LOOSE})
    assert told(found) == {"*.GE.*.*.*": SOURCE[1:]}


def test_attribute_that_looks_like_another_column_is_refused() -> None:
    with pytest.raises(SdmxmigError, match="SOURCE is not an attribute that"):
        data_bytes(FORMATS["sdmx-csv-2.1"], [reporting(GE=SOURCE[:1])], made.HEADER)
    for name in ("OBS_STATUS", "ACTION"):
        given = replace(reporting(GE=(ReportedAttribute(name, ("x",)),)), flow=LOOSE)
        with pytest.raises(SdmxmigError, match=f"The reported attribute {name} is also a column"):
            data_bytes(FORMATS["sdmx-csv-2.1"], [given], made.HEADER)


def test_orders_of_several_reports_become_one_order() -> None:
    first, last, both = METHOD[0].attributes[0], ReportedAttribute("ROLE", ("head",)), ReportedAttribute("A", ("1",))
    given = reporting(GE=below("CONTACT", first), FR=below("CONTACT", both), ES=below("CONTACT", both, last, first))
    assert told(read("sdmx-csv-2.0", data_bytes(FORMATS["sdmx-csv-2.0"], [given], made.HEADER))) == told(given)
