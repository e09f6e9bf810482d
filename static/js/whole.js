/* A small file on its way through the server, with the form as it is. What was cut before all of it was gone cannot have
   arrived: it goes anew when the line is back. What was cut later is not sent twice unasked. */

import { isBack, isThere } from "./line.js";
import { Lost, put } from "./put.js";

/** All was on its way when the line was cut: it may have arrived. */
export class Unheard extends Error {}

export async function sendWhole(file, { form, signal, sent, away }) {
  const body = new FormData(form);
  body.set("file", file, file.name);
  const headers = { "HX-Request": "true", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  for (;;) {
    try {
      return JSON.parse(await put(form.action, body, { method: "POST", headers, signal, sent }));
    } catch (failure) {
      if (signal.aborted || !(failure instanceof Lost)) throw failure;
      if (failure.isGone) throw new Unheard("no answer");
      if (await isThere()) throw failure;
      away();
      await isBack(signal);
    }
  }
}
