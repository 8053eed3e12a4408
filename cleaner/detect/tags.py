"""Tags without a label of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detect.patterns import hit_of
from cleaner.model import Document, Finding, Line, Rule
from cleaner.names import is_name
from cleaner.shape import COLON, is_headline, unmarked

TAG_WORDS = 5
TAG_LINES = 25
LEAST_TAGS = 2
BREADCRUMB_LINES = 3
SECTION_LINES = 2
TAG_RUN_LINES = 3
BREADCRUMB_WORDS = 3
NAME_WORDS = range(2, 21)

_NAME = re.compile(r"\w[\w.'’&-]*")


def name_run(rule: Rule, document: Document) -> Iterator[Finding]:
    """The last line, if it falls apart into names that stand in the text."""
    if not document.lines:
        return
    line = document.lines[-1]
    if line.zone not in rule.zones or line.quoted or line.item:
        return
    words = line.text.split()
    if len(words) not in NAME_WORDS or not all(word[0].isupper() and _NAME.fullmatch(word) for word in words):
        return
    names = _names(words, " ".join(other.text for other in document.lines[:-1]))
    if len(names) >= LEAST_TAGS:
        facts = tuple(("tags", name) for name in names)
        evidence = f"the last line is {len(names)} names from the text: {', '.join(names)}"
        yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, facts)


def _names(words: list[str], text: str) -> list[str]:
    """The words cut into the longest phrases that stand in the text; empty if some word is in none of them.

    A tag of a single word must not be a mere part of another one's name, so at least one has two words.
    """
    names = []
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + TAG_WORDS), at, -1):
            phrase = " ".join(words[at:end])
            if _stands_in(text, phrase):
                names.append(phrase)
                at = end
                break
        else:
            return []
    return names if any(" " in name for name in names) else []


def _stands_in(text: str, phrase: str) -> bool:
    """True if the phrase stands in the text and is no part of longer words."""
    at = text.find(phrase)
    while at >= 0:
        if not any(
            char.isalnum() or char == "_" for char in text[max(0, at - 1) : at] + text[at + len(phrase) : at + len(phrase) + 1]
        ):
            return True
        at = text.find(phrase, at + 1)
    return False


def labelled_list(rule: Rule, document: Document) -> Iterator[Finding]:
    """A label at the end with short lines behind it, up to the end of the text."""
    for line in document.lines:
        hit = hit_of(rule, document, line) if line.zone in rule.zones else None
        if hit is None:
            continue
        rest = document.lines[line.index + 1 : line.index + 2 + TAG_LINES]
        if len(rest) > TAG_LINES or not all(_is_tag(other) for other in rest):
            continue
        facts = tuple(("tags", other.text.lstrip("-*•#· ")) for other in rest)
        last = rest[-1] if rest else line
        evidence = f"{hit[0]}, with {len(rest)} short lines behind it up to the end"
        yield Finding(rule, line.start, last.end, "", rule.confidence, evidence, facts)
        return


def breadcrumb_list(rule: Rule, document: Document) -> Iterator[Finding]:
    """Short list entries that open the text."""
    entries: list[Line] = []
    for line in document.lines:
        if line.zone not in rule.zones or not line.item or line.words > rule.max_words:
            break
        entries.append(line)
    short = sum(line.words <= BREADCRUMB_WORDS for line in entries)
    if len(entries) >= BREADCRUMB_LINES and short >= BREADCRUMB_LINES and _is_over_title(document, entries):
        evidence = f"{len(entries)} short entries on top of the text"
        for line in entries:
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, (("sections", unmarked(line.text)),))


def _is_over_title(document: Document, entries: list[Line]) -> bool:
    """True if a headline follows: over running text the same lines are title and chapter, or a list of the text's own."""
    below = document.lines[len(entries) : len(entries) + 1]
    return any(is_headline(line.text, line.words) and not line.prose for line in below)


def _is_tag(line: Line) -> bool:
    return line.words <= TAG_WORDS and not line.text.endswith((".", ":", "?", "!"))


def section_lines(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines of one or two words that open the text, two or more of them."""
    entries: list[Line] = []
    for line in document.lines:
        if line.zone not in rule.zones or line.words > rule.max_words or line.item or not _is_word(line):
            break
        entries.append(line)
    if len(entries) >= SECTION_LINES and _is_over_title(document, entries):
        evidence = f"{len(entries)} lines of one or two words on top of the text"
        for line in entries:
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, (("sections", line.text),))


def short_lines_at_end(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines of one to three words up to the end, of which the running text uses one."""
    entries: list[Line] = []
    for line in reversed(document.lines):
        if line.zone not in rule.zones or line.words > rule.max_words or not _is_word(line):
            break
        entries.append(line)
    if len(entries) < TAG_RUN_LINES or len(entries) == len(document.lines):
        return
    entries.reverse()
    above = document.lines[entries[0].index - 1]
    texts = [unmarked(line.text) for line in entries]
    if not above.prose or above.text.endswith(COLON) or any(line.tight and not line.item for line in entries):
        return
    if all(is_name(text) for text in texts):
        return  # those whom the text is about
    spoken = " ".join(document.key(line) for line in document.prose)
    used = next((text for text in texts if f" {text.casefold()} " in f" {spoken} "), None)
    if used is not None:
        evidence = f"{len(entries)} lines of one to three words behind the text, which speaks of “{used}”"
        for line, text in zip(entries, texts, strict=True):
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, (("tags", text),))


def _is_word(line: Line) -> bool:
    """True if the line could be a section or a tag: letters, no digits, no end of a sentence."""
    text = unmarked(line.text)
    return not line.quoted and text[0].isalpha() and text[-1].isalnum() and not any(char.isdigit() for char in text)
