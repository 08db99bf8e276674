"""SDMX-CSV 1.0, 2.0 and 2.1: written data come back in every layout, with attributes at every level."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import made
import made_data
import polars as pl
import pytest
from case_tables import cases_from
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, Layout, data_bytes, read_all
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.sdmx_csv import reading, text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.references import Ref

VERSIONS = {name: FORMATS[f"sdmx-csv-{name}"] for name in ("1.0", "2.0", "2.1")}
FLOWS = {"DF_POP": made_data.RICH_FLOW}
LAYOUTS = [Layout(labels=labels, delimiter=mark) for labels in ("id", "name", "both") for mark in (",", ";", "\t", "|")]
KEY = "dataflow,SDMXMIG:DF_POP(1.0.0-draft)"


def shown(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """The rows of a frame with its columns in order of name, without those that no row fills."""
    names = sorted(name for name in frame.columns if frame[name].null_count() < frame.height)
    return [tuple(names), *(tuple(map(str, row)) for row in frame.select(names).rows())]


def content(dataset: Dataset) -> tuple[object, ...]:
    partial = {dims: shown(frame) for dims, frame in dataset.partial.items()}
    told = (dataset.flow.id, dataset.refers_to, dataset.action, dict(dataset.attributes), partial)
    return (*told, shown(dataset.observations), shown(dataset.series))


def back(version: str, datasets: list[Dataset], layout: Layout | None = None) -> list[Dataset]:
    form = VERSIONS[version]
    written = data_bytes(form, datasets, made.HEADER, layout or Layout())
    return list(read_all(form, "pop.csv", written, FLOWS))


def read(version: str, *lines: str, flow: Flow = made_data.RICH_FLOW) -> tuple[Dataset, ...]:
    return read_all(VERSIONS[version], "pop.csv", ("\n".join(lines) + "\n").encode(), {"DF_POP": flow})


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("action", ["R", "D"])
@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_rich_dataset_survives_a_round_trip_in_every_layout(version: str, action: str, layout: Layout) -> None:
    dataset = replace(made_data.rich(), action=action)
    assert [content(one) for one in back(version, [dataset], layout)] == [content(dataset)]


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout.labels != "name"], ids=str)
def test_csv_1_0_has_only_one_row_per_observation(layout: Layout) -> None:
    dataset = replace(made_data.plain(), action="I")
    assert [content(one) for one in back("1.0", [dataset], layout)] == [content(dataset)]
    written = data_bytes(VERSIONS["1.0"], [dataset], made.HEADER, layout)
    assert pl.read_csv(io.BytesIO(written), separator=layout.delimiter, infer_schema=False).height == 3


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        (made_data.rich(), "several values in a field"),
        (replace(made.SMALL, action="D"), "cannot contain a deletion"),
        (replace(made.SMALL, refers_to=made.STRUCTURE.ref), "data of a DataStructure"),
        (made.dataset([]), "needs observations"),
        (made.dataset([(*made.MEN, "2023", "1", "A", None)], [(*made.WOMEN, "PS", None)]), "has none for A.GE.F.FC"),
    ],
)
def test_csv_1_0_refuses_unsupported_datasets(dataset: Dataset, said: str) -> None:
    with pytest.raises(SdmxmigError, match=said):
        data_bytes(VERSIONS["1.0"], [dataset], made.HEADER)


def test_labels_are_in_the_requested_language() -> None:
    dataset = made.dataset([(*made.WOMEN, "2023", "1", "A", None)], [(*made.WOMEN, "PS", None)])
    both = data_bytes(VERSIONS["2.1"], [dataset], made.HEADER, Layout(labels="both", language="fr")).decode()
    assert "SEX: Concept d'SEX," in both
    assert ",A: Annuel,GE: Géorgie,F: Femmes,FC: Étrangers,2023,1," in both
    named = data_bytes(VERSIONS["2.1"], [dataset], made.HEADER, Layout(labels="name", language="fr")).decode()
    assert named.startswith("STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,FREQ,Concept d'FREQ,REF_AREA,")
    assert ",Population,R,A,Annuel,GE,Géorgie,F,Femmes," in named


def test_unreadable_layouts_are_refused() -> None:
    for layout in (Layout(delimiter='"'), Layout(delimiter="x"), Layout(delimiter=""), Layout(labels="all")):
        with pytest.raises(SdmxmigError):
            data_bytes(VERSIONS["2.0"], [made.SMALL], made.HEADER, layout)
    with pytest.raises(SdmxmigError, match="labels “name”"):
        data_bytes(VERSIONS["1.0"], [made.SMALL], made.HEADER, Layout(labels="name"))


def test_information_and_append_become_merge_in_last_version() -> None:
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,SEX,CTZ,TIME_PERIOD,OBS_VALUE"
    for action in "IAM":
        (dataset,) = read("2.1", head, f"{KEY},{action},A,GE,M,FC,2023,1")
        assert dataset.action == "M"
    (dataset,) = read("2.1", head.replace("ACTION,", ""), f"{KEY},A,GE,M,FC,2023,1")
    assert dataset.action == "M"
    (dataset,) = read("2.0", head.replace("ACTION,", ""), f"{KEY},A,GE,M,FC,2023,1")
    assert dataset.action == "I"


def test_rows_may_follow_dataflow_structure_or_agreement() -> None:
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,SEX,CTZ,TIME_PERIOD,OBS_VALUE"
    row = "R,A,GE,M,FC,2023,1"
    agreement = Ref("ProvisionAgreement", "SDMXMIG", id="PA_POP", version="1.0")
    flows = {"DF_POP": made_data.RICH_FLOW, agreement.short: made_data.RICH_FLOW}
    lines = [head, f"{KEY},{row}", f"datastructure,SDMXMIG:DSD_STOCK,{row}", f"dataprovision,{agreement.short},{row}"]
    found = read_all(VERSIONS["2.0"], "pop.csv", "\n".join(lines).encode(), flows)
    assert [dataset.refers_to for dataset in found] == [None, made.STRUCTURE.ref, agreement]
    written = data_bytes(VERSIONS["2.0"], found, made.HEADER)
    again = read_all(VERSIONS["2.0"], "pop.csv", written, flows)
    assert [content(one) for one in again] == [content(one) for one in found]


def test_partial_key_attributes_are_accepted_in_any_row() -> None:
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,SEX,CTZ,TIME_PERIOD,OBS_VALUE,AREA_NOTE,YEAR_NOTE"
    own = read("2.0", head, f"{KEY},R,A,GE,M,FC,2023,1,,", f"{KEY},R,,GE,,,,,n,", f"{KEY},R,,,M,,2023,,,y")
    beside = read("2.0", head, f"{KEY},R,A,GE,M,FC,2023,1,n,y")
    off = read("2.1", head, f"{KEY},R,A,GE,M,FC,2023,1,,y", f"{KEY},R,~,GE,~,~,~,,n,")
    assert content(own[0]) == content(beside[0]) == content(off[0])
    assert own[0].partial[("REF_AREA",)].rows() == [("GE", "n")]
    with pytest.raises(InputError, match="AREA_NOTE is “m” here") as refused:
        read("2.0", head, f"{KEY},R,A,GE,M,FC,2023,1,n,", f"{KEY},R,A,GE,M,FC,2024,1,m,")
    assert str(refused.value.place) == "pop.csv:3:10"


def test_deletions_keep_marks_and_open_dimensions() -> None:
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,SEX,CTZ,TIME_PERIOD,OBS_VALUE,NOTE"
    (dataset,) = read("2.1", head, f"{KEY},D,,GE,~,,2023,-,", f"{KEY},D,,FR,,,,,", f"{KEY},D,A,GE,M,FC,,,-")
    assert dataset.observations.select(dataset.flow.structure.key).rows() == [(None, "GE", "~", None, "2023")]
    assert dataset.observations["OBS_VALUE"].to_list() == ["-"]
    assert dataset.series.select(made.KEY).rows()[1:] == [(None, "FR", None, None), made.MEN]
    assert [content(one) for one in back("2.1", [dataset])] == [content(dataset)]
    (everything,) = read("2.0", "STRUCTURE,STRUCTURE_ID,ACTION", f"{KEY},D")
    assert everything.action == "D"
    assert everything.observations.is_empty()


def test_field_may_hold_several_values_and_languages() -> None:
    head = "STRUCTURE[;],STRUCTURE_ID,ACTION,FREQ,REF_AREA,SEX,CTZ,TIME_PERIOD,OBS_VALUE,SOURCES[],ABSTRACT[en;fr]"
    (dataset,) = read("2.0", head, f'{KEY},R,A,GE,M,FC,2023,NaN,"a;""b;c"";",en:x;fr:y')
    assert dataset.observations["SOURCES"].to_list() == [["a", "b;c", None]]
    assert dataset.observations["OBS_VALUE"].to_list() == ["NaN"]
    texts = [{"language": "en", "text": "x"}, {"language": "fr", "text": "y"}]
    assert dataset.partial[()]["ABSTRACT"].to_list() == [texts]
    with pytest.raises(InputError, match="does not name the separator") as refused:
        read("2.0", head.replace("[;]", "", 1), f"{KEY},R,A,GE,M,FC,2023,1,a,")
    assert str(refused.value.place) == "pop.csv:1:10"
    with pytest.raises(InputError, match="NOTE has one value, but “a;b”") as refused:
        read("2.0", f"{head},NOTE[]", f"{KEY},R,A,GE,M,FC,2023,1,,,a;b")
    assert str(refused.value.place) == "pop.csv:2:12"


def test_sender_columns_are_skipped_and_misspelt_ones_refused() -> None:
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,SEX,CTZ,TIME_PERIOD,OBS_VALUE,LAST UPDATE"
    (dataset,) = read("2.0", head, f"{KEY},R,A,GE,M,FC,2023,1,22/01/26")
    assert "LAST UPDATE" not in dataset.observations.columns
    with pytest.raises(InputError, match="Did you mean “OBS_STATUS”"):
        read("2.0", head.replace("LAST UPDATE", "OBS_STATUSS"), f"{KEY},R,A,GE,M,FC,2023,1,A")
    with pytest.raises(InputError, match="The column SEX is missing"):
        read("2.0", head.replace("SEX", "GENDER"), f"{KEY},R,A,GE,M,FC,2023,1,A")


def test_key_that_differs_from_dimensions_is_reported() -> None:
    head = "STRUCTURE,STRUCTURE_ID,ACTION,SERIES_KEY,OBS_KEY,FREQ,REF_AREA,SEX,CTZ,TIME_PERIOD,OBS_VALUE"
    rows = [
        f"{KEY},R,A.GE.M.FC,A.GE.M.FC.2023,A,GE,M,FC,2023,1",
        f"{KEY},R,A.FR.M.FC,A.GE.M.F.2024,A,GE,M,FC,2024,1",
        f"{KEY},R,,,A,GE,F,FC,2024,1",
    ]
    faults, content = Faults(TOLERANT), "\n".join([head, *rows]).encode()
    (dataset,) = read_all(VERSIONS["2.0"], "pop.csv", content, FLOWS, faults)
    assert dataset.observations["REF_AREA"].to_list() == ["GE", "GE", "GE"]
    assert [str(fault.place) for fault in faults.listed] == ["pop.csv:3:4", "pop.csv:3:5"]


def test_large_files_are_loaded_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        (*key, str(year), str(year), "A", 'a,\n"b"') for key in (made.MEN, made.WOMEN) for year in range(1900, 2000)
    ]
    dataset = made.dataset(rows, [(*made.MEN, "PS", "n"), (*made.WOMEN, "PS", None)])
    written = data_bytes(VERSIONS["2.0"], [dataset], made.HEADER)
    monkeypatch.setattr(text, "PIECE_BYTES", 500)
    monkeypatch.setattr(reading, "BLOCK", 3)
    blocks = list(VERSIONS["2.0"].read_data("pop.csv", io.BytesIO(written), FLOWS))  # type: ignore[misc]
    assert len(blocks) > 60
    assert [block.continues for block in blocks] == [False, *[True] * (len(blocks) - 1)]
    (whole,) = read_all(VERSIONS["2.0"], "pop.csv", written, FLOWS)
    assert content(whole) == content(replace(dataset, flow=made_data.RICH_FLOW))
    again = io.BytesIO()
    VERSIONS["2.0"].write_data(iter(blocks), made.HEADER, again, Layout())  # type: ignore[misc]
    (rewritten,) = read_all(VERSIONS["2.0"], "pop.csv", again.getvalue(), FLOWS)
    assert content(rewritten) == content(whole)
    spoilt = written.replace(b",1987,", b",1987,,", 1)
    with pytest.raises(InputError, match="Fields in this row") as refused:
        list(VERSIONS["2.0"].read_data("pop.csv", io.BytesIO(spoilt), FLOWS))  # type: ignore[misc]
    assert refused.value.place.line == spoilt[: spoilt.index(b",1987,,")].count(b"\n") + 1


def several_comments(dataset: Dataset) -> Dataset:
    """The same dataset of a structure in which a comment may have several values."""
    structure = made.with_component(dataset.flow.structure, "COMMENT_OBS", max_occurs="3")
    flow = Flow(dataset.flow.dataflow, structure, codelists=dataset.flow.codelists, concepts={})
    texts = dataset.observations.with_columns(pl.concat_list("COMMENT_OBS", pl.lit("a;b")).alias("COMMENT_OBS"))
    return replace(dataset, flow=flow, observations=texts)


def in_language(dataset: Dataset, language: str) -> Dataset:
    """The same dataset with an abstract in another language."""
    text = pl.Series("ABSTRACT", [[{"language": language, "text": "x;y"}]], dtype=made_data.TEXTS)
    return replace(dataset, partial={**dataset.partial, (): pl.DataFrame([text])})


LATE = {
    "columns": [replace(made.SMALL, flow=made.OTHER), made_data.rich()],
    "columns, then none": [
        replace(made.SMALL, flow=made.OTHER),
        made_data.rich(),
        replace(made.SMALL, flow=made.OTHER, action="D"),
    ],
    "languages": [in_language(made_data.rich(), "fr"), replace(in_language(made_data.rich(), "en"), action="M")],
    "languages of one dataset": [made_data.rich(), replace(in_language(made_data.rich(), "fr"), continues=True)],
    "several values": [made_data.plain(), replace(several_comments(made_data.plain()), action="M")],
}


@pytest.mark.parametrize("labels", ["id", "name", "both"])
@pytest.mark.parametrize("where", ["memory", "file"])
@pytest.mark.parametrize("case", LATE)
def test_columns_of_later_blocks_are_written(case: str, where: str, labels: str, tmp_path: Path) -> None:
    layout, write = Layout(labels=labels), VERSIONS["2.0"].write_data
    known = data_bytes(VERSIONS["2.0"], LATE[case], made.HEADER, layout)
    with (tmp_path / "pop.csv").open("w+b") if where == "file" else io.BytesIO() as out:
        write(iter(LATE[case]), made.HEADER, out, layout)
        out.seek(0)
        assert out.read() == known


TEXT = st.one_of(st.none(), st.text(made.CHARACTERS, max_size=6), st.text('",;:|\n\r\t ~-[]x', max_size=6))
LISTS = st.lists(st.text('ab;|," :\n', max_size=4), min_size=1, max_size=3)
ABSTRACT = st.dictionaries(st.sampled_from(["en", "fr"]), st.text('ef;:|" \n', max_size=5), min_size=1)


@settings(max_examples=tries(150))
@given(
    version=st.sampled_from(["2.0", "2.1"]),
    layout=st.sampled_from(LAYOUTS),
    value=TEXT,
    comment=TEXT,
    note=TEXT,
    sources=LISTS,
    words=st.one_of(st.none(), LISTS),
    abstract=ABSTRACT,
)
def test_any_text_survives_a_round_trip_at_any_level(
    version: str,
    layout: Layout,
    value: str | None,
    comment: str | None,
    note: str | None,
    sources: list[str],
    words: list[str] | None,
    abstract: dict[str, str],
) -> None:
    base = made_data.rich()
    rows = [(*made.MEN, "2023", value, "A", comment), (*made.WOMEN, "2023", "1", "A", None)]
    observations = made.frame(made.OBSERVATION, rows).with_columns(
        SOURCES=pl.Series([sources, None], dtype=pl.List(pl.String))
    )
    series = made.frame(made.SERIES, [(*made.MEN, "PS", note), (*made.WOMEN, "PS", None)]).with_columns(
        WORDS=pl.Series([words, None], dtype=pl.List(pl.String))
    )
    texts = [[{"language": name, "text": text} for name, text in abstract.items()]]
    area = made.frame(("REF_AREA", "AREA_NOTE"), [("GE", note or "n")])
    partial = {(): pl.DataFrame({"ABSTRACT": pl.Series(texts, dtype=made_data.TEXTS)}), ("REF_AREA",): area}
    dataset = replace(base, observations=observations, series=series, partial=partial)
    assert [content(one) for one in back(version, [dataset], layout)] == [content(dataset)]


@pytest.mark.parametrize(
    ("version", "labels"),  # the first version has no columns for names
    [("1.0", "id"), ("2.0", "id"), ("2.0", "name"), ("2.1", "id"), ("2.1", "name")],
)
def test_pysdmx_reads_equal_data(version: str, labels: str) -> None:
    from pysdmx.io import read_sdmx

    written = data_bytes(VERSIONS[version], [made.SMALL], made.HEADER, Layout(labels=labels)).decode()
    (dataset,) = read_sdmx(written, validate=False).data
    assert str(dataset.structure) == "Dataflow=SDMXMIG:DF_POP(1.0.0-draft)"
    assert [str(one) for one in dataset.data["SEX"]] == ["M", "F", "M"]
    assert [str(one) for one in dataset.data["COMMENT_OBS"]][1] == made.AWKWARD


@cases_from("sdmx/cases/rows_without_a_structure_are_refused_with_their_place.csv")
@pytest.mark.parametrize("version", VERSIONS)
def test_rows_without_structure_are_refused_with_their_place(version: str, name: str) -> None:
    years = [(*made.MEN, year, "1", "A", None) for year in ("2021", "2022", "2023")]
    given = made.dataset(years, [(*made.MEN, "PS", None)], action="I")
    written = data_bytes(VERSIONS[version], [given], made.HEADER).decode()
    head, first, *rest = written.splitlines()
    own = made.DATAFLOW.ref.short
    content = "\n".join([head, first, *(line.replace(own, name) for line in rest)]).encode()
    column = 1 if version == "1.0" else 2
    with pytest.raises(InputError, match=re.escape(f"“{name}” does not name a structure")) as refused:
        read_all(VERSIONS[version], "pop.csv", content, made.FLOWS)
    assert str(refused.value.place) == f"pop.csv:3:{column}"
    faults = Faults()
    (left,) = read_all(VERSIONS[version], "pop.csv", content=content, flows=made.FLOWS, faults=faults)
    assert left.observations.height == 1
    assert [str(fault.place) for fault in faults.listed] == [f"pop.csv:{line}:{column}" for line in (3, 4)]
