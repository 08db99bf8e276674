"""Structures reach a registry tier by tier; its answers count only for artefacts that they name.

Tried against a stub alone, which was made after the documentation of FMR.
"""

from __future__ import annotations

import hashlib
import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from registry_stub import Habits as Known
from registry_stub import Registry, serving
from test_delivery import Office
from test_transports import dispatch, settings

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, metadata_bytes, structure_bytes
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.delivery import (
    READY,
    RECEIVED,
    REJECTED,
    SENDING,
    UNCERTAIN,
    Channel,
    Dispatch,
    Outcome,
    RetryPolicy,
)
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Constraint,
    CubeRegion,
    HierarchicalCode,
    Hierarchy,
    Member,
    Selection,
)
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.transmission.delivery import spool
from sdmxmig.transmission.delivery.ledger import open_ledger
from sdmxmig.transmission.transports import TRANSPORTS

HEADER = Header("M1", "2026-03-01T00:00:00Z", sender=Party("XA"))


def ref(kind: str, id_: str, item: str = "") -> Ref:
    return Ref(kind, "XA", id=id_, version="1.0.0", item=item)


def scheme(kind: str, id_: str, *items: str) -> ItemScheme:
    made = tuple(Item(item, Text.of(en=item.title(), fr=item.lower())) for item in items)
    return ItemScheme(ref(kind, id_), Text.of(en=id_, fr=id_), items=made)


SEX = scheme("Codelist", "CL_SEX", "F", "M")
CONCEPTS = scheme("ConceptScheme", "CS_MIG", "SEX", "TIME_PERIOD", "OBS_VALUE")
STRUCTURE = DataStructure(
    ref("DataStructure", "DSD_POP"),
    Text.of(en="Population"),
    components=(
        Component("SEX", "dimension", concept=ref("Concept", "CS_MIG", "SEX"), codelist=SEX.ref),
        Component(
            "TIME_PERIOD", "time", concept=ref("Concept", "CS_MIG", "TIME_PERIOD"), data_type="ObservationalTimePeriod"
        ),
        Component("OBS_VALUE", "measure", concept=ref("Concept", "CS_MIG", "OBS_VALUE"), data_type="Decimal"),
    ),
)
FLOW = Dataflow(ref("Dataflow", "DF_POP"), Text.of(en="Population"), structure=STRUCTURE.ref)
TREE = Hierarchy(
    ref("Hierarchy", "H_SEX"), Text.of(en="Sexes"), codes=(HierarchicalCode("F", ref("Code", "CL_SEX", "F")),)
)
LIMIT = Constraint(
    ref("DataConstraint", "CON_POP"),
    Text.of(en="Only women"),
    attached=(FLOW.ref,),
    regions=(CubeRegion((Selection("SEX", (Member("F"),)),)),),
)
ALL = (LIMIT, FLOW, STRUCTURE, CONCEPTS, TREE, SEX)
NAMES = [["CL_SEX"], ["H_SEX"], ["CS_MIG"], ["DF_POP", "DSD_POP"], ["CON_POP"]]


def content_of(*artefacts: Artefact, form: str = "sdmx-ml-3.0") -> bytes:
    return structure_bytes(FORMATS[form], artefacts, HEADER)


def parcel(content: bytes, state: str = SENDING, **more: str) -> Dispatch:
    usual = dispatch(state, "structures.xml")
    digest = hashlib.sha256(content).hexdigest()
    return replace(usual, parcel=replace(usual.parcel, content=digest, size=len(content), **more))


def channel(
    registry: Registry, folder: Path, content: bytes = b"", *, kept: Callable[[str], Iterator[bytes]] | None = None
) -> Channel:
    of = settings(
        registry.address,
        folder,
        credential="registry",
        more={"user": "office"},
        habits=RetryPolicy(lease=60),
        kept=kept or (lambda _: iter([content])),
    )
    return TRANSPORTS["registry"](of)


