"""What the markup of a page says about a line of its article: the hints on lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

from cleaner.shape import size

if TYPE_CHECKING:
    from lxml.html import HtmlElement

TAGS = frozenset(
    "h1 h2 h3 h4 h5 h6 li dt dd td th pre blockquote figure figcaption aside footer header nav form time address".split()
)
"""Elements that say something about the text in them by their name."""

ROLES: Mapping[str, frozenset[str]] = {
    "caption": frozenset(
        "caption captions figcaption imagecaption bildunterschrift bildtext legende pie bijschrift didascalia".split()
    ),
    "picture": frozenset(
        "image images img photo photos picture figure foto fotos bild bilder imagen immagine zdjecie resim".split()
    ),
    "newsletter": frozenset("newsletter newsletters newsletterbox subscribebox mailinglist".split()),
    "related": frozenset(
        "related recommended recommendation recommendations recirculation recirc readmore readalso alsoread seealso "
        "recentnews latestnews topnews morenews morestories topstories latestposts recentposts relatedposts trending "
        "mostread mostpopular outbrain taboola zergnet empfehlung empfehlungen weiterlesen verwandte relacionadas "
        "relacionados correlati".split()
    ),
    "teaser": frozenset("teaser teasers promo promos popular".split()),
    "ad": frozenset("advert advertisement advertising sponsored anzeige werbung publicidad".split()),
    "affiliate": frozenset("affiliate".split()),
    "byline": frozenset("byline author authors autor autoren auteur autore autores".split()),
    "standfirst": frozenset(
        "standfirst subtitle subtitel subheadline subheading subhead subline dek deck teasertext vorspann chapo "
        "sommario entradilla".split()
    ),
}
"""Words in `class` and `id` that say what a part of a page is for; each a whole word there, in camel case or between marks.
A teaser may also be the free beginning of the article itself, so the word alone decides nothing."""

ENDS: Mapping[str, tuple[str, ...]] = {"picture": ("bild", "foto")}
"""Ends of such words in languages that write compounds as one: “Absatzbild”, “Titelfoto”."""

ASIDE = frozenset(ROLES) - {"standfirst", "teaser"} | {"link", "card", "aside", "footer", "nav", "form", "figure", "figcaption"}
"""Hints of what stands beside the article's own paragraphs."""

OWN_SHARE = 1 / 3
"""What holds more of the article than this share is the article, whatever its class says."""
LINKED = 0.9
"""A line is a link if at least this share of its characters is."""
BOX_WORDS = 12
"""A box with a picture and one line of text has no more words besides that line."""
ARTICLE_LEVELS = 3
"""What stands in the article has the element that holds most of it so many levels above it, at most."""
MOST_CACHED = 300
"""Names of more characters are looked at each time: what is known of names stays in memory for the next page."""
BOX_LEVELS = 4
"""So many elements around a line may be its box."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_STATES = frozenset({"has", "with", "no", "without", "is"})
"""A name that begins so tells of what is in or beside the element, not what the element is."""
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span "
    "strike strong sub sup time tt u var wbr ruby rb rp rt".split()
)
_SILENT = frozenset(
    "script style noscript template svg math iframe object select textarea button video audio canvas head".split()
)
_PICTURES = frozenset("img picture video figure svg iframe".split())


class Markup:
    """The elements of a page and what they say, looked up by the article's lines.

    `kept` are the elements that content selection took, each with the number of characters it has in the article;
    `None` for text whose place is not known.
    """

    def __init__(self, kept: Iterable[tuple[HtmlElement | None, int]], url: str) -> None:
        self._url = url
        self._weights: dict[HtmlElement, int] = {}
        self._total = 0
        self._said: dict[HtmlElement, frozenset[str]] = {}
        self._pictured: dict[HtmlElement, int | None] = {}
        self._texts: dict[HtmlElement, str] = {}
        for element, weight in kept:
            self._total += weight
            for above in () if element is None else (element, *element.iterancestors()):
                self._weights[above] = self._weights.get(above, 0) + weight

    def is_article(self, element: HtmlElement) -> bool:
        """True if the element holds too much of the article to be a part beside it."""
        return self._weights.get(element, 0) > OWN_SHARE * self._total

    def text_of(self, element: HtmlElement) -> str:
        """See `text_of`; of one element it is asked for several times."""
        if element not in self._texts:
            self._texts[element] = text_of(element)
        return self._texts[element]

    def hints(self, element: HtmlElement) -> tuple[str, ...]:
        """What the element and those around it say, up to the one that holds the article; sorted."""
        found = self._links(element)
        if element.tag == "p":
            found.add("p")
        for level, around in enumerate((element, *element.iterancestors())):
            if self.is_article(around) and around is not element:
                break
            found |= self._said_by(around)
            if level < BOX_LEVELS and "box" not in found and self._is_box(around, element):
                found.add("box")
        return tuple(sorted(found))

    def is_shown_in_article(self, element: HtmlElement) -> bool:
        """True if the page shows the element at once, next to the article's text and not as something beside it."""
        for level, around in enumerate((element, *element.iterancestors())):
            if (
                around.get("hidden") is not None
                or around.get("aria-hidden") == "true"
                or _HIDDEN.search(around.get("style") or "")
            ):
                return False
            if level == ARTICLE_LEVELS and not self.is_article(around):
                return False
        return not ASIDE & set(self.hints(element))

    def around(self, element: HtmlElement | None) -> tuple[str, ...]:
        """What is said by the element and those around it of text that stands somewhere in it."""
        found: set[str] = set()
        for around in () if element is None else (element, *element.iterancestors()):
            if self.is_article(around):
                break
            found |= ({around.tag} & TAGS) | roles_of(around)
        return tuple(sorted(found))

    def _said_by(self, element: HtmlElement) -> frozenset[str]:
        """What the element says of all text in it, whatever else stands there."""
        if element not in self._said:
            said = ({element.tag} & TAGS) | roles_of(element)
            if element.tag == "article":
                said |= {"card"}
            elif element.tag == "a" and self._leads_away(element):
                said |= {"link", "inside"} if self._leads_inside(element) else {"link"}
            self._said[element] = frozenset(said)
        return self._said[element]

    def _links(self, element: HtmlElement) -> set[str]:
        links = [link for link in element.iter("a") if self._leads_away(link)]
        if not links:
            return set()
        length = len(squeezed(self.text_of(element)))
        linked = sum(len(squeezed(self.text_of(link))) for link in links)
        if not length or linked < LINKED * length:
            return set()
        return {"link", "inside"} if all(map(self._leads_inside, links)) else {"link"}

    def _leads_away(self, link: HtmlElement) -> bool:
        """True if the link leads to another page."""
        target = link.get("href") or ""
        if not target or target.startswith(("#", "mailto:", "tel:", "javascript:")):
            return False
        return not self._url or urldefrag(absolute(self._url, target))[0] != urldefrag(self._url)[0]

    def _leads_inside(self, link: HtmlElement) -> bool:
        """True if the link leads to another page of the same site."""
        host = _host(absolute(self._url, link.get("href") or ""))
        own = _host(self._url)
        return host == own or (bool(own) and (host.endswith(f".{own}") or own.endswith(f".{host}")))

    def _is_box(self, around: HtmlElement, element: HtmlElement) -> bool:
        """True if `around` holds a picture and next to nothing but the element."""
        if around not in self._pictured:  # asked for each line in it, which may be a third of the article's
            is_pictured = next(around.iter(*_PICTURES), None) is not None
            self._pictured[around] = size(self.text_of(around)) if is_pictured else None
        words = self._pictured[around]
        return words is not None and words - size(self.text_of(element)) <= BOX_WORDS


