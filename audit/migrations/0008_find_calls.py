"""Indexes by which calls are found: a person's own, by kind, by model, the ones in trouble, the ones without a price.

Concurrently, so that answers go on being written; the plain ones on person and kind that they replace go afterwards.
"""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

INDEXES = [
    models.Index(fields=["user", "-created_at", "-id"], name="ai_operations_user_idx"),
    models.Index(fields=["operation_type", "-created_at"], name="ai_operations_kind_idx"),
    models.Index(fields=["model", "-created_at"], name="ai_operations_model_idx"),
    models.Index(
        fields=["status", "-created_at"],
        condition=models.Q(("status", "complete"), _negated=True),
        name="ai_operations_trouble_idx",
    ),
    models.Index(
        fields=["model", "id"],
        condition=models.Q(("cost_usd__isnull", True), ("tokens_input__isnull", False)),
        name="ai_operations_unpriced_idx",
    ),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("audit", "0007_add_up_more")]
    operations = [
        *(AddIndexConcurrently("aioperation", index) for index in INDEXES),
        RemoveIndexConcurrently("aioperation", "ai_operations_type_idx"),
        migrations.AlterField(
            model_name="aioperation",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
