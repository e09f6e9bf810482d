"""Which run of an import wrote a precedent last. What the old code writes has none, as what no run of today wrote."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jurisprudence", "0005_deadline_responsible")]

    operations = [
        migrations.AddField(
            model_name="precedent",
            name="written_by",
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
