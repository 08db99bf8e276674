"""Templates are compiled once per process, and filled in with the current file and the options of each reader."""

from __future__ import annotations

from pathlib import Path

from sdmxmig.primitives.templating import Templates


def filled(folder: Path, text: str, **options: object) -> str:
    (folder / "page.j2").write_text(text, encoding="utf-8")
    return Templates([folder], words={}, **options).fill("page.j2")  # type: ignore[arg-type]


def test_changed_template_is_reloaded(tmp_path: Path) -> None:
    assert filled(tmp_path, "before {{ 1 }}") == "before 1"
    assert filled(tmp_path, "after {{ 1 }}") == "after 1"


def test_cached_template_is_rendered_while_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "page.j2").write_text("{% include 'part.j2' %} {{ area }}", encoding="utf-8")
    (tmp_path / "part.j2").write_text("of", encoding="utf-8")
    templates = Templates([tmp_path], words={})
    assert templates.fill("page.j2", area="GE") == "of GE"
    (tmp_path / "part.j2").unlink()
    (tmp_path / "page.j2").write_text("{{ what_a_later_program_gives }}", encoding="utf-8")
    assert templates.fill("page.j2", area="SE") == "of SE"


def test_templates_of_equal_name_in_two_folders_are_distinct(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    assert (filled(here, "here"), filled(there, "there"), filled(here, "here")) == ("here", "there", "here")


def test_constants_are_filtered_for_each_use_of_a_template(tmp_path: Path) -> None:
    text = "{{ 'word' }} {{ 'word' | turned }}"
    plain = {"turned": lambda word: word[::-1]}
    loud = {"turned": lambda word: word[::-1].upper()}
    assert filled(tmp_path, text, filters=plain) == "word drow"
    assert filled(tmp_path, text, filters=loud) == "word DROW"
    assert filled(tmp_path, text, filters=plain, finalize=lambda value: f"[{value}]") == "[word] [drow]"
