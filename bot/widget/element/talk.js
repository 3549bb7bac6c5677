/* One talk with the server: sent, followed and kept, whatever happens to the network. */

/** All times in milliseconds. */
const MESSAGE_TIMEOUT = 30_000;
/** A message that hangs holds back the next one (perhaps an emergency) for this long only. */
const HOLD = 4_000;
/** A tab that nobody looks at gives its connection back after this. */
const HIDDEN_FOR = 60_000;
const TYPING_EVERY = 4_000;
/** A talk that began while the database was away is known when that is back: it is looked for so often. */
const PATIENCE = 10;
/** So many of the latest entries are kept for a reload; the server has the rest. */
const KEPT = 200;

/**
 * Knows nothing of how it is shown. `view` is told: added(entries, isNews), changed(entry), redrawn(entries, isNews),
 * linked(), reported(), forgotten().
 */
class Talk {
  /** @type {Escalation|null} */
  escalation;
  /** What is wrong with the connection: a name of TEXTS, or "". */
  trouble = "";
  /** Whether the storage refuses. */
  isVolatile = false;
  /** Whether the server has older entries than those here. */
  hasOlder;

  #entries;
  /** The talk's key. @type {string|null} */
  #token;
  /** Everything up to this position has been seen. */
  #seen;
  /** Talks that are to be deleted on the server yet. @type {string[]} */
  #toForget;
  #server;
  #store;
  #view;
  #flying = new Set();
  #isPumping = false;
  #isHeldUp = false;
  #retryTimer = 0;
  #pause = new Pause();
  /** @type {Following|null} */
  #following = null;
  #hiddenTimer = 0;
  #isAsleep = false;
  #typedAt = 0;
  /** How often the server may say yet that it does not know the talk. */
  #patience = 0;
  /** Another number once the talk is another: what comes late is not taken for it. */
  #era = 0;

  constructor(server, store, view) {
    this.#server = server;
    this.#store = store;
    this.#view = view;
    const kept = store.read("talk") ?? {};
    this.#token = aString(kept.token) || null;
    this.#seen = aPlace(kept.seen) ?? 0;
    this.hasOlder = kept.hasOlder === true;
    this.#entries = new Entries(aList(kept.entries).map(toEntry));
    this.escalation = toEscalation(kept.escalation);
    this.#toForget = Array.isArray(kept.toForget) ? kept.toForget.map(aString) : [];
  }

  get entries() {
    return this.#entries.list;
  }

  /** Whether a talk waits to be deleted on the server. */
  get isForgettingLater() {
    return this.#toForget.length > 0;
  }

