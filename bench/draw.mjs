// Draws the figures of one bench: a row for each, with its goal as a line in the middle and what is better to the left of it.
const WIDTH = 960;
const ROW = 26;
const LABELS = 430;
const VALUES = 150;
/** The scale is logarithmic and ends at this many times the goal, and at one part of it. */
const ENDS = 30;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .small { font-size: 11px; fill: #59636e }
  .goal { stroke: #59636e; stroke-dasharray: 3 3 }
  .spread { stroke: #59636e; stroke-width: 2 }
  .yes { fill: #1a7f37 }
  .no { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .small { fill: #9198a1 } .goal, .spread { stroke: #9198a1 }
    .yes { fill: #3fb950 } .no { fill: #f0883e }
  }`;

/** An SVG of all rows that have a goal; undefined when none has. `about`: the line under the title. */
export function draw(bench, about, rows) {
  const drawn = rows.filter(({ reached }) => reached !== undefined);
  if (drawn.length === 0) return undefined;
  const height = 60 + drawn.length * ROW + 24;
  const middle = x(1);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(`${bench}: each figure beside its goal`)}">`,
    `<style>${STYLE}</style>`,
    `<text x="0" y="18">${escape(bench)}</text><text class="small" x="0" y="36">${escape(about)}</text>`,
    `<line class="goal" x1="${middle}" y1="46" x2="${middle}" y2="${height - 20}"/>`,
    `<text class="small" x="${middle}" y="${height - 6}" text-anchor="middle">better | the goal | worse</text>`,
    ...drawn.map((row, i) => rowOf(row, 60 + i * ROW)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function rowOf({ what, ours, ratio, spread = [ratio, ratio], target, atMost, reached }, y) {
  // More than 1: worse than the goal.
  const away = (value) => (atMost ? value / target : target / value);
  const [low, high] = spread.map((value) => x(away(value))).sort((a, b) => a - b);
  const bar = y + 5;
  return [
    `<text x="0" y="${y + 9}">${escape(what)}</text>`,
    `<line class="spread" x1="${low}" y1="${bar}" x2="${high}" y2="${bar}"/>`,
    `<circle class="${reached ? 'yes' : 'no'}" cx="${x(away(ratio))}" cy="${bar}" r="5"/>`,
    `<text class="small" x="${WIDTH}" y="${y + 9}" text-anchor="end">${escape(`${ours}, ${ratio.toFixed(2)}x`)}</text>`,
  ].join('');
}

function x(away) {
  const share = Math.log(Math.min(ENDS, Math.max(1 / ENDS, away))) / Math.log(ENDS);
  return Math.round(LABELS + ((WIDTH - VALUES - LABELS) * (share + 1)) / 2);
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
