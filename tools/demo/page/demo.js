// Draws the state that the server sends, and posts what is done with the phones.
"use strict";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const WORDS = { text: "Text message of", say: "What is said by" };
const drawn = new Map();
const byId = (id) => document.getElementById(id);
let latest = null;

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (response && response.ok) return tell("");
  const problem = response ? await response.json().catch(() => ({})) : {};
  return tell(problem.error ? `That did not work: ${problem.error}.` : "That did not work: is the demo still running?");
}

let complaint = "";
function tell(text) {
  complaint = text;
  status();
}

function status() {
  const ready = latest && latest.ready;
  const text = complaint || (ready ? "" : "The assistant is starting: severe reports are taken already, questions are answered in a minute or two.");
  const notice = byId("status");
  notice.classList.toggle("is-bad", Boolean(complaint));
  if (notice.textContent !== text) notice.textContent = text;
  notice.hidden = !text;
}

const act = (number, what, words = "") => post("/phone", { number, do: what, words });

function speak(entry) {
  if (!byId("aloud").checked || !("speechSynthesis" in window)) return;
  const utterance = new SpeechSynthesisUtterance(entry.text);
  utterance.lang = entry.language;
  speechSynthesis.speak(utterance);
}

class Phone {
  constructor(state) {
    this.number = state.number;
    this.last = null;
    const box = byId("phone").content.firstElementChild.cloneNode(true);
    this.box = box;
    this.find = (selector) => box.querySelector(selector);
    this.find("h3").textContent = state.name;
    box.setAttribute("aria-label", `Phone of ${state.name}`);
    this.find(".phone__about").textContent = `${state.about} · ${state.number}`;
    this.thread = this.find(".thread");
    this.thread.setAttribute("aria-label", `What came to ${state.name} and what ${state.name} sent`);
    this.name = state.name;
    this.keypad();
    this.listen();
    if (state.kind !== "patient") this.find('[data-act="picture"]').remove();
    byId(state.kind === "patient" ? "patients" : "staff").append(box);
  }

  keypad() {
    for (const key of KEYS) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = key;
      button.addEventListener("click", () => act(this.number, "press", key));
      this.find(".keys").append(button);
    }
  }

  listen() {
    for (const button of this.box.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => act(this.number, button.dataset.act));
    }
    const field = this.find(".write input");
    field.id = `write-${this.number}`;
    this.find(".write label").htmlFor = field.id;
    this.find(".write").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      act(this.number, this.speaks ? "say" : "text", field.value.trim());
      field.value = "";
    });
    this.find(".line select").addEventListener("change", (event) => act(this.number, "line", event.target.value));
  }

  draw(state) {
    const call = state.call;
    this.speaks = Boolean(call && call.speech);
    this.box.classList.toggle("rings", state.rings);
    this.find(".badge--duty").hidden = !state.on_duty;
    this.badge(state);
    this.find(".ring").hidden = !state.rings;
    this.find(".call").hidden = !call;
    for (const key of this.box.querySelectorAll(".keys button")) key.disabled = !(call && call.keys);
    this.find('[data-act="silent"]').disabled = !(call && (call.waits === "Gather" || call.waits === "Record"));
    this.find(".idle").hidden = Boolean(call);
    this.find(".line select").value = state.line;
    const what = this.speaks ? "say" : "text";
    this.find(".write label").textContent = `${WORDS[what]} ${this.name}`;
    this.find(".write input").placeholder = this.speaks ? "Say something…" : "Text the clinic…";
    this.find(".write button").textContent = this.speaks ? "Say" : "Text";
    this.entries(state.entries);
  }

  badge(state) {
    const words = state.rings ? "rings" : !state.call ? "" : state.call.waits === "talk" ? "talking" : state.call.waits === "Dial" ? "is put through" : "in a call";
    const badge = this.find(".badge--state");
    badge.hidden = !words;
    badge.textContent = words;
  }

  entries(entries) {
    const isFirst = this.last === null;
    const fresh = entries.filter((entry) => entry.id > (this.last || 0));
    this.last = entries.length ? entries[entries.length - 1].id : 0;
    if (isFirst && !entries.length) {
      const empty = document.createElement("li");
      empty.className = "empty";
      empty.textContent = "Nothing yet";
      this.thread.append(empty);
    }
    if (!fresh.length) return;
    const empty = this.thread.querySelector(".empty");
    if (empty) empty.remove();
    for (const entry of fresh) this.add(entry, isFirst);
    this.thread.scrollTop = this.thread.scrollHeight;
  }

  add(entry, isOld) {
    const line = document.createElement("li");
    line.className = entry.kind;
    line.lang = entry.language;
    line.textContent = entry.kind === "pressed" ? `Presses ${entry.text}` : entry.text;
    line.title = entry.at;
    this.thread.append(line);
    if (entry.kind === "heard" && !isOld) speak(entry);
  }
}

function draw(state) {
  latest = state;
  byId("time").textContent = state.time;
  byId("shift").textContent = state.shift_minutes ? `(${state.shift_minutes} min ahead)` : "";
  for (const phone of state.phones) {
    if (!drawn.has(phone.number)) drawn.set(phone.number, new Phone(phone));
    drawn.get(phone.number).draw(phone);
  }
  drawSwitches(state.switches);
  for (const link of document.querySelectorAll("[data-link]")) link.href = state.clinic + link.dataset.link;
  const account = state.account;
  byId("account").textContent = account.password ? `(${account["user name"]}, ${account.password})` : "";
  drawLog(state.log.join("\n"));
  status();
}

function drawSwitches(switches) {
  for (const box of document.querySelectorAll("[data-switch]")) box.checked = switches[box.dataset.switch];
  const parts = [];
  if (switches.left) parts.push(`${switches.left} requests are still to meet that.`);
  if (switches.waiting) parts.push("One text waits for the next.");
  const text = parts.join(" ");
  if (byId("left").textContent !== text) byId("left").textContent = text;
}

function drawLog(text) {
  const log = byId("log");
  if (log.textContent === text) return;
  const follows = log.scrollTop + log.clientHeight > log.scrollHeight - 40;
  log.textContent = text;
  if (follows) log.scrollTop = log.scrollHeight;
}

// The reference is in the newest page of whoever is on call.
function takeReport() {
  for (const phone of latest ? latest.phones : []) {
    if (phone.kind !== "staff") continue;
    const page = phone.entries.filter((entry) => entry.kind === "received").pop();
    const found = page && /report ([A-Z0-9]{5})/i.exec(page.text);
    if (found) return act(phone.number, "text", found[1]);
  }
  return tell("Nobody has been paged by text yet.");
}

for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => act(button.dataset.number, button.dataset.do, button.dataset.words));
}
for (const button of document.querySelectorAll("[data-minutes]")) {
  button.addEventListener("click", () => post("/clock", { minutes: Number(button.dataset.minutes) }));
}
for (const box of document.querySelectorAll("[data-switch]")) {
  box.addEventListener("change", () => post("/company", { switch: box.dataset.switch, on: box.checked }));
}
byId("take").addEventListener("click", takeReport);
byId("calm").addEventListener("click", () => post("/company", {}));
byId("trouble").addEventListener("submit", (event) => {
  event.preventDefault();
  post("/company", { trouble: byId("manner").value, times: Number(byId("times").value) });
});

const events = new EventSource("/events");
events.addEventListener("message", (event) => draw(JSON.parse(event.data)));
events.addEventListener("error", () => tell("The demo does not answer: is it still running in the terminal?"));
events.addEventListener("open", () => tell(""));
