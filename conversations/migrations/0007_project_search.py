"""Finding what was said in a project: small, since most messages belong to none."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0006_message_project")]
    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("project__isnull", False)),
                fields=["project", "search"],
                name="messages_project_search_idx",
            ),
        ),
    ]
