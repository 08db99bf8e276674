"""Presence of dimensions and mandatory attributes.

Uniqueness of keys. Actions of data at the receiver.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import listed
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.columns import rows_with
from sdmxmig.quality.rules.values import NOTHING
from sdmxmig.quality.rules.words import because, in_languages, number
from sdmxmig.sdmx.model.findings import Fault, NotTestable


@KINDS.add("DIMENSION-PRESENT")
def dimension_present(check: Check) -> Iterable[Fault | NotTestable]:
    """Every observation has a code or period for every dimension."""
    check.parameters.close()
    for dimension in check.dataset.flow.structure.dimensions:
        rows = rows_with(check, dimension, None)
        if rows:
            yield Fault(rows, dimension.id, parameters={"component": dimension.id})


@KINDS.add("ATTRIBUTE-PRESENT")
def attribute_present(check: Check) -> Iterable[Fault | NotTestable]:
    """Every mandatory attribute is there, on the level where it belongs: dataset, series or observation."""
    check.parameters.close()
    flow = check.dataset.flow
    mandatory = [attribute for attribute in flow.structure.attributes() if attribute.mandatory]
    if not mandatory:
        yield NotTestable(because("{flow} has no mandatory attribute", flow=flow.id))
    for attribute in mandatory:
        missing = not check.dataset.attributes.get(attribute.id) if attribute.attachment == "dataset" else False
        rows = rows_with(check, attribute, None)
        if rows or missing:
            parameters = {"component": attribute.id, "level": attribute.attachment or "observation"}
            yield Fault(rows, attribute.id, parameters=parameters)


@KINDS.add("KEY-UNIQUE")
def key_unique(check: Check) -> Iterable[Fault | NotTestable]:
    """No observation is reported twice. Parameter `values`: look for those repeated ``equal`` or ``different``.

    Values that differ only in writing, as 1.5 and 1.50 do, count as equal.
    """
    parameters = check.parameters
    different = parameters.text("values") == "different"
    parameters.close()
    structure = check.dataset.flow.structure
    measure = structure.measure.id
    attributes = [component.id for component in structure.attributes("observation")]
    numbers = check.books[0].numbers
    if numbers.are_distinct(structure.key):
        return
    figure = pl.coalesce(pl.col("amount").cast(pl.String), pl.col(measure))
    frame = check.amounts.frame.filter(numbers.of(structure.key).is_duplicated()).with_columns(figure.alias("figure"))
    compared = ["figure", *attributes]
    groups = frame.group_by(structure.key, maintain_order=True).agg(
        pl.col("row"), pl.col(measure).alias("texts"), *(pl.col(name).n_unique() for name in compared)
    )
    for group in groups.iter_rows(named=True):
        differing = [measure if name == "figure" else name for name in compared if group[name] > 1]
        if bool(differing) == different:
            yield repeated(check, group["row"], group["texts"], differing)


def repeated(check: Check, rows: Sequence[int], texts: Sequence[str | None], differing: Sequence[str]) -> Fault:
    """The fault of an observation that is reported several times: the first one stands, others are at fault."""
    flow = check.dataset.flow
    first = texts[0]
    others = [row for row, text in zip(rows, texts, strict=True) if text != first] or list(rows[1:])
    second = texts[list(rows).index(others[0])]
    others = [row for row, text in zip(rows, texts, strict=True) if text == second and row in others]
    related = tuple(row for row in rows if row not in others)

    def parameters_in(language: str) -> dict[str, str]:
        names = [flow.concepts[name].in_language(language) if name in flow.concepts else name for name in differing]
        return {
            "times": str(len(rows)),
            "components": listed(names, language),
            "first": number(first or NOTHING, language),
            "second": number(second or NOTHING, language),
        }

    measure = flow.structure.measure.id
    words, key = in_languages(check.rule, parameters_in), flow.structure.key
    return Fault(
        tuple(others),
        measure,
        parameters=words,
        observed=second or "",
        expected=first or "",
        related=related,
        labels=key,
    )


@KINDS.add("ACTION-ALLOWED")
def action_allowed(check: Check) -> Iterable[Fault | NotTestable]:
    """The action of a dataset is one of `allowed`, which prevents accidental deletion."""
    parameters = check.parameters
    allowed = parameters.strings("allowed", None)
    parameters.close()
    action, measure = check.dataset.action, check.dataset.flow.structure.measure.id
    if not action:
        yield NotTestable(because("the data do not say which action they ask for"))
    elif action not in allowed:
        listed = ", ".join(allowed)
        yield Fault((), measure, parameters={"value": action, "allowed": listed}, observed=action, expected=listed)
