"use strict";
// What the panels show at a moment: the rows of a piece of work as they were then, and queues and connections over time.
const panels = (() => {
  const NS = "http://www.w3.org/2000/svg";
  const WIDTH = 600;
  const HEIGHT = 90;
  const seconds = (value) => value.toFixed(3);

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }
  const shown = (value) => (value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

  // Every row that has one of the ids, as the changes up to then have left it; what the last of them changed is marked.
  function rowsAt(moments, ids, at) {
    const rows = new Map();
    for (const moment of moments) {
      if (moment.lane !== "rows" || moment.at > at + 0.0005 || !moment.ids.some((one) => ids.has(one))) continue;
      const detail = moment.detail;
      const key = `${detail.table} ${JSON.stringify(detail.row)}`;
      const row = rows.get(key) || { table: detail.table, columns: {}, changes: 0 };
      for (const [name, pair] of Object.entries(detail.changed || {})) row.columns[name] = pair[1];
      row.last = new Set(Object.keys(detail.changed || {}));
      row.at = moment.at;
      row.by = detail.application;
      row.changes += 1;
      row.gone = detail.operation === "DELETE";
      rows.set(key, row);
    }
    return [...rows.values()].sort((one, other) => other.at - one.at);
  }

  function showRows(target, moments, ids, at) {
    const found = rowsAt(moments, ids, at);
    if (!found.length) {
      target.replaceChildren(element("p", ids.size ? "no row of it had been written by then" : "it has no id", { class: "soft" }));
      return;
    }
    target.replaceChildren(
      ...found.slice(0, 12).map((row) => {
        const box = element("details");
        if (row === found[0] || found.length < 4) box.open = true;
        const state = row.gone ? "deleted" : "changed";
        box.append(element("summary", `${row.table}: ${row.changes} changes, last ${state} ${seconds(row.at)} s by ${row.by || "somebody"}`));
        const table = element("table");
        for (const [name, value] of Object.entries(row.columns)) {
          const line = table.insertRow();
          if (row.last.has(name)) line.className = "fresh";
          line.append(element("th", name), element("td", shown(value)));
        }
        box.append(table);
        return box;
      }),
    );
  }

  // One line a name, over the whole scenario.
  function chart(title, samples, values, last) {
    const names = [...new Set(samples.flatMap((sample) => Object.keys(values(sample))))].sort();
    const most = Math.max(1, ...samples.flatMap((sample) => Object.values(values(sample))));
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("role", "img");
    const told = names.map((name) => `${name} at most ${Math.max(0, ...samples.map((sample) => values(sample)[name] || 0))}`).join(", ");
    svg.setAttribute("aria-label", `${title}: ${told}`);
    names.forEach((name, number) => {
      const points = samples.map((sample) => `${(sample.at / last) * WIDTH},${HEIGHT - 4 - ((values(sample)[name] || 0) / most) * (HEIGHT - 12)}`);
      const line = document.createElementNS(NS, "polyline");
      line.setAttribute("points", points.join(" "));
      line.setAttribute("class", `line n${number % 6}`);
      svg.append(line);
    });
    const now = document.createElementNS(NS, "line");
    now.setAttribute("class", "now");
    now.setAttribute("y1", "0");
    now.setAttribute("y2", String(HEIGHT));
    svg.append(now);
    const box = element("figure");
    const caption = element("figcaption", `${title}, at most ${most}`);
    const values_now = element("p", "", { class: "soft" });
    box.append(caption, svg, values_now);
    function at(moment) {
      const x = String((moment / last) * WIDTH);
      now.setAttribute("x1", x);
      now.setAttribute("x2", x);
      const before = samples.filter((sample) => sample.at <= moment).pop();
      values_now.replaceChildren(
        ...names.map((name, number) => element("span", `${name} ${before ? values(before)[name] || 0 : "?"}`, { class: `key n${number % 6}` })),
      );
    }
    at(last);
    return { box, at };
  }

  function charts(target, data, last) {
    const depth = (data.depth || []).filter((sample) => sample.waiting);
    const held = (data.connections || []).filter((sample) => sample.by);
    const made = [];
    if (depth.length) made.push(chart("messages by queue", depth, (sample) => sample.waiting, last));
    if (held.length) {
      const count = (sample) => Object.fromEntries(Object.entries(sample.by).map(([name, by]) => [name || "unnamed", by.held]));
      made.push(chart("connections to PostgreSQL", held, count, last));
    }
    if (made.length) target.replaceChildren(...made.map((one) => one.box));
    else target.replaceChildren(element("p", "not recorded", { class: "soft" }));
    return (moment) => made.forEach((one) => one.at(moment));
  }

  return { showRows, charts };
})();
