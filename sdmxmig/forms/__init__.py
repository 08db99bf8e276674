"""Forms: workbooks to fill in and return."""

from __future__ import annotations
