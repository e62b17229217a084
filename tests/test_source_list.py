"""sources.toml: what it says of a source, and how it is told what is wrong in it."""

from __future__ import annotations

import json
import pickle  # ruff: ignore[suspicious-pickle-import] - as worker processes do
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.source_list import SourceEntry, SourceListError, read_source_list
from flows.sources import Source
from transforms.parse.reading import Options

WHOLE = """
[wire]
location = "wire"
format = "json_lines"
fields = { title = "headline", body = "story.text" }
encoding = "windows-1252"
day_first = true
time_zone = "Europe/Paris"
language = "fr"
mode = "mirror"
licence = "CC BY 4.0"

[feed]
location = "https://example.org/feed.xml?key=${FEED_KEY}"
poll = true
"""


def _written(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SourceListError) as caught:
        read_source_list(_written(folder, text))
    assert caught.value.__context__ is None, "the exceptions of others quote what stood in the file"
    path = folder / "sources.toml"
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    return [line.removeprefix(f"{path}: ") for line in lines]


def test_a_list_says_how_each_source_is_read(tmp_path: Path) -> None:
    listed = read_source_list(_written(tmp_path, WHOLE))
    wire, feed = listed.entries["wire"], listed.entries["feed"]
    assert wire.options == Options(
        format="json_lines",
        fields={"body": "story.text", "title": "headline"},
        encoding="windows-1252",
        language="fr",
        day_first=True,
        time_zone="Europe/Paris",
    )
    assert (wire.mode, wire.licence, wire.is_remote, wire.poll) == ("mirror", "CC BY 4.0", False, False)
    assert listed.place("wire") == (tmp_path / "wire").resolve()
    assert (feed.options, feed.mode, feed.is_remote, feed.is_web, feed.poll) == (Options(), "append", True, True, True)
    assert list(listed.chosen(())) == ["wire", "feed"]
    assert list(listed.chosen(("feed",))) == ["feed"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[a]\nlocation = "x"\nlocaton = "x"', "[a] locaton: no such key (did you mean 'location'?); expected"),
        ("[a]\npoll = false", "[a] location: missing; expected a path or a URL"),
        ('[a]\nlocation = "x"\nformat = "csv"', "(did you mean 'delimited'?); came 'csv'"),
        ('[a]\nlocation = "x"\nformat = "zip"', "[a] format: expected one of auto, "),
        ('[a]\nlocation = "x"\nfields = { titel = "t" }', "(did you mean 'title'?); came {'titel': 't'}"),
        ('[a]\nlocation = "x"\nfields = { title = 1 }', "[a] fields.title: expected a text; came 1"),
        ('[a]\nlocation = "x"\nencoding = "klingon"', "[a] encoding: expected the name of a text encoding"),
        ('[a]\nlocation = "x"\nencoding = "base64"', "[a] encoding: expected the name of a text encoding"),
        ('[a]\nlocation = "x"\nday_first = "yes"', "[a] day_first: expected true or false; came 'yes'"),
        ('[a]\nlocation = "x"\ntime_zone = "Europe/Pari"', "(did you mean 'Europe/Paris'?); came 'Europe/Pari'"),
        ('[a]\nlocation = "x"\nlanguage = "French"', "[a] language: expected an ISO 639-1 code"),
        ('[a]\nlocation = "x"\nmode = "mirrored"', "[a] mode: expected 'append' or 'mirror'; came 'mirrored'"),
        ("[a]\nlocation = 5", "[a] location: expected a text; came 5"),
        ('[a]\nlocation = ""', "[a] location: expected a path or a URL; came ''"),
        ('[a]\nlocation = "simplecache::s3://b"', "[a] location: expected a location without a cache"),
        ('[a]\nlocation = "zip://x::sftp://h/a.zip"', "[a] location: expected no sftp in a chain"),
        ('[a]\nlocation = "s3://b"\npoll = true', "[a] poll: expected an http or https location; came 's3://b'"),
        ('[a]\nlocation = "https://h/"\npoll = true\nmode = "mirror"', "[a] mode: expected 'append' for a source with"),
        ('[a]\nlocation = "x"\n[b]\nlocation = "./x"', "[b] location: expected another place than that of [a]"),
        ('location = "x"', "location: expected a table [name] for each source"),
        ('["../x"]\nlocation = "x"', "['../x'] expected a name of letters"),
        ('[".x"]\nlocation = "x"', "['.x'] expected a name of letters"),
        ('["a.part"]\nlocation = "x"', "['a.part'] expected a name of letters"),
        ("[a\n", "expected TOML: "),
        ("", "expected a table for each source"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_source_key_and_expectation(tmp_path: Path, text: str, problem: str) -> None:
    (line,) = _problems(tmp_path, text)
    assert problem in line


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = '[a]\nlocation = "x"\nmode = "x"\npoll = 1\n[b]\nformat = "auto"'
    assert [line.split(":")[0] for line in _problems(tmp_path, text)] == ["[a] mode", "[a] poll", "[b] location"]


def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (line,) = _problems(tmp_path, '[a]\nlocation = "sftp://me:hunter2@host/x?token=abc"')
    assert "write ${NAME} in its place" in line
    assert "hunter2" not in line
    assert "abc" not in line


def test_a_list_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceListError, match="no such file"):
        read_source_list(tmp_path / "sources.toml")
    (tmp_path / "sources.toml").write_bytes(b"[a]\nlocation = '\xe9'")
    with pytest.raises(SourceListError, match="expected UTF-8; byte 16 is not"):
        read_source_list(tmp_path / "sources.toml")


@settings(deadline=None)  # the list of time zones is read once
@given(
    st.dictionaries(
        st.sampled_from([*SourceEntry.model_fields, "other"]),
        st.one_of(
            st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=20),
            st.integers(-9, 9),
            st.booleans(),
            st.lists(st.integers(0, 9), max_size=2),
        ),
    )
)
def test_whatever_stands_in_a_table_is_taken_or_told(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, object]
) -> None:
    text = "\n".join(["[a]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())])
    path = _written(tmp_path_factory.getbasetemp(), text)
    told = ""
    try:
        names = list(read_source_list(path).entries)
    except SourceListError as error:
        names, told = ["a"], str(error)
    assert names == ["a"]
    assert all(line.startswith(f"{path}: [a] ") for line in told.splitlines())


def test_a_name_that_is_not_listed_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SourceListError, match=r"no source is called 'fed' \(did you mean 'feed'\?\); there are: wire"):
        read_source_list(_written(tmp_path, WHOLE)).chosen(("fed",))


def test_the_key_of_options_follows_them_and_nothing_else(tmp_path: Path) -> None:
    def key(**options: object) -> str:
        return Source("s", tmp_path, options=Options(**options)).options_key  # type: ignore[arg-type]

    assert key() == ""
    keys = {
        key(**options)
        for options in (
            {"day_first": True},
            {"day_first": False},
            {"encoding": "cp1252"},
            {"fields": {"body": "a"}},
            {"fields": {"title": "a"}},
            {"format": "json"},
            {"language": "de"},
            {"time_zone": "UTC"},
        )
    }
    assert len(keys) == 8
    assert all(len(each) == 12 for each in keys)
    assert key(fields={"body": "a", "title": "b"}) == key(fields={"title": "b", "body": "a"})
    source = Source("s", tmp_path, options=Options(fields={"body": "a"}))
    assert pickle.loads(pickle.dumps(source)) == source  # ruff: ignore[suspicious-pickle-usage] - what was just written


def test_the_key_of_options_is_the_same_in_every_process(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from flows.sources import Source; from transforms.parse.reading import Options; "
        "print(Source('s', Path('x'), options=Options(fields={'body': 'a', 'title': 'b'})).options_key)"
    )
    here = Source("s", tmp_path, options=Options(fields={"title": "b", "body": "a"})).options_key
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == here
