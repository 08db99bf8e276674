"""Country profiles: file, data and form."""

from __future__ import annotations
