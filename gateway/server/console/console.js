// The console: fetches the venue once, then follows the live stream. It shows and never acts.
// Next: session.js, map.js, panels.js, graph.js and outcomes.js.

import { VenueMap, weatherWords } from "./map.js";
import { Outcomes } from "./outcomes.js";
import { Graph } from "./graph.js";
import { signedIn } from "./session.js";
import { DeadLetters, Journeys, Nodes, Offers, Tiles, Zones } from "./panels.js";

const byId = (id) => document.getElementById(id);

function status(text, kind) {
  const pill = byId("status");
  pill.className = `pill ${kind}`;
  if (pill.textContent !== text) pill.textContent = text;
}

async function json(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

// The middle of what outdoor zones measure: what it is like out there.
function outside(zones) {
  const middle = (values) => {
    const known = values.filter((value) => value != null).sort((a, b) => a - b);
    return known.length ? known[Math.floor(known.length / 2)] : null;
  };
  const outdoor = zones.filter((zone) => zone.outdoor);
  const fact = (name) => middle(outdoor.map((zone) => zone.weather[name]));
  return weatherWords({ temperature: fact("temperature"), rain: fact("rain"), wind: fact("wind") });
}

async function ready() {
  const answer = await fetch("/readyz").catch(() => null);
  // Whoever was signed out elsewhere, or whose time is up, signs in again.
  if ((await fetch("/api/v1/session").catch(() => null))?.status === 401) location.reload();
  if (answer?.ok) status("live", "good");
  else status(answer ? `not ready: ${(await answer.text()).trim()}` : "connection lost, trying again", "bad");
}

async function start() {
  const who = await signedIn();
  const venue = await json("/api/v1/venue");
  const zoned = { timeZone: venue.time_zone };
  const clock = new Intl.DateTimeFormat(undefined, { ...zoned, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const seconds = new Intl.DateTimeFormat(undefined, { ...zoned, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const date = new Intl.DateTimeFormat(undefined, { ...zoned, weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const time = (at) => seconds.format(at);

  document.title = `${venue.title} · Turnpage`;
  byId("venue").textContent = venue.title;
  byId("zone-name").textContent = `Turnpage · ${venue.time_zone.replaceAll("_", " ")}`;

  const map = new VenueMap(venue, byId("map"), byId("levels"));
  const tiles = new Tiles(byId("tiles"));
  const offers = new Offers(byId("offers"), byId("pause"), time);
  const journeys = new Journeys(byId("journeys"));
  const graph = new Graph(byId("graph"), byId("graph-of"), venue.journeys);
  const nodes = new Nodes(byId("nodes"), byId("nodes-sum"), venue);
  const zones = new Zones(byId("zones"));
  const dead = new DeadLetters(byId("reasons"), byId("dead"), byId("dead-sum"), time);
  new Outcomes(
    { table: byId("outcomes"), tabs: byId("outcomes-by"), lifts: byId("lifts"), promises: byId("promises"), sum: byId("outcomes-sum") },
    venue,
  );
  let first = true;
  // What was not admitted is not for those who only look.
  const may = who.role !== "viewer";
  byId("dead-letters").hidden = !may;

  const show = (live) => {
    byId("clock").textContent = clock.format(live.now);
    byId("clock").dateTime = new Date(live.now).toISOString();
    byId("date").textContent = date.format(live.now);
    byId("weather").textContent = outside(live.zones);
    map.paint(live);
    tiles.show(live);
    journeys.show(live.journeys);
    graph.show(live.journeys);
    nodes.show(live);
    zones.show(live.zones);
    if (first) live.offers.forEach((offer) => offers.add(offer, false));
    first = false;
    if (dead.show(live.counters.dead) && may) json("/api/v1/dead-letters").then((letters) => dead.list(letters)).catch(() => {});
  };

  const stream = new EventSource("/api/v1/events/live");
  stream.addEventListener("open", ready);
  stream.addEventListener("error", ready);
  stream.addEventListener("live", (event) => show(JSON.parse(event.data)));
  stream.addEventListener("offer", (event) => offers.add(JSON.parse(event.data)));
  setInterval(ready, 5000);
}

start().catch((error) => status(`cannot show the venue: ${error.message}`, "bad"));
