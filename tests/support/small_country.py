"""A small country for assessments: a profile as text, and a few observations in the cells of a workbook."""

from __future__ import annotations

import re

import polars as pl
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmarking import Profile
from sdmxmig.forms.profiles.dataset import build_dataset
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.reading import read_profile
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.frames import build_origins, build_text_frame
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics.assessment import assess
from sdmxmig.statistics.country import Country
from sdmxmig.statistics.model.assessment import Assessment

ASKED = read_questions(CATALOGUE)
GEORGIA = Country("GE", name=Text.of(en="Georgia"))
HEAD, PART = re.compile(r"\s*(\[.+\])"), re.compile(r"\s*((?:\S+?\.)?)(answer|practice\.\w+|evidence) = ")
FIXED = {"DF_IMM": {"DIRECTION": "I"}, "DF_EMI": {"DIRECTION": "E"}}


def dataset(flow_id: str, *rows: dict[str, str], **attributes: str) -> Dataset:
    """A dataset of Georgia in the cells A1, A2 … of a sheet; columns that a row lacks have their total."""
    flow = CATALOGUE.flow(flow_id)
    key = flow.structure.key
    usual = dict.fromkeys(key, "_T") | {"FREQ": "A", "REF_AREA": "GE", "OBS_STATUS": "A", "UNIT_MULT": "0"}
    usual |= FIXED.get(flow_id, {})
    columns = [*key, "OBS_VALUE", "OBS_STATUS", "UNIT_MULT", "SRC_TYPE"]
    columns += sorted({name for row in rows for name in row}.difference(columns))
    places = [(number, "OBS_VALUE", "tables.xlsx", flow_id, number + 1, 1) for number in range(len(rows))]
    origins = pl.DataFrame(places, schema=build_origins().schema, orient="row")
    return Dataset(
        flow,
        build_text_frame(columns, [usual | row for row in rows]),
        series=pl.DataFrame(),
        attributes=attributes,
        origins=origins,
    )


def population(*rows: dict[str, str], **attributes: str) -> Dataset:
    return dataset("DF_POP", *rows, **{"REF_DATE": "D0101", **attributes})


def row(year: str, value: str, **codes: str) -> dict[str, str]:
    return {"TIME_PERIOD": year, "OBS_VALUE": value, **codes}


def profile(answers: str) -> Profile:
    """A profile of Georgia in 2024 with these answers, as ``profile.toml`` holds them.

    An answer without evidence is confirmed by the office.
    """
    return read_profile("profile.toml", f'area = "GE"\nyear = "2024"\n{confirmed(answers)}'.encode(), ASKED)


def confirmed(answers: str) -> str:
    r"""Answers with evidence, each part on its own line; those that name theirs keep it.

    >>> confirmed('items.A01.answer = "P"')
    'items.A01.answer = "P"\\nitems.A01.evidence = "CONFIRMED"'
    """
    table, lines = "", []
    for line in answers.splitlines():
        head, part = HEAD.match(line), PART.match(line)
        table = head[1] if head else table
        lines.append((line, (table, part[1]) if part else None, part[2] if part else ""))
    with_evidence = {answer for _, answer, part in lines if part == "evidence"}
    written = []
    for line, answer, _ in lines:
        written.append(line)
        if answer and answer not in with_evidence:
            with_evidence.add(answer)
            written.append(f'{answer[1]}evidence = "CONFIRMED"')
    return "\n".join(written)


def assessed(answers: str, *datasets: Dataset, findings: Findings | None = None) -> Assessment:
    """The assessment of a profile of Georgia with these answers, beside these data."""
    given = profile(answers)
    checked = validate(build_dataset(given, CATALOGUE.flow("DF_ASSESS"), ASKED), CATALOGUE)
    return assess(
        GEORGIA, CATALOGUE, datasets=datasets, findings=findings or Findings(), profile=given, answers=checked
    )
