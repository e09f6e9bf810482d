"""Summaries of files and projects, and the parts they are made in."""

import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import romagent.base.ids


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_few"),
        ("uploads", "0005_search_names"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Summary",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=romagent.base.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "na fila"),
                            ("working", "lendo"),
                            ("complete", "pronto"),
                            ("failed", "interrompido"),
                            ("stopped", "parado"),
                        ],
                        default="queued",
                        max_length=20,
                        verbose_name="situação",
                    ),
                ),
                ("model", models.CharField(max_length=100, verbose_name="modelo")),
                ("parts_total", models.PositiveIntegerField(null=True, verbose_name="partes")),
                ("parts_done", models.PositiveIntegerField(default=0, verbose_name="partes lidas")),
                ("page_count", models.PositiveIntegerField(null=True, verbose_name="páginas")),
                ("result", models.TextField(blank=True)),
                ("coverage", models.JSONField(default=dict)),
                ("error", models.CharField(blank=True, max_length=50, verbose_name="erro")),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("takeovers", models.PositiveIntegerField(default=0)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="pedido em"),
                ),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="summaries",
                        to="projects.project",
                        verbose_name="projeto",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="summaries",
                        to="uploads.upload",
                        verbose_name="arquivo",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="summaries",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quem pediu",
                    ),
                ),
            ],
            options={
                "verbose_name": "resumo",
                "verbose_name_plural": "resumos",
                "db_table": "summaries",
            },
        ),
        migrations.CreateModel(
            name="SummaryPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.PositiveSmallIntegerField(default=0)),
                ("section", models.CharField(blank=True, max_length=20)),
                ("number", models.PositiveIntegerField()),
                ("covers", models.JSONField(default=list)),
                ("result", models.TextField(blank=True)),
                ("error", models.CharField(blank=True, max_length=50)),
                ("called_at", models.DateTimeField(null=True)),
                (
                    "summary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="uploads.summary"
                    ),
                ),
            ],
            options={
                "verbose_name": "parte de resumo",
                "verbose_name_plural": "partes de resumos",
                "db_table": "summary_parts",
            },
        ),
        migrations.AddIndex(
            model_name="summary",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="summaries_deleted_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="summary",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["queued", "working", "complete", "failed", "stopped"])),
                name="summaries_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="summary",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("project__isnull", True), ("upload__isnull", False)),
                    models.Q(("project__isnull", False), ("upload__isnull", True)),
                    _connector="OR",
                ),
                name="summaries_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="summary",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None), ("status__in", ["queued", "working"])),
                fields=("upload",),
                name="summaries_one_of_a_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="summary",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None), ("status__in", ["queued", "working"])),
                fields=("project",),
                name="summaries_one_of_a_project",
            ),
        ),
        migrations.AddConstraint(
            model_name="summarypart",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("summary", "stage", "section", "number"),
                name="summary_parts_once",
            ),
        ),
    ]
