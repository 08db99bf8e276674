"""JSON-stat datasets as data of the dataflow that they name, in the codes of their categories.

Source: JSON-stat 2.0 (json-stat.org), and the members that Eurostat adds under ``extension``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.inference import flow_of
from sdmxmig.sdmx.formats.surveyed import Surveyed
from sdmxmig.sdmx.frames import origins_frame, text_frame
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref

Parts = Mapping[str, Any]
TIME, MEASURE, STATUS = "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG"
"""Components of what JSON-stat calls the role of time, value and status."""
TIME_NAMES = ("time", "TIME")


def is_json_stat(content: bytes) -> bool:
    """Whether a file is a JSON-stat dataset.

    >>> is_json_stat(b'{"version": "2.0", "class": "dataset", "id": [], "size": [], "dimension": {}, "value": []}')
    True
    """
    members = (b'"dimension"', b'"size"', b'"value"', b'"id"')
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and all(name in content for name in members)


def read(name: str, content: bytes) -> Dataset:
    parsed = parse_json(content, name)
    try:
        body = parsed.get("dataset", parsed)
        dimension = body["dimension"]
        ids, sizes = body.get("id") or dimension["id"], body.get("size") or dimension["size"]
        codes = [codes_of(dimension[id_]["category"], size) for id_, size in zip(ids, sizes, strict=True)]
        times = {*(body.get("role") or dimension.get("role") or {}).get("time", ()), *TIME_NAMES}
        components = [TIME if id_ in times else id_ for id_ in ids]
        rows = list(rows_of(body, components, codes))
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        message = f"The JSON-stat dataset is inconsistent ({type(error).__name__}: {error})."
        raise InputError(message, Place(name), "Ask for the data again.") from None
    surveyed = Surveyed(ref_of(body.get("extension") or {}))
    columns = (*components, MEASURE, STATUS)
    surveyed.keys[tuple(component for component in components if component != TIME)] = None
    surveyed.observations[columns] = None
    flow, _ = flow_of(surveyed, {STATUS})
    return Dataset(flow, text_frame(columns, rows), series=pl.DataFrame(), attributes={}, origins=origins_frame())


def codes_of(category: Parts, size: int) -> Sequence[str]:
    index = category.get("index") or list(category["label"])
    codes = sorted(index, key=index.__getitem__) if isinstance(index, dict) else list(index)
    if len(codes) != size:
        raise ValueError(f"{len(codes)} categories, where {size} are stated")
    return codes


def rows_of(body: Parts, components: Sequence[str], codes: Sequence[Sequence[str]]) -> Iterator[dict[str, str]]:
    """Yield one row per cell with a value or status."""
    values, statuses = cells_of(body["value"]), cells_of(body.get("status") or {})
    sizes = [len(of_component) for of_component in codes]
    for number in sorted(values.keys() | statuses.keys()):
        if not 0 <= number < prod(sizes):
            raise IndexError(f"cell {number} of {prod(sizes)}")
        row, rest = {}, number
        for component, of_component in reversed(list(zip(components, codes, strict=True))):
            rest, position = divmod(rest, len(of_component))
            row[component] = of_component[position]
        facts = {MEASURE: values.get(number), STATUS: statuses.get(number)}
        yield row | {name: text for name, text in facts.items() if text is not None}


def cells_of(listed: Any) -> dict[int, str]:
    pairs = listed.items() if isinstance(listed, dict) else enumerate(listed)
    return {int(number): written(value) for number, value in pairs if value is not None}


def written(value: object) -> str:
    """Write a number, whole numbers without a decimal point.

    >>> written(5.0), written(0.25), written("p")
    ('5', '0.25', 'p')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def ref_of(extension: Parts) -> Ref | None:
    id_, agency = extension.get("id"), extension.get("agencyId")
    if not (isinstance(id_, str) and isinstance(agency, str)):
        return None
    return Ref("Dataflow", agency, id=id_, version=str(extension.get("version") or ""))
