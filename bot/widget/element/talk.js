/* One talk with the server: sent, followed and kept, whatever happens to the network. */

/** All times in milliseconds. */
const MESSAGE_TIMEOUT = 30_000;
const OTHER_TIMEOUT = 10_000;
/** A message that hangs holds back the next one (perhaps an emergency) for this long only. */
const HOLD = 4_000;
/** Pauses between tries grow from the first to the second, and are scattered so that not everybody comes at once. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
/** The server says something every 15 seconds. */
const SILENCE = 40_000;
/** Where something on the way holds back the stream, ask this often. */
const ASK_EVERY = 5_000;
/** A tab that nobody looks at gives its connection back after this. */
const HIDDEN_FOR = 60_000;
const TYPING_EVERY = 4_000;
/** A talk that began while the database was away is known when that is back: it is looked for so often. */
const PATIENCE = 10;
/** So many of the latest entries are kept for a reload; the server has the rest. */
const KEPT = 200;
/** Browsers let a request outlive its page up to 64 KiB. */
const KEEPALIVE_BYTES = 60_000;

/** Growing, scattered pauses. */
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

/**
 * Sends, follows and keeps a talk; knows nothing of how it is shown.
 * `view` is told: added(entries, fresh), changed(entry), redrawn(), linked(), reported(), forgotten().
 */
class Talk {
  /** @type {Entry[]} in the order of the talk; what is not sent yet comes last */
  entries = [];
  /** @type {Escalation|null} */
  escalation = null;
  /** What is wrong with the connection: a name of TEXTS, or "". */
  trouble = "";
  /** Whether the storage refuses. */
  isVolatile = false;
  /** Whether the server has older entries than those here. */
  hasOlder = false;

  /** The talk's key. @type {string|null} */
  #token = null;
  /** Everything up to this position has been seen. */
  #seen = 0;
  /** Talks that are to be deleted on the server yet. @type {string[]} */
  #toForget = [];
  #base;
  #store;
  #view;
  #flying = new Set();
  #isPumping = false;
  #isHeldUp = false;
  #retryTimer = 0;
  #pause = new Pause();
  #stream = null;
  #streamFailures = 0;
  /** Before `live` comes what was missed: it is put together at once. */
  #missed = [];
  #isLive = false;
  #wake = () => {};
  #hiddenTimer = 0;
  #isAsleep = false;
  #typedAt = 0;
  /** How often the server may say yet that it does not know the talk. */
  #patience = 0;
  /** Another number once the talk is another: what comes late is not taken for it. */
  #era = 0;

  /** @param {string} base address that the API's addresses are relative to */
  constructor(base, store, view) {
    this.#base = base;
    this.#store = store;
    this.#view = view;
    const kept = store.read("talk") ?? {};
    this.#token = words(kept.token) || null;
    this.#seen = whole(kept.seen) ?? 0;
    this.hasOlder = kept.hasOlder === true;
    this.entries = items(kept.entries).map(toEntry);
    this.escalation = toEscalation(kept.escalation);
    this.#toForget = Array.isArray(kept.toForget) ? kept.toForget.map(words) : [];
  }

