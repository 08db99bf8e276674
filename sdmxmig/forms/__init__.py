"""Forms: workbooks that people fill in and send back, how they look, and the hidden cells by which they are read."""

from __future__ import annotations
