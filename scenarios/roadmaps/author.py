"""A scripted author for our own prompts, who writes a plausible roadmap on the topic, the same one every time."""

import hashlib
import json
import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

STAGES = (
    ("Foundations of {topic}", ("Getting oriented", "The core ideas")),
    ("{topic} in practice", ("Building something small", "Working independently")),
)
CONCEPTS = {
    "Getting oriented": (
        (
            "what-it-is-for",
            "What {topic} is for",
            "Where {topic} shines, where it does not, and who uses it.",
        ),
        (
            "setting-up",
            "Setting up your workbench",
            "Everything you need on your machine before the first exercise.",
        ),
        (
            "vocabulary",
            "The vocabulary of {topic}",
            "The two dozen words without which no text on it can be read.",
        ),
    ),
    "The core ideas": (
        (
            "mental-model",
            "A mental model of {topic}",
            "The picture to keep in mind when something surprises you.",
        ),
        ("building-blocks", "The building blocks", "The few parts from which everything larger is made."),
        (
            "common-mistakes",
            "Mistakes everybody makes",
            "What goes wrong first, and how to recognise it early.",
        ),
    ),
    "Building something small": (
        ("first-project", "Your first project in {topic}", "A weekend's work with a result you can show."),
        (
            "testing-your-work",
            "Knowing that it works",
            "How to find out that you are wrong before others do.",
        ),
        (
            "reading-others",
            "Reading other people's work",
            "Three well-made examples, and what to look for in them.",
        ),
    ),
    "Working independently": (
        ("going-deeper", "Where to go deeper", "The topics that divide users of {topic} from experts in it."),
        ("performance", "When it has to be fast", "Measuring first, and the changes that usually pay."),
        ("giving-back", "Teaching what you learned", "Explaining is the last test of understanding."),
    ),
}
SECTIONS = (
    ("Why it matters", "Most of what follows rests on *{title}*. {summary} Take your time here."),
    (
        "The idea",
        "Start from one example and change a single thing at a time. Write down what you expect before you look.",
    ),
    (
        "Try it",
        "1. Pick the smallest case you can think of.\n2. Do it by hand.\n3. Do it again with the tools of {topic}.",
    ),
    (
        "Check yourself",
        "Explain {title} to somebody who has never heard of {topic}. Where you hesitate, read again.",
    ),
)
RESOURCES = (
    ("article", "A short introduction to {title}", "Ten minutes, no prerequisites."),
    ("video", "{title}, drawn on a whiteboard", "Shows the picture that texts only describe."),
    ("book", "The {topic} handbook", "The chapter on this is the best in print."),
    ("course", "{topic} from the ground up", "Has graded exercises on exactly this."),
)


def write(schema_name: str, message: str, seed: int) -> dict[str, Any] | None:
    """An answer to one of our prompts; None if the schema is not ours.

    Args:
        schema_name: of the structured output.
        message: the user's, a JSON object with `topic` and perhaps `concept`.
        seed: each seed gives another roadmap.
    """
    writer = WRITERS.get(schema_name)
    if writer is None:
        return None
    try:
        data = json.loads(message)
    except ValueError:
        data = {}
    if not isinstance(data, dict):
        data = {}
    topic = str(data.get("topic") or "the subject")
    concept = data.get("concept") or {
        "id": "basics",
        "title": f"The basics of {topic}",
        "summary": "Where to begin.",
    }
    digest = hashlib.blake2b(f"{seed}/{schema_name}/{topic}/{concept['id']}".encode(), digest_size=8)
    chance = random.Random(digest.digest())  # noqa: S311 - no secret
    return writer({"topic": topic, "level": data.get("level", "beginner"), **concept}, chance)


def slug(text: str) -> str:
    """Lower-case words with hyphens; never empty, even for a text without a Latin letter."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:30].strip("-") or "topic"


def _intent(about: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    return {
        "goal": f"Use {about['topic']} with confidence on work of one's own",
        "level": about["level"],
        "focus": chance.sample(
            ["foundations", "practice", "good habits", "reading real work", "feedback"], 3
        ),
        "weeks": chance.randint(4, 12),
    }


def _curriculum(about: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    prefix = slug(about["topic"])
    earlier: list[str] = []
    stages = []
    for stage, modules in STAGES:
        written = []
        for module in modules:
            concepts = []
            for name, title, summary in chance.sample(CONCEPTS[module], 2):
                concept_id = f"{prefix}-{name}"
                concepts.append(
                    {
                        "id": concept_id,
                        "title": title.format(**about),
                        "summary": summary.format(**about),
                        "prerequisites": chance.sample(earlier, min(len(earlier), chance.randint(0, 2))),
                        "estimated_minutes": chance.randrange(20, 100, 10),
                    }
                )
                earlier.append(concept_id)
            written.append({"title": module, "concepts": concepts})
        stages.append({"title": stage.format(**about), "modules": written})
    return {
        "title": f"Learn {about['topic']}",
        "summary": f"From the first steps in {about['topic']} to working on your own, in two stages.",
        "stages": stages,
    }


def _tutorial(about: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    chosen = sorted(chance.sample(range(len(SECTIONS)), 3))
    sections = [{"heading": SECTIONS[n][0], "body": SECTIONS[n][1].format(**about)} for n in chosen]
    return {"title": about["title"], "sections": sections}


def _resources(about: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    items = [
        {
            "title": title.format(**about),
            "url": f"https://{kind}s.example/{quote(about['id'], safe='')}",
            "kind": kind,
            "reason": reason,
        }
        for kind, title, reason in chance.sample(RESOURCES, 3)
    ]
    return {"items": items}


def _quiz(about: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    right = f"{about['summary']}"
    wrong = [
        f"It has nothing to do with {about['topic']}.",
        "It can be left out without losing anything.",
        "It only matters once you are an expert.",
    ]
    choices = [right, *wrong]
    chance.shuffle(choices)
    return {
        "questions": [
            {
                "prompt": f"What is “{about['title']}” about?",
                "choices": choices,
                "answer": choices.index(right),
                "explanation": f"The point of this concept: {about['summary']}",
            }
        ]
    }


WRITERS: dict[str, Callable[[dict[str, Any], random.Random], dict[str, Any]]] = {
    "intent_analysis": _intent,
    "curriculum": _curriculum,
    "tutorial": _tutorial,
    "resources": _resources,
    "quiz": _quiz,
}