  /** Go on where the last page stopped, and notice when the network or the reader comes back. */
  start() {
    addEventListener("online", this.retry);
    addEventListener("offline", this.#offline);
    addEventListener("pagehide", this.#rest);
    addEventListener("pageshow", this.retry);
    document.addEventListener("visibilitychange", this.#looked);
    this.#save();
    this.retry();
  }

  stop() {
    removeEventListener("online", this.retry);
    removeEventListener("offline", this.#offline);
    removeEventListener("pagehide", this.#rest);
    removeEventListener("pageshow", this.retry);
    document.removeEventListener("visibilitychange", this.#looked);
    clearTimeout(this.#retryTimer);
    this.#rest();
  }

  /** Try everything that waits, now. */
  retry = () => {
    clearTimeout(this.#retryTimer);
    this.#isHeldUp = false;
    this.#wake();
    this.#follow();
    this.#pump();
    this.#tellFeedback();
    this.#tellForgotten();
    if (this.trouble && !this.#token && !this.#nextToSend()) this.facts();
  };

  /** @param {string} text what the server gets @param {string} title what the patient sees */
  say(text, title = text) {
    const own = toOwn({ id: newId(), text: wellFormed(text), title, at: new Date().toISOString() });
    own.state = "sending";
    this.entries.push(own);
    this.#save();
    this.#view.added([own], false);
    this.retry();
  }

  /** Take a message back that the server refused. @param {Own} own */
  withdraw(own) {
    this.entries = this.entries.filter((entry) => entry !== own);
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
    this.#ask("POST", "typing", { writing: true });
  }

  /** Whether the server answers, and what it says of the clinic. @returns {Promise<object|null>} */
  async facts(language = "en") {
    const { status, body, wait } = await this.#ask("GET", `config?language=${language}`, undefined, null);
    if (status === 200) this.#heard();
    else if (!this.#token) this.#later(status === 429 ? "busy" : status ? "trouble" : "offline", wait);
    return status === 200 ? body : null;
  }

  /** Everything older, from the server. */
  async loadOlder() {
    const first = this.entries.find((entry) => entry.position)?.position ?? Infinity;
    let after = 0;
    for (let more = true; more && after < first; ) {
      const { status, body } = await this.#ask("GET", `messages?after=${after}`);
      if (status !== 200) return;
      const members = items(body.messages).map(toMember);
      for (const member of members) this.#merge(member);
      after = members.at(-1)?.position ?? Infinity;
      more = body.more === true;
    }
    this.hasOlder = false;
    this.#view.redrawn();
  }

  /**
   * Delete the talk. With `here`, remove it from this tab whatever the server says.
   * @returns {Promise<{state: string, text: string}>} state: forgotten, when_closed, or offline
   */
  async forget(here = false) {
    const token = this.#token;
    if (!token || here) {
      if (token) this.#toForget.push(token);
      this.#clear();
      this.#tellForgotten();
      return { state: "forgotten", text: "" };
    }
    const { status, body } = await this.#ask("DELETE", "conversation", undefined, token);
    if (status === 202) return { state: "when_closed", text: words(body?.text) };
    if (status !== 200 && status !== 404) return { state: "offline", text: "" };
    if (this.#token === token) this.#clear();
    return { state: "forgotten", text: words(body?.text) };
  }

  /** Whether a talk waits to be deleted on the server. */
  get isForgettingLater() {
    return this.#toForget.length > 0;
  }

  /* ----- requests ----- */

  /** @returns {Promise<{status: number, body: any, wait: number}>} status 0: nothing usable came; wait in ms */
  async #ask(method, path, data, token = this.#token, timeout = OTHER_TIMEOUT) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeout);
    const body = data && JSON.stringify(data);
    try {
      const response = await fetch(`${this.#base}api/chat/${path}`, {
        method,
        body,
        headers: { ...(body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }) },
        cache: "no-store",
        credentials: "omit",
        keepalive: method === "POST" && body.length * 3 < KEEPALIVE_BYTES,
        signal: stop.signal,
      });
      const wait = Number(response.headers.get("Retry-After")) * 1000 || 0;
      return { status: response.status, body: parse(await response.text()), wait };
    } catch {
      return { status: 0, body: null, wait: 0 };
    } finally {
      clearTimeout(timer);
    }
  }

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
    this.#streamFailures = 0;
    if (this.trouble === "offline" || !this.#isHeldUp) this.#reached();
  }

  /** @param {string} trouble @param {number} wait ms that the server asks for */
  #later(trouble, wait = 0) {
    this.#isHeldUp = true;
    for (const own of this.entries) if (own.state === "sending" && !this.#flying.has(own)) this.#mark(own, "waiting");
    this.#linkIs(trouble);
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(this.retry, Math.max(wait, this.#pause.next()));
  }

  /* ----- sending ----- */

  /** Send what waits, in order. */
  async #pump() {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let own = this.#nextToSend(); own && !this.#isHeldUp; own = this.#nextToSend()) {
      const trip = this.#send(own);
      await Promise.race([trip, delay(HOLD)]);
    }
    this.#isPumping = false;
  }

  #nextToSend() {
    return this.entries.find((entry) => isPending(entry) && !this.#flying.has(entry));
  }

  /** @param {Own} own */
  async #send(own) {
    const era = this.#era;
    if (own.to === undefined) own.to = this.#token;
    this.#flying.add(own);
    this.#mark(own, own.state === "stored" ? "stored" : "sending");
    const answer = await this.#ask("POST", "messages", {
      text: own.text, message_id: own.id, ...(own.to && { conversation_id: own.to }),
    }, null, MESSAGE_TIMEOUT);
    this.#flying.delete(own);
    if (era !== this.#era || !this.entries.includes(own)) return;
    this.#settle(own, answer);
  }

  /** @param {Own} own */
  #settle(own, { status, body, wait }) {
    if (status === 200 && words(body?.conversation_id) && Array.isArray(body.replies)) return this.#taken(own, body);
    if ((status === 404 || status === 401) && own.to) return this.#unknown(own);
    if (status === 413 || status === 400) {
      own.why = status === 413 ? "failed_long" : "failed_refused";
      return this.#mark(own, "failed");
    }
    if (own.state !== "stored") own.state = "waiting";
    this.#later(status === 429 ? "busy" : status ? "trouble" : "offline", wait);
    return this.#mark(own, own.state);
  }

  /** @param {Own} own */
  #taken(own, body) {
    const isSafe = body.state !== "not_stored";
    const hasDatabase = isSafe && body.state !== "kept";
    this.#adopt(body, hasDatabase);
    own.done = isSafe;
    if (hasDatabase) {
      this.#patience = 0;
      this.#escalationIs(toEscalation(body.escalation));
      this.#reached();
    } else if (isSafe) this.#pause.reset();
    if (!isSafe) this.#later("trouble");
    this.#mark(own, isSafe ? "stored" : "waiting");
    const at = new Date().toISOString();
    const replies = items(body.replies).map((reply) => toReply({ ...reply, at, answers: own.id }));
    this.#add(replies, true);
    this.#follow();
  }

  /** Of two talks that were opened at once, stay in the one where staff were alerted. */
  #adopt(body, isStored) {
    const id = body.conversation_id;
    if (this.#token === id || (this.#token && !body.escalation)) return;
    if (this.#token) this.#leave();
    this.#token = id;
    this.#patience = isStored ? 0 : PATIENCE;
  }

  /** The server does not know this talk any more: a new one, with what is not sent yet. @param {Own} own */
  #unknown(own) {
    if (this.#lose(own.to)) {
      delete own.to;
      this.#mark(own, "sending");
      this.#pump();
    } else {
      this.#mark(own, "waiting");
      this.#later("trouble");
    }
  }

  /** @returns {boolean} whether the talk with this key is given up */
  #lose(token) {
    if (this.#token !== token) return true;
    if (this.#patience > 0) {
      this.#patience -= 1;
      return false;
    }
    this.#leave();
    this.#escalationIs(null);
    const waiting = this.entries.filter(isPending);
    const old = this.entries.filter((entry) => !isPending(entry));
    this.entries = [...old, ...(old.length > 0 ? [{ from: "note" }] : []), ...waiting];
    this.#save();
    this.#view.redrawn();
    return true;
  }

  /** What stays on the screen has no place in the next talk. */
  #leave() {
    this.#token = null;
    this.#seen = 0;
    this.hasOlder = false;
    for (const entry of this.entries) {
      entry.position = null;
      entry.untold = false;
    }
    this.#rest();
  }

  #mark(own, state) {
    own.state = state;
    this.#save();
    this.#view.changed(own);
  }

  /* ----- putting together what comes from two sides ----- */

  /** @param {Entry[]} arrived @param {boolean} fresh whether the patient has not seen them before */
  #add(arrived, fresh) {
    const last = this.entries.at(-1);
    const added = arrived.filter((entry) => this.#merge(entry));
    this.#save();
    if (added.length === 0) return;
    const start = last ? this.entries.indexOf(last) + 1 : 0;
    if (this.entries.slice(start).length === added.length && !added.some(isPending)) this.#view.added(added, fresh);
    else this.#view.redrawn(added, fresh);
  }

  /** @returns {boolean} whether it was new */
  #merge(entry) {
    const known = this.entries.find((other) => this.#isSame(other, entry));
    if (!known) {
      if (entry.from === "patient") entry.done = true; // another tab has sent it, and sees to it
      this.entries.splice(this.#placeOf(entry), 0, entry);
      return true;
    }
    if (entry.from === "patient" && !this.#flying.has(known)) {
      known.done ||= entry.done;
      known.state = "stored";
    }
    if (known.position === null && entry.position !== null) this.#move(known, entry.position);
    if (entry.from !== "patient" && !known.untold) known.helpful = entry.helpful ?? known.helpful;
    this.#view.changed(known);
    return false;
  }

  #isSame(one, other) {
    if (one.from === "note" || one.from !== other.from) return false;
    if (one.from === "patient") return one.id === other.id;
    if (one.position !== null && other.position !== null) return one.position === other.position;
    // What could not be stored has no place; a repeat of it says the same to the same message.
    return one.position === null && other.position === null && Boolean(one.answers)
      && one.answers === other.answers && one.text === other.text;
  }

  #move(entry, position) {
    entry.position = position;
    const from = this.entries.indexOf(entry);
    this.entries.splice(from, 1);
    const to = this.#placeOf(entry);
    this.entries.splice(to, 0, entry);
    if (from !== to) this.#view.redrawn();
  }

  /** Before everything that came later or is not sent yet. */
  #placeOf(entry) {
    if (entry.position === null) return this.entries.length;
    let index = this.entries.length;
    while (index > 0 && this.#isLater(this.entries[index - 1], entry.position)) index -= 1;
    return index;
  }

  #isLater(entry, position) {
    return entry.position === null ? isPending(entry) : entry.position > position;
  }

  #escalationIs(escalation) {
    this.escalation = escalation;
    this.#save();
    this.#view.reported();
  }

