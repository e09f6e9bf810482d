/* The editor's scripts, which are heavier than all else in the page and come when one wants to write. */

const RETRY_MS = 1_000, RETRY_MOST_MS = 15_000;
const pause = (milliseconds) => new Promise((done) => {
  setTimeout(done, milliseconds);
  addEventListener("online", done, { once: true });
});

/** Waits for a connection, if there is none: `failed` is told each time. Rejects when the server has them no more. */
export async function scripts(address, failed) {
  // What a browser once failed to fetch as a module it never fetches again for the same page: so it is in its cache first.
  for (let delay = RETRY_MS; !(await isFetched(address)); delay = Math.min(delay * 2, RETRY_MOST_MS)) {
    failed();
    await pause(delay);
  }
  return import("./editor-writing.js");
}

async function isFetched(address) {
  let response = null;
  try {
    response = await fetch(address);
    await response.arrayBuffer();
  } catch {
    return false;
  }
  if (response.status < 500 && !response.ok) throw new Error(`the editor's script: ${response.status}`);
  return response.ok;
}
