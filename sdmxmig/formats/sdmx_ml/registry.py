"""Messages around data in SDMX-ML: dialogues with a registry, errors and queries, read whole.

`detect` tells which of the three a file is (kind ``registry``, ``error`` or ``query``).
"""

from __future__ import annotations

from sdmxmig.formats.faults import Faults
from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.model.messages import ErrorMessage, Query, RegistryMessage


def read_registry(name: str, content: bytes, faults: Faults | None = None) -> RegistryMessage:
    """What is said to a registry or answered by it: header and body; `name` is the file's, for messages.

    `faults` is None for strict reading; else faults are noted and the smallest part that holds one is left out.
    Raises `InputError` with line and element.
    """
    from sdmxmig.formats.sdmx_ml import registry_reading

    return registry_reading.read_registry(name, content, faults)


def write_registry(message: RegistryMessage, dialect: Dialect) -> bytes:
    """A message to or from a registry in a version of SDMX-ML.

    Raises `SdmxmigError` for what the version cannot say.
    """
    from sdmxmig.formats.sdmx_ml import registry_writing

    return registry_writing.write_registry(message, dialect)


def read_error(name: str, content: bytes, faults: Faults | None = None) -> ErrorMessage:
    """The errors that a service answered instead of what it was asked for.

    Raises `InputError` with line and element.
    """
    from sdmxmig.formats.sdmx_ml import error_messages

    return error_messages.read_error(name, content, faults)


def write_error(message: ErrorMessage, dialect: Dialect) -> bytes:
    """An error message in a version of SDMX-ML.

    Raises `SdmxmigError` if there is no error, or one without text.
    """
    from sdmxmig.formats.sdmx_ml import error_messages

    return error_messages.write_error(message, dialect)


def read_query(name: str, content: bytes, faults: Faults | None = None) -> Query:
    """What a query message asks for: the kind of resource, and its parameters as short text.

    Raises `InputError` with line and element.
    """
    from sdmxmig.formats.sdmx_ml import query_reading

    return query_reading.read_query(name, content, faults)
