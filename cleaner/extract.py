"""From an HTML page to the text of its article: trafilatura selects, the page's own markup speaks for each line."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from cleaner.markup import Markup, innermost, squeezed
from cleaner.model import Extraction, InputError, Metadata
from cleaner.page import decode_page, parse_page
from cleaner.provenance import digest
from cleaner.segment import MAX_LINE, Hints
from cleaner.shape import ends_sentence, is_prose, size
from cleaner.stated import address, stated

if TYPE_CHECKING:
    from lxml.html import HtmlElement

OPTIONS: dict[str, Any] = {
    "include_comments": False,
    "include_tables": True,
    "include_formatting": False,
    "include_links": False,
    "include_images": False,
    "deduplicate": False,
    "favor_precision": False,
    "favor_recall": False,
    "with_metadata": False,
}
"""Every option that is not ours to leave to a default. `deduplicate` would make results depend on earlier pages, and
trafilatura's reading of the metadata looks at the clock."""

MOST_KEPT = 2**25
"""Characters of pages after which trafilatura's caches are emptied; that is once in some hundred pages, and takes 50 ms."""
_SHORT_NAMES = {
    "include_comments": "comments",
    "include_tables": "tables",
    "include_formatting": "formatting",
    "include_links": "links",
    "include_images": "images",
    "deduplicate": "dedup",
    "favor_precision": "precision",
    "favor_recall": "recall",
}
LEAST_KEPT = 2
"""From so many kept paragraphs on one can tell what else is of their kind."""
HEADING_WORDS = range(1, 21)

_MARKED = tuple("p li dt dd div blockquote td pre".split())
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MARK = "\u241f"
"""Begins the numbers that elements carry through content selection, in attributes that trafilatura takes along."""
_MOST_HEADINGS = 65_535
"""Headings lose their attributes but keep the number of their line, which holds no larger number."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a page's article, how it was made, and what the page's markup states about it."""

    text: str
    size: int
    """Bytes of the page."""
    hints: Hints
    """For each line of the text its offset and what the markup says about it."""
    extraction: Extraction
    metadata: Metadata


@dataclass(slots=True)
class _Unit:
    """A piece of the article that stands in one element of the page, or in one that is not known."""

    text: str
    element: HtmlElement | None
    tag: str


def extract(html: str | bytes, url: str | None = None) -> Extracted:
    """Select the article of a page.

    A page without an article gives an empty text. Raises `InputError` if the page cannot be parsed or is too large.
    """
    if isinstance(html, str):
        data, page, encoding = html.encode("utf-8", "surrogatepass"), html, "utf-8"
        tree = parse_page(page, data)
    else:
        data = html
        page, encoding = decode_page(html)
        tree = parse_page(page)
    _memory.saw(len(page))
    units = _select(tree, url) if tree is not None else []
    text, hints = _laid_out(units, address(tree, url) if tree is not None else "")
    longest = max(map(len, text.split("\n")))
    if longest > MAX_LINE:
        raise InputError(f"a line of {longest:,} characters is data, not article text; leave the page out")
    metadata = stated(tree, url) if tree is not None else Metadata()
    extraction = Extraction("trafilatura", _version(), OPTIONS, encoding, digest(data), digest(text))
    return Extracted(text, len(data), hints, extraction, metadata)


class _Memory:
    """What trafilatura keeps of earlier pages, a thousand whole lines of any length, is dropped now and then."""

    def __init__(self) -> None:
        self._characters = 0

    def saw(self, characters: int) -> None:
        """Count a page."""
        self._characters += characters
        if self._characters > MOST_KEPT:
            from trafilatura.meta import reset_caches

            self._characters = 0
            reset_caches()


_memory = _Memory()


@cache
def _version() -> str:
    return version("trafilatura")


def _select(tree: HtmlElement, url: str | None) -> list[_Unit]:
    """The units that trafilatura selects, in their order."""
    import trafilatura
    from trafilatura.xml import xmltotxt

    elements, headings = _mark(tree)
    options = copy(_options())
    options.url = url
    try:
        document = trafilatura.bare_extraction(tree, options=options)
    except Exception as error:  # trafilatura and lxml raise many kinds on broken pages
        raise InputError(f"the page cannot be parsed: {type(error).__name__}: {error}; fetch it again") from error
    body = getattr(document, "body", None)
    if body is None:
        return []
    units = []
    for node in body:
        for part in node if node.tag == "list" else (node,):
            text = xmltotxt(part, include_formatting=False).strip()
            if text:
                units.append(_Unit(text, _element(part, elements, headings), str(node.tag)))
    return units


@cache
def _options() -> Any:
    """Trafilatura's form of `OPTIONS`, which takes long to make, and asks for the day where it is not told of dates."""
    from trafilatura.settings import Extractor

    return Extractor(**{_SHORT_NAMES.get(name, name): value for name, value in OPTIONS.items()}, date_params={"max_date": ""})


