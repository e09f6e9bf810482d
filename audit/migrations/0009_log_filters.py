"""Indexes for what the staff's page of the log filters by, built beside the work that goes on."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

INDEXES = [
    models.Index(
        django.contrib.postgres.indexes.OpClass(models.F("user_email"), name="varchar_pattern_ops"),
        models.OrderBy(models.F("created_at"), descending=True),
        name="audit_log_email_idx",
    ),
    models.Index(fields=["action", "-created_at"], name="audit_log_action_idx"),
    models.Index(fields=["ip_address", "-created_at"], name="audit_log_address_idx"),
    models.Index(
        django.contrib.postgres.indexes.OpClass(models.F("entity_type"), name="varchar_pattern_ops"),
        condition=models.Q(("entity_id", None), models.Q(("entity_type", ""), _negated=True)),
        name="audit_log_named_idx",
    ),
    models.Index(
        fields=["entity_id", "-created_at"],
        condition=models.Q(("action", "conversa.ler-conteudo")),
        name="audit_log_reading_idx",
    ),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("audit", "0008_find_calls")]
    operations = [AddIndexConcurrently(model_name="auditlog", index=index) for index in INDEXES]
