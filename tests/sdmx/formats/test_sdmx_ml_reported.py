"""Reference metadata in data of SDMX-ML 3.1 come back from every position, and convert to a table."""

from __future__ import annotations

from dataclasses import replace

import made
import polars as pl
import pytest
from made_data import PLAIN, PLAIN_FLOW, plain
from made_reports import unpacked

from benchmarks import round_trips
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, read_all
from sdmxmig.sdmx.formats.dataset_notes import REPORT, build_metadata_set, build_report_lines, build_reports
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.metadata import ReportedAttribute

SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v3_1/metadata/generic"
INSIDE = (
    f'<Metadata xmlns:md="{SPACE}"><md:Attribute id="CONTACT"><md:Attribute id="NAME">'
    '<com:Text xml:lang="en">Office</com:Text></md:Attribute><md:Attribute id="PHONE"><md:Value>1</md:Value>'
    "</md:Attribute></md:Attribute></Metadata>"
)
ENDS = {"equal", "back", "refused"}
NAME = ReportedAttribute("NAME", text=Text.of(en="Office"))
CONTACT = (ReportedAttribute("CONTACT", attributes=(NAME, ReportedAttribute("PHONE", ("1",)))),)


def message(place: str, inside: str = INSIDE, form: str = "sdmx-ml-3.1") -> bytes:
    """The small dataset with metadata at the end of its dataset, first series or first observation."""
    layout = Layout(ALL_DIMENSIONS if place == "flat" else "TIME_PERIOD")
    text = data_bytes(FORMATS[form], [made.SMALL], made.HEADER, layout).decode()
    if place in ("Obs", "flat"):
        start = text.index("/>", text.index("<Obs"))
        return f"{text[:start]}>{inside}</Obs>{text[start + 2 :]}".encode()
    end = {"DataSet": "</mes:DataSet>", "Series": "</Series>"}[place]
    return text.replace(end, f"{inside}{end}", 1).encode()


def read(content: bytes, form: str = "sdmx-ml-3.1") -> Dataset:
    (found,) = read_all(FORMATS[form], "d.xml", content, made.FLOWS)
    return found


@pytest.mark.parametrize("place", ["DataSet", "Series", "Obs", "flat"])
def test_metadata_are_attached_to_the_surrounding_part(place: str) -> None:
    dataset = read(message(place))
    (row,) = dataset.reports.iter_rows(named=True)
    assert unpacked(row.pop(REPORT)) == CONTACT
    first = dataset.observations.row(0, named=True)
    key = {"DataSet": (), "Series": made.STRUCTURE.series_key}.get(place, made.STRUCTURE.key)
    assert {name: value for name, value in row.items() if value is not None} == {name: first[name] for name in key}
    assert dataset.observations.height == made.SMALL.observations.height


@pytest.mark.parametrize("place", ["DataSet", "Series", "Obs", "flat"])
def test_metadata_are_written_at_their_subject(place: str) -> None:
    dataset = read(message(place))
    layout = Layout(ALL_DIMENSIONS if place == "flat" else "TIME_PERIOD")
    written = data_bytes(FORMATS["sdmx-ml-3.1"], [dataset], made.HEADER, layout)
    assert find_problems(written, made.FLOWS) == []
    back = read(written)
    assert dataset.reports is not None
    assert back.reports.equals(dataset.reports)
    assert back.observations.equals(dataset.observations)
    assert written.count(b"<Metadata ") == 1


def test_metadata_of_groups_and_blocks_are_written() -> None:
    data = plain()
    key, series_key = PLAIN.key, PLAIN.series_key
    (group,) = PLAIN.groups
    first, *_, last = data.observations.iter_rows(named=True)
    some = [({name: first[name] for name in names}, CONTACT) for names in (group.dimensions, series_key, key, ())]
    given = replace(data, reports=build_reports(key, some))
    more = [({name: last[name] for name in series_key}, (NAME,))]
    again = replace(data, partial={}, reports=build_reports(key, more), continues=True)
    written = data_bytes(FORMATS["sdmx-ml-3.1"], [given, again], made.HEADER)
    assert find_problems(written, {PLAIN_FLOW.id: PLAIN_FLOW}) == []
    (back,) = read_all(FORMATS["sdmx-ml-3.1"], "d.xml", written, {PLAIN_FLOW.id: PLAIN_FLOW})
    wanted = build_reports(key, [*some, *more])
    assert sorted(map(repr, back.reports.rows())) == sorted(map(repr, wanted.rows()))


