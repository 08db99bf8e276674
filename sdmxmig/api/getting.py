"""Getting what agencies publish: data and structures, as files that can be read, each with where it comes from."""

from __future__ import annotations

from sdmxmig.api.asking import Listener, in_python
from sdmxmig.api.sources import StrPath, folder_of
from sdmxmig.transmission.retrieval.fetching import Fetched
from sdmxmig.transmission.retrieval.queries import data_query, structure_query
from sdmxmig.workspace.tasks.getting import How
from sdmxmig.workspace.tasks.getting import get as fetch


@in_python
def get(  # noqa: PLR0913 - one for each thing that may be chosen
    agency: str,
    dataflow: str,
    key: str = "",
    *,
    start: str = "",
    end: str = "",
    format: str = "",  # noqa: A002 - what it is called everywhere
    address: str = "",
    api: int = 0,
    private: bool = False,
    credential: str = "",
    offline: bool = False,
    patience: float = 600.0,
    workspace: StrPath | None = None,
) -> Fetched:
    """Fetch the data of a dataflow from an agency; pass ``.path`` of the result to `read`.

    `key` has a code for each dimension with points between them: alternatives are joined by a plus, and an empty part
    means all. `start` and `end` are periods. `address` is that of a service in place of the declared one, `api` the
    generation of its REST API (1 or 2), `private` permits an address within this machine or network, and `credential`
    names a token in the keyring. Results are kept; if the service is unavailable, or with `offline`, the last copy is
    used. `patience` is the waiting time for a busy service, in seconds.

    Raises `SdmxmigError` if no data are available.
    """
    query = data_query(agency, dataflow, key, start=start, end=end)
    how = How(
        address=address,
        api=api,
        is_private=private,
        credential=credential,
        format=format,
        is_offline=offline,
        patience=patience,
    )
    return fetch(query, how, workspace=folder_of(workspace), talk=Listener())


@in_python
def get_structures(
    agency: str,
    what: str,
    *,
    references: str = "none",
    address: str = "",
    api: int = 0,
    private: bool = False,
    offline: bool = False,
    workspace: StrPath | None = None,
) -> Fetched:
    """Fetch structures from an agency; pass ``.path`` of the result to `read`.

    `what` is a kind with id and version, such as ``dataflow/DF_POP/1.0``, or a kind alone for all of the agency.
    `references` selects related artefacts: ``none``, ``children``, ``descendants``, ``parents`` or ``all``. Other
    parameters are as for `get`. Raises `SdmxmigError` if no structures are available.
    """
    query = structure_query(agency, what, references=references)
    how = How(address=address, api=api, is_private=private, is_offline=offline)
    return fetch(query, how, workspace=folder_of(workspace), talk=Listener())
