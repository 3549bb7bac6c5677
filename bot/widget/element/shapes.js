/* What goes in and out, as the other parts use it. */

/**
 * @typedef {{title: string, text: string}} Choice
 * @typedef {{document: string, section: string}} Source
 * @typedef {{from: "patient", id: string, text: string, title: string, state: "sending"|"waiting"|"stored"|"failed",
 *            done: boolean, why: string, to?: string|null, position: number|null, at: string}} Own
 *   done: it need not be sent (again). to: the talk it was first sent to, null for a new one; each try repeats it,
 *   because the server knows a repeat by both ids. why: of a failure, the name of a text
 * @typedef {{from: "assistant"|"staff", name: string, text: string, kind: string, topic: string, version: string, buttons: Choice[],
 *            sources: Source[], position: number|null, at: string, answers: string, helpful: boolean|null,
 *            untold: boolean}} Reply   answers: id of the own message. untold: `helpful` is to be sent yet
 * @typedef {{from: "note"}} Note   a new talk begins here
 * @typedef {Own|Reply|Note} Entry
 * @typedef {{reference: string, tier: string, status: string, with: string, pagedAt: string, seenAt: string,
 *            writing: boolean}} Escalation
 */

const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const words = (value) => (typeof value === "string" ? value : "");
const items = (value) => (Array.isArray(value) ? value.filter((item) => item && typeof item === "object") : []);
const whole = (value) => (Number.isSafeInteger(value) ? value : null);
/** In characters, not UTF-16 units: an emoji must not count twice. */
const lengthOf = (text) => [...text].length;
/** Half of a character, as a broken paste can leave, would be refused. */
const wellFormed = (text) => text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(^|[^\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "$1\uFFFD");

/** A version 4 UUID; randomUUID is missing where the page is not served securely. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/* ---------- what comes from outside, as this code uses it ---------- */

/** @returns {Reply} */
function toReply(raw) {
  return {
    from: raw.from === "staff" ? "staff" : "assistant",
    name: words(raw.name),
    text: words(raw.text),
    kind: words(raw.kind),
    topic: words(raw.topic),
    version: words(raw.version),
    buttons: items(raw.buttons).map(({ title, text }) => ({ title: words(title) || words(text), text: words(text) })),
    sources: items(raw.sources).map((source) => ({ document: words(source.document), section: words(source.section) })),
    position: whole(raw.position),
    at: words(raw.at),
    answers: words(raw.answers),
    helpful: typeof raw.helpful === "boolean" ? raw.helpful : null,
    untold: raw.untold === true,
  };
}

/** @returns {Own} */
function toOwn(raw) {
  const own = {
    from: "patient",
    id: words(raw.id) || newId(),
    text: words(raw.text),
    title: words(raw.title) || words(raw.text),
    state: ["stored", "failed"].includes(raw.state) ? raw.state : "waiting",
    done: raw.done === true,
    why: words(raw.why),
    position: whole(raw.position),
    at: words(raw.at),
  };
  if ("to" in raw) own.to = words(raw.to) || null;
  return own;
}

/** One of the storage's. @returns {Entry} */
function toEntry(raw) {
  if (raw.from === "patient") return toOwn(raw);
  return raw.from === "note" ? { from: "note" } : toReply(raw);
}

/** One of the server's `messages`. @returns {Entry} */
function toMember(raw) {
  if (raw.from === "patient") {
    const answered = raw.state !== "received";
    return toOwn({ ...raw, id: raw.message_id, state: "stored", done: answered });
  }
  return toReply({ ...raw.reply, ...raw, answers: raw.in_reply_to });
}

/** @returns {Escalation|null} */
function toEscalation(raw) {
  if (!raw || !words(raw.reference)) return null;
  return {
    reference: raw.reference,
    tier: words(raw.tier),
    status: words(raw.status),
    with: words(raw.with),
    pagedAt: words(raw.paged_at ?? raw.pagedAt),
    seenAt: words(raw.seen_at ?? raw.seenAt),
    writing: raw.writing === true,
  };
}

const isPending = (entry) => entry.from === "patient" && !entry.done && entry.state !== "failed";
