"""Fetched data saved for comparison."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.conversion.mapping.writing import quoted
from sdmxmig.conversion.translation import translate
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import SdmxmigError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.exchange import known_format
from sdmxmig.sdmx.formats import FORMATS, data_bytes, joined
from sdmxmig.sdmx.model.maps import StructureMap
from sdmxmig.transmission.retrieval.fetching import Fetched, message_in
from sdmxmig.transmission.retrieval.queries import DataQuery
from sdmxmig.transmission.retrieval.round_trip import within
from sdmxmig.workspace.folder import COMPARISONS
from sdmxmig.workspace.tasks.getting import USUAL, How, datasets_of, get
from sdmxmig.workspace.tasks.history import Intent, recorded
from sdmxmig.workspace.tasks.outside_data import domains_of

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Dataset
    from sdmxmig.workspace.tasks.session import Session

TABLE = "sdmx-csv-2.0"
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidBy:
    """Saved data: file, declaration and omissions."""

    data: Path
    says: Path
    left_out: tuple[str, ...] = ()


def get_and_lay_by(
    session: Session, query: DataQuery, domain: str, *, flow: str = "", how: How = USUAL
) -> tuple[Fetched, LaidBy]:
    check_known("domain", domain, domains_of(session.catalogue.rules))
    fetched = get(query, how, workspace=session.workspace.folder, talk=session.talk)
    return fetched, lay_by(session, fetched, query, domain, flow=flow, how=how)


def lay_by(
    session: Session, fetched: Fetched, query: DataQuery, domain: str, *, flow: str = "", how: How = USUAL
) -> LaidBy:
    """Save fetched data in ``comparisons/`` for rules of a `domain`.

    `flow` translates by structure map; omissions are reported. Raises `SdmxmigError` for empty or unknown data.
    """
    datasets = datasets_of(fetched, query, session, how)
    if not datasets:
        raise SdmxmigError(
            "There is nothing to lay by.", Place(fetched.asked.address), "Ask for other series or years."
        )
    published = joined(list(datasets))
    check_asked_for(published, query, fetched)
    dataset, left_out = in_our_words(session, published, flow)
    check_known("dataflow", dataset.flow.id, session.catalogue.flows)
    is_as_it_came = len(datasets) == 1 and dataset is datasets[0]
    form = known_format(fetched.kept.format if is_as_it_came else TABLE)
    header = session.header("COMPARISON")
    content = message_in(fetched)[1] if is_as_it_came else data_bytes(FORMATS[TABLE], [dataset], header)
    stem = UNSAFE.sub("_", f"{query.agency}_{query.flow}_{domain}")
    folder = session.workspace.folder / COMPARISONS
    data, says = folder / f"{stem}{form.suffix}", folder / f"{stem}.toml"
    lines = {
        "file": data.name,
        "flow": dataset.flow.id,
        "domain": domain,
        "provider": fetched.asked.service.name.in_language("en"),
        "source": f"dataflow {query.agency}:{query.flow}",
        "read": fetched.kept.fetched[:10],
        "address": fetched.kept.address,
        "fetched": fetched.kept.fetched,
        "sha256": hashlib.sha256(content).hexdigest(),
        "message": fetched.kept.sha256,
    }
    described = "\n".join(["[[data]]", *(f"{key} = {quoted(value)}" for key, value in lines.items())]) + "\n"
    command = f"sdmxmig get {query.agency} {query.flow} --lay-by {domain}"
    with recorded(session.workspace.folder, Intent(what="get", command=command, at=session.prepared)):
        publish_file(data, content, "workspace")
        publish_file(says, described.encode(), "workspace")
    return LaidBy(data=data, says=says, left_out=left_out)


def check_asked_for(dataset: Dataset, query: DataQuery, fetched: Fetched) -> None:
    rows = dataset.observations
    strangers = rows.height - within(rows, dataset.flow, replace(query, start="", end="")).height
    if strangers:
        message = f"The answer holds other series than those that were asked for; their observations: {strangers}."
        hint = "Ask for all series, or look what the key means there."
        raise SdmxmigError(message, Place(fetched.asked.address), hint)


def in_our_words(session: Session, dataset: Dataset, flow: str) -> tuple[Dataset, tuple[str, ...]]:
    if not flow or dataset.flow.id == flow:
        return dataset, ()
    ours = session.catalogue.flow(flow).dataflow.ref
    theirs = dataset.flow.dataflow.ref
    for artefact in session.catalogue.artefacts.values():
        if isinstance(artefact, StructureMap) and (artefact.source, artefact.target) == (ours, theirs):
            translated, lost = translate(dataset, artefact, session.catalogue, back=True)
            return replace(translated, properties={}), tuple(map(str, lost))
    message = f"No structure map leads from {theirs.short} to {ours.short}."
    raise SdmxmigError(message, hint="Leave --flow away, or declare such a map in structures/maps/.")
