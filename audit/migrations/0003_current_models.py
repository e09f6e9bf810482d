"""The models on offer in November 2026, and what each costs.

US dollars per million tokens, from Anthropic's price page as read on 2026-11-22. The dates are the days (UTC)
a price began; prices change in the admin, not here.
"""

from datetime import UTC, datetime
from decimal import Decimal

from django.db import migrations

# id, name, description, window, longest answer, offered
MODELS = [
    ("claude-opus-5-5", "Claude Opus 5.5", "o mais capaz, para peças e casos difíceis", 1_000_000, 128_000, True),
    ("claude-sonnet-5-5", "Claude Sonnet 5.5", "rápido e muito capaz, para o dia a dia", 1_000_000, 128_000, True),
    ("claude-haiku-5-5", "Claude Haiku 5.5", "o mais rápido e econômico", 1_000_000, 128_000, True),
    ("claude-fable-5-1", "Claude Fable 5.1", "o que pensa mais longamente, e o mais caro", 1_000_000, 128_000, True),
    ("claude-fable-5", "Claude Fable 5", "", 1_000_000, 128_000, False),
    ("claude-opus-5", "Claude Opus 5", "", 1_000_000, 128_000, False),
    ("claude-sonnet-5", "Claude Sonnet 5", "", 1_000_000, 128_000, False),
    ("claude-opus-4-8", "Claude Opus 4.8", "", 1_000_000, 128_000, False),
    ("claude-sonnet-4-6", "Claude Sonnet 4.6", "", 1_000_000, 64_000, False),
    ("claude-haiku-4-5", "Claude Haiku 4.5", "", 200_000, 64_000, False),
]

# id, from, tier (largest prompt), input, output, write 5 min, write 1 h, read
PRICES = [
    ("claude-opus-5-5", "2026-09-22", None, "4", "20", "5", "8", "0.20"),
    ("claude-sonnet-5-5", "2026-09-28", None, "2", "10", "2.50", "4", "0.20"),
    ("claude-sonnet-5-5", "2026-10-07", None, "2", "10", "2.50", "4", "0.10"),
    ("claude-haiku-5-5", "2026-10-07", 100_000, "0.10", "0.50", "0.125", "0.20", "0.01"),
    ("claude-haiku-5-5", "2026-10-07", None, "0.50", "2.50", "0.625", "1", "0.05"),
    ("claude-fable-5-1", "2026-09-01", None, "10", "50", "12.50", "20", "0.25"),
    ("claude-fable-5", "2026-06-09", None, "10", "50", "12.50", "20", "1"),
    ("claude-opus-5", "2026-07-24", None, "5", "25", "6.25", "10", "0.50"),
    ("claude-sonnet-5", "2026-06-30", None, "2", "10", "2.50", "4", "0.20"),
    ("claude-opus-4-8", "2026-01-01", None, "5", "25", "6.25", "10", "0.50"),
    ("claude-sonnet-4-6", "2026-01-01", None, "3", "15", "3.75", "6", "0.30"),
    ("claude-haiku-4-5", "2025-10-15", None, "1", "5", "1.25", "2", "0.10"),
]


def seed(apps, schema_editor):
    model_class, price_class = apps.get_model("audit", "AIModel"), apps.get_model("audit", "AIPrice")
    for position, (pk, name, description, window, longest, offered) in enumerate(MODELS, start=1):
        fields = {"name": name, "description": description, "context_tokens": window, "max_output_tokens": longest}
        model_class.objects.get_or_create(id=pk, defaults=fields | {"offered": offered, "position": position * 10})
    for pk, day, tier, *rates in PRICES:
        columns = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
        price_class.objects.get_or_create(
            model_id=pk,
            effective_from=datetime.fromisoformat(day).replace(tzinfo=UTC),
            tier_max_prompt_tokens=tier,
            defaults=dict(zip(columns, map(Decimal, rates), strict=True)),
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
