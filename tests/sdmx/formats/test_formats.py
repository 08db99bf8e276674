"""Formats are found by their ids, declare their abilities, and are loaded only when used."""

from __future__ import annotations

from dataclasses import replace

import made
import polars as pl
import pytest
from case_tables import cases_from
from shipped import CATALOGUE

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS
from sdmxmig.sdmx.formats.sdmx_ml.xsd import build_data_schema


@cases_from("sdmx/formats/cases/messages_have_the_media_types_of_the_standard.csv")
def test_messages_have_the_media_types_of_the_standard(name: str, structure: str, data: str, metadata: str) -> None:
    form, before = FORMATS[name], "application/vnd.sdmx."
    types = (form.structure_media_type, form.data_media_type, form.metadata_media_type)
    assert types == tuple(own and before + own for own in (structure, data, metadata))


def test_schema_is_made_for_every_shipped_dataflow() -> None:
    for flow in CATALOGUE.flows.values():
        for dialect in DIALECTS:
            assert flow.dataflow.ref.id.encode() in build_data_schema(flow, dialect)


ROW = [(*made.MEN, "2023", "1", "A", None)]


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write_data is not None])
def test_lost_parts_of_a_dataset_are_reported(name: str) -> None:
    good = made.dataset(ROW)
    wrong = {
        "UNIT has no place": replace(good, observations=good.observations.with_columns(UNIT=pl.lit("PS"))),
        "TITLE has no place": replace(good, series=good.series.with_columns(TITLE=pl.lit("x"))),
        "NOTES is not an attribute of datasets": replace(good, attributes={"NOTES": "x"}),
        "no column SEX": replace(good, observations=good.observations.drop("SEX")),
        "OBS_VALUE of DF_POP is a column of Float64": replace(
            good, observations=good.observations.with_columns(pl.col("OBS_VALUE").cast(pl.Float64))
        ),
    }
    for said, dataset in wrong.items():
        with pytest.raises(SdmxmigError, match=said):
            data_bytes(FORMATS[name], [dataset], made.HEADER)


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write_data is not None])
def test_categorical_and_empty_columns_are_written_like_text(name: str) -> None:
    good = made.dataset(ROW)
    coded = good.observations.with_columns(pl.col("SEX").cast(pl.Enum(["M", "F"])), COMMENT_OBS=pl.lit(None))
    same = replace(good, observations=coded, series=pl.DataFrame())
    assert data_bytes(FORMATS[name], [same], made.HEADER) == data_bytes(FORMATS[name], [good], made.HEADER)
