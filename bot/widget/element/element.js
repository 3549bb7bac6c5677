/* The element itself: a launcher, a window, and what is in it. */

/** Milliseconds until an answer is said to take long. */
const SLOW = 10_000;
/** So many entries are drawn at once. */
const DRAWN = 50;
/** Above this, what arrives together is counted and not read out. */
const CROWD = 3;
/** The counter appears once this share of the limit is used. */
const COUNT_FROM = 0.8;
/** Pixels from the end of the talk that still count as its end. */
const NEAR = 80;

/** Where the script came from, and so where the API is: known only while the script runs for the first time. */
const SCRIPT = document.currentScript;
const HOME = SCRIPT?.src || location.href;
const SHEET = "adoptedStyleSheets" in Document.prototype ? new CSSStyleSheet() : null;
SHEET?.replaceSync(STYLES);

class ClinicChat extends HTMLElement {
  static observedAttributes = ["accent", "dir", "greeting", "heading", "inline", "label", "lang", "open", "position", "scheme"];
  /** One talk, one window: a second element on the page stays empty. */
  static #shown = null;

  #shadow = this.attachShadow({ mode: "open" });
  #colours = SHEET && new CSSStyleSheet();
  #small = matchMedia("(max-width: 30em), (max-height: 30em)");
  #facts = FACTS;
  /** @type {Store} */
  #store;
  /** @type {Talk|null} */
  #talk = null;
  /** @type {Wording} */
  #wording;
  /** @type {Rows} */
  #rows;
  /** Of what is drawn. @type {Map<Entry, HTMLElement>} */
  #row = new Map();
  /** Elements by name. @type {Record<string, HTMLElement>} */
  #part = {};
  /** Ends when the element is taken out. @type {AbortController} */
  #life;
  #unread = 0;
  #drawn = DRAWN;
  #isOpen = false;
  #slowTimer = 0;
  /** What had the focus before the chat was opened. */
  #before = null;

  /* ----- life ----- */

