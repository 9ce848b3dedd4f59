"""Reading what there is: lists, content, logs."""

import pytest

from scenarios.material import curriculum

pytestmark = pytest.mark.e2e
LIST = "/api/v1/roadmaps"


def test_a_list_is_paged_and_filtered(system):
    """A list shows the newest first, in pages that neither repeat nor leave out, filtered by status and topic."""
    ada = system.api.sign_up()
    system.openai.on(step="intent", contains="Cobol").refuse()
    topics = ["Rust", "Go", "Cobol", "Rust, again", "100% Perl"]
    roadmaps = [ada.create_roadmap(topic) for topic in topics]
    for roadmap in roadmaps:
        roadmap.wait_until_ended()

    seen, cursor = [], ""
    while cursor is not None:
        page = ada.expect(200, "GET", f"{LIST}?limit=2{cursor and f'&cursor={cursor}'}").json()
        assert len(page["items"]) <= 2
        seen += [item["topic"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == topics[::-1]

    def listed(query: str) -> list[str]:
        return [item["topic"] for item in ada.expect(200, "GET", f"{LIST}?{query}").json()["items"]]

    assert listed("status=failed") == ["Cobol"]
    assert listed("status=failed&status=completed&topic=RUST") == ["Rust, again", "Rust"]
    assert listed("topic=100%25") == ["100% Perl"]
    assert listed("topic=%25") == ["100% Perl"]
    assert listed("status=cancelled") == []


def test_who_asks_with_the_version_that_he_has_is_told_when_it_has_changed(system):
    """A reader who sends the tag of what he has read gets 304 until it has changed, and is asked who he is all the same."""
    ada, eve = system.api.sign_up(), system.api.sign_up()
    roadmap = ada.create_roadmap("Rust")
    before = ada.expect(200, "GET", f"{roadmap.path}/status")
    roadmap.wait_until_ended()

    def with_tag(account, expected, path, tag):
        return account.expect(expected, "GET", path, headers={"If-None-Match": tag})

    after = with_tag(ada, 200, f"{roadmap.path}/status", before.headers["ETag"])
    assert after.json()["status"] == "completed"
    for path in (
        f"{roadmap.path}/status",
        roadmap.path,
        f"{roadmap.path}/content",
        f"{roadmap.path}/export",
        LIST,
    ):
        tag = ada.expect(200, "GET", path).headers["ETag"]
        assert with_tag(ada, 304, path, tag).content == b""
    with_tag(eve, 404, roadmap.path, ada.expect(200, "GET", roadmap.path).headers["ETag"])


def test_the_content_of_a_concept_can_be_read(system):
    """A concept is read with its tutorial, resources and quiz."""
    system.openai.on(step="curriculum").reply(curriculum("a"))
    tutorial = {
        "title": "On a",
        "sections": [{"heading": "Idea", "body": "Body with **Markdown** and ünïcode"}],
    }
    system.openai.on(step="tutorial").reply(tutorial)
    ada = system.api.sign_up()
    roadmap = ada.create_roadmap("Rust")
    roadmap.wait_until_ended()

    concept = roadmap.concept("a")

    assert concept["tutorial"] == {"status": "completed", "content": tutorial, "error": None}
    assert concept["resources"]["content"]["items"][0]["url"].startswith("https://")
    assert len(concept["quiz"]["content"]["questions"][0]["choices"]) == 4
    ada.expect(404, "GET", f"{roadmap.path}/concepts/b")


def test_a_log_is_filtered_paged_and_counted(system):
    """A log is filtered by level, category, step and concept, read in pages, and counted; no event was lost."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b"))
    system.openai.on(step="quiz", concept="b").fail(500, times=1)
    ada = system.api.sign_up()
    roadmap = ada.create_roadmap("Rust")
    roadmap.wait_until_ended()
    system.stack.wait_until_idle()

    everything = roadmap.logs()
    assert [e["concept_id"] for e in roadmap.logs(level="warning")] == [roadmap.concept_id("b")]
    assert [e["step"] for e in roadmap.logs(category="lifecycle")] == ["accepted", "completed"]
    assert len(roadmap.logs(step="quiz", concept="b")) == 2
    paged, cursor = [], ""
    while cursor is not None:
        page = ada.expect(200, "GET", f"{roadmap.path}/logs?limit=4{cursor and f'&cursor={cursor}'}").json()
        paged += page["items"]
        cursor = page["next_cursor"]
    assert paged == everything
    summary = roadmap.log_summary()
    assert summary["total"] == len(everything) == 11
    assert summary["by_level"] == {"info": 10, "warning": 1}
    assert summary["emitted"] == summary["stored"] == 9
    assert 0 <= summary["lag_seconds"] < 10


def test_a_roadmap_is_read_whole_and_kept_as_a_document(system):
    """One read has what all reads of its concepts have; the export has every title in Markdown; somebody else gets neither."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b"))
    system.openai.on(step="quiz", concept="b").refuse()
    ada, bob = system.api.sign_up("ada"), system.api.sign_up("bob")
    roadmap = ada.create_roadmap("Rust")
    roadmap.wait_until_ended()
    whole = ada.expect(200, "GET", f"{roadmap.path}/content").json()
    read = roadmap.read()
    assert {**whole, "stages": None} == {**read, "stages": None}
    concepts = [c for stage in whole["stages"] for module in stage["modules"] for c in module["concepts"]]
    assert concepts == [roadmap.concept(concept["id"]) for concept in roadmap.concepts()]
    assert {part["status"] for concept in concepts for part in (concept["tutorial"], concept["quiz"])} == {
        "completed",
        "failed",
    }
    export = ada.expect(200, "GET", f"{roadmap.path}/export")
    assert export.headers["content-type"] == "text/markdown; charset=utf-8"
    assert export.headers["content-disposition"].endswith('.md"')
    assert export.text.count("#### ") >= len(concepts)
    assert "Could not be written: The provider declined to write this" in export.text
    for below in ("content", "export"):
        bob.expect(404, "GET", f"{roadmap.path}/{below}")