def send(registry: Registry, folder: Path, content: bytes, action: str = "replace") -> Outcome:
    return channel(registry, folder, content).send(parcel(content, action=action), iter([content[:9], content[9:]]))


def ask(registry: Registry, folder: Path, content: bytes) -> Outcome:
    return channel(registry, folder, content).ask(parcel(content, UNCERTAIN))


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving(Registry(Known(agencies=("SDMX", "XA")))) as started:
        yield started


def test_pysdmx_client_succeeds_against_the_stub(registry: Registry) -> None:
    from msgspec import ValidationError
    from pysdmx.api.fmr import RegistryClient
    from pysdmx.api.fmr.maintenance import RegistryMaintenanceClient, StructureAction
    from pysdmx.errors import Invalid
    from pysdmx.model import Code, Codelist

    sexes = Codelist(id="CL_SEX", agency="XA", version="1.0.0", name="Sex", items=[Code(id="F", name="Women")])
    maintenance = RegistryMaintenanceClient(registry.address, "office", "canary")
    maintenance.put_structures([sexes])
    there = RegistryClient(f"{registry.address}/sdmx/v2").get_codes("XA", "CL_SEX", "1.0.0")
    assert [code.id for code in there] == ["F"]
    with pytest.raises(Invalid):
        maintenance.put_structures([sexes], action=StructureAction.Append)
    assert [action for action, _ in registry.posts] == ["replace", "append"]
    older = f"{registry.address}/ws/public/sdmxapi/rest/codelist/XA/CL_SEX/latest"
    asking = urllib.request.Request(older, headers={"Accept": "application/json"})  # noqa: S310 - on this machine
    assert b"Women" in urllib.request.urlopen(asking).read()  # noqa: S310
    registry.habits = replace(registry.habits, wrong_json=True)
    with pytest.raises(ValidationError):
        RegistryClient(f"{registry.address}/sdmx/v2").get_codes("XA", "CL_SEX", "1.0.0")


def test_structures_are_sent_in_five_tiers_of_dependency(registry: Registry, tmp_path: Path) -> None:
    outcome = send(registry, tmp_path, content_of(*ALL))
    assert outcome.state == RECEIVED, outcome.reason
    assert [sorted(id_ for _, id_, _ in names) for _, names in registry.posts] == NAMES
    assert {action for action, _ in registry.posts} == {"replace"}
    assert outcome.answer.count(b"<mes:SubmitStructureResponse>") == len(NAMES), "every answer is kept"
    assert outcome.answer.count(b'status="Success"') == len(ALL)
    answer = ask(registry, tmp_path, content_of(*ALL))
    assert answer.state == RECEIVED
    assert sorted(answer.answer.decode().splitlines()[1:]) == sorted(each.ref.urn for each in ALL)


def test_receipt_names_the_transactions_of_the_registry(registry: Registry, tmp_path: Path) -> None:
    for _ in range(3):
        registry.transact("replace")  # of others, before
    outcome = send(registry, tmp_path, content_of(*ALL))
    assert outcome.reason == "It is there, after 5 submissions. Transactions there meanwhile: 787, 788, 789, 790, 791."
    (listed,) = [line for line in outcome.answer.splitlines() if line.startswith(b"[")]
    assert [row["Id"] for row in json.loads(listed)][:5] == [791, 790, 789, 788, 787], "as the registry gave it"


def test_transactions_before_a_refusal_are_named(tmp_path: Path) -> None:
    with serving(Registry(Known(agencies=("XA",)))) as registry:
        outcome = send(registry, tmp_path, content_of(SEX, STRUCTURE))
    assert outcome.state == REJECTED
    assert outcome.reason.endswith("Transactions there meanwhile: 784."), (
        "the codelist, which a person may roll back there"
    )


