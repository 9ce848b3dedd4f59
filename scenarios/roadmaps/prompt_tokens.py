"""Counts the tokens of our prompts for two roadmaps of the scripted author, one with an English and one with a Chinese topic.

Each call also sends the strict schema, which must be paid; providers do not tell in which form they read it, so its JSON is counted.
"""

import json
from collections.abc import Iterator
from typing import Any

from app.roadmaps import framework, prompts
from app.roadmaps.acceptance import body_of
from app.roadmaps.pipeline import CONTENT
from app.roadmaps.prompts import Messages
from app.schemas.content import Curriculum, IntentAnalysis, StructuredOutput
from app.schemas.roadmap import RoadmapRequest
from scenarios.roadmaps import author

TOPICS = ("Learn Rust", "从零学习 Rust")
AROUND_A_MESSAGE, AROUND_ALL = 4, 3  # tokens, from OpenAI's cookbook: How to count tokens with tiktoken


def of_a_call() -> float:
    """The tokens of one call's prompt, on average over all calls of both roadmaps, with the encoding of gpt-4o-mini."""
    from rs_bpe.bpe import openai  # only for this figure, and not available for every interpreter

    encoding = openai.o200k_base()
    counted: list[int] = [
        AROUND_ALL
        + sum(AROUND_A_MESSAGE + encoding.count(message["content"]) for message in messages)
        + encoding.count(json.dumps(output.model_json_schema(), ensure_ascii=False))
        for topic in TOPICS
        for messages, output in calls(topic)
    ]
    return sum(counted) / len(counted)


def calls(topic: str) -> Iterator[tuple[Messages, type[StructuredOutput]]]:
    """The messages of each call for one roadmap, and the type of its answer.

    Args:
        topic: of the roadmap.
    """
    body = body_of(RoadmapRequest(topic=topic))
    yield prompts.intent(body), IntentAnalysis
    yield prompts.curriculum(body, _answer(IntentAnalysis, body)), Curriculum
    curriculum = framework.number(Curriculum.model_validate(_answer(Curriculum, body)))
    for stage in curriculum.stages:
        for module in stage.modules:
            for concept in module.concepts:
                for step, output in CONTENT.items():
                    yield prompts.concept(step, body, concept), output


def _answer(output: type[StructuredOutput], body: dict[str, Any]) -> dict[str, Any]:
    answer = author.write(output.schema_name, json.dumps(body), 0)
    assert answer is not None, f"the author writes no {output.schema_name}"
    return answer
