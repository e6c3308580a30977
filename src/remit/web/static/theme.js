"use strict";
// before anything is drawn: the theme chosen last, and word that scripts run
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let chosen = null;
  try { chosen = localStorage.getItem("remit-theme"); } catch { /* nothing is remembered where nothing may be */ }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
