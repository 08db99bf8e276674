"""The profile as a file: ``profile.toml`` of a workspace, read and written.

``[items.A01]`` answers an item about the country, ``[indicators.IMM_RATE.L01]`` one about an indicator,
``[inventory.H01.S06]`` one about a source, ``[products.X.P04]`` and ``[actions.X.R05]`` about what the country names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.profile import COUNTRY, Answer, BenchmarkItem, Profile
from sdmxmig.places import Place
from sdmxmig.profiles.asked import KINDS, Asked

AREA, YEAR = re.compile(r"^[A-Z]{2}$"), re.compile(r"^\d{4}$")
SUBJECT = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
MARKS = ("A", "B")
BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def read_profile(name: str, content: bytes, asked: Asked) -> Profile:
    """Read what a country answers to the benchmarking study.

    Raises `DeclarationError` with the key and the nearest known name for an item, a subject, an answer or a source
    that does not exist.
    """
    declared = Declared.parse(name, content)
    sources = declared.table("sources").pairs()
    about: dict[str, dict[str, Answer]] = {}
    for table, kind in KINDS.items():
        about |= _about(declared.table(table), kind, asked, sources)
    profile = Profile(
        area=declared.shaped("area", AREA, "Write the two capital letters of ISO 3166-1, such as GE."),
        year=declared.shaped("year", YEAR, "Write a year, such as 2024."),
        answers=_answers(declared.table("items"), COUNTRY, asked.items, asked, sources),
        about=about,
        sources=sources,
        signed_off=declared.text("signed_off", ""),
        place=declared.place,
    )
    declared.close()
    return profile


def _about(declared: Declared, kind: str, asked: Asked, sources: Collection[str]) -> dict[str, dict[str, Answer]]:
    """The answers about all subjects of one kind, in the order in which they are asked."""
    known = asked.subjects.get(kind)
    for key in declared.values:
        if known is not None:
            _check_known(key, kind, known, declared.at(key))
        elif not SUBJECT.fullmatch(key):
            message = f"“{key}” cannot name the {kind}."
            raise DeclarationError(message, declared.at(key), "Write letters and digits, such as NEW_REGISTER.")
    order = [key for key in known or declared.values if key in declared.values]
    return {key: _answers(declared.table(key), key, asked.about[kind], asked, sources) for key in order}


def _answers(
    declared: Declared, subject: str, items: Mapping[str, BenchmarkItem], asked: Asked, sources: Collection[str]
) -> dict[str, Answer]:
    """The answers about one subject, in the order in which they are asked."""
    for key in declared.values:
        _check_known(key, "benchmarking item", items, declared.at(key))
    return {key: _answer(declared.table(key), key, subject, asked, sources) for key in items if key in declared.values}


def _check_known(name: str, kind: str, known: Collection[str], place: Place) -> None:
    if name not in known:
        raise DeclarationError(f"There is no {kind} “{name}”.", place, did_you_mean(name, known))


def _answer(declared: Declared, key: str, subject: str, asked: Asked, known_sources: Collection[str]) -> Answer:
    """One answer; what is not known is left out of the file, so an empty answer is not a mistake."""
    answer, mark = declared.text("answer", ""), declared.text("mark", "")
    scale = asked.scale(key)
    codes = [code for code, _ in scale.labels] if scale else []
    if answer and scale is None:
        message, hint = f"The item {key} is answered in words.", 'Write them as practice.en = "…".'
        raise DeclarationError(message, declared.at("answer"), hint)
    if answer and scale and answer not in codes:
        hint = f"Its codes are: {', '.join(codes)}."
        raise DeclarationError(f"“{answer}” is not an answer of the scale {scale.id}.", declared.at("answer"), hint)
    if mark and mark not in MARKS:
        hint = "Write A for what was read in a publication of the office, B for what others quote of it."
        raise DeclarationError(f"“{mark}” is not a mark.", declared.at("mark"), hint)
    sources = declared.strings("sources")
    for source in sources:
        _check_known(source, "source", known_sources, declared.at("sources"))
    found = Answer(key, answer, declared.texts("practice"), sources, mark, subject, declared.place)
    declared.close()
    return found


def profile_file(profile: Profile, asked: Asked) -> bytes:
    """A profile as the file ``profile.toml`` of a workspace; reading it gives the same profile."""
    lines = [f"{name} = {quoted(getattr(profile, name))}" for name in ("area", "year", "signed_off")]
    lines += ["", "[sources]", *(f"{quoted(key)} = {quoted(text)}" for key, text in profile.sources.items())]
    for answer in profile.answers.values():
        lines += ["", f"[items.{answer.item}]", *answer_lines(answer)]
    for table, kind in KINDS.items():
        for subject, answers in profile.about.items():
            for answer in answers.values():
                if answer.item in asked.about[kind]:
                    lines += ["", f"[{table}.{key_of(subject)}.{answer.item}]", *answer_lines(answer)]
    return ("\n".join(lines) + "\n").encode()


def answer_lines(answer: Answer) -> Iterator[str]:
    """The keys of one answer; what it does not say is left out."""
    if answer.answer:
        yield f"answer = {quoted(answer.answer)}"
    for language, text in answer.practice.values:
        yield f"practice.{language} = {quoted(text)}"
    if answer.sources:
        yield f"sources = [{', '.join(map(quoted, answer.sources))}]"
    if answer.mark:
        yield f"mark = {quoted(answer.mark)}"


def key_of(text: str) -> str:
    """A text as the key of a TOML table."""
    return text if BARE.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    r"""A text as TOML writes it.

    >>> quoted('a "b"')
    '"a \\"b\\""'
    """
    special = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    plain = "".join(special.get(sign) or (sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in text)
    return f'"{plain}"'
