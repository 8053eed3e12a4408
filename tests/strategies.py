"""Random text, and documents glued from real lines."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from cleaner.registry import built_in

ROOT = Path(__file__).parent.parent


@cache
def real_lines() -> list[str]:
    """Lines of the seeds, of the fixtures and of the rules' own examples."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    texts += [path.read_text("utf-8") for path in sorted((ROOT / "fixtures").rglob("*.txt"))]
    texts += [tomllib.loads(path.read_text("utf-8"))["raw"] for path in sorted((ROOT / "fixtures").rglob("*.toml"))]
    for rule in built_in().rules:
        texts += [example.text for example in rule.examples]
        texts += [*rule.counterexamples, *rule.phrases]
    return sorted({line for text in texts for line in text.split("\n") if line.strip()})


characters = st.characters(exclude_categories=["Cs"])
breaks = st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", "\r", "\u2028", "\n \n", "\n\t", "\n    "])


@st.composite
def glued(draw: st.DrawFn) -> str:
    """A document of real lines in any order, some with marks of damage, with any breaks between them."""
    lines = draw(st.lists(st.sampled_from(real_lines()), max_size=25))
    spoiled = [draw(st.sampled_from(DAMAGE))(line) for line in lines]
    return "".join(piece for line in spoiled for piece in (line, draw(breaks)))


DAMAGE = [
    *[lambda line: line] * 8,
    lambda line: line.upper(),
    lambda line: f"- {line}",
    lambda line: line.replace("&", "&amp;amp;").replace(" ", "&nbsp;", 2),
    lambda line: line.replace(" ", "\u00a0\u200b ", 1),
    lambda line: line.encode("utf-8").decode("latin-1"),
    lambda line: f"{line}{line}",
    lambda line: f"“{line}",
    lambda line: f"{line}”",
]

texts = st.one_of(st.text(characters, max_size=400), glued())
