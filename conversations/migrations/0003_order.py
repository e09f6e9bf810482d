"""Messages are read in the order of time: ids of conversations that were brought along are in none."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0002_project")]
    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(fields=["conversation", "created_at"], name="messages_order_idx"),
        ),
        # The old code finds a conversation's messages through the new one too.
        RemoveIndexConcurrently(model_name="message", name="messages_thread_idx"),
    ]