def test_unsupported_metadata_are_reported_or_refused() -> None:
    key, first = made.STRUCTURE.key, made.SMALL.observations.row(0, named=True)
    partly = replace(made.SMALL, reports=build_reports(key, [({key[1]: first[key[1]]}, CONTACT)]))
    losses = list(FORMATS["sdmx-ml-3.1"].losses(partly, Layout()))
    assert losses == ["SDMX-ML 3.1 has no place for the reference metadata of parts of the key."]
    (earlier,) = FORMATS["sdmx-ml-3.0"].losses(partly, Layout())
    assert earlier.startswith("Reference metadata are not written into data of SDMX-ML 3.0")


@pytest.mark.parametrize("place", ["DataSet", "Series", "Obs", "flat"])
def test_schema_allows_reported_metadata_at_each_level(place: str) -> None:
    assert find_problems(message(place), made.FLOWS) == []


def test_misplaced_elements_are_refused_with_their_line() -> None:
    with pytest.raises(InputError, match="<Attribute> lacks the attribute id") as caught:
        read(message("Obs", INSIDE.replace(' id="PHONE"', "")))
    assert caught.value.place.line
    with pytest.raises(InputError, match="contains <Target>, which does not belong there"):
        read(message("Series", INSIDE.replace("<md:Attribute", "<md:Target/><md:Attribute", 1)))
    with pytest.raises(InputError, match="foo or one of its attributes has a name that XML does not allow") as caught:
        read(message("Series", INSIDE.replace("<md:Value>", '<z:foo xmlns:z="a b"/><md:Value>')))
    assert caught.value.place.column > 1
    faults = Faults()
    (dataset,) = read_all(
        FORMATS["sdmx-ml-3.1"],
        "d.xml",
        content=message("Obs", INSIDE.replace(' id="PHONE"', "")),
        flows=made.FLOWS,
        faults=faults,
    )
    assert (len(faults.listed), dataset.observations.height) == (1, made.SMALL.observations.height)


MARKUP = '<p xmlns="http://www.w3.org/1999/xhtml">a <em>b</em> <em>c</em> &amp; d<br/></p>'


@pytest.mark.parametrize("place", ["DataSet", "Series", "Obs", "flat"])
def test_structured_text_keeps_markup_and_blanks(place: str) -> None:
    text = f'<com:StructuredText xml:lang="en">{MARKUP}</com:StructuredText>'
    inside = f'<Metadata xmlns:md="{SPACE}"><md:Attribute id="METHOD">{text}</md:Attribute></Metadata>'
    found = read(message(place, inside))
    assert unpacked(found.reports[REPORT][0]) == (ReportedAttribute("METHOD", structured=Text.of(en=MARKUP)),)
    layout = Layout(ALL_DIMENSIONS if place == "flat" else "TIME_PERIOD")
    written = data_bytes(FORMATS["sdmx-ml-3.1"], [found], made.HEADER, layout)
    assert find_problems(written, made.FLOWS) == []
    back = read(written)
    assert back.reports.equals(found.reports)


NOTE = (
    '<com:Annotations><com:Annotation id="N"><com:AnnotationText xml:lang="en">n</com:AnnotationText>'
    "</com:Annotation></com:Annotations>"
)


def test_notes_on_reported_metadata_survive_a_round_trip() -> None:
    noted = INSIDE.replace(f'<Metadata xmlns:md="{SPACE}">', f'<Metadata xmlns:md="{SPACE}">{NOTE}')
    found = read(message("Series", noted))
    written = data_bytes(FORMATS["sdmx-ml-3.1"], [found], made.HEADER)
    assert find_problems(written, made.FLOWS) == []
    assert read(written).reports.equals(found.reports)
    assert build_metadata_set(build_report_lines(found.reports)[0]).annotations == (
        Annotation("", Text.of(en="n"), id="N"),
    )


def test_reference_metadata_are_refused_in_data_before_3_0() -> None:
    text = data_bytes(FORMATS["sdmx-ml-2.1"], [made.SMALL], made.HEADER).decode()
    for end in ("</Series>", "</mes:DataSet>"):
        content = text.replace(end, f"{INSIDE}{end}", 1).encode()
        with pytest.raises(InputError, match="Metadata are not allowed in data before SDMX-ML 3"):
            read(content, "sdmx-ml-2.1")


