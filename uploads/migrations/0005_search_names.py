"""Files by the words of their names, and by whose they are; written as in `uploads/search.py`."""

from django.db import migrations

INDEX = """
CREATE INDEX uploads_name_search_idx ON uploads USING gin (
    coalesce(project_id, user_id), search_document(translate(original_filename, '_.-', '   ')))
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0004_unread")]
    operations = [migrations.RunSQL(INDEX, "DROP INDEX uploads_name_search_idx")]
