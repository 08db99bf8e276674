"""The SDMX REST service over HTTP: who may ask, what an answer says of itself, and how it streams; no cookie."""