SPACE_30 = SPACE.replace("v3_1", "v3_0")
SET = (
    f'<Metadata xmlns:md="{SPACE_30}" agencyID="SDMXMIG" id="SET" version="1.0.0" publicationYear="2026">{NOTE}'
    '<com:Name xml:lang="en">A set</com:Name>'
    "<md:Metadataflow>urn:sdmx:org.sdmx.infomodel.metadatastructure.Metadataflow=SDMXMIG:MDF(1.0.0)</md:Metadataflow>"
    "<md:Target>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF_POP(1.0.0)</md:Target>"
    '<md:Attribute id="CONTACT"><md:Attribute id="NAME"><com:Text xml:lang="en">Office</com:Text></md:Attribute>'
    '<md:Attribute id="PHONE"><md:Value>1</md:Value></md:Attribute></md:Attribute></Metadata>'
)


@pytest.mark.parametrize("place", ["DataSet", "Series", "Obs", "flat"])
def test_metadata_sets_in_data_of_3_0_survive_a_round_trip(place: str) -> None:
    content = message(place, SET, "sdmx-ml-3.0")
    assert find_problems(content, made.FLOWS) == []
    found = read(content, "sdmx-ml-3.0")
    assert found.reports is not None
    artefact = build_metadata_set(build_report_lines(found.reports)[0])
    assert (str(artefact.ref), str(artefact.name), artefact.properties) == (
        "MetadataSet=SDMXMIG:SET(1.0.0)",
        "A set",
        {"publicationYear": "2026"},
    )
    assert artefact.reports[0].attributes == CONTACT
    layout = Layout(ALL_DIMENSIONS if place == "flat" else "TIME_PERIOD")
    written = data_bytes(FORMATS["sdmx-ml-3.0"], [found], made.HEADER, layout)
    assert find_problems(written, made.FLOWS) == []
    back = read(written, "sdmx-ml-3.0")
    assert back.reports.equals(found.reports)


@pytest.mark.parametrize("form", ["sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
def test_other_formats_keep_attributes_and_report_lost_set(form: str) -> None:
    given = replace(read(message("Series", SET, "sdmx-ml-3.0"), "sdmx-ml-3.0"), properties={})
    (said,) = FORMATS[form].losses(given, Layout())
    assert said.endswith("contain the attributes of metadata sets, but not their names, targets and annotations.")
    (found,) = read_all(FORMATS[form], "d", data_bytes(FORMATS[form], [given], made.HEADER), made.FLOWS)
    assert unpacked(found.reports[REPORT][0]) == CONTACT


def test_named_set_and_second_set_of_series_are_refused() -> None:
    start = SET.index("<md:Metadataflow>")
    with pytest.raises(InputError, match="names a metadata set without its content"):
        read(message("Series", f"{SET[:start]}</Metadata>", "sdmx-ml-3.0"), "sdmx-ml-3.0")
    metadata_set = read(message("Series", SET, "sdmx-ml-3.0"), "sdmx-ml-3.0")
    other = read(message("Series", SET.replace('id="SET"', 'id="OTHER"'), "sdmx-ml-3.0"), "sdmx-ml-3.0")
    both = replace(metadata_set, reports=pl.concat([metadata_set.reports, other.reports]))
    with pytest.raises(SdmxmigError, match="are about the same data"):
        data_bytes(FORMATS["sdmx-ml-3.0"], [both], made.HEADER)
    (said,) = FORMATS["sdmx-ml-3.0"].losses(
        replace(metadata_set, reports=pl.concat([metadata_set.reports, read(message("Obs")).reports])), Layout()
    )
    assert said == "Data of SDMX-ML 3.0 contain reference metadata as metadata sets: other metadata sets are left out."


@pytest.mark.parametrize("target", [name for name in FORMATS if FORMATS[name].write_data])
@pytest.mark.parametrize("place", ["DataSet", "Series", "Obs"])
@pytest.mark.parametrize(("form", "inside"), [("sdmx-ml-3.1", INSIDE), ("sdmx-ml-3.0", SET)])
@pytest.mark.sampled(4)
def test_every_format_keeps_metadata_or_reports_losses(form: str, inside: str, place: str, target: str) -> None:
    content = message(place, inside, form)
    assert round_trips.facts(read(content, form)).reports
    given = round_trips.Message("d.xml", content, detected=detect("d.xml", content), flows=made.FLOWS)
    assert {round_trips.outcome(case) for case in round_trips.cases([given]) if case.target == target} <= ENDS
