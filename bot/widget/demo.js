/**
 * The demonstration page's chat: plain text over POST /api/chat/messages, with GET /readyz
 * for the banners. Everything the server or the patient wrote reaches the page as textContent.
 */
"use strict";

/**
 * @typedef {"answer"|"clarify"|"fallback"|"handoff"|"smalltalk"|"safety"|"out_of_scope"} Kind
 * @typedef {{title: string, text: string}} Choice
 * @typedef {{document: string, section: string}} Source
 * @typedef {{text: string, kind: Kind, buttons: Choice[], sources: Source[],
 *            from: string}} Reply  from: a member of staff; empty for the assistant
 * @typedef {{reference: string, tier: string, status: string, with: string}} Escalation
 * @typedef {{conversationId: string, replies: Reply[], escalation: Escalation|null}} Answer
 * @typedef {{role: "patient", id: string, title: string, text: string,
 *            status: "sending"|"sent"|"failed", error: string,
 *            sentTo?: string|null}} PatientEntry  sentTo: the conversation it was first sent to,
 *   null for a new one; a retry repeats it, because the server knows a repeat by both ids
 * @typedef {{role: "assistant", reply: Reply}} AssistantEntry
 * @typedef {{conversationId: string|null, escalation: Escalation|null,
 *            entries: (PatientEntry|AssistantEntry)[], opening: Promise<void>|null,
 *            seen: number}} Session  seen: position of the last entry that came by the live connection
 * @typedef {"ready"|"limited"|"closed"|"unreachable"} Health
 */

const MESSAGES_URL = "/api/chat/messages";
const EVENTS_URL = "/api/chat/events";
const READY_URL = "/readyz";
const STORAGE_KEY = "clinic-chat.v1";

const MESSAGE_TIMEOUT_MS = 30_000;
const READY_TIMEOUT_MS = 5_000;
/** A hung first message may hold back the next one (perhaps an emergency) for this long only. */
const OPENING_WAIT_MS = 4_000;
const POLL_READY_MS = 15_000;
const POLL_DOWN_MS = 3_000;
/** After a lost live connection; each failure doubles the pause up to the second figure. */
const LIVE_RETRY_MS = 1_000;
const LIVE_RETRY_MOST_MS = 30_000;
const DEFAULT_MAX_CHARACTERS = 1_000;
/** The counter appears once this share of the limit is used. */
const COUNTER_FROM = 0.8;

const STATUS_TEXT = { sending: "Sending…", sent: "Sent", failed: "Not sent" };
const NOT_TWICE = "Press Retry: the clinic will not receive it twice.";
const ERROR_TEXT = {
  network: `The connection to the server failed. ${NOT_TWICE} If it keeps failing, call the clinic.`,
  timeout: `No answer came in time. ${NOT_TWICE}`,
  unreadable: `The answer could not be read. ${NOT_TWICE}`,
  reloaded: `The page was reloaded before an answer came. ${NOT_TWICE}`,
  server: "The chat could not handle this message. Press Retry, or call the clinic.",
};

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => document.getElementById(id);

const view = {
  strip: byId("emergency-strip"),
  chat: byId("chat"),
  banners: byId("banners"),
  escalation: byId("escalation"),
  scroller: byId("scroller"),
  log: byId("log"),
  starters: byId("starters"),
  typing: byId("typing"),
  form: byId("composer"),
  input: byId("message"),
  count: byId("message-count"),
  startOver: byId("start-over"),
  dialog: byId("confirm-clear"),
  announcer: byId("announcer"),
};

const maxCharacters = Number.parseInt(view.chat.dataset.maxCharacters, 10) || DEFAULT_MAX_CHARACTERS;

/* ---------- small helpers ---------- */

/** @param {number} ms */
const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** @param {unknown} value */
const asText = (value) => (typeof value === "string" ? value : "");

/** @param {unknown} value @returns {any[]} */
const asList = (value) => (Array.isArray(value) ? value.filter(Boolean) : []);

/** Length in characters, not UTF-16 units: an emoji must not count twice. @param {string} text */
const characters = (text) => [...text].length;

/** A version 4 UUID; randomUUID is missing where the page is not served securely. */
function newMessageId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param {string} templateId @returns {HTMLElement} */
function clone(templateId) {
  return byId(templateId).content.firstElementChild.cloneNode(true);
}

/** @param {string} tag @param {string} className @param {string} text */
function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/* ---------- session, kept in this tab only ---------- */

