"""Untrusted templates are refused within seconds, with file and line, and cause no harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from case_tables import cases_from
from other_systems import not_on_windows

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.outputs.sandboxed_templates import GuardedEnvironment, TemplateLimits, fill, fill_all
from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text

VALUES = {"cell": ReportCell("Stock", "2024"), "rows": ((1, 2), (3, 4)), "name": Text.of({"en": "Stock"})}
HOLD = "{% set hold = namespace(x='x' * 1000) %}{% for i in range(40) %}"


def filled(source: str, **more: str) -> str:
    """The template “own” filled here, with the guards but without the process around it."""
    environment = GuardedEnvironment({"own.html.j2": source, **more}, {"_": Wording("en").say}, {})
    return fill(environment, "own.html.j2", VALUES, TemplateLimits())


def refused(source: str, **more: str) -> str:
    with pytest.raises(DeclarationError) as caught:
        filled(source, **more)
    return str(caught.value)


def test_useful_template_features_are_allowed() -> None:
    source = (
        "{% macro strong(x) %}<b>{{ x }}</b>{% endmacro %}"
        "{% for row in rows %}{{ row | join('/') }}{% if not loop.last %}; {% endif %}{% endfor %} "
        "{{ strong(cell.text ~ ' & ' ~ cell.note) }} {{ cell.text.upper() | replace('ST', 'B') }} {{ 2 * 3 + 1 }} "
        "{{ rows | length }} {{ _('not known') }} {{ name.in_language('en') }}"
    )
    assert filled(source) == "1/2; 3/4 <b>Stock &amp; 2024</b> BOCK 7 2 not known Stock"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ 'x' * 10**10 }}", "10,000,000,000 parts"),
        ("{{ 10**9999999 }}", "binary digits"),
        ("{{ [0] * 1000000 }}", "1,000,000 parts"),
        (HOLD + "{% set hold.x = hold.x ~ hold.x %}\n{% endfor %}", "parts"),
        (HOLD + "{% set hold.x = hold.x + hold.x %}\n{% endfor %}", "parts"),
        (HOLD + "{% set hold.x = hold.x | replace('x', 'xxxx') %}\n{% endfor %}", "parts"),
        (HOLD + "{% set hold.x = [hold.x, hold.x] | join %}\n{% endfor %}", "parts"),
        (HOLD + "{% set hold.x = [hold.x, hold.x] %}\n{% endfor %}{{ hold.x }}", "a list cannot be printed"),
        (HOLD + "{% set hold.x = [hold.x, hold.x] %}\n{% endfor %}{{ hold.x | upper }}", "a list cannot be printed"),
        ("{{ '%09999999999d' % 1 }}", "not formatted with %"),
        ("{% for i in range(10**9) %}{% endfor %}", "Range too big"),
        ("{% for i in range(99999) %}{{ 'x' * 100 }}{% endfor %}", "4,000,000 characters"),
        ("{{ 'x'.ljust(10**9) }}", "ljust"),
        ("{{ '{:>999999999}'.format(1) }}", "format"),
        ("{{ 'x' | center(10**9) }}", "No filter named 'center'"),
        ("{{ (1).to_bytes(10**9) }}", "to_bytes"),
        ("{% include 'own.html.j2' %}", "without end"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "without end"),
        ("{{ cell.__class__.__mro__ }}", "__class__"),
        ("{{ cell | attr('__class__') }}", "No filter named 'attr'"),
        ("{{ [cell] | map(attribute='__class__') | first }}", "__class__"),
        ("{{ _.__func__.__globals__ }}", "__func__"),
        ("{{ self.__init__.__globals__ }}", "__init__"),
        ("{{ lipsum(n=1000000) }}", "'lipsum' is undefined"),
        ("{{ rows | random }}", "No filter named 'random'"),
        ("{% include '../../country.toml' %}", "no template"),
        ("{% include '/etc/passwd' %}", "no template"),
    ],
)
def test_attack_is_refused_with_its_reason(source: str, message: str) -> None:
    refusal = refused("<p>\n" + source)
    assert message in refusal
    assert refusal.startswith("own.html.j2:2: ") or "\n" in source


def test_format_strings_cannot_read_attributes_of_values() -> None:
    """Python's own way to put values into texts would."""
    assert filled("{{ _('{x.__class__} {x.__init__.__globals__[os]} {n}', x=cell, n=3) }}") == (
        "{x.__class__} {x.__init__.__globals__[os]} 3"
    )


@cases_from("reporting/cases/a_mistake_is_named_by_the_template_and_line_where_it_stands.csv")
def test_mistake_is_reported_with_template_and_line(source: str, part: str, place: str) -> None:
    assert refused("<p>\n<p>\n" + source, **{"_part.html.j2": part}).startswith(place)


def apart(source: str, **limits: float) -> str:
    """The error of the second of two templates, rendered in a separate process."""
    jobs = {"15-fine.html.j2": {}, "16-own.html.j2": VALUES}
    sources = {"15-fine.html.j2": "fine", "16-own.html.j2": source}
    with pytest.raises(DeclarationError) as caught:
        fill_all(sources, jobs, words={}, filters={}, limits=TemplateLimits(**limits))  # type: ignore[arg-type]
    return str(caught.value)


def test_endless_template_is_stopped_and_its_line_named() -> None:
    loop = "{% for i in range(99999) %}{% for j in range(99999) %}\n{% endfor %}{% endfor %}"
    assert apart("<p>\n" + loop, seconds=0.3) == "16-own.html.j2:2: The template takes longer than 0.3 seconds."


def test_template_blocking_the_interpreter_is_stopped() -> None:
    """Two lists of lists of lists are compared within one step of Python, which no watch inside can break off."""
    nested = "{% set a = namespace(x=[], y=[]) %}{% for i in range(60) %}{% set a.x = [a.x, a.x] %}"
    refusal = apart(nested + "{% set a.y = [a.y, a.y] %}{% endfor %}{{ a.x == a.y }}", seconds=0.2)
    assert refusal.startswith("16-own.html.j2")


@not_on_windows("memory is not limited there")
def test_memory_filling_template_is_stopped() -> None:
    hoard = (
        "{% set h = namespace(x=0) %}{% for i in range(9999) %}\n{% set h.x = (h.x, 'x' * (3900000 + i)) %}{% endfor %}"
    )
    assert apart(hoard, mebibytes=64) == ("16-own.html.j2:2: The template needs more than 64 MiB of memory.")


def test_template_process_receives_values_and_returns_texts() -> None:
    jobs = {"a.html.j2": {"cell": ReportCell("<b>")}, "b.html.j2": {}}
    sources = {"a.html.j2": "{{ cell.text }}{% include 'b.html.j2' %}", "b.html.j2": "{{ _('not known') }} ≠\n"}
    texts = fill_all(sources, jobs, words={"_": Wording("en").say}, filters={})
    assert texts == ["&lt;b&gt;not known ≠", "not known ≠"]


def test_modules_in_the_current_folder_do_not_shadow_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module in the current folder does not shadow one of Python's."""
    (tmp_path / "jinja2.py").write_text("raise SystemExit(9)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONSTARTUP", "none")
    assert fill_all({"a": "fine"}, {"a": {}}, words={}, filters={}) == ["fine"]
    assert json.dumps(sorted(path.name for path in tmp_path.iterdir())) == '["jinja2.py"]'
