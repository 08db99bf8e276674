"""SDMX REST over HTTP: access, headers, streaming; no cookies."""
