"""Profile forms as text: ``profile.toml`` with questions as comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from textwrap import wrap

from sdmxmig.catalogue import Catalogue
from sdmxmig.forms.profiles.file import answer_lines, head_of, quoted
from sdmxmig.forms.profiles.item_sheets import IS_CORE, guidance
from sdmxmig.forms.profiles.plan import FormBlock, FormQuestion, FormSheet, plan
from sdmxmig.forms.profiles.wording import FormWording
from sdmxmig.forms.profiles.writing import worded
from sdmxmig.sdmx.model.profile import Profile

WIDTH = 116
NAME = "NAME"
"""Stands for the name that the country gives to a product or action."""


def to_text(
    profile: Profile,
    catalogue: Catalogue,
    words: Mapping[str, Mapping[str, str]],
    *,
    language: str = "en",
    short: bool = False,
) -> bytes:
    """Write the text form, deterministic; reading it gives the profile.

    Raises like `to_workbook`.
    """
    wording = worded(catalogue, words, language)
    lines = list(head_lines(wording, profile))
    for sheet in plan(catalogue, wording.asked, profile, short=short):
        lines += sheet_lines(wording, sheet)
    return ("\n".join(lines) + "\n").encode()


def head_lines(wording: FormWording, profile: Profile) -> Iterator[str]:
    say = wording.say
    yield f"# {say('Profile of migration statistics')} · {wording.country(profile.area)}"
    yield from comment(say(EXPLAINED))
    yield ""
    for name in ("area", "year", "signed_off"):
        yield f"{name} = {quoted(getattr(profile, name))}"
    yield ""
    yield "[sources]"
    yield from comment(say('Each source once: key = "who, what, when, address"'))
    yield from (f"{quoted(key)} = {quoted(citation)}" for key, citation in profile.sources.items())
    if not profile.sources:
        yield '# G1 = ""'


EXPLAINED = (
    "A profile as a text file. What is not known stays as it is, with # before it; "
    "to answer, remove the # and write between the quotation marks."
)


def sheet_lines(wording: FormWording, sheet: FormSheet) -> Iterator[str]:
    """The questions of a module; of the places without a name, one as an example."""
    yield ""
    yield ""
    yield f"# ══ {sheet.module} · {wording.title(sheet)} ══"
    for block in sheet.blocks:
        if sheet.kind and block.subject:
            name = wording.words.of(block.name).text
            yield ""
            yield f"# ── {' · '.join(filter(None, [block.subject, name]))} ──"
        for question in block.questions:
            yield from question_lines(wording, sheet, block, question)
        if not block.subject:
            return


def question_lines(wording: FormWording, sheet: FormSheet, block: FormBlock, question: FormQuestion) -> Iterator[str]:
    """One question with its codes, and what the profile says or an empty answer as a comment."""
    item = question.item
    yield ""
    core = f" {IS_CORE}" if question.is_core else ""
    yield f"# {item.id}{core} {wording.question(item)}"
    if item.recommendation:
        recommendation = wording.words.of(item.recommendation).text
        status = "" if sheet.kind else f" ({wording.status(item.status)}: {item.source})"
        yield from comment(f"{recommendation}{status}", "#   ")
    yield from comment(guidance(wording, item), "#   ")
    scale = wording.asked.scales.get(item.scale)
    if scale:
        yield from comment(" · ".join(wording.choice(scale, code) for code, _ in scale.labels), "#   ")
    answer = question.answer if block.subject else replace(question.answer, subject=NAME)
    stated_lines = list(answer_lines(answer))
    line = head_of(sheet.kind, answer)
    yield line if block.subject else f"# {line}"
    yield from stated_lines
    yield from empty_answer_lines(wording.language, coded=bool(scale), stated_lines=stated_lines)


def empty_answer_lines(language: str, *, coded: bool, stated_lines: list[str]) -> Iterator[str]:
    answered = ["answer", "evidence"] if coded else ["evidence"]
    keys = [*answered, f"practice.{language}", f"question.{language}", "sources"]
    stated_keys = {line.partition(" =")[0] for line in stated_lines}
    for key in keys:
        if key not in stated_keys:
            yield f"# {key} = []" if key == "sources" else f'# {key} = ""'


def comment(text: str, start: str = "# ") -> list[str]:
    return wrap(text, WIDTH, initial_indent=start, subsequent_indent=start, break_long_words=False)
