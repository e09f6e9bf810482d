from django.urls import path

from uploads import joining_views, moving, pages, reading_views, sending, serving, views
from uploads.summaries import views as summaries

app_name = "uploads"
urlpatterns = [
    path("arquivos/", views.files, name="list"),
    path("arquivos/juntar/", joining_views.volumes, name="join"),
    path("arquivos/andamento/", views.progress, name="progress"),
    path("arquivos/<uuid:pk>/", pages.detail, name="detail"),
    path("arquivos/<uuid:pk>/paginas/<int:number>/", pages.page, name="page"),
    path("arquivos/<uuid:pk>/paginas/<int:number>/imagem/", serving.picture, name="picture"),
    path("arquivos/<uuid:pk>/texto/", serving.text, name="text"),
    path("arquivos/<uuid:pk>/baixar/", views.download, name="download"),
    path("arquivos/<uuid:pk>/projeto/", moving.move, name="move"),
    path("arquivos/<uuid:pk>/excluir/", views.delete, name="delete"),
    path("arquivos/<uuid:pk>/desfazer-exclusao/", views.undelete, name="undelete"),
    path("arquivos/<uuid:pk>/senha/", reading_views.give_password, name="password"),
    path("arquivos/<uuid:pk>/parar-leitura/", reading_views.stop_reading, name="stop-reading"),
    path("arquivos/<uuid:pk>/ler-de-novo/", reading_views.read_again, name="read-again"),
    path("arquivos/<uuid:pk>/transcrever/", reading_views.transcribe, name="transcribe"),
    path("arquivos/<uuid:pk>/sem-transcricao/", reading_views.leave_images, name="no-transcription"),
    path("arquivos/envio/", sending.begin, name="begin"),
    path("arquivos/envio/<uuid:pk>/", sending.state, name="sending"),
    path("arquivos/envio/<uuid:pk>/parte/", sending.part, name="part"),
    path("arquivos/envio/<uuid:pk>/parte/<int:number>/", sending.chunk, name="chunk"),
    path("arquivos/envio/<uuid:pk>/concluir/", sending.finish, name="finish"),
    path("arquivos/envio/<uuid:pk>/cancelar/", sending.cancel, name="cancel"),
    path("arquivos/<uuid:pk>/resumo/", summaries.of_file, name="summarize"),
    path("projetos/<uuid:pk>/resumo/", summaries.of_project, name="summarize-project"),
    path("resumos/<uuid:pk>/", summaries.detail, name="summary"),
    path("resumos/<uuid:pk>/exportar/", summaries.take_along, name="summary-export"),
    path("resumos/<uuid:pk>/parar/", summaries.stop, name="summary-stop"),
    path("resumos/<uuid:pk>/continuar/", summaries.go_on, name="summary-continue"),
    path("resumos/<uuid:pk>/excluir/", summaries.delete, name="summary-delete"),
    path("resumos/<uuid:pk>/desfazer-exclusao/", summaries.undelete, name="summary-undelete"),
]
