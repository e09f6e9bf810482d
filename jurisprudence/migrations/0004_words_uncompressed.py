"""The words of a precedent are kept as they are: compressing them takes time and saves no space.

Only rows that are written from now on; those that are there are read as before.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("jurisprudence", "0003_court_cases")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE precedents ALTER COLUMN search SET STORAGE EXTERNAL",
            "ALTER TABLE precedents ALTER COLUMN search SET STORAGE EXTENDED",
        )
    ]
