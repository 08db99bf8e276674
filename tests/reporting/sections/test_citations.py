"""Citations name a document by its title in the language of the report, as far as it has one."""

from __future__ import annotations

from case_tables import cases_from

from sdmxmig.reporting.sections.wording import Wording


@cases_from("reporting/sections/cases/a_citation_is_in_the_language_of_the_report.csv")
def test_citation_is_in_the_language_of_the_report(language: str, citation: str, shown: str) -> None:
    assert Wording(language).citation(citation).replace("\u00a0", " ").replace("\u202f", " ") == shown
