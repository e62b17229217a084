"""Gather: which sources a run takes, and the copies of those that are remote brought up to date."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from flows import progress
from flows.compare import Selection
from flows.fetch import Bounds, fetch
from flows.settings import Settings
from flows.source_list import LIST_NAME, SourceEntry, SourceList, read_source_list
from flows.sources import (
    DEFAULT_PATHS,
    Source,
    SourceError,
    as_sources,
    check_paths,
    keep_apart,
    known_sources,
    note_sources,
)

#: The folder in the data folder for copies of remote sources.
FETCHED_NAME: Final = "fetched"


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked for.

    ``paths`` are folders or files of articles, as one source if ``source`` names it. Without any, the run takes the
    sources of the source list, or ``only`` some of them. A mirror run retires files that vanished from its paths; a
    verifying run hashes every file. With a ``selection`` the run processes again what that selects, of all sources
    that the data folder knows, and nothing else.
    """

    paths: tuple[Path, ...] = ()
    source: str | None = None
    is_mirror: bool = False
    is_verifying: bool = False
    selection: Selection | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sources of a run; what is wrong with others, and which mirrors lost too much, in words."""

    sources: list[Source]
    troubles: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()


def find_list(settings: Settings) -> SourceList | None:
    """The source list that the settings name, or that stands beside the data folder; None if there is none.

    Raises ``SourceListError`` for one that cannot be used.
    """
    if settings.sources is not None:
        return read_source_list(settings.sources)
    beside = settings.data.absolute().parent / LIST_NAME
    return read_source_list(beside) if beside.is_file() else None


def check_request(settings: Settings, request: Request) -> None:
    """Raise ``SourceError`` for what is wrong with a request, as far as can be told before the run."""
    listed = find_list(settings)
    if request.selection is not None:
        return
    if request.paths:
        check_paths(request.paths, request.source)
        if request.only:
            raise SourceError("--only chooses from the source list: give either paths or --only")
        return
    if listed is None:
        if request.only:
            raise SourceError(f"--only needs a source list: write {LIST_NAME} beside the data folder, or use --sources")
        check_paths(DEFAULT_PATHS, request.source)
        return
    listed.chosen(request.only)
    if request.source is not None:
        raise SourceError(f"--source names the source of paths; to run one of {listed.path}, use --only")
    if request.is_mirror:
        raise SourceError(f'--mirror is for paths; write mode = "mirror" for the source in {listed.path}')


def listed_source(listed: SourceList | None, path: Path) -> Source | None:
    """The listed source that a local path is or lies in, limited to it; the innermost of several."""
    if listed is None:
        return None
    place = path.resolve()
    around = [
        (own, name)
        for name, entry in listed.entries.items()
        if not entry.is_remote and place.is_relative_to(own := listed.place(name))
    ]
    if not around:
        return None
    own, name = max(around, key=lambda each: len(each[0].parts))
    root = own if own.is_dir() else own.parent
    entry = listed.entries[name]
    within = "" if place == root else str(place.relative_to(root))
    return Source(name, root, within, options=entry.options, is_mirror=entry.mode == "mirror")


def source_at(settings: Settings, listed: SourceList | None, path: Path) -> Source | None:
    """The listed source that a file lies in, be it as a copy that was fetched."""
    fetched = settings.folder.root.resolve() / FETCHED_NAME
    place = path.resolve()
    if listed is None or not place.is_relative_to(fetched) or place == fetched:
        return listed_source(listed, path)
    name = place.relative_to(fetched).parts[0]
    return _with_entry(Source(name, fetched / name), listed) if name in listed.entries else None


def _with_entry(source: Source, listed: SourceList | None) -> Source:
    """The source with the options that the list gives one of its name."""
    entry = listed.entries.get(source.name) if listed is not None else None
    return source if entry is None else replace(source, options=entry.options, is_fetched=entry.is_remote)


def _of_paths(settings: Settings, request: Request, paths: Iterable[Path], listed: SourceList | None) -> Gathered:
    folder = settings.folder
    check_paths(paths, request.source)
    sources = []
    for path in paths:
        found = listed_source(listed, path) if request.source is None else None
        if found is None:
            (found,) = as_sources([path], folder, request.source)
            found = replace(_with_entry(found, listed), is_mirror=request.is_mirror)
        elif request.is_mirror and not found.is_mirror:
            raise SourceError(
                f"source '{found.name}' is no mirror: to retire what vanished from it, write mode = \"mirror\" for it "
                f"in {LIST_NAME}"
            )
        sources.append(found)
    known = known_sources(folder) | {source.name: source.root for source in sources}
    note_sources(folder, known)
    return Gathered(keep_apart(sources, folder, known))


def _known(settings: Settings, wanted: str | None, listed: SourceList | None) -> Gathered:
    """Every source that the data folder knows, or the one of this name, as it lies there now."""
    known = known_sources(settings.folder)
    if wanted is not None and wanted not in known:
        raise SourceError(f"no source is called '{wanted}'; known are: {', '.join(sorted(known)) or 'none'}")
    sources, troubles = [], []
    for name, root in known.items():
        if wanted not in {None, name}:
            continue
        problem = _problem_with(root)
        if problem is None:
            sources.append(_with_entry(Source(name, root), listed))
        else:
            troubles.append(f"source '{name}': {problem}")
    if not sources and troubles:
        raise SourceError("; ".join(troubles))
    return Gathered(keep_apart(sources, settings.folder, known), tuple(troubles))


def _problem_with(place: Path) -> str | None:
    """Why a local source cannot be listed."""
    try:
        if place.is_file():
            return None
        with os.scandir(place):
            return None
    except FileNotFoundError:
        return f"{place}: no such file or folder; is it not mounted?"
    except OSError as error:
        return f"{place}: cannot be read: {error.strerror}"


def _of_list(settings: Settings, listed: SourceList, entries: dict[str, SourceEntry]) -> Gathered:
    folder = settings.folder
    own_place = folder.root.resolve()
    bounds = Bounds(settings.fetch_bytes, settings.fetch_seconds, settings.retire_share)
    sources: list[Source] = []
    troubles: list[str] = []
    held_back: list[str] = []
    for name, entry in entries.items():
        place = own_place / FETCHED_NAME / name if entry.is_remote else listed.place(name)
        if entry.is_remote:
            outcome = fetch(name, entry, listed.base, place, bounds)
            troubles += outcome.messages
            held_back += [outcome.held_back] if outcome.held_back else []
            problem = None if place.is_dir() else ""
        elif place.is_relative_to(own_place):
            problem = f"{place} lies in the data folder {folder.root}/; articles must stand elsewhere"
        else:
            problem = _problem_with(place)
        if problem is None:
            root, within = (place, "") if place.is_dir() else (place.parent, place.name)
            is_mirror = entry.mode == "mirror"
            sources.append(Source(name, root, within, frozenset(), entry.options, is_mirror, entry.is_remote))
        elif problem:
            troubles.append(f"source '{name}': {problem}")
    known = known_sources(folder) | {source.name: source.root for source in sources}
    note_sources(folder, known)
    others = known | {name: listed.place(name) for name, entry in listed.entries.items() if not entry.is_remote}
    return Gathered(keep_apart(sources, folder, others), tuple(troubles), tuple(held_back))


def gather(settings: Settings, request: Request) -> Gathered:
    """Find the sources of a request, and fetch those that are remote. The caller holds the writer lock.

    A source of the list that cannot be had is a trouble of its own and stops no other. Raises ``SourceError`` for
    paths or names that are wrong, or a list that cannot be used.
    """
    check_request(settings, request)
    listed = find_list(settings)
    if request.selection is not None:
        return _known(settings, request.selection.source, listed)
    if request.paths or listed is None:
        return _of_paths(settings, request, request.paths or DEFAULT_PATHS, listed)
    progress.stage("fetching sources")
    return _of_list(settings, listed, listed.chosen(request.only))
