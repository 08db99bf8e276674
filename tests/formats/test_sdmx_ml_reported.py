"""Reference metadata inside data of SDMX-ML 3.1 are read and written, wherever they stand, and go on into a table."""

from __future__ import annotations

import io
from dataclasses import replace

import made
import pytest
from made_data import PLAIN, PLAIN_FLOW, plain

from sdmxmig.errors import InputError, SdmxmigError
from sdmxmig.exchange import transform
from sdmxmig.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, read_all
from sdmxmig.formats.reported import REPORT, reports_of, unpacked
from sdmxmig.formats.sdmx_ml.xsd import problems
from sdmxmig.model.artefacts import Text
from sdmxmig.model.data import Dataset
from sdmxmig.model.metadata import ReportedAttribute

SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v3_1/metadata/generic"
INSIDE = (
    f'<Metadata xmlns:md="{SPACE}"><md:Attribute id="CONTACT"><md:Attribute id="NAME">'
    '<com:Text xml:lang="en">Office</com:Text></md:Attribute><md:Attribute id="PHONE"><md:Value>1</md:Value>'
    "</md:Attribute></md:Attribute></Metadata>"
)
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
def test_metadata_are_read_where_they_stand(place: str) -> None:
    found = read(message(place))
    assert found.reports is not None
    (row,) = found.reports.iter_rows(named=True)
    assert unpacked(row.pop(REPORT)) == CONTACT
    first = found.observations.row(0, named=True)
    key = {"DataSet": (), "Series": made.STRUCTURE.series_key}.get(place, made.STRUCTURE.key)
    assert {name: value for name, value in row.items() if value is not None} == {name: first[name] for name in key}
    assert found.observations.height == made.SMALL.observations.height


def test_they_go_on_into_a_table() -> None:
    out = io.BytesIO()
    content = message("Series")
    transform("d.xml", io.BytesIO(content), FORMATS["sdmx-csv-2.0"], out, flows=made.FLOWS)
    (found,) = read_all(FORMATS["sdmx-csv-2.0"], "d.csv", out.getvalue(), made.FLOWS)
    assert found.reports is not None
    assert found.reports.equals(read(content).reports)


@pytest.mark.parametrize("place", ["DataSet", "Series", "Obs", "flat"])
def test_they_are_written_where_they_are_about_something(place: str) -> None:
    given = read(message(place))
    layout = Layout(ALL_DIMENSIONS if place == "flat" else "TIME_PERIOD")
    written = data_bytes(FORMATS["sdmx-ml-3.1"], [given], made.HEADER, layout)
    assert problems(written, made.FLOWS) == []
    back = read(written)
    assert given.reports is not None
    assert back.reports is not None
    assert back.reports.equals(given.reports)
    assert back.observations.equals(given.observations)
    assert written.count(b"<Metadata ") == 1


def test_those_of_groups_and_of_several_blocks_are_written() -> None:
    data = plain()
    key, series_key = PLAIN.key, PLAIN.series_key
    (group,) = PLAIN.groups
    first, *_, last = data.observations.iter_rows(named=True)
    some = [({name: first[name] for name in names}, CONTACT) for names in (group.dimensions, series_key, key, ())]
    given = replace(data, reports=reports_of(key, some))
    more = [({name: last[name] for name in series_key}, (NAME,))]
    again = replace(data, partial={}, reports=reports_of(key, more), continues=True)
    written = data_bytes(FORMATS["sdmx-ml-3.1"], [given, again], made.HEADER)
    assert problems(written, {PLAIN_FLOW.id: PLAIN_FLOW}) == []
    (back,) = read_all(FORMATS["sdmx-ml-3.1"], "d.xml", written, {PLAIN_FLOW.id: PLAIN_FLOW})
    wanted = reports_of(key, [*some, *more])
    assert back.reports is not None
    assert wanted is not None
    assert sorted(map(repr, back.reports.rows())) == sorted(map(repr, wanted.rows()))


def test_what_has_no_place_is_told_or_refused() -> None:
    key, first = made.STRUCTURE.key, made.SMALL.observations.row(0, named=True)
    partly = replace(made.SMALL, reports=reports_of(key, [({key[1]: first[key[1]]}, CONTACT)]))
    said = list(FORMATS["sdmx-ml-3.1"].says_otherwise(partly, Layout()))
    assert said == ["SDMX-ML 3.1 has no place for the reference metadata of parts of the key."]
    (earlier,) = FORMATS["sdmx-ml-3.0"].says_otherwise(partly, Layout())
    assert earlier.startswith("Reference metadata are not written into data of SDMX-ML 3.0")
    markup = Text.of(en='<p xmlns="http://www.w3.org/1999/xhtml">a</p>')
    structured = replace(made.SMALL, reports=reports_of(key, [({}, (ReportedAttribute("A", structured=markup),))]))
    with pytest.raises(SdmxmigError, match="Structured text is not written into data"):
        data_bytes(FORMATS["sdmx-ml-3.1"], [structured], made.HEADER)


@pytest.mark.parametrize("place", ["DataSet", "Series", "Obs", "flat"])
def test_the_schema_of_a_structure_has_them_there(place: str) -> None:
    assert problems(message(place), made.FLOWS) == []


def test_what_is_not_read_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="Metadata sets inside a data set are not read"):
        read(message("Series", form="sdmx-ml-3.0"), "sdmx-ml-3.0")
    structured = INSIDE.replace("com:Text", "com:StructuredText")
    with pytest.raises(InputError, match="Structured text inside a data set is not read") as caught:
        read(message("Series", structured))
    assert caught.value.place is not None
    with pytest.raises(InputError, match="has no id"):
        read(message("Obs", INSIDE.replace(' id="PHONE"', "")))
