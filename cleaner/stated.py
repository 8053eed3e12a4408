"""What a page states about its article: JSON-LD, meta tags, microdata and the elements that show title, authors and date."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from html import unescape
from itertools import chain
from typing import TYPE_CHECKING, Any

from cleaner.dates import find_date
from cleaner.markup import absolute, roles_of, text_of
from cleaner.model import WORD, Metadata
from cleaner.names import authors_in, is_name, people

if TYPE_CHECKING:
    from lxml.html import HtmlElement

ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|Recipe|CreativeWork)$")
"""Types of schema.org that are articles. `WebPage` is not: what it states is often about the site."""
PASSED_OVER = frozenset(
    {
        "itemListElement",
        "hasPart",
        "liveBlogUpdate",
        "isPartOf",
        "mentions",
        "about",
        "comment",
        "publisher",
        "isBasedOn",
        "citation",
    }
)
"""Properties whose values are about something else than the article that has them."""
MOST_ITEMS = 5_000
"""So many items of JSON-LD are looked at; lists of products go on for longer."""
MOST_DEPTH = 20

TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title", "sailthru.title", "title")
PUBLISHED = tuple(
    (
        "article:published_time og:article:published_time datepublished parsely-pub-date sailthru.date "
        "citation_publication_date citation_online_date prism.publicationdate dc.date.issued dcterms.issued dcterms.date "
        "dc.date dc.date.created pubdate publishdate publish-date publish_date publication_date publicationdate date "
        "uploaddate datecreated"
    ).split()
)
MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "lastmod", "revised")
AUTHORS = tuple(
    (
        "author article:author og:article:author articleauthor parsely-author sailthru.author citation_author dc.creator "
        "dcterms.creator dc.contributor byl byline cxenseparse:author twitter:creator:name"
    ).split()
)
TAGS = ("article:tag", "og:article:tag", "parsely-tags", "sailthru.tags", "news_keywords", "citation_keywords", "keywords")
SECTIONS = ("article:section", "og:article:section", "parsely-section", "cxenseparse:category")
"""Names of meta tags (`name`, `property` or `itemprop`), the surest first."""
SITES = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "publisher",
    "dc.publisher",
    "citation_publisher",
    "al:ios:app_name",
)

MOST_NAME = 100
"""Characters of the name of a meta tag that are looked at, more than any of the above has."""
TITLE_CHARACTERS = range(3, 400)
MOST_TITLE_CHARACTERS = 1000
"""A title is no longer even with the names of section and site behind it; each mark in it is tried as the end of the title."""
_BYLINES = frozenset("a span p div li address strong b cite h2 h3 h4 h5".split())
BYLINE_CHARACTERS = 120
"""An element that is to name authors has no more text than this."""
MOST_AUTHORS = 15

_INVERTED = re.compile(r"([^,\d]{2,40}),\s*([^,\d]{2,40})")
_SITE_MARK = re.compile(r"(?<!\s)\s+[-–—|•·»:]+\s+|(?<!\s)\s*\|\s*|--|_")
"""What stands between a title and the name of the site."""
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_]|$)")
_MARKS = re.compile(r"[^a-z0-9]+")
_SECONDS_SINCE_1970 = re.compile(r"\d{10}(?:\d{3})?")
_COMMENT = re.compile(r"^\s*+(?://\s*+)?(?:<!--|<!\[CDATA\[)|(?://)?(?:(?<!\s)\s++)?(?:-->|\]\]>)\s*+$")
"""What is put around JSON-LD to hide it from readers of HTML or XML."""
_LAST_COMMA = re.compile(r",(\s*[}\]])")
_SCHEME = re.compile(r"https?://(?:www\.)?")
_QUERY = re.compile(r"[?#]")


@dataclass(slots=True)
class _Page:
    """What a page holds for us, read once."""

    items: list[Mapping[str, Any]] = field(default_factory=list)
    named: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Items by their `@id`, for the references to them."""
    metas: dict[str, list[str]] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    """The texts of the first-level headings by their keys, the first of those with the same one."""
    title: str = ""
    sites: set[str] = field(default_factory=set)
    """Names of the site and its publisher, as keys."""


def address(tree: HtmlElement, url: str | None) -> str:
    """The address of the page: the given one, else the one that the page states; empty if neither is known."""
    if url:
        return url
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return str(link.get("href"))
    for meta in tree.iter("meta"):
        if (meta.get("property") or "").lower() == "og:url" and meta.get("content"):
            return str(meta.get("content"))
    return ""


def stated(tree: HtmlElement, url: str | None) -> Metadata:
    """Title, authors, dates, tags, sections and language that the page states; what it does not state is empty.

    JSON-LD of the article goes before meta tags, those before what the page shows. Days are those that the page
    states, in its own time zone, never converted.
    """
    page = _read(tree)
    article = _main(page, address(tree, url))
    return Metadata(
        title=_title(page, article),
        authors=_authors(tree, page, article),
        published=_published(tree, page, article),
        modified=_date(article.get("dateModified"), *_contents(page, MODIFIED)),
        tags=_tags(page, article),
        sections=_unique(_strings(article.get("articleSection"))) or _unique(_contents(page, SECTIONS)),
        language=_language(tree, article),
    )


