"""Hand-made datasets with every feature of SDMX 3, and with those of 2.1."""

from __future__ import annotations

from dataclasses import replace

import made
import polars as pl

from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Group

GROUP = Group("Sibling", ("REF_AREA", "SEX", "CTZ"))
TEXTS = pl.List(pl.Struct({"language": pl.String, "text": pl.String}))

PLAIN = replace(
    made.STRUCTURE,
    groups=(GROUP,),
    components=(
        *made.STRUCTURE.components,
        made.component("AREA_NOTE", "attribute", "dimensions", mandatory=False, dimensions=("REF_AREA",)),
        made.component("YEAR_NOTE", "attribute", "dimensions", mandatory=False, dimensions=("SEX", "TIME_PERIOD")),
        made.component("METHOD", "attribute", "group", mandatory=False, group="Sibling"),
    ),
)
"""A structure that all versions can express: attributes of a group and of parts of the key."""

RICH = replace(
    PLAIN,
    components=(
        *PLAIN.components,
        made.component("SHARE", "measure", mandatory=False, data_type="Decimal"),
        made.component("SOURCES", "attribute", "observation", mandatory=False, max_occurs="unbounded"),
        made.component("WORDS", "attribute", "series", mandatory=False, max_occurs="3"),
        made.component(
            "ABSTRACT",
            "attribute",
            "dataset",
            mandatory=False,
            facets=(("isMultiLingual", "true"),),
            data_type="String",
        ),
    ),
)
"""What only SDMX 3 can express: a second measure, several values, texts in several languages."""

PLAIN_FLOW = Flow(made.DATAFLOW, PLAIN, codelists=made.CODELISTS, concepts=made.FLOW.concepts)
RICH_FLOW = Flow(made.DATAFLOW, RICH, codelists=made.CODELISTS, concepts=made.FLOW.concepts)


def plain() -> Dataset:
    """Observations of two series with attributes of the dataset, a group, parts of the key, series, observations."""
    return replace(
        made.SMALL,
        flow=PLAIN_FLOW,
        partial={
            ("REF_AREA",): made.frame(("REF_AREA", "AREA_NOTE"), [("GE", made.AWKWARD)]),
            ("SEX", "TIME_PERIOD"): made.frame(("SEX", "TIME_PERIOD", "YEAR_NOTE"), [("M", "2023", "y")]),
            GROUP.dimensions: made.frame((*GROUP.dimensions, "METHOD"), [("GE", "M", "FC", made.AWKWARD)]),
        },
        properties={"setID": "SET1", "validFromDate": "2026-01-01T00:00:00", "publicationYear": "2026"},
    )


def rich() -> Dataset:
    """The same with two measures, lists and languages; one value and one comment are missing on purpose."""
    base = plain()
    observations = base.observations.with_columns(
        SHARE=pl.Series(["0.5", None, "NaN"], dtype=pl.String),
        SOURCES=pl.Series([["a", made.AWKWARD], None, ["one"]], dtype=pl.List(pl.String)),
        COMMENT_OBS=pl.Series(["#N/A", made.AWKWARD, None], dtype=pl.String),
    )
    series = base.series.with_columns(WORDS=pl.Series([["x", "y & z"], None], dtype=pl.List(pl.String)))
    abstract = [[{"language": "en", "text": made.AWKWARD}, {"language": "fr", "text": "l'été"}]]
    partial = {**base.partial, (): pl.DataFrame({"ABSTRACT": pl.Series(abstract, dtype=TEXTS)})}
    return replace(base, flow=RICH_FLOW, observations=observations, series=series, partial=partial)
