"""Tables that are added up by calls, for the office and by month, the ranking, and the budgets."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_add_up_usage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AIBudget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "orçamento",
                "verbose_name_plural": "orçamentos",
                "db_table": "ai_budgets",
                "permissions": [("change_budget", "Pode alterar os orçamentos de IA")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AIUsageMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("calls", models.BigIntegerField(default=0)),
                ("unpriced", models.BigIntegerField(default=0)),
                ("cost_usd", models.DecimalField(decimal_places=6, default=0, max_digits=16)),
            ],
            options={
                "verbose_name": "uso por mês",
                "verbose_name_plural": "uso por mês",
                "db_table": "ai_usage_months",
            },
        ),
        migrations.CreateModel(
            name="AIUsageOffice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("calls", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("unpriced", models.BigIntegerField(default=0)),
                ("tokens_input", models.BigIntegerField(default=0)),
                ("tokens_output", models.BigIntegerField(default=0)),
                ("cache_read_tokens", models.BigIntegerField(default=0)),
                ("cache_write_tokens", models.BigIntegerField(default=0)),
                ("cost_usd", models.DecimalField(decimal_places=6, default=0, max_digits=16)),
                ("cache_saved_usd", models.DecimalField(decimal_places=6, default=0, max_digits=16)),
                ("ttft_calls", models.BigIntegerField(default=0)),
                ("ttft_ms", models.BigIntegerField(default=0)),
                ("ttft_slow", models.BigIntegerField(default=0)),
                ("day", models.DateField()),
                ("model", models.CharField(max_length=100)),
                ("operation_type", models.CharField(max_length=100)),
                ("shard", models.SmallIntegerField()),
            ],
            options={
                "verbose_name": "uso do escritório por dia",
                "verbose_name_plural": "uso do escritório por dia",
                "db_table": "ai_usage_office",
            },
        ),
        migrations.CreateModel(
            name="AIUsageRank",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("calls", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("unpriced", models.BigIntegerField(default=0)),
                ("tokens_input", models.BigIntegerField(default=0)),
                ("tokens_output", models.BigIntegerField(default=0)),
                ("cache_read_tokens", models.BigIntegerField(default=0)),
                ("cache_write_tokens", models.BigIntegerField(default=0)),
                ("cost_usd", models.DecimalField(decimal_places=6, default=0, max_digits=16)),
                ("cache_saved_usd", models.DecimalField(decimal_places=6, default=0, max_digits=16)),
                ("ttft_calls", models.BigIntegerField(default=0)),
                ("ttft_ms", models.BigIntegerField(default=0)),
                ("ttft_slow", models.BigIntegerField(default=0)),
                ("period", models.SmallIntegerField()),
                ("position", models.IntegerField()),
                ("computed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "posição por custo",
                "verbose_name_plural": "posições por custo",
                "db_table": "ai_usage_ranks",
            },
        ),
        migrations.AddField(
            model_name="aibudget",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="aiusagemonth",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="aiusageoffice",
            constraint=models.UniqueConstraint(
                fields=("day", "model", "operation_type", "shard"), name="ai_usage_office_once"
            ),
        ),
        migrations.AddField(
            model_name="aiusagerank",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="aibudget",
            constraint=models.UniqueConstraint(fields=("user",), name="ai_budgets_once", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="aibudget",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__isnull", True), ("amount__gte", 0), _connector="OR"),
                name="ai_budgets_amount",
            ),
        ),
        migrations.AddIndex(
            model_name="aiusagemonth",
            index=models.Index(fields=["month", "-cost_usd"], name="ai_usage_months_cost_idx"),
        ),
        migrations.AddConstraint(
            model_name="aiusagemonth",
            constraint=models.UniqueConstraint(
                fields=("user", "month"), name="ai_usage_months_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="aiusagerank",
            constraint=models.UniqueConstraint(fields=("period", "position"), name="ai_usage_ranks_once"),
        ),
    ]
