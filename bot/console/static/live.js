// On every page of the console: what waits in the title and on the icon, and an alarm that only an acknowledgement ends.
"use strict";

(() => {
  const body = document.body;
  const title = document.title;
  const icon = document.getElementById("icon");
  const alarmBox = document.getElementById("alarm");
  const soundBox = document.getElementById("sound");
  const awayBox = document.getElementById("away");
  if (!alarmBox) return;

  const plainIcon = icon.href;
  const RETRY_MS = 3000;
  const AWAY_MS = 4000;
  const RING_MS = 2500;
  const caseOf = document.querySelector("[data-case]")?.dataset.case;
  let unclaimed = [];
  let told = new Set();
  let lostAt = 0;

  // -- the stream --------------------------------------------------------------

  let stream;
  function connect() {
    stream = new EventSource(`/staff/events${caseOf ? `?case=${encodeURIComponent(caseOf)}` : ""}`);
    stream.addEventListener("state", (event) => {
      present();
      show({ change: Number(event.lastEventId), ...JSON.parse(event.data) });
    });
    stream.addEventListener("case", () => document.dispatchEvent(new CustomEvent("console:case")));
    stream.addEventListener("away", () => absent("The database does not answer: what you see may be old."));
    stream.addEventListener("over", () => {
      stream.close();
      location.reload();
    });
    stream.onerror = () => {
      lostAt ||= Date.now();
      if (stream.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    };
  }

  function present() {
    lostAt = 0;
    awayBox.hidden = true;
  }

  function absent(text) {
    if (awayBox.hidden) awayBox.textContent = text;
    awayBox.hidden = false;
  }

  setInterval(() => {
    if (lostAt && Date.now() - lostAt > AWAY_MS) absent("Not connected: what you see may be old. Trying again …");
  }, 1000);

  // -- title, icon, banner -----------------------------------------------------

  function show(state) {
    const before = unclaimed;
    unclaimed = state.unclaimed;
    const count = unclaimed.length;
    const prefix = count ? `(${state.open}) ${count} EMERGENC${count === 1 ? "Y" : "IES"} – ` : state.open ? `(${state.open}) ` : "";
    document.title = prefix + title;
    icon.href = state.open ? `/staff/icon.svg?n=${state.open}&alarm=${count ? 1 : 0}` : plainIcon;
    if (before.join() !== unclaimed.join()) {
      banner();
      notify();
    }
    ringWhileNeeded();
    document.dispatchEvent(new CustomEvent("console:state", { detail: state }));
  }

  function banner() {
    alarmBox.hidden = unclaimed.length === 0;
    const links = unclaimed.map((reference) => {
      const link = document.createElement("a");
      link.href = `/staff/escalations/${reference}`;
      link.textContent = reference;
      return link;
    });
    const text = unclaimed.length === 1 ? "An emergency that nobody has: " : `${unclaimed.length} emergencies that nobody has: `;
    alarmBox.replaceChildren(text, ...links.flatMap((link, number) => (number ? [", ", link] : [link])));
  }

  // -- sound -------------------------------------------------------------------

  let audio = null;
  let ringing = null;

  function makeAudio() {
    audio ||= new AudioContext();
    audio.onstatechange = explain;
    return audio;
  }

  function beep(at, pitch) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.type = "square";
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.25, at + 0.02);
    loudness.gain.setValueAtTime(0.25, at + 0.2);
    loudness.gain.linearRampToValueAtTime(0, at + 0.24);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  }

  function ring() {
    if (!unclaimed.length) return;
    if (audio.state === "running") {
      const now = audio.currentTime;
      [880, 660, 880, 660].forEach((pitch, number) => beep(now + number * 0.28, pitch));
      body.dataset.rung = `${Number(body.dataset.rung || 0) + 1}`;
    } else {
      audio.resume().catch(() => {});
    }
    navigator.vibrate?.([300, 150, 300]);
  }

  function ringWhileNeeded() {
    if (unclaimed.length && !ringing) {
      ring();
      ringing = setInterval(ring, RING_MS);
    } else if (!unclaimed.length && ringing) {
      clearInterval(ringing);
      ringing = null;
    }
  }

  /** The browser may keep a page silent until somebody has touched it: say so, and how to allow it. */
  function explain() {
    const parts = [];
    if (audio.state !== "running") parts.push(offer("Your browser keeps this page silent: an emergency would not be heard.", "Allow sound", allowSound));
    if (window.Notification?.permission === "default") parts.push(offer("Notifications are not allowed yet.", "Allow notifications", allowNotifications));
    if (window.Notification?.permission === "denied" && audio.state !== "running") {
      parts.push(document.createTextNode("Notifications are blocked: allow them for this site in the settings of your browser."));
    }
    soundBox.replaceChildren(...parts);
    soundBox.hidden = parts.length === 0;
  }

  function offer(text, label, work) {
    const row = document.createElement("span");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--quiet";
    button.textContent = label;
    button.addEventListener("click", work);
    row.className = "cluster";
    row.append(text, button);
    return row;
  }

  async function allowSound() {
    await audio.resume();
    if (audio.state === "running") beep(audio.currentTime, 880);
    explain();
  }

  async function allowNotifications() {
    await Notification.requestPermission();
    explain();
  }

  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => audio.state === "suspended" && audio.resume().catch(() => {}), { passive: true });
  }

  // -- notifications: nothing about the patient, other people see the screen ----

  function notify() {
    const open = new Set(unclaimed);
    if (window.Notification?.permission === "granted" && document.hidden) {
      for (const reference of open) {
        if (told.has(reference)) continue;
        try {
          const note = new Notification("Emergency", { body: `${reference}: nobody has it yet`, tag: reference, requireInteraction: true });
          note.onclick = () => {
            window.focus();
            location.assign(`/staff/escalations/${reference}`);
          };
        } catch {
          // Some telephones take none from a page.
        }
      }
    }
    told = open;
  }

  // -- clocks ------------------------------------------------------------------

  function duration(seconds) {
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1) return `${seconds} s`;
    if (minutes < 60) return `${minutes}:${String(seconds % 60).padStart(2, "0")} min`;
    const hours = Math.floor(minutes / 60);
    return hours < 24 ? `${hours} h ${String(minutes % 60).padStart(2, "0")} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
  }

  function tick() {
    for (const clock of document.querySelectorAll("time.clock")) {
      const text = duration(Math.max(0, Math.floor((Date.now() - Date.parse(clock.dateTime)) / 1000)));
      if (clock.textContent !== text) clock.textContent = text;
    }
  }

  makeAudio();
  explain();
  tick();
  setInterval(tick, 1000);
  connect();
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