  /* ----- following ----- */

  /** Follow the talk until it is another one; does nothing while it is followed already. */
  async #follow() {
    const token = this.#token;
    if (!token || this.#stream || this.#isAsleep) return;
    const stop = (this.#stream = new AbortController());
    const pause = new Pause();
    while (!stop.signal.aborted) {
      const wait = await this.#listen(token, stop.signal, pause);
      if (stop.signal.aborted) break;
      this.#streamFailures += 1;
      if (this.#streamFailures > 1 || !navigator.onLine) this.#linkIs("offline");
      await Promise.race([delay(wait || pause.next()), new Promise((resolve) => { this.#wake = resolve; })]);
    }
  }

  /**
   * One connection, read to its end.
   * @returns {Promise<number>} ms that the server asks to wait
   */
  async #listen(token, signal, pause) {
    this.#isLive = false;
    this.#missed = [];
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal.addEventListener("abort", abort);
    let timer = setTimeout(abort, SILENCE);
    try {
      const response = await fetch(`${this.#base}api/chat/events?after=${this.#seen}`, {
        headers: { Authorization: `Bearer ${token}` }, cache: "no-store", credentials: "omit", signal: stop.signal,
      });
      if (response.status === 404 || response.status === 401) this.#lose(token);
      if (!response.ok || !response.body) return this.#askInstead(token, Number(response.headers.get("Retry-After")) * 1000);
      const reader = response.body.getReader();
      const events = new Events((event) => this.#hear(event, token));
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) return 0;
        clearTimeout(timer);
        timer = setTimeout(abort, SILENCE);
        pause.reset();
        this.#heard();
        events.read(value);
      }
    } catch {
      // A stream that says nothing at all is held back by something on the way.
      return stop.signal.aborted && !signal.aborted ? this.#askInstead(token, ASK_EVERY) : 0;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  /** The same without a stream. @returns {Promise<number>} ms until the next try */
  async #askInstead(token, wait) {
    if (this.#token !== token || !wait) return 0;
    const { status, body } = await this.#ask("GET", `messages?after=${this.#seen}`, undefined, token);
    if (status !== 200 || this.#token !== token) return wait;
    this.#heard();
    this.#take(items(body.messages), true);
    this.#escalationIs(toEscalation(body.escalation));
    return wait;
  }

  #hear({ event, data }, token) {
    if (this.#token !== token) return;
    if (event === "message" && data) {
      if (this.#isLive) this.#take([data], true);
      else this.#missed.push(data);
    } else if (event === "live") this.#catchUp();
    else if (event === "escalation") this.#escalationIs(toEscalation(data));
    else if (event === "forgotten") this.#clear();
  }

  #catchUp() {
    this.#isLive = true;
    // A talk whose entries were not kept here is read again, which is no news.
    const fresh = this.#seen > 0 || this.entries.length > 0;
    this.#take(this.#missed, fresh);
    this.#missed = [];
  }

  #take(messages, fresh) {
    if (messages.length === 0) return;
    this.#seen = Math.max(this.#seen, ...messages.map((message) => whole(message.position) ?? 0));
    this.#add(messages.map(toMember), fresh);
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
    this.#rest();
  };

  #offline = () => this.#linkIs("offline");

  /** Hang up. */
  #rest = () => {
    this.#stream?.abort();
    this.#stream = null;
    this.#wake();
  };

  /* ----- what is told when it can be ----- */

  async #tellFeedback() {
    for (const reply of this.entries.filter((entry) => entry.untold && entry.position !== null)) {
      const helpful = reply.helpful;
      const { status } = await this.#ask("POST", "feedback", { position: reply.position, helpful });
      if (!status || status >= 429) return;
      if (reply.helpful === helpful) reply.untold = false;
      this.#save();
    }
  }

  async #tellForgotten() {
    for (const token of [...this.#toForget]) {
      const { status } = await this.#ask("DELETE", "conversation", undefined, token);
      if (!status || status >= 429) return this.#later(this.trouble);
      this.#toForget = this.#toForget.filter((other) => other !== token);
      this.#save();
    }
  }

  #clear() {
    this.#era += 1;
    this.#leave();
    this.entries = [];
    this.escalation = null;
    this.#save();
    this.#view.forgotten();
  }

  #save() {
    const kept = this.entries.filter((entry, index) => isPending(entry) || index >= this.entries.length - KEPT);
    const talk = {
      token: this.#token, seen: this.#seen, escalation: this.escalation, toForget: this.#toForget,
      hasOlder: this.hasOlder || kept.length < this.entries.length,
    };
    const isKept = this.#store.write("talk", { ...talk, entries: kept })
      || this.#store.write("talk", { ...talk, hasOlder: true, entries: kept.filter(isPending) });
    if (this.isVolatile === !isKept) return;
    this.isVolatile = !isKept;
    this.#view.linked();
  }
}

/** Reads server-sent events as they come. */
class Events {
  #decoder = new TextDecoder();
  #rest = "";
  #take;

  constructor(take) {
    this.#take = take;
  }

  /** @param {Uint8Array} bytes */
  read(bytes) {
    const blocks = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n\n");
    this.#rest = blocks.pop();
    for (const block of blocks) this.#read(block);
  }

  #read(block) {
    const fields = {};
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
    }
    if (fields.event) this.#take({ event: fields.event, data: parse(fields.data ?? "") });
  }
}
