"""The words of a project, for the search; written as in `projects/search.py`."""

from django.db import migrations

INDEX = """
CREATE INDEX projects_search_idx ON projects USING gin (search_document(
    name || ' ' || case_number || ' ' || client || ' ' || opposing_party || ' ' || court || ' ' || description))
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0003_case_numbers"), ("romagent", "0002_search_query")]
    operations = [migrations.RunSQL(INDEX, "DROP INDEX projects_search_idx")]
