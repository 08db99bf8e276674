"""Registry, error and query messages in SDMX-ML (see `detect`)."""

from sdmxmig.sdmx.formats.sdmx_ml.error_messages import read_error, write_error
from sdmxmig.sdmx.formats.sdmx_ml.query_reading import read_query
from sdmxmig.sdmx.formats.sdmx_ml.registry_reading import read_registry
from sdmxmig.sdmx.formats.sdmx_ml.registry_writing import write_registry

__all__ = ["read_error", "read_query", "read_registry", "write_error", "write_registry"]