/** @returns {Session} */
function emptySession() {
  return { conversationId: null, escalation: null, entries: [], opening: null, seen: 0 };
}

/** @returns {Session} */
function loadSession() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
    return {
      ...emptySession(),
      conversationId: asText(stored.conversationId) || null,
      escalation: toEscalation(stored.escalation),
      entries: asList(stored.entries).map(toEntry),
      seen: Number.isInteger(stored.seen) ? stored.seen : 0,
    };
  } catch {
    return emptySession();
  }
}

/** A message that was under way when the page went: its fate is unknown, so offer Retry. */
function toEntry(stored) {
  if (stored.role === "assistant") return { role: "assistant", reply: toReply(stored.reply) };
  const entry = {
    role: "patient",
    id: asText(stored.id) || newMessageId(),
    title: asText(stored.title),
    text: asText(stored.text),
    status: stored.status === "sent" ? "sent" : "failed",
    error: asText(stored.error),
  };
  if (stored.status === "sending") entry.error = ERROR_TEXT.reloaded;
  if ("sentTo" in stored) entry.sentTo = asText(stored.sentTo) || null;
  return entry;
}

function saveSession() {
  const { conversationId, escalation, entries, seen } = session;
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ conversationId, escalation, entries, seen }));
  } catch {
    // Storage is full or switched off: the chat still works, a reload forgets it.
  }
}

/* ---------- the server's answers ---------- */

