"""Citations name a document by its title in the language of the report, as far as it has one."""

from __future__ import annotations

import pytest

from sdmxmig.reporting.sections.wording import Wording

CIRCULAR_MIGRATION = "UNECE, Defining and Measuring Circular Migration, 2016"


@pytest.mark.parametrize(
    ("language", "citation", "shown"),
    [
        (
            "es",
            "UN expert group on international migration statistics, conclusions of June 2020, §12",
            (
                "Grupo de expertos de las Naciones Unidas sobre estadísticas de migración internacional, conclusiones "
                "de junio de 2020, §12"
            ),
        ),
        (
            "fr",
            "UNSD presentation, technical meeting on indicators, Rabat, June 2022, slide “Example of part B”",
            (
                "Présentation de la Division de statistique de l’ONU, réunion technique sur les indicateurs, Rabat, "
                "juin 2022, diapositive « Example of part B »"
            ),
        ),
        (
            "ru",
            "IOM, Essentials of migration data handbook, chapter 4",
            "IOM, Essentials of migration data handbook, глава 4",
        ),
        (
            "ar",
            "UNECE, Defining and Measuring Circular Migration, 2016",
            "UNECE, Defining and Measuring Circular Migration, 2016",
        ),
        ("en", "sdmxmig proposal for the benchmarking study", "sdmxmig proposal for the benchmarking study"),
    ],
)
def test_a_citation_is_in_the_language_of_the_report(language: str, citation: str, shown: str) -> None:
    assert Wording(language).citation(citation).replace("\u00a0", " ").replace("\u202f", " ") == shown
