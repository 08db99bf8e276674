"""SDMX REST service: answers queries from published content."""
