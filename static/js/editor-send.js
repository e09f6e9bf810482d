/* One saving: what is sent, what came of it, and what there is to say about it. */

import { reloadPage, signInAgain } from "./page.js";

const PATIENCE_MS = 30_000;
const KEPT = "seu texto está guardado neste navegador";
const NOT_KEPT = "este navegador não pôde guardar seu texto: copie-o antes de fechar";

/** The server's answer with its status; status 0 when there was none. With `keep`, the text becomes a version. */
export async function send(address, token, fields, { keep = false, keepalive = false } = {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  if (keep) body.set("guardar", "1");
  const headers = { "HX-Request": "true", "X-CSRFToken": token };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(address, { method: "POST", headers, body, signal, keepalive });
    return { ...(await response.json().catch(() => ({}))), status: response.status };
  } catch {
    return { status: 0 };
  }
}

/** What is said of an answer that is no success, and whether it is worth trying again by itself. */
export function trouble({ status, error }, isKept) {
  const where = isKept ? KEPT : NOT_KEPT;
  const lasting = {
    401: () => signInAgain(`Sua sessão terminou: ${where}.`),
    403: () => reloadPage(`Não foi possível salvar nesta página: ${where}.`),
    404: () => `O documento foi excluído, ou você não participa mais do projeto: ${where}.`,
  };
  for (const refused of [400, 413, 422]) lasting[refused] = () => `${error ?? "O texto é grande demais para ser salvo"}: ${where}.`;
  if (lasting[status]) return { words: lasting[status](), isPassing: false };
  const words = status ? `O servidor não respondeu: ${where}. Tentando de novo…` : `Sem conexão: ${where}.`;
  return { words, isPassing: true };
}
