"""The tables keep the names and columns of the deployment guide, and what must hold is held by PostgreSQL."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Message
from conversations.tests.making import ask, make_conversation, make_exchange

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

GUIDE = {
    "users": "id email password_hash name role oab created_at updated_at last_login_at metadata is_active is_superuser",
    "sessions": "sid sess expire",
    "conversations": "id user_id title mode model created_at updated_at archived_at metadata pinned_at deleted_at",
    "messages": "id conversation_id role content model tokens_input tokens_output latency_ms stop_reason metadata "
    "created_at status reply_to_id superseded_at search",
    "ai_operations": "id user_id conversation_id operation_type model tokens_input tokens_output latency_ms status "
    "error_message created_at metadata message_id document_id cache_read_tokens cache_write_tokens ttft_ms cost_usd",
    "audit_log": "id user_id action entity_type entity_id old_value new_value ip_address user_agent created_at user_email",
    "ai_models": "id name",
    "ai_prices": "model_id effective_from",
    "ai_usage_days": "day user_id model operation_type calls cost_usd",
    "ai_usage_office": "day model operation_type shard calls cost_usd",
    "ai_usage_months": "month user_id calls unpriced cost_usd",
    "ai_budgets": "user_id amount",
}
TYPES = {
    ("users", "id"): "uuid", ("users", "metadata"): "jsonb", ("users", "created_at"): "timestamp with time zone",
    ("sessions", "expire"): "timestamp with time zone", ("conversations", "updated_at"): "timestamp with time zone",
    ("messages", "content"): "text", ("messages", "search"): "tsvector", ("messages", "metadata"): "jsonb",
    ("ai_operations", "cost_usd"): "numeric", ("audit_log", "ip_address"): "inet", ("audit_log", "old_value"): "jsonb",
}  # fmt: skip
INDEXES = {
    "users": ["email", "role"],
    "sessions": ["expire"],
    "conversations": ["user_id, updated_at DESC, id DESC", "archived_at", "gin (user_id, search)"],
    "messages": ["conversation_id, created_at", "gin (user_id, search)", "(status) WHERE"],
    "ai_operations": ["user_id, created_at DESC, id DESC", "operation_type, created_at DESC", "created_at DESC"],
    "audit_log": ["user_id", "entity_type, entity_id", "created_at DESC"],
}


def columns(table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [table])
        return dict(cursor.fetchall())


@pytest.mark.parametrize("table", GUIDE)
def test_the_tables_of_the_guide_have_its_columns(table: str) -> None:
    assert set(GUIDE[table].split()) - columns(table).keys() == set()


@pytest.mark.parametrize(("table", "column"), TYPES)
def test_columns_have_the_types_the_guide_says(table: str, column: str) -> None:
    assert columns(table)[column] == TYPES[table, column]


@pytest.mark.parametrize("table", INDEXES)
def test_what_is_looked_for_has_its_index(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
        definitions = " ".join(row[0] for row in cursor.fetchall())
    for index in INDEXES[table]:
        assert index in definitions, index


def test_the_guides_own_statements_work() -> None:
    """Disk use, clean-up and the checks an administrator copies from the guide."""
    with connection.cursor() as cursor:
        for statement in [
            "SELECT relname, pg_total_relation_size(relid) FROM pg_catalog.pg_statio_user_tables",
            "DELETE FROM sessions WHERE expire < now()",
            "SELECT count(*) FROM users",
            "SELECT count(*) FROM messages WHERE created_at > now() - interval '1 day'",
            "SELECT operation_type, sum(cost_usd) FROM ai_operations GROUP BY operation_type",
            "SELECT action, count(*) FROM audit_log GROUP BY action",
        ]:
            cursor.execute(statement)


def test_the_database_is_in_utf8_and_knows_accents() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        assert cursor.fetchone() == ("UTF8",)
        cursor.execute("SELECT extname FROM pg_extension")
        assert {"unaccent", "btree_gin"} <= {row[0] for row in cursor.fetchall()}


# What must hold ----------------------------------------------------------------------------------


def refused(change: dict[str, object], message: Message) -> bool:
    try:
        with transaction.atomic():
            Message.objects.filter(pk=message.pk).update(**change)
    except IntegrityError:
        return True
    return False


def test_roles_states_and_modes_are_of_a_known_kind(owner: User) -> None:
    question, _ = make_exchange(make_conversation(owner))
    assert refused({"role": "hacker"}, question)
    assert refused({"status": "talvez"}, question)
    assert refused({"tokens_input": -1}, question)
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.update(mode="hacker")


def test_one_reply_at_a_time_in_a_conversation(owner: User) -> None:
    conversation = make_conversation(owner)
    ask(conversation)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(conversation=conversation, user=owner, role="assistant", status="queued")
    ask(make_conversation(owner))  # another conversation is another matter


def test_one_form_is_one_question(owner: User, stranger: User) -> None:
    key = uuid4()
    question, _ = make_exchange(make_conversation(owner))
    other, _ = make_exchange(make_conversation(stranger))
    third, _ = make_exchange(make_conversation(owner))
    assert not refused({"submission_key": key}, question)
    assert not refused({"submission_key": key}, other)
    assert refused({"submission_key": key}, third)


def test_a_message_belongs_to_a_conversation_that_exists(owner: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(conversation_id=uuid4(), user=owner, role="user", content="x")
        connection.check_constraints()


def test_the_words_of_a_reply_are_indexed_when_it_has_ended(owner: User) -> None:
    reply = ask(make_conversation(owner)).reply
    row = Message.objects.filter(pk=reply.pk)
    row.update(content="palavra", status="streaming")
    assert row.values_list("search", flat=True).get() is None
    row.update(status="complete")
    assert "palavr" in str(row.values_list("search", flat=True).get())


def test_a_text_with_u_0000_is_refused_by_the_database_itself(owner: User) -> None:
    question, _ = make_exchange(make_conversation(owner))
    with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
        Message.objects.filter(pk=question.pk).update(content="a\x00b")


def test_ids_are_in_the_order_of_time(owner: User) -> None:
    before = timezone.now()
    made = [make_conversation(owner).pk for _ in range(5)]
    assert made == sorted(made)
    assert {pk.version for pk in made} == {7}
    assert abs(made[0].int >> 80) - int(before.timestamp() * 1000) < 10_000
