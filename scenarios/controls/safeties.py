"""The product's safeties that a control switches off, one at a time."""

from harness.system.sabotage import Sabotage

NO_SWEEPER = Sabotage("app.roadmaps.sweeper", "swept = await self.sweep()", "swept = Swept('', [], [], 0)")
NO_FENCE = Sabotage("app.roadmaps.lease", "requests.c.fence == self.fence, ", "")
NO_ON_CONFLICT = Sabotage("app.roadmaps.outbox", "    ON CONFLICT (id) DO NOTHING\n", "")
ACKNOWLEDGED_EARLY = Sabotage("app.core.broker", "task_acks_late=True,", "task_acks_late=False,")
OBEYS_SHUTDOWN = Sabotage("app.core.control_door", '"stats", ', '"stats", "shutdown", ')
OBEYS_CANCEL = Sabotage("app.core.control_door", '"stats", ', '"stats", "cancel_consumer", ')
SAFETIES = (NO_SWEEPER, NO_FENCE, NO_ON_CONFLICT, ACKNOWLEDGED_EARLY, OBEYS_SHUTDOWN)
