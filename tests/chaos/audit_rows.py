"""Every act has its audit row, and no audit row is without its act: both counted in PostgreSQL, act by act."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos import cases
from tests.chaos.office import Office

SINCE = "audit.created_at >= %(since)s"
# What should give nothing: an act that has not exactly one row, or a row that has no act.
ONE_EACH = {
    "conversa.criar": "SELECT id FROM conversations WHERE created_at >= %(since)s",
    "mensagem.enviar": "SELECT id FROM messages WHERE role = 'user'",
    "documento.criar": "SELECT id FROM documents WHERE created_at >= %(since)s",
    "arquivo.enviar": "SELECT id FROM uploads WHERE NOT metadata ? 'multipart'",
    "arquivo.lido": "SELECT id FROM uploads WHERE upload_status = 'ready'",
    "arquivo.nao-lido": "SELECT id FROM uploads WHERE upload_status = 'failed'",
    "documento.redigir": "SELECT document_id AS id FROM document_drafts",
    "documento.concluir-redacao": "SELECT document_id AS id FROM document_drafts WHERE state = 'done'",
    "resumo.pedir": "SELECT id FROM summaries",
    "resumo.concluir": "SELECT id FROM summaries WHERE status = 'complete'",
    "conversa.titulo": "SELECT id FROM conversations WHERE metadata ->> 'titled' = 'assistant'",
}
EACH = """
WITH acts AS ({acts}), told AS (
    SELECT entity_id AS id, count(*) AS times FROM audit_log AS audit
    WHERE action = %(action)s AND audit.created_at >= %(since)s GROUP BY 1
)
SELECT coalesce(acts.id, told.id) AS id, acts.id IS NOT NULL AS is_done, coalesce(times, 0) AS times
FROM acts FULL JOIN told ON told.id = acts.id WHERE acts.id IS NULL OR coalesce(times, 0) <> 1
"""
# A title may be replaced by the person afterwards: then the row of the assistant's stays.
MAY_STAND_ALONE = {"conversa.titulo"}

# A reply ends once, and once more each time it was gone on with; one that was stopped while it waited ends by that.
ENDINGS = """
SELECT messages.id, messages.status, told.endings, told.resumed, told.stops, told.last
FROM messages JOIN LATERAL (
    SELECT count(*) FILTER (WHERE action LIKE 'resposta.%%') AS endings,
        count(*) FILTER (WHERE action = 'mensagem.continuar') AS resumed,
        count(*) FILTER (WHERE action = 'mensagem.parar') AS stops,
        (array_agg(action ORDER BY created_at DESC, id DESC) FILTER (WHERE action LIKE 'resposta.%%'))[1] AS last
    FROM audit_log WHERE entity_id = messages.id
) AS told ON true
WHERE role = 'assistant' AND (
    endings > 1 + resumed OR endings + stops < 1 + resumed OR stops = 0 AND last <> 'resposta.' || status
)
"""
# Every further reply to a question was asked for, once.
REDONE = """
SELECT question.id, count(*) AS replies, (
    SELECT count(*) FROM audit_log WHERE action = 'mensagem.refazer' AND entity_id IN (
        SELECT id FROM messages AS one WHERE one.reply_to_id = question.id AND one.role = 'assistant')
) AS redone FROM messages AS question JOIN messages AS reply ON reply.reply_to_id = question.id
WHERE question.role = 'user' AND reply.role = 'assistant' GROUP BY 1 HAVING count(*) <> 1 + (
    SELECT count(*) FROM audit_log WHERE action = 'mensagem.refazer' AND entity_id IN (
        SELECT id FROM messages AS one WHERE one.reply_to_id = question.id AND one.role = 'assistant')
)
"""
# A summary ends once, and once more each time it was gone on with.
SUMMED = """
SELECT summaries.id, status, told.* FROM summaries JOIN LATERAL (
    SELECT count(*) FILTER (WHERE action IN ('resumo.concluir', 'resumo.falhar', 'resumo.parar')) AS endings,
        count(*) FILTER (WHERE action = 'resumo.continuar') AS resumed,
        (array_agg(action ORDER BY created_at DESC, id DESC) FILTER (WHERE action <> 'resumo.pedir'))[1] AS last
    FROM audit_log WHERE entity_id = summaries.id
) AS told ON true
WHERE endings <> 1 + resumed
    OR last <> CASE status WHEN 'complete' THEN 'resumo.concluir' WHEN 'failed' THEN 'resumo.falhar' ELSE 'resumo.parar' END
