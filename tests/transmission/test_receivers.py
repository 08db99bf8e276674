"""Refusals of each receiver, from a table of cases; and allowed content of agency files."""

from __future__ import annotations

import csv

import pytest
from case_tables import cases_from
from folders import TESTS
from shipped import CATALOGUE

from sdmxmig.catalogue.agencies import Agency, check_agencies, read_agency
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.frames import build_origins, build_text_frame
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import DATA, METADATA, STRUCTURES, Header, Outgoing, OutgoingMessage, Party
from sdmxmig.transmission.demands import DEMANDS, MAX_NAMED, check_demands

TABLE = TESTS / "transmission" / "receivers" / "cases.csv"
CASES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines(), strict=True))
AGENCIES = sorted(CATALOGUE.agencies)
HEADER = Header("GE_SUBMISSION", "2026-01-31T12:00:00+00:00", sender=Party("GE1"))


def message_of(case: dict[str, str]) -> OutgoingMessage:
    """The message of a case: data of dataflows, of which one may have a comment, one codelist, or one metadata set."""
    name, kind, holds = case["file"], case["kind"], case["holds"]
    if kind == DATA:
        return OutgoingMessage(name, kind, format=case["format"], datasets=tuple(map(dataset, holds.split("+"))))
    ref = Ref.parse(holds, kind="Codelist" if kind == STRUCTURES else "MetadataSet")
    if kind == STRUCTURES:
        return OutgoingMessage(name, kind, format=case["format"], artefacts=(ItemScheme(ref, Text(), items=()),))
    return OutgoingMessage(name, kind, format=case["format"], sets=(MetadataSet(None, (), ref=ref),))


def dataset(flow_and_length: str) -> Dataset:
    """A dataset with one observation, whose comment has so many signs."""
    flow_id, _, length = flow_and_length.partition(":")
    row = {"COMMENT_OBS": "x" * int(length or 0)} if length else {}
    return Dataset(
        CATALOGUE.flow(flow_id),
        build_text_frame(sorted(row), [row]),
        series=build_text_frame([], []),
        attributes={},
        origins=build_origins(),
    )


