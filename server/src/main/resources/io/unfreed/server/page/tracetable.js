// What a trace counted, a row for each call, lock, kind of request or process; a row that is chosen shows all that is known of it.

import { bytesText, countText, durationText } from './format.js';
import { make, exact, marked, redraw } from './dom.js';
import { longestText } from './tracetime.js';

const ROWS_AT_ONCE = 200;

const processText = ({ process }) => process.name + ' (' + process.tgid + ')';
const latency = (pick) => [
  ['count', 'Count', countText, (row) => pick(row).count],
  ['totalNanos', 'Total', durationText, (row) => pick(row).totalNanos],
  ['p50Nanos', 'p50', durationText, (row) => pick(row).p50Nanos, true],
  ['p95Nanos', 'p95', durationText, (row) => pick(row).p95Nanos],
  ['p99Nanos', 'p99', durationText, (row) => pick(row).p99Nanos, true],
  ['maxNanos', 'Max', null, (row) => pick(row).maxNanos ?? pick(row).maxAtMostNanos, true],
];
const errorsOf = (row) => Object.values(row.errors).reduce((all, count) => all + count, 0);

// Of each tracer: columns of numbers, as name, heading, text, number and whether a small screen goes without; the latencies; the name.
const KINDS = {
  syscalls: {
    what: 'call', columns: [...latency((row) => row), ['errors', 'Errors', countText, errorsOf, true]], latencies: (row) => row,
    name: (row) => row.call + '  ' + processText(row), more: (row) => Object.keys(row.errors).join(' '),
  },
  locks: {
    what: 'wait', columns: latency((row) => row), latencies: (row) => row,
    name: (row) => row.type + ' ' + row.lock + '  ' + processText(row), more: (row) => row.stack.join('\n'),
  },
  io: {
    what: 'request',
    columns: [...latency((row) => row.fromInsert), ['bytes', 'Bytes', bytesText, (row) => row.bytes], ['failed', 'Failed', countText, (row) => row.failed, true]],
    latencies: (row) => row.fromInsert,
    name: (row) => row.device + ' ' + row.operation + '  ' + processText(row), more: () => '',
  },
  memory: {
    what: 'process',
    columns: [
      ['outstandingBytes', 'Outstanding', bytesText, (row) => row.outstandingBytes],
      ['outstandingCount', 'Blocks', countText, (row) => row.outstandingCount],
      ['allocatedBytes', 'Allocated', bytesText, (row) => row.allocatedBytes],
      ['allocations', 'Allocations', countText, (row) => row.allocations, true],
      ['freedBytes', 'Freed', bytesText, (row) => row.freedBytes],
      ['frees', 'Frees', countText, (row) => row.frees, true],
      ['difference', 'Difference', bytesText, (row) => row.allocatedBytes - row.freedBytes],
    ],
    latencies: null, name: processText, more: () => '',
  },
};

export function kindOf(tracer) {
  return KINDS[tracer];
}

function average(one) {
  return one.count === 0 ? null : Math.round(one.totalNanos / one.count);
}

function latencyLine(label, one) {
  return make('p', {}, make('span', { class: 'quiet' }, label + ' '), 'count ' + countText(one.count) + ', average ' + durationText(average(one)) + ', p50 ' + durationText(one.p50Nanos)
    + ', p95 ' + durationText(one.p95Nanos) + ', p99 ' + durationText(one.p99Nanos) + ', max ' + longestText(one.maxNanos, one.maxAtMostNanos));
}

// All that is known of a row, beside its numbers.
function details(row, find) {
  const parts = [];
  if (row.errors && errorsOf(row) > 0) {
    const errors = Object.entries(row.errors).sort((a, b) => b[1] - a[1]);
    parts.push(make('p', { class: 'errors' }, make('span', { class: 'quiet' }, 'errors '), ...errors.flatMap(([name, count], i) => [i ? ', ' : '', marked(name, find), ' ', exact('b', countText(count), count, '')])));
  }
  if (row.fromInsert) {
    parts.push(latencyLine('from insert', row.fromInsert));
    if (row.fromIssue) parts.push(latencyLine('from issue', row.fromIssue));
  }
  if (row.stack) {
    parts.push(row.stack.length === 0
      ? make('p', { class: 'quiet' }, 'it is not known what code waited')
      : make('ol', { class: 'frames' }, ...row.stack.map((frame) => make('li', {}, marked(frame, find)))));
  }
  return parts;
}

export class TraceTable {
  constructor(box, chosen) {
    this.box = box;
    this.chosen = chosen;
    this.sort = null;
    this.down = true;
    this.limit = ROWS_AT_ONCE;
  }

  show(data, row, find) {
    if (!this.data || this.data.tracer !== data.tracer) this.sort = null;
    this.data = data;
    this.row = row;
    this.find = find;
    this.draw();
  }

