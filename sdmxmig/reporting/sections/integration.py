"""Data integration section."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.items import list_scores_of_module, tabulate_answers, tabulate_answers_by_subject
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

MODULE, PRODUCTS = "I", "P"


@VIEWS.add("integration")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores, caption = list_scores_of_module(assessment, MODULE), wording.say("Answers on integration")
    answers = tabulate_answers("table-integration", caption, scores=scores, assessment=assessment, wording=wording)
    products = tabulate_answers_by_subject(
        "table-products", wording.say("Product sheets"), module=PRODUCTS, assessment=assessment, wording=wording
    )
    if not answers and not products:
        return {}
    heading = wording.say("Linkage and modelling" if answers else "Integrated products")
    return {"label": wording.say("Data integration"), "heading": heading, "table": answers, "products": products}