def _mark(tree: HtmlElement) -> tuple[dict[str, HtmlElement], list[HtmlElement]]:
    """Give each element a number that content selection takes along, so that nothing need be searched for afterwards."""
    elements = {f"{_MARK}{number}": element for number, element in enumerate(tree.iter(*_MARKED))}
    for mark, element in elements.items():
        element.set("title", mark)
        if element.tag in ("li", "dt", "dd"):
            element.set("rend", mark)
    headings = list(tree.iter(*_HEADINGS))[: _MOST_HEADINGS - 1]
    for number, heading in enumerate(headings, 1):
        heading.sourceline = number
    return elements, headings


def _element(part: Any, elements: dict[str, HtmlElement], headings: list[HtmlElement]) -> HtmlElement | None:
    if part.tag == "head":
        return headings[part.sourceline - 1] if part.sourceline and part.sourceline <= len(headings) else None
    for attribute in ("title", "rend"):
        if part.get(attribute) in elements:  # pages have attributes of their own
            return elements[part.get(attribute)]
    return None


def _laid_out(units: list[_Unit], url: str) -> tuple[str, Hints]:
    """The text with each unit on lines of its own, and the hints of each line."""
    markup = Markup([(place, len(unit.text)) for unit, place in zip(units, _places(units), strict=True)], url)
    units = _completed(units, markup)
    lines: list[str] = []
    hints: list[tuple[int, tuple[str, ...]]] = []
    offset = 0
    for unit, place in zip(units, _places(units), strict=True):
        said = markup.hints(unit.element) if unit.element is not None else markup.around(place)
        for line in _spaced(unit, markup).split("\n"):
            if line.strip():
                lines.append(line)
                hints.append((offset + len(line) - len(line.lstrip()), said))
                offset += len(line) + 1
    return "\n".join(lines), tuple(hints)


def _places(units: list[_Unit]) -> list[HtmlElement | None]:
    """For each unit its element; if that is not known, the innermost one that holds the known ones above and below."""
    below: list[HtmlElement | None] = [None] * len(units)
    for at in range(len(units) - 2, -1, -1):
        below[at] = units[at + 1].element if units[at + 1].element is not None else below[at + 1]
    above: HtmlElement | None = None
    places: list[HtmlElement | None] = []
    for unit, following in zip(units, below, strict=True):
        if unit.element is not None:
            above = unit.element
        places.append(unit.element if unit.element is not None else innermost(above, following))
    return places


def _completed(units: list[_Unit], markup: Markup) -> list[_Unit]:
    """The units with what content selection dropped between others of its kind.

    Paragraphs come back that are running text and, like their parents, marked as kept ones are; headings that stand
    between kept paragraphs in one element. Only what the page shows, what is no link and belongs to no box, and what the
    article does not hold already.
    """
    kept = {unit.element: at for at, unit in enumerate(units) if unit.element is not None}
    paragraphs = [element for element in kept if element.tag == "p"]
    if len(paragraphs) < LEAST_KEPT:
        return units
    likes = {_like(paragraph) for paragraph in paragraphs}
    parents = {paragraph.getparent() for paragraph in paragraphs}
    said = {squeezed(unit.text) for unit in units}
    behind: dict[int, list[_Unit]] = defaultdict(list)
    waiting: list[tuple[int, _Unit]] = []
    last = None
    for element in paragraphs[0].getroottree().iter("p", *_HEADINGS[1:]):
        if element in kept:
            # Only now is it known that what waits stands between kept ones.
            if last is not None and element.tag == "p":
                for at, unit in waiting:
                    behind[at].append(unit)
                waiting = []
            last = kept[element]
        elif last is not None and (element.getparent() in parents if element.tag != "p" else _like(element) in likes):
            text = markup.text_of(element)
            is_text = is_prose(size(text), finished=ends_sentence(text)) if element.tag == "p" else size(text) in HEADING_WORDS
            if is_text and squeezed(text) not in said and markup.is_shown_in_article(element):
                waiting.append((last, _Unit(text, element, "p")))
    return [one for at, unit in enumerate(units) for one in (unit, *behind[at])]


def _like(element: HtmlElement) -> tuple[str | None, ...]:
    """What elements that look alike on a page have in common."""
    parent = element.getparent()
    return element.get("class"), str(parent.tag), parent.get("class")


def _spaced(unit: _Unit, markup: Markup) -> str:
    """The unit's text with a space between words that elements part on the page; content selection joins some of them."""
    if unit.element is None:
        return unit.text
    shown = markup.text_of(unit.element)
    marker = len(unit.text) - len(unit.text.removeprefix("- ")) if unit.tag == "item" else 0
    text = unit.text[marker:]
    if shown.split() == text.split() or squeezed(shown) != squeezed(text):
        return unit.text
    pieces = [unit.text[:marker]]
    at = 0
    for word in shown.split():
        # The words of both texts are the same but for the spaces between them.
        while text[at].isspace():
            pieces.append(text[at])
            at += 1
        if at and text[at - 1].isalnum() and word[0].isalnum():
            pieces.append(" ")
        for character in word:
            while text[at] != character:
                pieces.append(text[at])
                at += 1
            pieces.append(character)
            at += 1
    return "".join(pieces)
