"""Keys of user notes: figures and their attributes."""

from __future__ import annotations

from sdmxmig.conversion.mapping.checks import attributes_of, check_code
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.periods import parse
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Attributes, Flow, Noted


def read_noted(declared: Declared, flow: Flow) -> Noted:
    where, attributes = declared.table("where", required=True), declared.table("set", required=True)
    declared.close()
    noted = Noted(read_where(where, flow), attributes_of(attributes, flow), key=declared.place.key)
    for name, _ in noted.attributes:
        check_of_figures(attributes, name, flow)
    if not noted.attributes:
        hint = 'Write what they get, such as set = { OBS_STATUS = "P" }.'
        raise DeclarationError("A note says nothing of its figures.", attributes.place, hint)
    return noted


def read_where(declared: Declared, flow: Flow) -> Attributes:
    """The codes of the figures that are meant, by dimension; a code or period that cannot be one is refused."""
    codes = declared.pairs()
    if not codes:
        hint = 'Write which, such as where = { TIME_PERIOD = "2024" }; what holds for all stands in [block.fixed].'
        raise DeclarationError("A note does not say which figures it is about.", declared.place, hint)
    for name, code in codes.items():
        if name not in flow.structure.key:
            hint = did_you_mean(name, flow.structure.key)
            raise DeclarationError(f"{flow.id} has no dimension “{name}”.", declared.at(name), hint)
        component = flow.structure[name]
        check_code(declared, name, component=component, code=code, flow=flow)
        if component.role == "time" and parse(code) is None:
            hint = "Write 2020, 2020-S1, 2020-Q1, 2020-01 or 2020-07-01/P1Y."
            raise DeclarationError(f"“{code}” is no period.", declared.at(name), hint)
    return tuple(codes.items())


def check_of_figures(declared: Declared, name: str, flow: Flow) -> None:
    if flow.structure[name].attachment != "observation":
        hint = "What holds for all figures of a block stands in [block.fixed]."
        raise DeclarationError(f"{name} is no attribute of single figures.", declared.at(name), hint)