def _read(tree: HtmlElement) -> _Page:
    page = _Page()
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            page.items += _items(_json(script.text))
    for item in page.items:
        if isinstance(item.get("@id"), str) and len(item) > len(page.named.get(item["@id"], ())):
            page.named[item["@id"]] = item
        for publisher in _listed(item.get("publisher")):
            page.sites.update(map(_key, _strings(publisher.get("name") if isinstance(publisher, dict) else publisher)))
    for meta in tree.iter("meta"):
        content = " ".join((meta.get("content") or "").split())
        for name in sorted(
            {_plain((meta.get(attribute) or "")[:MOST_NAME]) for attribute in ("property", "name", "itemprop")} - {""}
        ):
            if content:
                page.metas.setdefault(name, []).append(content)
    for heading in tree.iter("h1"):
        if text := text_of(heading).replace("\n", " "):
            page.headings.setdefault(_key(text), text)
    page.title = " ".join((tree.findtext(".//title") or "").split())
    page.sites |= {_key(name) for name in _contents(page, SITES)} - {""}
    return page


def _json(text: str) -> Any:
    """The value of a JSON text, also with the mistakes that pages make; `None` if it cannot be read."""
    for _ in range(2):
        try:
            return json.loads(text, strict=False)
        except RecursionError:
            return None
        except ValueError:
            text = _LAST_COMMA.sub(r"\1", _COMMENT.sub("", text)).strip().rstrip(";")
    return None


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    """All items of a JSON-LD value that are not about something else, outer ones first."""
    waiting = deque([(value, 0)])
    seen = 0
    while waiting and seen < MOST_ITEMS:
        value, depth = waiting.popleft()
        if isinstance(value, dict):
            seen += 1
            yield value
            inner: Iterable[Any] = (part for name, part in value.items() if name not in PASSED_OVER)
        else:
            inner = value if isinstance(value, list) else ()
        if depth < MOST_DEPTH:
            waiting.extend((part, depth + 1) for part in inner if isinstance(part, dict | list))


def _main(page: _Page, url: str) -> Mapping[str, Any]:
    """The item of the article that the page is about; an empty one if there is none.

    The one that names the page's address, else the one whose headline the page shows, else the first.
    """
    articles = [
        item for item in page.items if any(ARTICLE.search(kind) for kind in _strings(item.get("@type"))) and item.get("headline")
    ]
    articles = articles or [item for item in page.items if item.get("headline") and item.get("datePublished")]
    if len(articles) < 2:
        return articles[0] if articles else {}
    shown = {*page.headings, *(_key(text) for text in (*_contents(page, TITLES), page.title))}

    def fits(item: Mapping[str, Any]) -> tuple[bool, bool]:
        places = [item.get("url"), item.get("mainEntityOfPage"), item.get("@id")]
        places += [place.get("@id") for place in places if isinstance(place, dict)]
        is_here = any(_place(absolute(url, place)) == _place(url) for place in places if isinstance(place, str)) and bool(url)
        return is_here, any(_key(headline) in shown for headline in _strings(item.get("headline")))

    return max(articles, key=fits)


def _place(url: str) -> str:
    """An address without what may differ for the same page: scheme, query, fragment, a slash at the end."""
    start = _SCHEME.match(url)
    return _QUERY.split(url[start.end() if start else 0 :], maxsplit=1)[0].rstrip("/")


def _title(page: _Page, article: Mapping[str, Any]) -> str:
    """The title by which the page is shared, else its headline; a title that was cut off is completed from the others."""
    og, others = _contents(page, TITLES[:1]), _contents(page, TITLES[1:])
    texts = (*og, *_strings(article.get("headline")), *others, *page.headings.values(), page.title)
    candidates = [text for text in texts if len(text) <= MOST_TITLE_CHARACTERS]
    titles = [title for text in candidates if len(title := _without_site(text, page)) in TITLE_CHARACTERS]
    titles = [title for title in titles if _key(title) not in page.sites]
    if not titles:
        return ""
    if titles[0].endswith(("…", "...")):
        cut = _key(titles[0])
        return next((title for title in titles if _key(title).startswith(f"{cut} ")), titles[0])
    return titles[0]


def _without_site(text: str, page: _Page) -> str:
    """A title without the name of the site or section at its end.

    What is cut is a name of the site, or whatever a heading of the page that is the rest of the title does without.
    """
    if _key(text) in page.headings:
        return text
    marks = list(_SITE_MARK.finditer(text))
    for mark in marks:
        if _key(text[: mark.start()]) in page.headings:
            return text[: mark.start()]
    for mark in reversed(marks):
        if _key(text[mark.end() :]) in page.sites:
            return text[: mark.start()]
    return text


