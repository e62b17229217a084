"""Runs that are killed, or whose disk fails, at chosen calls: a small part of ``tests/faults/fault_injection.py``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "faults"))  # scripts, no package

from fault_harness import Harness, broken_after_clean_run, broken_by_fault, current_number, staged
from fault_inputs import Inputs
from fsync_order import order_violations

from warehouse.folder import DataFolder

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the shim is for Linux")

#: Where in the length of a run it is struck, with what.
FAULTS = [
    *((share, "kill", "") for share in (0.0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.9)),
    (0.3, "ENOSPC", "1"),
    (0.6, "EIO", ""),
    (0.75, "short", ""),
]


class _Place:
    """A published first release and the inputs of the next, to be copied for every fault."""

    def __init__(self, place: Path) -> None:
        self.harness = Harness(place, batch_files=2)
        self.data = place / "data"
        self.inputs = Inputs(place / "articles", seed=1, count=16)
        self.harness.run_here(self.inputs.folder, self.data)
        self.inputs.change()
        self.expected = self.harness.from_scratch(self.inputs.folder)
        self.expected_calls = self._calls()

    def copy(self, name: str) -> DataFolder:
        """A data folder that holds the first release."""
        target = self.harness.place / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.data, target, symlinks=True)
        return DataFolder(target)

    def _calls(self) -> int:
        folder = self.copy("counted")
        run = self.harness.run(self.inputs.folder, folder.root, 1)
        assert run.code == 0
        return run.main_calls


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> _Place:
    """What all these tests begin with."""
    made = _Place(tmp_path_factory.mktemp("faults").resolve())
    if made.harness.shim is None:
        pytest.skip("no C compiler")
    return made


@pytest.fixture
def struck(place: _Place) -> Callable[[float, str, str], tuple[DataFolder, int]]:
    """Strikes a run; the value is its data folder and how many batches it left."""

    def strike(share: float, action: str, repeat: str) -> tuple[DataFolder, int]:
        folder = place.copy("struck")
        number = 1 + int(share * place.expected_calls)
        faults = {"FAULT_AT": str(number), "FAULT_ACTION": action, "FAULT_REPEAT": repeat}
        run = place.harness.run(place.inputs.folder, folder.root, 1, faults)
        assert run.struck > 0
        if action in {"kill", "torn"}:
            assert run.code == -9
        assert broken_by_fault(folder, before=1) == []
        return folder, len(staged(folder)) if current_number(folder) == 1 else 0

    return strike


@pytest.mark.parametrize(("share", "action", "repeat"), FAULTS)
def test_a_struck_run_harms_nothing_and_the_next_goes_on(
    place: _Place, struck: Callable[[float, str, str], tuple[DataFolder, int]], share: float, action: str, repeat: str
) -> None:
    folder, staged_count = struck(share, action, repeat)
    run = place.harness.run_here(place.inputs.folder, folder.root)
    assert broken_after_clean_run(folder, place.inputs.folder, run, place.expected) == []
    assert run.outcome["batches_reused"] >= staged_count


def test_a_killed_worker_fails_the_run_and_the_next_goes_on(place: _Place) -> None:
    # Two batches: every worker that is started meets its end, and there is one for each batch.
    harness = Harness(place.harness.place, batch_files=8)
    folder = DataFolder(place.harness.place / "workers")
    faults = {"FAULT_AT": "12", "FAULT_ACTION": "kill", "FAULT_WHO": "worker"}
    run = harness.run(place.inputs.folder, folder.root, 2, faults)
    assert run.struck > 0
    assert run.code > 0
    assert current_number(folder) == 0
    run = harness.run_here(place.inputs.folder, folder.root)
    assert broken_after_clean_run(folder, place.inputs.folder, run, place.expected) == []


def test_a_release_is_on_the_disk_before_it_is_published(place: _Place) -> None:
    folder, trace = place.copy("traced"), place.harness.place / "trace"
    assert place.harness.run(place.inputs.folder, folder.root, 1, {"FAULT_TRACE": str(trace)}).code == 0
    assert order_violations(trace, folder) == []
