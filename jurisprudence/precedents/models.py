"""What courts have laid down: súmulas, theses of repetitive appeals, orientations, decisions.

Public law: everybody who is signed in sees all of it, and nobody owns a row. Rows come from files
(`manage.py import_precedents`); what a file changes stays visible in `PrecedentChange`, and nothing is deleted.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from accounts.models import User
from romagent.base.ids import new_id
from romagent.base.portuguese import SearchDocument


class PrecedentQuerySet(models.QuerySet["Precedent"]):
    def for_user(self, user: User) -> PrecedentQuerySet:
        """The one door: all of them for whoever is signed in, nothing for anybody else."""
        return self if user.is_authenticated and user.is_active else self.none()

    def without_bodies(self) -> PrecedentQuerySet:
        """For lists: what a precedent says is read on its own page, or as a snippet."""
        return self.defer("text", "note", "details")


class PrecedentManager(models.Manager.from_queryset(PrecedentQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> PrecedentQuerySet:
        """Without the search column, which only PostgreSQL reads."""
        return super().get_queryset().defer("search")  # type: ignore[no-any-return]


class Precedent(models.Model):
    """One of them, as its source gives it on `as_of`.

    `number` is that of the súmula, tema or orientation; of a decision, that of its case within its class (`series`:
    RESP, HC, in capitals), or 0 where the case has a CNJ number only. Several decisions of one case differ by
    `reference`, the source's own name for them; everything else has none.
    """

    class Kind(models.TextChoices):
        SUMULA = "sumula", "súmula"
        SUMULA_VINCULANTE = "sumula_vinculante", "súmula vinculante"
        TEMA = "tema", "tema"
        ORIENTACAO = "orientacao", "orientação jurisprudencial"
        PRECEDENTE_NORMATIVO = "precedente_normativo", "precedente normativo"
        DECISAO = "decisao", "decisão"

    class Status(models.TextChoices):
        NONE = "", "sem situação"  # decisions: they are no rule that could be cancelled
        IN_FORCE = "em vigor", "em vigor"
        CANCELLED = "cancelada", "cancelada"
        REVOKED = "revogada", "revogada"
        SUPERSEDED = "superada", "superada"
        UNPUBLISHED = "pendente de publicação", "pendente de publicação"
        UNDECIDED = "pendente de julgamento", "pendente de julgamento"  # a tema without its thesis

    GONE: ClassVar[tuple[str, ...]] = (Status.CANCELLED, Status.REVOKED, Status.SUPERSEDED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("tipo", max_length=30, choices=Kind)
    court = models.CharField("tribunal", max_length=20)
    series = models.CharField("série", max_length=40, blank=True)
    number = models.BigIntegerField("número", default=0)
    reference = models.CharField("identificação na fonte", max_length=100, blank=True)
    case_class = models.CharField("classe", max_length=150, blank=True)  # as the court writes it: AgInt no REsp
    case_number = models.CharField("número do processo", max_length=60, blank=True)
    judge = models.CharField("relator", max_length=255, blank=True)
    body = models.CharField("órgão julgador", max_length=255, blank=True)
    decided_on = models.DateField("julgado ou aprovado em", null=True, blank=True)
    published_on = models.DateField("publicado em", null=True, blank=True)
    year = models.SmallIntegerField("ano", default=0)  # of the one date or the other; 0 where neither is known
    title = models.TextField("título", blank=True)  # of a decision, its thesis
    text = models.TextField("texto", blank=True)  # a súmula's words, a tema's thesis, a decision's ementa
    status = models.CharField("situação", max_length=40, choices=Status, blank=True)
    note = models.TextField("nota", blank=True)
    details = models.JSONField("outros dados", default=dict, blank=True)
    source = models.CharField("fonte", max_length=500)
    url = models.CharField("endereço", max_length=1000, blank=True)
    as_of = models.DateField("conferido em")  # the day the source was read
    content_hash = models.CharField(max_length=32, editable=False)  # of what is above, but for source, url and as_of
    created_at = models.DateTimeField("criado em", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("alterado em", default=timezone.now)
    written_by = models.UUIDField(null=True, editable=False)  # the run that last wrote it; a foreign key would cost
    search = models.GeneratedField(
        expression=SearchDocument(
            Concat(F("title"), Value(" "), F("text"), Value(" "), F("judge"), output_field=models.TextField())
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects: Any = PrecedentManager()

    class Meta:
        db_table = "precedents"
        verbose_name = "precedente"
        verbose_name_plural = "precedentes"
        indexes = [
            GinIndex(fields=["year", "court", "search"], condition=Q(kind="decisao"), name="precedents_decisions_idx"),
            GinIndex(fields=["search"], condition=~Q(kind="decisao"), name="precedents_rules_idx"),
            models.Index(
                fields=["court", "kind", "series", "number"], condition=~Q(kind="decisao"), name="precedents_order_idx"
            ),
            models.Index(fields=["number"], condition=Q(number__gt=0), name="precedents_number_idx"),
            models.Index(
                fields=["case_number"], condition=Q(number=0) & ~Q(case_number=""), name="precedents_case_idx"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["court", "kind", "series", "number", "reference"], name="precedents_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "sumula", "sumula_vinculante", "tema", "orientacao", "precedente_normativo", "decisao",
                    ]
                ),
                name="precedents_kind",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "", "em vigor", "cancelada", "revogada", "superada", "pendente de publicação",
                        "pendente de julgamento",
                    ]
                ),
                name="precedents_status",
            ),
            models.CheckConstraint(
                condition=Q(kind="decisao") | Q(number__gt=0, reference=""), name="precedents_numbered"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="precedents_sourced"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number or self.reference}, {self.court}"


class PrecedentImport(models.Model):
    """A file that was, or is being, taken in: who gave it, how far it is, what came of it.

    `position` counts the records that are done, and moves in the transaction in which they are written: a run that was
    killed goes on there. The newest `updated_at` is what cached searches are kept under.
    """

    class State(models.TextChoices):
        RUNNING = "running", "em andamento"
        DONE = "done", "concluída"
        FAILED = "failed", "falhou"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file_name = models.CharField("arquivo", max_length=255)
    sha256 = models.CharField(max_length=64)
    file_size = models.BigIntegerField("tamanho, em bytes", default=0)
    file_format = models.CharField("formato", max_length=30)
    source = models.CharField("fonte", max_length=500, blank=True)  # as given; else each record's own
    as_of = models.DateField("conferido em")
    state = models.CharField("situação", max_length=20, choices=State, default=State.RUNNING)
    position = models.BigIntegerField("registros lidos", default=0)
    added = models.BigIntegerField("novos", default=0)
    changed = models.BigIntegerField("alterados", default=0)
    unchanged = models.BigIntegerField("iguais", default=0)
    repeated = models.BigIntegerField("repetidos no arquivo", default=0)
    outdated = models.BigIntegerField("mais antigos que os que há", default=0)
    refused = models.BigIntegerField("recusados", default=0)
    problems = models.JSONField("problemas", default=list)  # the first ones: [record, what is wrong with it]
    error = models.TextField("erro", blank=True)
    started_at = models.DateTimeField("começou em", default=timezone.now)
    updated_at = models.DateTimeField("avançou em", default=timezone.now)
    finished_at = models.DateTimeField("terminou em", null=True)

    class Meta:
        db_table = "precedent_imports"
        verbose_name = "importação de precedentes"
        verbose_name_plural = "importações de precedentes"
        indexes = [
            models.Index(fields=["-updated_at"], name="precedent_imports_updated_idx"),
            models.Index(fields=["-started_at"], name="precedent_imports_started_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=~Q(state="done"), name="precedent_imports_one_of_a_file"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed"]), name="precedent_imports_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.get_state_display()}"


class PrecedentChange(models.Model):
    """What an import found written otherwise: the values as they had been until then."""

    precedent = models.ForeignKey(Precedent, models.CASCADE, related_name="changes")
    run = models.ForeignKey(
        PrecedentImport, models.SET_NULL, null=True, db_index=False, verbose_name="importação", related_name="+"
    )
    old = models.JSONField(default=dict)  # by field, those that changed
    source = models.CharField("fonte", max_length=500)  # of the old values
    as_of = models.DateField("conferido em")  # the last day on which they were seen
    created_at = models.DateTimeField("alterado em", default=timezone.now)

    class Meta:
        db_table = "precedent_changes"
        verbose_name = "alteração de precedente"
        verbose_name_plural = "alterações de precedentes"

    def __str__(self) -> str:
        return f"{self.precedent_id} {self.created_at:%Y-%m-%d}"