"""
# Each part of a draft was put into the document once.
PARTS = """
SELECT document_id, part, count(audit.id) AS told
FROM document_drafts LEFT JOIN audit_log AS audit ON entity_id = document_id AND action = 'documento.escrever'
GROUP BY 1, 2 HAVING count(audit.id) <> part
"""
# Each revision of a document was saved with a version, so each has its row; and each text aside.
REVISIONS = """
SELECT documents.id, revision, count(audit.id) AS told, count(DISTINCT audit.new_value ->> 'revision') AS different
FROM documents LEFT JOIN audit_log AS audit
    ON audit.entity_id = documents.id AND action IN ('documento.editar', 'documento.escrever')
GROUP BY 1, 2 HAVING count(audit.id) <> revision - 1 OR count(DISTINCT audit.new_value ->> 'revision') <> revision - 1
"""
ASIDE = """
SELECT coalesce(versions.document_id, audit.entity_id) AS id, number, audit.new_value
FROM (SELECT * FROM document_versions WHERE is_aside) AS versions
FULL JOIN (SELECT * FROM audit_log WHERE action = 'documento.guardar-a-parte') AS audit
    ON audit.entity_id = versions.document_id AND (audit.new_value ->> 'version')::int = versions.number
WHERE versions.id IS NULL OR audit.id IS NULL
"""
NAMES = """
SELECT conversations.id, title, told.new_value ->> 'title' AS told FROM conversations JOIN LATERAL (
    SELECT * FROM audit_log WHERE action = 'conversa.renomear' AND entity_id = conversations.id
    ORDER BY created_at DESC, id DESC LIMIT 1
) AS told ON true WHERE title <> told.new_value ->> 'title'
"""
COUNTED_ELSEWHERE = ("mensagem.continuar", "mensagem.parar", "mensagem.refazer", "documento.editar",
    "documento.escrever", "documento.parar-redacao", "documento.continuar-redacao", "resumo.falhar", "resumo.parar",
    "resumo.continuar", cases.ADDED, cases.REMOVED, "documento.guardar-a-parte", "conversa.renomear",
    "arquivo.iniciar-envio", "arquivo.baixar",
    "resposta.complete", "resposta.stopped", "resposta.interrupted", "resposta.failed")  # fmt: skip
OTHERS = """
SELECT action, count(*) AS times FROM audit_log AS audit
WHERE created_at >= %(since)s AND action <> ALL(%(known)s) GROUP BY 1
"""
STRAY = """
SELECT action, entity_id FROM audit_log WHERE created_at >= %(since)s AND (
    entity_type = 'messages' AND NOT EXISTS (SELECT FROM messages WHERE id = entity_id)
    OR entity_type = 'uploads' AND NOT EXISTS (SELECT FROM uploads WHERE id = entity_id)
    OR entity_type = 'documents' AND NOT EXISTS (SELECT FROM documents WHERE id = entity_id)
    OR entity_type = 'conversations' AND NOT EXISTS (SELECT FROM conversations WHERE id = entity_id)
)
"""


def check_audit(office: Office, since: object) -> Iterator[str]:
    """`since`: when the first lawyer began, by PostgreSQL's clock."""

    def rows(query: str, **values: object) -> list[dict[str, object]]:
        return office.rows_named(query, since=since, **values)

    for action, acts in ONE_EACH.items():
        for row in rows(EACH.format(acts=acts), action=action):
            if action in MAY_STAND_ALONE and row["times"] == 1:
                continue
            is_done = "done" if row["is_done"] else "not there"
            yield f"{action} {row['id']}: {is_done}, and told {row['times']} times"
    for query, what in (
        (ENDINGS, "a reply's ends"), (REDONE, "further replies"), (REVISIONS, "a document's revisions"),
        (SUMMED, "a summary's ends"), (PARTS, "a draft's parts"), (ASIDE, "a text aside"), (NAMES, "a conversation's name"), (STRAY, "a row without its object"),
    ):  # fmt: skip
        for row in rows(query):
            yield f"{what}: {row}"
    for row in rows(OTHERS, known=[*ONE_EACH, *COUNTED_ELSEWHERE]):
        yield f"{row['times']} rows of {row['action']}, which nobody did"
