"""What the markup of a page tells of a line: teasers, captions, boxes for newsletters. Silent for plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from cleaner.model import Document, Finding, Line, Rule
from cleaner.shape import size, unmarked

LIST_LINKS = 2
"""So many links in a row make a list of them."""
LISTING = 0.5
"""From this share on links are what the text consists of: a press review, an index."""
LINK_WORDS = range(4, 31)
"""The text of a link to another article; shorter ones are names and sources."""
ANNOUNCING_WORDS = 8
"""A line of so many words with a colon at its end announces the links below it; a shorter one is their label."""
CAPTION_WORDS = range(2, 81)
BOX_WORDS = 40
"""A line in a box for a newsletter is no longer than this."""
UNSURE = 0.8
"""A paragraph that only its markup calls a caption may be the article's."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def linked(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines that are nothing but a link: in a box of teasers, in a list of links, or alone between paragraphs."""
    lines = document.lines
    if not document.has_hints or not document.prose or sum("link" in line.hints for line in lines) >= LISTING * len(lines):
        return
    for _, run in groupby(lines, key=lambda line: _teased(line) or ("inside" in line.hints and _is_teaser(line))):
        links = list(run)
        is_own = _is_own(lines, links)
        for line in links:
            why = _teased(line) or ("" if is_own else _linked(line, links))
            if why:
                yield Finding(rule, line.start, line.end, "", rule.confidence, why)


def _is_own(lines: Sequence[Line], links: Sequence[Line]) -> bool:
    """True if the article announces the links, or if they share a list with items that are none."""
    above, below = lines[max(0, links[0].index - 1) : links[0].index], lines[links[-1].index + 1 : links[-1].index + 2]
    if any(line.words >= ANNOUNCING_WORDS and line.text.endswith((":", "：")) for line in above):
        return True
    return "li" in links[0].hints and any("li" in line.hints for line in (*above, *below))


def _teased(line: Line) -> str:
    """Why the line's element is a teaser by itself; empty if it is none."""
    hints = set(line.hints)
    if line.prose and "link" not in hints:
        return ""
    if "related" in hints:
        return "stands in an element for related articles"
    if "link" in hints and "teaser" in hints:
        return "a link in an element for teasers"
    if "link" in hints and hints & {"card", "box"} and hints & HEADINGS:
        return "a heading that is a link, in a card of its own"
    return ""


def _is_teaser(line: Line) -> bool:
    text = unmarked(line.text)
    return not line.quoted and not HEADINGS & set(line.hints) and size(text) in LINK_WORDS and "://" not in text


def _linked(line: Line, run: Sequence[Line]) -> str:
    if "inside" not in line.hints or not _is_teaser(line):
        return ""
    if "li" in line.hints:
        return f"one of {len(run)} links in a row to other pages of the site" if len(run) >= LIST_LINKS else ""
    return "nothing but a link to another page of the site" if "p" in line.hints else ""


def caption(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines in an element for captions, or beside a picture in an element for pictures."""
    if not document.has_hints:
        return
    for line in document.lines:
        hints = set(line.hints)
        if line.words not in CAPTION_WORDS or line.quoted or hints & (HEADINGS | {"li", "td", "th"}):
            continue
        if hints & {"figcaption", "caption"}:
            why = "stands in an element for captions"
        elif {"picture", "box"} <= hints:
            why = "stands beside a picture in an element for pictures"
        else:
            continue
        confidence = min(rule.confidence, UNSURE) if line.prose else rule.confidence
        yield Finding(rule, line.start, line.end, "", confidence, why, (("captions", line.text),))


def newsletter(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines in a box for newsletters."""
    if not document.has_hints:
        return
    for line in document.lines:
        if "newsletter" in line.hints and line.words <= BOX_WORDS:
            confidence = min(rule.confidence, UNSURE) if line.prose else rule.confidence
            yield Finding(rule, line.start, line.end, "", confidence, "stands in an element for newsletters")
