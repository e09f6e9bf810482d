"""Who answers for a deadline, and its words for the search; written as in `jurisprudence/deadlines/search.py`."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEX = "CREATE INDEX deadlines_search_idx ON deadlines USING gin (search_document(title || ' ' || note))"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("jurisprudence", "0003_court_cases"),
        ("romagent", "0002_search_query"),
    ]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="responsible",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="responsável",
            ),
        ),
        migrations.RunSQL(INDEX, "DROP INDEX deadlines_search_idx"),
    ]
