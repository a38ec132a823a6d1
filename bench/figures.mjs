/** All kept figures as a page: a table for each bench, in the order of their names. `results`: what `results/*.json` hold. */
export function figuresPage(results) {
  const parts = results.map(({ bench, figures, ...about }) =>
    [`## ${bench}`, '', aboutLine(about), '', ...tableOf(figures)].join('\n'),
  );
  return [
    '# Figures',
    '',
    'Written by `npm run bench`, the last run of each bench. [How it is measured, what each line means, and why some goals are not reached](../performance.md).',
    '',
    parts.join('\n\n'),
    '',
  ].join('\n');
}

/** When and where a bench ran. */
export function aboutLine({ date, node, cores, runs, load }) {
  const count = runs === 1 ? 'one run' : `the middle of ${runs} runs`;
  return `${date.slice(0, 10)}, Node ${node}, ${cores} cores, ${count}, load average ${load.before.split(' ')[0]} before`;
}

function tableOf(figures) {
  const rows = figures.map(
    ({ what, ours, other, beside = '', ratio, spread, target, atMost, reached, note = '' }) => [
      what,
      ours,
      `${other} ${beside}`.trim(),
      typeof ratio === 'number' ? `${ratio.toFixed(2)}x` : (ratio ?? ''),
      spread ? `${spread[0].toFixed(2)} to ${spread[1].toFixed(2)}` : '',
      typeof target === 'number' ? `${atMost ? '<=' : '>='} ${Number(target.toFixed(3))}` : (target ?? ''),
      reached === false ? '**not reached**' : reached ? 'reached' : '',
      note,
    ],
  );
  const head = ['what', 'ours', 'the other', 'ratio', 'lowest to highest', 'goal', '', 'note'];
  return [head, head.map((_, i) => (i === 0 || i > 5 ? '---' : '--:')), ...rows].map(
    (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`,
  );
}
