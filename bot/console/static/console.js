// What every page of the console does: it asks before the session ends, and hides the page when it has ended.
"use strict";

(() => {
  const body = document.body;
  const SPARE_MS = 60_000; // work is told to the server at most this often

  /** Ask the server; the CSRF token goes along. Throws when it refuses. */
  async function ask(method, address, fields) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRF-Token"] = body.dataset.csrf;
    const answer = await fetch(address, {
      method,
      headers,
      credentials: "same-origin",
      redirect: "error",
      body: fields ? new URLSearchParams(fields) : undefined,
    });
    if (!answer.ok) {
      const error = new Error(`${answer.status}`);
      error.status = answer.status;
      throw error;
    }
    return answer.status === 204 ? null : answer.json();
  }

  window.console_page = { ask };

  // -- the end of the session ------------------------------------------------

  const dialog = document.getElementById("idle");
  if (!dialog || !body.dataset.secondsLeft) return;

  const shown = document.getElementById("idle-seconds");
  const WARNING_SECONDS = Math.min(60, Math.round(Number(body.dataset.idleSeconds) / 3));
  let endsAt = 0;
  let told = Date.now();

  const endsIn = (seconds) => {
    endsAt = Date.now() + seconds * 1000;
  };
  const left = () => Math.max(0, Math.round((endsAt - Date.now()) / 1000));

  function leave() {
    body.replaceChildren(); // nobody reads on over a shoulder
    const here = encodeURIComponent(location.pathname + location.search);
    location.replace(`/staff/sign-in?over=1&to=${here}`);
  }

  async function renew(method) {
    try {
      const { seconds_left } = await ask(method, "/staff/session");
      endsIn(seconds_left);
    } catch (error) {
      if (error.status === 401 || error.status === 403) leave();
    }
  }

  function work() {
    if (dialog.open || Date.now() - told < SPARE_MS) return;
    told = Date.now();
    renew("POST");
  }

  async function look() {
    if (left() > WARNING_SECONDS) {
      if (dialog.open) dialog.close();
      return;
    }
    if (!dialog.open || left() % 10 === 0) await renew("GET"); // somebody may be at work in another window
    if (left() === 0) return leave();
    if (left() <= WARNING_SECONDS && !dialog.open) dialog.showModal();
    shown.textContent = `${left()}`;
  }

  document.getElementById("idle-stay").addEventListener("click", async () => {
    await renew("POST");
    dialog.close();
  });
  dialog.addEventListener("cancel", () => renew("POST"));
  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(kind, work, { passive: true });
  }
  document.addEventListener("visibilitychange", () => document.hidden || look());
  endsIn(Number(body.dataset.secondsLeft));
  setInterval(look, 1000);
})();
