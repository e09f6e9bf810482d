"""New rows of ai_operations are added to three tables of sums at once, and changed ones are corrected there.

By day and person, by month and person, and by day for the office, in this order, each in the order of its key: two
statements never wait for each other in a circle, and the rows that all share are held for the shortest time. The
office's are 16 for each key, chosen by the connection, so that answers which end together seldom share one.

A change (a price that was found later) adds what is new and takes away what was. Deleting calls leaves the sums.
"""

from django.db import migrations

SHARDS = 16
DAY = "(created_at AT TIME ZONE 'America/Sao_Paulo')::date"
UNPRICED = "tokens_input IS NOT NULL AND cost_usd IS NULL"
CALLS = {
    "calls": "sum(sign)",
    "unpriced": f"coalesce(sum(sign) FILTER (WHERE {UNPRICED}), 0)",
    "cost_usd": "coalesce(sum(sign * cost_usd), 0)",
}
SUMS = CALLS | {
    "failed": "coalesce(sum(sign) FILTER (WHERE status = 'failed'), 0)",
    **{
        column: f"coalesce(sum(sign * {column}), 0)"
        for column in (
            "tokens_input", "tokens_output", "cache_read_tokens", "cache_write_tokens", "cache_saved_usd", "ttft_ms",
        )
    },
    "ttft_calls": "coalesce(sum(sign) FILTER (WHERE ttft_ms IS NOT NULL), 0)",
    "ttft_slow": "coalesce(sum(sign) FILTER (WHERE ttft_ms > 3000), 0)",
}  # fmt: skip
DAYS = {"day": DAY, "user_id": "user_id", "model": "model", "operation_type": "operation_type"}
MONTHS = {"user_id": "user_id", "month": f"date_trunc('month', {DAY})::date"}
OFFICE = {"day": DAY, "model": "model", "operation_type": "operation_type"}
OFFICE |= {"shard": f"pg_backend_pid() % {SHARDS}"}


def add_to(table: str, keys: dict[str, str], sums: dict[str, str], source: str) -> str:
    """The statement that adds the sums over the rows of `source` to the table."""
    places = ", ".join(str(place) for place in range(1, len(keys) + 1))
    return f"""
    INSERT INTO {table} AS known ({", ".join([*keys, *sums])})
    SELECT {", ".join([*keys.values(), *sums.values()])}
    FROM {source} GROUP BY {places} HAVING ({", ".join(sums.values())}) <> ({", ".join("0" * len(sums))})
    ORDER BY {places}
    ON CONFLICT ({", ".join(keys)}) DO UPDATE SET
        {", ".join(f"{column} = known.{column} + excluded.{column}" for column in sums)};
"""  # noqa: S608 - names from above


def adding_up(name: str, source: str, statements: list[tuple]) -> str:
    body = "".join(add_to(*statement, source) for statement in statements)
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{body}
    RETURN NULL;
END
$$;
"""


ALL = [("ai_usage_days", DAYS, SUMS), ("ai_usage_months", MONTHS, CALLS), ("ai_usage_office", OFFICE, SUMS)]
NEW = "(SELECT 1 AS sign, * FROM added) AS rows"
CHANGED = "(SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM removed) AS rows"
TRIGGERS = (
    adding_up("ai_operations_add_up", NEW, ALL)
    + adding_up("ai_operations_correct", CHANGED, ALL)
    + """
CREATE TRIGGER ai_operations_correct AFTER UPDATE ON ai_operations
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ai_operations_correct();
"""
)
# From the days, which know more than the calls that are left. The lock keeps out calls that the old function adds
# between the sums and the new one; answers that end meanwhile wait.
COLUMNS = ", ".join(SUMS)
WHAT_THERE_IS = f"""
LOCK TABLE ai_usage_days IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO ai_usage_office (day, model, operation_type, shard, {COLUMNS})
    SELECT day, model, operation_type, 0, {", ".join(f"sum({column})" for column in SUMS)}
    FROM ai_usage_days GROUP BY day, model, operation_type;
INSERT INTO ai_usage_months (user_id, month, {", ".join(CALLS)})
    SELECT user_id, date_trunc('month', day)::date, {", ".join(f"sum({column})" for column in CALLS)}
    FROM ai_usage_days GROUP BY 1, 2;
"""  # noqa: S608 - names from above
UNDO = f"""
DROP TRIGGER ai_operations_correct ON ai_operations; DROP FUNCTION ai_operations_correct();
{adding_up("ai_operations_add_up", NEW, ALL[:1])}
DELETE FROM ai_usage_months; DELETE FROM ai_usage_office;
"""  # noqa: S608 - names from above


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_sums_and_budgets")]
    operations = [migrations.RunSQL(WHAT_THERE_IS + TRIGGERS, UNDO)]
