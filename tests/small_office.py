"""What the smallest workspace says of its country and office."""

from __future__ import annotations

COUNTRY = """
[country]
area = "GE"
name.en = "Georgia"
office.en = "Office"
language = "en"
[message]
sender = "GE1"
receiver = "UNSD"
test = true
"""
