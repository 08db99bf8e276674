"""Declarations as plain records."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.references import Ref

PLAIN = (str, int, bool, type(None))


def record(thing: object) -> object:
    """A value as JSON can hold it: texts by language, references as URNs; what is empty is left out.

    >>> record(Text.of(en="Sex", fr="Sexe"))
    {'en': 'Sex', 'fr': 'Sexe'}
    """
    if isinstance(thing, Text):
        return dict(thing)
    if isinstance(thing, Ref):
        return thing.urn if thing.agency and thing.version else str(thing)
    if isinstance(thing, Mapping):
        return {str(key): record(value) for key, value in thing.items()}
    if isinstance(thing, (tuple, list)):
        return [record(element) for element in thing]
    if dataclasses.is_dataclass(thing):
        values = ((field.name, getattr(thing, field.name)) for field in dataclasses.fields(thing))
        plain_values = ((name, record(value)) for name, value in values if not isinstance(value, Place))
        return {name: value for name, value in plain_values if value not in ("", None, [], {}, False)}
    return thing if isinstance(thing, PLAIN) else str(thing)
