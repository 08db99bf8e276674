"""Structures reach a registry that is no FMR by SDMX's own REST interface: created, replaced, or taken away each.

Tried against a stub alone, which was made after the pages of SDMX REST on maintenance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from maintenance_stub import serving_rest
from registry_stub import Registry
from test_registry_transport import ABOUT, ALL, CONCEPTS, FLOW, HEADER, LIMIT, SEX, STRUCTURE, TREE, content_of, parcel
from test_transports import settings

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, metadata_bytes
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, REJECTED, UNCERTAIN, Channel, Habits, Outcome
from sdmxmig.transmission.transports import TRANSPORTS

NEW = ["POST"] * 5
TWO = replace(SEX, name=Text.of(en="Sexes"))
OTHER = replace(CONCEPTS, name=Text.of(en="Concepts"))


def channel(registry: Registry, folder: Path, content: bytes, api: str = "2") -> Channel:
    of = settings(
        registry.address,
        folder,
        credential="registry",
        more={"api": api},
        habits=Habits(lease=60),
        kept=lambda _: iter([content]),
    )
    return TRANSPORTS["sdmx-rest"](of)


def send(registry: Registry, folder: Path, content: bytes, action: str = "replace", *, api: str = "2") -> Outcome:
    return channel(registry, folder, content, api).send(parcel(content, action=action), iter([content]))


def ask(registry: Registry, folder: Path, content: bytes, action: str = "replace", *, api: str = "2") -> Outcome:
    return channel(registry, folder, content, api).ask(parcel(content, UNCERTAIN, action=action))


def changes(registry: Registry) -> list[str]:
    """Requests to the registry since the last call."""
    asked = [request for request, _ in registry.posts]
    registry.posts.clear()
    return asked


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving_rest(Registry()) as started:
        yield started


def test_pysdmx_parses_the_artefacts_of_the_stub(registry: Registry, tmp_path: Path) -> None:
    """No client of others is known that maintains by PUT and DELETE: pysdmx asks only."""
    from pysdmx.api.qb import ApiVersion, RestService, StructureFormat, StructureQuery, StructureType
    from pysdmx.io import read_sdmx

    assert send(registry, tmp_path, content_of(SEX, TREE)).state == RECEIVED
    client = RestService(registry.address, ApiVersion.V2_0_0, structure_format=StructureFormat.SDMX_ML_3_0)
    answer = client.structure(StructureQuery(StructureType.CODELIST, "XA", "CL_SEX", "1.0.0"))
    there = read_sdmx(BytesIO(answer))
    assert [code.id for code in there.get_codelists()[0]] == ["F", "M"]


@pytest.mark.parametrize(("api", "form"), [("1", "sdmx-ml-2.1"), ("2", "sdmx-ml-3.0")])
def test_new_artefacts_are_created_and_changed_ones_replaced(tmp_path: Path, api: str, form: str) -> None:
    kept = [each for each in ALL if form != "sdmx-ml-2.1" or each not in (TREE, LIMIT)]
    with serving_rest(Registry(), api) as registry:
        first = send(registry, tmp_path, content_of(*kept, form=form), api=api)
        assert first.state == RECEIVED, first.reason
        assert changes(registry) == NEW[: 5 if api == "2" else 3]
        assert registry.heads[0]["content-type"] == f"application/vnd.sdmx.structure+xml;version={form[-3:]}" + (
            ".0" if api == "2" else ""
        )
        again = send(registry, tmp_path, content_of(*kept, form=form), api=api)
        assert (again.state, changes(registry)) == (RECEIVED, [])
        changed = [OTHER if each is CONCEPTS else each for each in kept]
        assert ask(registry, tmp_path, content_of(*changed, form=form), api=api).state == READY
        assert send(registry, tmp_path, content_of(*changed, form=form), api=api).state == RECEIVED
        assert changes(registry) == ["PUT conceptscheme/XA/CS_MIG/1.0.0"]
        answer = ask(registry, tmp_path, content_of(*changed, form=form), api=api)
    assert answer.state == RECEIVED
    assert sorted(answer.answer.decode().splitlines()[1:]) == sorted(each.ref.urn for each in kept)


def test_every_answer_is_kept_word_for_word(registry: Registry, tmp_path: Path) -> None:
    outcome = send(registry, tmp_path, content_of(*ALL))
    assert outcome.answer.count(b"<mes:SubmitStructureResponse>") == 5
    assert outcome.answer.count(b'code="201"') == len(ALL)
    assert outcome.reason == "The registry has 6 of 6 unchanged."


def test_append_of_an_existing_artefact_is_rejected(registry: Registry, tmp_path: Path) -> None:
    send(registry, tmp_path, content_of(SEX))
    changes(registry)
    outcome = send(registry, tmp_path, content_of(TWO, CONCEPTS), "append")
    assert (outcome.state, changes(registry)) == (REJECTED, [])
    assert outcome.reason == "The registry has XA:CL_SEX(1.0.0) already, and otherwise."
    assert send(registry, tmp_path, content_of(SEX, CONCEPTS), "append").state == RECEIVED


def test_exactly_the_artefacts_of_the_file_are_taken_away_and_those_first_that_none_needs(
    registry: Registry, tmp_path: Path
) -> None:
    theirs = replace(SEX, ref=replace(SEX.ref, id="CL_THEIRS"))
    send(registry, tmp_path, content_of(*ALL, theirs))
    changes(registry)
    outcome = send(registry, tmp_path, content_of(*ALL), "delete")
    assert outcome.state == RECEIVED, outcome.reason
    assert [name for _, name, _ in registry.held] == ["CL_THEIRS"]
    assert {request.partition(" ")[0] for request in changes(registry)} == {"DELETE"}
    assert ask(registry, tmp_path, content_of(*ALL), "delete").state == RECEIVED
    assert send(registry, tmp_path, content_of(*ALL), "delete").state == RECEIVED, "what is gone may be asked for again"


def test_deletion_of_used_artefacts_is_rejected_with_their_users(registry: Registry, tmp_path: Path) -> None:
    send(registry, tmp_path, content_of(*ALL))
    outcome = send(registry, tmp_path, content_of(SEX, TREE), "delete")
    assert outcome.state == REJECTED
    assert "Used by DSD_POP" in outcome.reason
    assert [name for _, name, _ in registry.held if name in ("CL_SEX", "H_SEX")] == ["CL_SEX"], "the other one is gone"
    assert ask(registry, tmp_path, content_of(SEX, TREE), "delete").state == READY


@pytest.mark.parametrize(("api", "form"), [("1", "sdmx-ml-2.1"), ("2", "sdmx-ml-3.0")])
def test_own_artefacts_in_the_registry_that_were_not_sent_are_named(tmp_path: Path, api: str, form: str) -> None:
    theirs = replace(SEX, ref=replace(SEX.ref, id="CL_THEIRS"))
    newer = replace(SEX, ref=replace(SEX.ref, version="2.0.0"))
    foreign = replace(SEX, ref=replace(SEX.ref, agency="XB"))
    first, second = content_of(SEX, CONCEPTS, form=form), content_of(theirs, form=form)
    with serving_rest(Registry(), api) as registry:
        send(registry, tmp_path, content_of(SEX, CONCEPTS, theirs, newer, foreign, form=form), api=api)
        reached = channel(registry, tmp_path, first, api)
        assert reached.beyond is not None
        assert [*reached.beyond([parcel(first)])] == [
            "Codelist=XA:CL_SEX(2.0.0)",
            "Codelist=XA:CL_THEIRS(1.0.0)",
        ]
        assert [*reached.beyond([])] == []
        taken_away = channel(registry, tmp_path, second, api).beyond
        assert taken_away is not None
        sent, deleted = parcel(second), parcel(second, action="delete")
        assert "Codelist=XA:CL_THEIRS(1.0.0)" not in [*taken_away([sent])]
        assert "Codelist=XA:CL_THEIRS(1.0.0)" in [*taken_away([sent, deleted])], "it should be gone"


def test_registry_that_does_not_list_the_sent_artefacts_is_reported(registry: Registry, tmp_path: Path) -> None:
    reached = channel(registry, tmp_path, content_of(SEX))
    assert reached.beyond is not None
    with pytest.raises(SdmxmigError, match="lists none of"):
        list(reached.beyond([parcel(content_of(SEX))]))


def test_registry_without_listing_is_reported(tmp_path: Path) -> None:
    with serving_rest(Registry()) as registry:
        reached = channel(registry, tmp_path, content_of(SEX))
    assert reached.beyond is not None
    with pytest.raises(SdmxmigError):
        list(reached.beyond([parcel(content_of(SEX))]))


def test_reference_metadata_are_not_maintained_this_way(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="and not reference metadata"):
        send(registry, tmp_path, metadata_bytes(FORMATS["sdmx-ml-3.0"], [ABOUT], HEADER))
    assert registry.posts == []


@pytest.mark.parametrize("action", ["fullreplace", "merge", "FullReplace"])
def test_other_actions_are_refused_before_any_request(registry: Registry, tmp_path: Path, action: str) -> None:
    with pytest.raises(SdmxmigError, match="does not support the action"):
        send(registry, tmp_path, content_of(SEX), action)
    assert registry.heads == []


def test_a_version_of_the_interface_that_is_not_spoken_is_refused(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="no version of SDMX REST “3”"):
        send(registry, tmp_path, content_of(SEX), api="3")


@pytest.mark.parametrize("is_partly", [True, False])
def test_a_part_that_was_refused_is_named(tmp_path: Path, *, is_partly: bool) -> None:
    with serving_rest(Registry(), is_partly=is_partly) as registry:
        outcome = send(registry, tmp_path, content_of(FLOW, STRUCTURE, SEX))
    assert outcome.state == REJECTED
    assert "Missing reference: XA:CS_MIG(1.0.0)" in outcome.reason
    assert ("XA", "DF_POP", "1.0.0") in registry.held or not is_partly


TRICKS = {
    "cut": (UNCERTAIN, RECEIVED),
    "half as whole": (UNCERTAIN, RECEIVED),
    "a web page": (UNCERTAIN, RECEIVED),
    "nothing": (UNCERTAIN, RECEIVED),
    "500": (UNCERTAIN, READY),
    "503": (READY, READY),
    "401": (READY, READY),
    "409": (REJECTED, READY),
    "422": (REJECTED, READY),
    "elsewhere": (READY, READY),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_bad_answer_gives_its_state(registry: Registry, tmp_path: Path, trick: str) -> None:
    content, (sent, asked) = content_of(SEX), TRICKS[trick]
    registry.tricks.append(trick)
    outcome = send(registry, tmp_path, content)
    assert outcome.state == sent, outcome.reason
    assert "canary" not in f"{outcome}"
    assert ask(registry, tmp_path, content).state == asked
    assert send(registry, tmp_path, content).state == RECEIVED, "the same again harms nothing"


@pytest.mark.parametrize("trick", ["cut", "500", "503"])
def test_taking_away_may_be_cut_off_and_goes_on(registry: Registry, tmp_path: Path, trick: str) -> None:
    send(registry, tmp_path, content_of(SEX, TREE))
    registry.tricks.append(trick)
    outcome = send(registry, tmp_path, content_of(SEX, TREE), "delete")
    assert outcome.state in (READY, UNCERTAIN)
    assert send(registry, tmp_path, content_of(SEX, TREE), "delete").state == RECEIVED
    assert registry.held == {}
