"""What the audit log's codes are called: the one catalogue of actions, and the names of what they are done to.

A new action is one line here; a test finds the ones that are missing.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import models

# By what they are about: code and what the person did.
ACTIONS: dict[str, dict[str, str]] = {
    "Acesso": {
        "entrar": "Entrou",
        "entrar.recusado": "Tentou entrar e foi recusada",
        "sair": "Saiu",
        "acesso.negado": "Tentou abrir o que não pode",
        "entrar.bloqueado": "Foi bloqueada depois de muitas tentativas",
        "senha.alterar": "Alterou a senha",
        "senha.esquecer": "Pediu um link para nova senha",
        "sessao.encerrar": "Encerrou uma sessão",
        "sessoes.encerrar": "Encerrou todas as sessões",
    },
    "Segundo fator": {
        "segundo_fator.ativar": "Ativou o segundo fator",
        "segundo_fator.desativar": "Desativou o segundo fator",
        "segundo_fator.remover": "Removeu o segundo fator de uma pessoa",
        "codigos.gerar": "Gerou códigos de reserva",
        "codigos.ver": "Viu os códigos de reserva",
        "codigos.baixar": "Baixou os códigos de reserva",
        "codigos.usar": "Usou um código de reserva",
        "chave.adicionar": "Adicionou uma chave de acesso",
        "chave.remover": "Removeu uma chave de acesso",
        "chave.renomear": "Renomeou uma chave de acesso",
    },
    "Pessoas": {
        "convite.enviar": "Convidou uma pessoa",
        "senha.link": "Enviou a uma pessoa um link para nova senha",
        "user.desativar": "Desativou uma pessoa",
        "user.reativar": "Reativou uma pessoa",
    },
    "Projetos": {
        "projeto.criar": "Criou um projeto",
        "projeto.alterar": "Alterou um projeto",
        "projeto.encerrar": "Encerrou um projeto",
        "projeto.reabrir": "Reabriu um projeto",
        "projeto.preservar": "Preservou um projeto",
        "projeto.liberar": "Desfez a preservação de um projeto",
        "projeto.excluir": "Excluiu um projeto",
        "projeto.desfazer-exclusao": "Desfez a exclusão de um projeto",
        "projeto.adicionar-pessoa": "Adicionou uma pessoa a um projeto",
        "projeto.alterar-papel": "Alterou o papel de uma pessoa num projeto",
        "projeto.remover-pessoa": "Removeu uma pessoa de um projeto",
        "projeto.exportar-documentos": "Exportou todos os documentos de um projeto",
        "projeto.passar-responsabilidade": "Passou a responsabilidade por um projeto",
        "projeto.sair": "Saiu de um projeto",
    },
    "Processos": {
        "processo.consultar": "Pediu a consulta de um processo ao tribunal",
        "processo.resultado": "Recebeu o resultado da consulta de um processo",
    },
    "Conversas": {
        "conversa.criar": "Criou uma conversa",
        "conversa.titulo": "Recebeu o título de uma conversa",
        "conversa.renomear": "Renomeou uma conversa",
        "conversa.fixar": "Fixou uma conversa",
        "conversa.desafixar": "Desafixou uma conversa",
        "conversa.arquivar": "Arquivou uma conversa",
        "conversa.restaurar": "Restaurou uma conversa",
        "conversa.excluir": "Excluiu uma conversa",
        "conversa.desfazer-exclusao": "Desfez a exclusão de uma conversa",
        "conversa.retomar": "Retomou uma versão anterior",
        "conversa.exportar": "Exportou uma conversa",
        "conversa.mover": "Moveu uma conversa para um projeto ou para fora dele",
        "conversa.ler-conteudo": "Leu o conteúdo da conversa de outra pessoa",
    },
    "Mensagens e respostas": {
        "mensagem.enviar": "Enviou uma pergunta",
        "mensagem.editar": "Editou uma pergunta",
        "mensagem.refazer": "Pediu outra resposta",
        "mensagem.continuar": "Pediu a continuação de uma resposta",
        "mensagem.parar": "Parou uma resposta",
        "resposta.complete": "Recebeu uma resposta completa",
        "resposta.stopped": "Recebeu uma resposta parada",
        "resposta.interrupted": "Recebeu uma resposta interrompida",
        "resposta.failed": "Recebeu uma resposta que falhou",
    },
    "Arquivos": {
        "arquivo.enviar": "Enviou um arquivo",
        "arquivo.iniciar-envio": "Começou a enviar um arquivo",
        "arquivo.cancelar-envio": "Cancelou o envio de um arquivo",
        "arquivo.baixar": "Baixou um arquivo",
        "arquivo.juntar": "Juntou volumes em um arquivo",
        "arquivo.baixar-texto": "Baixou o texto de um arquivo",
        "arquivo.excluir": "Excluiu um arquivo",
        "arquivo.desfazer-exclusao": "Desfez a exclusão de um arquivo",
        "arquivo.mover": "Moveu um arquivo para um projeto ou para fora dele",
        "arquivo.lido": "Teve um arquivo lido por inteiro",
        "arquivo.nao-lido": "Teve um arquivo que não pôde ser lido",
        "arquivo.transcrito": "Teve as imagens de um arquivo transcritas",
        "arquivo.senha": "Informou a senha de um arquivo",
        "arquivo.parar-leitura": "Parou a leitura de um arquivo",
        "arquivo.ler-de-novo": "Mandou ler um arquivo de novo",
        "arquivo.transcrever": "Mandou transcrever as imagens de um arquivo",
        "arquivo.nao-transcrever": "Dispensou a transcrição das imagens de um arquivo",
    },
    "Documentos": {
        "documento.criar": "Criou um documento",
        "documento.editar": "Editou um documento",
        "documento.escrever": "Recebeu um texto do assistente em um documento",
        "documento.importar": "Importou um documento do Word",
        "documento.restaurar": "Restaurou uma versão de um documento",
        "documento.guardar-versao": "Guardou uma versão de um documento",
        "documento.guardar-a-parte": "Teve um texto guardado à parte, por outra alteração no documento",
        "documento.conferir": "Declarou que conferiu um documento",
        "documento.desfazer-conferencia": "Mudou um documento conferido, que deixou de estar conferido",
        "documento.exportar": "Exportou um documento",
        "documento.papel": "Escolheu o modelo e o papel de um documento",
        "documento.mover": "Moveu um documento para um projeto ou para fora dele",
        "documento.redigir": "Pediu a redação de um documento",
        "documento.parar-redacao": "Parou a redação de um documento",
        "documento.continuar-redacao": "Pediu a continuação da redação de um documento",
        "documento.encerrar-redacao": "Encerrou a redação de um documento antes do fim",
        "documento.concluir-redacao": "Recebeu a última parte da redação de um documento",
        "documento.aceitar-proposta": "Aceitou alterações propostas pelo assistente em um documento",
        "documento.rejeitar-proposta": "Rejeitou alterações propostas pelo assistente em um documento",
        "documento.excluir": "Excluiu um documento",
        "documento.desfazer-exclusao": "Desfez a exclusão de um documento",
        "tipo.adaptar": "Adaptou um tipo de peça",
        "tipo.voltar-ao-original": "Voltou ao texto original de um tipo de peça",
    },
    "Resumos": {
        "resumo.pedir": "Pediu um resumo",
        "resumo.continuar": "Pediu a continuação de um resumo",
        "resumo.parar": "Parou um resumo",
        "resumo.concluir": "Recebeu um resumo",
        "resumo.falhar": "Teve um resumo interrompido por uma falha",
        "resumo.exportar": "Exportou um resumo",
        "resumo.excluir": "Excluiu um resumo",
        "resumo.desfazer-exclusao": "Desfez a exclusão de um resumo",
    },
    "Prazos": {
        "prazo.criar": "Guardou um prazo",
        "prazo.cumprir": "Marcou um prazo como cumprido",
        "prazo.reabrir": "Reabriu um prazo",
        "prazo.corrigir": "Corrigiu um prazo",
        "prazo.recontar": "Contou um prazo de novo",
        "prazo.exportar": "Levou prazos para uma agenda",
        "prazo.excluir": "Excluiu um prazo",
        "prazo.desfazer-exclusao": "Desfez a exclusão de um prazo",
        "feriados.semear": "Pôs na tabela os feriados da lei nacional",
    },
    "Jurisprudência": {
        "precedentes.importar": "Começou a importar precedentes",
        "precedentes.importado": "Importou precedentes",
    },
    "Custos": {
        "custos.ver-pessoa": "Viu os custos de uma pessoa",
        "custos.exportar": "Exportou os custos",
        "custos.recalcular": "Pediu o recálculo dos custos",
        "custos.recalculado": "Recalculou os custos",
        "orcamento.alterar": "Alterou um orçamento",
    },
    "Administração": {
        "copia.criar": "Criou uma cópia de segurança",
        "copia.restaurar": "Restaurou uma cópia de segurança",
        "auditoria.exportar": "Exportou a auditoria",
        "importacao.executar": "Importou dados do sistema antigo",
    },
    "Dados pessoais": {
        "dados.preparar": "Pediu uma cópia dos próprios dados",
        "dados.cancelar": "Cancelou a cópia dos próprios dados",
        "dados.concluir": "Recebeu a cópia dos próprios dados",
        "dados.falhar": "Teve a cópia dos próprios dados interrompida por uma falha",
        "dados.baixar": "Baixou a cópia dos próprios dados",
        "titular.registrar": "Registrou o pedido de um titular",
        "titular.consultar": "Abriu o pedido de um titular",
        "titular.buscar": "Pediu a busca de um titular",
        "titular.encontrar": "Recebeu a busca de um titular",
        "titular.exportar": "Pediu a cópia das passagens que citam um titular",
        "titular.copia-pronta": "Recebeu a cópia das passagens que citam um titular",
        "titular.baixar": "Baixou a cópia das passagens que citam um titular",
        "titular.pedir-anonimizacao": "Pediu a anonimização de um titular",
        "titular.anonimizar": "Anonimizou um titular",
        "titular.anonimizar-pessoa": "Anonimizou a conta de uma pessoa do sistema",
        "titular.parar": "Parou um trabalho no pedido de um titular",
        "titular.falhar": "Teve um trabalho no pedido de um titular interrompido por uma falha",
        "titular.responder": "Anotou a resposta a um titular",
    },
    "Limpeza": {
        "limpeza.pedir": "Pediu uma limpeza",
        "limpeza.parar": "Parou uma limpeza",
        "limpeza.archived": "Limpou conversas arquivadas há muito tempo",
        "limpeza.deleted": "Limpou conversas excluídas",
        "limpeza.uploads": "Limpou arquivos excluídos",
        "limpeza.documents": "Limpou documentos excluídos",
        "limpeza.summaries": "Limpou resumos excluídos",
        "limpeza.deadlines": "Limpou prazos excluídos",
        "limpeza.projects": "Limpou projetos excluídos",
        "limpeza.court-cases": "Limpou processos que ninguém acompanha",
        "limpeza.operations": "Limpou chamadas antigas ao modelo",
        "limpeza.audit": "Limpou registros antigos de auditoria",
        "limpeza.sessions": "Limpou sessões vencidas",
        "limpeza.jobs": "Limpou trabalhos encerrados da fila",
        "limpeza.copies": "Limpou cópias vencidas dos próprios dados",
        "limpeza.orphans": "Limpou arquivos sem dono",
    },
}
# Values of `old_value` and `new_value` that are no columns of the object.
VALUES = {
    "added": "novos",
    "before": "até a mensagem",
    "bytes": "tamanho, em bytes",
    "changed": "alterados",
    "conversations": "conversas",
    "conversations_deleted": "conversas excluídas",
    "deadlines": "prazos",
    "document_versions": "versões de documentos",
    "documents": "documentos",
    "file": "arquivo",
    "fields": "campos",
    "files": "arquivos",
    "format": "formato",
    "found": "encontrados",
    "from": "da versão",
    "images": "imagens",
    "left": "imagens por transcrever",
    "limit": "limite",
    "lines": "linhas",
    "made_at": "cópia de",
    "manifest_sha256": "SHA-256 do manifesto",
    "messages": "mensagens",
    "method": "método",
    "missing": "não puderam ser lidos",
    "name": "nome",
    "only": "o que limpar",
    "owners": "registros de quem",
    "page": "página",
    "pages": "páginas",
    "path": "página",
    "parts": "partes",
    "person": "pessoa",
    "places": "lugares",
    "project": "projeto",
    "projects": "projetos",
    "reason": "motivo",
    "proposals": "propostas",
    "removed": "removidos",
    "reviewed": "conferido",
    "revision": "revisão",
    "role": "papel",
    "rows": "linhas",
    "run": "trabalho",
    "sessions_ended": "sessões encerradas",
    "summaries": "resumos",
    "terms": "identificações",
    "title": "título",
    "to": "até a versão",
    "upload_pages": "páginas de arquivos",
    "uploads": "arquivos",
    "years": "anos",
    "type": "tipo",
    "unverified": "citações não confirmadas",
    "usd": "valor, em US$",
}
# What the administration's forms do to any model registered there (`AuditedAdmin`).
FORMS = {"criar": "Criou", "alterar": "Alterou", "excluir": "Excluiu"}
BY_FORM = "Cadastros"


@functools.cache
def actions() -> dict[str, dict[str, str]]:
    """All actions with their names, by what they are about; those of the administration's forms last."""
    by_form = {
        f"{model._meta.model_name}.{verb}": f"{did} {model._meta.verbose_name}"
        for model in admin.site._registry
        for verb, did in FORMS.items()
    }
    return ACTIONS | {BY_FORM: dict(sorted(by_form.items(), key=lambda item: item[1].split(" ", 1)[1]))}


