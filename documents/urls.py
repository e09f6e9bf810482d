from django.urls import path

from documents import check_pages, editing_views, export_views, import_views, version_views, views
from documents.drafting import order_views
from documents.drafting import views as drafting

app_name = "documents"
urlpatterns = [
    path("documentos/", views.documents, name="list"),
    path("documentos/nova/", order_views.new, name="new"),
    path("documentos/importar/", import_views.import_word, name="import"),
    path("documentos/<uuid:pk>/", editing_views.detail, name="detail"),
    path("documentos/<uuid:pk>/salvar/", editing_views.save, name="save"),
    path("documentos/<uuid:pk>/citacoes/", editing_views.citations, name="citations"),
    path("documentos/<uuid:pk>/versoes/", version_views.versions, name="versions"),
    path("documentos/<uuid:pk>/versoes/<int:number>/", version_views.version, name="version"),
    path("documentos/<uuid:pk>/versoes/<int:number>/restaurar/", version_views.restore, name="restore"),
    path("documentos/<uuid:pk>/comparar/", version_views.comparison, name="compare"),
    path("documentos/<uuid:pk>/conferir/", check_pages.check, name="check"),
    path("documentos/<uuid:pk>/confirmar/", check_pages.confirm, name="confirm"),
    path("documentos/<uuid:pk>/conferencia.docx", export_views.checklist, name="checklist"),
    path("documentos/<uuid:pk>/exportar/", export_views.export, name="export"),
    path("documentos/<uuid:pk>/papel/", export_views.paper, name="paper"),
    path("documentos/<uuid:pk>/comparar/exportar/", export_views.export_comparison, name="export-comparison"),
    path("projetos/<uuid:pk>/documentos.zip", export_views.export_project, name="export-project"),
    path("documentos/<uuid:pk>/projeto/", views.move, name="move"),
    path("documentos/<uuid:pk>/excluir/", views.delete, name="delete"),
    path("documentos/<uuid:pk>/desfazer-exclusao/", views.undelete, name="undelete"),
    path("documentos/<uuid:pk>/redacao/", drafting.drafting, name="drafting"),
    path("documentos/<uuid:pk>/redacao/parar/", drafting.stop, name="stop-drafting"),
    path("documentos/<uuid:pk>/redacao/continuar/", drafting.go_on, name="continue-drafting"),
    path("documentos/<uuid:pk>/redacao/encerrar/", drafting.finish, name="finish-drafting"),
    path("documentos/<uuid:pk>/assistente/", drafting.assistant, name="assistant"),
    path("documentos/<uuid:pk>/propostas/", drafting.decide, name="proposals"),
    path("mensagens/<uuid:pk>/documento/", drafting.from_message, name="from-message"),
]
