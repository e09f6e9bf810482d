from django.apps import AppConfig
from django.conf import settings


class UploadsConfig(AppConfig):
    name = "uploads"
    verbose_name = "Arquivos"

    def ready(self) -> None:
        if settings.AWS_STORAGE_BUCKET_NAME:  # loaded at the start: nobody who asks for a file waits for it
            from uploads import s3  # noqa: F401
