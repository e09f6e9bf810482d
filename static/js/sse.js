/* Server-sent events out of a fetch response: one parser for the answer to a POST and for a GET (EventSource can
   do neither a POST nor status codes). https://html.spec.whatwg.org/multipage/server-sent-events.html */

const SILENCE_MS = 45_000; // the server sends a comment every 15 s; three missing ones are a dead connection

/** Whether the response is an event stream, not a page that some proxy or redirect put in its place. */
export function isStream(response) {
  return response.ok && (response.headers.get("Content-Type") ?? "").startsWith("text/event-stream");
}

/** Yields `{ type, data, id, retry }` until the stream ends; throws when it breaks, or had better be opened anew. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let event = fresh();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await whileAlive(reader.read());
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line) {
          take(event, line);
        } else {
          if (event.lines.length || event.retry) yield { ...event, data: event.lines.join("\n") };
          event = fresh();
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function fresh() {
  return { type: "message", lines: [], id: "", retry: 0 };
}

function take(event, line) {
  const [, field, value] = line.match(/^([^:]*):? ?(.*)$/s);
  if (field === "event") event.type = value;
  if (field === "data") event.lines.push(value);
  if (field === "id") event.id = value;
  if (field === "retry") event.retry = Number.parseInt(value, 10) || 0;
}

/** Gives up on a silent connection, on one of a network that is gone, and on one of a page that is being left. */
function whileAlive(promise) {
  const over = new AbortController();
  const { signal } = over;
  const dead = new Promise((_, reject) => {
    const timer = setTimeout(reject, SILENCE_MS, new Error("silence"));
    signal.addEventListener("abort", () => clearTimeout(timer));
    addEventListener("online", () => reject(new Error("another network")), { signal });
    addEventListener("pagehide", () => reject(new Error("left")), { signal });
  });
  return Promise.race([promise, dead]).finally(() => over.abort());
}
