"""Captions: runs of them, and those that give a credit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from cleaner.detect.patterns import hit_of, in_quotation
from cleaner.model import Document, Edit, Finding, Line, Rule
from cleaner.shape import size
from cleaner.words import stems

RUN_LINES = 2
RUN_MARKED = 2
"""A run has at least so many lines, and so many of them bear a mark."""
MARKED_SHARE = 0.34
CAPTION_WORDS = range(5, 71)
EDGE_WORDS = 9
"""An unmarked line at the edge of a run may be a heading if it is shorter."""
UNSURE = 0.8
CREDITED_WORDS = 3
"""A credit has at least so many words of a caption before it; alone it is a line of another kind."""
TITLE_SHARE = 2 / 3
"""A line in the head that has so many of the first line's words is the title again."""
CREDIT_WORDS = 8
ABOVE_CREDIT_WORDS = range(9, 41)
"""A shorter line over a credit may be a heading."""
CREDIT_CHARACTERS = 140
"""A credit stands within so many characters from the end."""


def run(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines without a full stop in a row, of which enough bear a mark of captions.

    Only between or beside paragraphs: a text that is nothing but captions is a gallery.
    """
    lines = document.lines
    if not document.prose:
        return
    at = 0
    while at < len(lines):
        if not _could_caption(lines[at]):
            at += 1
            continue
        end = at
        while end < len(lines) and _could_caption(lines[end]):
            end += 1
        yield from _run(rule, document, lines[at:end])
        at = end


def _could_caption(line: Line) -> bool:
    if line.words not in CAPTION_WORDS or line.item or line.quoted or line.text[-1] in ":?;,":
        return False
    return not line.finished or _ends_with_number(line.text)


def _ends_with_number(text: str) -> bool:
    return text.rstrip(".)")[-1:].isdigit()


def _run(rule: Rule, document: Document, lines: Sequence[Line]) -> Iterator[Finding]:
    if len(lines) < RUN_LINES:
        return
    marks = {line.index: document.of(_mark, line, rule) for line in lines}
    sure = [at for at, line in enumerate(lines) if marks[line.index] or line.words >= EDGE_WORDS]
    if not sure:
        return
    lines = lines[sure[0] : sure[-1] + 1]
    marked = [line for line in lines if marks[line.index]]
    if len(lines) < RUN_LINES or len(marked) < RUN_MARKED or len(marked) < MARKED_SHARE * len(lines):
        return
    if not any(rule.terms["strong"].search(line.text) or rule.terms["agency"].search(line.text) for line in marked):
        return
    for line in lines:
        why = marks[line.index] or "its neighbours are captions"
        evidence = f"{why}; one of {len(lines)} captions in a row, {len(marked)} of them marked"
        yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, (("captions", line.text),))


def _mark(rule: Rule, text: str) -> str:
    """What marks the text as a caption; empty if nothing does."""
    for name in ("strong", "agency", "date"):
        if found := rule.terms[name].search(text):
            return f"“{found.group().strip()}”"
    return ""


def credited(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines that end with the name of an agency or photographer behind a bar or in brackets."""
    for line in document.fitting(rule):
        if line.quoted or not rule.min_words <= line.words <= rule.max_words:
            continue
        offset = max(0, len(line.text) - CREDIT_CHARACTERS)
        for _, pattern in document.patterns_for(rule, line):
            found = pattern.search(line.text, offset)
            before = line.text[: found.start()] if found else ""
            if found and size(before) >= CREDITED_WORDS and not in_quotation(line.text, found.start()):
                evidence = f"ends with the credit “{found.group().strip()}”"
                yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, (("captions", line.text),))
                break


def split(rule: Rule, document: Document) -> Iterator[Finding]:
    """A caption whose credit stands in brackets that were broken over lines: “… (”, “Image:”, “Getty)”."""
    lines = document.lines
    for label, credit in pairwise(lines):
        if not credit.text.endswith(")") or "(" in credit.text or credit.words > CREDIT_WORDS or not rule.match(label.text):
            continue
        caption = lines[label.index - 1] if label.index else None
        if caption is None or not caption.text.endswith("("):
            continue
        evidence = f"its credit “{credit.text.rstrip(')')}” stands in brackets over three lines"
        yield Finding(rule, caption.start, credit.end, "", rule.confidence, evidence, (("captions", caption.text.rstrip("( ")),))


def bare_credit(rule: Rule, document: Document) -> Iterator[Finding]:
    """Names and houses with a slash between them, alone between other lines."""
    hits = {line.index: hit for line in document.fitting(rule) if (hit := hit_of(rule, document, line))}
    for index, hit in hits.items():
        line = document.lines[index]
        if index - 1 not in hits and index + 1 not in hits and not line.tight:
            yield Finding(rule, line.start, line.end, "", rule.confidence, hit[0])


def credit_line(rule: Rule, document: Document) -> Iterator[Finding]:
    """Credits on a line of their own; sure with a second signal, a suggestion without."""
    for line in document.fitting(rule):
        hit = hit_of(rule, document, line)
        if hit is None:
            continue
        agency = rule.terms["agency"].search(line.text) if line.zone != "tail" or "/" in line.text else None
        if line.zone == "head":
            why = "before the first paragraph"
        elif agency:
            why = f"“{agency.group()}” is an agency"
        elif _is_beside_caption(document, line):
            why = "beside another caption"
        else:
            why = ""
        confidence = rule.confidence if why else min(rule.confidence, UNSURE)
        evidence = f"{hit[0]}; {why}" if why else hit[0]
        yield Finding(rule, line.start, line.end, "", confidence, evidence, (("captions", line.text),))


def doubled(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines that stand in the text twice and more, where one of them stood beside another caption."""
    if not any(_is_caption(edit) for edit in document.edits):
        return
    places: dict[str, list[Line]] = defaultdict(list)
    for line in document.lines:
        if line.words in CAPTION_WORDS and not line.quoted:
            places[document.key(line)].append(line)
    for copies in places.values():
        if len(copies) > 1 and any(_is_beside_caption(document, line) for line in copies):
            evidence = f"stands in the text {len(copies)} times, once beside a caption"
            for line in copies:
                if not line.finished and _is_over_prose(document, line):
                    continue  # a heading that a caption repeats
                yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, (("captions", line.text),))


def _is_over_prose(document: Document, line: Line) -> bool:
    return any(other.prose for other in document.lines[line.index + 1 : line.index + 2])


def above_credit(rule: Rule, document: Document) -> Iterator[Finding]:
    """A line without a full stop directly over a picture credit that went; not the title, which a first line may repeat."""
    if rule.category not in document.cut_categories:
        return
    title = document.of(stems, document.lines[0]) if document.lines else frozenset()
    for line in document.lines[1:]:
        if line.words not in ABOVE_CREDIT_WORDS or not _could_caption(line) or line.prose:
            continue
        if line.zone == "head" and len(title & document.of(stems, line)) >= TITLE_SHARE * len(title) > 0:
            continue
        cut = document.edits_below(line)
        if cut and cut[0].finding.rule.category == rule.category and cut[0].finding.rule.code != rule.code:
            evidence = "no full stop, and a picture credit stood directly below"
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, (("captions", line.text),))


def _is_beside_caption(document: Document, line: Line) -> bool:
    return any(_is_caption(edit) for edit in document.edits_beside(line))


def _is_caption(edit: Edit) -> bool:
    """True if the edit took a caption out, or a control of a gallery."""
    rule = edit.finding.rule
    return rule.category == "CAP" or rule.name == "navigation-control"
