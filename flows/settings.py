"""Settings: a few roots and sizes, from the environment (``DATELINE_…``) or the command line."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.engine import EngineOptions
from transforms.enrich.mentions import check_recognisers
from warehouse.folder import DataFolder


def _default_workers() -> int:
    return max(1, min(os.cpu_count() or 1, 8))


class Settings(BaseSettings):
    """What a run needs to know. Every field can be set as ``DATELINE_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="DATELINE_", frozen=True, extra="forbid")

    data: Path = Field(default=Path("data"), description="The data folder: releases, ledger, lock.")
    sources: Path | None = Field(
        default=None, description="The source list; without one, sources.toml beside the data folder, if it is there."
    )
    workers: int = Field(
        default_factory=_default_workers, ge=1, le=256, description="Processes that transform batches."
    )
    batch_files: int = Field(default=2_500, ge=1, description="Most files in a batch.")
    batch_bytes: int = Field(
        default=8_000_000, ge=1, description="Most bytes in a batch, unless one file alone has more."
    )
    max_file_bytes: int = Field(
        default=64 * 2**30, ge=1, description="Larger files are quarantined. Those above 8 MB are read as streams."
    )
    recogniser: str = Field(
        default="crf", description="What finds the names: crf, rules, spacy:MODEL or gliner:MODEL; several by commas."
    )
    watchlist: Path | None = Field(
        default=None,
        description="Names that are always found; seeds/watchlist.csv beside the data folder, if it exists.",
    )
    settle_seconds: float = Field(
        default=1.0, ge=0, description="Files written less than this long ago wait for the next run."
    )
    retire_share: float = Field(
        default=0.5, ge=0, le=1, description="A mirror run retires no larger share of a source's files at once."
    )
    fetch_bytes: int = Field(default=4_000_000_000, ge=1, description="Larger remote objects are not fetched.")
    fetch_seconds: float = Field(
        default=1_800, gt=0, description="A remote object that takes longer is given up until the next run."
    )
    keep_releases: int = Field(default=5, ge=1, description="How many releases stay on disk at least.")
    keep_hours: float = Field(
        default=1.0, ge=0, description="Releases that were current within so many hours stay as well."
    )
    latest: bool = Field(
        default=False, description="Keep latest/ in the data folder up to date: each table as one file."
    )
    report: bool = Field(default=False, description="Write a report on each release: reports/ in the data folder.")
    memory_limit: str | None = Field(default=None, description="DuckDB's memory limit while loading, as '2GB'.")

    @field_validator("data")
    @classmethod
    def _no_glob(cls, data: Path) -> Path:
        # DuckDB and polars read such a path as a pattern.
        if set(str(data.absolute())) & set("*?["):
            raise ValueError("the data folder's path must not contain any of * ? [")
        return data

    @classmethod
    def given(cls, **values: Any) -> Settings:
        """Settings with these values where they are not None, and the environment's or defaults elsewhere."""
        return cls(**{name: value for name, value in values.items() if value is not None})

    @field_validator("recogniser")
    @classmethod
    def _is_known(cls, recogniser: str) -> str:
        check_recognisers(recogniser)
        return recogniser

    @cached_property
    def engine(self) -> EngineOptions:
        usual = self.data.absolute().parent / "seeds" / "watchlist.csv"
        return EngineOptions(self.recogniser, self.watchlist or (usual if usual.is_file() else None))

    @cached_property
    def folder(self) -> DataFolder:
        return DataFolder(self.data)
