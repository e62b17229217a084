"""The proof that a release is on the disk before anybody is led to it, from a trace of the calls that made it.

``python tests/faults/fsync_order.py`` traces one run into an empty data folder and one that goes on from it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fault_harness import Harness
from fault_inputs import Inputs

from warehouse.folder import MANIFEST_NAME, DataFolder


@dataclass
class _Cache:
    """What the kernel holds and the disk may lack: the paths, with the call that made them so."""

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def _entry(self, path: str, call: str) -> None:
        self.folders[str(Path(path).parent)] = f"{call} {path}"

    def _move(self, old: str, new: str) -> None:
        for held in (self.files, self.folders, self.modes):
            for path in [each for each in held if each == old or each.startswith(old + "/")]:
                held[new + path.removeprefix(old)] = held.pop(path)
        self.seen.add(new)

    def _forget(self, path: str) -> None:
        for held in (self.files, self.folders, self.modes):
            held.pop(path, None)
        self.seen.discard(path)

    def _opened(self, path: str, call: str) -> None:
        # A file that was there before is taken for new: that is only stricter than need be.
        if path not in self.seen:
            self.seen.add(path)
            self.files[path] = call
            self._entry(path, call)

    def note(self, call: str, path: str, other: str) -> None:
        """Follow one call."""
        if call == "fsync":
            for held in (self.files, self.folders, self.modes):
                held.pop(path, None)
        elif call == "chmod":
            self.modes[path] = call
        elif call == "open":
            self._opened(path, call)
        elif call in {"write", "truncate", "copy"}:
            self.files[path] = call
        else:
            self._renamed(call, path, other)

    def _renamed(self, call: str, path: str, other: str) -> None:
        """Follow a call that changes the entries of folders."""
        if call == "rename":
            self._forget(other)
            self._move(path, other)
        elif call == "link" and path in self.files:
            self.files[other] = self.files[path]
        elif call == "unlink":
            self._forget(path)
        if call != "link":
            self._entry(path, call)
        if other:
            self._entry(other, call)


def _calls(trace: Path) -> list[tuple[str, str, str]]:
    lines = trace.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    calls = [tuple(line.split("\t")[1:]) for line in lines]
    return [(call, path, other) for call, path, other in calls]


def _not_flushed(cache: _Cache, folder: DataFolder, release: Path) -> Iterator[str]:
    inside = [release, *release.rglob("*")]
    for path in inside:
        if str(path) in cache.files:
            yield f"{path.relative_to(folder.root)} was not flushed after its last {cache.files[str(path)]}"
    if modes := sorted(path for path in map(str, inside) if path in cache.modes):
        yield f"{len(modes)} files, such as {modes[0]}, were not flushed after chmod: they may become writable again"
    for path in (folder.releases, *(path for path in inside if path.is_dir())):
        if str(path) in cache.folders:
            yield f"{path.relative_to(folder.root)}/ was not flushed after {cache.folders[str(path)]}"


def order_violations(trace: Path, folder: DataFolder) -> list[str]:
    """What was not on the disk when ``current`` was switched, in a trace of the run that made the current release."""
    release = folder.published_release().path
    cache, found, calls = _Cache(), [], _calls(trace)
    switches = [at for at, (call, _, other) in enumerate(calls) if (call, other) == ("rename", str(folder.current))]
    if len(switches) != 1:
        return [f"the run switched {len(switches)} times, not once"]
    for call in calls[: switches[0]]:
        cache.note(*call)
    found += _not_flushed(cache, folder, release)
    changes = [
        other or path
        for call, path, other in calls
        if call not in {"fsync", "chmod"} and (other or path).startswith(f"{release}/")
    ]
    if not changes or changes[-1] != str(release / MANIFEST_NAME):
        found.append(f"the last change to the release is to {changes[-1:]}, not to its manifest")
    if ("fsync", str(folder.root), "") not in calls[switches[0] :]:
        found.append("the data folder was not flushed after the switch")
    return found


def prove(harness: Harness, inputs: Inputs, data: Path, workers: int) -> list[str]:
    """Trace a run and return what it did in the wrong order."""
    trace = harness.place / "trace"
    trace.unlink(missing_ok=True)
    run = harness.run(inputs.folder, data, workers, {"FAULT_TRACE": str(trace)})
    if run.code != 0:
        return [f"the traced run failed: {run.error}"]
    return order_violations(trace, DataFolder(data))


def main() -> int:
    """Prove it for a first release and one that follows it."""
    with tempfile.TemporaryDirectory(prefix="dateline-order-") as name:
        place = Path(name).resolve()
        harness = Harness(place)
        inputs = Inputs(place / "articles", seed=0, count=40)
        found = prove(harness, inputs, place / "data", workers=2)
        inputs.change()
        found += prove(harness, inputs, place / "data", workers=1)
    print("\n".join(found) or "two runs traced: every file and folder was flushed before the switch, manifest last")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
