"""Who did what, what each call to the model cost, and the models on offer with their prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from romagent.base.ids import new_id

PER_MILLION = Decimal(1_000_000)
READING = "conversa.ler-conteudo"  # a member of the staff reads what somebody has written


class AuditLog(models.Model):
    """One change of state or sensitive read. A trigger refuses UPDATE and DELETE.

    The person is kept without a foreign-key constraint, and her e-mail as it was: rows outlive people.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    user_email = models.CharField(max_length=255, blank=True)
    action = models.CharField(max_length=100)
    entity_type = models.CharField(max_length=100, blank=True)
    entity_id = models.UUIDField(null=True)
    old_value = models.JSONField(null=True)
    new_value = models.JSONField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "audit_log"
        verbose_name = "registro de auditoria"
        verbose_name_plural = "registros de auditoria"
        permissions = [
            ("run_cleanup", "Pode fazer a limpeza"),
            ("view_database", "Pode ver o tamanho do banco de dados"),
            ("serve_subjects", "Pode atender pedidos de titulares de dados"),
        ]
        indexes = [
            models.Index(fields=["entity_type", "entity_id"], name="audit_log_entity_idx"),
            models.Index(fields=["-created_at"], name="audit_log_created_idx"),
            # What the staff's page filters by, newest first; a person also by the beginning of the e-mail.
            models.Index(
                OpClass(F("user_email"), name="varchar_pattern_ops"), F("created_at").desc(), name="audit_log_email_idx"
            ),
            models.Index(fields=["action", "-created_at"], name="audit_log_action_idx"),
            models.Index(fields=["ip_address", "-created_at"], name="audit_log_address_idx"),
            # Few rows: what is done to models whose ids are no UUIDs, and readings of conversations by the staff.
            models.Index(
                OpClass(F("entity_type"), name="varchar_pattern_ops"),
                condition=Q(entity_id=None) & ~Q(entity_type=""),
                name="audit_log_named_idx",
            ),
            models.Index(
                fields=["entity_id", "-created_at"],
                condition=Q(action=READING),
                name="audit_log_reading_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.created_at:%Y-%m-%d %H:%M}"


class AIModel(models.Model):
    """A model of Anthropic's, by its exact id; prefixes are never matched."""

    id = models.CharField(primary_key=True, max_length=100)
    name = models.CharField("nome", max_length=100)
    description = models.CharField("descrição", max_length=255, blank=True)
    context_tokens = models.PositiveIntegerField("janela, em tokens")
    max_output_tokens = models.PositiveIntegerField("resposta máxima, em tokens")
    offered = models.BooleanField("oferecido", default=False)
    position = models.PositiveSmallIntegerField("ordem", default=100)

    class Meta:
        db_table = "ai_models"
        verbose_name = "modelo"
        verbose_name_plural = "modelos"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the API counts them: `input` leaves out what was read from or written to the cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def prompt(self) -> int:
        """The whole prompt, which decides the price tier."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


class AIPrice(models.Model):
    """US dollars per million tokens, from a moment (UTC) on; no rate is derived from another."""

    model = models.ForeignKey(AIModel, models.CASCADE, related_name="prices")
    effective_from = models.DateTimeField("vale desde")
    tier_max_prompt_tokens = models.PositiveIntegerField("até quantos tokens de pedido", null=True, blank=True)
    input = models.DecimalField("entrada", max_digits=10, decimal_places=4)
    output = models.DecimalField("saída", max_digits=10, decimal_places=4)
    cache_write_5m = models.DecimalField("gravação em cache, 5 min", max_digits=10, decimal_places=4)
    cache_write_1h = models.DecimalField("gravação em cache, 1 h", max_digits=10, decimal_places=4)
    cache_read = models.DecimalField("leitura do cache", max_digits=10, decimal_places=4)

    class Meta:
        db_table = "ai_prices"
        verbose_name = "preço"
        verbose_name_plural = "preços"
        constraints = [
            models.UniqueConstraint(
                fields=["model", "effective_from", "tier_max_prompt_tokens"],
                nulls_distinct=False,
                name="ai_prices_one_a_tier",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_id} desde {timezone.localtime(self.effective_from):%d/%m/%Y}"

    def covers(self, prompt_tokens: int) -> bool:
        """Whether a prompt of that size is within this price's tier."""
        return self.tier_max_prompt_tokens is None or prompt_tokens <= self.tier_max_prompt_tokens

    def cost(self, usage: Usage) -> Decimal:
        """US dollars for one call, to the millionth."""
        total = (
            usage.input * self.input
            + usage.output * self.output
            + usage.cache_read * self.cache_read
            + usage.cache_write_5m * self.cache_write_5m
            + usage.cache_write_1h * self.cache_write_1h
        )
        return (total / PER_MILLION).quantize(Decimal("0.000001"))

    def saved(self, usage: Usage) -> Decimal:
        """US dollars that the cache has saved in one call, to the millionth; below 0 when it has only cost."""
        total = (
            usage.cache_read * (self.input - self.cache_read)
            - usage.cache_write_5m * (self.cache_write_5m - self.input)
            - usage.cache_write_1h * (self.cache_write_1h - self.input)
        )
        return (total / PER_MILLION).quantize(Decimal("0.000001"))


class AIOperationQuerySet(models.QuerySet["AIOperation"]):
    def for_user(self, user: Any) -> AIOperationQuerySet:
        """The one door: a person's own calls."""
        return self.filter(user=user)


class AIOperation(models.Model):
    """One call to the model's API, also a failed one. Kept when its conversation goes.

    Triggers keep the sums below in step, in the transaction that inserts or changes rows; deleting rows leaves them.
    """

    class Status(models.TextChoices):
        COMPLETE = "complete", "completa"
        STOPPED = "stopped", "parada"
        INTERRUPTED = "interrupted", "interrompida"
        FAILED = "failed", "falhou"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name="pessoa",
    )
    conversation_id = models.UUIDField("conversa", null=True, db_index=True)
    message_id = models.UUIDField("mensagem", null=True)
    document_id = models.UUIDField("peça", null=True)
    operation_type = models.CharField("tipo", max_length=100)
    model = models.CharField("modelo", max_length=100)
    tokens_input = models.PositiveIntegerField("tokens de entrada", null=True)
    tokens_output = models.PositiveIntegerField("tokens de saída", null=True)
    cache_read_tokens = models.PositiveIntegerField("tokens lidos do cache", null=True)
    cache_write_tokens = models.PositiveIntegerField("tokens gravados no cache", null=True)
    latency_ms = models.PositiveIntegerField("duração, em ms", null=True)
    ttft_ms = models.PositiveIntegerField("até o 1º token, em ms", null=True)
    cost_usd = models.DecimalField("custo, em US$", max_digits=12, decimal_places=6, null=True)
    cache_saved_usd = models.DecimalField("economia do cache, em US$", max_digits=12, decimal_places=6, null=True)
    status = models.CharField("resultado", max_length=50, choices=Status)
    error_message = models.TextField("erro", blank=True)
    created_at = models.DateTimeField("quando", default=timezone.now, editable=False)
    metadata = models.JSONField("detalhes", default=dict)

    objects = AIOperationQuerySet.as_manager()

    class Meta:
        db_table = "ai_operations"
        verbose_name = "chamada ao modelo"
        verbose_name_plural = "chamadas ao modelo"
        permissions = [("view_costs", "Pode ver os custos de todas as pessoas")]
        indexes = [
            models.Index(fields=["-created_at"], name="ai_operations_created_idx"),
            models.Index(fields=["user", "-created_at", "-id"], name="ai_operations_user_idx"),
            models.Index(fields=["operation_type", "-created_at"], name="ai_operations_kind_idx"),
            models.Index(fields=["model", "-created_at"], name="ai_operations_model_idx"),
            models.Index(
                fields=["status", "-created_at"], condition=~Q(status="complete"), name="ai_operations_trouble_idx"
            ),
            models.Index(
                fields=["model", "id"],
                condition=Q(cost_usd__isnull=True, tokens_input__isnull=False),
                name="ai_operations_unpriced_idx",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["complete", "stopped", "interrupted", "failed"]), name="ai_operations_status"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} em {timezone.localtime(self.created_at):%d/%m/%Y %H:%M}, {self.get_status_display()}"

    @property
    def usage(self) -> Usage:
        """The tokens as they were counted; cache writes are of five minutes where the row says nothing else."""
        longer = self.metadata.get("cache_write_1h", 0)
        return Usage(
            input=self.tokens_input or 0,
            output=self.tokens_output or 0,
            cache_read=self.cache_read_tokens or 0,
            cache_write_5m=(self.cache_write_tokens or 0) - longer,
            cache_write_1h=longer,
        )

    @property
    def error_code(self) -> str:
        """What went wrong, as one word (`overloaded`); "" when nothing did."""
        return self.error_message.split(" ", 1)[0]


class UsageSums(models.Model):
    """What is added up of calls, in every table of sums."""

    SLOW_MS = 3000  # a first token after more than this is counted in `ttft_slow`

    calls = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    unpriced = models.BigIntegerField(default=0)  # calls with tokens whose price is not known
    tokens_input = models.BigIntegerField(default=0)
    tokens_output = models.BigIntegerField(default=0)
    cache_read_tokens = models.BigIntegerField(default=0)
    cache_write_tokens = models.BigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=16, decimal_places=6, default=0)  # of the calls whose price is known
    cache_saved_usd = models.DecimalField(max_digits=16, decimal_places=6, default=0)
    ttft_calls = models.BigIntegerField(default=0)
    ttft_ms = models.BigIntegerField(default=0)  # all of them together
    ttft_slow = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class AIUsageDay(UsageSums):
    """What one person used of one model for one kind of call in one day (America/Sao_Paulo).

    Read instead of millions of calls, and kept when old calls are removed.
    """

    day = models.DateField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    model = models.CharField(max_length=100)
    operation_type = models.CharField(max_length=100)

    class Meta:
        db_table = "ai_usage_days"
        verbose_name = "uso por dia"
        verbose_name_plural = "uso por dia"
        indexes = [models.Index(fields=["user", "day"], name="ai_usage_days_user_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "user", "model", "operation_type"], nulls_distinct=False, name="ai_usage_days_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.model} {self.operation_type}"


class AIUsageOffice(UsageSums):
    """What everybody together used of one model for one kind of call in one day.

    In 16 rows, one for each remainder of a connection's number, so that answers that end together do not wait for
    each other's row: whoever reads adds them up.
    """

    day = models.DateField()
    model = models.CharField(max_length=100)
    operation_type = models.CharField(max_length=100)
    shard = models.SmallIntegerField()

    class Meta:
        db_table = "ai_usage_office"
        verbose_name = "uso do escritório por dia"
        verbose_name_plural = "uso do escritório por dia"
        constraints = [
            models.UniqueConstraint(fields=["day", "model", "operation_type", "shard"], name="ai_usage_office_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.model} {self.operation_type}"


class AIUsageMonth(models.Model):
    """What one person has used in one month (its first day, America/Sao_Paulo): what budgets are compared with."""

    month = models.DateField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    calls = models.BigIntegerField(default=0)
    unpriced = models.BigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=16, decimal_places=6, default=0)

    class Meta:
        db_table = "ai_usage_months"
        verbose_name = "uso por mês"
        verbose_name_plural = "uso por mês"
        indexes = [models.Index(fields=["month", "-cost_usd"], name="ai_usage_months_cost_idx")]
        constraints = [
            models.UniqueConstraint(fields=["user", "month"], nulls_distinct=False, name="ai_usage_months_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.user_id}"


class AIUsageRank(UsageSums):
    """One of the people who have cost most in the last `period` days, as a periodic task has found them."""

    period = models.SmallIntegerField()  # days, today included
    position = models.IntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "ai_usage_ranks"
        verbose_name = "posição por custo"
        verbose_name_plural = "posições por custo"
        constraints = [models.UniqueConstraint(fields=["period", "position"], name="ai_usage_ranks_once")]

    def __str__(self) -> str:
        return f"{self.period} dias, {self.position}"


class AIBudget(models.Model):
    """US dollars that a person, or the office (`user` NULL), may spend a month; `amount` NULL: without a limit.

    Who has no row has the amount of the settings.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, db_index=False, related_name="+")
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "ai_budgets"
        verbose_name = "orçamento"
        verbose_name_plural = "orçamentos"
        default_permissions = ()
        permissions = [("change_budget", "Pode alterar os orçamentos de IA")]
        constraints = [
            models.UniqueConstraint(fields=["user"], nulls_distinct=False, name="ai_budgets_once"),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gte=0), name="ai_budgets_amount"),
        ]

    def __str__(self) -> str:
        return f"orçamento de {self.user_id or 'todo o escritório'}"
