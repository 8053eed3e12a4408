"""The pattern kinds: rules that are only data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.heads import is_the_title
from cleaner.model import NORMALIZING, Document, Finding, Line, Rule, first_match
from cleaner.shape import ends_sentence, unmarked
from cleaner.words import all_function_words, stems

MAX_CHARACTERS = 400
"""Longer lines are running text; whole-line rules leave them alone unless they allow so many words."""
MAX_CHARACTERS_PER_WORD = 20
LONE_CHARACTERS = 30
ENTRY_WORDS = 5
LONE_SIZE = 3
"""Size of a single word: scripts without spaces write "contact us" as one."""
ABOVE_TITLE = frozenset({"TAG", "CAP", "TIM", "BYL"})
"""What may share its words with the text and open it all the same; other first lines with the shape of a title are one."""
HEADING_WORDS = 3
"""A section's heading that could be taken for a control is no longer than this."""
TOP_LINES = 4
"""On top of a text a single word is a control or a section; a heading needs text above it."""
LONE_CONFIDENCE = 0.75
QUOTATION_CHARACTERS = 2000
"""A quotation is looked for so far back; bounded so that long lines cost no more than their length."""
_ATTRIBUTION = re.compile(
    r"\b(?:said|says|say|told|tells|asked|asks|urged|urges|advised|advises|reminds|suggests|added|wrote|writes|explained|explains|recalled|recalls|announced|argued|argues|warned|warns"
    r"|claimed|claims|reported|according\s+to|sagte|sagten|sagt|sagen|bittet|bitten|bat|rät|raten|fordert|fordern|mahnt|empfiehlt|meint|erklärte|betonte|teilte|berichtete|zufolge|laut|déclaré|expliqué|selon"
    r"|a\s+dit|dit-il|dit-elle|dijo|dijeron|dice|dicen|decir|decía|afirmó|explicó|señaló|según|detto|spiegato|dichiarato|secondo|disse|disseram|afirmou|explicou|segundo|zei|vertelde"
    r"|volgens|сказал\w*|заявил\w*|сообщил\w*|по\s+словам|сказав|заявив|заявила|за\s+словами|dedi|söyledi|açıkladı|belirtti|göre"
    r"|sade|säger|enligt|sagde|siger|ifølge|sier|powiedział\w*|stwierdził\w*|według|कहा|बताया|قال|وقالت)\b",
    re.IGNORECASE,
)
"""Words that attribute a statement; those of Field 3.3, in the languages of the packs."""
_QUOTATION = re.compile(r"""["“„«»「『‚‘'].+["”“«»」』’'][.,!?]?$""", re.DOTALL)
_ANSWER = re.compile(r"(?<![.…])[.?!。？！।؟]$")
_STATEMENT = re.compile(r"(?<![.…])[.?。？।؟]$")
ANSWER_WORDS = 3
TOPIC_LINES = 3
"""A word that stands in so many lines of running text is what the article is about."""


def line(rule: Rule, document: Document) -> Iterator[Finding]:
    """Whole lines: a phrase that is the line, or a pattern that matches from its start."""
    for candidate in document.fitting(rule):
        hit = hit_of(rule, document, candidate)
        if hit is not None:
            confidence = lone_word(rule, document, candidate)
            yield Finding(rule, candidate.start, candidate.end, "", confidence, hit[0], facts_of(rule, hit[1]))


def apart(rule: Rule, document: Document) -> Iterator[Finding]:
    """Whole lines that no single break joins to another: never a line of verse, code or an address."""
    alone = {(document.lines[block[0]].start, document.lines[block[0]].end) for block in document.blocks if len(block) == 1}
    return (finding for finding in line(rule, document) if (finding.start, finding.end) in alone)


def lone_word(rule: Rule, document: Document, candidate: Line) -> float:
    """The rule's confidence, lowered for a word that stands alone between paragraphs or as an entry of a list.

    Headings, answers, verse and lists look like that; another control beside it makes it one again.
    """
    if candidate.item and candidate.words <= ENTRY_WORDS and not rule.alone and rule.phrases:
        return rule.confidence if _is_among_controls(rule, document, candidate) else min(rule.confidence, LONE_CONFIDENCE)
    if (
        rule.alone
        or " " in unmarked(candidate.text)
        or candidate.words > LONE_SIZE
        or candidate.text.endswith(("...", "…"))
        or (candidate.zone == "head" and candidate.index < TOP_LINES)
        or (candidate.zone == "tail" and not _has_text_below(document, candidate))
        or len(candidate.text) > LONE_CHARACTERS
        or _is_among_controls(rule, document, candidate)
    ):
        return rule.confidence
    return min(rule.confidence, LONE_CONFIDENCE)


def _has_text_below(document: Document, candidate: Line) -> bool:
    """True if the next line is a sentence, an entry of a list or an address rather than a control."""
    below = document.lines[candidate.index + 1 : candidate.index + 2]
    return any(line.item or line.finished or any(char.isdigit() for char in line.text) for line in below)


def _is_among_controls(rule: Rule, document: Document, candidate: Line) -> bool:
    """True if the line above or below is a phrase of the same rule, or junk stood between."""
    at = candidate.index
    beside = (*document.plains[max(0, at - 1) : at], *document.plains[at + 1 : at + 2])
    if any(plain in rule.phrases for plain in beside):
        return True
    return any(edit.finding.rule.category not in NO_NEIGHBOURS for edit in document.edits_beside(candidate))


