import json
import threading

from harness.evidence.journal import Journal


def test_records_keep_their_order_and_are_in_the_file(tmp_path):
    journal = Journal(tmp_path / "journal.ndjson")
    journal.record("call", status=202)
    cursor = journal.cursor()
    journal.record("fault", name="cut")
    journal.record("call", status=200)
    assert [entry["status"] for entry in journal.records("call")] == [202, 200]
    assert [entry["status"] for entry in journal.records("call", cursor)] == [200]
    journal.close()
    written = [json.loads(line) for line in journal.path.read_text().splitlines()]
    assert [entry["kind"] for entry in written] == ["call", "fault", "call"]
    assert [entry["at"] for entry in written] == sorted(entry["at"] for entry in written)


def test_threads_do_not_cut_each_others_lines(tmp_path):
    journal = Journal(tmp_path / "journal.ndjson")
    threads = [
        threading.Thread(target=lambda: [journal.record("call", text="x" * 2000) for _ in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    written = [json.loads(line)["at"] for line in journal.path.read_text().splitlines()]
    assert len(written) == 200
    assert written == sorted(written)
