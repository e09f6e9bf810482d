/* The page of an outage asks again until the server is back, then shows what was asked for.
   Always with GET: what was posted is not sent a second time; the draft is in the page it came from. */

const LONGEST_WAIT_S = 30;

const line = document.querySelector("[data-retry]");
let wait = Number(line?.dataset.retry);

async function ask() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (response?.status === 405) history.back(); // this address only takes forms
  else if (response && response.status < 500) location.replace(location.pathname + location.search); // without its #, which would not load anything
  else later(Number(response?.headers.get("Retry-After")) || wait * 2);
}

function later(seconds) {
  wait = Math.min(seconds, LONGEST_WAIT_S);
  setTimeout(ask, wait * 1000);
}

if (line) later(wait);
