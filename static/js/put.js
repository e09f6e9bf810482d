/* One request whose progress can be seen, which `fetch` cannot show. */

/** An answer that is not a success; `words` is what the server says of it, when it says something. */
export class Refused extends Error {
  constructor(status, text) {
    super(`status ${status}`);
    this.status = status;
    try {
      this.words = JSON.parse(text).error;
    } catch {
      this.words = "";
    }
  }
}

/** Sends `body`, tells `sent` how many bytes have gone, and gives the answer's text. */
export function put(url, body, { method = "PUT", headers = {}, signal, sent = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => sent(event.loaded));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve(request.responseText);
      else reject(new Refused(request.status, request.responseText));
    });
    request.addEventListener("error", () => reject(new Error("connection lost")));
    request.addEventListener("abort", () => reject(new Error("cancelled")));
    if (signal.aborted) request.abort();
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
