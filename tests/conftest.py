"""What several tests share: article files, and a small warehouse that is built once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.pipeline import run_directly
from flows.settings import Settings
from samples import BAD, GOOD, write_files


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder of good article files."""
    folder = tmp_path / "articles"
    write_files(folder, GOOD)
    return folder


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    """Makes settings for a data folder of this test, one worker unless said otherwise."""

    def make(name: str = "data", **values: object) -> Settings:
        return Settings.given(
            **({"data": tmp_path / name, "workers": 1, "settle_seconds": 0, "keep_hours": 0} | values)
        )

    return make


@pytest.fixture(scope="session")
def warehouse_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a warehouse with the good and the bad files. Read it, do not change it."""
    folder = tmp_path_factory.mktemp("shared")
    write_files(folder / "articles", GOOD)
    write_files(folder / "articles", BAD)
    run_directly(
        Settings.given(data=folder / "data", workers=1, settle_seconds=0, recogniser="crf,rules"), [folder / "articles"]
    )
    return folder / "data"
