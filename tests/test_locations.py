"""Locations: what is shown of them, and that nothing secret is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.locations import LocationError, credentials_of, expand, is_url, literal_password, scheme_of, shown


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("news/articles", "news/articles"),
        ("https://host/feed.xml", "https://host/feed.xml"),
        ("https://user:pass@host:8080/feed.xml?key=1#top", "https://host:8080/feed.xml"),
        ("sftp://user@host/news", "sftp://host/news"),
        ("https://u:p/w@host/x", "https://host/x"),
        ("https://host:8080/@someone/feed", "https://host:8080/@someone/feed"),
        ("zip://a.txt::https://u:p@host/a.zip?sig=1", "zip://a.txt::https://host/a.zip"),
        ("s3://bucket/prefix", "s3://bucket/prefix"),
    ],
)
def test_user_info_and_queries_are_not_shown(location: str, expected: str) -> None:
    assert shown(location) == expected


@pytest.mark.parametrize(
    ("location", "is_remote", "scheme"),
    [
        ("news", False, ""),
        ("../news: all", False, ""),
        ("C/x", False, ""),
        ("S3://b", True, "s3"),
        ("zip://x::y.zip", True, "zip"),
        ("memory://x", True, "memory"),
    ],
)
def test_urls_are_told_from_paths(location: str, scheme: str, *, is_remote: bool) -> None:
    assert (is_url(location), scheme_of(location)) == (is_remote, scheme)


def test_only_passwords_that_stand_in_the_location_are_literal() -> None:
    assert literal_password("https://user:hunter2@host/")
    assert literal_password("zip://a::sftp://user:hunter2@host/a.zip")
    for location in ("https://user:${PASSWORD}@host/", "sftp://user@host/", "https://host:8080/@a/b", "a:b@c"):
        assert not literal_password(location)


def test_variables_are_put_in_and_hidden_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FEED_KEY", "s3cr&t key")
    monkeypatch.setenv("FEED_PASSWORD", "p@ss/word")
    expanded = expand("https://me:${FEED_PASSWORD}@host/feed?key=${FEED_KEY}", tmp_path)
    assert credentials_of(expanded.location) == ("https://host/feed?key=s3cr%26t%20key", "me", "p@ss/word")
    for text in (expanded.location, "no s3cr&t key", "no s3cr%26t%20key", "no p@ss/word", f"see {expanded.location}!"):
        scrubbed = expanded.scrub(text)
        assert not any(secret in scrubbed for secret in ("s3cr", "p@ss", "p%40ss", "word"))
    assert "s3cr" not in repr(expanded)
    assert expanded.describe(ValueError("bad key s3cr&t key\n at https://me:x@host/feed?key=1")) == (
        "ValueError: bad key *** at https://host/feed"
    )


def test_credentials_of_the_environment_are_hidden_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    assert expand("s3://bucket", tmp_path).scrub("the key wJalrXUtnFEMI is wrong") == "the key *** is wrong"


def test_a_variable_that_is_not_set_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    with pytest.raises(LocationError, match="variable NOT_THERE is not set, and https://host/ needs it"):
        expand("https://host/?key=${NOT_THERE}", tmp_path)


def test_the_path_at_the_end_of_a_chain_counts_from_the_list(tmp_path: Path) -> None:
    assert expand("zip://a/b::news.zip", tmp_path).location == f"zip://a/b::{tmp_path}/news.zip"
    assert expand("zip://::s3://b/news.zip", tmp_path).location == "zip://::s3://b/news.zip"


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8),
    st.sampled_from(["https://u:{}@host/p", "https://host/p?k={}", "sftp://{}:x@host/p", "https://host/p#{}"]),
)
def test_no_secret_is_ever_shown(secret: str, form: str) -> None:
    # A secret of eight letters or more, that is not by chance part of what is shown.
    location = form.format(f"_{secret}_")
    assert secret not in shown(location)
