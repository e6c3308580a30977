"use strict";
// Pictures, the switch of the theme, and what a screen reader is told. Everything works without it, by forms and SVG.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const NARROW = 620;

  async function draw(figure) {
    const place = figure.querySelector(".drawing");
    const size = figure.clientWidth < NARROW ? "narrow" : "wide";
    const state = `${theme()} ${size}`;
    if (!place || figure.clientWidth === 0 || figure.dataset.drawn === state) return;
    figure.dataset.drawn = state;
    const query = new URLSearchParams(figure.dataset.query || "");
    query.set("theme", theme());
    query.set("size", size);
    try {
      const answer = await fetch(`${figure.dataset.picture}?${query}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const specification = await answer.json();
      if (figure.dataset.drawn !== state) return;
      await vegaEmbed(place, specification, {
        ast: true, expr: vegaInterpreter.expressionInterpreter, actions: false, renderer: "svg", defaultStyle: false,
        tooltip: false,
      });
      // the place itself says what is drawn; the marks inside say nothing more
      place.querySelector("svg")?.setAttribute("aria-hidden", "true");
      figure.classList.add("ready");
    } catch (fault) {
      delete figure.dataset.drawn;
      place.textContent = "The picture could not be drawn; the table below has its numbers.";
      console.warn(fault);
    }
  }

  function drawAll(within) {
    for (const figure of within.querySelectorAll("figure[data-picture]")) {
      if (!figure.closest("details:not([open])")) draw(figure);
    }
  }

  function again() { drawAll(document); }

  function label() {
    const button = document.getElementById("theme");
    if (!button) return;
    const other = theme() === "dark" ? "light" : "dark";
    button.hidden = false;
    button.textContent = other === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `Show this in ${other} colours`);
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest("#theme")) return;
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    try { localStorage.setItem("remit-theme", root.dataset.theme); } catch { /* not remembered */ }
    label();
    again();
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.open) drawAll(event.target);
  }, true);
  dark.addEventListener("change", () => { label(); again(); });
  document.addEventListener("input", (event) => {
    if (event.target.name !== "sessions" || !event.target.closest(".ask")) return;
    const one = event.target.value.trim() === "1";
    const form = event.target.closest(".ask");
    form.querySelector(".every").classList.toggle("one", one);
    form.querySelector(".many").textContent = one ? "session" : "sessions";
  });
  let waiting = null;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(again, 200); });

  // opened parts of an answer stay open when it changes
  let open = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.detail.target.querySelectorAll("details[open] > summary")].map((each) => each.textContent);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const summary of event.detail.target.querySelectorAll("details > summary")) {
      if (open.includes(summary.textContent)) summary.parentElement.open = true;
    }
    drawAll(document);
    const lead = event.detail.target.querySelector("h1");
    const status = document.getElementById("status");
    if (lead && status) status.textContent = lead.textContent;
  });
  document.addEventListener("htmx:responseError", () => {
    const status = document.getElementById("status");
    if (status) status.textContent = "It did not work. Try again.";
  });

  label();
  again();
})();
