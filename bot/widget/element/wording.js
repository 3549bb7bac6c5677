/* Texts, times and numbers, as one reader reads them. */

class Wording {
  /** @param {string} language one of TEXTS @param {object} facts as GET /api/chat/config has them */
  constructor(language, facts) {
    this.language = language;
    this.facts = facts;
  }

  /** A text with its places filled; an unknown place stays as it is. */
  say = (name, values = {}) => {
    const { name: clinic, phone, emergency_number: emergency, crisis_number: crisis } = this.facts.clinic;
    const known = { clinic, phone, emergency, crisis, ...values };
    return TEXTS[this.language][name].replace(/\{(\w+)\}/g, (place, key) => known[key] ?? place);
  };

  /** The same, with links to call. */
  linked = (name) => this.link(this.say(name), false);

  /** @param {boolean} isApproved whether addresses in it may be followed */
  link(text, isApproved) {
    const { clinic } = this.facts;
    const numbers = [clinic.emergency_number, clinic.crisis_number, clinic.poison_number, clinic.animal_poison_number, clinic.phone];
    return linked(text, numbers.map(aString).filter(Boolean), isApproved);
  }

  time = (at) => {
    if (Number.isNaN(Date.parse(at))) return "";
    return new Date(at).toLocaleTimeString(this.language, { hour: "numeric", minute: "2-digit" });
  };

  /** @param {Reply} reply */
  who({ from, name }) {
    if (from !== "staff") return this.say("assistant");
    return name ? this.say("staff", { name }) : this.say("somebody");
  }
}

/** The answers are in English so far, the fixed texts in the patient's language: a reader should pronounce each as it is. */
const languageOf = (text) => (/[¿¡ñáéíóú]/i.test(text) ? "es" : "en");
