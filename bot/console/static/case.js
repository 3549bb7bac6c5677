// One escalation: what is new appears, the reply is sent without losing the place, the patient sees that somebody writes.
"use strict";

(() => {
  const page = document.getElementById("case");
  const lines = document.getElementById("lines");
  const actions = document.getElementById("actions");
  const writing = document.getElementById("writing");
  const { ask } = window.console_page;
  const reference = page.dataset.case;
  const address = `/staff/escalations/${reference}`;
  const still = "still" in page.dataset; // earlier messages are shown: nothing is added to them
  const TYPING_MS = 4000;
  let busy = false;
  let again = false;
  let writingUntil = Date.now() + Number(writing.dataset.seconds) * 1000;
  let toldAt = 0;

  const isAtEnd = () => lines.scrollHeight - lines.scrollTop - lines.clientHeight < 80;
  const toEnd = () => lines.scrollTo({ top: lines.scrollHeight });

  async function refresh() {
    if (still) return;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      const asked = new URLSearchParams({
        after: page.dataset.position,
        token: page.dataset.token,
        standing: page.dataset.standing,
        seen: document.hidden ? "0" : "1",
      });
      try {
        put(await ask("GET", `${address}/live?${asked}`));
      } catch (error) {
        if (error.status === 403) return location.reload();
        if (error.status === 404) return;
        await new Promise((resolve) => setTimeout(resolve, 2000));
        again = true;
      }
    } while (again);
    busy = false;
  }

  function put(told) {
    const end = isAtEnd();
    if (Number(told.position) > Number(page.dataset.position)) {
      lines.insertAdjacentHTML("beforeend", told.lines);
      page.dataset.position = told.position;
      again = again || told.lines.length > 0;
    }
    document.getElementById("head").innerHTML = told.head;
    document.getElementById("history").innerHTML = told.history;
    if (told.actions !== undefined) {
      replaceActions(told.actions);
      page.dataset.standing = told.standing;
    }
    writingUntil = Date.now() + told.writing_seconds * 1000;
    showWriting();
    if (end) toEnd();
  }

  /** What is typed stays, and so does the focus. */
  function replaceActions(html) {
    const kept = [...actions.querySelectorAll("textarea, input[type=text], input:not([type])")].map((each) => [each.id, each.value]);
    const at = actions.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...actions.querySelectorAll("details[open] summary")].map((each) => each.textContent);
    actions.innerHTML = html;
    for (const [id, value] of kept) {
      const field = id && document.getElementById(id);
      if (field && value) field.value = value;
    }
    for (const summary of actions.querySelectorAll("summary")) {
      if (open.includes(summary.textContent)) summary.parentElement.open = true;
    }
    if (at) document.getElementById(at)?.focus();
  }

  function showWriting() {
    writing.hidden = Date.now() >= writingUntil;
  }

  // -- the reply box -------------------------------------------------------------

  async function send(form) {
    const box = form.elements.text;
    const problem = document.getElementById("reply-problem");
    const button = form.querySelector("button:not([type=button])");
    if (button.disabled) return;
    button.disabled = true;
    problem.hidden = true;
    const text = box.value;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json", "X-CSRF-Token": document.body.dataset.csrf },
        body: new URLSearchParams({ text }),
        redirect: "error",
      });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.error.message);
      if (box.value === text) box.value = "";
      toldAt = 0;
      await refresh();
      toEnd();
    } catch (error) {
      problem.textContent = error instanceof TypeError ? "Not sent: the console is not connected. What you typed is still here." : `Not sent. ${error.message}`;
      problem.hidden = false;
    }
    button.disabled = false;
    document.getElementById("text")?.focus();
  }

  actions.addEventListener("submit", (event) => {
    if (event.target.id === "reply") {
      event.preventDefault();
      send(event.target);
    }
  });

  actions.addEventListener("keydown", (event) => {
    if (event.target.id === "text" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  actions.addEventListener("click", (event) => {
    const canned = event.target.closest("[data-text]");
    if (!canned) return;
    event.preventDefault();
    const box = document.getElementById("text");
    box.value = box.value.trim() ? `${box.value.trimEnd()} ${canned.dataset.text}` : canned.dataset.text;
    canned.closest("details").open = false;
    box.focus();
  });

  actions.addEventListener("input", (event) => {
    if (event.target.id !== "text" || Date.now() - toldAt < TYPING_MS || !page.dataset.standing.startsWith("with_staff/")) return;
    toldAt = Date.now();
    ask("POST", `${address}/typing`, { writing: "1" }).catch(() => {});
  });

  document.addEventListener("console:case", refresh);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  setInterval(showWriting, 500);
  toEnd();
})();
