"""The audit log is append-only: a trigger refuses UPDATE and DELETE.

Retention may delete old rows by saying so in its own transaction:
`SET LOCAL romagent.audit_retention = 'on'`.
"""

from django.db import migrations

TRIGGER = """
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('romagent.audit_retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit_log is append-only';
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
"""
UNDO = "DROP TRIGGER audit_log_append_only ON audit_log; DROP FUNCTION audit_log_is_append_only();"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(TRIGGER, UNDO)]
