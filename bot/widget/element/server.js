/* Requests, and the stream of what happens. */

/** Milliseconds. */
const ANSWER_TIMEOUT = 10_000;
/** Browsers let a request outlive its page up to 64 KiB. */
const KEEPALIVE_BYTES = 60_000;

/** The gateway, at an address that the API's addresses are relative to. */
class Server {
  #base;

  constructor(base) {
    this.#base = base;
  }

  /** @returns {Promise<Response>} @throws where nothing comes back */
  fetch(method, path, token, signal, data) {
    const body = data && JSON.stringify(data);
    const headers = { ...(body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }) };
    const keepalive = Boolean(body) && body.length * 3 < KEEPALIVE_BYTES;
    return fetch(`${this.#base}api/chat/${path}`, { method, body, headers, signal, keepalive, cache: "no-store", credentials: "omit" });
  }

  /** @returns {Promise<Answer>} */
  async ask(method, path, token, data, timeout = ANSWER_TIMEOUT) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeout);
    try {
      const response = await this.fetch(method, path, token, stop.signal, data);
      return { status: response.status, body: parse(await response.text()), wait: waitOf(response) };
    } catch {
      return { status: 0, body: null, wait: 0 };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Milliseconds that the server asks to wait. */
const waitOf = (response) => Number(response.headers.get("Retry-After")) * 1000 || 0;

/** Server-sent events, with each piece that the network brings. */
async function* eventsOf(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = blocks.pop();
    yield blocks.map(toEvent);
  }
}

function toEvent(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  return { event: fields.event, data: parse(fields.data) };
}

/** Pauses between tries grow, and are scattered so that not everybody comes at once. Milliseconds. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

class Pause {
  #tries = 0;

  next() {
    const full = Math.min(FIRST_PAUSE * 2 ** this.#tries, LONGEST_PAUSE);
    this.#tries += 1;
    return full * (0.5 + Math.random() / 2);
  }

  reset() {
    this.#tries = 0;
  }
}