def _authors(tree: HtmlElement, page: _Page, article: Mapping[str, Any]) -> tuple[str, ...]:
    """The authors by the first source that names people; offices and sites only if no source does."""
    desks: tuple[str, ...] = ()
    for names in chain((_of_article(page, article), _of_metas(page)), _shown(tree)):
        found = tuple(dict.fromkeys(names))[:MOST_AUTHORS]
        own = tuple(name for name in found if _key(name) not in page.sites)
        if own and people(own) == own:
            return own
        desks = desks or people(own) or found
    return desks


def _of_article(page: _Page, article: Mapping[str, Any]) -> Iterator[str]:
    for author in _listed(article.get("author") or article.get("creator")):
        value = author
        if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
            value = page.named.get(value["@id"], value)
        if isinstance(value, str):
            yield from authors_in(unescape(value))
        elif isinstance(value, dict):
            names = list(_strings(value.get("name"))) or [f"{value.get('givenName') or ''} {value.get('familyName') or ''}"]
            for name in names:
                yield from authors_in(name)


def _of_metas(page: _Page) -> Iterator[str]:
    for name in AUTHORS:
        found = []
        for content in _contents(page, [name]):
            inverted = _INVERTED.fullmatch(content) if name.startswith(("dc", "citation")) else None
            found += authors_in(f"{inverted[2]} {inverted[1]}" if inverted else content)
        if found:  # another name for the same field repeats what this one says, in another form
            yield from found
            return


def _shown(tree: HtmlElement) -> Iterator[Iterator[str]]:
    """What the page shows as authors, by kind of element."""
    for path in (
        "//*[@itemprop='author']//*[@itemprop='name']",
        "//*[@itemprop='author'][not(self::meta)]",
        "//a[contains(concat(' ', @rel, ' '), ' author ')]",
    ):
        yield (
            name
            for element in tree.xpath(path)[:MOST_AUTHORS]
            if len(text := text_of(element).replace("\n", " ")) <= BYLINE_CHARACTERS
            for name in authors_in(text)
        )
    yield _marked_bylines(tree)


def _marked_bylines(tree: HtmlElement) -> Iterator[str]:
    """Names in elements below the first heading whose class says that they name the author."""
    for element in tree.xpath("(//h1)[1]/following::*[@class]"):
        if element.tag in _BYLINES and "byline" in roles_of(element) and 0 < len(text := text_of(element)) <= BYLINE_CHARACTERS:
            found = [name for name in authors_in(text) if is_name(name)]
            if found:
                yield from found
                return


def _published(tree: HtmlElement, page: _Page, article: Mapping[str, Any]) -> date | datetime | None:
    found = _date(
        article.get("datePublished"), *_contents(page, PUBLISHED), article.get("dateCreated"), article.get("uploadDate")
    )
    if found is not None:
        return found
    times = [element for element in tree.iter("time") if element.get("datetime")]
    marked = [element for element in times if element.get("itemprop") == "datePublished" or element.get("pubdate") is not None]
    # Behind the first heading: times above it belong to the site, times far below to other articles.
    heading = next(tree.iter("h1"), None)
    behind = tree.xpath("(//h1)[1]/following::time[@datetime]") if heading is not None else times
    return _date(*(element.get("datetime") for element in (*marked[:1], *behind[:1])))


def _date(*values: Any) -> date | datetime | None:
    """The first of the values that states a day."""
    for value in values:
        for text in _strings(value):
            if not _SECONDS_SINCE_1970.fullmatch(text) and (found := find_date(text)) is not None:
                return found
    return None


def _tags(page: _Page, article: Mapping[str, Any]) -> tuple[str, ...]:
    found = [part for text in _strings(article.get("keywords")) for part in text.split(",")]
    for name in TAGS if not found else ():
        found = [part for content in _contents(page, [name]) for part in content.split(",")]
        if found:
            break
    return _unique(found)


def _language(tree: HtmlElement, article: Mapping[str, Any]) -> str:
    """ISO 639-1 code of the language that the page declares."""
    declared = [
        tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
        *_strings(article.get("inLanguage")),
    ]
    codes = (_LANGUAGE.match(text.strip().lower()) for text in declared)
    return next((code[1] for code in codes if code), "")


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for raw in texts if (text := raw.strip())))


def _contents(page: _Page, names: Sequence[str]) -> list[str]:
    return [unescape(content) for name in names for content in page.metas.get(_plain(name), ())]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _strings(value: Any) -> list[str]:
    """The texts in a value that should be a text and may be a list of them."""
    return [text for part in _listed(value) if isinstance(part, str) and (text := " ".join(unescape(part).split()))]


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    """The name of a meta tag without case and marks: sites write `article:published_time` in many ways."""
    return _MARKS.sub("", name.lower())


def _key(text: str) -> str:
    return " ".join(WORD.findall(text.casefold()))
