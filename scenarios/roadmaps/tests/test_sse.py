from scenarios.roadmaps.sse import Event, read_events


def test_events_are_read_and_comments_passed_over():
    stream = """: ping

id: 7-1
event: progress
data: {"a":
data: 1}

data: null

id: 7-2
""".splitlines()
    assert list(read_events(stream)) == [Event("7-1", "progress", {"a": 1}), Event("", "message", None)]
