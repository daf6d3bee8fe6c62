// The page of a trace: what was counted in a range, over time, as a histogram and row by row.

import { bytesText, countText, durationText } from './format.js';
import { make, exact } from './dom.js';
import { bars } from './histograms.js';
import { duringText } from './state.js';
import { TraceTime, drawnOf, longestText, rateText } from './tracetime.js';
import { TraceTable, kindOf, slowView } from './tracetable.js';

export const TRACE_TABS = [['rows', 'Table'], ['latencies', 'Histogram'], ['slow', 'Slow ones']];
const MEMORY_TABS = TRACE_TABS.slice(0, 1);
const MOST_ROWS = 5000;
const MOST_WARNINGS = 5;
const LOST = [
  ['mapFull', 'found no place in the kernel\u2019s maps'], ['unpaired', 'ended unpaired'],
  ['events', 'slow ones found their queue full'], ['skipped', 'were skipped by the kernel'],
];

// Of memory it is not counted how long anything takes.
export function traceTabs(tracer) {
  return tracer === 'memory' ? MEMORY_TABS : TRACE_TABS;
}

const element = (id) => document.getElementById(id);

const NOTHING = { count: 0, totalNanos: 0, allocatedBytes: 0, freedBytes: 0, buckets: [] };

// What a state's row is here: found, or not in what was answered, or behind the part of it that is listed. Without one all rows are meant.
function chosenOf(data, key) {
  const row = data.rows.find((one) => one.key === key) || null;
  const isAbsent = Boolean(key) && !row;
  return { row, isAbsent, mayBeBehind: isAbsent && data.rowCount > data.rows.length };
}

function nameOf(data, { row, isAbsent, mayBeBehind }) {
  if (mayBeBehind) return 'a row that may be behind the first ' + countText(data.rows.length) + ' of ' + countText(data.rowCount) + ', which are listed';
  if (isAbsent) return 'a row in which nothing happened here';
  return row ? kindOf(data.tracer).name(row) : '';
}

// A row's, or of all rows; null of memory.
function latenciesOf(data, { row, isAbsent }) {
  const kind = kindOf(data.tracer);
  if (!kind || !kind.latencies) return null;
  if (isAbsent) return NOTHING;
  return row ? kind.latencies(row) : data.all;
}

function memoryOf(data, { row, isAbsent }) {
  return isAbsent ? NOTHING : row || data.all;
}

function micros(one) {
  return one.buckets.map((bucket) => ({
    label: countText(bucket.fromMicros) + ' \u2192 ' + countText(bucket.toMicros), all: bucket.count, live: 0, text: countText(bucket.count),
    title: durationText(bucket.fromMicros * 1000) + ' to ' + durationText((bucket.toMicros + 1) * 1000),
  }));
}

function histogram(label, one, none) {
  return make('div', {}, make('h2', {}, label), make('p', { class: 'quiet' }, 'Counts by powers of two of microseconds.'),
    one && one.count > 0 ? bars(micros(one)) : make('p', { class: 'empty' }, none));
}

function latenciesView(box, data, chosen) {
  const { row } = chosen;
  const none = chosen.mayBeBehind ? 'Not known: this is ' + nameOf(data, chosen) + '.' : 'Nothing happened here.';
  const issued = row && row.fromIssue ? histogram('From issue', row.fromIssue, none) : null;
  box.replaceChildren(make('div', { class: 'two' }, histogram(data.tracer === 'io' ? 'From insert' : 'Latencies', latenciesOf(data, chosen), none), issued));
}