class ChatError extends Error {
  /** @param {string} message @param {number} status 0 when no HTTP answer came */
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** @returns {Reply} */
function toReply(raw) {
  return {
    text: asText(raw?.text),
    kind: asText(raw?.kind) || "answer",
    buttons: asList(raw?.buttons).map(({ title, text }) => ({ title: asText(title), text: asText(text) })),
    from: asText(raw?.from),
    sources: asList(raw?.sources).map((source) => ({
      document: asText(source.document),
      section: asText(source.section),
    })),
  };
}

/** @returns {Escalation|null} */
function toEscalation(raw) {
  if (!raw?.reference) return null;
  return {
    reference: String(raw.reference),
    tier: asText(raw.tier),
    status: asText(raw.status),
    with: asText(raw.with),
  };
}

/** @returns {Answer} */
function toAnswer(body) {
  if (!asText(body?.conversation_id) || !Array.isArray(body.replies)) throw new ChatError(ERROR_TEXT.unreadable);
  return {
    conversationId: body.conversation_id,
    replies: asList(body.replies).map(toReply),
    escalation: toEscalation(body.escalation),
  };
}

/**
 * Fetch and read JSON; the time limit covers the body too.
 * @param {string} url @param {number} timeoutMs @param {RequestInit} [options]
 * @returns {Promise<{status: number, ok: boolean, body: any}>} body is undefined if it is no JSON
 */
async function fetchJson(url, timeoutMs, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    const response = await fetch(url, { cache: "no-store", ...options, signal: stop.signal });
    const text = await response.text();
    return { status: response.status, ok: response.ok, body: parseJson(text) };
  } catch {
    throw new ChatError(stop.signal.aborted ? ERROR_TEXT.timeout : ERROR_TEXT.network);
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {PatientEntry} entry @param {string|null} conversationId @returns {Promise<Answer>} */
async function postMessage(entry, conversationId) {
  const message = { text: entry.text, message_id: entry.id };
  if (conversationId) message.conversation_id = conversationId;
  const { ok, status, body } = await fetchJson(MESSAGES_URL, MESSAGE_TIMEOUT_MS, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
    keepalive: true,
  });
  if (!ok) throw new ChatError(asText(body?.error?.message) || ERROR_TEXT.server, status);
  return toAnswer(body);
}

/* ---------- delivering a message ---------- */

/** Wait for a first message that is under way, so that one talk stays one conversation. */
async function awaitOpening(owner) {
  const late = delay(OPENING_WAIT_MS).then(() => "late");
  while (!owner.conversationId && owner.opening) {
    if ((await Promise.race([owner.opening, late])) === "late") return;
  }
}

/** @param {Session} owner @param {PatientEntry} entry @param {string|null} id */
async function postAndAdopt(owner, entry, id) {
  const answer = await postMessage(entry, id);
  // Of two conversations opened at once, stay in the one where staff were alerted.
  if (!owner.conversationId || answer.escalation) owner.conversationId = answer.conversationId;
  return answer;
}

/**
 * Send one message, as a new conversation if the server no longer knows the old one.
 * @param {Session} owner @param {PatientEntry} entry @returns {Promise<Answer>}
 */
async function exchange(owner, entry, mayReopen = true) {
  const id = await addressOf(owner, entry);
  const request = postAndAdopt(owner, entry, id);
  if (!id) trackOpening(owner, request);
  try {
    return await request;
  } catch (error) {
    if (!mayReopen || !id || error.status !== 404) throw error;
    if (owner.conversationId === id) owner.conversationId = null;
    delete entry.sentTo;
    return exchange(owner, entry, false);
  }
}

/**
 * The conversation to send an entry to, settled at the first try.
 * @param {Session} owner @param {PatientEntry} entry @returns {Promise<string|null>}
 */
async function addressOf(owner, entry) {
  if (entry.sentTo === undefined) {
    await awaitOpening(owner);
    entry.sentTo = owner.conversationId;
    if (owner === session) saveSession();
  }
  return entry.sentTo;
}

/** @param {Session} owner @param {Promise<Answer>} request */
function trackOpening(owner, request) {
  const opening = request.then(() => {}, () => {}).then(() => {
    if (owner.opening === opening) owner.opening = null;
  });
  owner.opening = opening;
}

/** @param {PatientEntry} entry */
async function deliver(entry) {
  const owner = session;
  setStatus(entry, "sending");
  const result = await exchange(owner, entry).catch((error) => error);
  if (owner !== session) return; // "Start over" came first
  if (result instanceof Error) {
    setStatus(entry, "failed", result instanceof ChatError ? result.message : ERROR_TEXT.server);
    pollHealth();
    return;
  }
  setStatus(entry, "sent");
  receive(result);
}

/** @param {Answer} answer */
function receive(answer) {
  const added = answer.replies.map((reply) => {
    session.entries.push({ role: "assistant", reply });
    return showReply(reply);
  });
  noteEscalation(answer.escalation);
  showEscalation();
  saveSession();
  if (added.length > 0) scrollToStartOf(added[0]);
  followLive();
}

/* ---------- what comes without being asked: notices and staff messages ---------- */

/** The running connection and whose conversation it follows. */
const live = { conversationId: "", stop: new AbortController(), failures: 0 };

/** Follow the talk from now on; does nothing while it is followed already. */
function followLive() {
  const id = session.conversationId;
  if (!id || live.conversationId === id) return;
  live.stop.abort();
  live.conversationId = id;
  live.stop = new AbortController();
  live.failures = 0;
  keepFollowing(id, live.stop.signal);
}

/** @param {string} id @param {AbortSignal} signal */
async function keepFollowing(id, signal) {
  while (!signal.aborted) {
    await readEvents(id, signal).catch(() => {});
    if (signal.aborted) return;
    live.failures += 1;
    await delay(Math.min(LIVE_RETRY_MS * 2 ** (live.failures - 1), LIVE_RETRY_MOST_MS));
  }
}

/** One connection, read to its end. The token goes in a header: an address may end up in a log. */
async function readEvents(id, signal) {
  const response = await fetch(`${EVENTS_URL}?after=${session.seen}`, {
    headers: { Authorization: `Bearer ${id}` },
    cache: "no-store",
    signal,
  });
  if (!response.ok) throw new ChatError(ERROR_TEXT.network, response.status);
  live.failures = 0;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) takeEvent(block);
  }
}

