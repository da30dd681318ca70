// What the page gains by a script: times in the reader's own zone, and news without a reload. It reads
// without one as well.
"use strict";

const EVERY = 5000;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

// A time of another day is told with its date.
function localTimes(root) {
  const today = new Date().toDateString();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const recent = at.toDateString() === today && !("full" in element.dataset);
    element.textContent = recent ? clock.format(at) : full.format(at);
    element.title = element.dateTime;
  }
}

// Somebody who marks text or stands in a part with the keyboard keeps it as it is.
function inUse(part) {
  const selection = getSelection();
  const marked = selection !== null && !selection.isCollapsed && part.contains(selection.anchorNode);
  return marked || part.contains(document.activeElement);
}

function links(root) {
  return new Set(Array.from(root.querySelectorAll("td.time a"), (link) => link.getAttribute("href")));
}

// Takes over the parts of a fresh copy of this page that differ. Returns how many rows are new.
function takeOver(fresh) {
  const known = links(document);
  let news = 0;
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other === null || inUse(part)) continue;
    localTimes(other);
    if (part.innerHTML === other.innerHTML) continue;
    for (const link of other.querySelectorAll("td.time a")) {
      if (known.has(link.getAttribute("href"))) continue;
      news += 1;
      link.closest("tr").classList.add("new");
    }
    part.replaceWith(document.adoptNode(other));
  }
  // A section that was not there before.
  const main = document.getElementById("main");
  for (const part of fresh.querySelectorAll("#main > [data-live]")) {
    if (document.getElementById(part.id) === null) main.append(document.adoptNode(part));
  }
  return news;
}

function liveUpdates() {
  if (document.querySelector("[data-live]") === null) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain live";
  button.setAttribute("aria-pressed", "true");
  button.textContent = "Live";
  button.title = "Whether the page follows what happens";
  const said = document.createElement("p");
  said.className = "hidden";
  said.setAttribute("role", "status");
  document.querySelector('nav[aria-label="Pages"]').prepend(button);
  document.body.append(said);
  const isOn = () => button.getAttribute("aria-pressed") === "true";
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(!isOn()));
    button.textContent = isOn() ? "Live" : "Paused";
  });
  const look = async () => {
    if (isOn() && !document.hidden) {
      try {
        const answer = await fetch(location.href, { signal: AbortSignal.timeout(EVERY * 2) });
        if (!answer.ok) throw new Error(String(answer.status));
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const news = isOn() ? takeOver(fresh) : 0;
        if (news > 0) said.textContent = news === 1 ? "1 new decision" : `${news} new decisions`;
        button.classList.remove("stale");
        button.textContent = isOn() ? "Live" : "Paused";
      } catch {
        button.classList.add("stale");
        button.textContent = "Out of date";
      }
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
}

localTimes(document);
liveUpdates();
