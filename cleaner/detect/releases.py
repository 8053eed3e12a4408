"""The end of press releases."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.model import WORD, Document, Finding, Line, Rule

LEAST_PARAGRAPHS = 3
"""So many paragraphs of the release stand before its end."""
PORTRAIT_PARAGRAPHS = 3
"""A company's portrait has no more of them."""
LEAD_PARAGRAPHS = 10
"""The company is named in one of the first paragraphs of its release."""
NAME = 4
"""Letters of the shortest word that could be its name."""
CONTACT_LINES = 12


def end(rule: Rule, document: Document) -> Iterator[Finding]:
    """From the heading over the company's portrait, or over the press contact, to the end of the text."""
    above = 0
    for line in document.lines:
        if line.prose:
            above += 1
        elif above >= LEAST_PARAGRAPHS and line.words <= rule.max_words and not line.quoted:
            why = _opens_portrait(rule, document, line, above) or _opens_contact(rule, document, line, above)
            if why:
                yield Finding(rule, line.start, document.lines[-1].end, "", rule.confidence, f"{why}, and all below it")
                return


def _opens_portrait(rule: Rule, document: Document, line: Line, above: int) -> str:
    found = rule.terms["about"].match(line.text.rstrip(": "))
    if not found or not 1 <= len(document.prose) - above <= PORTRAIT_PARAGRAPHS:
        return ""
    name = found["name"] or found["suffix"]
    if name is None:
        return f"“{line.text}” heads a portrait"
    words = {word for word in WORD.findall(name) if len(word) >= NAME and word[0].isupper()}
    lead = document.prose[:LEAD_PARAGRAPHS][-1].index
    if any(document.first_mentions.get(word, lead + 1) <= lead for word in words):
        return f"“{line.text}” heads a portrait, and the text above names it, too"
    return ""


def _opens_contact(rule: Rule, document: Document, line: Line, above: int) -> str:
    if len(document.prose) > above or not rule.terms["contact"].match(line.text):
        return ""
    below = document.lines[line.index + 1 : line.index + 2 + CONTACT_LINES]
    is_contact = 1 <= len(below) <= CONTACT_LINES and any(rule.terms["reach"].search(other.text) for other in below)
    return f"“{line.text}” heads a contact" if is_contact else ""
