// What offers came to, by whatever the operator picks: shares with the interval in which the truth lies, lift, promises. Asks the
// gateway again while anyone looks. Before: console.js. Next: nothing; it is what people read.

import { make, number, percent, write } from "./panels.js";

const EVERY_MS = 5000;
const WAYS = [
  ["journey,offer", "Offer"],
  ["channel", "Channel"],
  ["zone", "Zone"],
  ["hour", "Hour"],
  ["role", "Role"],
  ["weather", "Weather"],
];

// A share as a mark on a line from nothing to all, with the interval for every look: this page is reloaded all day.
function share(estimate) {
  const cell = make("div", "share");
  if (!estimate) {
    cell.append(make("span", "quiet", "–"));
    return cell;
  }
  const line = make("i", "line");
  line.style.setProperty("--low", estimate.always_low);
  line.style.setProperty("--high", estimate.always_high);
  line.style.setProperty("--share", estimate.share);
  line.append(make("i", "span"), make("i", "mark"));
  line.setAttribute("aria-hidden", "true");
  const range = `${percent(estimate.always_low)} to ${percent(estimate.always_high)}`;
  cell.title = `${number(estimate.hits)} of ${number(estimate.of)}; the truth lies between ${range}`;
  const words = make("span", "range", ` (${range})`);
  const figure = make("b", "", percent(estimate.share));
  cell.append(figure, line, words);
  return cell;
}

function points(value) {
  return `${value > 0 ? "+" : ""}${(value * 100).toFixed(1)}`;
}

export class Outcomes {
  #table; #lifts; #promises; #sum; #zones; #by = WAYS[0][0]; #told = "";

  constructor({ table, tabs, lifts, promises, sum }, venue) {
    this.#table = table;
    this.#lifts = lifts;
    this.#promises = promises;
    this.#sum = sum;
    this.#zones = new Map(venue.zones.map((zone) => [zone.id, zone.title]));
    for (const [by, name] of WAYS) {
      const button = make("button", "", name);
      button.type = "button";
      button.setAttribute("aria-pressed", String(by === this.#by));
      button.addEventListener("click", () => {
        this.#by = by;
        [...tabs.children].forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
        this.ask();
      });
      tabs.append(button);
    }
    this.ask();
    setInterval(() => document.hidden || this.ask(), EVERY_MS);
  }

  async ask() {
    const by = this.#by;
    const answer = await fetch(`/api/v1/report?by=${by}`).catch(() => null);
    if (!answer?.ok || by !== this.#by) return;
    const text = await answer.text();
    if (text === this.#told) return;
    this.#told = text;
    this.#show(JSON.parse(text));
  }

  #show(report) {
    const total = report.total;
    write(this.#sum, total.made ? `${number(total.made)} made, ${number(total.withheld)} withheld` : "nothing was offered yet");
    const named = (row) => {
      const words = row.key.map((word) => (report.by.at(-1) === "zone" ? (this.#zones.get(word) ?? word) : word));
      if (report.by[0] === "hour") return `${words[0]}:00`;
      return words.map((word) => word || "not known").reverse().join(" · ");
    };
    const worth = report.rows.some((row) => row.worth);
    this.#table.tHead.rows[0].lastElementChild.hidden = !worth;
    this.#table.tBodies[0].replaceChildren(
      ...report.rows.map((row) => {
        const line = make("tr");
        const head = make("th", "", named(row));
        head.scope = "row";
        const value = make("td", "n", row.worth ? row.worth.mean.toFixed(2) : "–");
        value.hidden = !worth;
        const [through, conversion] = [make("td"), make("td")];
        through.append(share(row.click_through));
        conversion.append(share(row.conversion));
        line.append(head, make("td", "n", number(row.made)), through, conversion, value);
        return line;
      }),
    );
    this.#lifts.replaceChildren(
      ...report.lifts.map((lift) => {
        const item = make("li");
        const verdict = lift.settled ? (lift.difference > 0 ? "offers help" : "offers harm") : "may still be chance";
        const groups = `${number(lift.treated.hits)} of ${number(lift.treated.of)} people, ${number(lift.held_out.hits)} of ${number(lift.held_out.of)} held out`;
        item.append(
          make("b", "", lift.journey),
          make("span", lift.settled ? "verdict settled" : "verdict", verdict),
          make("span", "quiet", `${points(lift.difference)} points (${points(lift.low)} to ${points(lift.high)}); ${groups}`),
        );
        return item;
      }),
    );
    this.#promises.replaceChildren(
      ...report.promises.map((kept) => {
        const item = make("li");
        const now = kept.now == null ? "–" : kept.measure?.startsWith("value") ? kept.now.toFixed(2) : percent(kept.now);
        item.append(make("b", "", kept.journey), make("span", "figure", now));
        if (kept.outcome) item.append(make("p", "", kept.outcome));
        if (kept.experience) item.append(make("p", "said", `“${kept.experience}”`));
        if (kept.measure) item.append(make("code", "quiet", kept.measure));
        return item;
      }),
    );
    this.#lifts.parentElement.hidden = report.lifts.length === 0;
    this.#promises.parentElement.hidden = report.promises.length === 0;
  }
}
