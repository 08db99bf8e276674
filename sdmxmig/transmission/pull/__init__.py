"""SDMX REST service: answers queries from published content.

Independent of HTTP except media types and status numbers.
"""
