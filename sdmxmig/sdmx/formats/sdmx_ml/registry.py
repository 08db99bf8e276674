"""Messages around data in SDMX-ML: dialogues with a registry, errors and queries, read whole.

`detect` tells which of the three a file is (kind ``registry``, ``error`` or ``query``). All readers take a file's name
for messages, its content, and None for strict reading or `Faults` to note.
"""

from sdmxmig.sdmx.formats.sdmx_ml.error_messages import read_error, write_error
from sdmxmig.sdmx.formats.sdmx_ml.query_reading import read_query
from sdmxmig.sdmx.formats.sdmx_ml.registry_reading import read_registry
from sdmxmig.sdmx.formats.sdmx_ml.registry_writing import write_registry

__all__ = ["read_error", "read_query", "read_registry", "write_error", "write_registry"]
