from django.apps import AppConfig


class JurisprudenceConfig(AppConfig):
    name = "jurisprudence"
    verbose_name = "jurisprudência"
