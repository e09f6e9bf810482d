"""Every new row of ai_operations is added to ai_usage_days at once, in its own transaction.

One statement's rows are added together, in the order of the key, so that two statements never wait for each other in
a circle. What there was before is added by the same statement.
"""

from django.db import migrations

ADD = """
    INSERT INTO ai_usage_days AS known (
        day, user_id, model, operation_type, calls, failed, unpriced, tokens_input, tokens_output, cache_read_tokens,
        cache_write_tokens, cost_usd, cache_saved_usd, ttft_calls, ttft_ms, ttft_slow
    )
    SELECT (created_at AT TIME ZONE 'America/Sao_Paulo')::date, user_id, model, operation_type, count(*),
        count(*) FILTER (WHERE status = 'failed'),
        count(*) FILTER (WHERE tokens_input IS NOT NULL AND cost_usd IS NULL),
        coalesce(sum(tokens_input), 0), coalesce(sum(tokens_output), 0), coalesce(sum(cache_read_tokens), 0),
        coalesce(sum(cache_write_tokens), 0), coalesce(sum(cost_usd), 0), coalesce(sum(cache_saved_usd), 0),
        count(ttft_ms), coalesce(sum(ttft_ms), 0), count(*) FILTER (WHERE ttft_ms > 3000)
    FROM added GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (day, user_id, model, operation_type) DO UPDATE SET
        calls = known.calls + excluded.calls, failed = known.failed + excluded.failed,
        unpriced = known.unpriced + excluded.unpriced,
        tokens_input = known.tokens_input + excluded.tokens_input,
        tokens_output = known.tokens_output + excluded.tokens_output,
        cache_read_tokens = known.cache_read_tokens + excluded.cache_read_tokens,
        cache_write_tokens = known.cache_write_tokens + excluded.cache_write_tokens,
        cost_usd = known.cost_usd + excluded.cost_usd,
        cache_saved_usd = known.cache_saved_usd + excluded.cache_saved_usd,
        ttft_calls = known.ttft_calls + excluded.ttft_calls, ttft_ms = known.ttft_ms + excluded.ttft_ms,
        ttft_slow = known.ttft_slow + excluded.ttft_slow;
"""
TRIGGER = f"""
CREATE FUNCTION ai_operations_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{ADD}
    RETURN NULL;
END
$$;
CREATE TRIGGER ai_operations_add_up AFTER INSERT ON ai_operations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ai_operations_add_up();
"""
# The lock keeps out calls that the old code writes between the sum and the trigger.
WHAT_THERE_IS = "LOCK TABLE ai_operations IN SHARE ROW EXCLUSIVE MODE;" + ADD.replace(
    "FROM added", "FROM ai_operations"
)
UNDO = """
DROP TRIGGER ai_operations_add_up ON ai_operations; DROP FUNCTION ai_operations_add_up(); DELETE FROM ai_usage_days;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_usage_days")]
    operations = [migrations.RunSQL(WHAT_THERE_IS + TRIGGER, UNDO)]
