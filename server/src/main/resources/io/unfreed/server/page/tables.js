// Leaks with what they rest on, all stacks as a table, and what changed between two moments.

import { bytesText, countText, durationText, frameName, framePlace, framesWith, momentText } from './format.js';
import { make, exact, marked, colorOf, redraw, sharpen } from './dom.js';

const FEW_FRAMES = 5;
const PAGE = 200;
const MOST_OF_A_LEAK = 1000; // stacks: no leak is over more

export function frameList(frames, find, all) {
  const shown = all || frames.length <= FEW_FRAMES + 1 ? frames : frames.slice(0, FEW_FRAMES);
  const list = make('ol', { class: 'frames' }, ...shown.map((frame) => make('li', { title: frame.module || '' }, marked(frameName(frame), find), make('span', { class: 'place' }, '  ' + framePlace(frame)))));
  if (shown.length < frames.length) {
    const more = make('button', { type: 'button', onclick: () => list.replaceWith(frameList(frames, find, true)) }, (frames.length - shown.length) + ' more frames');
    list.append(make('li', {}, more));
  }
  return list;
}

export function hasText(frames, find) {
  return !find || framesWith(frames, find).includes(true);
}

function spark(canvas, line, data, color) {
  const context = sharpen(canvas, 230, 64);
  let most = 1;
  for (const value of line.bytes) most = Math.max(most, value);
  context.beginPath();
  context.moveTo(0, 62);
  line.bytes.forEach((value, i) => {
    const y = 62 - (value / most) * 56;
    context.lineTo((i / line.bytes.length) * 230, y);
    context.lineTo(((i + 1) / line.bytes.length) * 230, y);
  });
  context.lineTo(230, 62);
  context.closePath();
  context.fillStyle = color;
  context.globalAlpha = 0.25;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = color;
  context.stroke();
}

// What was looked into stays as it was told while a recording goes on, until it is asked again.
let lookedInto = [];
const MOST_LOOKED_INTO = 40;

// Stacks of a leak come and go: one that has more than half of them is the same.
const isSame = (some, others) => 2 * some.filter((one) => others.includes(one)).length > Math.max(some.length, others.length);

// leak: whose, by which stacks it is known, and how it is asked about now: ranks change from one drawing to the next.
function explainBox(leak) {
  const known = lookedInto.findLast(({ asked }) => asked.whose === leak.whose && isSame(asked.stackIds, leak.stackIds));
  if (known) {
    known.now = leak;
    return known.box;
  }
  const one = { box: make('div'), asked: leak, now: leak };
  const tell = (e) => (isSame(one.asked.stackIds, [...new Set(e.stacks.map((stack) => stack.stackId))])
    ? explainView(e) : make('p', { class: 'quiet' }, 'The order of the leaks has changed meanwhile: ask again.'));
  const button = make('button', { type: 'button', class: 'explain', onclick: async () => {
    one.asked = one.now;
    lookedInto = [...lookedInto.filter((other) => other !== one), one].slice(-MOST_LOOKED_INTO);
    button.disabled = true;
    button.textContent = 'looking into it…';
    const told = await one.asked.ask().then(tell, (e) => make('p', { class: 'quiet' }, e.message));
    button.disabled = false;
    button.textContent = 'Explain again';
    redraw(one.box, told, button);
  } }, 'Explain');
  one.box.append(button);
  return one.box;
}

function listed(label, entries, text) {
  if (!entries || entries.length === 0) return null;
  return make('p', {}, make('span', { class: 'quiet' }, label + ' '), entries.slice(0, 6).map(text).join(', ') + (entries.length > 6 ? ', …' : ''));
}