@pytest.mark.parametrize("listed", ["no list", "nothing that is asked for"])
def test_registry_without_transactions_accepts_submissions(tmp_path: Path, listed: str) -> None:
    known = Known(agencies=("XA",), lists_transactions=listed != "no list")
    with serving(Registry(known)) as registry:
        if listed != "no list":
            registry.transact = lambda _: None  # type: ignore[method-assign]
        outcome = send(registry, tmp_path, content_of(SEX))
    assert (outcome.state, outcome.reason) == (RECEIVED, "It is there, after 1 submissions.")


def test_unchanged_artefacts_are_not_sent_again(registry: Registry, tmp_path: Path) -> None:
    send(registry, tmp_path, content_of(*ALL))
    registry.posts.clear()
    again = send(registry, tmp_path, content_of(*ALL))
    assert (again.state, registry.posts) == (RECEIVED, [])
    renamed = replace(CONCEPTS, name=Text.of(en="Concepts"))
    assert ask(registry, tmp_path, content_of(*ALL[:3], renamed, *ALL[4:])).state == READY
    send(registry, tmp_path, content_of(*ALL[:3], renamed, *ALL[4:]))
    assert registry.posts == [("replace", [("XA", "CS_MIG", "1.0.0")])]


def test_only_artefacts_in_the_file_are_submitted(registry: Registry, tmp_path: Path) -> None:
    theirs = replace(SEX, ref=replace(SEX.ref, agency="SDMX"))
    borrowing = replace(
        STRUCTURE, components=(replace(STRUCTURE.components[0], codelist=theirs.ref), *STRUCTURE.components[1:])
    )
    content = content_of(CONCEPTS, borrowing)
    outcome = send(registry, tmp_path, content)
    assert outcome.state == REJECTED
    assert "Could not resolve reference to SDMX:CL_SEX(1.0.0)" in outcome.reason
    assert {agency for _, names in registry.posts for agency, _, _ in names} == {"XA"}


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-json-2.0"])
def test_file_of_another_format_is_sent_as_sdmx_ml(registry: Registry, tmp_path: Path, form: str) -> None:
    content = content_of(SEX, CONCEPTS, STRUCTURE, FLOW, form=form)
    outcome = send(registry, tmp_path, content)
    assert outcome.state == RECEIVED, outcome.reason
    assert ask(registry, tmp_path, content).state == RECEIVED
    assert {head["content-type"] for head in registry.heads} == {"application/xml"}


HABITS = {
    "a codelist beside its structure refused at random": (Known(refuses_mixed=(True, False)), RECEIVED, RECEIVED),
    "wrong JSON before 11.18.1": (Known(wrong_json=True), RECEIVED, RECEIVED),
    "at most SDMX 2.1": (Known(newest=2.1), REJECTED, READY),
    "an agency that it does not know": (Known(agencies=("SDMX",)), REJECTED, READY),
}


@pytest.mark.parametrize("habit", HABITS)
def test_registry_habits_lead_to_the_expected_states(habit: str, tmp_path: Path) -> None:
    known, sent, asked = HABITS[habit]
    agencies = known.agencies if "agency" in habit else ("XA",)
    with serving(Registry(replace(known, agencies=agencies))) as registry:
        outcome = send(registry, tmp_path, content_of(*ALL))
        assert outcome.state == sent, outcome.reason
        assert ask(registry, tmp_path, content_of(*ALL)).state == asked
    words = {"at most SDMX 2.1": "is not supported", "an agency that it does not know": "'XA' is not known"}
    assert words.get(habit, "") in outcome.reason


def test_upper_case_ids_of_a_registry_make_state_uncertain(tmp_path: Path) -> None:
    lower = replace(SEX, ref=replace(SEX.ref, id="CL_Sex"))
    with serving(Registry(Known(agencies=("XA",), upper_case=True))) as registry:
        outcome = send(registry, tmp_path, content_of(lower))
        assert outcome.state == UNCERTAIN
        assert "It mentions Codelist=XA:CL_SEX(1.0.0)" in outcome.reason
        assert ask(registry, tmp_path, content_of(lower)).state == READY


