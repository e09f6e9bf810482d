"""People are found by any part of e-mail, name or OAB without reading all of them: the administration's search asks
`UPPER(column) LIKE '%…%'`, which this index answers."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0001_initial")]
    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            "user",
            GinIndex(
                OpClass(Upper("email"), name="gin_trgm_ops"),
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("oab"), name="gin_trgm_ops"),
                name="users_search_idx",
            ),
        ),
    ]
