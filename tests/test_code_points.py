"""Joined bodies, their hashes and their tokens."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.enrich.mentions.code_points import join_bodies, phrase_hashes
from transforms.enrich.mentions.tokens import tokenise

_CHARACTERS = st.characters(exclude_categories=["Cs"])
_BODIES = st.lists(st.text(_CHARACTERS, max_size=60), max_size=5)


def _words(body: str) -> list[str]:
    text = join_bodies([body])
    tokens = tokenise(text)
    spans = zip(tokens.starts, tokens.ends, tokens.is_break, strict=True)
    return [text.characters[start:end] for start, end, is_break in spans if not is_break]


@given(_BODIES)
def test_bodies_keep_their_characters(bodies: list[str]) -> None:
    text = join_bodies(bodies)
    ends = text.body_starts + [len(body) for body in bodies]
    found = [text.characters[start:end] for start, end in zip(text.body_starts, ends, strict=True)]
    assert found == bodies
    assert len(text.code_points) == len(text.classes) == len(text.characters)


@given(_BODIES, st.text(_CHARACTERS, min_size=1, max_size=20))
def test_a_span_hashes_alike_wherever_it_stands(bodies: list[str], phrase: str) -> None:
    text = join_bodies([*bodies, f"x {phrase}"])
    start = text.body_starts[-1:] + 2
    assert text.span_hashes(start, start + len(phrase)) == phrase_hashes([phrase])


def test_hashes_ignore_case_and_the_kind_of_apostrophe() -> None:
    assert len(np.unique(phrase_hashes(["O'Brien", "o\N{RIGHT SINGLE QUOTATION MARK}brien", "O'BRIEN"]))) == 1
    assert len(np.unique(phrase_hashes(["Baku", "Bakü", "Bak", "ukab", "Baku ", "\U0001f600", "\U0001f601"]))) == 7


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", []),
        ("Baku's 1,000.5 tonnes.", ["Baku", "'s", "1,000.5", "tonnes", "."]),
        ("Huseynov\N{RIGHT SINGLE QUOTATION MARK}s", ["Huseynov", "\N{RIGHT SINGLE QUOTATION MARK}s"]),
        ("Mr. O'Brien of the U.S. and AT&T", ["Mr", ".", "O'Brien", "of", "the", "U.S.", "and", "AT&T"]),
        ("J.K. Rowling, COP29 (IEERCAS)", ["J.K.", "Rowling", ",", "COP29", "(", "IEERCAS", ")"]),
        ("China-Central Asia", ["China", "-", "Central", "Asia"]),
        ("amazon.com don't", ["amazon.com", "don't"]),
        (
            "Ca\N{COMBINING CEDILLA}a \U0001f600\U0001f600 你好",
            ["Ca\N{COMBINING CEDILLA}a", *"\U0001f600\U0001f600", "你好"],
        ),
        ("مرحبا، باكو", ["مرحبا", "،", "باكو"]),
    ],
)
def test_tokens(body: str, words: list[str]) -> None:
    assert _words(body) == words


@given(st.text(_CHARACTERS, max_size=80))
def test_tokens_cover_everything_but_space(body: str) -> None:
    text = join_bodies([body])
    tokens = tokenise(text)
    covered = "".join(text.characters[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True))
    spaces = {"Zs", "Zl", "Zp", "Cc", "Cf"}
    assert [c for c in covered if unicodedata.category(c) not in spaces] == [
        c for c in body if unicodedata.category(c) not in spaces
    ]
    assert (tokens.starts < tokens.ends).all()
    assert (tokens.ends[:-1] <= tokens.starts[1:]).all()
