"""Links to other articles: labels with their lists, labels that come again and again, runs of headlines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from cleaner.detect.patterns import hit_of, lone_word, shortened
from cleaner.detect.tails import site_signals
from cleaner.model import Document, Finding, Line, Rule
from cleaner.shape import COLON, is_headline, title_case, unmarked
from cleaner.words import stems

LIST_LINES = 30
"""A list under a label is no longer than this."""
HEADING_WORDS = 6
"""The last unmarked line before a paragraph may be its heading if it is shorter than this."""
HEADING_SHARE = 1 / 2
"""It also may if the paragraph takes up this share of its words."""
LINK_CHARACTERS = 24
"""The word of a link is no longer than this."""
LINK_WORDS = 22
"""A longer line without a full stop is a paragraph that was broken."""
TEASER_WORDS = 60
SUMMARY_WORDS = 35
"""The summary below a headline is no longer than this."""
RUN_LINES = 3
"""So many headlines in a row make a list."""
HEADLINE_WORDS = 5
TITLE_CASE = 0.8
TITLE_CASE_LINES = 2 / 3
KICKERS = 1 / 4
"""Share of the headlines that have the grammar of headlines, not of entries in a list."""

_BARRED = re.compile(r"([^\s|][^|]{3,59}?)\s*\|\s*([^|]{10,200})$")
_TAGGED = re.compile(r"[\[(|](?:[A-Z][A-Z &]{2,20}|[A-Z][a-z]{2,12})[\])]?\s*\|?$")
_ENTRY = re.compile(
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d|\d{1,2}[.:/]|\d+\s|[^:]{2,30}\(\w[^)]{0,30}\):"
    r"|[\"“‘«„][^\"”’»“]{1,80}[\"”’»“]\s*(?:[,(–—-]|(?:by|von|de|di|par|av|van)\b))|.*(?:\s--\s|[$€£]\s?\d)",
    re.IGNORECASE,
)
"""A date, a number, a price, a work and its author, a dash between fields: entries of the text's own list."""
_SENTENCE_END = re.compile("[.!?…]")
_KICKER = re.compile(r"[^:]{2,40}:\s+\S|.*[?!]$|['‘“\"»„]|.*\b(?:How|Why|What|Who|Here[’']s|These|\d+)\b")


def labelled(rule: Rule, document: Document) -> Iterator[Finding]:
    """A label, and the headlines that directly follow it."""
    behind = 0
    for line in document.fitting(rule):
        if line.index < behind:
            continue
        hit = hit_of(rule, document, line)
        if hit is None:
            continue
        needs_link = rule.terms["object"].match(line.text) is not None
        links = _teasers(document, line.index + 1) or _links(document, line.index + 1, needs_link=needs_link)
        last = links[-1] if links else line
        behind = last.index + 1
        count = f", and {len(links)} links below" if links else ""
        is_label = len(links) > 1 or line.text.endswith(COLON)
        confidence = rule.confidence if is_label else lone_word(rule, document, line)
        yield Finding(rule, line.start, last.end, "", confidence, hit[0] + count)


def _teasers(document: Document, start: int) -> list[Line]:
    """The lines from `start` to the end, if they are headlines with a short summary below them; else none."""
    lines = list(document.lines[start : start + LIST_LINES + 1])
    if not 1 < len(lines) <= LIST_LINES or not is_headline(lines[0].text, lines[0].words):
        return []
    has_headline = False
    headlines = 0
    summaries: list[Line] = []
    for line in lines:
        if line.quoted or line.item or line.words > SUMMARY_WORDS:
            return []
        is_link = is_headline(line.text, line.words)
        if not is_link and not has_headline:
            return []
        has_headline = is_link
        headlines += is_link
        if not is_link:
            summaries.append(line)
    # A single one that stands apart may be the last paragraph of the article.
    is_text = len(summaries) == 1 and not summaries[0].tight
    return lines if headlines > 1 and not is_text else []


