from django.urls import path

from conversations import moving, views

app_name = "conversations"
urlpatterns = [
    path("conversas/", views.conversations, name="list"),
    path("conversas/arquivadas/", views.archived, name="archived"),
    path("conversas/busca/", views.search, name="search"),
    path("conversas/lateral/", views.rail, name="rail"),
    path("conversas/<uuid:pk>/", views.detail, name="detail"),
    path("conversas/<uuid:pk>/mensagens/", views.ask, name="ask"),
    path("conversas/<uuid:pk>/renomear/", views.rename, name="rename"),
    path("conversas/<uuid:pk>/fixar/", views.pin, name="pin"),
    path("conversas/<uuid:pk>/arquivar/", views.archive, name="archive"),
    path("conversas/<uuid:pk>/restaurar/", views.restore, name="restore"),
    path("conversas/<uuid:pk>/projeto/", moving.move, name="move"),
    path("conversas/<uuid:pk>/excluir/", views.delete, name="delete"),
    path("conversas/<uuid:pk>/desfazer-exclusao/", views.undelete, name="undelete"),
    path("conversas/<uuid:pk>/exportar/", views.export, name="export"),
    path("conversas/<uuid:pk>/retomar/", views.resume, name="resume"),
    path("mensagens/<uuid:pk>/stream/", views.stream, name="stream"),
    path("mensagens/<uuid:pk>/parar/", views.stop, name="stop"),
    path("mensagens/<uuid:pk>/refazer/", views.redo, name="redo"),
    path("mensagens/<uuid:pk>/continuar/", views.continue_reply, name="continue"),
    path("mensagens/<uuid:pk>/editar/", views.edit, name="edit"),
]
