from django.urls import path

from jurisprudence.datajud import views

urlpatterns = [
    path("processos/", views.cases, name="cases"),
    path("processos/<uuid:pk>/", views.case, name="case"),
    path("processos/<uuid:pk>/atualizar/", views.refresh, name="refresh-case"),
]
