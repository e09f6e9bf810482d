/* Every reply on the page that is still being written is followed: after a load, a reload, a return (bfcache). */

import { follow, letGo } from "./stream.js";

function followAll() {
  for (const article of document.querySelectorAll("article[data-stream]")) follow(article);
}

followAll();
addEventListener("pagehide", letGo);
addEventListener("pageshow", (event) => {
  if (event.persisted) followAll();
});
