"""Comparisons are kept in the workspace, and never outside it through a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.workspace.tasks.published_comparisons import read_comparisons


@pytest.mark.parametrize("link", ["deliveries", "deliveries/fetched-back"])
def test_link_out_of_the_workspace_is_refused(link: str, tmp_path: Path) -> None:
    workspace, outside = tmp_path / "workspace", tmp_path / "outside"
    outside.mkdir()
    (workspace / link).parent.mkdir(parents=True)
    (workspace / link).symlink_to(outside)
    with pytest.raises(InputError, match="leads out of the workspace"):
        read_comparisons(workspace)


def test_link_within_the_workspace_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "deliveries").symlink_to(tmp_path / "elsewhere")
    assert read_comparisons(tmp_path) == ()
