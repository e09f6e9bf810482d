"""The staff's list of conversations, newest first: ids of those that were brought along are in no order."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0003_order")]
    operations = [
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(fields=["-created_at"], name="conversations_created_idx"),
        ),
    ]
