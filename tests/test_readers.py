"""Readers and a writer at the same time; tests/readers/hammer.py does it at length."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "readers"))

from hammer import hammer


def test_readers_see_whole_releases_and_no_error_while_releases_switch(tmp_path: Path) -> None:
    report, is_well = hammer(tmp_path, releases=3, readers=4, files=40, alone=2)
    assert is_well, report
