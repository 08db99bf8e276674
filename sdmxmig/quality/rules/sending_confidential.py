"""Consistent status of confidential figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.columns import column
from sdmxmig.quality.rules.reasons import because
from sdmxmig.quality.rules.words import in_languages, name_of
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Fault, NotTestable

CONFIDENTIALITY, STATUS = "CONF_STATUS", "OBS_STATUS"
MISSING = "NaN"
EITHER, FLAGGED, BLANK = "either", "flagged", "blank"


@KINDS.add("CONFIDENTIAL-AS-AGREED")
def confidential_as_agreed(check: Check) -> Iterable[Fault | NotTestable]:
    """A suppressed figure is called confidential, a confidential one without a value suppressed; values are as agreed.

    Parameters: `confidential`, codes of CONF_STATUS; `suppressed`, the OBS_STATUS of a figure that is left out for
    that; `agreed`, whether confidential figures are sent ``flagged``, left ``blank``, or ``either``.
    """
    parameters = check.parameters
    confidential, suppressed = parameters.strings("confidential", None), parameters.text("suppressed")
    agreed = parameters.text("agreed")
    check_known("way of sending", agreed, (EITHER, FLAGGED, BLANK), parameters.at("agreed"))
    parameters.close()
    structure = check.dataset.flow.structure
    if CONFIDENTIALITY not in structure or STATUS not in structure:
        yield NotTestable(because("{flow} has no status of confidentiality", flow=check.dataset.flow.id))
        return
    confidentiality = column(check, structure[CONFIDENTIALITY]).select("row", kept="value")
    if confidentiality.get_column("kept").null_count() == confidentiality.height:
        yield NotTestable(because("nothing says which figures are confidential (CONF_STATUS)"))
        return
    values = check.frame.select("row", sent=pl.col(structure.measure.id).fill_null(MISSING) != MISSING)
    statuses = column(check, structure[STATUS]).select("row", status="value")
    cells = values.join(confidentiality, on="row").join(statuses, on="row")
    kept = pl.col("kept").is_in(confidential).fill_null(value=False)
    is_suppressed = (pl.col("status") == suppressed).fill_null(value=False)
    yield from wrong(check, cells.filter(is_suppressed, ~kept), CONFIDENTIALITY, " ".join(confidential))
    yield from wrong(check, cells.filter(kept, ~pl.col("sent"), ~is_suppressed), STATUS, suppressed)
    if agreed == BLANK:
        yield from wrong(check, cells.filter(kept, "sent"), structure.measure.id, "no value")
    if agreed == FLAGGED:
        yield from wrong(check, cells.filter(kept, ~pl.col("sent")), structure.measure.id, "a value")


def wrong(check: Check, cells: pl.DataFrame, component: str, expected: str) -> Iterable[Fault]:
    """The faults of cells whose statuses do not fit, one for each pair of statuses."""
    flow = check.dataset.flow
    for kept, status, rows in cells.group_by("kept", "status", maintain_order=True).agg("row").iter_rows():
        codes = {CONFIDENTIALITY: kept, STATUS: status}
        yield Fault(
            tuple(rows),
            component,
            parameters=in_languages(check.rule, partial(status_names, flow, codes)),
            observed=codes.get(component) or "",
            expected=expected,
        )


def status_names(flow: Flow, codes: Mapping[str, str | None], language: str) -> dict[str, str]:
    names = [name_of(flow, name, code, language) if code else "–" for name, code in codes.items()]
    return dict(zip(("confidentiality", "status"), names, strict=True))
