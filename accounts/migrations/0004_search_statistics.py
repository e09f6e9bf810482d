"""How many people a part of an e-mail or a name finds is guessed from more of them.

From its usual hundred values PostgreSQL takes a part that a hundred in 100,000 have for one that a hundredth has, in
about one sample of twenty, and then reads everybody in the list's order instead of asking the index of 0002.
"""

from django.db import migrations

COLUMNS = (1, 2, 3)  # of the index: e-mail, name and OAB
SET = "; ".join(f"ALTER INDEX users_search_idx ALTER COLUMN {column} SET STATISTICS {{0}}" for column in COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_inactive")]
    # The lock is that of an ANALYZE: reading and writing go on. The next ANALYZE follows it.
    operations = [migrations.RunSQL(SET.format(1000), SET.format(-1))]
