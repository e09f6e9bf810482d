from django.urls import path

from documents import check_pages, views

app_name = "documents"
urlpatterns = [
    path("documentos/", views.documents, name="list"),
    path("documentos/<uuid:pk>/", views.detail, name="detail"),
    path("documentos/<uuid:pk>/conferir/", check_pages.check, name="check"),
    path("documentos/<uuid:pk>/confirmar/", check_pages.confirm, name="confirm"),
    path("documentos/<uuid:pk>/projeto/", views.move, name="move"),
    path("documentos/<uuid:pk>/excluir/", views.delete, name="delete"),
    path("documentos/<uuid:pk>/desfazer-exclusao/", views.undelete, name="undelete"),
]
