/* What goes in and out, as the other parts use it. */

/**
 * @typedef {{title: string, text: string}} Choice
 * @typedef {{document: string, section: string}} Source
 * @typedef {{from: "patient", id: string, text: string, title: string, state: "sending"|"waiting"|"stored"|"failed",
 *            done: boolean, why: string, to?: string|null, position: number|null, at: string}} Own
 *   done: it need not be sent (again). to: the talk it was first sent to, null for a new one; each try repeats it,
 *   because the server knows a repeat by both ids. why: of a failure, the name of a text
 * @typedef {{from: "assistant"|"staff", name: string, text: string, kind: string, topic: string, version: string,
 *            buttons: Choice[], sources: Source[], position: number|null, at: string, answers: string,
 *            helpful: boolean|null, untold: boolean}} Reply
 *   answers: id of the own message. untold: `helpful` is to be sent yet
 * @typedef {{from: "note"}} Note   a new talk begins here
 * @typedef {Own|Reply|Note} Entry
 * @typedef {{reference: string, tier: string, status: string, with: string, paged_at: string, seen_at: string,
 *            writing: boolean}} Escalation
 * @typedef {{status: number, body: any, wait: number}} Answer   status 0: nothing usable came. wait: ms that are asked for
 */

const aString = (value) => (typeof value === "string" ? value : "");
const aList = (value) => (Array.isArray(value) ? value.filter((item) => item && typeof item === "object") : []);
const aPlace = (value) => (Number.isSafeInteger(value) ? value : null);

/** Some fields, each as a string. */
const strings = (raw, ...names) => Object.fromEntries(names.map((name) => [name, aString(raw[name])]));

/** @returns {Reply} */
function toReply(raw) {
  return {
    ...strings(raw, "name", "text", "kind", "topic", "version", "at", "answers"),
    from: raw.from === "staff" ? "staff" : "assistant",
    buttons: aList(raw.buttons).map((choice) => strings(choice, "title", "text")),
    sources: aList(raw.sources).map((source) => strings(source, "document", "section")),
    position: aPlace(raw.position),
    helpful: typeof raw.helpful === "boolean" ? raw.helpful : null,
    untold: raw.untold === true,
  };
}

/** @returns {Own} */
function toOwn(raw) {
  return {
    ...strings(raw, "text", "title", "why", "at"),
    from: "patient",
    id: aString(raw.id) || newId(),
    state: ["sending", "stored", "failed"].includes(raw.state) ? raw.state : "waiting",
    done: raw.done === true,
    position: aPlace(raw.position),
    ...("to" in raw && { to: aString(raw.to) || null }),
  };
}

/** One of the storage's. @returns {Entry} */
function toEntry(raw) {
  if (raw.from === "patient") return toOwn(raw);
  return raw.from === "note" ? { from: "note" } : toReply(raw);
}

/** One of the server's `messages`. @returns {Entry} */
function toMember(raw) {
  if (raw.from === "patient") return toOwn({ ...raw, id: raw.message_id, state: "stored", done: raw.state !== "received" });
  return toReply({ ...raw.reply, ...raw, answers: raw.in_reply_to });
}

/** @returns {Escalation|null} */
function toEscalation(raw) {
  if (!raw || !aString(raw.reference)) return null;
  return { ...strings(raw, "reference", "tier", "status", "with", "paged_at", "seen_at"), writing: raw.writing === true };
}

const isPending = (entry) => entry.from === "patient" && !entry.done && entry.state !== "failed";
