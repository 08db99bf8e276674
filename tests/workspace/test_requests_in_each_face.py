"""A field of a request is an option of its command, a keyword in Python, and a row of the reference pages."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import click
import pytest
from click.testing import CliRunner
from manual_pages import DOCS

import sdmxmig
from sdmxmig.api.sources import with_choices
from sdmxmig.cli import cli
from sdmxmig.cli.options import add_request_options
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.requests import Option, Request, StrPath, list_fields
from sdmxmig.workspace.requests.tasks import (
    AccountsRequest,
    BuildRequest,
    ConvertRequest,
    CoverageChoices,
    DeriveChoices,
    LinkChoices,
    MessageReading,
    PackageRequest,
    ReportRequest,
    RunRequest,
    SendRequest,
    TransformRequest,
    ValidateRequest,
)

sys.path.append(str(DOCS))

from made_pages.commands import row, sections

FACES: dict[type[Request], tuple[str, Any]] = {
    AccountsRequest: ("accounts", sdmxmig.Workspace.accounts),
    CoverageChoices: ("coverage", sdmxmig.coverage),
    DeriveChoices: ("derive", sdmxmig.derive),
    LinkChoices: ("link", sdmxmig.link),
    ConvertRequest: ("convert", sdmxmig.Workspace.convert),
    BuildRequest: ("build", sdmxmig.Workspace.build),
    MessageReading: ("check", sdmxmig.transform),
    PackageRequest: ("package", sdmxmig.Workspace.package),
    ReportRequest: ("report", sdmxmig.Workspace.report),
    RunRequest: ("run", sdmxmig.Workspace.run),
    SendRequest: ("send", sdmxmig.Workspace.send),
    TransformRequest: ("transform", sdmxmig.transform),
    ValidateRequest: ("validate", sdmxmig.Workspace.validate),
}


def requests(base: type[Request] = Request) -> list[type[Request]]:
    below = [request for request in base.__subclasses__() if request.__module__.startswith("sdmxmig.")]
    return [*below, *(request for each in below for request in requests(each))]


@pytest.mark.every_day
@pytest.mark.parametrize("request_", FACES, ids=lambda request: request.__name__)
def test_fields_are_in_help_in_signature_and_on_reference_pages(request_: type[Request]) -> None:
    name, function = FACES[request_]
    command = cli.get_command(click.Context(cli), name)
    shown, page = command.get_help(click.Context(command)), "".join(sections(command, name, 2))
    keywords, documented = inspect.signature(function).parameters, str(inspect.getdoc(function))
    for field in list_fields(request_):  # type: ignore[arg-type]
        assert f"{field.flag} " in shown
        assert f"`{field.flag}`" in page
        assert field.name in keywords
        assert f"\n    {field.name}: " in documented  # the page of Python is made from it


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRequest(Request):
    """Count words."""

    files: Annotated[Sequence[StrPath], Option("A text.", flag="--file", metavar="FILE", path="existing")] = ()
    case: Annotated[Literal["", "upper", "lower"], Option("Count words in {at_least} letters of this case.")] = ""
    at_least: Annotated[int, Option("Count words of so many letters.", metavar="N")] = 1


def count(request: CountRequest) -> int:
    words = [word for file in request.files for word in Path(file).read_text(encoding="utf-8").split()]
    is_wanted = {"upper": str.isupper, "lower": str.islower, "": bool}[request.case]
    return sum(len(word) >= request.at_least and bool(is_wanted(word)) for word in words)


@click.command("count")
@add_request_options(CountRequest)
def count_command(request: CountRequest) -> None:
    """Count words."""
    click.echo(count(request))


@with_choices(CountRequest)
def count_in_python(request: CountRequest) -> int:
    """Count words."""
    return count(request)


def test_option_added_as_a_field_works_in_each_face(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("two WORDS or three", encoding="utf-8")
    words = ["--file", str(text), "--file", str(text), "--at-least", "3", "--case", "lower"]
    assert CliRunner().invoke(count_command, words).output == "4\n"
    assert count_in_python(files=[text, str(text)], at_least=3, case="lower") == 4
    assert str(inspect.signature(count_in_python).replace(return_annotation=int)).endswith(") -> int")
    options = [one for one in count_command.params if isinstance(one, click.Option)]
    assert [row(one)[1] for one in options] == [
        "A text; repeat for several.",
        "Count words in --at-least letters of this case.",
        "Count words of so many letters. Without it: `1`.",
    ]
    assert "case: Count words in `at_least` letters" in str(count_in_python.__doc__)


def test_single_path_is_accepted_for_several_paths(tmp_path: Path) -> None:
    assert CountRequest(files=str(tmp_path)).files == (str(tmp_path),)


def test_unknown_choice_is_refused_and_nearest_suggested() -> None:
    with pytest.raises(SdmxmigError, match=r"There is no case “uper”\. Did you mean “upper”"):
        CountRequest(case="uper")  # type: ignore[arg-type]


def test_unknown_keyword_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'cases'"):
        count_in_python(cases="upper")  # type: ignore[call-arg]
