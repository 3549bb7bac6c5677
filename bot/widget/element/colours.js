/* Colours that can be read, whatever colour the clinic has chosen. */

const DEFAULT_ACCENT = "#0e5c59";
const PALETTES = {
  light: {
    surface: "#ffffff", ground: "#f3f6f5", theirs: "#ffffff", ink: "#1a2423", soft: "#52605d", line: "#dbe2e0", control: "#6d7a77",
    danger: "#9b1c1c", dangerGround: "#fdf1ef", dangerLine: "#f0cdc8", warn: "#4f3a05", warnGround: "#fdf4dc", focus: "#0b4fb3",
  },
  dark: {
    surface: "#1a2221", ground: "#121817", theirs: "#222d2b", ink: "#e9efed", soft: "#aebbb8", line: "#33403d", control: "#84928f",
    danger: "#ffb1aa", dangerGround: "#331b1b", dangerLine: "#5c2a29", warn: "#f7e5b0", warnGround: "#352b10", focus: "#9cc4ff",
  },
};

const channels = (hex) => [1, 3, 5].map((index) => Number.parseInt(hex.slice(index, index + 2), 16));
const toHex = (rgb) => `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;

/** Relative luminance, as WCAG defines it. */
function luminance(hex) {
  const [red, green, blue] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** The colour, moved towards black or white until it stands out from every ground. */
function legible(hex, grounds, ratio) {
  const towards = luminance(grounds[0]) > 0.2 ? 0 : 255;
  let found = hex;
  for (let step = 1; step <= 20 && grounds.some((ground) => contrast(found, ground) < ratio); step += 1) {
    found = toHex(channels(hex).map((value) => value + ((towards - value) * step) / 20));
  }
  return found;
}

/** The clinic's colour is kept where something is filled with it; letters and edges get one that can be seen. */
function variables(palette, wish) {
  const onAccent = contrast(wish, "#ffffff") >= 4.5 ? "#ffffff" : "#000000";
  const link = legible(wish, [palette.surface, palette.ground, palette.theirs], 6);
  return Object.entries({ ...palette, accent: wish, onAccent, link }).map(([name, value]) => `--${name}:${value};`).join("");
}

/** @param {string|null} wish #rrggbb; anything else is the default @param {string|null} scheme light, dark, or as the device has it */
function theme(wish, scheme) {
  const accent = /^#[0-9a-f]{6}$/i.test(wish) ? wish : DEFAULT_ACCENT;
  const [light, dark] = [variables(PALETTES.light, accent), variables(PALETTES.dark, accent)];
  if (scheme === "light" || scheme === "dark") return `.root{color-scheme:${scheme};${scheme === "light" ? light : dark}}`;
  return `.root{color-scheme:light dark;${light}}@media (prefers-color-scheme:dark){.root{${dark}}}`;
}