  /**
   * Go on where the last page stopped, and notice when the network or the reader comes back.
   * @param {AbortSignal} signal ends it
   */
  start(signal) {
    const offline = () => this.#linkIs("offline");
    listenTo(globalThis, signal, { online: this.retry, offline, pagehide: this.#hangUp, pageshow: this.retry });
    listenTo(document, signal, { visibilitychange: this.#looked });
    signal.addEventListener("abort", () => {
      clearTimeout(this.#retryTimer);
      this.#hangUp();
    });
    this.#save();
    this.retry();
  }

  /** Try everything that waits, now. */
  retry = () => {
    clearTimeout(this.#retryTimer);
    this.#isHeldUp = false;
    this.#following?.hurry();
    this.#follow();
    this.#pump();
    this.#tellFeedback();
    this.#tellForgotten();
    if (this.trouble && !this.#token && !this.#nextToSend()) this.facts();
  };

  /** @param {string} text what the server gets @param {string} title what the patient sees */
  say(text, title = "") {
    const own = toOwn({ text: wellFormed(text), title, at: new Date().toISOString(), state: "sending" });
    this.entries.push(own);
    this.#save();
    this.#view.added([own], false);
    this.retry();
  }

  /** Take a message back that the server refused. @param {Own} own */
  withdraw(own) {
    this.#entries.list = this.entries.filter((entry) => entry !== own);
    this.#save();
    this.#view.redrawn();
  }

  /** @param {Reply} reply @param {boolean|null} helpful */
  rate(reply, helpful) {
    reply.helpful = helpful;
    reply.untold = true;
    this.#save();
    this.#view.changed(reply);
    this.#tellFeedback();
  }

  /** The patient is writing: of interest only while somebody of the staff has the talk. */
  typing() {
    const now = Date.now();
    if (this.escalation?.status !== "with_staff" || now - this.#typedAt < TYPING_EVERY) return;
    this.#typedAt = now;
    this.#server.ask("POST", "typing", this.#token, { writing: true });
  }

  /** Whether the server answers, and what it says of the clinic. @returns {Promise<object|null>} */
  async facts() {
    const { status, body, wait } = await this.#server.ask("GET", "config");
    if (status === 200) this.#heard();
    else if (!this.#token) this.#later(status, wait);
    return status === 200 ? body : null;
  }

  /** Everything older, from the server. */
  async loadOlder() {
    const first = this.entries.find((entry) => entry.position)?.position ?? Infinity;
    let after = 0;
    for (let more = true; more && after < first; ) {
      const { status, body } = await this.#server.ask("GET", `messages?after=${after}`, this.#token);
      if (status !== 200) return;
      const members = aList(body?.messages).map(toMember);
      this.#entries.merge(members, this.#isFlying);
      after = members.at(-1)?.position ?? Infinity;
      more = body.more === true;
    }
    this.hasOlder = false;
  }

  /**
   * Delete the talk; with `here`, remove it from this tab whatever the server says.
   * @returns {Promise<{isGone: boolean, text: string}>} text: why it is not, in the server's words; none without a connection
   */
  async forget(here = false) {
    const token = this.#token;
    if (token && !here) {
      const { status, body } = await this.#server.ask("DELETE", "conversation", token);
      if (![200, 404].includes(status)) return { isGone: false, text: aString(body?.text) };
    } else if (token) this.#toForget.push(token);
    if (this.#token === token) this.#clear();
    this.#tellForgotten();
    return { isGone: true, text: "" };
  }

  /* ----- how the connection is ----- */

  #linkIs(trouble) {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.#view.linked();
  }

  /** A message was taken in: the rest will be too. */
  #reached() {
    this.#pause.reset();
    this.#linkIs("");
    if (this.#isHeldUp) this.retry();
  }

  /** Something came back, which does not say yet that messages are taken in. */
  #heard() {
    if (this.trouble === "offline" || !this.#isHeldUp) this.#reached();
  }

  /** @param {number} status that came instead, 0 for nothing @param {number} wait ms that the server asks for */
  #later(status, wait = 0) {
    this.#isHeldUp = true;
    for (const own of this.entries) if (own.state === "sending" && !this.#flying.has(own)) this.#mark(own, "waiting");
    this.#linkIs({ 0: "offline", 429: "busy" }[status] ?? "trouble");
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(this.retry, Math.max(wait, this.#pause.next()));
  }

  /* ----- sending ----- */

  /** Send what waits, in order. */
  async #pump() {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let own = this.#nextToSend(); own && !this.#isHeldUp; own = this.#nextToSend()) {
      await Promise.race([this.#send(own), delay(HOLD)]);
    }
    this.#isPumping = false;
  }

  #isFlying = (own) => this.#flying.has(own);

  #nextToSend() {
    return this.entries.find((entry) => isPending(entry) && !this.#isFlying(entry));
  }

  /** @param {Own} own */
  async #send(own) {
    const era = this.#era;
    if (own.to === undefined) own.to = this.#token;
    this.#flying.add(own);
    this.#mark(own, own.state === "stored" ? "stored" : "sending");
    const message = { text: own.text, message_id: own.id, ...(own.to && { conversation_id: own.to }) };
    const answer = await this.#server.ask("POST", "messages", null, message, MESSAGE_TIMEOUT);
    this.#flying.delete(own);
    if (era === this.#era) this.#settle(own, answer);
  }

  /** @param {Own} own @param {Answer} answer */
  #settle(own, { status, body, wait }) {
    if (status === 200 && aString(body?.conversation_id)) return this.#taken(own, body);
    if (status === 404 && own.to) return this.#unknown(own);
    if (status === 413 || status === 400) {
      own.why = status === 413 ? "failed_long" : "failed_refused";
      return this.#mark(own, "failed");
    }
    this.#mark(own, own.state === "stored" ? "stored" : "waiting");
    return this.#later(status === 200 ? 500 : status, wait);
  }

  /** @param {Own} own */
  #taken(own, body) {
    const isStored = !["kept", "not_stored"].includes(body.state);
    own.done = body.state !== "not_stored";
    this.#adopt(body, isStored);
    if (isStored) {
      this.#escalationIs(toEscalation(body.escalation));
      this.#reached();
    }
    this.#mark(own, own.done ? "stored" : "waiting");
    if (!own.done) this.#later(503);
    const is = { at: new Date().toISOString(), answers: own.id, ...(this.#token !== body.conversation_id && { position: null }) };
    this.#take(aList(body.replies).map((reply) => toReply({ ...reply, ...is })), true);
    this.#follow();
  }

  /** Of two talks that were opened at once, stay in the one where staff were alerted. */
  #adopt({ conversation_id: id, escalation }, isStored) {
    if (isStored && this.#token === id) this.#patience = 0;
    if (this.#token && (this.#token === id || !escalation)) return;
    if (this.#token) this.#leave();
    this.#token = id;
    this.#patience = isStored ? 0 : PATIENCE;
  }

  /** The server does not know this talk any more: a new one, with what is not sent yet. @param {Own} own */
  #unknown(own) {
    if (!this.#lose(own.to)) {
      this.#mark(own, "waiting");
      return this.#later(404);
    }
    delete own.to;
    this.#mark(own, "sending");
    return this.#pump();
  }

  /** @returns {boolean} whether the talk with this key is given up */
  #lose(token) {
    if (this.#token !== token) return true;
    this.#patience -= 1;
    if (this.#patience >= 0) return false;
    this.#leave();
    this.#escalationIs(null);
    const waiting = this.entries.filter(isPending);
    const old = this.entries.filter((entry) => !isPending(entry));
    this.#entries.list = [...old, ...(old.length > 0 ? [{ from: "note" }] : []), ...waiting];
    this.#save();
    this.#view.redrawn();
    return true;
  }

  /** What stays on the screen has no place in the next talk. */
  #leave() {
    this.#token = null;
    this.#seen = 0;
    this.hasOlder = false;
    for (const entry of this.entries) Object.assign(entry, { position: null, untold: false });
    this.#hangUp();
  }

  #mark(own, state) {
    own.state = state;
    this.#save();
    this.#view.changed(own);
  }

  /** @param {Entry[]} arrived @param {boolean} isNews whether the patient has not seen them before */
  #take(arrived, isNews) {
    const { added, changed, isInOrder } = this.#entries.merge(arrived, this.#isFlying);
    this.#save();
    if (!isInOrder) this.#view.redrawn(added, isNews);
    else if (added.length > 0) this.#view.added(added, isNews);
    for (const entry of changed) this.#view.changed(entry);
  }

  #escalationIs(escalation) {
    this.escalation = escalation;
    this.#save();
    this.#view.reported();
  }

  /* ----- following ----- */

  /** Does nothing while the talk is followed already. */
  #follow() {
    const token = this.#token;
    if (!token || this.#following || this.#isAsleep) return;
    const talk = this;
    this.#following = new Following(this.#server, token, {
      get seen() { return talk.#seen; },
      heard: () => this.#heard(),
      failed: (times) => { if (!this.trouble && (times > 1 || !navigator.onLine)) this.#linkIs("offline"); },
      unknown: () => this.#lose(token),
      hear: (messages, isNews) => this.#hear(messages, isNews),
      escalation: (raw) => this.#escalationIs(toEscalation(raw)),
      forgotten: () => this.#clear(this.entries.filter(isPending)),
    });
  }

  /** A talk whose entries were not kept here is read again, which is no news. */
  #hear(messages, isNews) {
    const wasKnown = this.#seen > 0 || this.entries.length > 0;
    this.#seen = Math.max(this.#seen, ...messages.map((message) => aPlace(message.position) ?? 0));
    this.#take(messages.map(toMember), isNews || wasKnown);
  }

  #looked = () => {
    clearTimeout(this.#hiddenTimer);
    this.#isAsleep = false;
    if (document.hidden) this.#hiddenTimer = setTimeout(this.#sleep, HIDDEN_FOR);
    else this.retry();
  };

  /** Somebody who waits for the staff may do so in another tab; everybody else gives the connection back. */
  #sleep = () => {
    if (this.escalation) return;
    this.#isAsleep = true;
    this.#hangUp();
  };

  #hangUp = () => {
    this.#following?.stop();
    this.#following = null;
  };

  /* ----- what is told when it can be ----- */

  async #tellFeedback() {
    for (const reply of this.entries.filter((entry) => entry.untold && entry.position !== null)) {
      const { position, helpful } = reply;
      const { status } = await this.#server.ask("POST", "feedback", this.#token, { position, helpful });
      if (!status || status >= 429) return;
      if (reply.helpful === helpful) reply.untold = false;
      this.#save();
    }
  }

  async #tellForgotten() {
    for (const token of [...this.#toForget]) {
      const { status } = await this.#server.ask("DELETE", "conversation", token);
      if (!status || status >= 429) return this.#later(status);
      this.#toForget = this.#toForget.filter((other) => other !== token);
      this.#save();
    }
  }

  /** @param {Own[]} kept what is not sent yet goes to the next talk */
  #clear(kept = []) {
    this.#era += 1;
    this.#leave();
    for (const own of kept) delete own.to;
    this.#entries.list = kept;
    this.escalation = null;
    this.#save();
    this.#view.forgotten();
  }

  #save() {
    const { entries } = this;
    const kept = entries.filter((entry, index) => isPending(entry) || index >= entries.length - KEPT);
    const talk = {
      token: this.#token, seen: this.#seen, escalation: this.escalation, toForget: this.#toForget,
      hasOlder: this.hasOlder || kept.length < entries.length,
    };
    const isKept = this.#store.write("talk", { ...talk, entries: kept })
      || this.#store.write("talk", { ...talk, hasOlder: true, entries: kept.filter(isPending) });
    if (this.isVolatile === !isKept) return;
    this.isVolatile = !isKept;
    this.#view.linked();
  }
}
