"""A file that a disk, a program or a hand has spoilt is named on the screens that need it, and none of them fails.

Each file of a workspace in which the whole line was run is spoilt in several ways, and every screen is asked for.
"""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from quickly import write_readably
from small_validation import NOW, workspace
from test_people import PEOPLE, SOUND
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.application import SCREENS

LINE = (
    "profile answer {} items.C01.answer=0 --by statistician",
    "validate {}",
    "comment {} --on items.C01 --text Why? --by reviewer",
    "justify b9a825c6e80f7f3e {} --text Checked. --by statistician",
    "validate {}",
    "approve {} --by reviewer",
    "package {} --by reviewer",
    "accounts {}",
    "protect {}",
    "assess {}",
)
OWN = ("country", "people", "profile", "comments", "justifications", "approvals", "mappings/pop", "drafts/new.DF_POP")
OURS = (
    "accounts/accounts.json",
    "assessment.json",
    "protected/protection.json",
    "findings/findings.jsonl",
    "made.json",
)
OURS += tuple(f"{name}/made.json" for name in ("accounts", "data", "findings", "protected"))
FILES = [*(f"{name}.toml" for name in OWN), *(f"out/{name}" for name in (*OURS, "data/conversion.jsonl"))]
FILES += ["out/submission/*/manifest.json", "out/submission/newest", "history.jsonl", ".history/last"]
SPOILT = {"empty": b"", "object": b"{}", "null": b"null", "random": b"\xff\x00\x93\x12\x88\n{\xfe"}
SPOILT["digits"] = b'{"schema": ' + b"9" * 5_000 + b"}"
TOML_FORMS = ("empty", "random", "types")
"""The other forms are, like the random one, no TOML."""
QUERIES = (
    "/mapping?file=new.csv&flow=DF_POP",
    "/accounts?view=protected",
    "/accounts?identity=A23",
    "/profile?module=C",
)
PATHS = [
    *(path for screen in SCREENS if screen.of_workspace for path in (screen.path, f"/{screen.name}.json")),
    *QUERIES,
]
KEPT = ("schema", "version", "record", "manifest")
"""What says which kind of document it is."""
TEXT_OR_NUMBER = re.compile(r'= ("[^"\n]*"|\d+)$', re.MULTILINE)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("spoilt")
    folder = workspace(place / "ws", SOUND)
    run(["init", str(place / "other"), "--quiet"])
    shutil.copy(place / "other" / "profile.toml", folder / "profile.toml")
    (folder / "people.toml").write_text(PEOPLE)
    with pytest.MonkeyPatch.context() as patch:
        write_readably(patch)
        for words in LINE:
            run([*(word.format(folder) for word in words.split()), "--now", NOW])
    (folder / "tables" / "new.csv").write_text("Year,Total,Male,Female\n2020,1000,600,400\n2021,1010,600,410\n")
    client, form = visitor(workbench(folder)), {"file": "new.csv", "flow": "DF_POP"}
    supported = client.get("/mapping.json", params=form).json()["proposal"]["supported"]
    assert client.post("/mapping/do/save", data={**form, "all": supported}).status_code == 303
    missing = [name for name in FILES if not list(folder.glob(name))]
    assert not missing, missing
    return folder


def retyped(value: Any) -> Any:
    """A value of the same shape with numbers for texts, and texts for all else."""
    if isinstance(value, dict):
        return {key: part if key in KEPT else retyped(part) for key, part in value.items()}
    if isinstance(value, list):
        return [retyped(part) for part in value]
    return 7 if isinstance(value, str) else "x"


def of_other_types(name: str, content: bytes) -> bytes:
    """A file of the right shape in which texts are numbers, and numbers texts."""
    text = content.decode()
    if name.endswith(".toml"):
        return TEXT_OR_NUMBER.sub(lambda match: "= 7" if match[1].startswith('"') else '= "x"', text).encode()
    if name.endswith((".json", ".jsonl")):
        lines = text.splitlines() if name.endswith("l") else [text]
        return "".join(json.dumps(retyped(json.loads(line))) + "\n" for line in lines).encode()
    return text.translate({ord(digit): "x" for digit in "0123456789"}).encode()


@cache
def sound(folder: Path) -> dict[str, Response]:
    """The answers while no file is spoilt."""
    return ask(folder)


def ask(folder: Path) -> dict[str, Response]:
    client = visitor(workbench(folder))
    return {path: client.get(path) for path in PATHS}


def ask_of_spoilt(folder: Path, name: str, form: str) -> dict[str, Response]:
    """The answers while a file is spoilt in a way."""
    (path,) = folder.glob(name)
    content = path.read_bytes()
    path.write_bytes(of_other_types(name, content) if form == "types" else SPOILT[form])
    try:
        return ask(folder)
    finally:
        path.write_bytes(content)


@pytest.mark.sampled(48)
@pytest.mark.parametrize(
    ("name", "form"),
    [(name, form) for name in FILES for form in (TOML_FORMS if name.endswith(".toml") else [*SPOILT, "types"])],
)
def test_damaged_file_is_named_and_screens_keep_working(once: Path, name: str, form: str) -> None:
    answers = ask_of_spoilt(once, name, form)
    assert [asked for asked, answer in answers.items() if answer.status_code >= 500] == []
    refused = {asked: unescape(answer.text) for asked, answer in answers.items() if answer.status_code >= 400}
    file = next(once.glob(name)).name
    names = {file, "DF_POP.origins.parquet"} if name == "out/data/made.json" else {file}  # it has hashes of others
    unnamed = {
        asked
        for asked, text in refused.items()
        if sound(once)[asked].status_code < 400 and not any(one in text for one in names)
    }
    assert not unnamed, refused[min(unnamed)][-1500:]
