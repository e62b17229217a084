"""The source list: ``sources.toml`` names every source of articles and says how it is to be read."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from flows.locations import is_url, literal_password, scheme_of, shown
from flows.sources import SourceError
from transforms.parse import FORMATS
from transforms.parse.fields import GUESSES
from transforms.parse.reading import Options

LIST_NAME: Final = "sources.toml"

_AUTO: Final = "auto"
#: A source's name is the name of a folder as well.
_NAME: Final = re.compile(r"[^\W_][\w .-]{0,79}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z0-9]{2,8})*")
#: These would keep copies outside the data folder.
_CACHES: Final = frozenset({"simplecache", "filecache", "blockcache", "cached"})
#: What people call the formats.
_OTHER_NAMES: Final = {
    "jsonl": "json_lines",
    "ndjson": "json_lines",
    "csv": "delimited",
    "tsv": "delimited",
    "rss": "feed",
    "atom": "feed",
    "markdown": "text",
    "txt": "text",
}
#: Within a chain fsspec opens these by itself, and takes any server for the right one.
_UNCHECKED: Final = frozenset({"sftp", "ssh"})
_SHOWN_CHARS: Final = 80


class SourceListError(SourceError):
    """A source list that cannot be used: every problem on a line of its own."""


def _nearest(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _known_format(name: str) -> str:
    names = [_AUTO, *(each.name for each in FORMATS if not each.is_container)]
    if name not in names:
        raise ValueError(f"one of {', '.join(names)}{_nearest(_OTHER_NAMES.get(name, name), names)}")
    return name


def _known_columns(fields: dict[str, str]) -> dict[str, str]:
    unknown = [column for column in fields if column not in GUESSES]
    if unknown:
        raise ValueError(f"keys of {', '.join(GUESSES)}{_nearest(unknown[0], list(GUESSES))}")
    if not all(field.strip() for field in fields.values()):
        raise ValueError("the name of a field for every column")
    return fields


def _known_encoding(name: str) -> str:
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        info = None
    if info is None or not getattr(info, "_is_text_encoding", True):
        raise ValueError("the name of a text encoding, as 'windows-1252' or 'shift_jis'")
    return name


def _known_time_zone(name: str) -> str:
    zones = available_timezones()
    if name not in zones:
        raise ValueError(f"a name of the IANA database, as 'Europe/Berlin'{_nearest(name, sorted(zones))}")
    return name


def _language_code(code: str) -> str:
    if not _LANGUAGE.fullmatch(code):
        raise ValueError("an ISO 639-1 code, as 'en' or 'pt-BR'")
    return code


def _usable_location(location: str) -> str:
    if not location.strip() or "\0" in location:
        raise ValueError("a path or a URL")
    if literal_password(location):
        raise ValueError("no password in the file: write ${NAME} in its place and set that environment variable")
    protocols = [part.split("://", 1)[0].lower() for part in location.split("::")]
    if _CACHES & set(protocols):
        raise ValueError("a location without a cache: what is fetched is kept in the data folder")
    if len(protocols) > 1 and _UNCHECKED & set(protocols):
        raise ValueError("no sftp in a chain, as there nobody checks the server's key: fetch the packed file itself")
    return location


class SourceEntry(BaseModel):
    """One table of the list: a source."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    location: Annotated[str, AfterValidator(_usable_location)]
    format: Annotated[str, AfterValidator(_known_format)] = _AUTO
    fields: Annotated[dict[str, str], AfterValidator(_known_columns)] = Field(default_factory=dict)
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    day_first: bool | None = None
    time_zone: Annotated[str, AfterValidator(_known_time_zone)] | None = None
    language: Annotated[str, AfterValidator(_language_code)] | None = None
    mode: Literal["append", "mirror"] = "append"
    licence: str | None = None
    poll: bool = False

    @property
    def is_remote(self) -> bool:
        return is_url(self.location)

    @property
    def is_web(self) -> bool:
        return scheme_of(self.location) in {"http", "https"} and "::" not in self.location

    @property
    def options(self) -> Options:
        return Options(
            format=None if self.format == _AUTO else self.format,
            fields=dict(sorted(self.fields.items())),
            encoding=self.encoding,
            language=self.language,
            day_first=self.day_first,
            time_zone=self.time_zone,
        )


