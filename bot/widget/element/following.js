/* Follows one talk until it is told to stop, over connections that break, and where something on the way holds them back. */

/** The server says something every 15 seconds. Milliseconds. */
const SILENCE = 40_000;
/** Without a stream it is asked this often. */
const ASK_EVERY = 5_000;

/**
 * `talk` is told: heard() when anything came back, failed(times) when nothing did, unknown() when the talk is not known,
 * hear(messages, isNews), escalation(raw), forgotten(). It has `seen`, the position up to which it knows everything.
 */
class Following {
  #server;
  #token;
  #talk;
  #stop = new AbortController();
  #pause = new Pause();
  #failures = 0;
  #wake = () => {};
  /** Before `live` comes what was missed: it is put together at once. */
  #missed = [];

  constructor(server, token, talk) {
    this.#server = server;
    this.#token = token;
    this.#talk = talk;
    this.#follow();
  }

  stop() {
    this.#stop.abort();
    this.#wake();
  }

  /** Do not wait for the end of a pause. */
  hurry() {
    this.#wake();
  }

  async #follow() {
    for (;;) {
      const wait = await this.#listen();
      if (this.#stop.signal.aborted) return;
      this.#failures += 1;
      this.#talk.failed(this.#failures);
      await Promise.race([delay(wait || this.#pause.next()), new Promise((resolve) => { this.#wake = resolve; })]);
      if (this.#stop.signal.aborted) return;
    }
  }

  /**
   * One connection, read to its end.
   * @returns {Promise<number>} ms that the server asks to wait
   */
  async #listen() {
    const silence = new AbortController();
    const hangUp = () => silence.abort();
    this.#stop.signal.addEventListener("abort", hangUp);
    let timer = setTimeout(hangUp, SILENCE);
    try {
      const response = await this.#server.fetch("GET", `events?after=${this.#talk.seen}`, this.#token, silence.signal);
      if (response.status === 404) this.#talk.unknown();
      if (!response.ok) return await this.#askInstead(waitOf(response));
      this.#missed = [];
      for await (const events of eventsOf(response)) {
        clearTimeout(timer);
        timer = setTimeout(hangUp, SILENCE);
        this.#heard();
        for (const event of events) if (!this.#stop.signal.aborted) this.#hear(event);
      }
    } catch {
      // A stream that says nothing at all is held back by something on the way.
      if (silence.signal.aborted) return this.#askInstead(ASK_EVERY);
    } finally {
      clearTimeout(timer);
      this.#stop.signal.removeEventListener("abort", hangUp);
    }
    return 0;
  }

  /** The same without a stream. @returns {Promise<number>} ms until the next try */
  async #askInstead(wait) {
    if (this.#stop.signal.aborted || !wait) return 0;
    const { status, body } = await this.#server.ask("GET", `messages?after=${this.#talk.seen}`, this.#token);
    if (status !== 200 || this.#stop.signal.aborted) return wait;
    this.#heard();
    this.#talk.hear(aList(body?.messages), true);
    this.#talk.escalation(body?.escalation);
    return wait;
  }

  #heard() {
    this.#pause.reset();
    this.#failures = 0;
    this.#talk.heard();
  }

  #hear({ event, data }) {
    const talk = this.#talk;
    if (event === "message" && data) {
      if (this.#missed) this.#missed.push(data);
      else talk.hear([data], true);
    } else if (event === "live") {
      talk.hear(this.#missed ?? [], false);
      this.#missed = null;
    } else if (event === "escalation") talk.escalation(data);
    else if (event === "forgotten") talk.forgotten();
  }
}
