// Charts that answer to a pointer: values at the cursor, zoom by dragging, all of it again by a double click. Without a script, or
// on paper, the picture that is there already stays.
"use strict";

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function shown(value) {
  return value == null ? "–" : Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

function under(told) {
  return (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.fillStyle = colour("grid");
    for (const [low, high] of told.bands) {
      const left = Math.max(chart.valToPos(low, "x", true), bbox.left);
      const right = Math.min(chart.valToPos(high, "x", true), bbox.left + bbox.width);
      if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  };
}

function over(told) {
  return (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour("limit");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    for (const [value, words] of told.limits) {
      const at = chart.valToPos(value, "y", true);
      ctx.beginPath();
      ctx.moveTo(bbox.left, at);
      ctx.lineTo(bbox.left + bbox.width, at);
      ctx.stroke();
      ctx.fillText(words, bbox.left + bbox.width, at - 4 * devicePixelRatio);
    }
    ctx.restore();
  };
}

function atX(told, x) {
  if (x == null) return "–";
  if (told.stretched) return `p${shown(100 * (1 - 10 ** -x))}`;
  const phase = told.phases.find(([, low, high]) => low <= x && x <= high);
  return `${shown(x)} ${told.x}${phase ? `, ${phase[0]}` : ""}`;
}

function draw(box) {
  const told = JSON.parse(box.dataset.plot);
  box.chart?.destroy();
  const picture = box.querySelector("svg");
  const data = uPlot.join(told.series.map(([, points]) => [points.map((p) => p[0]), points.map((p) => p[1])]));
  const axis = { stroke: colour("soft"), grid: { stroke: colour("grid"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
  picture.setAttribute("hidden", "");
  box.chart = new uPlot(
    {
      width: box.clientWidth,
      height: 210,
      padding: [12, 8, 0, 0],
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.08, told.top)] } },
      axes: [
        { ...axis, size: 28, ...(told.ticks ? { splits: () => told.ticks.map((t) => t[0]), values: (_, at) => at.map((x) => told.ticks.find((t) => t[0] === x)?.[1]) } : {}) },
        { ...axis, size: 46 },
      ],
      series: [
        { label: "", value: (_, x) => atX(told, x) },
        ...told.series.map(([kind, , words]) => ({
          label: words,
          stroke: colour(kind),
          width: kind === "measured" ? 2 : 1.5,
          dash: kind === "measured" ? undefined : [5, 4],
          fill: kind === "measured" ? colour("fill") : undefined,
          spanGaps: true,
          points: { show: false },
          value: (_, value) => (value == null ? "–" : `${shown(value)}`),
        })),
      ],
      cursor: { drag: { x: true, y: false } },
      hooks: { drawClear: [under(told)], draw: [over(told)] },
    },
    data,
    box,
  );
}

function all() {
  document.querySelectorAll("[data-plot]").forEach(draw);
}

all();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
addEventListener("resize", () => {
  clearTimeout(all.later);
  all.later = setTimeout(all, 150);
});
