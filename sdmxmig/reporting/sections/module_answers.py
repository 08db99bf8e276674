"""Sections that list the answers of one module: institutions, sources, integration, dissemination."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.items import (
    list_module_scores,
    tabulate_answers,
    tabulate_answers_by_subject,
)
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording, lower_first_letter
from sdmxmig.statistics.model.assessment import Assessment

INSTITUTIONS, SOURCES, INTEGRATION, DISSEMINATION = "A", "H", "I", "K"
SOURCE_SHEETS, PRODUCT_SHEETS = "S", "P"
MAX_NAMES_IN_TITLE = 3


def title_with_names(title: str, names: list[str], wording: Wording) -> str:
    """Write a title with the names of its subjects, unless they are many."""
    is_short = 0 < len(names) <= MAX_NAMES_IN_TITLE
    return wording.pair(wording.say(title), wording.series(names)) if is_short else wording.say(title)


@VIEWS.add("institutions")
def view_institutions(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores, caption = list_module_scores(assessment, INSTITUTIONS), wording.say("Answers on law and institutions")
    answers = tabulate_answers("table-institutions", caption, scores=scores, assessment=assessment, wording=wording)
    label = wording.reference(assessment, "CL_BENCH_ITEM", INSTITUTIONS)
    return {"label": label, "heading": caption, "table": answers}


@VIEWS.add("sources")
def view_sources(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores, caption = list_module_scores(assessment, SOURCES), wording.say("Answers on sources")
    used = [lower_first_letter(wording.of(score.item.name)) for score in scores if score.answer not in UNKNOWN_ANSWERS]
    return {
        "label": wording.say("Data sources"),
        "heading": title_with_names("Sources for statistics on migration or migrants", used, wording),
        "table": tabulate_answers("table-sources", caption, scores, assessment, wording, least=1),
        "sheets": tabulate_answers_by_subject(
            "table-sheets", wording.say("Source sheets"), module=SOURCE_SHEETS, assessment=assessment, wording=wording
        ),
    }


@VIEWS.add("integration")
def view_integration(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores, caption = list_module_scores(assessment, INTEGRATION), wording.say("Answers on integration")
    answers = tabulate_answers("table-integration", caption, scores=scores, assessment=assessment, wording=wording)
    products = tabulate_answers_by_subject(
        "table-products", wording.say("Product sheets"), module=PRODUCT_SHEETS, assessment=assessment, wording=wording
    )
    names = [row.cells[0].text for row in (products.rows if products else ()) if row.kind == "group"]
    heading = (
        wording.say("Linkage and modelling") if answers else title_with_names("Integrated products", names, wording)
    )
    return {"label": wording.say("Data integration"), "heading": heading, "table": answers, "products": products}


@VIEWS.add("dissemination")
def view_dissemination(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    scores, caption = list_module_scores(assessment, DISSEMINATION), wording.say("Answers on dissemination")
    answers = tabulate_answers("table-dissemination", caption, scores=scores, assessment=assessment, wording=wording)
    return {
        "label": wording.say("Dissemination and exchange"),
        "heading": wording.say("Publication, metadata and reporting"),
        "table": answers,
    }
