"""What the staff calls the tables, and how many rows of one."""

from romagent.numbers import thousands

TABLES = {
    "conversations": "conversas",
    "messages": "mensagens",
    "documents": "documentos",
    "document_versions": "versões de documentos",
    "office_units": "unidades do escritório",
    "document_type_versions": "adaptações de tipos de peça",
    "document_drafts": "redações de documentos",
    "document_proposals": "propostas de alteração de documentos",
    "uploads": "arquivos",
    "summaries": "resumos",
    "deadlines": "prazos",
    "court_holidays": "dias sem prazo",
    "court_cases": "processos consultados",
    "court_case_requests": "consultas de processos",
    "projects": "projetos",
    "ai_operations": "chamadas ao modelo",
    "audit_log": "registros de auditoria",
    "sessions": "sessões",
    "usersessions": "navegadores anotados",
    "procrastinate_jobs": "trabalhos da fila",
    "procrastinate_periodic_defers": "anotações da fila",
    "data_exports": "cópias dos próprios dados",
    "subject_runs": "cópias para titulares",
    "files": "arquivos sem dono",
}
ONE = {
    "conversations": "conversa",
    "messages": "mensagem",
    "documents": "documento",
    "document_versions": "versão de documento",
    "office_units": "unidade do escritório",
    "document_type_versions": "adaptação de tipo de peça",
    "document_drafts": "redação de documento",
    "document_proposals": "proposta de alteração de documento",
    "uploads": "arquivo",
    "summaries": "resumo",
    "deadlines": "prazo",
    "court_holidays": "dia sem prazo",
    "court_cases": "processo consultado",
    "court_case_requests": "consulta de processo",
    "projects": "projeto",
    "ai_operations": "chamada ao modelo",
    "audit_log": "registro de auditoria",
    "sessions": "sessão",
    "usersessions": "navegador anotado",
    "procrastinate_jobs": "trabalho da fila",
    "procrastinate_periodic_defers": "anotação da fila",
    "data_exports": "cópia dos próprios dados",
    "subject_runs": "cópia para titulares",
    "files": "arquivo sem dono",
}


def counted(table: str, count: int) -> str:
    """`1 mensagem`, `2.000 mensagens`."""
    return f"{thousands(count)} {(ONE if count == 1 else TABLES)[table]}"
