"""The few projects that are to be kept or are deleted, for the staff's list and the clean-up."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("projects", "0001_initial")]
    operations = [
        AddIndexConcurrently(
            model_name="project",
            index=models.Index(fields=["-id"], condition=models.Q(("preservar", True)), name="projects_kept_idx"),
        ),
        AddIndexConcurrently(
            model_name="project",
            index=models.Index(
                fields=["deleted_at"], condition=models.Q(("deleted_at__isnull", False)), name="projects_deleted_idx"
            ),
        ),
    ]
