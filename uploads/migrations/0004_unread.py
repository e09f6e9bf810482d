"""Finding the few files that were never read, every ten minutes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("uploads", "0003_pages_found")]
    operations = [
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None),
                    ("processed_at", None),
                    ("upload_status", "ready"),
                    models.Q(("file_path", ""), _negated=True),
                ),
                fields=["id"],
                name="uploads_unread_idx",
            ),
        ),
    ]
