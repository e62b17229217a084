"""The joins that the README draws hold in a warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms.contracts import TABLES
from warehouse.dictionary import Join, joins
from warehouse.folder import DataFolder
from warehouse.scan import scan_table


@pytest.mark.parametrize("join", joins(), ids=lambda join: f"{join.many} to {join.one}")
def test_a_join_finds_one_row_and_every_one_where_it_says_so(join: Join, warehouse_data: Path) -> None:
    release = DataFolder(warehouse_data).published_release()
    one = scan_table(release, join.one).select(join.one_columns).collect()
    many = scan_table(release, join.many).select(join.columns).collect()
    assert one.is_unique().all()
    assert set(join.one_columns) == set(TABLES[join.one].schema.primary_key())
    found = many.join(one, left_on=join.columns, right_on=join.one_columns, how="semi")
    if join.is_total:
        assert len(found) == len(many)
    assert not found.is_empty()


def test_every_table_joins_another() -> None:
    assert {name for join in joins() for name in (join.one, join.many)} == set(TABLES)
