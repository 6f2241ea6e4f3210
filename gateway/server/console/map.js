// Draws the venue's zones once, and paints them with every picture: who is where, where it rains, which nodes are silent.
// It computes nothing about offers. Before: console.js. Next: panels.js.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const MARGIN = 26;

function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

// Degrees to picture units: east-west shrinks with latitude, which is exact enough over one venue.
function projection(venue) {
  const points = [
    ...venue.zones.flatMap((zone) => zone.rings.flat()),
    ...venue.nodes.filter((node) => node.point).map((node) => node.point),
  ];
  if (points.length === 0) return null;
  const [lons, lats] = [points.map((point) => point[0]), points.map((point) => point[1])];
  const [west, east] = [Math.min(...lons), Math.max(...lons)];
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const shrink = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const scale = (WIDTH - 2 * MARGIN) / Math.max((east - west) * shrink, (north - south) * 0.9, 1e-9);
  const height = (north - south) * scale + 2 * MARGIN;
  const width = (east - west) * shrink * scale + 2 * MARGIN;
  const place = ([lon, lat]) => [MARGIN + (lon - west) * shrink * scale, MARGIN + (north - lat) * scale];
  return { place, width, height };
}

function rainPattern(svg) {
  const pattern = element("pattern", { id: "rain", width: 14, height: 14, patternUnits: "userSpaceOnUse", patternTransform: "rotate(25)" }, element("defs", {}, svg));
  element("line", { x1: 4, y1: 1, x2: 4, y2: 7, class: "rainline" }, pattern);
  element("line", { x1: 11, y1: 8, x2: 11, y2: 13, class: "rainline" }, pattern);
}

export function weatherWords(weather) {
  const words = [];
  if (weather.temperature != null) words.push(`${weather.temperature.toFixed(1)} °C`);
  if (weather.rain != null) words.push(weather.rain > 0 ? `rain ${weather.rain.toFixed(1)} mm/h` : "dry");
  if (weather.wind != null) words.push(`wind ${weather.wind.toFixed(1)} m/s`);
  return words.join(", ");
}

export class VenueMap {
  #venue; #host; #projection; #zones = new Map(); #nodes = new Map(); #chips = new Map(); #live = null;

  constructor(venue, host, tabs) {
    this.#venue = venue;
    this.#host = host;
    this.#projection = projection(venue);
    const drawn = venue.zones.filter((zone) => zone.rings.length > 0);
    const levels = venue.levels.filter((level) => drawn.some((zone) => zone.level === level.level));
    if (levels.length > 1) this.#tabs(levels, tabs);
    this.#draw(levels.find((level) => level.level === 0)?.level ?? levels[0]?.level ?? 0);
  }

  #tabs(levels, tabs) {
    for (const { level, title } of levels) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = title;
      button.dataset.level = level;
      button.addEventListener("click", () => this.#draw(level));
      tabs.append(button);
    }
    this.tabs = [...tabs.children];
  }

  #draw(level) {
    this.tabs?.forEach((tab) => tab.setAttribute("aria-pressed", String(Number(tab.dataset.level) === level)));
    this.#zones.clear();
    this.#nodes.clear();
    this.#chips.clear();
    this.#host.replaceChildren();
    if (this.#projection) this.#picture(level);
    this.#unplaced();
    if (this.#live) this.paint(this.#live);
  }

  #picture(level) {
    const { place, width, height } = this.#projection;
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Map of the zones" });
    rainPattern(svg);
    const centres = new Map();
    const labels = [];
    for (const zone of this.#venue.zones.filter((it) => it.rings.length > 0 && it.level === level)) {
      const rings = zone.rings.map((ring) => ring.map(place));
      const outline = rings.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`).join("");
      const group = element("g", { class: zone.outdoor ? "zone" : "zone indoor", tabindex: 0, role: "img" }, svg);
      element("path", { d: outline, "fill-rule": "evenodd" }, group);
      const wet = element("path", { d: outline, "fill-rule": "evenodd", class: "wet" }, group);
      const [x, y] = place(zone.label);
      centres.set(zone.id, [x, y]);
      const tip = element("title", {}, group);
      labels.push(() => {
        const label = element("g", { class: "zone", "aria-hidden": "true" }, svg);
        element("text", { class: "title", x, y: y - 8 }, label).textContent = zone.title;
        const count = element("text", { class: "count", x, y: y + 16 }, label);
        const queue = element("text", { class: "queue", x, y: y + 34 }, label);
        this.#zones.set(zone.id, { zone, group, wet, tip, count, queue });
      });
    }
    this.#dots(svg, level, centres);
    labels.forEach((draw) => draw());
    this.#host.append(svg);
  }

  #dots(svg, level, centres) {
    const beside = new Map();
    for (const node of this.#venue.nodes.filter((it) => it.level === level)) {
      let at = node.point ? this.#projection.place(node.point) : centres.get(node.zone);
      if (!at) continue;
      if (!node.point) {
        const nth = beside.get(node.zone) ?? 0;
        beside.set(node.zone, nth + 1);
        at = [at[0] - 34 + 14 * nth, at[1] - 30];
      }
      const dot = element("circle", { class: "node", cx: at[0], cy: at[1], r: node.weather ? 7 : 5.5, "aria-hidden": "true" }, svg);
      const tip = element("title", {}, dot);
      this.#nodes.set(node.name, { dot, tip });
    }
  }

  // Zones that no polygon is known of are still zones.
  #unplaced() {
    const rest = this.#venue.zones.filter((zone) => zone.rings.length === 0);
    if (rest.length === 0) return;
    const list = document.createElement("ul");
    list.className = "chips";
    for (const zone of rest) {
      const chip = document.createElement("li");
      list.append(chip);
      this.#chips.set(zone.id, chip);
    }
    this.#host.append(list);
  }

  paint(live) {
    this.#live = live;
    const busiest = Math.max(1, ...live.zones.map((zone) => zone.occupancy));
    for (const zone of live.zones) {
      const heat = Math.sqrt(zone.occupancy / busiest).toFixed(3);
      const chip = this.#chips.get(zone.id);
      if (chip) {
        chip.textContent = `${zone.title}: ${zone.occupancy}`;
        chip.style.setProperty("--heat", heat);
      }
      const drawn = this.#zones.get(zone.id);
      if (!drawn) continue;
      const wet = zone.outdoor && zone.weather.rain > 0 ? Math.min(0.85, 0.25 + zone.weather.rain / 8) : 0;
      drawn.group.style.setProperty("--heat", heat);
      drawn.wet.style.setProperty("--wet", wet.toFixed(2));
      drawn.count.textContent = zone.occupancy.toLocaleString();
      drawn.queue.textContent = zone.queue != null ? `${Math.round(zone.queue)} min queue` : "";
      const words = [`${zone.title}: ${zone.occupancy} here`, zone.queue != null ? `${Math.round(zone.queue)} minutes of queue` : "", weatherWords(zone.weather)];
      const sentence = words.filter(Boolean).join("; ");
      if (drawn.tip.textContent !== sentence) {
        drawn.tip.textContent = sentence;
        drawn.group.setAttribute("aria-label", sentence);
      }
    }
    for (const node of live.nodes) {
      const drawn = this.#nodes.get(node.name);
      if (!drawn) continue;
      drawn.dot.classList.toggle("on", node.online === true);
      drawn.tip.textContent = `${node.name}: ${node.online ? "online" : node.online === false ? "silent" : "not heard yet"}`;
    }
  }
}
