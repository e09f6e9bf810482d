"""Finding the few files whose images are being transcribed, every ten minutes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("uploads", "0006_summaries")]
    operations = [
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                condition=models.Q(("transcription", "working")), fields=["id"], name="uploads_transcribing_idx"
            ),
        ),
    ]
