"""Data integration section."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.items import answers_on, of_module, sheets
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

MODULE, PRODUCTS = "I", "P"


@VIEWS.add("integration")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores = of_module(assessment, MODULE)
    subject = wording.say("Linkage and modelling")
    captioned = ("table-integration", wording.say("Answers on integration"))
    answers = answers_on(subject, scores, assessment, wording, captioned=captioned)
    products = sheets(
        "table-products", wording.say("Product sheets"), module=PRODUCTS, assessment=assessment, wording=wording
    )
    if not answers and not products:
        return {}
    label = wording.say("Data integration")
    return {"label": label, "heading": label, "table": None, "silent": "", **answers, "products": products}