NO_NEIGHBOURS = NORMALIZING | {"ADV"}
"""What stands anywhere, over headings too, and so says nothing about the line beside it."""


def block(rule: Rule, document: Document) -> Iterator[Finding]:
    """Whole blocks whose first line a phrase or pattern fits."""
    for first in document.fitting(rule):
        indexes = document.block_of(first)
        if first.index != indexes[0]:
            continue
        last = document.lines[indexes[-1]]
        hit = hit_of(rule, document, first)
        if hit is not None:
            text = document.text[first.offset : last.offset + len(last.text)]
            evidence = f"{hit[0]}, and the block that it opens ({len(indexes)} lines)"
            yield Finding(rule, first.start, last.end, "", rule.confidence, evidence, facts_of(rule, text))


def inline(rule: Rule, document: Document) -> Iterator[Finding]:
    """Parts of lines: every match of a pattern, not inside a quotation."""
    for candidate in document.fitting(rule):
        if candidate.zone not in rule.zones or candidate.quoted:
            continue
        for language, pattern in document.patterns_for(rule, candidate):
            for found in pattern.finditer(candidate.text):
                if in_quotation(candidate.text, found.start()) or is_topic(rule, document, candidate):
                    continue
                start, end = document.span(candidate, *found.span("cut" if "cut" in pattern.groupindex else 0))
                evidence = f"{_in(language)}matches “{found.group().strip()}”"
                yield Finding(rule, start, end, "", rule.confidence, evidence, facts_of(rule, found.group()))


def hit_of(rule: Rule, document: Document, candidate: Line) -> tuple[str, str] | None:
    """(evidence, value of the fact) if the rule's phrases or patterns fit the line and no guard forbids it."""
    if not document.could_fit(rule, candidate) or candidate.quoted:
        return None
    if not rule.min_words <= candidate.words <= rule.max_words or candidate.zone not in rule.zones:
        return None
    if len(candidate.text) > max(MAX_CHARACTERS, rule.max_words * MAX_CHARACTERS_PER_WORD):
        return None
    hit = None
    language = rule.phrases.get(document.plains[candidate.index])
    if language and not is_spoken(candidate) and not _heads_section(document, candidate):
        hit = f"{_in(language)}the line is “{candidate.text}”", candidate.text
    elif rule.patterns and not _QUOTATION.match(candidate.text):
        text = unmarked(candidate.text) if candidate.item else candidate.text
        patterns = document.patterns_for(rule, candidate)
        matched = first_match(patterns, text) or (first_match(patterns, candidate.text) if candidate.item else None)
        if matched is not None and (rule.reported or not reports_speech(candidate.text)):
            language, found = matched
            value = (found["value"] or "") if "value" in found.re.groupindex else text
            hit = f"{_in(language)}the line starts with “{shortened(found.group().strip())}”", value
    if hit is None or (rule.unless is not None and rule.unless.search(candidate.text)) or is_topic(rule, document, candidate):
        return None
    if candidate.index == 0 and rule.category not in ABOVE_TITLE and is_the_title(document, candidate):
        return None
    return hit


def is_spoken(candidate: Line) -> bool:
    """True if the line is a quotation, or a word or two that end as a sentence does: an answer, not a control."""
    text = candidate.text
    if _QUOTATION.match(text):
        return True
    return candidate.words <= ANSWER_WORDS and (_STATEMENT if " " in text else _ANSWER).search(text) is not None


def _heads_section(document: Document, candidate: Line) -> bool:
    """True if the paragraph below takes up the line's words, as it does below a heading."""
    if candidate.words > HEADING_WORDS or candidate.index + 1 == len(document.lines):
        return False
    below = document.lines[candidate.index + 1]
    if not below.finished:
        return False
    words = document.key(candidate)
    if words not in all_function_words() and f" {words} " in f" {document.key(below)} ":
        return True
    return bool(document.of(stems, candidate) & document.of(stems, below))


def reports_speech(text: str) -> bool:
    """True if the text is a sentence that says who said so."""
    return ends_sentence(text) and _ATTRIBUTION.search(text) is not None


def is_topic(rule: Rule, document: Document, candidate: Line) -> bool:
    """True if the rule's word is what the article is about: in its headline, or often in its prose."""
    if rule.topic is None:
        return False
    if candidate.index and document.opens_with(rule.topic):
        return True
    return document.mentions(rule.topic, besides=candidate) >= TOPIC_LINES


def in_quotation(text: str, position: int) -> bool:
    """True if a quotation that opens before the position closes only behind it."""
    before = text[max(0, position - QUOTATION_CHARACTERS) : position]
    low = before.rfind("„")
    if low >= 0:
        if low > max(before.rfind("“"), before.rfind("”")):
            return True
    elif before.rfind("“") > before.rfind("”"):
        return True
    first, last = ("«", "»") if before.find("«") < before.find("»") or "»" not in before else ("»", "«")
    return before.rfind(first) > before.rfind(last) or before.count('"') % 2 == 1


def facts_of(rule: Rule, value: str) -> tuple[tuple[str, str], ...]:
    """What the finding tells about the article, if the rule keeps it; an empty `value` group tells nothing."""
    return ((rule.keeps, value.strip()),) if rule.keeps and value.strip() else ()


def shortened(text: str, length: int = 60) -> str:
    """The text on one line and not longer than a message can bear."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _in(language: str) -> str:
    return "" if language == "any" else f"[{language}] "
