// Draws the charts of the page of figures. Colours are those of the theme; patterns tell the series apart without them.
"use strict";
(() => {
  const SIZE = 8; // of a tile of a pattern, in pixels
  const line = (pen, ...points) => {
    pen.beginPath();
    points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  };
  const dot = (pen, x, y) => {
    pen.beginPath();
    pen.arc(x, y, 1.25, 0, 2 * Math.PI);
    pen.fill();
  };
  const rising = (pen) => [-SIZE, 0, SIZE].forEach((x) => line(pen, [x, SIZE], [x + SIZE, 0]));
  const falling = (pen) => [-SIZE, 0, SIZE].forEach((x) => line(pen, [x, 0], [x + SIZE, SIZE]));
  const PATTERNS = [
    null, // plain
    rising,
    (pen) => [[2, 2], [6, 6]].forEach(([x, y]) => dot(pen, x, y)),
    (pen) => line(pen, [0, 4], [SIZE, 4]),
    (pen) => [rising, falling].forEach((draw) => draw(pen)),
    (pen) => line(pen, [4, 0], [4, SIZE]),
    falling,
  ];

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function filling(tone, number) {
    const draw = PATTERNS[number % PATTERNS.length];
    if (!draw) return token(`--${tone}-line`);
    const tile = document.createElement("canvas");
    tile.width = tile.height = SIZE;
    const pen = tile.getContext("2d");
    pen.fillStyle = token(`--${tone}-fill`);
    pen.fillRect(0, 0, SIZE, SIZE);
    pen.fillStyle = pen.strokeStyle = token(`--${tone}-ink`);
    draw(pen);
    return pen.createPattern(tile, "repeat");
  }

  function datasets(series) {
    return series.map(({ label, tone, values }, number) => ({
      label,
      data: values,
      backgroundColor: filling(tone, number),
      borderColor: token(`--${tone}-ink`),
      borderWidth: 1,
      maxBarThickness: 40,
    }));
  }

  // Long words, such as the ERP's, would leave no room for the bars. A Chinese character is as wide as two letters.
  function cut(label, width) {
    let left = Math.max(16, Math.floor(width / 16));
    const fits = [...label].findIndex((character) => (left -= character > "\u2e80" ? 2 : 1) < 0);
    return fits < 0 ? label : `${[...label].slice(0, fits).join("")}…`;
  }

  function options(kind, labels) {
    const horizontal = kind === "ranked" || kind === "compared";
    const stacked = kind === "stacked" || kind === "compared";
    const ink = token("--bs-secondary-color");
    const grid = { color: token("--bs-border-color") };
    const names = {
      stacked,
      grid: { display: false },
      ticks: { color: ink, autoSkip: !horizontal },
    };
    if (horizontal) names.ticks.callback = function (index) { return cut(labels[index], this.chart.width); };
    const counts = { stacked, beginAtZero: true, grid, ticks: { color: ink, precision: 0 } };
    return {
      indexAxis: horizontal ? "y" : "x",
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      locale: document.documentElement.lang,
      font: { family: getComputedStyle(document.body).fontFamily },
      interaction: { mode: "index", intersect: false, axis: horizontal ? "y" : "x" },
      scales: horizontal ? { x: counts, y: names } : { x: names, y: counts },
      plugins: {
        legend: { display: kind !== "ranked", position: "bottom", labels: { color: token("--bs-body-color"), boxWidth: 16, boxHeight: 14 } },
      },
    };
  }

  const drawn = [];
  function draw() {
    drawn.splice(0).forEach((chart) => chart.destroy());
    for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
      const { kind, labels, series } = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
      const data = { labels, datasets: datasets(series) };
      drawn.push(new Chart(canvas, { type: "bar", data, options: options(kind, labels) }));
    }
  }

  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
