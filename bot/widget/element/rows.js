/* The entries of a talk as rows of a list. */

const NOBODY = "notice/nobody_yet";

class Rows {
  #wording;
  #act;

  /** @param {Wording} wording @param {object} act what a press does: choose(text, title), rate(reply, helpful), edit(own) */
  constructor(wording, act) {
    this.#wording = wording;
    this.#act = act;
  }

  /** @param {Entry} entry @returns {HTMLElement} */
  draw(entry) {
    if (entry.from === "note") return h("li", { class: "note" }, this.#wording.say("new_talk"));
    return entry.from === "patient" ? this.#own(entry) : this.#reply(entry);
  }

  /** Bring a row up to date without taking the focus from it. @param {Entry} entry */
  update(row, entry) {
    if (entry.from === "patient") row.lastElementChild.replaceWith(this.#state(entry));
    else if (row.querySelector(".rate")) this.#showRating(row.querySelector(".rate"), entry);
  }

  /** A quick reply, or a first question. */
  choice(text, title) {
    return button("choice", () => this.#act.choose(text, title), { dir: "auto" }, title || text);
  }

  /** @param {Own} own */
  #own(own) {
    return h("li", { class: "mine" },
      h("p", { class: "unseen" }, this.#wording.say("you")),
      h("p", { class: "bubble", dir: "auto" }, own.title || own.text),
      this.#state(own));
  }

  /** @param {Own} own */
  #state(own) {
    const { say, linked } = this.#wording;
    const refused = own.state === "failed" && [
      h("p", {}, linked(own.why === "failed_long" ? own.why : "failed_refused")),
      button("quiet", () => this.#act.edit(own), {}, say("edit")),
    ];
    return h("div", { class: `meta ${own.state}` }, h("p", {}, joined(this.#wording.time(own.at), say(own.state))), refused);
  }

  /** @param {Reply} reply */
  #reply(reply) {
    const wording = this.#wording;
    const look = this.#look(reply);
    return h("li", { class: `theirs ${reply.from} ${look}` },
      h("p", { class: "who" }, joined(wording.who(reply), wording.time(reply.at))),
      h("div", { class: "bubble" },
        look in ICONS && h("p", { class: "kind" }, icon(look), wording.say(look)),
        h("p", { class: "text", dir: "auto", lang: languageOf(reply.text) }, wording.link(reply.text, reply.from === "assistant")),
        look === "safety" && this.#calls(),
        reply.sources.length > 0 && this.#sources(reply.sources)),
      reply.buttons.length > 0 && h("div", { class: "choices", role: "group", "aria-label": wording.say("choices") },
        reply.buttons.map(({ title, text }) => this.choice(text, title))),
      reply.version && reply.position !== null && this.#rating(reply));
  }

  /** Safety stands out, a notice stays in the background. @param {Reply} reply */
  #look({ from, kind, topic }) {
    if (from === "staff") return "";
    if (topic.startsWith("notice/") && topic !== NOBODY) return "notice";
    if (topic === "safety/callback") return "handoff";
    return ["safety", "handoff"].includes(kind) ? kind : "";
  }

  #calls() {
    const { say } = this.#wording;
    const { phone, emergency_number: emergency, crisis_number: crisis } = this.#wording.facts.clinic;
    return h("p", { class: "calls" },
      h("a", { href: callLink(emergency) }, say("call", { number: emergency })),
      h("a", { href: callLink(crisis) }, say("call", { number: crisis })),
      h("a", { href: textLink(crisis) }, say("text_number", { number: crisis })),
      h("a", { href: callLink(phone) }, say("call_clinic")));
  }

  /** @param {Source[]} sources */
  #sources(sources) {
    return h("details", { class: "sources" },
      h("summary", {}, this.#wording.say("sources", { count: sources.length })),
      h("ul", {}, sources.map(({ document: name, section }) => h("li", { lang: "en" }, joined(name, section, " – ")))));
  }

  /** @param {Reply} reply */
  #rating(reply) {
    const press = (helpful) => () => this.#act.rate(reply, reply.helpful === helpful ? null : helpful);
    const { say } = this.#wording;
    const rate = h("div", { role: "group", "aria-label": say("helpful") },
      h("span"), button("quiet", press(true), {}, say("yes")), button("quiet", press(false), {}, say("no")));
    this.#showRating(rate, reply);
    return rate;
  }

  #showRating(rate, { helpful }) {
    const [text, yes, no] = rate.children;
    rate.className = helpful === null ? "rate" : "rate rated";
    text.textContent = this.#wording.say(helpful === null ? "helpful" : "thanks");
    yes.setAttribute("aria-pressed", String(helpful === true));
    no.setAttribute("aria-pressed", String(helpful === false));
  }
}
