"""What a page needs to be found: whose it is, its words, and why it could not be read; how far a reading is."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

import romagent.base.portuguese

# Kept by the database, so that no way of moving a file can leave its pages behind.
TRIGGERS = """
CREATE FUNCTION upload_pages_take_scope() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_catalog AS $$
BEGIN
    NEW.scope := coalesce((SELECT coalesce(project_id, user_id) FROM uploads WHERE id = NEW.upload_id), NEW.scope);
    RETURN NEW;
END $$;
CREATE TRIGGER upload_pages_take_scope BEFORE INSERT ON upload_pages
    FOR EACH ROW EXECUTE FUNCTION upload_pages_take_scope();

CREATE FUNCTION uploads_move_pages() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_catalog AS $$
BEGIN
    UPDATE upload_pages SET scope = coalesce(NEW.project_id, NEW.user_id) WHERE upload_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER uploads_move_pages AFTER UPDATE OF project_id, user_id ON uploads FOR EACH ROW
    WHEN (coalesce(OLD.project_id, OLD.user_id) IS DISTINCT FROM coalesce(NEW.project_id, NEW.user_id))
    EXECUTE FUNCTION uploads_move_pages();

UPDATE upload_pages SET scope = coalesce(uploads.project_id, uploads.user_id)
FROM uploads WHERE uploads.id = upload_id;
"""
NO_TRIGGERS = """
DROP TRIGGER uploads_move_pages ON uploads;
DROP FUNCTION uploads_move_pages();
DROP TRIGGER upload_pages_take_scope ON upload_pages;
DROP FUNCTION upload_pages_take_scope();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("romagent", "0002_search_query"),
        ("uploads", "0002_file_path"),
    ]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="reading_turn",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="upload",
            name="transcription",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "não é preciso"),
                    ("asked", "esperando confirmação"),
                    ("working", "transcrevendo"),
                    ("done", "transcrito"),
                    ("failed", "falhou"),
                    ("declined", "dispensada"),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="uploadpage",
            name="error",
            field=models.CharField(blank=True, db_default="", default="", max_length=50),
        ),
        migrations.AddField(
            model_name="uploadpage",
            name="scope",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="uploadpage",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=romagent.base.portuguese.SearchDocument(models.F("text")),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.AddIndex(
            model_name="uploadpage",
            index=django.contrib.postgres.indexes.GinIndex(fields=["scope", "search"], name="upload_pages_search_idx"),
        ),
        migrations.AddIndex(
            model_name="uploadpage",
            index=models.Index(
                condition=models.Q(("error", ""), _negated=True),
                fields=["upload", "number"],
                name="upload_pages_error_idx",
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("transcription__in", ["", "asked", "working", "done", "failed", "declined"])),
                name="uploads_transcription",
            ),
        ),
    ]
