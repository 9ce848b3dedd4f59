import os

from harness import App, Http, Postgres, Redis, calls, http, post, reply

app = App("jobs", bin=".venv/bin", redis=Redis("7", databases=2), providers={"sink": Http(reply(200))},
  postgres=Postgres("16", migrate="python -m jobs.migrate", schema="jobs/*.sql"), errors=["FATAL"],
  env={"DATABASE_URL": "{postgres}", "BROKER_URL": "{redis/0}", "RESULT_URL": "{redis/1}", "SINK_URL": "{provider:sink}",
       "JOBS_DEFECT": os.environ.get("JOBS_DEFECT", "")})
app.role("api", "python -m uvicorn jobs.api:app --host {host} --port {port}", ready=http("/healthz"))
app.role("worker", "python -m celery -A jobs.worker worker -E -Q jobs -c {n} -l INFO", queues=["jobs"])
app.work("job", accepted=post("/jobs", json={"seconds": 0.5, "note": "{nonce}"}),
  state="SELECT state FROM jobs WHERE id = :id", ends={"done", "failed"}, done={"done"},
  task="jobs.process", by="args[0]", effect=calls("sink", body="{nonce}"))
app.tier("small", api=1, worker=2, memory_mb=512)
app.load("job", burst=8, drain_s=30)