/** @param {string} block the lines of one server-sent event */
function takeEvent(block) {
  const fields = Object.fromEntries(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const data = parseJson(fields.data ?? "");
  if (fields.event === "message" && data) takeEntry(data);
  if (fields.event === "escalation") {
    noteEscalation(toEscalation(data));
    showEscalation();
    saveSession();
  }
}

/** Answers come with the message that asked; what nobody asked for comes here. */
function takeEntry(entry) {
  if (!(entry.position > session.seen)) return;
  session.seen = entry.position;
  const reply = toReply({ ...entry.reply, text: entry.text });
  const unasked = entry.from === "staff" || asText(entry.reply?.topic).startsWith("notice/");
  if (unasked) {
    if (entry.from === "staff") reply.from = asText(entry.name);
    session.entries.push({ role: "assistant", reply });
    const message = showReply(reply);
    scrollToStartOf(message);
  }
  saveSession();
}

/**
 * null: the server has no open escalation here, or cannot look. Keep the reference, claim no status.
 * @param {Escalation|null} escalation
 */
function noteEscalation(escalation) {
  if (escalation) session.escalation = escalation;
  else if (session.escalation) session.escalation.status = "";
}

/** @param {string} text what the server gets @param {string} title what the patient sees */
function say(text, title = text) {
  const entry = { role: "patient", id: newMessageId(), title, text, status: "sending", error: "" };
  session.entries.push(entry);
  showPatient(entry);
  scrollToEnd();
  deliver(entry);
}

/* ---------- showing the conversation ---------- */

/** Replies to an earlier question must not be answered out of turn. */
function retireChoices() {
  for (const choices of view.log.querySelectorAll(".choices")) choices.remove();
}

/** @param {PatientEntry} entry */
function showPatient(entry) {
  const message = clone("patient-template");
  message.dataset.messageId = entry.id;
  message.querySelector(".bubble__text").textContent = entry.title || entry.text;
  retireChoices();
  view.log.append(message);
  view.starters.hidden = true;
  showStatus(entry);
}

/** @param {PatientEntry} entry @param {PatientEntry["status"]} status */
function setStatus(entry, status, error = "") {
  entry.status = status;
  entry.error = error;
  showStatus(entry);
  showPending();
  saveSession();
}

/** @param {PatientEntry} entry */
function showStatus(entry) {
  const message = view.log.querySelector(`[data-message-id="${CSS.escape(entry.id)}"]`);
  message.querySelector(".message__status").textContent = STATUS_TEXT[entry.status];
  message.classList.toggle("message--failed", entry.status === "failed");
  message.querySelector(".failure")?.remove();
  if (entry.status === "failed") message.append(failureOf(entry));
}

/** @param {PatientEntry} entry */
function failureOf(entry) {
  const failure = clone("failure-template");
  failure.querySelector(".failure__text").textContent = entry.error || ERROR_TEXT.server;
  failure.querySelector("button").addEventListener("click", () => {
    restFocus();
    deliver(entry);
  });
  return failure;
}

function showPending() {
  const pending = session.entries.some((entry) => entry.status === "sending");
  view.typing.hidden = !pending;
  if (pending) scrollToEnd();
}

/** @param {Reply} reply @returns {HTMLElement} */
function showReply(reply) {
  const message = clone("assistant-template");
  const bubble = message.querySelector(".bubble");
  message.classList.add(`message--${reply.kind.replace(/[^a-z]/g, "-")}`);
  message.querySelector(".bubble__text").textContent = reply.text;
  if (reply.kind === "safety") {
    bubble.prepend(clone("safety-label-template"));
    bubble.append(clone("safety-actions-template"));
  }
  if (reply.from) bubble.prepend(make("p", "bubble__label", `${reply.from}, clinic staff`));
  else if (reply.kind === "handoff") bubble.prepend(clone("handoff-label-template"));
  if (reply.sources.length > 0) bubble.append(sourcesOf(reply.sources));
  if (reply.buttons.length > 0) message.append(choicesOf(reply.buttons));
  view.log.append(message);
  return message;
}

/** @param {Source[]} sources */
function sourcesOf(sources) {
  const details = clone("sources-template");
  details.querySelector("summary").textContent = `Sources (${sources.length})`;
  const lines = sources.map((source) => [source.document, source.section].filter(Boolean).join(" – "));
  details.querySelector("ul").append(...lines.map((line) => make("li", "", line)));
  return details;
}

/** @param {Choice[]} choices */
function choicesOf(choices) {
  const group = make("div", "choices", "");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Suggested replies");
  for (const { title, text } of choices) {
    const button = make("button", "chip", title || text);
    button.type = "button";
    button.addEventListener("click", () => choose(text || title, title || text));
    group.append(button);
  }
  return group;
}

/** @param {string} text @param {string} title */
function choose(text, title) {
  restFocus();
  say(text, title);
}

function showEscalation() {
  const { reference, tier, status, with: owner } = session.escalation ?? {};
  const parts = [reference && `Reference ${reference}`, tier, status, owner && `with ${owner}`].filter(Boolean);
  const line = parts.join(" · ").replaceAll("_", " ");
  if (view.escalation.textContent !== line) view.escalation.textContent = line;
}

/** The pressed button is about to go. On touch screens do not open the keyboard. */
function restFocus() {
  const target = matchMedia("(pointer: fine)").matches ? view.input : view.scroller;
  target.focus({ preventScroll: true });
}

function scrollToEnd() {
  view.scroller.scrollTop = view.scroller.scrollHeight;
}

/** A long answer is read from its start. @param {HTMLElement} message */
function scrollToStartOf(message) {
  const offset = message.getBoundingClientRect().top - view.scroller.getBoundingClientRect().top;
  view.scroller.scrollTop += offset - 12;
}

function showSession() {
  for (const entry of session.entries) {
    if (entry.role === "patient") showPatient(entry);
    else showReply(entry.reply);
  }
  view.starters.hidden = session.entries.length > 0;
  showEscalation();
  showPending();
  if (session.entries.length > 0) scrollToEnd();
}

/* ---------- starting over ---------- */

function clearSession() {
  live.stop.abort();
  live.conversationId = "";
  session = emptySession();
  saveSession();
  for (const message of view.log.querySelectorAll(".message:not(#welcome)")) message.remove();
  view.input.value = "";
  showCount();
  showSession();
  view.scroller.scrollTop = 0;
  view.announcer.textContent = "The conversation was cleared.";
}

/** Not modal: the emergency links stay usable while the question is open. */
function askToClear() {
  view.announcer.textContent = "";
  view.dialog.returnValue = "keep";
  if (session.entries.length > 0) view.dialog.show();
  else clearSession();
}

/* ---------- writing a message ---------- */

/** @returns {number} how many characters too many */
function showCount() {
  const used = characters(view.input.value.trim());
  const over = Math.max(0, used - maxCharacters);
  const shown = used > maxCharacters * COUNTER_FROM;
  const text = over > 0 ? `Too long by ${over}` : `${maxCharacters - used} characters left`;
  view.count.textContent = shown ? text : "";
  view.count.classList.toggle("composer__count--over", over > 0);
  view.input.setAttribute("aria-invalid", String(over > 0));
  return over;
}

/** @param {SubmitEvent} event */
function submitMessage(event) {
  event.preventDefault();
  const text = view.input.value.trim();
  const over = showCount();
  if (text && over === 0) {
    view.input.value = "";
    showCount();
    say(text);
  }
  view.input.focus({ preventScroll: true });
}

/** @param {KeyboardEvent} event Enter also ends a composed character (IME); that one is not ours. */
function sendOnEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  if (!event.repeat) view.form.requestSubmit();
}

