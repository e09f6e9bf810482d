"""Precedents, the files they come from, and what those have changed."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import romagent.base.ids
import romagent.base.portuguese


class Migration(migrations.Migration):
    dependencies = [("jurisprudence", "0001_initial"), ("romagent", "0002_search_query")]

    operations = [
        migrations.CreateModel(
            name="Precedent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=romagent.base.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sumula", "súmula"),
                            ("sumula_vinculante", "súmula vinculante"),
                            ("tema", "tema"),
                            ("orientacao", "orientação jurisprudencial"),
                            ("precedente_normativo", "precedente normativo"),
                            ("decisao", "decisão"),
                        ],
                        max_length=30,
                        verbose_name="tipo",
                    ),
                ),
                ("court", models.CharField(max_length=20, verbose_name="tribunal")),
                ("series", models.CharField(blank=True, max_length=40, verbose_name="série")),
                ("number", models.BigIntegerField(default=0, verbose_name="número")),
                ("reference", models.CharField(blank=True, max_length=100, verbose_name="identificação na fonte")),
                ("case_class", models.CharField(blank=True, max_length=150, verbose_name="classe")),
                ("case_number", models.CharField(blank=True, max_length=60, verbose_name="número do processo")),
                ("judge", models.CharField(blank=True, max_length=255, verbose_name="relator")),
                ("body", models.CharField(blank=True, max_length=255, verbose_name="órgão julgador")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="julgado ou aprovado em")),
                ("published_on", models.DateField(blank=True, null=True, verbose_name="publicado em")),
                ("year", models.SmallIntegerField(default=0, verbose_name="ano")),
                ("title", models.TextField(blank=True, verbose_name="título")),
                ("text", models.TextField(blank=True, verbose_name="texto")),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "sem situação"),
                            ("em vigor", "em vigor"),
                            ("cancelada", "cancelada"),
                            ("revogada", "revogada"),
                            ("superada", "superada"),
                            ("pendente de publicação", "pendente de publicação"),
                            ("pendente de julgamento", "pendente de julgamento"),
                        ],
                        max_length=40,
                        verbose_name="situação",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="nota")),
                ("details", models.JSONField(blank=True, default=dict, verbose_name="outros dados")),
                ("source", models.CharField(max_length=500, verbose_name="fonte")),
                ("url", models.CharField(blank=True, max_length=1000, verbose_name="endereço")),
                ("as_of", models.DateField(verbose_name="conferido em")),
                ("content_hash", models.CharField(editable=False, max_length=32)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="criado em"),
                ),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="alterado em")),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=romagent.base.portuguese.SearchDocument(
                            django.db.models.functions.text.Concat(
                                models.F("title"),
                                models.Value(" "),
                                models.F("text"),
                                models.Value(" "),
                                models.F("judge"),
                                output_field=models.TextField(),
                            )
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "precedente",
                "verbose_name_plural": "precedentes",
                "db_table": "precedents",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("kind", "decisao")),
                        fields=["year", "court", "search"],
                        name="precedents_decisions_idx",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("kind", "decisao"), _negated=True),
                        fields=["search"],
                        name="precedents_rules_idx",
                    ),
                    models.Index(
                        condition=models.Q(("kind", "decisao"), _negated=True),
                        fields=["court", "kind", "series", "number"],
                        name="precedents_order_idx",
                    ),
                    models.Index(
                        condition=models.Q(("number__gt", 0)), fields=["number"], name="precedents_number_idx"
                    ),
                    models.Index(
                        condition=models.Q(("number", 0), models.Q(("case_number", ""), _negated=True)),
                        fields=["case_number"],
                        name="precedents_case_idx",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("court", "kind", "series", "number", "reference"), name="precedents_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "sumula",
                                    "sumula_vinculante",
                                    "tema",
                                    "orientacao",
                                    "precedente_normativo",
                                    "decisao",
                                ],
                            )
                        ),
                        name="precedents_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "",
                                    "em vigor",
                                    "cancelada",
                                    "revogada",
                                    "superada",
                                    "pendente de publicação",
                                    "pendente de julgamento",
                                ],
                            )
                        ),
                        name="precedents_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "decisao"), models.Q(("number__gt", 0), ("reference", "")), _connector="OR"
                        ),
                        name="precedents_numbered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="precedents_sourced"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrecedentImport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=romagent.base.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("file_name", models.CharField(max_length=255, verbose_name="arquivo")),
                ("sha256", models.CharField(max_length=64)),
                ("file_size", models.BigIntegerField(default=0, verbose_name="tamanho, em bytes")),
                ("file_format", models.CharField(max_length=30, verbose_name="formato")),
                ("source", models.CharField(blank=True, max_length=500, verbose_name="fonte")),
                ("as_of", models.DateField(verbose_name="conferido em")),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "em andamento"), ("done", "concluída"), ("failed", "falhou")],
                        default="running",
                        max_length=20,
                        verbose_name="situação",
                    ),
                ),
                ("position", models.BigIntegerField(default=0, verbose_name="registros lidos")),
                ("added", models.BigIntegerField(default=0, verbose_name="novos")),
                ("changed", models.BigIntegerField(default=0, verbose_name="alterados")),
                ("unchanged", models.BigIntegerField(default=0, verbose_name="iguais")),
                ("repeated", models.BigIntegerField(default=0, verbose_name="repetidos no arquivo")),
                ("outdated", models.BigIntegerField(default=0, verbose_name="mais antigos que os que há")),
                ("refused", models.BigIntegerField(default=0, verbose_name="recusados")),
                ("problems", models.JSONField(default=list, verbose_name="problemas")),
                ("error", models.TextField(blank=True, verbose_name="erro")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="começou em")),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="avançou em")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="terminou em")),
            ],
            options={
                "verbose_name": "importação de precedentes",
                "verbose_name_plural": "importações de precedentes",
                "db_table": "precedent_imports",
                "indexes": [
                    models.Index(fields=["-updated_at"], name="precedent_imports_updated_idx"),
                    models.Index(fields=["-started_at"], name="precedent_imports_started_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "done"), _negated=True),
                        fields=("sha256",),
                        name="precedent_imports_one_of_a_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "done", "failed"])), name="precedent_imports_state"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrecedentChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old", models.JSONField(default=dict)),
                ("source", models.CharField(max_length=500, verbose_name="fonte")),
                ("as_of", models.DateField(verbose_name="conferido em")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="alterado em")),
                (
                    "precedent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="jurisprudence.precedent",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jurisprudence.precedentimport",
                        verbose_name="importação",
                    ),
                ),
            ],
            options={
                "verbose_name": "alteração de precedente",
                "verbose_name_plural": "alterações de precedentes",
                "db_table": "precedent_changes",
            },
        ),
    ]
