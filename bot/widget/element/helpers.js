/* Small things that several parts need. */

const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** @param {AbortSignal} signal ends it @param {Record<string, (event: Event) => void>} listeners by the event's name */
function listenTo(target, signal, listeners) {
  for (const [name, listener] of Object.entries(listeners)) target.addEventListener(name, listener, { signal });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** As unguessable as a UUID; randomUUID itself is missing where a page is not served securely. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Half of a character, as a broken paste can leave, would be refused. */
const wellFormed = (text) => new TextDecoder().decode(new TextEncoder().encode(text));
