import os

from harness import App, Http, Postgres, Redis, calls, http, log, post, reply

app = App("payouts", bin=".venv/bin", redis=Redis("7"), providers={"bank": Http(reply(200))},
  postgres=Postgres("16", migrate="python manage.py migrate", schema="*/migrations/*.py"),
  env={"DATABASE_URL": "{postgres}", "REDIS_URL": "{redis/0}", "SECRET_KEY": "{secret}", "BANK_URL": "{provider:bank}",
       "PAYOUTS_DEFECT": os.environ.get("PAYOUTS_DEFECT", "")})
app.role("web", "python -m gunicorn config.wsgi -b {host}:{port} -w {n}", ready=http("/healthz/"))
app.role("celery", "python -m celery -A config worker -E -c {n} -l INFO", queues=["celery"])
app.role("beat", "python -m celery -A config beat -s {tmp}/s -l INFO --pidfile=", ready=log("beat: Starting"), single=True)
app.work("payout", accepted=post("/api/payouts/", json={"seconds": 0.5, "note": "{nonce}"}, status=201),
  state="SELECT status FROM payouts WHERE id = :id", ends={"COMPLETED", "FAILED"}, done={"COMPLETED"},
  task="payouts.tasks.process", by="args[0]", effect=calls("bank", body="{nonce}"))
app.schedule("payouts.tasks.state", effect="SELECT count(*) FROM statements")
app.schedule("payouts.tasks.sweep", repeatable=True)
app.tier("small", web=1, celery=2, memory_mb=512)
app.load("payout", burst=8, drain_s=30)
