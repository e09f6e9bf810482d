"""What is searched for, as a tsquery in which each word is asked for in the singular and in the plural.

PostgreSQL's Portuguese stemmer takes *ação* and *ações*, *tribunal* and *tribunais*, *réu* and *réus*, *bem* and
*bens* for different words. The documents stay as they are; the query holds the other number as well.
"""

from django.db import migrations

# Endings without accents, each with what stands in its place in the other number. -ães only after three letters:
# *mães* is not the plural of *mão*. A form that does not exist finds nothing.
FUNCTION = r"""
CREATE FUNCTION search_query(words text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = public, pg_catalog AS $$
DECLARE
    asked tsquery := websearch_to_tsquery('public.portuguese_plain', words);
    word text;
    one tsquery;
    others tsquery;
BEGIN
    FOR word IN SELECT DISTINCT match[1] FROM regexp_matches(
        unaccent('public.unaccent'::regdictionary, lower(words)), '[[:alpha:]]+', 'g') AS match
    LOOP
        one := plainto_tsquery('public.portuguese_plain', word);
        CONTINUE WHEN numnode(one) <> 1;
        SELECT string_agg(DISTINCT other::text, ' | ')::tsquery INTO others FROM (
            SELECT plainto_tsquery(
                'public.portuguese_plain', left(word, length(word) - length(ending)) || replacement) AS other
            FROM (VALUES
                ('ao', 'oes'), ('ao', 'aos'), ('ao', 'aes'), ('oes', 'ao'), ('aos', 'ao'), ('aes', 'ao'),
                ('al', 'ais'), ('el', 'eis'), ('ol', 'ois'), ('ul', 'uis'), ('il', 'is'), ('il', 'eis'),
                ('ais', 'al'), ('eis', 'el'), ('eis', 'il'), ('ois', 'ol'), ('uis', 'ul'), ('is', 'il'),
                ('m', 'ns'), ('ns', 'm'),
                ('a', 'as'), ('e', 'es'), ('i', 'is'), ('o', 'os'), ('u', 'us'),
                ('as', 'a'), ('es', 'e'), ('is', 'i'), ('os', 'o'), ('us', 'u')
            ) AS number(ending, replacement)
            WHERE right(word, length(ending)) = ending
                AND length(word) - length(ending) >= CASE ending WHEN 'aes' THEN 3 ELSE 1 END
        ) AS forms WHERE numnode(other) = 1 AND other <> one;
        IF others IS NOT NULL THEN
            asked := ts_rewrite(asked, one, one || others);
        END IF;
    END LOOP;
    RETURN asked;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("romagent", "0001_portuguese_search")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION search_query(text)")]
