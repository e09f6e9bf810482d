"""A message says to which project it belongs: what is searched carries in its own row who may see it.

Triggers keep it, so that no way of moving a conversation can leave its messages behind.
"""

import django.db.models.deletion
from django.db import migrations, models

TRIGGERS = """
CREATE FUNCTION messages_take_project() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_catalog AS $$
BEGIN
    NEW.project_id := coalesce(
        (SELECT project_id FROM conversations WHERE id = NEW.conversation_id), NEW.project_id);
    RETURN NEW;
END $$;
CREATE TRIGGER messages_take_project BEFORE INSERT ON messages
    FOR EACH ROW EXECUTE FUNCTION messages_take_project();

CREATE FUNCTION conversations_move_messages() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_catalog AS $$
BEGIN
    UPDATE messages SET project_id = NEW.project_id WHERE conversation_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER conversations_move_messages AFTER UPDATE OF project_id ON conversations FOR EACH ROW
    WHEN (OLD.project_id IS DISTINCT FROM NEW.project_id) EXECUTE FUNCTION conversations_move_messages();

UPDATE messages SET project_id = conversations.project_id
FROM conversations WHERE conversations.id = conversation_id AND conversations.project_id IS NOT NULL;
"""
NO_TRIGGERS = """
DROP TRIGGER conversations_move_messages ON conversations;
DROP FUNCTION conversations_move_messages();
DROP TRIGGER messages_take_project ON messages;
DROP FUNCTION messages_take_project();
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0005_states"), ("projects", "0002_few")]
    operations = [
        migrations.AddField(
            model_name="message",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="projects.project",
            ),
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
