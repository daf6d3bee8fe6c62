// How large blocks are, and how long those lived that were freed; in powers of two.

import { binaryText, bytesText, countText, durationText } from './format.js';
import { make } from './dom.js';

// Rows with a label, how many, how many of them in the darker part, and a title.
export function bars(rows) {
  let most = 1;
  for (const row of rows) most = Math.max(most, row.all);
  return make('div', { class: 'bars' }, ...rows.flatMap((row) => {
    const all = make('i');
    all.style.width = (100 * row.all) / most + '%';
    const live = make('i', { class: 'live' });
    live.style.width = (100 * row.live) / most + '%';
    return [make('span', { class: 'label' }, row.label), make('span', { class: 'of', title: row.title }, all, live), make('span', { 'data-value': row.all }, row.text)];
  }));
}

export function shapesView(box, data, note) {
  const sizes = data.sizes.map((size) => ({
    label: size.belowBytes === 1 ? '0 B' : '≥ ' + binaryText(size.fromBytes), all: size.allocations, live: size.outstandingCount,
    text: countText(size.allocations), title: countText(size.outstandingCount) + ' of ' + countText(size.allocations) + ' outstanding; ' + bytesText(size.allocatedBytes) + ' allocated',
  }));
  const lives = data.lifetimes.map((life) => ({
    label: life.belowNanos === 1 ? '0' : '≥ ' + durationText(life.fromNanos), all: life.frees, live: 0,
    text: countText(life.frees), title: countText(life.frees) + ' freed; ' + bytesText(life.freedBytes),
  }));
  box.replaceChildren(make('div', { class: 'two' },
    make('div', {}, make('h2', {}, 'Sizes' + (note ? ' ' + note : '')), make('p', { class: 'quiet' }, 'Blocks allocated; the darker part is still outstanding.'), sizes.length ? bars(sizes) : make('p', { class: 'empty' }, 'No block was allocated here.')),
    make('div', {}, make('h2', {}, 'Lifetimes'), make('p', { class: 'quiet' }, 'How old blocks were when they were freed.'), lives.length ? bars(lives) : make('p', { class: 'empty' }, 'No block was freed here.'))));
}
