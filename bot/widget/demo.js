/** The demonstration page's own buttons, as a clinic's page may have them. */
"use strict";

for (const button of document.querySelectorAll("[data-open-chat]")) {
  button.addEventListener("click", () => document.querySelector("clinic-chat").open?.());
}
