"""The few people who are deactivated, for the staff's list."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0002_search_people")]
    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(fields=["email"], condition=models.Q(("is_active", False)), name="users_inactive_idx"),
        ),
    ]
