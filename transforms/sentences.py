"""Sentence boundaries in normalised bodies, by rules over a whole batch of code points.

A sentence ends at a paragraph's end, or at a terminator (``. ! ? …``) with its closing quotes or brackets
when a space follows and what comes next can begin a sentence. The full stop is the hard case: it also ends
abbreviations, initials and list numbers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

_Codes = npt.NDArray[np.uint32]
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]

_PARAGRAPH_BREAK: Final = "\n\n"

_STOP: Final = ord(".")
_SPACE: Final = ord(" ")
_NEWLINE: Final = ord("\n")

# What a character can be, as bits, for the basic plane; scripts beyond it hardly write sentences in two cases.
_TERMINATOR: Final = 1
_WIDE_TERMINATOR: Final = 2  # ends a sentence without a space behind it
_CLOSER: Final = 4
_OPENER: Final = 8
_LOWER: Final = 16
_UPPER: Final = 32
_PLANE_SIZE: Final = 0x10000


def _kinds() -> npt.NDArray[np.uint8]:
    """The kind of every code point of the basic plane."""
    kinds = np.zeros(_PLANE_SIZE, np.uint8)
    kinds[[code for code in range(_PLANE_SIZE) if chr(code).islower()]] = _LOWER
    kinds[[code for code in range(_PLANE_SIZE) if chr(code).isupper()]] = _UPPER
    for characters, kind in (
        (".!?…‽", _TERMINATOR),
        ("。！？", _WIDE_TERMINATOR),
        ("\"'”’»)]}」』", _CLOSER),
        ("\"'“‘«([{¿¡—–-", _OPENER),
    ):
        kinds[[ord(character) for character in characters]] |= kind
    return kinds


_KIND_OF: Final = _kinds()


_MAX_CLOSERS: Final = 3
_MAX_OPENERS: Final = 3

#: Words are compared as up to eight ASCII letters packed into 64 bits; longer ones never match.
_WORD_CHARS: Final = 8

_LIST_NUMBER_CHARS: Final = 2


def _pack(words: str) -> npt.NDArray[np.uint64]:
    packed = [int.from_bytes(word.encode("ascii").ljust(_WORD_CHARS, b"\0"), "big") for word in words.split()]
    return np.sort(np.array(packed, np.uint64))


# Abbreviations that a name or a number follows: a full stop behind them never ends a sentence.
_TITLES: Final = _pack(
    "mr mrs ms mx dr prof gen lt col maj capt cpl sgt adm cmdr brig rev fr hon sen sens rep reps gov govs pres st ste"
    " messrs mme mlle vs v cf e.g i.e viz al eg ie amb supt insp det ald asst assoc"
)
# Abbreviations that are one only before a digit: "No. 5" but "He said no."
_BEFORE_NUMBER: Final = _pack(
    "no nos art arts sec secs fig figs vol vols pp p ch para paras ca approx est op jan feb mar apr jun jul aug sep"
    " sept oct nov dec"
)
# Abbreviations that also stand at a sentence's end; so do initials and acronyms with full stops ("U.S.").
_MAYBE_FINAL: Final = _pack(
    "inc corp co cos ltd llc plc bros jr sr etc dept univ assn mt ft gmbh cie ave blvd rd hwy mln bln dlrs pct a.m p.m"
    " am pm ph.d jan feb mar apr jun jul aug sep sept oct nov dec calif mass pa va fla ill tenn ariz wash minn ore okla"
    " conn ala ark colo del ind kan ky la md mich miss mo mont neb nev tex vt wis wyo ont que"
)
# After one of those, only a word that opens sentences rather than names counts as a new sentence.
_STARTERS: Final = _pack(
    "the a an this that these those there here he she it they we you i his her its their our my in on at by for from to"
    " with without of as but and or so yet if when while after before since because although though however then now"
    " what who why how where which one some many most all both each no not more such other another also only just even"
    " under over during among between despite instead still do did does is was are were has have"
    " had will would can could should may"
)


def _kind(codes: _Codes) -> npt.NDArray[np.uint8]:
    return _KIND_OF[np.minimum(codes, _PLANE_SIZE - 1)]


def _is_ascii_letter(codes: _Codes) -> _Bools:
    folded = codes | 0x20
    return np.asarray((folded >= ord("a")) & (folded <= ord("z")))


def _is_digit(codes: _Codes) -> _Bools:
    return np.asarray((codes >= ord("0")) & (codes <= ord("9")))


def _pack_windows(letters: _Codes, valid: _Bools) -> npt.NDArray[np.uint64]:
    """Pack the leading valid letters of each row (k, 9) into 64 bits; 0 where there are none or more than eight."""
    leading = np.logical_and.accumulate(valid, axis=1)
    folded = np.where((letters >= ord("A")) & (letters <= ord("Z")), letters | 0x20, letters).astype(np.uint64)
    length = leading.sum(axis=1)
    packed = np.zeros(len(letters), np.uint64)
    for column in range(_WORD_CHARS):
        packed |= np.where(leading[:, column], folded[:, column], 0).astype(np.uint64) << np.uint64(56 - 8 * column)
    packed[length > _WORD_CHARS] = 0
    return packed


def _word_before(codes: _Codes, at: _Ints) -> tuple[npt.NDArray[np.uint64], _Ints]:
    """The word (letters and inner full stops) that ends just before each position, packed, and its length.

    The length is capped at nine; a word with other characters in it (digits, accents) packs to 0.
    """
    window = codes[np.maximum(at[:, None] - 1 - np.arange(_WORD_CHARS + 1), 0)]
    inside = np.logical_and.accumulate(
        (window != _SPACE) & (window != _NEWLINE) & ((_kind(window) & _OPENER) == 0), axis=1
    )
    length = inside.sum(axis=1)
    forward = codes[np.minimum((at - length)[:, None] + np.arange(_WORD_CHARS + 1), len(codes) - 1)]
    in_word = np.arange(_WORD_CHARS + 1) < length[:, None]
    packable = (_is_ascii_letter(forward) | (forward == _STOP)) & in_word
    packed = _pack_windows(forward, packable)
    packed[packable.sum(axis=1) != length] = 0
    return packed, length


def _word_after(codes: _Codes, at: _Ints) -> npt.NDArray[np.uint64]:
    """The word of ASCII letters that begins at each position, packed."""
    window = codes[np.minimum(at[:, None] + np.arange(_WORD_CHARS + 1), len(codes) - 1)]
    return _pack_windows(window, _is_ascii_letter(window))


def _skip(kinds: npt.NDArray[np.uint8], at: _Ints, kind: int, most: int) -> _Ints:
    """Move each position behind the characters of a kind, ``most`` at the most."""
    for _ in range(most):
        at += (kinds[at] & kind) != 0  # the caller's array is a fresh one
    return at


def _full_stop_ends_sentence(codes: _Codes, stop: _Ints, first: _Ints) -> _Bools:
    """Whether the full stops at ``stop`` end a sentence, given where the next text begins."""
    before, before_length = _word_before(codes, stop)
    next_is_digit = _is_digit(codes[first])
    next_is_starter = np.isin(_word_after(codes, first), _STARTERS)
    start = stop - before_length
    is_initial = (before_length == 1) & (_kind(codes[start]) == _UPPER)
    has_inner_stop = np.zeros(len(stop), np.bool_)
    for offset in range(2, 5):
        has_inner_stop |= (codes[np.maximum(stop - offset, 0)] == _STOP) & (before_length >= offset) & (before != 0)
    paragraph_opens = codes[np.maximum(start - 1, 0)] == _NEWLINE
    is_list_number = paragraph_opens & _is_digit(codes[stop - 1]) & (before_length <= _LIST_NUMBER_CHARS)
    is_single_at_opening = paragraph_opens & is_initial

    maybe_final = np.isin(before, _MAYBE_FINAL) | is_initial | has_inner_stop
    ends = ~np.isin(before, _TITLES) & ~is_list_number
    ends &= ~(np.isin(before, _BEFORE_NUMBER) & next_is_digit)
    ends &= ~maybe_final | next_is_starter
    return np.asarray(ends & ~(is_single_at_opening & ~next_is_starter))


def _boundaries(codes: _Codes) -> _Ints:
    """Offsets just behind each sentence that does not end its paragraph, sorted.

    The paragraph breaks around every body make it safe to look to either side.
    """
    kinds = _kind(codes)
    stop = np.flatnonzero(kinds & _TERMINATOR)
    stop = stop[(kinds[stop + 1] & _TERMINATOR) == 0]
    end = _skip(kinds, stop + 1, _CLOSER, _MAX_CLOSERS)
    keep = codes[end] == _SPACE
    stop, end = stop[keep], end[keep]
    first = _skip(kinds, end + 1, _OPENER, _MAX_OPENERS)
    ends = kinds[first] != _LOWER
    is_single_stop = (codes[stop] == _STOP) & (codes[stop - 1] != _STOP)
    ends[is_single_stop] &= _full_stop_ends_sentence(codes, stop[is_single_stop], first[is_single_stop])
    wide = np.flatnonzero(kinds & _WIDE_TERMINATOR)
    wide_end = _skip(kinds, wide + 1, _CLOSER | _WIDE_TERMINATOR, _MAX_CLOSERS)
    wide_end = wide_end[codes[wide_end] != _NEWLINE]
    return np.unique(np.concatenate([end[ends], wide_end]))


def split_sentences(bodies: pl.Series) -> pl.DataFrame:  # ruff: ignore[too-many-locals] - arrays side by side, one step each
    """Split normalised bodies into sentences.

    One row per sentence, in order: ``body_no`` (position in ``bodies``), ``sentence_no``, ``paragraph_no``
    (both from 0 within the body), ``start_char``, ``end_char``. Bodies must not be empty.
    """
    lengths = bodies.str.len_chars().to_numpy().astype(np.int64)
    # With a break before the first and behind every body, the ends of a body look like those of any paragraph.
    text = _PARAGRAPH_BREAK.join(["", *bodies, ""])
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    gap = len(_PARAGRAPH_BREAK)
    body_start = np.cumsum(np.concatenate([[gap], lengths[:-1] + gap])) if len(bodies) else np.empty(0, np.int64)

    newline = codes == _NEWLINE
    breaks = np.flatnonzero(newline[:-1] & newline[1:])
    paragraph_start, paragraph_end = (breaks[:-1] + gap, breaks[1:]) if len(bodies) else (breaks[:0], breaks[:0])
    inner = _boundaries(codes)
    inner_start = inner + (codes[inner] == _SPACE)

    start = np.sort(np.concatenate([paragraph_start, inner_start]))
    end = np.sort(np.concatenate([paragraph_end, inner]))
    body_no = np.searchsorted(body_start, start, side="right") - 1
    paragraph_no = np.searchsorted(paragraph_start, start, side="right") - 1
    first_sentence = np.searchsorted(start, body_start)
    first_paragraph = np.searchsorted(paragraph_start, body_start)
    return pl.DataFrame({
        "body_no": body_no,
        "sentence_no": np.arange(len(start)) - first_sentence[body_no],
        "paragraph_no": paragraph_no - first_paragraph[body_no],
        "start_char": start - body_start[body_no],
        "end_char": end - body_start[body_no],
    }).cast(pl.Int32)