@dataclass(frozen=True, slots=True)
class SourceList:
    """A source list that was read. Paths in it count from the folder of ``path``."""

    path: Path
    entries: Mapping[str, SourceEntry]

    @property
    def base(self) -> Path:
        return self.path.parent

    def place(self, name: str) -> Path:
        """The file or folder of a source that is not remote."""
        return (self.base / Path(self.entries[name].location).expanduser()).resolve()

    def chosen(self, only: tuple[str, ...]) -> dict[str, SourceEntry]:
        """These sources, or all. Raises ``SourceListError`` for one that is not in the list."""
        for name in only:
            if name not in self.entries:
                known = list(self.entries)
                message = f"{self.path}: no source is called '{name}'{_nearest(name, known)}; there are: "
                raise SourceListError(message + ", ".join(known))
        return {name: entry for name, entry in self.entries.items() if not only or name in only}


def _came(key: str, value: Any) -> str:
    if key == "location" and isinstance(value, str):
        value = shown(value)
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


_EXPECTED: Final = {
    "string_type": "a text",
    "bool_type": "true or false",
    "dict_type": "a table",
    "literal_error": "'append' or 'mirror'",
}


def _problem(problem: Mapping[str, Any], table: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in problem["loc"] if part not in {"[key]", "function-after"})
    top = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        known = list(SourceEntry.model_fields)
        return f"{key}: no such key{_nearest(top, known)}; expected some of {', '.join(known)}"
    if problem["type"] == "missing":
        return f"{key}: missing; expected a path or a URL"
    value: Any = table
    for part in problem["loc"]:
        value = value.get(part, value) if isinstance(value, Mapping) else value
    expected = _EXPECTED.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    return f"{key}: expected {expected}; came {_came(top, value)}"


def _combination_problems(entry: SourceEntry) -> list[str]:
    if not entry.poll:
        return []
    problems = []
    if not entry.is_web:
        problems.append(f"poll: expected an http or https location; came {_came('location', entry.location)}")
    if entry.mode == "mirror":
        problems.append("mode: expected 'append' for a source with poll; came 'mirror'")
    return problems


def _read_entry(name: str, table: Any) -> tuple[SourceEntry | None, list[str]]:
    if not isinstance(table, dict):
        return None, [f"{name}: expected a table [name] for each source; came a value outside of one"]
    if not _NAME.fullmatch(name) or name.endswith((".part", ".tmp", " ", ".")):
        return None, [f"[{name!r}] expected a name of letters, digits, blanks, '.', '_' and '-', 80 at most"]
    try:
        entry = SourceEntry.model_validate(table)
    except ValidationError as error:
        return None, [f"[{name}] {_problem(each, table)}" for each in error.errors(include_url=False)]
    return entry, [f"[{name}] {problem}" for problem in _combination_problems(entry)]


def _parse(path: Path) -> tuple[dict[str, Any], str | None]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), None
    except FileNotFoundError:
        return {}, "no such file"
    except UnicodeDecodeError as error:
        return {}, f"expected UTF-8; byte {error.start:,} is not"
    except tomllib.TOMLDecodeError as error:
        return {}, f"expected TOML: {error}"
    except OSError as error:
        return {}, f"cannot be read: {error.strerror}"


def read_source_list(path: Path) -> SourceList:
    """Read and check a source list.

    Raises ``SourceListError``, which names the file, the source, the key, what was expected and what came. Neither it
    nor its context holds a location's user info or query.
    """
    tables, trouble = _parse(path)
    problems = [] if trouble is None else [trouble]
    entries: dict[str, SourceEntry] = {}
    for name, table in tables.items():
        entry, found = _read_entry(name, table)
        problems += found
        if entry is not None:
            entries[name] = entry
    if not problems and not entries:
        problems = ['expected a table for each source, as [news] with location = "path/to/articles"']
    read = SourceList(path.absolute(), entries)
    places: dict[Path, str] = {}
    for name, entry in entries.items():
        if not entry.is_remote:
            other = places.setdefault(read.place(name), name)
            if other != name:
                problems.append(f"[{name}] location: expected another place than that of [{other}]")
    # Raised here and not where it was found: the exceptions of others quote what stood in the file.
    if problems:
        raise SourceListError("\n".join(f"{path}: {problem}" for problem in problems))
    return read
