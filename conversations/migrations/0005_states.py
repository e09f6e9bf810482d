"""The staff's list of conversations by their state, through indexes of the few that are archived or deleted."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0004_created_index")]
    operations = [
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["-created_at"],
                condition=models.Q(("archived_at__isnull", False), ("deleted_at", None)),
                name="conversations_put_away_idx",
            ),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["-created_at"], condition=models.Q(("deleted_at__isnull", False)), name="conversations_gone_idx"
            ),
        ),
    ]