// How many of the blocks that reached an age live on, over ages from short to long.
function survivalCurve(points) {
  const canvas = make('canvas', { role: 'img', class: 'survival', 'aria-label': 'share of blocks that live on, by age' });
  const [width, height] = [420, 120];
  const context = sharpen(canvas, width, height);
  const ages = points.map((point) => Math.log10(Math.max(1, point.ageNanos)));
  const [low, high] = [Math.min(...ages), Math.max(...ages)];
  const x = (age) => 34 + ((age - low) / (high - low || 1)) * (width - 44);
  const y = (share) => 8 + (1 - share) * (height - 30);
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = colorOf('--quiet');
  context.strokeStyle = colorOf('--line');
  for (const share of [0, 0.5, 1]) {
    context.beginPath();
    context.moveTo(34, y(share));
    context.lineTo(width - 10, y(share));
    context.stroke();
    context.fillText(100 * share + ' %', 0, y(share) + 4);
  }
  context.fillText(durationText(points[0].ageNanos), 34, height - 6);
  context.textAlign = 'right';
  context.fillText(durationText(points[points.length - 1].ageNanos) + ' old', width - 10, height - 6);
  context.strokeStyle = colorOf('--bad');
  context.lineWidth = 2;
  context.beginPath();
  points.forEach((point, i) => {
    if (i === 0) context.moveTo(x(ages[0]), y(point.share));
    else {
      context.lineTo(x(ages[i]), y(points[i - 1].share));
      context.lineTo(x(ages[i]), y(point.share));
    }
  });
  context.stroke();
  return canvas;
}

export function explainView(e) {
  const share = (value) => (100 * value).toFixed(0) + ' %';
  return make('div', { class: 'explained' },
    make('p', {}, 'At ' + momentText(e.at.sinceStartNanos) + ': ', exact('b', countText(e.blocks.stay), e.blocks.stay, 'blocks'), ' of ' + countText(e.blocks.born) + ' stay'
      + (e.since && e.since.shareBefore !== null ? '; since ' + momentText(e.since.sinceStartNanos) + ' ' + share(e.since.shareAfter) + ' of them, before it ' + share(e.since.shareBefore) : '')
      + (e.bornEvery ? '; one is born every ' + durationText(e.bornEvery.everyNanos) : '') + (e.staysEvery ? '; one stays every ' + durationText(e.staysEvery.everyNanos) : '')),
    e.survival.length > 1 ? make('p', { class: 'quiet' }, 'Of the blocks, so many live on at an age:') : null,
    e.survival.length > 1 ? survivalCurve(e.survival) : null,
    listed('sizes', e.sizes, (size) => bytesText(size.sizeBytes) + ' (' + countText(size.stay) + ' of ' + countText(size.born) + ' stay)'),
    listed('threads', e.threads, (thread) => thread.tid + ' (' + countText(thread.stay) + ' of ' + countText(thread.born) + ' stay)'),
    listed('freed by', e.freedBy, (by) => (by.frames.length ? frameName(by.frames[0]) : by.stackId) + ' (' + countText(by.frees) + ')'));
}

// Reports that list so many stacks, or all that leaks are over: what a leak holds is what all of its stacks hold.
export async function withWholeLeaks(listing, top) {
  const reports = await listing(top);
  const isCut = ({ leaks, stacks }) => {
    const listed = new Set(stacks.map((stack) => stack.stackId));
    return leaks.some((leak) => leak.stackIds.some((id) => !listed.has(id)));
  };
  return reports.some(isCut) ? listing(MOST_OF_A_LEAK) : reports;
}

