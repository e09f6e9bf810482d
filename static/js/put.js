/* One request whose progress can be seen, which `fetch` cannot show. */

// A line may die without a word: then nothing moves, and nothing fails either for a quarter of an hour. Once something has
// gone, even the slowest takes more in these times (ms).
const STALLED = { sending: 60_000, answering: 180_000 };

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

/** No answer came. `isGone`: all was on its way, so that it may have arrived. */
export class Lost extends Error {
  constructor(isGone) {
    super("connection lost");
    this.isGone = isGone;
  }
}

/** Sends `body`, tells `sent` how many bytes have gone, and gives the answer's text. */
export function put(url, body, { method = "PUT", headers = {}, signal, sent = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let [isGone, watch] = [false, 0];
    const goesOn = () => {
      clearTimeout(watch);
      watch = setTimeout(() => request.abort(), isGone ? STALLED.answering : STALLED.sending);
    };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      goesOn();
      sent(event.loaded);
    });
    request.upload.addEventListener("load", () => {
      isGone = true;
      goesOn();
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve(request.responseText);
      else reject(new Refused(request.status, request.responseText));
    });
    for (const end of ["error", "abort"]) request.addEventListener(end, () => reject(new Lost(isGone)));
    request.addEventListener("loadend", () => clearTimeout(watch));
    signal.throwIfAborted(); // what is opened only would not be given up, and be sent all the same
    signal.addEventListener("abort", () => request.abort());
    request.send(body); // may stand in the browser's own queue for long: nothing is said of that
  });
}
