"""What keeps healthy text from rules: each guard saves a line, and without the guard the line is lost."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from cleaner import segment
from cleaner.detect import bios, bylines, captions, live, patterns, related, tags, tails, times, titles
from cleaner.pipeline import Cleaner

TITLE = "Storm closes the old harbour bridge"
FIRST = "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said."
SECOND = "Engineers will look at the piers this week, and the bridge may open again for buses before Friday."
THIRD = "Until then all cars have to take the road along the river, which is narrow and floods in the spring."
LAST = "The council will talk about the money in May, and nobody in the town expects that it will be enough."

QUESTION = "What would you do in your first hundred days in office to mend the old harbour bridge?"
BIO = "Jane Roe is a reporter based in Leeds who covers the harbour for the Gazette. Follow her on Twitter @janeroe."
WAVES = "Waves over the road to the old mill"
ROADS = [f"Where the {kind} roads meet" for kind in ("old", "new", "long", "short", "wide")]


def article(*lines: str, title: str = TITLE) -> str:
    return "\n\n".join([title, FIRST, *lines, SECOND, THIRD, LAST]) + "\n"


def ending(*lines: str) -> str:
    return "\n\n".join([TITLE, FIRST, SECOND, THIRD, LAST, *lines]) + "\n"


def never(*_: Any, **__: Any) -> bool:
    return False


def always(*_: Any, **__: Any) -> bool:
    return True


class Guard(NamedTuple):
    what: str
    module: Any
    name: str
    off: Any
    text: str
    line: str


GUARDS = [
    Guard(
        "a line inside a quotation that another line opened",
        segment, "_quoted", lambda *_: set(),
        article("“This is what stood on the poster.", "Sign up for our newsletter", "And that was all,” she said."),
        "Sign up for our newsletter",
    ),
    Guard(
        "a line that is a quotation",
        patterns, "is_spoken", never,
        article("“Share this article”"), "“Share this article”",
    ),
    Guard(
        "a short answer",
        patterns, "is_spoken", never,
        article("What did you say to him?", "No comments.", "And what did he say?"), "No comments.",
    ),
    Guard(
        "a heading whose paragraph takes up its word",
        patterns, "_heads_section", never,
        article(SECOND, "Sign in", "Those who wanted to sign in had to wait in the rain, for the book lay on the hill."),
        "Sign in\n\n",
    ),
    Guard(
        "a single word between paragraphs",
        patterns, "lone_word", lambda rule, *_: rule.confidence,
        article(SECOND.replace("piers", "roof"), "Comments"), "Comments",
    ),
    Guard(
        "a first line that is the only title",
        patterns, "is_the_title", never,
        "Sign up for our newsletter\n\nThose who sign up for the newsletter of a school know when the bus is late, "
        f"a study says.\n\n{SECOND}\n",
        "Sign up for our newsletter",
    ),
    Guard(
        "a sentence that says who said so",
        patterns, "reports_speech", never,
        article("Sign up for our newsletter, the mayor said in a speech in which he spoke of little else."),
        "Sign up for our newsletter, the mayor said",
    ),
    Guard(
        "a word that the title speaks of",
        patterns, "is_topic", never,
        article("Sign up for our newsletter today", title="How the newsletter came back to the small towns"),
        "Sign up for our newsletter today",
    ),
    Guard(
        "a word that three paragraphs speak of",
        patterns, "TOPIC_LINES", 99,
        "\n\n".join(
            [TITLE]
            + [f"{line[:-1]}, and so the newsletter wrote that evening." for line in (FIRST, SECOND, THIRD)]
            + ["Sign up for our newsletter today", LAST]
        ),
        "Sign up for our newsletter today",
    ),
    Guard(
        "dates between paragraphs are a timeline",
        times, "TIMELINE_DATES", 99,
        "\n\n".join([TITLE, "12 May 2024", FIRST, "13 May 2024", SECOND, "14 May 2024", THIRD]),
        "12 May 2024",
    ),
    Guard(
        "times in a live blog",
        times, "live_entries", lambda _: 0,
        "\n\n".join([TITLE, "12.05.2024, 10:30", f"10:31 {FIRST}", f"11:40 {SECOND}", f"12:15 {THIRD}"]),
        "12.05.2024, 10:30",
    ),
    Guard(
        "a programme of times and names",
        live, "pairwise", lambda _: [],
        ending("20:00Big Joan", "21:45Young Fathers", "23:15Arctic Monkeys"), "21:45Young Fathers",
    ),
    Guard(
        "a sentence behind the end that two signals mark",
        tails, "_is_text", never,
        ending("Advertisement", "Share this article", "It rained again at night."), "It rained again at night.",
    ),
    Guard(
        "an entry of a list behind one signal",
        tails, "SIGNALS", 1,
        ending("Advertisement", "- Bridge Street", "- Mill Lane"), "- Mill Lane",
    ),
    Guard(
        "much text behind the end",
        tails, "MOST_SHARE", 1.0,
        "\n\n".join([TITLE, FIRST, "Sign up for our newsletter", "Share this article", *ROADS]),
        "Where the wide roads meet",
    ),
    Guard(
        "a list of results behind the end",
        tails, "NUMBERED", 99,
        ending("Sign up for our newsletter", "Share this article", "1 Anna Berg 45:12", "2 Jo Hill 45:40", "3 Eva Lund 46:02"),
        "2 Jo Hill 45:40",
    ),
    Guard(
        "a question that is put twice",
        titles, "QUESTION", (),
        "\n\n".join([TITLE, QUESTION, FIRST, QUESTION, SECOND, QUESTION, THIRD]),
        f"{QUESTION}\n\n{THIRD}",
    ),
    Guard(
        "a refrain",
        titles, "_in_verse", never,
        "The river runs to the sea\n\nThe night is long and the road is cold\nThe river runs to the sea\n"
        "The boats are new and the men are old\nThe river runs to the sea\n",
        "the men are old\nThe river runs to the sea",
    ),
    Guard(
        "a person whom the text has named before",
        bios, "_is_named_before", never,
        "\n\n".join([TITLE, FIRST.replace("the city said", "Jane Roe said"), SECOND, THIRD, BIO]),
        "Jane Roe is a reporter",
    ),
    Guard(
        "a person with more of the article behind",
        bios, "_last_text", lambda *_: -1,
        "\n\n".join([TITLE, FIRST, SECOND, THIRD, BIO, LAST]),
        "Jane Roe is a reporter",
    ),
    Guard(
        "a heading of common words in capitals",
        bylines, "english_words", lambda: (frozenset(), frozenset()),
        f"{TITLE}\n\nChapter One\n\n{FIRST}\n\n{SECOND}\n", "Chapter One",
    ),
    Guard(
        "title and chapter over a story",
        tags, "_is_over_title", always,
        f"Quiet Rivers\n\nChapter One\n\n{FIRST}\n\n{SECOND}\n", "Quiet Rivers",
    ),
    Guard(
        "a list of works and their authors at the end",
        related, "_ENTRY", patterns.re.compile(r"(?!)"),
        ending("“A Change Is Gonna Come” by Sam Cooke", "“What’s Going On” by Marvin Gaye", "“Ain’t No Sunshine” by Bill"),
        "“What’s Going On” by Marvin Gaye",
    ),
    Guard(
        "a heading that a caption repeats",
        captions, "_is_over_prose", never,
        "\n\n".join([TITLE, FIRST, WAVES, SECOND, "Photo: Getty Images", WAVES, "Photo: Reuters", THIRD]),
        f"{WAVES}\n\n{SECOND}",
    ),
]  # fmt: skip


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.what)
def test_each_guard_saves_its_line(guard: Guard, cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert guard.line in guard.text
    assert guard.line in cleaner.clean(guard.text).text, "the guard does not hold"
    monkeypatch.setattr(guard.module, guard.name, guard.off)
    assert guard.line not in cleaner.clean(guard.text).text, "the line stays without the guard, too"


def kept(cleaner: Cleaner, text: str) -> bool:
    return cleaner.clean(text).text == text


def test_a_large_removal_is_flagged(cleaner: Cleaner) -> None:
    junk = "\n\n".join(
        ["Advertisement", "Sign up for our newsletter", "Share this article", "Also Read: Ten bridges that fell"] * 6
    )
    assert "heavy-removal" in cleaner.clean(f"{TITLE}\n\n{FIRST}\n\n{SECOND}\n\n{junk}\n").flags
    assert "heavy-removal" not in cleaner.clean(article("Advertisement")).flags


def test_a_rule_finds_nothing_in_running_text(cleaner: Cleaner) -> None:
    paragraph = f"Sign up for our newsletter and share this article, the poster said. {FIRST} {SECOND} {THIRD} {LAST}"
    assert kept(cleaner, f"{TITLE}\n\n{paragraph}\n\n{SECOND}\n")
