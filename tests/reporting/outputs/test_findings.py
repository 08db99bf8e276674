"""Findings as JSON, HTML and text: complete, counted, and without active content."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest
from case_tables import text_from
from findings_pages import page_of
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from made_findings import finding_at
from reported import datasets, switched_on
from shipped import CATALOGUE

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.quality.validation import validate
from sdmxmig.reporting.outputs import findings_json, findings_lines, findings_text
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings, Rule, Verdict

TABLE = text_from("reporting/cases/findings_table.html")


RULES = ("MIG-1-101", "MIG-1-102", "MIG-2-001", "MIG-2-002")
"""Beside those that always run: what is shown does not depend on which others there are."""


def sample() -> Findings:
    catalogue = CATALOGUE
    parts = [switched_on(dataset, *RULES) for dataset in datasets(TABLE, catalogue.flows)]
    return Findings.join(
        validate(dataset, catalogue, [other for other in parts if other is not dataset]) for dataset in parts
    )


def test_findings_survive_json_with_equal_bytes() -> None:
    findings = sample()
    content = findings_lines.render(findings)
    assert findings_lines.read(content) == findings
    assert findings_lines.render(findings_lines.read(content)) == content
    assert findings_lines.read(findings_lines.render(Findings())) == Findings()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
named = st.lists(st.tuples(texts, texts), max_size=3, unique_by=lambda pair: pair[0]).map(tuple)
lines = st.integers(0, 9)
places = st.builds(Place, texts, texts, cell=texts, key=texts, line=lines, column=lines)


@given(named, named, st.none() | places, st.lists(places, max_size=2).map(tuple), texts)
def test_any_finding_survives_a_round_trip(
    key: tuple[tuple[str, str], ...],
    parameters: tuple[tuple[str, str], ...],
    place: Place | None,
    others: tuple[Place, ...],
    observed: str,
) -> None:
    message = Text.of(en="It is so.", ar="هو كذلك.")
    finding = finding_at(
        place,
        message,
        flow="F",
        parameters=parameters,
        key=key,
        component="C",
        observed=observed,
        expected="",
        others=others,
        observations=3,
        related=others,
    )
    findings = Findings((finding,), (Verdict("R", "F", outcome="fail", reason=observed, findings=1),))
    assert findings_lines.read(findings_lines.render(findings)) == findings


def test_json_describes_reporting_rules_with_aliases() -> None:
    rules = {
        name: Rule(
            name,
            "1",
            kind="CODE-IN-LIST",
            level=1,
            severity="error",
            name=Text.of(en="A code"),
            message=Text(),
            aliases={"STRUVAL": "150/008"},
        )
        for name in ("MIG-1-003", "MIG-9-999")
    }
    document = json.loads(findings_json.render(sample(), rules))
    assert list(document["rules"]) == ["MIG-1-003"]
    assert document["rules"]["MIG-1-003"]["aliases"] == {"STRUVAL": "150/008"}
    assert document["rules"]["MIG-1-003"]["name"] == {"en": "A code"}
    assert findings_lines.read(findings_lines.render(sample(), rules)) == sample()
    assert findings_lines.read(findings_lines.render(sample(), CATALOGUE.rules)) == sample()


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b'{"schema": "x"}', b'{"schema": "sdmxmig-findings", "version": 99}']
)
def test_invalid_findings_are_refused_with_their_place(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        findings_lines.read(content, "f.json")
    assert caught.value.place.file == "f.json"


@pytest.mark.parametrize("lines", [1, 3, -2])
def test_truncated_store_is_refused(lines: int) -> None:
    content = b"".join(findings_lines.render(sample(), CATALOGUE.rules).splitlines(keepends=True)[:lines])
    with pytest.raises(InputError, match="complete"):
        findings_lines.read(content)


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b"{}", b'{"record": "finding"}', b'{"record": "verdict", "rule": 1}', b'{"record": "x"}']
)
def test_wrong_line_of_a_store_is_named(line: bytes) -> None:
    content = findings_lines.render(sample(), CATALOGUE.rules)
    with pytest.raises(InputError, match="not complete") as refused:
        findings_lines.read(content + line + b"\n")
    assert refused.value.place.line == content.count(b"\n") + 1


def test_html_names_every_finding_and_blocks_active_content() -> None:
    findings = sample()
    content = page_of(findings)
    tree = html.fromstring(content)
    assert len(tree.xpath("//article")) == len(findings.items)
    assert not tree.xpath("//script | //link | //img | //iframe | //@onclick | //@src")
    assert "&lt;script&gt;" in content
    (policy,) = tree.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    style = tree.xpath("string(//style)")
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?://|url\(|@import", content)


def test_text_states_fault_place_and_fix_and_groups_cells() -> None:
    text = findings_text.render(sample())
    assert text.startswith(
        "error[MIG-1-003]: “Frauen” is not a code of CL_SEX (Sex).\n"
        "  --> data.xlsx › DF_POP › A5\n"
        "  in DF_POP\n"
        "  fix: Did you mean F (Female)?"
    )
    assert "  also in 1 more cell: A6" in text
    assert "  related cells: A3–A4\n" in text or "  related cells: A4, A3\n" in text
    assert text.rstrip().splitlines()[-1].startswith("5 errors. ")


@pytest.mark.parametrize(
    ("related", "named"),
    [
        (Place("a.xlsx", "Table 2", cell="C8"), "C8"),
        (Place("a.xlsx", "Table 4", cell="C8"), "Table 4!C8"),
        (Place("b.xlsx", "Table 2", cell="C8"), "b.xlsx › Table 2 › C8"),
    ],
)
def test_related_cells_are_named_with_another_sheet_or_file(related: Place, named: str) -> None:
    own = Place("a.xlsx", "Table 2", cell="B11")
    about = {"severity": "error", "level": 1, "flow": "F", "message": Text.of(en="So."), "hint": Text()}
    findings = Findings((Finding("R", "1", **about, place=own, related=(related,)),))
    assert f"  related cells: {named}\n" in findings_text.render(findings)
    tree = html.fromstring(page_of(findings))
    assert tree.xpath('//dt[.="Related cells"]/following-sibling::dd[1]/text()') == [named]


def test_text_shows_ten_findings_and_counts_all() -> None:
    item = Finding("R", "1", severity="warning", level=1, flow="F", message=Text.of(en="So."), hint=Text())
    worst = Finding("R", "1", severity="error", level=1, flow="F", message=Text.of(en="Bad."), hint=Text())
    items = [replace(item, message=Text.of(en=f"So {number}.")) for number in range(14)]
    text = findings_text.render(Findings((*items, worst)))
    assert text.startswith("error[R]: Bad.\n  in F\n")
    assert text.count("warning[R]") == 9
    assert "… and 5 more findings" in text
    assert text.endswith("1 error, 14 warnings.\n")
    assert findings_text.render(Findings()) == "No checks were run.\n"
    assert findings_text.render(Findings(verdicts=(Verdict("R", "F", outcome="pass"),))) == "No findings.\n"
    assert set(SEVERITIES) == {"error", "warning", "information"}


def test_equal_findings_of_two_dataflows_are_joined() -> None:
    items = [
        Finding("R", "1", severity="warning", level=1, flow=flow, message=Text.of(en="So."), hint=Text(), key=key)
        for flow, key in (("F", ()), ("G", ()), ("F", (("SEX", "F"),)))
    ]
    text = findings_text.render(Findings(tuple(items)), workspace="mycountry")
    assert text.count("warning[R]") == 2
    assert "  in F; G\n" in text
    first, second = (item.fingerprint for item in items[:2])
    assert f"sdmxmig justify {first} mycountry --text REASON --and {second}\n" in text
