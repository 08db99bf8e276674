"""Message parameters in every language, and reasons for checks not run (`templates/reasons/words.csv`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial

from sdmxmig.catalogue.folders import read_word_table, read_words_in
from sdmxmig.primitives import text
from sdmxmig.primitives.text import fill_message
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Reason, Rule, Verdict

FIRST_LANGUAGE = "en"
TOTAL = "_T"
MAX_DIGITS = 24
"""Maximum number of digits in decimal arithmetic; longer numbers are shown as sent."""
UNNAMED_DIMENSIONS = ("FREQ", "REF_AREA", "DIRECTION", "EVENT", "UNIT_MEASURE")


def translate_parameters(rule: Rule, make: Callable[[str], Mapping[str, str]]) -> dict[str, str]:
    r"""Build the parameters of a message in every language of its rule; names get a language suffix if needed.

    >>> from sdmxmig.sdmx.model.artefacts import Text
    >>> message = Text.of(en="{number}", fr="{number}")
    >>> rule = Rule("R", "1", kind="K", level=1, severity="error", name=Text(), message=message)
    >>> translate_parameters(rule, lambda language: {"number": write_number("1234", language), "code": "NB"})
    {'number': '1,234', 'code': 'NB', 'number@fr': '1\u202f234'}
    """
    parameters = dict(make(FIRST_LANGUAGE))
    for language, _ in rule.message:
        parameters |= {
            f"{name}@{language}": value for name, value in make(language).items() if value != parameters.get(name)
        }
    return parameters


def write_number(figure: str, language: str) -> str:
    """Write a number in a language with all its decimals; other texts stay unchanged.

    >>> write_number("3688.60", "en"), write_number("-7", "en"), write_number("12x", "en")
    ('3,688.60', '−7', '12x')
    """
    try:
        value = Decimal(figure)
    except InvalidOperation:
        return figure
    shape = value.as_tuple()
    if not isinstance(shape.exponent, int) or len(shape.digits) + abs(shape.exponent) > MAX_DIGITS:
        return figure
    return text.format_number(value, language, max(0, -shape.exponent))


def name_in_words(component: str, flow: Flow, language: str = FIRST_LANGUAGE) -> str:
    name = flow.concepts[component].in_language(language) if component in flow.concepts else component
    return name[:1].lower() + name[1:]


def find_code_name(flow: Flow, component: str, code: str, language: str) -> str:
    codelist = flow.codelist(component)
    if codelist is None or code not in codelist:
        return code
    return codelist[code].name.in_language(language) or code


def describe_subject(flow: Flow, key: Iterable[tuple[str, str]], language: str) -> str:
    shared, time = dict(key), flow.structure.time
    period = [shared[time.id]] if time and time.id in shared else []
    names = [
        find_code_name(flow, dimension, shared[dimension], language)
        for dimension in flow.structure.series_key
        if shared.get(dimension, TOTAL) != TOTAL and dimension not in UNNAMED_DIMENSIONS
    ]
    return text.join_texts([flow.dataflow.name.in_language(language) or flow.id, *period, *names], language)


AND, OR, COMMA = "{before} and {last}", "{before} or {last}", "{before}, {last}"
SEMICOLON_JOIN = "{before}; {last}"
FLOWS_REASON = "{flows}: {reason}"

Worded = Callable[[str], str]
"""Gives a text in a language."""
Named = str | int | Worded


def build_reason(message: str, **values: Named) -> Reason:
    """Build a reason; translated names have the language as suffix.

    >>> build_reason("{flow} has no {component}", flow="DF_POP", component="AGE").sentence()
    'DF_POP has no AGE'
    """
    parameters: dict[str, str] = {}
    for name, value in values.items():
        if not callable(value):
            parameters[name] = str(value)
            continue
        parameters[name] = first = value(FIRST_LANGUAGE)
        in_others = {language: value(language) for language in read_word_table("reasons") if language != FIRST_LANGUAGE}
        parameters |= {f"{name}@{language}": words for language, words in in_others.items() if words != first}
    return Reason(message, tuple(parameters.items()))


def translate_reason(reason: Reason, language: str) -> str:
    """Return a reason in a language; English if untranslated, as for own rules.

    >>> translate_reason(build_reason("{flow} has no {component}", flow="DF_POP", component="AGE"), "fr")
    'DF_POP n’a pas de composant AGE'
    """
    known = text.find_base_language(language)
    message = read_word_table("reasons").get(known, {}).get(reason.message)
    if message is None:
        return reason.sentence()
    sentence = fill_message(message, reason.build_parameters(known))
    return text.adjust_spanish_conjunction(sentence, language)


def is_worded(verdict: Verdict, language: str) -> bool:
    known = read_word_table("reasons").get(text.find_base_language(language), {})
    return bool(verdict.reasons) and all(reason.message in known for reason in verdict.reasons)


def write_reason(verdict: Verdict, language: str) -> str:
    if not is_worded(verdict, language):
        return verdict.reason
    return join_names(SEMICOLON_JOIN, [partial(translate_reason, reason) for reason in verdict.reasons], language)


def join_flows(flows: Iterable[str], reason: str, language: str) -> str:
    """Join dataflows and their reason in a language.

    >>> join_flows(["DF_POP", "DF_EMI"], "数据不全", "zh"), join_flows(["DF_POP"], "there is no count", "en")
    ('DF_POP，DF_EMI：数据不全', 'DF_POP: there is no count')
    """
    message = read_word_table("reasons").get(text.find_base_language(language), {}).get(FLOWS_REASON, FLOWS_REASON)
    return fill_message(message, {"flows": text.join_texts(flows, language), "reason": reason})


def join_all(names: Iterable[str]) -> Worded:
    """Join names with “and”.

    >>> join_all(["SEX", "AGE"])("es"), join_all(["SEX", "AGE"])("zh")
    ('SEX y AGE', 'SEX 和 AGE')
    """
    return partial(join_names, AND, list(names))


def join_any(names: Iterable[str]) -> Worded:
    return partial(join_names, OR, list(names))


def list_names(names: Iterable[str | Worded]) -> Worded:
    return partial(join_names, COMMA, list(names))


def join_names(message: str, names: Iterable[str | Worded], language: str) -> str:
    words = [name(language) if callable(name) else name for name in names]
    between = read_word_table("reasons").get(language, {}).get(message, message)
    row = words[0] if words else ""
    for last in words[1:]:
        row = fill_message(between, {"before": row, "last": last})
    return row


ITEM, INDICATOR, ANY = "ACC_ITEM", "INDICATOR", "ANY"
TERM = re.compile(r"\b[A-Z][A-Z0-9_]*(\[[^\]]*\])?\??")
EQUATION_SIGNS = {"-": "−", "*": "×", ">=": "≥", "<=": "≤"}
SETS = {"TOTAL": "total", "GROUPS": "sum of the groups"}
"""Keys of terms that represent several equations."""
COHORTS = {
    "MOST": "reported ages around {age}",
    "LEAST": "reported ages within {age}",
    "BORN": "born in the years of {age}",
}


def name_equation(written: str, flows: Sequence[Flow], language: str) -> str:
    """Return an equation of accounts with the names of its terms; `flows` have the dimensions of its keys."""
    words = TERM.sub(lambda found: name_account_term(found[0].removesuffix("?"), flows, language), written)
    for written_sign, sign in EQUATION_SIGNS.items():
        words = words.replace(f" {written_sign} ", f" {sign} ")
    return words


def name_account_term(written: str, flows: Sequence[Flow], language: str) -> str:
    """Return a term such as “POP_END[SEX=F]” in words."""
    item, _, key = written.removesuffix("]").partition("[")
    conditions = [name_condition(*part.partition("=")[::2], flows, language) for part in key.split(", ") if part]
    called = find_code_name(find_flow_with(ITEM, flows), ITEM, item, language)
    called = find_code_name(find_flow_with(INDICATOR, flows), INDICATOR, item, language) if called == item else called
    return f"{called} ({'; '.join(conditions)})" if conditions else called


def name_condition(dimension: str, value: str, flows: Sequence[Flow], language: str) -> str:
    """Return a condition of a term's key in words: names of codes, or the codes added up."""
    words, flow = read_words_in("accounts", language), find_flow_with(dimension, flows)
    if dimension in SETS:
        return words.say(SETS[dimension])
    codelist, name = flow.codelist(dimension), name_in_words(dimension, flow, language)
    codes = [code.removesuffix("?") for code in value.split("+") if code]
    if codelist and all(code in codelist for code in codes):
        return " + ".join(find_code_name(flow, dimension, code, language) for code in codes) or name
    if value in ("*", ANY) or value.startswith("H_"):
        return words.say("{name}: all values", name=name)
    if value.startswith("@"):
        return f"{name} = {name_in_words(value[1:], find_flow_with(value[1:], flows), language)}"
    cohort, years = value.partition("-")[::2]
    age = f"{name} − {years}"
    if cohort in COHORTS and years:
        return words.say(COHORTS[cohort], age=age)
    return age if cohort == dimension and years else f"{name}: {value}"


def find_flow_with(dimension: str, flows: Sequence[Flow]) -> Flow:
    return next((flow for flow in flows if dimension in flow.concepts), flows[0])