// reports: lines of the command's JSON; lines: the timeline by stack, for the curves.
export function leaksView(box, reports, lines, find, note, explain) {
  const curves = new Map((lines ? lines.groups : []).map((group) => [group.stackId + group.space, group]));
  const entries = [];
  for (const report of reports) {
    for (const stack of report.stacks) {
      if (hasText(stack.frames, find)) entries.push({ report, stack });
    }
  }
  const leaks = reports.flatMap((report) => report.leaks.map((leak, i) => ({
    report, verdict: leak.verdict, leak, number: i + 1,
    stacks: report.stacks.filter((stack) => leak.stackIds.includes(stack.stackId)),
  }))).filter(({ stacks }) => stacks.some((stack) => hasText(stack.frames, find)));
  const ofLeaks = new Set(leaks.flatMap(({ stacks }) => stacks));
  const rest = entries.filter(({ stack }) => !ofLeaks.has(stack)).sort((a, b) => b.stack.outstandingBytes - a.stack.outstandingBytes)
    .map(({ report, stack }) => ({ report, verdict: stack.verdict, stacks: [stack] }));
  const shown = leaks.length > 0 ? leaks : rest.slice(0, 10);
  const head = leaks.length > 0
    ? leaks.length + (leaks.length === 1 ? ' leak' : ' leaks, fastest first')
    : entries.length === 0 ? 'Nothing is outstanding here' : 'Nothing is judged to leak; the largest are:';
  const parts = [make('h2', { id: 'leaks-head', 'data-value': leaks.length }, head + (note ? ' ' + note : ''))];
  for (const { report, verdict, leak, number, stacks } of shown) {
    const stack = stacks[0];
    const sum = (name) => stacks.reduce((all, one) => all + one[name], 0);
    const oldest = stacks.reduce((most, one) => Math.max(most, one.oldestNanos ?? -1), -1);
    const rate = verdict && verdict.survivingBytesPerSecond;
    const canvas = make('canvas', { role: 'img', 'aria-label': 'outstanding bytes over time' });
    const name = stacks.length > 1 && leak.frame ? leak.frame : stack.frames.length ? frameName(stack.frames[0]) : 'unknown (lost)';
    const whose = [explain ? explain.about : '', report.process.tgid, report.process.startTime, stack.space].join(' ');
    const stackIds = [...new Set(stacks.map((of) => of.stackId))];
    const left = make('div', {},
      make('h3', {}, make('code', {}, marked(name, find)),
        verdict ? make('span', { class: 'chip ' + verdict.class }, verdict.class + (verdict.confidence === null ? '' : ' ' + verdict.confidence.toFixed(2))) : null),
      make('p', { class: 'much' }, exact('b', bytesText(sum('outstandingBytes')), sum('outstandingBytes'), 'bytes'), ' in ', exact('b', countText(sum('outstandingCount')), sum('outstandingCount'), 'blocks'), sum('outstandingCount') === 1 ? ' block' : ' blocks',
        stacks.length > 1 ? ' from ' + stacks.length + ' stacks' : '',
        rate ? ', growing by ' + bytesText(rate) + '/s' : '',
        oldest < 0 ? '' : ', the oldest ' + durationText(oldest) + ' old',
        reports.length > 1 ? '; process ' + (report.process.tgid ?? '') + ' ' + (report.process.command || '') : ''),
      verdict ? make('p', { class: 'evidence' }, verdict.evidence) : null,
      frameList(stack.frames, find),
      stacks.length > 1 ? make('p', { class: 'quiet' }, 'and ' + (stacks.length - 1) + ' more: see Stacks') : null,
      explain ? explainBox({ whose, stackIds, ask: () => explain.ask(leak ? String(number) : stack.stackId, report) }) : null);
    // The curve is of all processes.
    const curve = reports.length === 1 && stacks.length === 1 ? curves.get(stack.stackId + stack.space) : null;
    if (curve) spark(canvas, curve, lines, colorOf(verdict && verdict.class === 'leaking' ? '--bad' : '--accent'));
    parts.push(make('article', { class: 'leak', 'data-stack': stack.stackId, 'data-row': whose + ' ' + stack.stackId }, left, curve ? canvas : null));
  }
  const others = entries.length - shown.reduce((all, { stacks }) => all + stacks.length, 0);
  if (others > 0) parts.push(make('p', { class: 'quiet' }, countText(others) + ' other listed stacks: see Stacks'));
  redraw(box, ...parts);
}

const COLUMNS = [
  ['bytes', 'Bytes', bytesText], ['count', 'Blocks', countText], ['allocations', 'Allocations', countText, true], ['frees', 'Frees', countText, true],
  ['allocatedBytes', 'Allocated', bytesText, true], ['oldestNanos', 'Oldest', durationText, true],
];

export class StackTable {
  constructor(box) {
    this.box = box;
    this.sort = 'bytes';
    this.down = true;
    this.open = new Set();
    this.limit = PAGE;
  }

  show(data, find) {
    this.data = data;
    this.find = find;
    this.draw();
  }

