"""A message that a colleague has asked in a conversation that is one person's alone says whose it is.

In such a conversation, which has left its project since, its owner finds what the colleague has asked, too. And the
triggers wait for each other: a message that comes in while its conversation moves, moves with it. The lock is the one
that the foreign key takes at the commit anyway; moving takes the row for itself (`conversations.actions.move`).
"""

from django.db import migrations, models

TRIGGERS = """
CREATE OR REPLACE FUNCTION messages_take_project() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_catalog AS $$
DECLARE place record;
BEGIN
    SELECT project_id, user_id INTO place FROM conversations WHERE id = NEW.conversation_id FOR KEY SHARE;
    IF FOUND THEN
        NEW.project_id := place.project_id;
        NEW.owner_id := CASE WHEN place.project_id IS NULL AND place.user_id <> NEW.user_id THEN place.user_id END;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION conversations_move_messages() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_catalog AS $$
BEGIN
    UPDATE messages SET project_id = NEW.project_id,
        owner_id = CASE WHEN NEW.project_id IS NULL AND user_id <> NEW.user_id THEN NEW.user_id END
    WHERE conversation_id = NEW.id;
    RETURN NULL;
END $$;
"""
AS_BEFORE = """
CREATE OR REPLACE FUNCTION messages_take_project() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_catalog AS $$
BEGIN
    NEW.project_id := coalesce(
        (SELECT project_id FROM conversations WHERE id = NEW.conversation_id), NEW.project_id);
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION conversations_move_messages() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_catalog AS $$
BEGIN
    UPDATE messages SET project_id = NEW.project_id WHERE conversation_id = NEW.id;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0007_project_search")]
    operations = [
        migrations.AddField(model_name="message", name="owner_id", field=models.UUIDField(editable=False, null=True)),
        migrations.RunSQL(TRIGGERS, AS_BEFORE),
    ]
