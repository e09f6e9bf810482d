"""What the staff calls the tables."""

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
