"""Finding what colleagues have asked in a conversation that is one's own now: hardly any rows."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# Not in the transaction that adds the column: all messages are read for it.
FILL = """
UPDATE messages SET owner_id = conversations.user_id FROM conversations
WHERE conversations.id = conversation_id AND conversations.project_id IS NULL
    AND messages.user_id <> conversations.user_id
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0008_message_owner")]
    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("owner_id__isnull", False)),
                fields=["owner_id", "search"],
                name="messages_owner_search_idx",
            ),
        ),
    ]
