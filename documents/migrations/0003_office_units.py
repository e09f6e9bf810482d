"""The office's units and their letterheads: a new table, nothing else is touched."""

import django.core.validators
import django.utils.timezone
from django.db import migrations, models

import romagent.base.ids

SHORT = [django.core.validators.MaxLengthValidator(1000)]
FORMATS = [("escritorio", "Escritório"), ("oab", "OAB"), ("abnt", "ABNT")]
LINES = "Uma linha por linha, em cada página"
SIGNED = "Nome e OAB, uma linha por linha, depois do fim do texto; sai só onde o texto ainda não a traz."
DEFAULT = "O papel dos documentos para os quais ninguém escolheu outro."
ID = models.UUIDField(default=romagent.base.ids.new_id, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_types")]

    operations = [
        migrations.CreateModel(
            name="OfficeUnit",
            fields=[
                ("id", ID),
                ("name", models.CharField("nome", max_length=200, unique=True)),
                ("logo", models.BinaryField("logotipo", blank=True, null=True)),
                ("header_lines", models.TextField("cabeçalho", blank=True, validators=SHORT, help_text=f"{LINES}.")),
                (
                    "footer_lines",
                    models.TextField(
                        "rodapé", blank=True, validators=SHORT, help_text=f"{LINES}, acima do número da página."
                    ),
                ),
                ("signature_lines", models.TextField("assinatura", blank=True, validators=SHORT, help_text=SIGNED)),
                (
                    "city",
                    models.CharField(
                        "cidade", blank=True, max_length=100, help_text="De onde os documentos são datados."
                    ),
                ),
                ("default_format", models.CharField("modelo", choices=FORMATS, default="escritorio", max_length=20)),
                ("is_default", models.BooleanField("padrão", default=False, help_text=DEFAULT)),
                ("created_at", models.DateTimeField("criada em", default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "unidade do escritório",
                "verbose_name_plural": "unidades do escritório",
                "db_table": "office_units",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["is_default"],
                        condition=models.Q(is_default=True),
                        name="office_units_one_default",
                        violation_error_message="Já há uma unidade padrão. Desmarque-a antes.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(default_format__in=["escritorio", "oab", "abnt"]),
                        name="office_units_format",
                    ),
                ],
            },
        ),
    ]