def outgoing(case: dict[str, str]) -> Outgoing:
    return Outgoing((message_of(case),), HEADER, area="GE", known_agencies=frozenset(case["known"].split()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['agency']}: {case['case']}")
def test_each_case_is_refused_for_its_demands(case: dict[str, str]) -> None:
    refused = check_demands(CATALOGUE.agency(case["agency"]), outgoing(case))
    assert sorted(refusal.demand.id for refusal in refused) == sorted(case["refused"].split())
    assert all(case["file"] in sentence for refusal in refused for sentence in refusal.sentences())


def test_every_demand_has_a_met_and_an_unmet_case() -> None:
    for agency in AGENCIES:
        cases = [case for case in CASES if case["agency"] == agency]
        for demand in CATALOGUE.agency(agency).demands:
            is_refused = {demand.id in case["refused"].split() for case in cases}
            if demand.kind != "SENDER":  # which has cases of its own, below
                assert is_refused == {True, False}, (agency, demand.id)


@pytest.mark.parametrize("agency_id", AGENCIES)
def test_each_declaration_resolves_and_names_its_source(agency_id: str) -> None:
    agency = CATALOGUE.agency(agency_id)
    assert all(FORMATS[name].write_data for name in agency.formats)
    assert not agency.structure_format or FORMATS[agency.structure_format].write_structures
    assert not agency.metadata_format or FORMATS[agency.metadata_format].write_metadata
    assert all(demand.kind in DEMANDS for demand in agency.demands)
    facts = (agency, *agency.demands, *agency.terms, *agency.transports, *agency.actions)
    assert all(fact.source.strip() for fact in facts)
    assert {fact.status for fact in facts} == {"candidate"}, "nobody has confirmed anything yet"
    assert agency.transports, "how does it get there?"


def test_many_violations_of_a_demand_are_counted() -> None:
    schemes = tuple(
        ItemScheme(Ref("Codelist", "SDMX", id=f"cl_{number}", version="1.0"), Text(), items=())
        for number in range(MAX_NAMED + 5)
    )
    message = OutgoingMessage("structures.xml", STRUCTURES, format="sdmx-ml-3.0", artefacts=schemes)
    (refusal,) = check_demands(CATALOGUE.agency("NSO"), Outgoing((message,), HEADER))
    assert refusal.count == MAX_NAMED + 5
    assert len(refusal.sentences()) == MAX_NAMED + 1
    assert refusal.sentences()[-1] == "and 5 more"


@pytest.mark.parametrize(
    ("sender", "area", "is_met"),
    [("GE1", "GE", True), ("GE", "GE", True), ("GE1", "DE", False), ("Geostat", "GE", False), ("X.1", "X+", False)],
)
def test_sender_must_belong_to_the_reporting_country(sender: str, area: str, is_met: bool) -> None:
    header = Header("ID", "2026-01-31T12:00:00+00:00", sender=Party(sender))
    refused = check_demands(CATALOGUE.agency("ESTAT"), Outgoing((), header, area=area))
    assert [refusal.sentences() for refusal in refused] == ([] if is_met else [(f"the sender is {sender}",)])


HEAD = """
id = "X"
name.en = "An agency"
status = "candidate"
source = "a test"
formats = ["sdmx-csv-2.0"]
file_name = "{flow}.{suffix}"
"""
FACT = 'status = "candidate"\nsource = "a test"\n'
DEMAND = f'[[demand]]\nid = "a"\nkind = "ONE-FLOW"\nsays.en = "One."\n{FACT}'


def agency_of(more: str, head: str = HEAD) -> Agency:
    return read_agency(Declared.parse("X.toml", (head + more).encode()))


WRONG = {
    "an effect": (DEMAND + 'effect = "forbids"\n', "effect"),
    "a transport": (f'[[transport]]\nkind = "pigeon"\n{FACT}', "transport"),
    "a demand twice": (DEMAND + DEMAND, "occurs twice"),
    "a demand without words": (DEMAND.replace('says.en = "One."\n', ""), "says"),
    "a fact without a source": (DEMAND.replace('source = "a test"\n', ""), "source"),
    "an unverified fact": (DEMAND.replace("candidate", "verified"), "names no passage"),
    "months in words": (f'[[term]]\nmonths = "twelve"\n{FACT}', "months"),
    "an unknown key": ('deadline = "soon"\n', "deadline"),
}


@pytest.mark.parametrize("case", WRONG)
def test_faulty_declaration_is_refused_with_its_place(case: str) -> None:
    more, named = WRONG[case]
    with pytest.raises(DeclarationError, match=named) as refused:
        agency_of(more)
    assert refused.value.place.file == "X.toml"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("{flow}-{country}.{suffix}", "country"), ("a/{flow}", "not the name of a file"), ("", "not the name of a file")],
)
def test_invalid_file_name_pattern_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        agency_of("", HEAD.replace("{flow}.{suffix}", pattern))


def test_declaration_without_format_is_refused() -> None:
    with pytest.raises(DeclarationError, match="are missing"):
        agency_of("", HEAD.replace('["sdmx-csv-2.0"]', "[]"))


def test_unknown_map_is_refused_with_the_nearest_name() -> None:
    agency = agency_of('maps = ["SM_ESTAT_IMM1CT"]\n')
    with pytest.raises(DeclarationError, match="SM_ESTAT_IMM1CT") as refused:
        check_agencies([agency], CATALOGUE.artefacts)
    assert "SM_ESTAT_IMM1CTZ" in refused.value.hint


"""Kinds and parameters that cannot be looked at, and what is said of them."""


@cases_from("transmission/cases/a_demand_that_cannot_be_looked_at_is_an_error_of_its_file.csv")
def test_demand_that_cannot_be_checked_is_refused(kind: str, parameters: str, message: str) -> None:
    agency = agency_of(DEMAND.replace("ONE-FLOW", kind) + f"parameters = {{ {parameters} }}\n")
    with pytest.raises(DeclarationError) as refused:
        check_demands(agency, Outgoing((), HEADER))
    assert message in str(refused.value)


def test_demands_apply_only_to_their_kind_of_message() -> None:
    """A demand on data does not apply to structures, nor the reverse."""
    one_flow = agency_of(DEMAND)
    for kind in (STRUCTURES, METADATA):
        assert check_demands(one_flow, Outgoing((OutgoingMessage("a", kind, format="x"),), HEADER)) == ()
