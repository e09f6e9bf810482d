"""What belongs to no single app: the runs of the clean-up."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from romagent.base.ids import new_id


class CleanupRun(models.Model):
    """One clean-up, from being asked for to its end: what the staff's page shows while it runs and afterwards."""

    class State(models.TextChoices):
        QUEUED = "queued", "na fila"
        RUNNING = "running", "em andamento"
        DONE = "done", "concluída"
        STOPPED = "stopped", "parada"
        FAILED = "failed", "falhou"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    only = models.CharField(max_length=50, blank=True)  # a kind; empty: everything
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    stop_requested = models.BooleanField(default=False)
    removed = models.JSONField(default=dict)  # rows by table
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cleanup_runs"
        verbose_name = "limpeza"
        verbose_name_plural = "limpezas"
        indexes = [models.Index(fields=["-created_at"], name="cleanup_runs_created_idx")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "done", "stopped", "failed"]),
                name="cleanup_runs_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.state}"
