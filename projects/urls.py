"""Included by the roof, which adds the page of one project to the same namespace (`projects:detail`)."""

from django.urls import path

from projects import members, views

urlpatterns = [
    path("projetos/", views.projects, name="list"),
    path("projetos/novo/", views.new, name="new"),
    path("projetos/numero/", views.number, name="number"),
    path("projetos/<uuid:pk>/editar/", views.edit, name="edit"),
    path("projetos/<uuid:pk>/encerrar/", views.close, name="close"),
    path("projetos/<uuid:pk>/reabrir/", views.reopen, name="reopen"),
    path("projetos/<uuid:pk>/preservar/", views.hold, name="hold"),
    path("projetos/<uuid:pk>/excluir/", views.delete, name="delete"),
    path("projetos/<uuid:pk>/desfazer-exclusao/", views.undelete, name="undelete"),
    path("projetos/<uuid:pk>/participantes/", members.add, name="add-member"),
    path("projetos/<uuid:pk>/participantes/<uuid:person>/papel/", members.change_role, name="change-role"),
    path("projetos/<uuid:pk>/participantes/<uuid:person>/remover/", members.remove, name="remove-member"),
    path("projetos/<uuid:pk>/participantes/<uuid:person>/responsavel/", members.hand_over, name="hand-over"),
    path("projetos/<uuid:pk>/sair/", members.leave, name="leave"),
]
