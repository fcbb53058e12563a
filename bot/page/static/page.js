// Keeps an open front page up to date without moving what is being read. Without it the page is whole.
"use strict";
(() => {
  const stream = document.getElementById("stream");
  const button = document.getElementById("arrivals");
  const spoken = document.getElementById("spoken");
  if (!stream || !button || !window.EventSource) return;

  const QUIET_MS = 45000; // three missed heartbeats: the line is dead, whatever the browser thinks
  const title = document.title;
  const waiting = new Map(); // slug -> article, told but not yet shown
  let seq = Number(stream.dataset.seq);
  let source = null, watch = 0, retry = 0, drawn = 0, beats = 0, wait = 1000, stale = false;

  const find = (slug) => document.getElementById(`u-${slug}`);
  const articles = () => [...stream.querySelectorAll(":scope > .update")];
  const parse = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content.firstElementChild;
  };

  // Run a change and put what is being read back where it was, to the pixel.
  const keepPlace = (change) => {
    const tops = [...stream.children].map((node) => [node, node.getBoundingClientRect()]);
    const [read, box] = tops.find(([, at]) => at.top >= 0 && at.top < innerHeight)
      || tops.find(([, at]) => at.top < 0 && at.bottom > 0) || [null, null];
    document.documentElement.style.overflowAnchor = "none";
    change();
    const still = read && (read.isConnected ? read : read.id && document.getElementById(read.id));
    const moved = still ? still.getBoundingClientRect().top - box.top : 0;
    if (scrollY > 0 && moved) scrollBy({ top: moved, behavior: "instant" });
    requestAnimationFrame(() => { document.documentElement.style.overflowAnchor = ""; });
  };

  // Somebody who stands at the top, or has not come to the updates yet, reads nothing that an insertion would move.
  const isReading = () => {
    const first = stream.firstElementChild;
    const seen = scrollY > 8 && first && first.getBoundingClientRect().top < innerHeight;
    return seen || document.hidden || stream.contains(document.activeElement) && document.activeElement !== stream
      || !getSelection().isCollapsed;
  };

  const insert = (article) => {
    const empty = stream.querySelector(":scope > .empty");
    if (empty) empty.remove();
    const at = Number(article.dataset.at);
    const next = articles().find((other) => Number(other.dataset.at) <= at) || null;
    article.classList.add("is-new");
    // A line with the day stands above the first update of an older day, never above the newest.
    const line = next && next.previousElementSibling;
    const sameDay = next && next.dataset.day === article.dataset.day;
    stream.insertBefore(article, line && line.matches(".day") && !sameDay ? line : next);
    if (next && !sameDay && !next.previousElementSibling.matches(".day")) {
      const day = document.createElement("p");
      day.className = "day";
      day.textContent = next.dataset.day;
      stream.insertBefore(day, next);
    }
    const newest = stream.querySelector(":scope > .update time"), latest = document.getElementById("latest");
    if (latest && newest && articles()[0] === article) {
      latest.dateTime = newest.dateTime;
      latest.title = newest.title;
      latest.textContent = newest.textContent;
      if (latest.nextSibling) latest.nextSibling.data = `, ${article.dataset.day}`;
    }
  };

  const say = () => {
    const count = waiting.size, words = `${count} new update${count === 1 ? "" : "s"}`;
    button.hidden = !count && !stale;
    button.textContent = stale ? "Show the newest updates" : words;
    document.title = count ? `(${count}) ${title}` : title;
    if (!button.hidden) spoken.textContent = button.textContent;
  };

  const take = (change) => {
    seq = Math.max(seq, change.seq);
    const shown = find(change.slug), article = parse(change.html);
    if (shown) {
      if (Number(shown.dataset.seq) >= change.seq) return;
      const focused = shown.contains(document.activeElement);
      keepPlace(() => shown.replaceWith(article));
      if (focused) (article.querySelector("a") || stream).focus({ preventScroll: true });
    } else if (change.state !== "live") {
      waiting.delete(change.slug);
    } else {
      const last = articles().at(-1);
      const isOlder = last && Number(article.dataset.at) < Number(last.dataset.at);
      if (isOlder && stream.dataset.older === "1") return; // it stands on an older page
      if (isReading() || waiting.size) {
        waiting.set(change.slug, article);
      } else {
        insert(article);
        spoken.textContent = "1 new update";
      }
    }
    say();
  };

  button.addEventListener("click", () => {
    if (stale) { location.reload(); return; }
    const came = [...waiting.values()];
    waiting.clear();
    came.sort((a, b) => a.dataset.at - b.dataset.at || a.dataset.seq - b.dataset.seq).forEach(insert);
    say();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    scrollTo({ top: 0, behavior: calm ? "instant" : "smooth" });
    stream.focus({ preventScroll: true });
  });

  // The points at the top, as the page has them by now: it is drawn shortly after a change was told.
  const points = async () => {
    const answer = await fetch(location.pathname, { cache: "no-cache" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = stream.closest("main"), was = main.querySelector(":scope > .points"), now = page.querySelector("main > .points");
    if ((was ? was.innerHTML : "") === (now ? now.innerHTML : "") || was && was.contains(document.activeElement)) return;
    keepPlace(() => {
      if (was) was.remove();
      if (now) main.insertBefore(document.adoptNode(now), stream.closest(".updates"));
      main.classList.toggle("with-points", Boolean(now));
    });
  };
  const soon = (ms) => {
    clearTimeout(drawn);
    drawn = setTimeout(points, ms + Math.random() * ms);
  };

  const listen = () => {
    hush();
    source = new EventSource(`events?after=${seq}`);
    const alive = () => {
      wait = 1000;
      clearTimeout(watch);
      watch = setTimeout(listen, QUIET_MS);
    };
    source.onopen = alive;
    source.addEventListener("beat", () => { alive(); if (++beats % 4 === 0) soon(1000); }); // a pin tells nobody
    source.onmessage = (event) => { alive(); take(JSON.parse(event.data)); soon(1000); };
    source.addEventListener("stale", () => { stale = true; say(); });
    // The browser comes back by itself after a lost line, but not after an answer that is no stream.
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(listen, wait + Math.random() * 1000);
      wait = Math.min(wait * 2, 60000);
    };
  };
  const hush = () => {
    clearTimeout(watch);
    clearTimeout(retry);
    clearTimeout(drawn);
    if (source) source.close();
  };

  addEventListener("pagehide", hush);
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();
})();
