from django.apps import AppConfig


class JurisprudenceConfig(AppConfig):
    name = "jurisprudence"
    verbose_name = "Jurisprudência"

    def ready(self) -> None:
        from jurisprudence.citations.looking_up import offer_courts
        from jurisprudence.datajud.citing import asked

        offer_courts(asked)
