from django.urls import path

from jurisprudence.deadlines import views

urlpatterns = [
    path("prazos/", views.deadlines, name="deadlines"),
    path("prazos/contar/", views.count, name="count"),
    path("prazos/agenda.ics", views.all_as_ics, name="deadlines-ics"),
    path("prazos/<uuid:pk>/", views.detail, name="deadline"),
    path("prazos/<uuid:pk>/prazo.ics", views.one_as_ics, name="deadline-ics"),
    path("prazos/<uuid:pk>/corrigir/", views.edit, name="edit-deadline"),
    path("prazos/<uuid:pk>/cumprir/", views.finish, name="finish-deadline"),
    path("prazos/<uuid:pk>/reabrir/", views.reopen, name="reopen-deadline"),
    path("prazos/<uuid:pk>/recontar/", views.recount, name="recount-deadline"),
    path("prazos/<uuid:pk>/excluir/", views.delete, name="delete-deadline"),
    path("prazos/<uuid:pk>/desfazer-exclusao/", views.undelete, name="undelete-deadline"),
]