def innermost(one: HtmlElement | None, other: HtmlElement | None) -> HtmlElement | None:
    """The innermost element that holds both; `None` if one of them is not known."""
    if one is None or other is None:
        return None
    around = set(other.iterancestors())
    return next((element for element in one.iterancestors() if element in around), None)


def roles_of(element: HtmlElement) -> frozenset[str]:
    """What `class` and `id` of the element call it."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _roles_in(names) if len(names) <= MOST_CACHED else _roles_in.__wrapped__(names)


@lru_cache(maxsize=4096)
def _roles_in(names: str) -> frozenset[str]:
    words: set[str] = set()
    for name in names.split():
        parts = [part.lower() for part in _WORDS.findall(name)]
        if parts and parts[0] not in _STATES:
            words.update(parts, map("".join, pairwise(parts)))
    whole = {role for role, names in ROLES.items() if words & names}
    return frozenset(whole | {role for role, ends in ENDS.items() if any(word.endswith(ends) for word in words)})


def absolute(base: str, target: str) -> str:
    """The address that a link leads to; as it stands if it is no address."""
    try:
        return urljoin(base, target.strip())
    except ValueError:  # brackets that hold no address
        return target


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def text_of(element: Any) -> str:
    r"""The text of an element as a browser lays it out: blocks and line breaks on lines of their own, what is not shown left out.

    >>> from lxml import html
    >>> text_of(html.fromstring("<div><h2>Storm</h2>Rain <b>fe</b>ll.<script>x()</script><br>Then not.</div>"))
    'Storm\nRain fell.\nThen not.'
    """
    if element.tag not in _SILENT and all(inner.tag in _INLINE for inner in element.iterdescendants()):
        return " ".join("".join(element.itertext()).split())
    lines: list[list[str]] = [[]]
    for piece in _pieces(element):
        if piece is None:
            lines.append([])
        else:
            lines[-1].append(piece)
    texts = (" ".join("".join(line).split()) for line in lines)
    return "\n".join(text for text in texts if text)


def _pieces(root: Any) -> Iterator[str | None]:
    """The pieces of the text in their order, and nothing where a line begins or ends."""
    stack: list[Any] = [(root, False)]
    while stack:
        element, is_end = stack.pop()
        if isinstance(element, str):
            yield element
            continue
        breaks = element.tag not in _INLINE
        if is_end:
            if breaks:
                yield None
            continue
        if breaks:
            yield None
        stack.append((element, True))
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            continue
        inner: list[Any] = [element.text] if element.text else []
        for child in element:
            inner.append((child, False))
            if child.tail:
                inner.append((child.tail, False))
        if element.text:
            inner[0] = (element.text, False)
        stack.extend(reversed(inner))


def squeezed(text: str) -> str:
    """The text without any white space."""
    return "".join(text.split())
