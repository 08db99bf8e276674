"""Questions about a proposed mapping, in the words of a statistician: no ids alone, and no scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sdmxmig.conversion.suggestion import Question
    from sdmxmig.sdmx.model.data import Flow

UNKNOWN = "_U"
MAX_NEAREST = 4
"""So many other answers a list of open questions names."""


def question_in_words(question: Question, flow: Flow) -> str:
    """A question with its place, such as “Table 1: which residence rule applies to these figures?”."""
    from sdmxmig.quality.rules.words import spoken_name

    kind, _, name = question.part.partition(" ")
    place = f"{len(question.sheets)} sheets" if question.sheets else question.sheet
    reason = question.chosen.reason.removesuffix(".")
    match kind:
        case "fixed":
            asked = f"which {spoken_name(name, flow)} applies to these figures?{reason_sentence(reason)}"
        case "codes":
            asked = f"which {spoken_name(name, flow)} is “{question.label}”?{reason_sentence(reason)}"
        case "line":
            asked = f"what do these labels give: {question.label}?{reason_sentence(reason)}"
        case _:
            about = f"“{question.label}”: " if question.label and question.label not in reason else ""
            asked = f"{about}{reason}{'' if reason.endswith('?') else '.'}"
    if not place:
        return f"{asked[:1].upper()}{asked[1:]}"
    return asked if asked.startswith(place) else f"{place}: {asked}"


def reason_sentence(reason: str) -> str:
    """A reason as a sentence after a question; nothing where it says only that there is none."""
    return "" if reason in ("", "nothing says what it is") else f" {reason[:1].upper()}{reason[1:]}."


def answer_in_words(code: str, question: Question, flow: Flow) -> str:
    """An answer with its name, such as “12 months (R12)”."""
    from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, ONLY
    from sdmxmig.quality.rules.words import name_of, spoken_name

    kind, _, name = question.part.partition(" ")
    if code == AS_IT_IS:
        return "Take the figures as they are"
    if code == LEAVE_OUT:
        return "Leave them out"
    if code.startswith(ONLY):
        return f"Read only “{code.removeprefix(ONLY)}”"
    if kind == "fixed" and code == UNKNOWN:
        return f"Not stated ({code})"
    called = spoken_name(code, flow) if kind == "line" else name_of(flow, name.partition(" ")[0], code, "en")
    return called if called == code else f"{called[:1].upper()}{called[1:]} ({code})"


def open_question(question: Question, flow: Flow) -> str:
    """A question in one line with what is proposed and the nearest other answers."""
    proposed = f" Proposed: {answer_in_words(question.chosen.code, question, flow)}." if question.chosen.code else ""
    others = [answer_in_words(candidate.code, question, flow) for candidate in question.others if candidate.code]
    more = ", …" if len(others) > MAX_NEAREST else ""
    nearest = f" {'Or' if proposed else 'Possible'}: {', '.join(others[:MAX_NEAREST])}{more}." if others else ""
    return f"? {question_in_words(question, flow)}{proposed}{nearest}"
