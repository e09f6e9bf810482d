"""Portuguese full text without accents, for every app that searches.

`search_document(text)` is what columns are indexed by. PostgreSQL refuses a tsvector over 1 MB; rather than
refuse to save a very long text, its first 200,000 characters are indexed then.
"""

from django.contrib.postgres.operations import BtreeGinExtension, UnaccentExtension
from django.db import migrations

CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION portuguese_plain (COPY = pg_catalog.portuguese);
ALTER TEXT SEARCH CONFIGURATION portuguese_plain
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, portuguese_stem;
"""

FUNCTION = """
CREATE FUNCTION search_document(body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = public, pg_catalog AS $$
BEGIN
    RETURN to_tsvector('public.portuguese_plain'::regconfig, body);
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN to_tsvector('public.portuguese_plain'::regconfig, left(body, 200000));
END
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        UnaccentExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(CONFIGURATION, "DROP TEXT SEARCH CONFIGURATION portuguese_plain"),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION search_document(text)"),
    ]