@functools.cache
def _names() -> dict[str, str]:
    return {code: name for names in actions().values() for code, name in names.items()}


def action_name(code: str) -> str:
    """What the person did, in words; an action that the code has forgotten stands for itself."""
    return _names().get(code, code)


@functools.cache
def entity_kinds() -> dict[str, str]:
    """The product's own tables that an action can be done to, with their names in the singular, by name."""
    own = [model for model in apps.get_models() if Path(_app_of(model).path).parent == settings.BASE_DIR]
    return dict(sorted(((m._meta.db_table, str(m._meta.verbose_name)) for m in own), key=lambda kind: kind[1]))


@functools.cache
def tables_with_uuids() -> tuple[str, ...]:
    """Tables whose rows are named by `entity_id`; the id of others stands in `entity_type`, after the table."""
    return tuple(sorted(m._meta.db_table for m in apps.get_models() if isinstance(m._meta.pk, models.UUIDField)))


@functools.cache
def _kinds() -> dict[str, str]:
    return {model._meta.db_table: str(model._meta.verbose_name) for model in apps.get_models()}


def entity_name(entity_type: str) -> str:
    """What a row of that table is called: `conversations` → `conversa`; a table that is gone stands for itself."""
    table = entity_type.partition(":")[0]
    return _kinds().get(table, table)


@functools.cache
def value_name(entity_type: str, key: str) -> str:
    """What a value is called: as on the form of the object it belongs to, or as the log itself calls it."""
    table = entity_type.partition(":")[0]
    for model in apps.get_models():
        if model._meta.db_table == table:
            fields = {field.name: str(field.verbose_name) for field in model._meta.fields}
            named = fields.get(key, "")
            return named if named and named != key.replace("_", " ") else VALUES.get(key, key)
    return VALUES.get(key, key)


def _app_of(model: type[models.Model]) -> Any:
    return apps.get_app_config(model._meta.app_label)
