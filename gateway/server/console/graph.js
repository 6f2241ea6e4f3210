// A journey as it is drawn, with who is on which page and how often each choice was taken since the last start or reload.
// The picture comes from the gateway; its own style goes with it, and reaches nothing else. Before: console.js. Next: nothing.

import { make, number, write } from "./panels.js";

const SVG = "http://www.w3.org/2000/svg";

export class Graph {
  #host; #picked; #shadow; #name = null; #places = new Map(); #turns = new Map(); #live = [];

  constructor(host, tabs, names) {
    this.#host = host;
    this.#picked = tabs;
    this.#shadow = host.attachShadow({ mode: "open" });
    for (const name of names) {
      const button = make("button", "", name);
      button.type = "button";
      button.addEventListener("click", () => this.#pick(name));
      tabs.append(button);
    }
    if (names.length) this.#pick(names[0]);
  }

  show(journeys) {
    this.#live = journeys;
    const journey = journeys.find((one) => one.name === this.#name);
    if (!journey) return;
    const here = new Map(journey.pages);
    for (const [page, place] of this.#places) write(place, here.get(page) ? `${number(here.get(page))} here` : "");
    const taken = new Map(journey.turns.map((turn) => [`${turn.page}\n${turn.choice}\n${turn.to}`, turn.count]));
    for (const [key, place] of this.#turns) write(place, taken.get(key) ? `${number(taken.get(key))} ×` : "");
  }

  async #pick(name) {
    this.#name = name;
    [...this.#picked.children].forEach((tab) => tab.setAttribute("aria-pressed", String(tab.textContent === name)));
    const answer = await fetch(`/api/v1/picture?journey=${encodeURIComponent(name)}`).catch(() => null);
    if (this.#name !== name) return;
    this.#places.clear();
    this.#turns.clear();
    if (!answer?.ok) {
      this.#shadow.replaceChildren(make("p", "", "This journey has no picture."));
      return;
    }
    const drawn = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    const sheet = new CSSStyleSheet();
    const style = drawn.querySelector("style");
    sheet.replaceSync(`${style?.textContent ?? ""} svg{max-width:100%;height:auto;display:block}.paper{fill:none}`);
    style?.remove();
    this.#shadow.adoptedStyleSheets = [sheet];
    for (const page of drawn.querySelectorAll("[data-page]")) this.#mark(page);
    this.#shadow.replaceChildren(document.adoptNode(drawn));
    this.show(this.#live);
  }

  // Makes room for the counts: of a page beside its name, of a choice across from the page that it turns to.
  #mark(page) {
    const box = page.querySelector("rect");
    const [left, top] = [Number(box.getAttribute("x")) + 12, Number(box.getAttribute("y"))];
    const right = left + Number(box.getAttribute("width")) - 24;
    this.#places.set(page.dataset.page, count(page, "page end", right, top + 22));
    for (const choice of page.querySelectorAll("[data-choice]")) {
      const words = choice.querySelector("text.to");
      const { choice: nth, to } = choice.dataset;
      const [kind, x] = words.classList.contains("end") ? ["offer", left] : ["offer end", right];
      this.#turns.set(`${page.dataset.page}\n${nth}\n${to}`, count(choice, kind, x, Number(words.getAttribute("y"))));
    }
  }
}

function count(parent, kind, x, y) {
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("class", kind);
  text.setAttribute("x", x);
  text.setAttribute("y", y);
  parent.append(text);
  return text;
}
