"""Structure messages kept between runs are those that would be written now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.fitting import fit_artefacts
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks import outgoing
from sdmxmig.workspace.tasks.outgoing import FIXED_MOMENT, fit_own_artefacts

FORMS = sorted(name for name, form in FORMATS.items() if form.write_structures)
SEXES = ItemScheme(
    Ref("Codelist", "SDMXMIG", id="CL_SEX", version="1.0.0"),
    Text.of(en=f"Sex, not {FIXED_MOMENT}"),
    items=(Item("F", Text.of(en="Female")),),
)
HEADER = Header("STRUCTURES", "2026-01-31T12:00:00+00:00", sender=Party("GE1"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The formats of the messages that a run writes again."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.mktemp("cache")))
    written: list[str] = []
    monkeypatch.setattr(
        outgoing, "fit_artefacts", lambda form, *rest: written.append(form.id) or fit_artefacts(form, *rest)
    )
    return written


@pytest.mark.parametrize("name", FORMS)
def test_reused_message_differs_only_in_its_time(made: list[str], name: str) -> None:
    later = replace(HEADER, prepared="2026-02-28T09:30:00+02:00")
    for header in (HEADER, later):
        assert fit_own_artefacts(FORMATS[name], [SEXES], header) == fit_artefacts(FORMATS[name], [SEXES], header)
    assert made == [name]


Change = Callable[[pytest.MonkeyPatch], tuple[ItemScheme, Header]]
RENAMED = replace(SEXES, items=(Item("F", Text.of(en="Women")),))
CHANGES: dict[str, Change] = {
    "a code": lambda _: (RENAMED, HEADER),
    "a description": lambda _: (replace(SEXES, description=Text.of(en="Of a person")), HEADER),
    "the sender": lambda _: (SEXES, replace(HEADER, sender=Party("AM1"))),
    "a test": lambda _: (SEXES, replace(HEADER, test=True)),
    "the program": lambda patch: patch.setattr(outgoing, "hash_program", lambda: "another") or (SEXES, HEADER),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changed_structure_is_written_again(made: list[str], monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    form = FORMATS["sdmx-ml-3.0"]
    fit_own_artefacts(form, [SEXES], HEADER)
    scheme, header = change(monkeypatch)
    assert fit_own_artefacts(form, [scheme], header) == fit_artefacts(form, [scheme], header)
    assert made == [form.id, form.id]
