"use strict";
// Draws the timeline, and keeps panels, table and address at the moment that is chosen.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const moments = data.moments;
  const lanes = [...new Set(moments.map((moment) => moment.lane))];
  const first = ["scenario", "faults", "client"];
  const last_of_all = ["tasks", "Redis", "rows", "PostgreSQL"];
  const rank = (lane) => {
    if (first.includes(lane)) return first.indexOf(lane);
    if (last_of_all.includes(lane)) return 10 + last_of_all.indexOf(lane);
    return lane.startsWith("provider") ? 9 : 5;
  };
  lanes.sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
  const byId = (id) => document.getElementById(id);
  const seconds = (value) => value.toFixed(3);
  const items = new vis.DataSet(
    moments.map((moment, id) => {
      const long = moment.until - moment.at > 0.02;
      return {
        id,
        group: moment.lane,
        start: moment.at * 1000,
        ...(long ? { end: moment.until * 1000, type: "range" } : { type: "box" }),
        content: label(moment.text),
        title: escaped(`${seconds(moment.at)} s  ${moment.text}`),
        className: moment.level,
      };
    }),
  );
  const groups = new vis.DataSet(lanes.map((lane, order) => ({ id: lane, content: escaped(lane), order })));
  const last = Math.max(1, ...moments.map((moment) => moment.until));
  const axis = (date) => `${Number((Number(date) / 1000).toFixed(3))} s`;
  const timeline = new vis.Timeline(byId("timeline"), items, groups, {
    start: -last * 20,
    end: last * 1020,
    min: -last * 200,
    max: last * 1200,
    zoomMin: 5,
    stack: true,
    align: "left",
    maxHeight: 620,
    verticalScroll: true,
    zoomKey: "ctrlKey",
    orientation: "top",
    showCurrentTime: false,
    moment: (date) => vis.moment(date).utc(),
    cluster: { maxItems: 6, titleTemplate: "{count} moments", showStipes: true },
    tooltip: { followMouse: true },
    format: { minorLabels: axis, majorLabels: () => "" },
    groupOrder: "order",
    margin: { item: { horizontal: 2, vertical: 3 } },
  });

  const moveCharts = panels.charts(byId("charts"), data, last);
  for (const lane of lanes) byId("lane").append(new Option(lane, lane));
  byId("lane").onchange = () => chosen in moments && showNear(chosen);

  let chosen = -1;
  function choose(id, move) {
    if (!(id in moments)) return;
    chosen = id;
    const moment = moments[id];
    const ids = new Set(moment.ids);
    items.update(
      moments.map((other, number) => ({
        id: number,
        className: `${other.level} ${ids.size === 0 ? "" : other.ids.some((one) => ids.has(one)) ? "tied" : "dim"}`,
      })),
    );
    timeline.setSelection([id]);
    if (move) timeline.moveTo(moment.at * 1000, { animation: false });
    const bodies = (data.bodies || []).filter((body) => ids.has(String(body.request)) && body.step === moment.detail.step);
    const shown = [`${seconds(moment.at)} s  ${moment.lane}`, moment.text, JSON.stringify(moment.detail, null, 2)];
    for (const body of bodies.slice(0, 3)) shown.push(JSON.stringify(body, null, 2));
    byId("chosen").textContent = shown.join("\n\n");
    showNear(id);
    panels.showRows(byId("then"), moments, ids, moment.at);
    moveCharts(moment.at);
    history.replaceState(null, "", `#t=${seconds(moment.at)}`);
  }
  function showNear(id) {
    const moment = moments[id];
    const lane = byId("lane").value;
    const keep = wanted();
    const near = byId("near");
    near.replaceChildren(
      ...moments
        .map((other, number) => [other, number])
        .filter(([other]) => Math.abs(other.at - moment.at) < 2 && (!lane || other.lane === lane) && keep(other))
        .slice(0, 300)
        .map(([other, number]) => {
          const line = document.createElement("li");
          line.className = `${other.level} ${number === id ? "now" : ""}`;
          line.innerHTML = `${seconds(other.at)}<b>${escaped(other.lane)}</b>${escaped(other.text)}`;
          reached(line, number);
          return line;
        }),
    );
    const now = near.querySelector(".now");
    if (now) near.scrollTop = now.offsetTop - near.offsetTop - 80; // the page itself stays where it is
  }
  timeline.on("select", ({ items: selected }) => selected.length && choose(Number(selected[0]), false));
  byId("fit").onclick = () => timeline.setWindow(-last * 20, last * 1020, { animation: false });

  const wanted = () => {
    const text = byId("find").value.toLowerCase();
    const bad = byId("bad").checked;
    return (moment) =>
      (!bad || moment.level !== "") &&
      (!text || `${moment.text} ${moment.lane} ${moment.ids.join(" ")}`.toLowerCase().includes(text));
  };
  function filter() {
    const keep = wanted();
    timeline.setItems(new vis.DataView(items, { filter: (item) => keep(moments[item.id]) }));
    fill(keep);
    if (chosen in moments) showNear(chosen);
  }
  byId("find").oninput = filter;
  byId("bad").onchange = filter;

  function fill(keep) {
    byId("table").tBodies[0].replaceChildren(
      ...moments.flatMap((moment, number) => {
        if (!keep(moment)) return [];
        const row = document.createElement("tr");
        row.className = moment.level;
        row.dataset.lane = moment.lane;
        for (const text of [seconds(moment.at), moment.lane, moment.text]) row.insertCell().textContent = text;
        reached(row, number);
        return [row];
      }),
    );
  }
  for (const [table, rows] of Object.entries(data.rows)) {
    const heading = document.createElement("h2");
    heading.textContent = `${table} (${rows.length})`;
    const lines = document.createElement("pre");
    lines.textContent = rows.map((row) => JSON.stringify(row)).join("\n") || "none";
    byId("rows").append(heading, lines);
  }
  // On paper nothing can be unfolded.
  const folded = () => [...document.querySelectorAll("details:not([open]):not(.bulk)")];
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = folded();
    for (const part of unfolded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of unfolded) part.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("input, select")) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const keep = wanted();
      let next = chosen + step;
      while (next in moments && !keep(moments[next])) next += step;
      choose(next, true);
    } else if (event.key === "+" || event.key === "=") timeline.zoomIn(0.5, { animation: false });
    else if (event.key === "-") timeline.zoomOut(0.5, { animation: false });
    else return;
    event.preventDefault();
  });

  // By mouse and by keyboard alike.
  function reached(element, number) {
    element.tabIndex = 0;
    element.onclick = () => choose(number, true);
    element.onkeydown = (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      choose(number, true);
    };
  }
  function label(text) {
    return escaped(text.split("\n")[0].slice(0, 70));
  }
  function escaped(text) {
    const span = document.createElement("span");
    span.textContent = text;
    return span.innerHTML;
  }
  fill(wanted());
  const linked = /^#t=([\d.]+)/.exec(location.hash);
  if (linked) {
    const at = Number(linked[1]);
    const found = moments.findIndex((moment) => moment.at >= at - 0.0005);
    choose(found < 0 ? moments.length - 1 : found, true);
  } else {
    const bad = moments.findIndex((moment) => moment.level === "bad" && moment.lane !== "faults");
    if (bad >= 0) choose(bad, false);
  }
})();
