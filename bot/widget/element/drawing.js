/* Elements and links. What anybody wrote becomes text, never markup. */

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  chat: "M4 5.5h16v11h-9l-4.5 4v-4H4z",
  close: "M6 6l12 12M18 6L6 18",
  forget: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.3 10.5v5.5M13.7 10.5v5.5",
  send: "M12 19.5V5M6 10.5L12 4.5l6 6",
  down: "M12 5v13M6.5 12.5L12 18l5.5-5.5",
  handoff: "M12 11.5a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5zM4.5 20c.8-3.9 3.8-5.7 7.5-5.7s6.7 1.8 7.5 5.7",
  safety: "M12 4l9.5 16h-19zM12 10.2V15M12 17.4v.1",
};

/**
 * An element. Attributes that are false or empty are left out; those that begin with "on" are listeners; text is text.
 * @returns {HTMLElement}
 */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false && child !== ""));
  return element;
}

function button(look, onclick, attributes, ...children) {
  return h("button", { class: look, type: "button", onclick, ...attributes }, ...children);
}

const joined = (one, other, between = " · ") => [one, other].filter(Boolean).join(between);

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const callLink = (number) => `tel:${number.replace(/[^+\d]/g, "")}`;
const textLink = (number) => `sms:${number.replace(/[^+\d]/g, "")}`;
const escaped = (text) => text.replace(/\W/g, "\\$&");

/**
 * Text in which the clinic's own numbers can be called and, where it is approved, secure addresses followed.
 * @returns {(string|HTMLElement)[]}
 */
function linked(text, numbers, isApproved) {
  const known = numbers.sort((one, other) => other.length - one.length).map(escaped);
  const pattern = new RegExp(`https://[^\\s<>"'()]*[^\\s<>"'().,;:!?]|${known.join("|")}`, "g");
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    const isAddress = found.startsWith("https://");
    const target = isAddress ? isApproved && found : isAlone(text, index, found) && callLink(found);
    if (!target) continue;
    const away = isAddress && { target: "_blank", rel: "noopener noreferrer" };
    parts.push(text.slice(end, index), h("a", { href: target, ...away }, found));
    end = index + found.length;
  }
  return [...parts, text.slice(end)];
}

/** 911 is no part of 1911 or 911-5550. */
function isAlone(text, index, found) {
  return !/[\w+-]$/.test(text.slice(0, index)) && !/^(\w|[-.]\d)/.test(text.slice(index + found.length));
}
