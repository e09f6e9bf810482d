from django.urls import path

from uploads import views

app_name = "uploads"
urlpatterns = [
    path("arquivos/", views.uploads, name="list"),
    path("arquivos/envio/", views.begin, name="begin"),
    path("arquivos/envio/<uuid:pk>/partes/", views.sign_parts, name="sign-parts"),
    path("arquivos/envio/<uuid:pk>/concluir/", views.complete, name="complete"),
    path("arquivos/envio/<uuid:pk>/cancelar/", views.cancel, name="cancel"),
    path("arquivos/<uuid:pk>/baixar/", views.download, name="download"),
    path("arquivos/<uuid:pk>/excluir/", views.delete, name="delete"),
    path("arquivos/<uuid:pk>/restaurar/", views.undelete, name="undelete"),
]
