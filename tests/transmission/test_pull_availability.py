"""Which data there are: the values of dimensions in what a question means, and in what might be chosen beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import cases_from
from small_service import ARTEFACTS, artefacts_in, asked, format_artefacts, named, small_holdings

from sdmxmig.sdmx.model.structures import Agreement, Constraint
from sdmxmig.transmission.pull.holdings import ArtefactCollection
from sdmxmig.transmission.pull.service import Service

V2 = "v2/availability/dataflow/XX/DF"


def available(service: Service, address: str, accept: str = "") -> str:
    """The content of a constraint: the values of each dimension, then the numbers of series and observations."""
    media_type, content = asked(service, address, accept)
    if not content or media_type.isdigit():
        return media_type
    (constraint,) = (each for each in artefacts_in(media_type, content) if isinstance(each, Constraint))
    values = []
    for selection in constraint.regions[0].selections:
        limits = selection.time_range
        spelt = f"{limits.start}..{limits.end}" if limits else ",".join(member.value for member in selection.members)
        values.append(f"{selection.component}={spelt}")
    return " ".join([*values, *(count for _, count in sorted(constraint.counts, reverse=True))])


@cases_from("transmission/cases/available_values_match_the_data.csv")
def test_available_values_match_the_data(service: Service, address: str, expected: str) -> None:
    assert available(service, address) == expected


@pytest.mark.parametrize("version", ["2.1", "3.0.0", "3.1.0"])
def test_availability_is_equal_in_every_version(service: Service, version: str) -> None:
    accept = f"application/vnd.sdmx.structure+xml;version={version}"
    assert available(service, V2, accept) == "FREQ=A,Q REF_AREA=GE SEX=F,M TIME_PERIOD=2019..2021 3 5"


@cases_from("transmission/cases/artefacts_that_come_along.csv")
def test_referenced_artefacts_are_returned_with_availability(service: Service, word: str, expected: str) -> None:
    """Of lists only what is used, and the codes above it."""
    for address in (f"v1/availableconstraint/DF?references={word}", f"{V2}?references={word}"):
        artefacts = artefacts_in(*asked(service, address))
        assert format_artefacts([each for each in artefacts if not isinstance(each, Constraint)]) == expected


def test_only_requested_providers_are_returned(tmp_path: Path) -> None:
    (agreed,) = (each for each in ARTEFACTS if isinstance(each, Agreement))
    other = replace(agreed, ref=named("ProvisionAgreement", "PA_2"), provider=replace(agreed.provider, item="OTHER"))
    collection = ArtefactCollection({artefact.ref: artefact for artefact in (*ARTEFACTS, other)})
    service = Service(replace(small_holdings(tmp_path), collection=collection), tmp_path)
    for provider, expected in (("all", "[OFFICE,OTHER]"), ("OTHER", "[OTHER]…"), ("OFFICE+OTHER", "[OFFICE,OTHER]")):
        address = f"v1/availableconstraint/DF/all/{provider}?references=dataproviderscheme"
        assert format_artefacts(artefacts_in(*asked(service, address))).endswith(f"DATA_PROVIDERS(1.0){expected}")
