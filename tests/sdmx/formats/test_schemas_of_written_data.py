"""Written messages are checked by one element of each shape, with the same verdict and line as the whole."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import made
import made_data
import pytest

from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes
from sdmxmig.sdmx.formats.sdmx_ml import xsd
from sdmxmig.sdmx.model.data import Dataset, Flow

SPECIFIC = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
GENERIC = "sdmx-ml-2.1-generic"
LAYOUTS = ("TIME_PERIOD", "SEX", ALL_DIMENSIONS)
YEARS = [str(year) for year in range(1980, 2000)]
FLOWS = {flow.dataflow.ref.short: flow for flow in (made_data.PLAIN_FLOW, made_data.RICH_FLOW, *made.FLOWS.values())}


def many(flow: Flow = made.FLOW) -> Dataset:
    """Forty observations of two series, alike except for values and periods."""
    rows = [(*key, year, str(number), "A", None) for key in (made.MEN, made.WOMEN) for number, year in enumerate(YEARS)]
    return made.dataset(rows, [(*made.MEN, "PS", "n"), (*made.WOMEN, "PS", "n")], flow=flow)


def written(form: str, at: str = "TIME_PERIOD", *more: Dataset) -> bytes:
    return data_bytes(FORMATS[form], [many(), *more], made.HEADER, Layout(at))


def verdicts(form: str, content: bytes, flow: Flow = made.FLOW) -> tuple[str, str]:
    """The first problem in the remaining lines, and in the whole message."""
    flows = {**FLOWS, flow.dataflow.ref.short: flow}
    problems = xsd.validate_stream(io.BytesIO(content), flows, any_values=True).problems
    whole = next((f"line {line}: {said}" for line, said in problems), "")
    return FORMATS[form].data_problem(io.BytesIO(content), flows), whole


def at_line(element: str, which: int, change: Callable[[str], str]) -> Callable[[str], str]:
    """Change one of the lines that begin with an element."""

    def changed(text: str) -> str:
        lines = text.split("\n")
        rows = [row for row, line in enumerate(lines) if line.lstrip().startswith(f"<{element} ")]
        row = rows[which]
        lines[row] = change(lines[row])
        return "\n".join(lines)

    return changed


def without(name: str) -> Callable[[str], str]:
    return lambda line: re.sub(f' {name}="[^"]*"', "", line)


def group_last(text: str) -> str:
    """A group behind the series, where SDMX-ML 2.1 has none."""
    [group] = [line for line in text.split("\n") if "<Group " in line][:1]
    return text.replace(f"{group}\n", "", 1).replace("  </mes:DataSet>", f"{group}\n  </mes:DataSet>")


WRONG = {
    "no status in the last observation": at_line("Obs", -1, without("OBS_STATUS")),
    "no status in the middle": at_line("Obs", 17, without("OBS_STATUS")),
    "no period": at_line("Obs", -2, without("TIME_PERIOD")),
    "a period that is none": at_line("Obs", -3, lambda line: line.replace('TIME_PERIOD="', 'TIME_PERIOD="x')),
    "a day that is none": at_line(
        "Obs", 9, lambda line: re.sub('TIME_PERIOD="[^"]*"', 'TIME_PERIOD="2023-02-30"', line)
    ),
    "an unknown attribute": at_line("Obs", -4, lambda line: line.replace(" OBS_VALUE", ' ODD="1" OBS_VALUE')),
    "an attribute twice": at_line("Obs", -5, lambda line: line.replace(" OBS_VALUE", ' OBS_STATUS="A" OBS_VALUE')),
    "a sign that is not escaped": at_line("Obs", -1, lambda line: line.replace('OBS_VALUE="', 'OBS_VALUE="&')),
    "a bracket in a value": at_line("Obs", -1, lambda line: line.replace('OBS_VALUE="', 'OBS_VALUE="<')),
    "an entity": at_line("Obs", -1, lambda line: line.replace('OBS_VALUE="', 'OBS_VALUE="&copy;')),
    "no end": at_line("Obs", -1, lambda line: line.replace("/>", ">")),
    "a text": at_line("Obs", -1, lambda line: line.replace("/>", ">text</Obs>")),
    "an element inside": at_line("Obs", -1, lambda line: line.replace("/>", "><Odd/></Obs>")),
    "another element": at_line("Obs", -6, lambda line: line.replace("<Obs", "<Observation")),
    "no key of a series": at_line("Series", -1, without("SEX")),
    "no unit of a series": at_line("Series", -1, without("UNIT")),
    "an unknown attribute of a series": at_line("Series", -1, lambda line: line.replace(" SEX", ' ODD="1" SEX')),
    "a type of others": at_line("Obs", -1, lambda line: line.replace("<Obs", '<Obs xsi:type="ns1:Odd"')),
    "a character that is none": at_line("Obs", -1, lambda line: line.replace('OBS_VALUE="', 'OBS_VALUE="\x02')),
}


@pytest.mark.parametrize("form", SPECIFIC)
@pytest.mark.parametrize("what", WRONG)
def test_one_wrong_line_among_many_is_located(what: str, form: str) -> None:
    content = WRONG[what](written(form).decode()).encode()
    found, whole = verdicts(form, content)
    assert re.findall(r"^line \d+: .{30}", found) == re.findall(r"^line \d+: .{30}", whole) != []


@pytest.mark.parametrize("form", [*SPECIFIC, GENERIC])
@pytest.mark.parametrize("at", LAYOUTS)
def test_valid_message_passes_both_checks(at: str, form: str) -> None:
    plain = made_data.plain()
    other = many(made.OTHER)
    for content, flow in ((written(form, at, other, many()), made.FLOW), (written(form, at), made.FLOW)):
        assert verdicts(form, content, flow) == ("", "")
    alone = data_bytes(FORMATS[form], [plain], made.HEADER, Layout(at))
    assert verdicts(form, alone, made_data.PLAIN_FLOW) == ("", "")


@pytest.mark.parametrize("form", SPECIFIC)
def test_identical_lines_are_checked_by_own_structures(form: str) -> None:
    structure = made.with_component(made.STRUCTURE, "COMMENT_OBS", mandatory=True)
    ref = replace(made.STRUCTURE.ref, id="DSD_STRICT")
    dataflow = replace(made.OTHER_DATAFLOW, ref=replace(made.OTHER_DATAFLOW.ref, id="DF_STRICT"), structure=ref)
    strict = replace(made.OTHER, dataflow=dataflow, structure=replace(structure, ref=ref))
    found, whole = verdicts(form, written(form, "TIME_PERIOD", many(strict)), strict)
    assert found == whole
    assert "COMMENT_OBS" in found


def test_wrong_order_of_elements_is_found() -> None:
    key = ("REF_AREA", "SEX", "CTZ")
    method = made.frame((*key, "METHOD"), [("GE", "M", "FC", "x"), ("GE", "F", "FC", "y")])
    dataset = replace(many(made_data.PLAIN_FLOW), partial={key: method})
    content = data_bytes(FORMATS["sdmx-ml-2.1"], [dataset], made.HEADER)
    assert verdicts("sdmx-ml-2.1", content, made_data.PLAIN_FLOW) == ("", "")
    found, whole = verdicts("sdmx-ml-2.1", group_last(content.decode()).encode(), made_data.PLAIN_FLOW)
    assert found == whole
    assert "Group" in found


@pytest.mark.parametrize("what", ["no id", "no value", "an element that is none"])
def test_generic_data_are_checked_by_schema(what: str) -> None:
    change = {
        "no id": (' id="OBS_STATUS"', ""),
        "no value": ('<g:ObsValue value="19"/>', "<g:ObsValue/>"),
        "an element that is none": ("<g:ObsDimension ", "<g:ObsDimensions "),
    }[what]
    head, found, tail = written(GENERIC).decode().rpartition(change[0])
    assert found
    said, whole = verdicts(GENERIC, f"{head}{change[1]}{tail}".encode())
    assert said == whole
    assert said.startswith("line ")


def test_texts_with_line_breaks_are_valid() -> None:
    content = data_bytes(FORMATS["sdmx-ml-3.1"], [made_data.rich()], made.HEADER)
    text = content.decode().replace("y &amp; z", "y\n\n&amp;\nz")
    assert text.count("\n") > content.count(b"\n")
    assert verdicts("sdmx-ml-3.1", text.encode(), made_data.RICH_FLOW) == ("", "")