@pytest.mark.parametrize("action", ["FullReplace", "fullreplace", "delete", "merge", "Replace\r\nAction: FullReplace"])
def test_unsupported_action_is_refused_without_request(registry: Registry, tmp_path: Path, action: str) -> None:
    content = content_of(SEX)
    with pytest.raises(SdmxmigError, match="does not support the action"):
        send(registry, tmp_path, content, action=action)
    assert (registry.posts, registry.heads) == ([], [])


def test_append_is_accepted_only_for_new_artefacts(registry: Registry, tmp_path: Path) -> None:
    assert send(registry, tmp_path, content_of(SEX), action="append").state == RECEIVED
    other = replace(SEX, name=Text.of(en="Sexes"))
    outcome = send(registry, tmp_path, content_of(other), action="append")
    assert (outcome.state, [action for action, _ in registry.posts]) == (REJECTED, ["append", "append"])
    assert "already exists" in outcome.reason


TRICKS = {
    "cut": (UNCERTAIN, RECEIVED),
    "late": (UNCERTAIN, READY),
    "half": (UNCERTAIN, RECEIVED),
    "half as whole": (UNCERTAIN, RECEIVED),
    "slow": (UNCERTAIN, RECEIVED),
    "bomb": (UNCERTAIN, RECEIVED),
    "a web page": (UNCERTAIN, RECEIVED),
    "nothing": (UNCERTAIN, RECEIVED),
    "another's receipt": (UNCERTAIN, RECEIVED),
    "500": (UNCERTAIN, READY),
    "503": (READY, READY),
    "404": (READY, READY),
    "401": (READY, READY),
    "Failure": (REJECTED, RECEIVED),
    "Warning": (RECEIVED, RECEIVED),
    "Warning in vain": (UNCERTAIN, READY),
    "400": (REJECTED, READY),
    "413": (REJECTED, READY),
    "elsewhere": (READY, READY),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_failed_submission_leads_to_the_expected_state(registry: Registry, tmp_path: Path, trick: str) -> None:
    content, (sent, asked) = content_of(SEX), TRICKS[trick]
    registry.tricks.append(trick)
    of = settings(
        registry.address,
        tmp_path,
        credential="registry",
        more={"user": "office"},
        habits=RetryPolicy(lease=4 if trick == "slow" else 60),
    )
    outcome = TRANSPORTS["registry"](of).send(parcel(content), iter([content]))
    assert (outcome.state, outcome.pauses) == (sent, trick in ("404", "401", "elsewhere")), outcome.reason
    assert outcome.wait == (7 if trick == "503" else None)
    assert "canary" not in f"{outcome}"
    assert ask(registry, tmp_path, content).state == asked
    registry.effect.set()
    assert send(registry, tmp_path, content).state == RECEIVED, "the same again harms nothing"


def test_warning_counts_as_success_and_is_stored(registry: Registry, tmp_path: Path) -> None:
    """SDMX’s schemas say of the verdict Warning: “successful, but with warnings”."""
    registry.tricks += ["", "Warning"]
    outcome = send(registry, tmp_path, content_of(SEX, CONCEPTS))
    assert outcome.state == RECEIVED
    assert "The registry warns of ConceptScheme=XA:CS_MIG(1.0.0) (Warning)." in outcome.reason
    assert outcome.answer.count(b'status="Warning"') == 1


@pytest.mark.parametrize("trick", ["cut", "bomb", "a web page", "nothing", "500", "503", "401", "elsewhere"])
def test_unanswered_query_sends_no_structures(registry: Registry, tmp_path: Path, trick: str) -> None:
    content = content_of(SEX)
    registry.tricks.append(f"asked {trick}")
    assert send(registry, tmp_path, content).state == READY
    assert ask(registry, tmp_path, content).state == UNCERTAIN
    assert registry.posts == []


def test_refused_tier_ends_the_submission_with_its_reason(tmp_path: Path) -> None:
    with serving(Registry(Known(agencies=("XA",)))) as registry:
        outcome = send(registry, tmp_path, content_of(SEX, STRUCTURE, FLOW, LIMIT))
    assert outcome.state == REJECTED
    assert "Could not resolve reference to XA:CS_MIG(1.0.0)" in outcome.reason
    assert len(registry.posts) == 2, "the constraint was not tried"
    assert outcome.answer.count(b'"Success"') == 1


def about(name: str) -> MetadataSet:
    """A metadata set with this name."""
    reports = (Report((Target(FLOW.ref.urn),), (ReportedAttribute("CONTACT", ("office@example.org",)),)),)
    return MetadataSet(ref("Metadataflow", "MDF"), reports, ref=ref("MetadataSet", name), name=Text.of(en="About"))


ABOUT = about("MDS_POP")


def test_own_unsent_artefacts_in_the_registry_are_named(registry: Registry, tmp_path: Path) -> None:
    theirs = replace(SEX, ref=replace(SEX.ref, id="CL_THEIRS"))
    sets = [metadata_bytes(FORMATS["sdmx-ml-3.0"], [each], HEADER) for each in (ABOUT, about("MDS_THEIRS"))]
    for content in (content_of(*ALL, theirs), *sets):
        assert send(registry, tmp_path, content).state == RECEIVED
    contents = {hashlib.sha256(each).hexdigest(): each for each in (content_of(*ALL), sets[0])}
    reached = channel(registry, tmp_path, kept=lambda sha256: iter([contents[sha256]]))
    named = [*reached.beyond([parcel(each) for each in contents.values()])]
    assert named == ["Codelist=XA:CL_THEIRS(1.0.0)", "MetadataSet=XA:MDS_THEIRS(1.0.0)"]
    registry.tricks.append("asked 500")
    with pytest.raises(SdmxmigError, match="answered 500"):
        list(reached.beyond([parcel(content_of(*ALL))]))


def test_reference_metadata_are_sent_to_their_own_address(registry: Registry, tmp_path: Path) -> None:
    content = metadata_bytes(FORMATS["sdmx-ml-3.0"], [ABOUT], HEADER)
    registry.tricks.append("a web page")
    assert ask(registry, tmp_path, content).state == READY
    outcome = send(registry, tmp_path, content)
    assert outcome.state == RECEIVED, "a page that says nothing is not believed: the registry was asked"
    assert list(registry.sets) == [("XA", "MDS_POP", "1.0.0")]
    assert registry.heads[0]["content-type"] == "application/json"
    assert ask(registry, tmp_path, content).state == RECEIVED


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"DATAFLOW,SEX,OBS_VALUE\nXA:DF(1.0),F,1\n", b"", b"<html></html>"])
def test_content_unsuitable_for_a_registry_is_not_sent(registry: Registry, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SdmxmigError):
        send(registry, tmp_path, content)
    assert ask(registry, tmp_path, content).state == UNCERTAIN
    assert registry.heads == []


@pytest.mark.parametrize(("trick", "states"), [("cut", [UNCERTAIN, RECEIVED]), ("502", [UNCERTAIN, RECEIVED])])
def test_registry_is_asked_before_resending(registry: Registry, tmp_path: Path, trick: str, states: list[str]) -> None:
    registry.tricks.append(trick)
    with open_ledger(tmp_path / "queue.sqlite") as ledger:
        office = Office(tmp_path / "spool", ledger)
        way = channel(registry, tmp_path, kept=lambda sha256: spool.read_pieces(office.folder, sha256))
        office.send, office.ask = way.send, way.ask  # type: ignore[method-assign]
        office.promise(content_of(SEX))
        seen = []
        for _ in states:
            office.work()
            seen += office.states()
            office.pass_time(61)
    assert seen == states
    assert len(registry.posts) == 1, "what is there does not come again, and what is not comes once"
