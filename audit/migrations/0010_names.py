"""Portuguese names for the columns of calls, as the administration shows them; nothing changes in the database."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0009_log_filters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="aioperation",
            name="cache_read_tokens",
            field=models.PositiveIntegerField(null=True, verbose_name="tokens lidos do cache"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="cache_saved_usd",
            field=models.DecimalField(
                decimal_places=6, max_digits=12, null=True, verbose_name="economia do cache, em US$"
            ),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="cache_write_tokens",
            field=models.PositiveIntegerField(null=True, verbose_name="tokens gravados no cache"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="conversation_id",
            field=models.UUIDField(db_index=True, null=True, verbose_name="conversa"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="cost_usd",
            field=models.DecimalField(decimal_places=6, max_digits=12, null=True, verbose_name="custo, em US$"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="quando"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="document_id",
            field=models.UUIDField(null=True, verbose_name="peça"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="error_message",
            field=models.TextField(blank=True, verbose_name="erro"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="latency_ms",
            field=models.PositiveIntegerField(null=True, verbose_name="duração, em ms"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="message_id",
            field=models.UUIDField(null=True, verbose_name="mensagem"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="metadata",
            field=models.JSONField(default=dict, verbose_name="detalhes"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="model",
            field=models.CharField(max_length=100, verbose_name="modelo"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="operation_type",
            field=models.CharField(max_length=100, verbose_name="tipo"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="status",
            field=models.CharField(
                choices=[
                    ("complete", "completa"),
                    ("stopped", "parada"),
                    ("interrupted", "interrompida"),
                    ("failed", "falhou"),
                ],
                max_length=50,
                verbose_name="resultado",
            ),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="tokens_input",
            field=models.PositiveIntegerField(null=True, verbose_name="tokens de entrada"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="tokens_output",
            field=models.PositiveIntegerField(null=True, verbose_name="tokens de saída"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="ttft_ms",
            field=models.PositiveIntegerField(null=True, verbose_name="até o 1º token, em ms"),
        ),
        migrations.AlterField(
            model_name="aioperation",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="pessoa",
            ),
        ),
    ]
