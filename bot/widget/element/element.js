/* The element itself. */

/** Milliseconds until an answer is said to take long. */
const SLOW = 10_000;
/** So many are drawn at once. */
const DRAWN = 50;
/** The counter appears once this share of the limit is used. */
const COUNT_FROM = 0.8;

const LOUD_TIERS = ["emergency", "urgent"];
const NOBODY = "notice/nobody_yet";

/** Where the script came from, and so where the API is: known only while the script runs for the first time. */
const SCRIPT = document.currentScript;
const HOME = new URL("./", SCRIPT?.src || location.href).href;
const SHEET = globalThis.CSSStyleSheet && "adoptedStyleSheets" in Document.prototype ? new CSSStyleSheet() : null;
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
  /** @type {Talk} */
  #talk;
  #language = "en";
  #unread = 0;
  #drawn = DRAWN;
  #isOpen = false;
  #slowTimer = 0;
  /** The element that had the focus before the chat was opened. */
  #before = null;
  /** Elements by name. @type {Record<string, HTMLElement>} */
  #part = {};
  /** @type {Map<Entry, HTMLElement>} */
  #rows = new Map();

  /* ----- life ----- */

  connectedCallback() {
    if (ClinicChat.#shown) {
      console.warn(`<${NAME}>: there is one on this page already; this one stays empty.`);
      return;
    }
    ClinicChat.#shown = this;
    const base = new URL("./", new URL(this.getAttribute("server") || HOME, location.href)).href;
    this.#store = new Store(`${NAME}:${base}:`);
    this.#talk = new Talk(base, this.#store, {
      added: (entries, fresh) => this.#added(entries, fresh),
      changed: (entry) => this.#changed(entry),
      redrawn: (entries, fresh) => this.#redrawn(entries, fresh),
      linked: () => this.#linked(),
      reported: () => this.#reported(),
      forgotten: () => this.#forgotten(),
    });
    this.#isOpen = this.isInline || this.hasAttribute("open") || (this.#store.read("open") === true && !this.#small.matches);
    this.#unread = this.#store.read("unread") ?? 0;
    this.#build();
    this.#small.addEventListener("change", this.#fitted);
    for (const name of ["resize", "scroll"]) globalThis.visualViewport?.addEventListener(name, this.#fitted);
    this.#talk.start();
    if (this.#isOpen) this.#refresh();
  }

  disconnectedCallback() {
    if (ClinicChat.#shown !== this) return;
    ClinicChat.#shown = null;
    this.#small.removeEventListener("change", this.#fitted);
    for (const name of ["resize", "scroll"]) globalThis.visualViewport?.removeEventListener(name, this.#fitted);
    this.#talk.stop();
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
    this.#refresh();
  }

  /** Hide it; the focus goes back to where it came from. */
  close() {
    if (!this.#talk || !this.#isOpen || this.isInline) return;
    const hadFocus = this.#shadow.activeElement !== null;
    this.#show(false);
    if (!hadFocus) return;
    const before = this.#before;
    const isThere = before && before !== this && before !== document.body && before.isConnected;
    (isThere ? before : this.#part.launcher).focus();
  }

  /** Say something as the patient, such as from a button "Ask about this" of the page. */
  send(text) {
    if (!this.#talk || !String(text).trim()) return;
    this.open();
    this.#talk.say(String(text).trim());
  }

  /* ----- texts ----- */

  #t(name, values = {}) {
    const { clinic } = this.#facts;
    const known = { clinic: clinic.name, phone: clinic.phone, emergency: clinic.emergency_number, crisis: clinic.crisis_number, ...values };
    return TEXTS[this.#language][name].replace(/\{(\w+)\}/g, (whole, key) => known[key] ?? whole);
  }

  #chosenLanguage() {
    const page = this.closest("[lang]")?.lang;
    const wishes = [this.#store.read("language"), this.getAttribute("lang"), page, ...navigator.languages];
    return wishes.map((wish) => words(wish).slice(0, 2).toLowerCase()).find((wish) => wish in TEXTS) ?? "en";
  }

  get #numbers() {
    const { clinic } = this.#facts;
    return [clinic.emergency_number, clinic.crisis_number, clinic.poison_number, clinic.animal_poison_number, clinic.phone].map(words);
  }

  #time(at) {
    const date = new Date(at);
    if (!at || Number.isNaN(date.getTime())) return "";
    return new Intl.DateTimeFormat(this.#language, { hour: "numeric", minute: "2-digit" }).format(date);
  }

  /* ----- building ----- */

  #build() {
    this.#language = this.#chosenLanguage();
    const heading = this.getAttribute("heading") || this.#facts.clinic.name;
    const part = (this.#part = {});
    part.news = h("div", { class: "unseen", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    part.launcher = h("button", { class: "launcher", type: "button", "aria-haspopup": "dialog", onclick: () => this.open() });
    part.panel = h("div", {
      class: "panel", role: this.isInline ? "group" : "dialog", "aria-modal": this.isInline ? null : "false", "aria-labelledby": "title",
      onkeydown: (event) => this.#pressed(event),
    }, this.#head(heading), this.#strip(), this.#lines(), this.#middle(), this.#composer(), this.#question());
    part.root = h("section", {
      class: `root${this.isInline ? " inline" : ""}${this.getAttribute("position") === "bottom-start" ? " start" : ""}`,
      lang: this.#language, dir: this.getAttribute("dir") || getComputedStyle(this).direction,
      "aria-label": this.#t("region"), popover: this.isInline ? null : "manual",
    }, part.news, part.launcher, part.panel);
    this.#dress();
    this.#shadow.replaceChildren(part.root);
    if (!this.isInline) part.root.showPopover?.();
    this.#redrawn();
    this.#linked();
    this.#reported();
    this.#counted();
    this.#show(this.#isOpen);
  }

  /** Styles as objects: a page's policy may forbid style elements and attributes. */
  #dress() {
    const styles = theme(colour(this.getAttribute("accent")), this.getAttribute("scheme"));
    if (SHEET) {
      this.#colours.replaceSync(styles);
      this.#shadow.adoptedStyleSheets = [SHEET, this.#colours];
    } else {
      this.#part.root.prepend(h("style", { nonce: SCRIPT?.nonce }, styles + STYLES));
    }
  }

  #head(heading) {
    return h("header", { class: "head" },
      h("div", { class: "whose" },
        h("h2", { id: "title", class: "title", tabindex: "-1", dir: "auto" }, heading),
        (this.#part.subtitle = h("p", { class: "subtitle" }))),
      this.#tool("forget", "forget", () => this.#askToForget()),
      this.isInline ? null : this.#tool("close", "close", () => this.close()));
  }

  #tool(name, picture, onclick) {
    const label = this.#t(name);
    return (this.#part[name] = h("button", { class: "tool", type: "button", "aria-label": label, title: label, onclick }, icon(picture)));
  }

  /** The numbers, always in view. */
  #strip() {
    const { clinic } = this.#facts;
    const one = (caption, number, href) => number
      && h("a", { class: "number", href }, h("span", { class: "caption" }, this.#t(caption)), " ", h("b", {}, number));
    return (this.#part.strip = h("nav", { class: "strip", "aria-label": this.#t("numbers") },
      one("emergency", clinic.emergency_number, callLink(clinic.emergency_number)),
      one("crisis", clinic.crisis_number, callLink(clinic.crisis_number)),
      one("crisis_text", clinic.crisis_number, textLink(clinic.crisis_number)),
      one("clinic", clinic.phone, callLink(clinic.phone))));
  }

  /** What is wrong, and where a report stands. */
  #lines() {
    this.#part.trouble = h("div", { class: "trouble", role: "status" });
    this.#part.report = h("div", { class: "report", hidden: true });
    return [this.#part.trouble, this.#part.report];
  }

  #middle() {
    const part = this.#part;
    part.earlier = h("button", { class: "quiet earlier", type: "button", onclick: () => this.#earlier() }, this.#t("earlier"));
    part.log = h("ol", { class: "log" });
    part.answering = h("p", { class: "answering", hidden: true });
    part.scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": this.#t("conversation"), onscroll: () => this.#scrolled() },
      this.#welcome(), part.earlier, part.log, part.answering);
    part.newer = h("button", { class: "newer", type: "button", "aria-label": this.#t("newer"), hidden: true, onclick: () => this.#toEnd() }, icon("down"), h("span", {}, this.#t("newer")));
    return h("div", { class: "middle" }, part.scroll, part.newer);
  }

  #welcome() {
    const others = Object.keys(TEXTS).filter((language) => language !== this.#language);
    this.#part.suggestions = h("div", { class: "choices", role: "group", "aria-label": this.#t("suggested") },
      TEXTS[this.#language].suggestions.map((text) => this.#choice(text, text)));
    return (this.#part.welcome = h("div", { class: "welcome" },
      h("p", { class: "about" }, this.#t("about")),
      h("div", { class: "languages" }, others.map((language) => h("button", {
        class: "quiet", type: "button", lang: language, onclick: () => this.#speak(language),
      }, TEXTS[language].language))),
      h("p", { class: "bubble", dir: "auto" }, this.getAttribute("greeting") || this.#t("greeting")),
      this.#part.suggestions));
  }

  #composer() {
    const part = this.#part;
    part.input = h("textarea", {
      class: "input", id: "input", rows: "1", autocomplete: "off", enterkeyhint: "send", dir: "auto", placeholder: this.#t("placeholder"),
      "aria-describedby": "count", oninput: () => this.#typed(), onkeydown: (event) => this.#enterPressed(event),
    });
    part.input.value = words(this.#store.read("draft"));
    part.count = h("span", { class: "count", id: "count" });
    part.person = h("button", { class: "quiet person", type: "button", onclick: () => this.#choose(this.#t("person_text")) }, icon("handoff"), this.#t("person"));
    return h("form", { class: "composer", onsubmit: (event) => this.#submitted(event) },
      h("div", { class: "row" },
        h("label", { class: "unseen", for: "input" }, this.#t("input")), part.input,
        h("button", { class: "send", type: "submit", "aria-label": this.#t("send"), title: this.#t("send") }, icon("send"))),
      h("div", { class: "foot" }, part.person, part.count));
  }

  /** The question before a talk is forgotten. */
  #question() {
    return (this.#part.question = h("div", { class: "question", role: "alertdialog", "aria-labelledby": "question-title", "aria-describedby": "question-text", hidden: true }));
  }

  /* ----- opening and closing ----- */

  #show(isOpen) {
    const { root, panel, launcher } = this.#part;
    this.#isOpen = isOpen;
    this.toggleAttribute("open", isOpen && !this.isInline);
    panel.hidden = !isOpen;
    launcher.hidden = isOpen;
    root.classList.toggle("open", isOpen);
    if (isOpen) this.#unread = 0;
    this.#store.write("open", isOpen && !this.isInline);
    this.#badge();
    this.#fitted();
    if (isOpen) this.#toEnd();
    this.dispatchEvent(new CustomEvent(`${NAME}-${isOpen ? "open" : "close"}`, { bubbles: true }));
  }

  /** On touch screens the keyboard does not spring open. */
  #enter() {
    (matchMedia("(pointer: coarse)").matches ? this.#part.scroll : this.#part.input).focus({ preventScroll: true });
  }

  /** What has changed at the clinic since the script was kept; and whether anybody is there. */
  async #refresh() {
    const facts = await this.#talk.facts(this.#language);
    if (!facts || typeof facts.clinic?.name !== "string" || !this.#talk) return;
    this.#facts = { ...this.#facts, ...facts };
    this.#part.strip.replaceWith(this.#strip());
    this.#counted();
  }

  #speak(language) {
    this.#store.write("language", language);
    this.#build();
    this.#enter();
  }

  /** A small screen is filled, above the keyboard; then nothing behind it can be reached by keyboard either. */
  #fitted = () => {
    const { root, panel } = this.#part;
    const isFull = this.#isOpen && !this.isInline && this.#small.matches;
    root.classList.toggle("full", isFull);
    if (!this.isInline) panel.setAttribute("aria-modal", String(isFull));
    const { height, offsetTop } = globalThis.visualViewport ?? {};
    root.style.setProperty("--height", isFull && height ? `${height}px` : "");
    root.style.setProperty("--top", isFull && offsetTop ? `${offsetTop}px` : "");
    if (isFull && this.#shadow.activeElement === this.#part.input) this.#toEnd();
  };

  #pressed(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (!this.#part.question.hidden) this.#answerQuestion();
      else this.close();
    }
    if (event.key === "Tab" && this.#part.root.classList.contains("full")) this.#goRound(event);
  }

  #goRound(event) {
    const all = [...this.#part.panel.querySelectorAll("a, button, textarea, summary, [tabindex='0']")]
      .filter((element) => element.getClientRects().length > 0);
    const edge = event.shiftKey ? all[0] : all.at(-1);
    if (this.#shadow.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0]).focus();
  }

  #badge() {
    const { launcher } = this.#part;
    const label = this.getAttribute("label") || this.#t("label");
    const count = this.#unread;
    launcher.replaceChildren(icon("chat"), h("span", { class: "label" }, label));
    if (count > 0) launcher.append(h("span", { class: "badge", "aria-hidden": "true" }, String(count)));
    launcher.setAttribute("aria-label", count > 0 ? this.#t("label_unread", { label, count }) : label);
    this.#store.write("unread", count);
  }

  /* ----- the log ----- */

  get #isAtEnd() {
    const { scroll } = this.#part;
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  }

  #toEnd() {
    this.#part.scroll.scrollTop = this.#part.scroll.scrollHeight;
  }

  #scrolled() {
    if (this.#isAtEnd) this.#part.newer.hidden = true;
  }

  /** @param {Entry[]} entries that come last @param {boolean} fresh whether somebody else has said them now */
  #added(entries, fresh) {
    const wasAtEnd = this.#isAtEnd;
    this.#part.log.append(...entries.map((entry) => this.#row(entry)));
    this.#tidy();
    this.#arrived(entries, fresh, wasAtEnd);
  }

  #arrived(entries, fresh, wasAtEnd) {
    const news = fresh ? entries.filter((entry) => entry.from === "assistant" || entry.from === "staff") : [];
    if (news.length === 0) return this.#toEnd();
    this.#tell(news);
    if (!this.#isOpen) this.#unread += news.length;
    this.#badge();
    if (wasAtEnd) this.#toStartOf(news[0]);
    else this.#part.newer.hidden = this.#isAtEnd;
    this.dispatchEvent(new CustomEvent(`${NAME}-news`, { bubbles: true, detail: { from: news.at(-1).from } }));
  }

  /** A long answer is read from its start. */
  #toStartOf(entry) {
    const { scroll } = this.#part;
    const row = this.#rows.get(entry);
    if (row) scroll.scrollTop += row.getBoundingClientRect().top - scroll.getBoundingClientRect().top - 12;
  }

  /** One announcement for what arrived together; a crowd is only counted. @param {Reply[]} news */
  #tell(news) {
    this.#announce(news.length > 3
      ? [h("p", {}, this.#t("news", { count: news.length }))]
      : news.map((reply) => h("p", { lang: languageOf(reply.text) }, `${this.#who(reply)}: ${reply.text}`)));
  }

  #announce(lines) {
    this.#part.news.replaceChildren(...lines);
  }

  /** All of it anew, in order; the reader stays where they are. */
  #redrawn(entries = [], fresh = false) {
    const { scroll, log } = this.#part;
    const wasAtEnd = this.#isAtEnd;
    const fromEnd = scroll.scrollHeight - scroll.scrollTop;
    this.#rows.clear();
    log.replaceChildren(...this.#talk.entries.slice(-this.#drawn).map((entry) => this.#row(entry)));
    this.#tidy();
    scroll.scrollTop = scroll.scrollHeight - fromEnd;
    if (entries.length > 0) this.#arrived(entries, fresh, wasAtEnd);
  }

  async #earlier() {
    if (this.#drawn < this.#talk.entries.length) this.#drawn += 2 * DRAWN;
    else await this.#talk.loadOlder();
    const first = this.#part.log.firstElementChild;
    this.#drawn = Math.max(this.#drawn, 2 * DRAWN);
    this.#redrawn();
    if (this.#part.earlier.hidden && first) this.#part.scroll.focus({ preventScroll: true });
  }

  /** What is over is taken away: choices that a newer message has answered, the first suggestions. */
  #tidy() {
    const part = this.#part;
    const { entries } = this.#talk;
    const lastOwn = [...part.log.querySelectorAll(".mine")].at(-1);
    for (const passing of part.log.querySelectorAll(".choices, .rate:not(.rated)")) {
      if (lastOwn && passing.compareDocumentPosition(lastOwn) & Node.DOCUMENT_POSITION_FOLLOWING) passing.remove();
    }
    part.suggestions.hidden = entries.length > 0;
    part.earlier.hidden = this.#drawn >= entries.length && !this.#talk.hasOlder;
    part.forget.hidden = entries.length === 0;
    this.#reported();
  }

  /** Says that an answer is being waited for; after a while, that it takes long. */
  #waits() {
    const { answering } = this.#part;
    const isWaiting = this.#talk.entries.some((entry) => entry.state === "sending") && this.#talk.escalation?.status !== "with_staff";
    if (isWaiting !== answering.hidden) return;
    clearTimeout(this.#slowTimer);
    answering.hidden = !isWaiting;
    answering.replaceChildren(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), this.#t("answering"));
    if (isWaiting) this.#slowTimer = setTimeout(() => this.#isSlow(), SLOW);
  }

  #isSlow() {
    this.#part.answering.replaceChildren(...linked(this.#t("slow"), this.#numbers, false));
    this.#announce([h("p", {}, this.#t("slow"))]);
    if (this.#isAtEnd) this.#toEnd();
  }

  /** @param {Entry} entry @returns {HTMLElement} */
  #row(entry) {
    const draw = { patient: this.#ownRow, note: this.#noteRow }[entry.from] ?? this.#replyRow;
    const row = draw.call(this, entry);
    this.#rows.set(entry, row);
    return row;
  }

  #noteRow() {
    return h("li", { class: "note" }, this.#t("new_talk"));
  }

  #ownRow(own) {
    return h("li", { class: "mine" },
      h("p", { class: "unseen" }, this.#t("you")),
      h("p", { class: "bubble", dir: "auto" }, own.title),
      this.#state(own));
  }

  /** @param {Own} own */
  #state(own) {
    const isRefused = own.state === "failed";
    return h("div", { class: `meta ${own.state}` },
      h("p", {}, [this.#time(own.at), this.#t(own.state)].filter(Boolean).join(" · ")),
      isRefused && h("p", { class: "why" }, ...linked(this.#t(own.why === "failed_long" ? own.why : "failed_refused"), this.#numbers, false)),
      isRefused && h("button", { class: "quiet", type: "button", onclick: () => this.#edit(own) }, this.#t("edit")));
  }

  /** @param {Own} own */
  #edit(own) {
    this.#talk.withdraw(own);
    const { input } = this.#part;
    input.value = [own.text, input.value].filter(Boolean).join("\n");
    this.#typed();
    input.focus();
  }

  /** @param {Reply} reply */
  #replyRow(reply) {
    const look = this.#look(reply);
    return h("li", { class: `theirs ${reply.from} ${look}` },
      h("p", { class: "who" }, [this.#who(reply), this.#time(reply.at)].filter(Boolean).join(" · ")),
      h("div", { class: "bubble" },
        look in ICONS && h("p", { class: "kind" }, icon(look), this.#t(look)),
        h("p", { class: "text", dir: "auto", lang: languageOf(reply.text) }, ...linked(reply.text, this.#numbers, reply.from === "assistant")),
        look === "safety" && this.#calls(),
        reply.sources.length > 0 && this.#sources(reply.sources)),
      reply.buttons.length > 0 && h("div", { class: "choices", role: "group", "aria-label": this.#t("choices") },
        reply.buttons.map(({ title, text }) => this.#choice(title, text))),
      reply.version && reply.position !== null && this.#rating(reply));
  }

  /** How a reply looks: safety stands out, a notice stays in the background. @param {Reply} reply */
  #look({ from, kind, topic }) {
    if (from === "staff") return "";
    if (topic.startsWith("notice/") && topic !== NOBODY) return "notice";
    if (topic === "safety/callback") return "handoff";
    return ["safety", "handoff"].includes(kind) ? kind : "";
  }

  /** @param {Reply} reply */
  #who(reply) {
    if (reply.from !== "staff") return this.#t("assistant");
    return reply.name ? this.#t("staff", { name: reply.name }) : this.#t("somebody");
  }

  #calls() {
    const { clinic } = this.#facts;
    return h("p", { class: "calls" },
      h("a", { href: callLink(clinic.emergency_number) }, this.#t("call", { number: clinic.emergency_number })),
      h("a", { href: callLink(clinic.crisis_number) }, this.#t("call", { number: clinic.crisis_number })),
      h("a", { href: textLink(clinic.crisis_number) }, this.#t("text_number", { number: clinic.crisis_number })),
      h("a", { href: callLink(clinic.phone) }, this.#t("call_clinic")));
  }

  /** @param {Source[]} sources */
  #sources(sources) {
    return h("details", { class: "sources" },
      h("summary", {}, this.#t("sources", { count: sources.length })),
      h("ul", {}, sources.map(({ document: name, section }) => h("li", { lang: "en" }, [name, section].filter(Boolean).join(" – ")))));
  }

  #choice(title, text) {
    return h("button", { class: "choice", type: "button", dir: "auto", onclick: () => this.#choose(text, title) }, title);
  }

  /** The pressed button is about to go. */
  #choose(text, title) {
    this.#enter();
    this.#talk.say(text, title);
  }

  /** @param {Reply} reply */
  #rating(reply) {
    const button = (helpful, name) => h("button", {
      class: "quiet", type: "button", "aria-pressed": String(reply.helpful === helpful), onclick: () => this.#rated(reply, helpful),
    }, this.#t(name));
    const isRated = reply.helpful !== null;
    return h("div", { class: `rate${isRated ? " rated" : ""}`, role: "group", "aria-label": this.#t("helpful") },
      h("span", {}, this.#t(isRated ? "thanks" : "helpful")), button(true, "yes"), button(false, "no"));
  }

  /** A second press takes it back. */
  #rated(reply, helpful) {
    this.#talk.rate(reply, reply.helpful === helpful ? null : helpful);
    if (reply.helpful !== null) this.#announce([h("p", {}, this.#t("thanks"))]);
  }

  /** @param {Entry} entry */
  #changed(entry) {
    const row = this.#rows.get(entry);
    if (!row) return;
    if (entry.from === "patient") row.querySelector(".meta").replaceWith(this.#state(entry));
    else this.#rerate(row, entry);
    this.#waits();
    this.#linked();
  }

  #rerate(row, reply) {
    const rate = row.querySelector(".rate");
    if (!rate) return;
    rate.classList.toggle("rated", reply.helpful !== null);
    rate.firstChild.textContent = this.#t(reply.helpful === null ? "helpful" : "thanks");
    const [yes, no] = rate.querySelectorAll("button");
    yes.setAttribute("aria-pressed", String(reply.helpful === true));
    no.setAttribute("aria-pressed", String(reply.helpful === false));
  }

  /* ----- how things stand ----- */

  #linked() {
    const { trouble } = this.#part;
    const { entries } = this.#talk;
    const name = this.#talk.trouble || (this.#talk.isVolatile ? "memory" : "");
    const canTry = this.#talk.trouble !== "" && entries.some((entry) => entry.state === "waiting");
    const state = `${name} ${canTry} ${this.#language}`;
    if (trouble.dataset.state === state) return;
    if (trouble.dataset.state && !name) this.#announce([h("p", {}, this.#t("again"))]);
    trouble.dataset.state = name ? state : "";
    trouble.replaceChildren(...(name ? [
      icon("safety"), h("p", {}, ...linked(this.#t(name), this.#numbers, false)),
      canTry ? h("button", { class: "quiet", type: "button", onclick: () => this.#talk.retry() }, this.#t("try_now")) : "",
    ] : []));
  }

  #reported() {
    const { report } = this.#part;
    const { escalation } = this.#talk;
    const isWithStaff = escalation?.status === "with_staff";
    report.hidden = !escalation || escalation.status === "resolved";
    this.#part.person.hidden = isWithStaff;
    this.#part.subtitle.textContent = isWithStaff ? this.#t("is_here", { name: this.#whoHasIt }) : this.#t("subtitle");
    this.#waits();
    if (report.hidden) return report.replaceChildren();
    const isLoud = LOUD_TIERS.includes(escalation.tier);
    const [step, text] = this.#standing(escalation);
    report.className = `report${step === "is_nobody" ? " alarm" : ""}`;
    report.replaceChildren(
      h("p", { class: "reference" }, this.#t(isLoud ? "report" : "request", { reference: escalation.reference })),
      h("p", { class: "standing" }, text), this.#steps(step, isLoud));
  }

  get #whoHasIt() {
    return this.#talk.escalation.with || this.#t("somebody");
  }

  /** The name of the step that a report has come to, and the words for it. */
  #standing(escalation) {
    const name = this.#whoHasIt;
    const time = (at) => this.#time(at) || "–";
    const step = this.#step(escalation);
    return [step, this.#t(step, { name, time: time(step === "is_paged" ? escalation.pagedAt : escalation.seenAt) })];
  }

  #step(escalation) {
    if (escalation.writing) return "is_writing";
    if (escalation.status === "with_staff") return "is_here";
    if (escalation.status === "acknowledged") return "is_seen";
    const notices = this.#talk.entries.filter((entry) => words(entry.topic).startsWith("notice/"));
    if (notices.at(-1)?.topic === NOBODY) return "is_nobody";
    return escalation.pagedAt ? "is_paged" : "is_stored";
  }

  #steps(step, isLoud) {
    const all = isLoud ? ["is_stored", "is_paged", "is_seen", "is_here"] : ["is_stored", "is_seen", "is_here"];
    const reached = all.indexOf({ is_writing: "is_here", is_nobody: "is_paged" }[step] ?? step);
    return h("span", { class: "steps", "aria-hidden": "true" }, all.map((_, index) => h("i", { class: index <= reached ? "on" : null })));
  }

  /* ----- writing ----- */

  #typed() {
    this.#store.write("draft", this.#part.input.value);
    this.#counted();
    this.#talk.typing();
  }

  #counted() {
    const { input, count } = this.#part;
    const left = this.#facts.limits.characters - lengthOf(input.value.trim());
    const wasOver = input.getAttribute("aria-invalid") === "true";
    count.textContent = left > this.#facts.limits.characters * (1 - COUNT_FROM) ? ""
      : left < 0 ? this.#t("over", { count: -left }) : this.#t("left", { count: left });
    count.classList.toggle("over", left < 0);
    input.setAttribute("aria-invalid", String(left < 0));
    if (left < 0 && !wasOver) this.#announce([h("p", {}, count.textContent)]);
    input.style.blockSize = "auto";
    input.style.blockSize = `${input.scrollHeight + 2}px`;
  }

  /** Enter also ends a composed character (IME); that one is not ours. */
  #enterPressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (!event.repeat) this.#submit();
  }

  #submitted(event) {
    event.preventDefault();
    this.#submit();
  }

  /** Too long or not, it is sent: only the server knows whether it is a report, and nobody in danger is told to be brief. */
  #submit() {
    const { input } = this.#part;
    const text = input.value.trim();
    input.focus({ preventScroll: true });
    if (!text) return;
    input.value = "";
    this.#store.write("draft", "");
    this.#counted();
    this.#talk.say(text);
  }

  /* ----- forgetting ----- */

  #askToForget() {
    this.#ask(this.#t("forget_text"), [["forget_no", () => this.#answerQuestion()], ["forget_yes", () => this.#forget()]]);
  }

  /** @param {string} text @param {[string, () => void][]} answers name of a text, and what to do; the first has the focus */
  #ask(text, answers) {
    const { question } = this.#part;
    const buttons = answers.map(([name, onclick], index) => h("button", { class: index ? "choice" : "choice first", type: "button", onclick }, this.#t(name)));
    question.replaceChildren(
      h("h3", { id: "question-title" }, this.#t("forget_title")),
      h("p", { id: "question-text" }, text),
      h("div", { class: "choices" }, buttons));
    question.hidden = false;
    buttons[0]?.focus();
  }

  #answerQuestion() {
    this.#part.question.hidden = true;
    (this.#part.forget.hidden ? this.#part.input : this.#part.forget).focus();
  }

  async #forget(here = false) {
    this.#ask(this.#t("forgetting"), []);
    const { state, text } = await this.#talk.forget(here);
    if (state === "forgotten") return;
    const keep = ["forget_no", () => this.#answerQuestion()];
    const remove = ["forget_here", () => this.#forget(true)];
    this.#ask(state === "offline" ? this.#t("forget_offline") : text, [keep, remove]);
  }

  /** The talk is gone: here, or by another tab that had it too. */
  #forgotten() {
    this.#part.input.value = "";
    this.#store.write("draft", "");
    this.#unread = 0;
    this.#drawn = DRAWN;
    this.#badge();
    this.#redrawn();
    this.#reported();
    this.#counted();
    this.#part.scroll.scrollTop = 0;
    this.#announce([h("p", {}, this.#t(this.#talk.isForgettingLater ? "forgotten_later" : "forgotten"))]);
    if (!this.#part.question.hidden) this.#answerQuestion();
  }
}

customElements.define(NAME, ClinicChat);

/* ---------- a page that only has the script ---------- */

/** data-accent of the script is accent of the element, and so on; data-manual: the page makes the element itself. */
function addElement() {
  if (document.querySelector(NAME) || SCRIPT?.dataset.manual !== undefined) return;
  const element = document.createElement(NAME);
  for (const name of [...ClinicChat.observedAttributes, "server"]) {
    const value = SCRIPT?.getAttribute(`data-${name}`);
    if (value != null) element.setAttribute(name, value);
  }
  document.body.append(element);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", addElement);
else addElement();