def _links(document: Document, start: int, *, needs_link: bool) -> list[Line]:
    """The lines from `start` on that are the list of a label above them.

    A single headline over a paragraph may be its heading, unless the label is nothing without it (“Also read”).
    """
    lines = document.lines[start : start + LIST_LINES]
    links: list[Line] = []
    for line in lines:
        if line.quoted or (links and line.item != links[0].item):
            break
        if not (_is_teaser(line) if line.item else _is_link(line)):
            break
        links.append(line)
    if not links or links[0].item or links[-1].index == len(document.lines) - 1:
        return links
    following = document.lines[links[-1].index + 1]
    if not following.prose or _TAGGED.search(links[-1].text):
        return links
    is_single = len(links) == 1
    is_heading = links[-1].words < HEADING_WORDS or (not is_single and _heads(document, links[-1], following))
    if is_heading or (is_single and not needs_link):
        links.pop()
    return links


def _heads(document: Document, line: Line, paragraph: Line) -> bool:
    """True if the paragraph takes up so many of the line's words that the line is its heading."""
    words = document.of(stems, line)
    return len(words & document.of(stems, paragraph)) >= HEADING_SHARE * len(words) > 0


def _is_link(line: Line) -> bool:
    return line.words <= LINK_WORDS and is_headline(line.text, line.words) and not line.prose


def _is_teaser(line: Line) -> bool:
    return line.words <= TEASER_WORDS and not unmarked(line.text).endswith((":", ";", ","))


def repeated_label(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines between paragraphs that share the words in capitals before a bar."""
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in document.lines:
        if line.zone in rule.zones and line.words <= rule.max_words and not line.prose and not line.quoted:
            found = _BARRED.match(line.text)
            if found and found[1].upper() == found[1] and is_headline(found[2], max(3, len(found[2].split()))):
                groups[found[1].casefold()].append(line)
    for label, group in groups.items():
        apart = all(b.index - a.index > 1 for a, b in pairwise(group))
        if len(group) > 1 and apart and len(label.split()) > 1:
            for line in group:
                evidence = f"“{shortened(label)} |” opens {len(group)} lines between paragraphs"
                yield Finding(rule, line.start, line.end, "", rule.confidence, evidence)


def headlines_at_end(rule: Rule, document: Document) -> Iterator[Finding]:
    """Headlines behind the last paragraph, up to the end."""
    run: list[Line] = []
    for line in reversed(document.lines):
        if line.zone not in rule.zones or line.quoted or not _could_link(line):
            break
        run.append(line)
    if not run:
        return
    run.reverse()
    above = document.lines[run[0].index - 1]
    signals = len(site_signals(document))
    if len(run) < RUN_LINES - (signals > 0) or above.text.endswith(COLON) or any(line.tight and not line.item for line in run):
        return
    if sum(line.words for line in run) < HEADLINE_WORDS * len(run):
        return
    texts = [unmarked(line.text) for line in run]
    cased = sum(title_case(text) >= TITLE_CASE for text in texts)
    kickers = sum(_KICKER.match(text) is not None for text in texts)
    tagged = sum(_TAGGED.search(text) is not None for text in texts)
    if any(_ENTRY.match(text) for text in texts):
        return
    if tagged >= TITLE_CASE_LINES * len(run):
        evidence = f"{len(run)} headlines behind the last paragraph, {tagged} of them with a label such as “[Video]”"
    elif cased >= TITLE_CASE_LINES * len(run) and kickers >= KICKERS * len(run):
        evidence = f"{len(run)} headlines behind the last paragraph, {cased} of them in title case"
    else:
        return
    yield Finding(rule, run[0].start, run[-1].end, "", rule.confidence, evidence)


def _could_link(line: Line) -> bool:
    text = unmarked(line.text)
    return line.words >= HEADLINE_WORDS - 1 and is_headline(text, line.words)


def with_more(rule: Rule, document: Document) -> Iterator[Finding]:
    """Teasers whose last sentence is followed by the word of their link."""
    for line in document.lines:
        if not rule.min_words <= line.words <= rule.max_words or line.zone not in rule.zones or line.quoted:
            continue
        word = document.of(_behind_last_sentence, line)
        if not word:
            continue
        matched = rule.match(word)
        if matched is not None and matched[1].end() == len(word):
            evidence = f"[{matched[0]}] ends with the link “{word}” behind its last sentence"
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence)


def _behind_last_sentence(text: str) -> str:
    """The short end of a text behind its last full stop; empty if there is none so near the end."""
    behind = text[-LINK_CHARACTERS:]
    if not _SENTENCE_END.search(behind, 0, max(0, len(behind) - 2)):
        return ""
    end = max(behind.rfind(mark, 0, len(behind) - 2) for mark in ".!?…")
    return behind[end + 1 :].strip()
