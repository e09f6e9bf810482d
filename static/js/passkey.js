/* Passkeys (WebAuthn): makes one, or shows one to sign in or to confirm who one is, and sends the form with it. */

const WORDS = {
  NotAllowedError: "A chave de acesso não foi usada: o pedido foi cancelado ou passou do prazo.",
  InvalidStateError: "Este aparelho já tem uma chave de acesso desta conta.",
  SecurityError: "Chaves de acesso só funcionam no endereço do escritório, com https.",
};
const NOT_HERE = "Este navegador não tem chaves de acesso, ou o endereço não é seguro (https).";
const FAILED = "A chave de acesso não pôde ser usada. Tente de novo.";

/** The server's options: in the page, or (at the door, where each would make a session) asked for when needed. */
async function optionsFor(form) {
  const given = document.getElementById("passkey-options");
  if (given) return JSON.parse(given.textContent);
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (response.ok) return response.json();
  throw Object.assign(new Error(), { words: `Pedidos demais. Espere um minuto e tente de novo.` });
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const withBytes = (list = []) => list.map((item) => ({ ...item, id: bytes(item.id) }));

function create({ publicKey }) {
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: withBytes(publicKey.excludeCredentials),
      // One that signs in by itself is kept where it is made, and asks for a PIN, a finger or a face.
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    },
  });
}

function get({ publicKey }) {
  const allowCredentials = withBytes(publicKey.allowCredentials);
  return navigator.credentials.get({ publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials } });
}

/** As the server reads it: every buffer as base64url. */
function plain(credential) {
  const { response } = credential;
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const parts = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { ...Object.fromEntries(parts), transports: response.getTransports?.() ?? [] },
  };
}

async function use(form) {
  const trouble = form.querySelector("[data-passkey-trouble]");
  const button = form.querySelector("button");
  trouble.hidden = true;
  button.disabled = true;
  try {
    if (!window.PublicKeyCredential) throw Object.assign(new Error(), { words: NOT_HERE });
    const options = await optionsFor(form);
    const credential = await (form.dataset.passkey === "create" ? create : get)(options.creation_options ?? options.request_options);
    form.elements.credential.value = JSON.stringify(plain(credential));
    form.submit();
  } catch (error) {
    trouble.textContent = error.words ?? WORDS[error.name] ?? FAILED;
    trouble.hidden = false;
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault(); // form.submit() above sends it without coming here again
    use(form);
  });
}
