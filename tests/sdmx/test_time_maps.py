"""Dates become periods, and texts that fit an expression become codes, when data go through a structure map."""

from __future__ import annotations

from dataclasses import replace

import pytest
from case_tables import cases_from, optional
from shipped import CATALOGUE

from sdmxmig.conversion.translation import translate
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.correspondences import read_period
from sdmxmig.sdmx.frames import build_origins, build_text_frame
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.maps import ComponentLink, RepresentationMap, SourceValue, StructureMap, TimeLink, ValueMapping
from sdmxmig.sdmx.model.references import Ref

EPOCH = TimeLink("epoch", ("TIME_PERIOD",), targets=("TIME_PERIOD",), base="1970-01-01", unit="day", frequency="A")
PATTERN = TimeLink(
    "pattern", ("TIME_PERIOD",), targets=("TIME_PERIOD",), pattern="dd.MM.yyyy", frequency_dimension="FREQ"
)
KEY = (
    "FREQ",
    "REF_AREA",
    "DIRECTION",
    "BIRTH_STATUS",
    "CTZ_STATUS",
    "SEX",
    "AGE",
    "C_BIRTH",
    "C_CITIZEN",
    "C_RESIDENCE",
)


def immigrants(*dates: str) -> Dataset:
    flow = CATALOGUE.flows["DF_IMM"]
    common = {**dict.fromkeys(KEY, "_T"), "FREQ": "A", "REF_AREA": "AT", "DIRECTION": "I"}
    rows = [{**common, "TIME_PERIOD": date, "OBS_VALUE": str(number)} for number, date in enumerate(dates, 1)]
    columns = [*flow.structure.key, "OBS_VALUE"]
    return Dataset(
        flow,
        build_text_frame(columns, rows),
        series=build_text_frame(list(flow.structure.series_key), []),
        attributes={},
        origins=build_origins(),
    )


def through(link: TimeLink, *links: ComponentLink) -> StructureMap:
    """A map of immigrants onto themselves in which the time goes through a link."""
    ref = CATALOGUE.flows["DF_IMM"].dataflow.ref
    same = [
        ComponentLink((name,), (name,))
        for name in (*KEY, "OBS_VALUE")
        if (name,) not in {link.sources for link in links}
    ]
    return StructureMap(
        Ref("StructureMap", "TEST", id="SM", version="1.0"),
        Text(),
        source=ref,
        target=ref,
        components=(*same, *links),
        times=(link,),
    )


@pytest.mark.parametrize(("link", "dates"), [(EPOCH, ("19723", "soon")), (PATTERN, ("31.12.2024", "31.13.2024"))])
def test_dates_become_periods_and_other_texts_are_reported(link: TimeLink, dates: tuple[str, str]) -> None:
    found, told = translate(immigrants(*dates), through(link), CATALOGUE)
    assert found.observations.select("TIME_PERIOD", "OBS_VALUE").rows() == [("2024", "1")]
    assert [(dataset.components, dataset.values, dataset.observations, dataset.left_out) for dataset in told] == [
        (("TIME_PERIOD",), (dates[1],), 1, True)
    ]


def test_date_pattern_in_reverse_is_reported() -> None:
    _, told = translate(immigrants("2024"), through(PATTERN), CATALOGUE, back=True)
    assert [loss.reason for loss in told if loss.components == ("TIME_PERIOD",)] == [
        "A date pattern works in one direction only."
    ]


@cases_from("sdmx/cases/an_epoch_counts_in_any_unit.csv", period=optional)
def test_epoch_may_be_counted_in_any_unit(unit: str, count: str, freq: str, period: str | None) -> None:
    assert read_period(count, replace(EPOCH, unit=unit), freq) == period


def test_meaningless_time_maps_are_refused() -> None:
    for link in (replace(EPOCH, unit="fortnight"), replace(EPOCH, base="once"), replace(PATTERN, pattern="jjjj")):
        with pytest.raises(DeclarationError):
            read_period("1", link, "A")


def test_regular_expression_in_map_yields_the_code() -> None:
    ref = Ref("RepresentationMap", "TEST", id="RM_SEX", version="1.0")
    lines = (ValueMapping((SourceValue("_T"),), ("F",)), ValueMapping((SourceValue("_(.)", regex=True),), (r"\1",)))
    codes = RepresentationMap(ref, Text(), sources=("String",), targets=("String",), mappings=lines)
    catalogue = replace(CATALOGUE, artefacts={**CATALOGUE.artefacts, ref: codes})
    link = ComponentLink(("SEX",), ("SEX",), representation=ref)
    found, _ = translate(immigrants("31.12.2024"), through(PATTERN, link), catalogue)
    assert found.observations["SEX"].to_list() == ["F"]
