"""Pull: what others ask for by SDMX REST, and what is answered from the structures, data and metadata that are served.

A question is parsed from an address (API 1.x or 2.x), asked of what is served, and answered in a format. Nothing here
knows of HTTP but for the names of its media types and the numbers of its statuses.
"""
