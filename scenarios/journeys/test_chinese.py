"""A learner who writes Chinese, from the request to the content."""

import json

import pytest

from scenarios.material import curriculum

pytestmark = [pytest.mark.e2e, pytest.mark.once]
NAMES = ("所有权", "借用/引用", "生命周期 与 作用域")
TUTORIAL = {
    "title": "所有权",
    "sections": [{"heading": "为什么重要", "body": "每个值都有**唯一**的所有者。"}],
}
RESOURCES = {
    "items": [
        {
            "title": "Rust 程序设计语言",
            "url": "https://rustwiki.org/zh-CN/book/所有权.html",
            "kind": "book",
            "reason": "官方教程的中文译本，讲解清楚。",
        }
    ]
}
QUIZ = {
    "questions": [
        {
            "prompt": "一个值可以有几个所有者？",
            "choices": ["一个", "两个", "三个", "任意多个"],
            "answer": 0,
            "explanation": "所有权规则规定只有一个。",
        }
    ]
}


def test_a_roadmap_in_chinese(system):
    """Asked for in Chinese without naming a language, written in Chinese, addressed by ids of ours, read by every route."""
    framework = curriculum(*NAMES, **{NAMES[1]: [NAMES[0]], NAMES[2]: [NAMES[0], NAMES[1]]})
    framework |= {"title": "Rust 学习路线", "summary": "从零开始，循序渐进。"}
    system.openai.on(step="curriculum").reply(framework)
    system.openai.on(step="quiz", concept="所有权").fail(500, times=1)
    for step, answer in (("tutorial", TUTORIAL), ("resources", RESOURCES), ("quiz", QUIZ)):
        system.openai.on(step=step).reply(answer)
    ada = system.api.sign_up()

    roadmap = ada.create_roadmap("Rust 所有权", goal="写嵌入式固件")
    read = roadmap.wait_until_ended()

    assert (read["status"], read["language"], read["title"]) == ("completed", "zh", "Rust 学习路线")
    concepts = roadmap.concepts()
    assert [concept["name"] for concept in concepts] == list(NAMES)
    assert all(concept["id"].isascii() and concept["id"].isalnum() for concept in concepts)
    assert concepts[2]["prerequisites"] == [concepts[0]["id"], concepts[1]["id"]]
    for concept in concepts:
        content = ada.expect(200, "GET", f"{roadmap.path}/concepts/{concept['id']}").json()
        assert content["name"] == concept["name"]
        assert [content[part]["content"] for part in ("tutorial", "resources", "quiz")] == [
            TUTORIAL,
            RESOURCES,
            QUIZ,
        ]
    assert roadmap.concept("所有权")["id"] == concepts[0]["id"]
    system.stack.wait_until_idle()
    assert {event["concept_id"] for event in roadmap.logs()} == {"", *(concept["id"] for concept in concepts)}
    assert len(roadmap.logs(step="quiz", concept="所有权")) == 2
    with roadmap.events() as stream:
        assert len(list(stream)) == len(roadmap.logs())
    listed = ada.expect(200, "GET", "/api/v1/roadmaps?topic=所有权").json()["items"]
    assert [item["title"] for item in listed] == ["Rust 学习路线"]

    assert {call.concept for call in system.openai.calls() if call.concept} == set(NAMES)
    for call in system.openai.calls():
        instructions, material = system.openai.body(call)["messages"]
        assert "`zh`" in instructions["content"]
        assert json.loads(material["content"])["language"] == "zh"
