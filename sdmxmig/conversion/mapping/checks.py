"""Checks of components, codes and patterns in mapping files."""

from __future__ import annotations

from sdmxmig.catalogue import areas
from sdmxmig.conversion.mapping.grid import expression_of
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.patterns import ExpressionError, pattern, short
from sdmxmig.quality.rules.codes import nearest_code
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

AREA_LISTS = ("CL_AREA", "CL_PARTNER")


def component_of(declared: Declared, key: str, flow: Flow) -> Component:
    measure = flow.structure.measure.id
    components = [component.id for component in flow.structure.components if component.id != measure]
    if key not in components:
        where = f"{flow.id} has no component “{key}” that a mapping can set."
        raise DeclarationError(where, declared.at(key), did_you_mean(key, components))
    return flow.structure[key]


def check_code(declared: Declared, key: str, component: Component, code: str, flow: Flow) -> None:
    codelist = flow.codelist(component)
    if codelist is not None and code not in codelist:
        raise DeclarationError(
            f"“{code}” is not a code of {component.id} ({codelist.ref.short}).",
            declared.at(key),
            hint_for_code(code, codelist, component.id),
        )


def hint_for_code(code: str, codelist: ItemScheme, concept: str) -> str:
    if codelist.ref.id in AREA_LISTS:
        return areas.hint_for(code, codelist)
    nearest = nearest_code(code, codelist, concept)
    if nearest.partition(" ")[0] in codelist:  # not for a short list, of which all codes are listed
        return f"Did you mean {nearest}?"
    return f"Possible values: {', '.join(codelist.ids[:12])}{' …' if len(codelist) > 12 else ''}."


def attributes_of(declared: Declared, flow: Flow) -> tuple[tuple[str, str], ...]:
    pairs = declared.pairs()
    for key, value in pairs.items():
        component = component_of(declared, key, flow)
        if component.role != "attribute":
            raise DeclarationError(f"A mark can set attributes only, not {key}.", declared.at(key))
        check_code(declared, key, component=component, code=value, flow=flow)
    return tuple(pairs.items())


def attribute_named(declared: Declared, key: str, flow: Flow) -> str:
    name = declared.text(key, "")
    attributes = [component.id for component in flow.structure.attributes()]
    if name and name not in attributes:
        raise DeclarationError(
            f"{flow.id} has no attribute “{name}”.", declared.at(key), did_you_mean(name, attributes)
        )
    return name


def check_expression(declared: Declared, key: str, written: str) -> None:
    try:
        pattern(written)
    except ExpressionError as error:
        hint = "Put it in single quotes, with a backslash before literal characters."
        message = f"“{short(written)}” is not a regular expression that can be used: {error}."
        raise DeclarationError(message, declared.at(key), hint) from None


def patterns_of(declared: Declared, key: str) -> tuple[str, ...]:
    if isinstance(declared.values.get(key, ""), str):
        patterns = tuple(filter(None, [declared.text(key, "")]))
    else:
        patterns = declared.strings(key)
    for written in patterns:
        check_expression(declared, key, expression_of(written))
    return patterns


def pattern_of(declared: Declared, key: str, default: str | None = None) -> str:
    written = declared.text(key, default)
    check_expression(declared, key, expression_of(written))
    return written


def small_number(declared: Declared, key: str, default: int, least: int = 1) -> int:
    number = declared.integer(key, default)
    if not least <= number <= 100:
        raise DeclarationError(f"“{key}” should be between {least} and 100, not {number}.", declared.at(key))
    return number
