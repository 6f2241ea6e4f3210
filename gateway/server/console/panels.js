// Everything beside the map: tiles, offers, journeys, nodes, dead letters. Whatever comes from outside becomes text,
// never markup. Before: map.js. Next: nothing; it is what people read.

export function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text != null) made.textContent = text;
  return made;
}

export const number = (value) => Number(value).toLocaleString();
export const percent = (share) => (share == null ? "–" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`);

// How long ago, in one word.
function ago(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

// Replaces text only when it changed, so that selections and screen readers are left in peace.
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Rows by key: made once, moved never, removed when gone.
class Rows {
  #body; #rows = new Map(); #columns;

  constructor(table, columns) {
    this.#body = table.tBodies[0];
    this.#columns = columns;
  }

  show(items) {
    const kept = new Set();
    for (const { key, cells, silent } of items) {
      kept.add(key);
      let row = this.#rows.get(key);
      if (!row) {
        row = make("tr");
        this.#columns.forEach((column) => row.append(make("td", column)));
        this.#rows.set(key, row);
        this.#body.append(row);
      }
      row.classList.toggle("silent", Boolean(silent));
      cells.forEach((cell, index) => {
        const target = row.cells[index];
        if (typeof cell === "string") write(target, cell);
        else cell(target);
      });
    }
    for (const [key, row] of this.#rows) {
      if (!kept.has(key)) {
        row.remove();
        this.#rows.delete(key);
      }
    }
  }
}

export class Tiles {
  #tiles = new Map(); #host; #before = null;

  constructor(host) {
    this.#host = host;
  }

  #tile(name, value, note, alert) {
    let tile = this.#tiles.get(name);
    if (!tile) {
      const [box, figure, small] = [make("div"), make("span"), make("small")];
      const data = make("dd");
      data.append(figure, small);
      box.append(make("dt", "", name), data);
      this.#host.append(box);
      tile = { box, figure, small };
      this.#tiles.set(name, tile);
    }
    write(tile.figure, value);
    write(tile.small, note ?? "");
    tile.box.classList.toggle("alert", Boolean(alert));
  }

  show(live) {
    const counted = live.counters;
    const dead = Object.values(counted.dead).reduce((sum, count) => sum + count, 0);
    const withheld = Object.values(counted.withheld).reduce((sum, count) => sum + count, 0);
    const accepted = live.journeys.reduce((sum, journey) => sum + journey.funnel.accepted, 0);
    const now = performance.now();
    let rate = "";
    if (this.#before && now > this.#before.now) {
      rate = `${number(Math.round(((counted.received - this.#before.received) * 1000) / (now - this.#before.now)))}/s`;
    }
    if (!this.#before || now - this.#before.now > 2000) this.#before = { now, received: counted.received };
    this.#tile("Here now", number(live.zones.reduce((sum, zone) => sum + zone.occupancy, 0)), `of ${number(live.subjects)}`);
    this.#tile("Messages", number(counted.received), rate);
    this.#tile("Sightings", number(counted.sightings), counted.late ? `${number(counted.late)} late` : "");
    this.#tile("Offers", number(counted.offers), live.outbox ? `${number(live.outbox)} waiting` : "");
    this.#tile("Accepted", number(accepted), counted.offers ? percent(accepted / counted.offers) : "");
    this.#tile("Withheld", number(withheld));
    this.#tile("Duplicates absorbed", number(counted.duplicates));
    this.#tile("Dead letters", number(dead), "", dead > 0);
  }
}

export class Offers {
  static MAX = 60;
  #list; #time; #held = []; #paused = false; #seen = new Set();

  constructor(list, button, time) {
    this.#list = list;
    this.#time = time;
    this.#list.append(make("li", "nothing", "No offer yet."));
    button.addEventListener("click", () => {
      this.#paused = !this.#paused;
      button.setAttribute("aria-pressed", String(this.#paused));
      this.#held.splice(0).forEach((offer) => this.add(offer));
    });
  }

  add(offer, fresh = true) {
    if (this.#paused) {
      this.#held.push(offer);
      if (this.#held.length > Offers.MAX) this.#held.shift();
      return;
    }
    if (this.#seen.has(offer.id)) return;
    this.#seen.add(offer.id);
    this.#list.querySelector(".nothing")?.remove();
    const item = make("li", fresh ? "new" : "");
    const by = make("span", "by");
    by.append(make("b", "", offer.journey), ` · ${offer.offer} · ${offer.channel} · ${offer.subject}`);
    item.dataset.id = offer.id;
    item.append(make("p", "text", offer.text), by, make("time", "", this.#time(offer.made_at)));
    this.#list.prepend(item);
    while (this.#list.children.length > Offers.MAX) {
      this.#seen.delete(this.#list.lastChild.dataset.id);
      this.#list.lastChild.remove();
    }
  }
}

export class Journeys {
  #host; #journeys = new Map();

  constructor(host) {
    this.#host = host;
  }

  #journey(name) {
    const box = make("article", "journey");
    const [title, share, bar, counts, pages] = [make("h3"), make("span"), make("div", "bar"), make("div", "counts"), make("div", "pages")];
    const figure = make("div");
    figure.append(share, make("small", "", " converted"));
    title.append(make("div", "", name), figure);
    const parts = ["accepted", "declined", "expired"].map((part) => make("i", part));
    bar.append(...parts);
    bar.setAttribute("aria-hidden", "true");
    box.append(title, bar, counts, pages);
    this.#host.append(box);
    return { share, parts, counts, pages, told: "" };
  }

  show(journeys) {
    if (journeys.length === 0 && this.#host.children.length === 0) this.#host.append(make("p", "nothing", "No journey runs."));
    for (const { name, funnel, conversion, pages } of journeys) {
      let shown = this.#journeys.get(name);
      if (!shown) this.#journeys.set(name, (shown = this.#journey(name)));
      const told = JSON.stringify([funnel, pages]);
      if (told === shown.told) continue;
      shown.told = told;
      write(shown.share, percent(conversion));
      shown.parts.forEach((part) => part.style.setProperty("--part", funnel.offers ? funnel[part.className] / funnel.offers : 0));
      shown.counts.replaceChildren(
        ...["offers", "accepted", "declined", "expired", "withheld"].map((what) => {
          const count = make("span");
          if (["accepted", "declined", "expired"].includes(what)) count.append(make("i", what));
          count.append(make("b", "", number(funnel[what])), ` ${what}`);
          return count;
        }),
      );
      shown.pages.replaceChildren(
        ...pages.map(([page, here]) => {
          const chip = make("span", "", `${page} `);
          chip.append(make("b", "", number(here)));
          return chip;
        }),
      );
    }
  }
}

export class Nodes {
  #rows; #sum; #zones;

  constructor(table, sum, venue) {
    this.#rows = new Rows(table, ["", "", "n", "n"]);
    this.#sum = sum;
    this.#zones = new Map(venue.zones.map((zone) => [zone.id, zone.title]));
  }

  show(live) {
    const online = live.nodes.filter((node) => node.online).length;
    write(this.#sum, `${online} of ${live.nodes.length} online`);
    this.#rows.show(
      live.nodes.map((node) => {
        const state = node.online ? "online" : node.online === false ? "silent" : "not heard yet";
        const name = (cell) => {
          if (cell.dataset.state === state) return;
          cell.dataset.state = state;
          const dot = make("span", `dot ${node.online ? "on" : node.online === false ? "off" : ""}`);
          dot.setAttribute("role", "img");
          dot.setAttribute("aria-label", state);
          dot.title = state;
          cell.replaceChildren(dot, node.name);
        };
        const seen = node.seen_at == null ? "never" : ago(live.now - node.seen_at);
        return { key: node.name, cells: [name, this.#zones.get(node.zone) ?? "–", number(node.admitted), seen], silent: node.online === false };
      }),
    );
  }
}

export class Zones {
  #rows;

  constructor(table) {
    this.#rows = new Rows(table, ["", "", "", "n", "n", "n", "n"]);
  }

  show(zones) {
    const unit = (value, digits, text) => (value == null ? "–" : `${value.toFixed(digits)} ${text}`);
    this.#rows.show(
      zones.map((zone) => ({
        key: zone.id,
        cells: [zone.title, `${zone.kind}${zone.outdoor ? ", outdoor" : ""}`, String(zone.level), number(zone.occupancy), unit(zone.queue, 0, "min"), unit(zone.weather.temperature, 1, "°C"), unit(zone.weather.rain, 1, "mm/h")],
      })),
    );
  }
}

export class DeadLetters {
  #reasons; #rows; #sum; #time; #told = "";

  constructor(reasons, table, sum, time) {
    this.#reasons = reasons;
    this.#rows = new Rows(table, ["", "", "", ""]);
    this.#sum = sum;
    this.#time = time;
  }

  // Says whether there is something new to fetch.
  show(dead) {
    const told = JSON.stringify(dead);
    if (told === this.#told) return false;
    this.#told = told;
    const reasons = Object.entries(dead).sort((a, b) => b[1] - a[1]);
    const total = reasons.reduce((sum, [, count]) => sum + count, 0);
    write(this.#sum, total === 0 ? "none: everything that came was understood" : `${number(total)} in all`);
    this.#reasons.replaceChildren(
      ...reasons.map(([reason, count]) => {
        const chip = make("div");
        chip.append(make("dt", "", reason), make("dd", "", number(count)));
        return chip;
      }),
    );
    return total > 0;
  }

  list(letters) {
    this.#rows.show(letters.map((letter, index) => ({ key: index, cells: [this.#time(letter.at), letter.reason, letter.client, letter.topic] })));
  }
}
