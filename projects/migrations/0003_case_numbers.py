from django.db import migrations

# Numbers that were typed with their mask become their twenty digits; what is no number at all is left to people.
DIGITS_ONLY = r"""
UPDATE projects SET case_number = regexp_replace(case_number, '[^0-9]', '', 'g')
WHERE case_number ~ '^[0-9]{7}-[0-9]{2}[.][0-9]{4}[.][0-9][.][0-9]{2}[.][0-9]{4}$'
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_few")]

    operations = [migrations.RunSQL(DIGITS_ONLY, migrations.RunSQL.noop)]