/* ---------- is the server well? ---------- */

/** @returns {Promise<Health>} */
async function checkHealth() {
  try {
    const { status, body } = await fetchJson(READY_URL, READY_TIMEOUT_MS);
    if (typeof body?.ready !== "boolean") return "unreachable"; // a proxy spoke, not the gateway
    if (status === 200 && body.ready) return "ready";
    return body.checks?.database?.ok === false ? "closed" : "limited";
  } catch {
    return "unreachable";
  }
}

/** @param {Health} health */
function showHealth(health) {
  for (const banner of view.banners.querySelectorAll("[data-health]")) {
    banner.hidden = banner.dataset.health !== health;
  }
}

const polling = { timer: 0, busy: false };

/** Check now and plan the next check; does nothing while the page is hidden. */
async function pollHealth() {
  clearTimeout(polling.timer);
  if (document.hidden || polling.busy) return;
  polling.busy = true;
  const health = await checkHealth();
  polling.busy = false;
  if (document.hidden) return; // a sleeping tab's failed check says nothing
  showHealth(health);
  polling.timer = setTimeout(pollHealth, health === "ready" ? POLL_READY_MS : POLL_DOWN_MS);
}

/* ---------- start ---------- */

/** The strip wraps at narrow widths and large text; layout and focus need its real height. */
function trackStripHeight() {
  const update = () => {
    const height = view.strip.getBoundingClientRect().height;
    document.documentElement.style.setProperty("--strip-height", `${height}px`);
  };
  new ResizeObserver(update).observe(view.strip);
  update();
}

function listen() {
  view.form.addEventListener("submit", submitMessage);
  view.input.addEventListener("keydown", sendOnEnter);
  view.input.addEventListener("input", showCount);
  view.startOver.addEventListener("click", askToClear);
  view.dialog.addEventListener("close", () => {
    if (view.dialog.returnValue === "clear") clearSession();
  });
  view.dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") view.dialog.close("keep");
  });
  view.starters.addEventListener("click", (event) => {
    const chip = event.target.closest(".chip");
    if (chip) choose(chip.textContent, chip.textContent);
  });
  document.addEventListener("visibilitychange", pollHealth);
  for (const name of ["online", "offline"]) addEventListener(name, pollHealth);
}

function start() {
  trackStripHeight();
  listen();
  byId("loading").hidden = true;
  view.form.hidden = false;
  view.startOver.hidden = false;
  showSession();
  saveSession();
  pollHealth();
  followLive();
}

let session = loadSession();
start();
