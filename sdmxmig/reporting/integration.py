"""Data integration: how sources are joined, and which integrated products there are."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.model.assessment import Assessment
from sdmxmig.reporting.items import of_module, sentence, sheets, silent, table
from sdmxmig.reporting.views import VIEWS
from sdmxmig.reporting.wording import Wording

MODULE, PRODUCTS = "I", "P"


@VIEWS.add("integration")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The questions on methods of integration, and a sheet for each integrated product that the profile describes."""
    scores = of_module(assessment, MODULE)
    caption = wording.say("Linkage and modelling")
    return {
        "label": wording.say("Data integration"),
        "heading": sentence(caption, scores, assessment, wording),
        "table": table(
            "table-integration",
            wording.say("Answers on integration"),
            scores=scores,
            assessment=assessment,
            wording=wording,
        ),
        "silent": silent(scores, wording),
        "products": sheets(
            "table-products", wording.say("Product sheets"), module=PRODUCTS, assessment=assessment, wording=wording
        ),
    }