  // In the order of the text report until a heading is chosen.
  rows() {
    const kind = kindOf(this.data.tracer);
    const find = this.find.toLowerCase();
    const rows = this.data.rows.filter((row) => !find || (kind.name(row) + '\n' + kind.more(row)).toLowerCase().includes(find));
    if (this.sort === null) return rows;
    const column = kind.columns.find(([name]) => name === this.sort);
    const value = column ? column[3] : kind.name;
    const sign = this.down ? -1 : 1;
    return rows.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return x === y ? 0 : x < y ? -sign : sign;
    });
  }

  heading(name, label, hide) {
    const arrow = this.sort === name ? (this.down ? ' ▾' : ' ▴') : '';
    return make('th', { class: hide ? 'hide-small' : null, 'aria-sort': this.sort === name ? (this.down ? 'descending' : 'ascending') : null },
      make('button', { type: 'button', 'data-sort': name, onclick: () => {
        this.down = this.sort === name ? !this.down : name !== 'name';
        this.sort = name;
        this.draw();
      } }, label + arrow));
  }

  cell(row, [name, , text, value, hide]) {
    const number = value(row);
    const one = name === 'maxNanos' ? kindOf(this.data.tracer).latencies(row) : null;
    const cell = exact('td', one ? longestText(one.maxNanos, one.maxAtMostNanos) : text(number), number, '');
    if (hide) cell.className = 'hide-small';
    return cell;
  }

  draw() {
    const kind = kindOf(this.data.tracer);
    const rows = this.rows();
    const body = make('tbody');
    for (const row of rows.slice(0, this.limit)) {
      const isChosen = row.key === this.row;
      const name = make('td', {});
      if (row.suspect) name.append(make('span', { class: 'chip leaking' }, 'suspect: rising'), ' ');
      if (row.warning) name.append(make('span', { class: 'chip undecided' }, 'slow'), ' ');
      name.append(marked(kind.name(row), this.find));
      if (isChosen) name.append(...details(row, this.find));
      else if (row.stack && row.stack.length) name.append(make('span', { class: 'quiet' }, '  ' + row.stack[0] + (row.stack.length > 1 ? '  ← ' + row.stack[1] : '')));
      const choose = () => this.chosen(isChosen ? '' : row.key);
      body.append(make('tr', { class: 'row' + (isChosen ? ' chosen' : ''), tabindex: '0', 'data-key': row.key, 'data-row': row.key, onclick: choose, onkeydown: (event) => {
        if (event.key === 'Enter') choose();
      } }, ...kind.columns.map((column) => this.cell(row, column)), name));
    }
    const table = make('table', {}, make('thead', {}, make('tr', {}, ...kind.columns.map(([name, label, , , hide]) => this.heading(name, label, hide)), this.heading('name', 'What'))), body);
    const more = rows.length > this.limit ? make('button', { type: 'button', onclick: () => {
      this.limit += 5 * ROWS_AT_ONCE;
      this.draw();
    } }, countText(rows.length - this.limit) + ' more') : null;
    const listed = this.data.rowCount > this.data.rows.length ? ', the first ' + countText(this.data.rows.length) + ' of ' + countText(this.data.rowCount) : '';
    redraw(this.box, make('p', { class: 'quiet', id: 'rows-count', 'data-value': rows.length }, countText(rows.length) + (rows.length === 1 ? ' row' : ' rows') + listed + '; one that is chosen is told in full, and alone'),
      make('div', { class: 'scroll' }, table, more));
  }
}

export function slowView(box, data, find) {
  const wanted = find.toLowerCase();
  const slow = data.slow.filter((one) => !wanted || (one.what + ' ' + processText(one)).toLowerCase().includes(wanted)).sort((a, b) => b.nanos - a.nanos);
  if (slow.length === 0) {
    box.replaceChildren(make('p', { class: 'empty' }, 'None is told one by one here: trace --slow D tells each that takes at least D.'));
    return;
  }
  const result = (one) => (one.error ? one.error : one.kind === 'call' ? String(one.result) : '');
  const body = make('tbody', {}, ...slow.map((one) => make('tr', {}, exact('td', durationText(one.nanos), one.nanos, 'ns'), make('td', {}, String(one.tid)), make('td', {}, result(one)), make('td', {}, marked(one.what + '  ' + processText(one), find)))));
  redraw(box, make('p', { class: 'quiet' }, countText(slow.length) + ' slow ones, the longest first' + (data.slowUntold > 0 ? '; ' + countText(data.slowUntold) + ' more are not told' : '')),
    make('div', { class: 'scroll' }, make('table', {}, make('thead', {}, make('tr', {}, ...['Took', 'Thread', 'Result', 'What'].map((label) => make('th', {}, label)))), body)));
}
