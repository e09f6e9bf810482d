"""Who answers for a deadline. Without one, as the old code leaves it, that is who has counted it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("jurisprudence", "0004_words_uncompressed"),
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
    ]
