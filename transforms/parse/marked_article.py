"""Paragraphs of an article that the extractor left out though its page marks them as the article's.

trafilatura judges paragraphs by their words ("Email" alone is a button to it, one that repeats the one before it a
mistake) and by their links, and takes one of several elements among which a page parts its text. Where a page marks one
element as its article, a paragraph in it that is marked up just as one that the extractor took is of the article too.
What the extractor leaves out for its markup (related links, comments, advertisements) is marked up in another way.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

# Phrasing content of HTML (section 3.2.5.2.5 of its standard) that is text or has none.
_INLINE: Final = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "data", "dfn", "em", "font", "i", "img", "kbd", "mark", "q",
    "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
})  # fmt: skip
_BESIDE_THE_TEXT: Final = frozenset({
    "aside", "details", "dialog", "figure", "footer", "form", "header", "nav", "table",
})  # fmt: skip
_HIDING: Final = ("hidden", "aria-hidden", "style")
_HALF: Final = 0.5


@dataclass(slots=True)
class _Block:
    """An element with text and nothing but inline elements; ``form`` numbers how it and all around it are marked up."""

    element: Any
    form: int
    is_beside_the_text: bool
    lines: list[str]
    keys: list[str]
    #: Where its lines stand among those of the body; nowhere if the extractor left it out.
    places: list[int] = field(default_factory=list)


def _key(line: str) -> str:
    """What lines are compared by: all but white space, and the dash that the extractor puts before items of lists."""
    return "".join(line.removeprefix("- ").split())


def _unspaced(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")


def _marked_element(root: Any) -> Any:
    """The one element that the page marks as the text of its article, or else as its article."""
    for path in ("//*[@itemprop='articleBody']", "//article"):
        found = root.xpath(path)
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _lines(element: Any) -> list[str]:
    """The lines of a block, without what is not shown, as the extractor has them."""
    # The union of two sets of nodes would take quadratic time.
    pieces = element.xpath("descendant::node()[self::text() or self::br]") if len(element) else [element.text or ""]
    text = "".join("\n" if not isinstance(each, str) else each.replace("\n", " ") for each in pieces)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    shown = (line if line.isprintable() else "".join(filter(str.isprintable, line)).strip() for line in lines)
    return [line for line in shown if line]


def _blocks(marked: Any) -> list[_Block]:
    """The blocks of text of an element, in their order."""
    numbers: dict[tuple[object, ...], int] = {}
    forms: dict[Any, int] = {marked: 0}
    beside: set[int] = set()
    holds_blocks: set[Any] = set()
    for element in marked.iterdescendants("*"):
        around = element.getparent()
        form = (forms[around], element.tag, *sorted(element.attrib.items()))
        number = forms[element] = numbers.setdefault(form, len(numbers) + 1)
        if element.tag in _BESIDE_THE_TEXT or forms[around] in beside:
            beside.add(number)
        if element.tag not in _INLINE:
            while around is not None and around not in holds_blocks:
                holds_blocks.add(around)
                around = around.getparent()
    leaves = (each for each in forms if each.tag not in _INLINE and each not in holds_blocks)
    texts = ((each, lines) for each in leaves if (lines := _lines(each)))
    return [
        _Block(each, number := forms[each], number in beside, lines, [_key(line) for line in lines])
        for each, lines in texts
    ]


def _is_running_text(block: _Block) -> bool:
    """Whether it is a paragraph in the run of the text, all of it is seen, and it is more than a link."""
    if block.element.tag != "p" or block.is_beside_the_text:
        return False
    if any(each.get(name) is not None for each in block.element.iterdescendants("*") for name in _HIDING):
        return False
    linked = sum(len(_key(each.text_content())) for each in block.element.iter("a"))
    return linked <= _HALF * sum(map(len, block.keys))


def _find_places(blocks: list[_Block], keys: list[str]) -> set[int]:
    """Set where each block stands in the body, and give all these places.

    A line that the page has more often than the body is looked for between the lines around it that are unique.
    """
    places: defaultdict[str, deque[int]] = defaultdict(deque)
    for place, key in enumerate(keys):
        places[key].append(place)
    lines = [(block, key) for block in blocks for key in block.keys]
    count = Counter(key for _, key in lines)
    left_out = {key: count[key] - len(places[key]) for key in count}
    ends = [len(keys)]
    for _, key in reversed(lines):
        ends.append(places[key][0] if count[key] == len(places[key]) == 1 else ends[-1])
    last = -1
    for (block, key), end in zip(lines, ends[-2::-1], strict=True):
        if not places[key] or (left_out[key] > 0 and not last < places[key][0] < end):
            left_out[key] -= 1
            continue
        last = places[key].popleft()
        block.places.append(last)
    return {place for block in blocks for place in block.places}


def _left_out(blocks: list[_Block], is_taken: list[bool]) -> Mapping[int, list[str]]:
    """The lines of the paragraphs that were left out, by the place in the body before which they belong."""
    forms = {block.form for block in blocks if block.places}
    # How many lines of none of the blocks stand before each.
    others = [0, *accumulate(not taken for taken in is_taken)]
    ends = [len(is_taken)]
    for block in reversed(blocks):
        ends.append(block.places[0] if block.places else ends[-1])
    start, place = 0, ends[-1]
    found: defaultdict[int, list[str]] = defaultdict(list)
    for block, end in zip(blocks, ends[-2::-1], strict=True):
        if block.places:
            start = place = block.places[-1] + 1
        elif (
            block.form in forms
            and _is_running_text(block)
            # Else one of those lines may be what the extractor made of it, without one of its elements.
            and (len(block.element) == 0 or others[start] == others[end])
        ):
            found[place] += block.lines
    return found


def with_left_out(body: str, root: Any) -> str:
    """The text that the extractor found in a page, a blank line between paragraphs, with those that it left out.

    ``root`` is the page's root element, from lxml; it stays as it is.
    """
    marked = _marked_element(root)
    if marked is None:
        return body
    lines = body.split("\n\n")
    # A short cut: most plain articles are there in full.
    if len(lines) > 1 and _unspaced(marked.text_content()) in _unspaced(body):
        return body
    keys = [_key(line) for line in lines]
    blocks = _blocks(marked)
    # The extractor runs a short article together if its rules would drop some of it.
    if len(lines) == 1 and keys[0] == "".join(key for block in blocks for key in block.keys):
        return "\n\n".join(line for block in blocks for line in block.lines)
    taken = _find_places(blocks, keys)
    # Else the text of the page is somewhere else.
    if sum(len(keys[place]) for place in taken) < _HALF * sum(map(len, keys)):
        return body
    left_out = _left_out(blocks, [place in taken for place in range(len(lines))])
    return "\n\n".join(line for each in range(len(lines) + 1) for line in (*left_out[each], *lines[each : each + 1]))