function numbers(data, chosen) {
  const { row } = chosen;
  const boxes = [];
  const seconds = Math.max(1, data.at.sinceStartNanos - data.from.sinceStartNanos) / 1e9;
  const box = (id, label, text, number, unit, alarm) => {
    const value = exact('b', text, number, unit);
    value.id = id;
    boxes.push(make('div', { class: 'number' + (alarm ? ' alarm' : '') + (row || chosen.isAbsent ? ' chosen' : '') }, make('span', {}, label), value));
  };
  const one = latenciesOf(data, chosen);
  // Of a row that may be behind those that are listed no number is known.
  if (!chosen.mayBeBehind && one) {
    box('trace-count', kindOf(data.tracer).what + 's', countText(one.count), one.count);
    box('trace-rate', 'rate', rateText(one.count / seconds), one.count / seconds, 'per second');
    box('trace-total', 'together', durationText(one.totalNanos), one.totalNanos, 'ns');
    if (one.count > 0) {
      for (const part of ['p50', 'p95', 'p99']) box('trace-' + part, part, durationText(one[part + 'Nanos']), one[part + 'Nanos'], 'ns');
      box('trace-max', 'longest', longestText(one.maxNanos, one.maxAtMostNanos), one.maxNanos, 'ns');
    }
    if (row && row.bytes !== undefined) box('trace-bytes', 'bytes', bytesText(row.bytes), row.bytes, 'bytes');
  } else if (!chosen.mayBeBehind) {
    const memory = memoryOf(data, chosen);
    // What a process holds that did nothing here is not answered.
    if (!chosen.isAbsent) {
      box('trace-held', 'outstanding', bytesText(memory.outstandingBytes), memory.outstandingBytes, 'bytes');
      box('trace-blocks', 'blocks', countText(memory.outstandingCount), memory.outstandingCount);
    }
    box('trace-allocated', 'allocated', bytesText(memory.allocatedBytes), memory.allocatedBytes, 'bytes');
    box('trace-freed', 'freed', bytesText(memory.freedBytes), memory.freedBytes, 'bytes');
    box('trace-difference', 'difference', bytesText(memory.allocatedBytes - memory.freedBytes), memory.allocatedBytes - memory.freedBytes, 'bytes');
    const suspects = data.rows.filter((each) => each.suspect).length;
    box('trace-suspects', 'suspect processes', countText(suspects), suspects, 'processes', suspects > 0);
  }
  const lost = LOST.reduce((all, [what]) => all + data.lost[what], 0) + data.missing;
  box('trace-lost', 'lost', countText(lost), lost, '', lost > 0);
  element('numbers').replaceChildren(...boxes);
}

function losses(data) {
  const said = LOST.filter(([what]) => data.lost[what] > 0).map(([what, text]) => countText(data.lost[what]) + ' ' + text);
  if (data.missing > 0) said.push(countText(data.missing) + ' statements of the tracer are missing: what did not change since may be told as it was before');
  element('losses').hidden = said.length === 0;
  element('losses').textContent = said.length === 0 ? '' : 'Lost: ' + said.join(', ') + '.';
}

function warnings(data) {
  const slow = data.rows.filter((row) => row.warning);
  const text = (row) => kindOf('io').name(row) + ': ' + durationText(row.fromInsert.p95Nanos);
  element('warnings').hidden = slow.length === 0;
  element('warnings').textContent = slow.length === 0 ? '' : 'Warning: p95 is above ' + durationText(data.warnNanos) + ' for ' + slow.slice(0, MOST_WARNINGS).map(text).join('; ')
    + (slow.length > MOST_WARNINGS ? '; and ' + countText(slow.length - MOST_WARNINGS) + ' more' : '') + '.';
}

export class TracePage {
  constructor(source, set) {
    this.source = source;
    this.time = new TraceTime(element('trace-timeline'), (from, to) => set({ from, to }));
    this.time.fixed = source.isCase;
    this.table = new TraceTable(element('view-rows'), (row) => set({ row }));
    element('only').addEventListener('click', () => set({ row: '' }));
  }

  // What is drawn of the tracer; what the address says may be of another one.
  drawn(state, tracer) {
    const names = drawnOf(tracer).map(([name]) => name);
    return names.includes(state.draw) ? state.draw : names[0];
  }

  // Draws what the state says; isOld is asked behind each answer whether another state is wanted by now.
  async show(state, session, tab, once, isOld) {
    const tracer = session.tracer;
    const timeline = await once('traceTimeline', { session: session.id, row: this.source.isCase ? '' : state.row });
    if (isOld()) return;
    this.time.selection = { from: state.from, to: state.to };
    this.time.show(timeline, this.drawn(state, tracer));
    // A page in a file knows the time line of all rows only.
    element('when').textContent = (this.source.isCase && state.row ? 'all rows are drawn, ' : '') + this.time.describe();
    const data = await once('trace', { session: session.id, during: duringText(state), top: MOST_ROWS });
    if (isOld()) return;
    if (!data || !kindOf(tracer)) throw new Error(data ? 'this page does not know what ' + tracer + ' counts: a newer Unfreed may' : 'nothing was stated up to that moment');
    const chosen = chosenOf(data, state.row);
    element('only').hidden = !state.row;
    element('only').textContent = 'only ' + nameOf(data, chosen) + '  \u2715';
    numbers(data, chosen);
    losses(data);
    warnings(data);
    element('how').textContent = 'Traced' + (session.host ? ' on ' + session.host : '') + (session.startedAt ? ', from ' + session.startedAt : '')
      + (kindOf(tracer).latencies ? '. Quantiles are ' + data.quantiles + '; a longest with \u2264 is not known exactly, because an earlier one was longer.' : '');
    switch (tab) {
      case 'latencies': return latenciesView(element('view-latencies'), data, chosen);
      case 'slow': return slowView(element('view-slow'), data, state.find);
      default: return this.table.show(data, state.row, state.find);
    }
  }
}
