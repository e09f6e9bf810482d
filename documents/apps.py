from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "Documentos"

    def ready(self) -> None:
        from conversations.assistant.offers import register
        from conversations.signals import reply_ended
        from documents.drafting.offers import provide
        from documents.drafting.tasks import when_a_reply_has_ended

        reply_ended.connect(when_a_reply_has_ended, dispatch_uid="documents.drafting")
        register(provide)