  connectedCallback() {
    if (ClinicChat.#shown) {
      console.warn(`<${NAME}>: there is one on this page already.`);
      return;
    }
    ClinicChat.#shown = this;
    const base = new URL("./", new URL(this.getAttribute("server") || HOME, location.href)).href;
    this.#store = new Store(`${NAME}:${base}:`);
    this.#talk = new Talk(new Server(base), this.#store, {
      added: (entries, isNews) => this.#added(entries, isNews),
      changed: (entry) => this.#changed(entry),
      redrawn: (entries, isNews) => this.#redrawn(entries, isNews),
      linked: () => this.#linked(),
      reported: () => this.#reported(),
      forgotten: () => this.#forgotten(),
    });
    this.#unread = this.#store.read("unread") ?? 0;
    // What the patient has closed stays closed, and nobody's small screen is filled without being asked.
    this.#isOpen = this.isInline || (!this.#small.matches && (this.#store.read("open") ?? this.hasAttribute("open")));
    this.#build();
    this.#live();
    if (this.#isOpen) this.#refresh();
  }

  #live() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    listenTo(this.#small, signal, { change: this.#fit });
    if (globalThis.visualViewport) listenTo(visualViewport, signal, { resize: this.#fit, scroll: this.#fit });
    this.#talk.start(signal);
  }

  disconnectedCallback() {
    if (ClinicChat.#shown !== this) return;
    ClinicChat.#shown = null;
    this.#life.abort();
    this.#talk = null;
    this.#shadow.replaceChildren();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#talk || before === after) return;
    if (name !== "open") this.#build();
    else if (after === null) this.close();
    else this.open();
  }

  /* ----- what a page may call ----- */

  get isInline() {
    return this.hasAttribute("inline");
  }

  /** Show the chat and go into it. */
  open() {
    if (!this.#talk || this.#isOpen) return;
    this.#before = document.activeElement;
    this.#show(true);
    this.#enter();
    this.#happened("open");
    this.#refresh();
  }

  /** Hide it; the focus goes back to where it came from. */
  close() {
    if (!this.#talk || !this.#isOpen || this.isInline) return;
    const hadFocus = this.#shadow.activeElement;
    this.#show(false);
    this.#happened("close");
    if (!hadFocus) return;
    const isThere = this.#before?.isConnected && ![this, document.body].includes(this.#before);
    (isThere ? this.#before : this.#part.launcher).focus();
  }

  /** Say something as the patient, such as from a button "Ask about this" of the page. */
  send(text) {
    const said = String(text).trim();
    if (!this.#talk || !said) return;
    this.open();
    this.#talk.say(said);
  }

  /** Tell the page that something has happened; what was said is none of its business. */
  #happened(name, detail = null) {
    this.dispatchEvent(new CustomEvent(`${NAME}-${name}`, { bubbles: true, detail }));
  }

  /* ----- building ----- */

  #chosenLanguage() {
    const page = this.closest("[lang]")?.lang;
    const wishes = [this.#store.read("language"), this.getAttribute("lang"), page, ...navigator.languages];
    return wishes.map((wish) => aString(wish).slice(0, 2).toLowerCase()).find((wish) => wish in TEXTS) ?? "en";
  }

  #build() {
    const wording = (this.#wording = new Wording(this.#chosenLanguage(), this.#facts));
    this.#rows = new Rows(wording, {
      choose: (text, title) => this.#choose(text, title),
      rate: (reply, helpful) => this.#rate(reply, helpful),
      edit: (own) => this.#edit(own),
    });
    const part = (this.#part = {});
    part.news = h("div", { class: "unseen", role: "log", "aria-live": "polite" });
    part.launcher = button("launcher", () => this.open(), { "aria-haspopup": "dialog" });
    part.panel = h("div", {
      class: "panel", role: this.isInline ? "group" : "dialog", "aria-labelledby": "title", onkeydown: (event) => this.#pressed(event),
    }, this.#head(), this.#strip(), this.#lines(), this.#middle(), this.#composer(), this.#question());
    part.root = h("section", {
      class: joined(this.isInline ? "root inline" : "root", this.getAttribute("position") === "bottom-start" && "start", " "),
      lang: wording.language, dir: this.getAttribute("dir") || getComputedStyle(this).direction,
      "aria-label": wording.say("region"), popover: this.isInline ? null : "manual",
    }, part.news, part.launcher, part.panel);
    this.#dress();
    this.#shadow.replaceChildren(part.root);
    // Above everything on the page, whatever that makes of its layers.
    if (!this.isInline) part.root.showPopover?.();
    this.#redrawn();
    this.#linked();
    this.#count();
    this.#show(this.#isOpen);
  }

  /** Styles as objects: a page's policy may forbid style elements and attributes. */
  #dress() {
    const styles = theme(this.getAttribute("accent"), this.getAttribute("scheme"));
    if (SHEET) {
      this.#colours.replaceSync(styles);
      this.#shadow.adoptedStyleSheets = [SHEET, this.#colours];
    } else this.#part.root.prepend(h("style", { nonce: SCRIPT?.nonce }, styles + STYLES));
  }

  #head() {
    const part = this.#part;
    part.title = h("h2", { id: "title", class: "title", tabindex: "-1", dir: "auto" }, this.getAttribute("heading") || this.#facts.clinic.name);
    part.subtitle = h("p", { class: "subtitle" });
    part.forget = this.#tool("forget", () => this.#askToForget());
    return h("header", { class: "head" }, h("div", { class: "whose" }, part.title, part.subtitle), part.forget,
      !this.isInline && this.#tool("close", () => this.close()));
  }

  #tool(name, onclick) {
    const label = this.#wording.say(name);
    return button("tool", onclick, { "aria-label": label, title: label }, icon(name));
  }

  /** The numbers, always in view. */
  #strip() {
    const { say } = this.#wording;
    const { phone, emergency_number: emergency, crisis_number: crisis } = this.#facts.clinic;
    const one = (caption, number, link) => h("a", { class: "number", href: link(number) },
      h("span", { class: "caption" }, say(caption)), " ", h("b", {}, number));
    return (this.#part.strip = h("nav", { class: "strip", "aria-label": say("numbers") },
      one("emergency", emergency, callLink), one("crisis", crisis, callLink), one("crisis_text", crisis, textLink), one("clinic", phone, callLink)));
  }

  /** What is wrong, and where a report stands. */
  #lines() {
    this.#part.trouble = h("div", { class: "trouble", role: "status" });
    this.#part.report = h("div", { class: "report" });
    return [this.#part.trouble, this.#part.report];
  }

  #middle() {
    const { say } = this.#wording;
    const part = this.#part;
    part.earlier = button("quiet earlier", () => this.#earlier(), {}, say("earlier"));
    part.log = h("ol", { class: "log" });
    part.answering = h("p", { class: "answering", hidden: true });
    part.newer = button("newer", () => this.#toEnd(), { "aria-label": say("newer"), hidden: true }, icon("down"), h("span", {}, say("newer")));
    part.scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("conversation"), onscroll: () => this.#scrolled() },
      this.#welcome(), part.earlier, part.log, part.answering);
    return h("div", { class: "middle" }, part.scroll, part.newer);
  }

  #welcome() {
    const { say, language } = this.#wording;
    const others = Object.keys(TEXTS).filter((other) => other !== language);
    this.#part.suggestions = h("div", { class: "choices", role: "group", "aria-label": say("suggested") },
      TEXTS[language].suggestions.map((text) => this.#rows.choice(text)));
    return h("div", { class: "welcome" },
      h("p", { class: "about" }, say("about")),
      others.map((other) => button("quiet", () => this.#speak(other), { lang: other }, TEXTS[other].language)),
      h("p", { class: "bubble", dir: "auto" }, this.getAttribute("greeting") || say("greeting")),
      this.#part.suggestions);
  }

  #composer() {
    const { say } = this.#wording;
    const part = this.#part;
    part.input = h("textarea", {
      class: "input", rows: "1", autocomplete: "off", enterkeyhint: "send", dir: "auto", placeholder: say("placeholder"), "aria-label": say("input"),
      "aria-describedby": "count", oninput: () => this.#typed(), onkeydown: (event) => this.#enterPressed(event),
    });
    part.input.value = aString(this.#store.read("draft"));
    part.count = h("span", { class: "count", id: "count" });
    part.person = button("quiet person", () => this.#choose(say("person_text")), {}, icon("handoff"), say("person"));
    const send = h("button", { class: "send", "aria-label": say("send"), title: say("send") }, icon("send"));
    return h("form", { class: "composer", onsubmit: (event) => this.#submit(event) },
      h("div", { class: "row" }, part.input, send),
      h("div", { class: "foot" }, part.person, part.count));
  }

  /** Asked before a talk is forgotten. */
  #question() {
    return (this.#part.question = h("div", {
      class: "question", role: "alertdialog", tabindex: "-1", "aria-labelledby": "question-title", "aria-describedby": "question-text", hidden: true,
    }));
  }

  /* ----- opening and closing ----- */

  #show(isOpen) {
    this.#isOpen = isOpen;
    this.toggleAttribute("open", isOpen && !this.isInline);
    this.#part.panel.hidden = !isOpen;
    this.#part.launcher.hidden = isOpen;
    this.#store.write("open", isOpen);
    this.#badge(isOpen ? 0 : this.#unread);
    this.#fit();
    if (isOpen) this.#toEnd();
  }

  /** On touch screens the keyboard does not spring open. */
  #enter() {
    (matchMedia("(pointer: coarse)").matches ? this.#part.scroll : this.#part.input).focus({ preventScroll: true });
  }

  /** What has changed at the clinic since the script was kept; and whether anybody is there. */
  async #refresh() {
    const facts = await this.#talk.facts();
    if (!facts?.clinic || !this.#talk) return;
    this.#facts = this.#wording.facts = facts;
    this.#part.strip.replaceWith(this.#strip());
    this.#count();
  }

  #speak(language) {
    this.#store.write("language", language);
    this.#build();
    this.#enter();
  }

  /** A small screen is filled, above its keyboard; then nothing behind can be reached by keyboard either. */
  #fit = () => {
    const { root, panel, input } = this.#part;
    const isFull = this.#isOpen && !this.isInline && this.#small.matches;
    root.classList.toggle("full", isFull);
    if (!this.isInline) panel.setAttribute("aria-modal", String(isFull));
    const { height, offsetTop } = (isFull && globalThis.visualViewport) || {};
    root.style.setProperty("--height", height ? `${height}px` : "");
    root.style.setProperty("--top", offsetTop ? `${offsetTop}px` : "");
    if (isFull && this.#shadow.activeElement === input) this.#toEnd();
  };

  #pressed(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (this.#part.question.hidden) this.close();
      else this.#answered();
    }
    if (event.key === "Tab" && this.#part.root.classList.contains("full")) this.#goRound(event);
  }

  #goRound(event) {
    const all = [...this.#part.panel.querySelectorAll("a, button, textarea, summary, [tabindex='0']")]
      .filter((element) => element.getClientRects().length > 0);
    if (event.shiftKey) all.reverse();
    if (this.#shadow.activeElement !== all.at(-1)) return;
    event.preventDefault();
    all[0].focus();
  }

  #badge(count) {
    this.#unread = count;
    this.#store.write("unread", count);
    const { launcher } = this.#part;
    const label = this.getAttribute("label") || this.#wording.say("label");
    launcher.replaceChildren(icon("chat"), label);
    if (count > 0) launcher.append(h("span", { class: "badge", "aria-hidden": "true" }, String(count)));
    launcher.setAttribute("aria-label", count > 0 ? this.#wording.say("label_unread", { label, count }) : label);
  }

  /* ----- the talk ----- */

  get #isAtEnd() {
    const { scroll } = this.#part;
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
  }

  #toEnd() {
    this.#part.scroll.scrollTop = this.#part.scroll.scrollHeight;
  }

  #scrolled() {
    if (this.#isAtEnd) this.#part.newer.hidden = true;
  }

  #draw(entry) {
    const row = this.#rows.draw(entry);
    this.#row.set(entry, row);
    return row;
  }

  /** @param {Entry[]} entries that come last @param {boolean} isNews whether somebody else has said them now */
  #added(entries, isNews) {
    if (entries.length > DRAWN) return this.#redrawn(entries, isNews);
    const wasAtEnd = this.#isAtEnd;
    this.#drawn += entries.length;
    this.#part.log.append(...entries.map((entry) => this.#draw(entry)));
    this.#tidy();
    return this.#arrived(entries, isNews, wasAtEnd);
  }

  /** All of it anew, in order; the reader stays where they are. */
  #redrawn(entries = [], isNews = false) {
    const { scroll, log } = this.#part;
    const wasAtEnd = this.#isAtEnd;
    const fromEnd = scroll.scrollHeight - scroll.scrollTop;
    this.#row.clear();
    log.replaceChildren(...this.#talk.entries.slice(-this.#drawn).map((entry) => this.#draw(entry)));
    this.#tidy();
    scroll.scrollTop = scroll.scrollHeight - fromEnd;
    if (entries.length > 0) this.#arrived(entries, isNews, wasAtEnd);
  }

  #arrived(entries, isNews, wasAtEnd) {
    const news = entries.filter((entry) => isNews && ["assistant", "staff"].includes(entry.from));
    if (news.length === 0) return this.#toEnd();
    this.#tell(news);
    if (!this.#isOpen) this.#badge(this.#unread + news.length);
    if (wasAtEnd) this.#toStartOf(this.#row.get(news[0]));
    else this.#part.newer.hidden = this.#isAtEnd;
    return this.#happened("news", { from: news.at(-1).from });
  }

  /** A long answer is read from its start. */
  #toStartOf(row) {
    const { scroll } = this.#part;
    if (row) scroll.scrollTop += row.getBoundingClientRect().top - scroll.getBoundingClientRect().top - 12;
  }

  /** One announcement for what arrived together. @param {Reply[]} news */
  #tell(news) {
    const { say } = this.#wording;
    if (news.length > CROWD) return this.#announce(say("news", { count: news.length }));
    const lines = news.map((reply) => h("p", { lang: languageOf(reply.text) }, `${this.#wording.who(reply)}: ${reply.text}`));
    return this.#part.news.replaceChildren(...lines);
  }

  #announce(text) {
    this.#part.news.replaceChildren(h("p", {}, text));
  }

  async #earlier() {
    if (this.#drawn >= this.#talk.entries.length) await this.#talk.loadOlder();
    this.#drawn += 2 * DRAWN;
    this.#redrawn();
    if (this.#part.earlier.hidden) this.#part.scroll.focus({ preventScroll: true });
  }

  /** What is over is taken away: choices and ratings that a newer message has passed, the first suggestions. */
  #tidy() {
    const part = this.#part;
    const { entries, hasOlder } = this.#talk;
    const lastOwn = [...part.log.querySelectorAll(".mine")].at(-1);
    for (const passing of part.log.querySelectorAll(".choices, .rate:not(.rated)")) {
      if (lastOwn && passing.compareDocumentPosition(lastOwn) & Node.DOCUMENT_POSITION_FOLLOWING) passing.remove();
    }
    part.suggestions.hidden = entries.length > 0;
    part.earlier.hidden = this.#drawn >= entries.length && !hasOlder;
    part.forget.hidden = entries.length === 0;
    this.#reported();
  }

  /** @param {Entry} entry */
  #changed(entry) {
    const row = this.#row.get(entry);
    if (row) this.#rows.update(row, entry);
    this.#wait();
    this.#linked();
  }

  /** Says that an answer is being waited for; after a while, that it takes long. */
  #wait() {
    const { answering } = this.#part;
    const { entries, escalation } = this.#talk;
    const isWaiting = escalation?.status !== "with_staff" && entries.some((entry) => entry.state === "sending");
    if (isWaiting !== answering.hidden) return;
    clearTimeout(this.#slowTimer);
    answering.hidden = !isWaiting;
    answering.replaceChildren(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), this.#wording.say("answering"));
    if (isWaiting) this.#slowTimer = setTimeout(() => this.#isSlow(), SLOW);
  }

  #isSlow() {
    this.#part.answering.replaceChildren(h("span", {}, this.#wording.linked("slow")));
    this.#announce(this.#wording.say("slow"));
    if (this.#isAtEnd) this.#toEnd();
  }

  /* ----- how things stand ----- */

  #linked() {
    const { say, linked } = this.#wording;
    const { trouble } = this.#part;
    const talk = this.#talk;
    const name = talk.trouble || (talk.isVolatile ? "memory" : "");
    const canTry = talk.trouble && talk.entries.some((entry) => entry.state === "waiting");
    const state = joined(name, canTry && "try");
    if ((trouble.dataset.state ?? "") === state) return;
    if (!name) this.#announce(say("again"));
    trouble.dataset.state = state;
    trouble.replaceChildren();
    if (name) trouble.append(icon("safety"), h("p", {}, linked(name)));
    if (canTry) trouble.append(button("quiet", () => talk.retry(), {}, say("try_now")));
  }

  #reported() {
    const { say } = this.#wording;
    const { report, person, subtitle } = this.#part;
    const { escalation } = this.#talk;
    const name = escalation?.with || say("somebody");
    person.hidden = escalation?.status === "with_staff";
    subtitle.textContent = person.hidden ? say("is_here", { name }) : say("subtitle");
    report.hidden = !escalation || escalation.status === "resolved";
    report.replaceChildren(...(report.hidden ? [] : this.#standing(escalation, name)));
    this.#wait();
  }

  /** Where a report stands: in words, and as steps of its way. @param {Escalation} escalation */
  #standing(escalation, name) {
    const { say, time } = this.#wording;
    const isLoud = ["emergency", "urgent"].includes(escalation.tier);
    const step = this.#step(escalation);
    const way = isLoud ? ["is_stored", "is_paged", "is_seen", "is_here"] : ["is_stored", "is_seen", "is_here"];
    const reached = way.indexOf({ is_writing: "is_here", is_nobody: "is_paged" }[step] ?? step);
    this.#part.report.classList.toggle("alarm", step === "is_nobody");
    return [
      h("p", { class: "reference" }, say(isLoud ? "report" : "request", escalation)),
      h("p", { class: "standing" }, say(step, { name, time: time(step === "is_paged" ? escalation.paged_at : escalation.seen_at) || "–" })),
      h("span", { class: "steps", "aria-hidden": "true" }, way.map((_, index) => h("i", { class: index <= reached && "on" }))),
    ];
  }

  /** @param {Escalation} escalation */
  #step({ writing, status, paged_at: pagedAt }) {
    if (writing) return "is_writing";
    if (status === "with_staff") return "is_here";
    if (status === "acknowledged") return "is_seen";
    const notices = this.#talk.entries.filter((entry) => aString(entry.topic).startsWith("notice/"));
    if (notices.at(-1)?.topic === NOBODY) return "is_nobody";
    return pagedAt ? "is_paged" : "is_stored";
  }

  /* ----- what the patient does ----- */

  /** The pressed button is about to go. */
  #choose(text, title) {
    this.#enter();
    this.#talk.say(text, title);
  }

  #rate(reply, helpful) {
    this.#talk.rate(reply, helpful);
    if (helpful !== null) this.#announce(this.#wording.say("thanks"));
  }

  /** @param {Own} own */
  #edit(own) {
    this.#talk.withdraw(own);
    this.#write(joined(own.text, this.#part.input.value, "\n"));
    this.#part.input.focus();
  }

  #write(text) {
    this.#part.input.value = text;
    this.#typed();
  }

  #typed() {
    this.#store.write("draft", this.#part.input.value);
    this.#count();
    if (this.#part.input.value) this.#talk.typing();
  }

  #count() {
    const { say } = this.#wording;
    const { input, count } = this.#part;
    const { characters } = this.#facts.limits;
    // In characters, not UTF-16 units: an emoji must not count twice.
    const left = characters - [...input.value.trim()].length;
    const isOver = left < 0;
    count.textContent = isOver ? say("over", { count: -left }) : left <= characters * (1 - COUNT_FROM) ? say("left", { count: left }) : "";
    if (isOver && !count.classList.contains("over")) this.#announce(count.textContent);
    count.classList.toggle("over", isOver);
    input.setAttribute("aria-invalid", String(isOver));
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
  }

  /** Enter also ends a composed character (IME); that one is not ours. */
  #enterPressed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) this.#submit(event);
  }

  /** Too long or not, it is sent: only the server knows whether it is a report, and nobody in danger is told to be brief. */
  #submit(event) {
    event.preventDefault();
    const { input } = this.#part;
    const text = input.value.trim();
    input.focus({ preventScroll: true });
    if (!text || event.repeat) return;
    this.#write("");
    this.#talk.say(text);
  }

  /* ----- forgetting ----- */

  #askToForget() {
    this.#ask(this.#wording.say("forget_text"), "forget_yes", false);
  }

  /** @param {string} yes the name of the text of the button that deletes; none while nothing can be chosen */
  #ask(text, yes, here) {
    const { say } = this.#wording;
    const { question } = this.#part;
    question.replaceChildren(h("h3", { id: "question-title" }, say("forget_title")), h("p", { id: "question-text" }, text));
    question.hidden = false;
    if (yes) {
      question.append(h("div", { class: "choices" },
        button("choice first", () => this.#answered(), {}, say("forget_no")),
        button("choice", () => this.#forget(here), {}, say(yes))));
    }
    (question.querySelector("button") ?? question).focus();
  }

  #answered() {
    const { question, forget, input } = this.#part;
    question.hidden = true;
    (forget.hidden ? input : forget).focus();
  }

  async #forget(here) {
    this.#ask(this.#wording.say("forgetting"));
    const { isGone, text } = await this.#talk.forget(here);
    if (isGone) this.#write("");
    else this.#ask(text || this.#wording.say("forget_offline"), "forget_here", true);
  }

  /** The talk is gone: here, or by another tab that had it too. */
  #forgotten() {
    this.#drawn = DRAWN;
    this.#badge(0);
    this.#redrawn();
    this.#part.scroll.scrollTop = 0;
    this.#announce(this.#wording.say(this.#talk.isForgettingLater ? "forgotten_later" : "forgotten"));
    if (!this.#part.question.hidden) this.#answered();
  }
}

customElements.define(NAME, ClinicChat);

/** data-accent of the script is accent of the element, and so on; data-manual: the page makes the element itself. */
function addElement() {
  if (document.querySelector(NAME) || SCRIPT?.hasAttribute("data-manual")) return;
  const element = document.createElement(NAME);
  for (const name of [...ClinicChat.observedAttributes, "server"]) {
    const value = SCRIPT?.getAttribute(`data-${name}`);
    if (value != null) element.setAttribute(name, value);
  }
  document.body.append(element);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", addElement);
else addElement();
