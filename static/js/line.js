/* The line to the server: whether it is there, and waiting until it is again. All who wait ask together. */

const PATIENCE_MS = 10_000; // a line that takes everything and brings nothing back is none
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [1_000, 15_000]; // between two questions; doubles
const TRIES = 5; // of what fails beside a server that answers
const PAUSE_MS = 500; // before the second of them; doubles
const FINAL = [401, 403, 404, 409, 410, 422]; // with words: asked again, the answer would be the same

let coming = null;

/** Asked of the server itself: a browser may believe to be offline beside a server that it reaches, or believe in a
    network that leads nowhere. */
export async function isThere() {
  const answer = await fetch("/health/", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
  return Boolean(answer?.ok);
}

/** Waits until the server answers again, or until `signal` is given up: then it throws. */
export async function isBack(signal) {
  signal.throwIfAborted();
  coming ??= asked().finally(() => (coming = null));
  await Promise.race([coming, new Promise((done) => signal.addEventListener("abort", done, { once: true }))]);
  signal.throwIfAborted();
}

async function asked() {
  for (let pause = FIRST_PAUSE_MS; !(await isThere()); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    await new Promise((done) => {
      setTimeout(done, pause);
      addEventListener("online", done, { once: true });
    });
  }
}

/** Does it until it is done: anew as soon as the line is back, however long it was `away`; a few times where it fails
    beside a server that answers. */
export async function persistently(act, { signal, away, failed = () => {} }) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (failure) {
      failed();
      if (signal.aborted || (FINAL.includes(failure.status) && failure.words)) throw failure;
      if (isWordless(failure) && !(await isThere())) {
        away();
        await isBack(signal);
        attempt = 0;
      } else if (attempt === TRIES) throw failure;
      else await new Promise((done) => setTimeout(done, PAUSE_MS * 2 ** (attempt - 1)));
    }
  }
}

/** Nothing came back, or what stands before a server that is away has answered in its place. */
const isWordless = ({ status, words }) => !(status < 500) && !words;