  rows() {
    const { frames } = this.data;
    const wanted = framesWith(frames, this.find);
    const rows = this.data.stacks.filter((stack) => !wanted || stack.frames.some((number) => wanted[number]));
    const sign = this.down ? -1 : 1;
    const key = this.sort === 'name' ? (stack) => frameName(frames[stack.frames[0]]) : (stack) => (stack[this.sort] === null ? -1 : stack[this.sort]);
    return rows.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      return x === y ? 0 : x < y ? -sign : sign;
    });
  }

  header(name, label, hide) {
    const arrow = this.sort === name ? (this.down ? ' ▾' : ' ▴') : '';
    return make('th', { class: hide ? 'hide-small' : null, 'aria-sort': this.sort === name ? (this.down ? 'descending' : 'ascending') : null },
      make('button', { type: 'button', 'data-sort': name, onclick: () => {
        this.down = this.sort === name ? !this.down : name !== 'name';
        this.sort = name;
        this.draw();
      } }, label + arrow));
  }

  draw() {
    const rows = this.rows();
    const { frames } = this.data;
    const body = make('tbody');
    for (const stack of rows.slice(0, this.limit)) {
      const id = stack.process + stack.stackId + stack.space;
      const all = stack.frames.map((number) => frames[number]);
      const name = make('td', {});
      if (stack.verdict && stack.verdict.class === 'leaking') name.append(make('span', { class: 'chip leaking' }, 'leaking'), ' ');
      if (this.open.has(id)) name.append(frameList(all, this.find, true));
      else name.append(marked(frameName(all[0]), this.find), make('span', { class: 'quiet' }, '  ' + framePlace(all[0]) + (all.length > 1 ? '  ← ' + frameName(all[1]) : '')));
      const toggle = () => {
        if (!this.open.delete(id)) this.open.add(id);
        this.draw();
      };
      body.append(make('tr', { class: 'row', tabindex: '0', 'data-stack': stack.stackId, 'data-row': id, onclick: toggle, onkeydown: (event) => {
        if (event.key === 'Enter') toggle();
      } }, ...COLUMNS.map(([column, , text, hide]) => {
        const cell = exact('td', text(stack[column]), stack[column], '');
        if (hide) cell.className = 'hide-small';
        return cell;
      }), name));
    }
    const table = make('table', {}, make('thead', {}, make('tr', {}, ...COLUMNS.map(([name, label, , hide]) => this.header(name, this.data.ofFreed && name === 'bytes' ? 'Freed bytes' : label, hide)), this.header('name', 'Allocated by'))), body);
    const more = rows.length > this.limit ? make('button', { type: 'button', onclick: () => {
      this.limit += 5 * PAGE;
      this.draw();
    } }, countText(rows.length - this.limit) + ' more') : null;
    redraw(this.box, make('p', { class: 'quiet', id: 'stacks-count', 'data-value': rows.length }, countText(rows.length) + (rows.length === 1 ? ' stack' : ' stacks') + '; a row opens its frames'), make('div', { class: 'scroll' }, table, more));
  }
}

export function growthView(box, diff, find) {
  if (!diff) {
    box.replaceChildren(make('p', { class: 'empty' }, 'Drag over the timeline to choose two moments: what grew, shrank, is new or gone between them is listed here.'));
    return;
  }
  const entries = diff.entries.filter((entry) => hasText(entry.frames || [], find));
  const signed = (n, text) => (n > 0 ? '+' : '') + text(n);
  const head = make('p', {}, make('b', {}, signed(diff.change.bytes, bytesText)), ' in ', make('b', {}, signed(diff.change.count, countText)), ' blocks from ' + momentText(diff.before.at.sinceStartNanos) + ' to ' + momentText(diff.after.at.sinceStartNanos)
    + ': ' + diff.change.new + ' new, ' + diff.change.grew + ' grew, ' + diff.change.shrank + ' shrank, ' + diff.change.gone + ' gone');
  const changed = diff.change.new + diff.change.grew + diff.change.shrank + diff.change.gone;
  const cut = diff.entries.length < changed ? make('p', { class: 'quiet' }, 'What grew most is listed, ' + countText(diff.entries.length) + ' of ' + countText(changed) + '; find looks through these alone.') : null;
  const body = make('tbody', {}, ...entries.map((entry) => make('tr', { 'data-stack': entry.stackId }, make('td', {}, entry.change),
    withClass(exact('td', signed(entry.bytes, bytesText), entry.bytes, 'bytes'), entry.bytes > 0 ? 'grew' : 'shrank'),
    exact('td', signed(entry.count, countText), entry.count, 'blocks'), exact('td', bytesText(entry.after.bytes), entry.after.bytes, 'bytes'),
    make('td', {}, entry.frames && entry.frames.length ? frameList(entry.frames, find) : 'unknown (lost)'))));
  const names = ['Change', 'Bytes', 'Blocks', 'Now', 'Allocated by'];
  redraw(box, head, cut, make('div', { class: 'scroll' }, make('table', {}, make('thead', {}, make('tr', {}, ...names.map((name) => make('th', {}, name)))), body)));
}

function withClass(element, name) {
  element.className = name;
  return element;
}
