// The page: what is looked at is the state; each view asks for what it shows, and only the one that is seen asks.

import { bytesText, countText, shortCount } from './format.js';
import { openSource } from './source.js';
import { readState, writeState, blocksQuestion, momentQuestion, growthQuestion, endQuestions } from './state.js';
import { make, exact, choice } from './dom.js';
import { TimelineView, METRICS } from './timeline.js';
import { FlameView, FLAME_METRICS, sinceThen } from './flame.js';
import { leaksView, StackTable, growthView, withWholeLeaks } from './tables.js';
import { shapesView } from './histograms.js';
import { TracePage, TRACE_TABS, traceTabs } from './trace.js';
import { drawnOf } from './tracetime.js';

const byId = (id) => document.getElementById(id);
const TABS = [['leaks', 'Leaks'], ['flame', 'Flame graph'], ['stacks', 'Stacks'], ['shapes', 'Sizes & lifetimes'], ['growth', 'Growth']];
const WAYS = [['icicle', 'Icicle'], ['flame', 'Flames']];
const TURNS = [['callers', 'From main'], ['allocators', 'From malloc']];
const COLORS = [['module', 'By module'], ['growth', 'By growth']];
const LEAKS = 40;
const PATIENCE_MS = 1000;

const source = openSource();
let state = readState();
let sessions = [];
let timeline = null;
let asking = new AbortController();
let isHeard = false;

const timelineView = new TimelineView(byId('timeline'), (from, to) => set({ from, to }));
const flameView = new FlameView(byId('flame'), ({ zoomed, found, drawn }) => {
  byId('flame-back').hidden = !zoomed;
  byId('flame').dataset.drawn = drawn;
  byId('found').textContent = state.tab === 'flame' && state.find ? flameView.value(found) + ' found' : '';
  byId('found').dataset.value = found;
});
const stackTable = new StackTable(byId('view-stacks'));
const tracePage = new TracePage(source, (change) => set(change));

const sessionOf = (now) => sessions.find((one) => one.id === now.session);
const isTrace = (now) => Boolean(sessionOf(now) && sessionOf(now).tracer);

function tabs(now) {
  if (isTrace(now)) return traceTabs(sessionOf(now).tracer);
  return TABS.filter(([tab]) => !source.isCase || tab !== 'growth');
}

// What the address says may be of another kind of session.
function tabOf(now) {
  return tabs(now).some(([tab]) => tab === now.tab) ? now.tab : tabs(now)[0][0];
}

function trouble(text) {
  byId('trouble').textContent = text || '';
  byId('trouble').hidden = !text;
}

// Answers are kept as long as nothing was recorded since.
const kept = new Map();

// What is asked of the whole session is wanted whatever range is chosen meanwhile.
const overTime = (what) => what.startsWith('timeline') || what.startsWith('traceTimeline');

function once(what, question) {
  const key = what + JSON.stringify(question);
  if (!kept.has(key)) {
    if (kept.size > 30) kept.delete(kept.keys().next().value);
    const answer = source[what](question, overTime(what) ? undefined : asking.signal);
    answer.pending = true;
    answer.then(() => { answer.pending = false; }, () => { if (kept.get(key) === answer) kept.delete(key); });
    kept.set(key, answer);
  }
  return kept.get(key);
}

function set(change) {
  const before = state;
  state = { ...state, ...change };
  if (state.session !== before.session) Object.assign(state, { from: null, to: null, row: '' });
  writeState(state);
  if (change.find === undefined && (state.from !== before.from || state.to !== before.to || state.session !== before.session)) {
    asking.abort();
    asking = new AbortController();
    for (const [key, answer] of kept) if (answer.pending && !overTime(key)) kept.delete(key);
  }
  refresh();
}

async function refresh() {
  const now = state;
  controls();
  document.body.classList.toggle('asking', true);
  byId('views').classList.add('busy');
  try {
    if (isTrace(now)) await tracePage.show(now, sessionOf(now), tabOf(now), once, () => now !== state);
    else await drawBlocks(now);
    if (now !== state) return;
    trouble('');
  } catch (e) {
    if (now !== state || e.name === 'AbortError') return;
    trouble(e.message);
  } finally {
    if (now === state) {
      byId('views').classList.remove('busy');
      document.body.classList.remove('asking');
      document.body.dataset.shown = JSON.stringify([state.session, state.from, state.to, state.show, state.tab, state.find, state.metric, state.by, state.flame, state.turn, state.draw, state.row]);
    }
  }
}

async function drawBlocks(now) {
  byId('warnings').hidden = true;
  timeline = await drawTimeline(now);
  if (now !== state) return;
  await drawNumbers(now);
  if (now !== state) return;
  await drawTab(now);
}

async function drawTimeline(now) {
  const session = sessionOf(now);
  const untimed = session && session.source === 'mtrace';
  byId('time').hidden = Boolean(untimed);
  if (untimed) return null;
  const data = await once('timeline', { session: now.session, 'group-by': now.by });
  if (now !== state) return data;
  timelineView.selection = { from: now.from, to: now.to };
  timelineView.show(data, now.metric);
  byId('when').textContent = timelineView.describe();
  return data;
}

async function drawNumbers(now) {
  // The blocks first: the server finds the reports of their moment in the same pass.
  const asked = now.to === null || now.from === null ? null : once('stacks', blocksQuestion(now));
  const [reports, stacks] = await Promise.all([once('report', { ...momentQuestion(now), top: LEAKS }), asked]);
  if (now !== state) return;
  const sum = (pick) => reports.reduce((all, report) => (all === null || pick(report) === null ? null : all + pick(report)), 0);
  const totals = (name) => sum((report) => report.totals[name]);
  const lost = reports.reduce((most, report) => Math.max(most, report.totals.lostEvents), 0);
  const boxes = [];
  const box = (id, label, text, number, unit, alarm) => boxes.push(make('div', { class: 'number' + (alarm ? ' alarm' : '') + (id.startsWith('chosen') ? ' chosen' : '') }, make('span', {}, label), idOf(exact('b', text, number, unit), id)));
  if (stacks) {
    const of = (name) => stacks.stacks.reduce((all, stack) => all + stack[name], 0);
    const what = now.show === 'freed' ? 'freed in the range' : now.show === 'left' ? 'born there, still live' : 'born there, live';
    const held = (name) => (totals('outstandingBytes') === null ? null : of(name)); // of spaces that overlap there is no sum
    box('chosen-bytes', what, bytesText(held('bytes')), held('bytes'), 'bytes');
    box('chosen-count', 'in blocks', countText(held('count')), held('count'), 'blocks');
    if (now.show !== 'freed') box('chosen-allocations', 'allocations there', shortCount(of('allocations')), of('allocations'));
  }
  box('sum-bytes', now.to === null || (now.from !== null && now.show === 'left') ? 'outstanding' : 'outstanding then', bytesText(totals('outstandingBytes')), totals('outstandingBytes'), 'bytes');
  box('sum-count', 'blocks', shortCount(totals('outstandingCount')), totals('outstandingCount'), 'blocks');
  box('sum-certain', 'of it certain', bytesText(totals('certainBytes')), totals('certainBytes'), 'bytes');
  box('sum-allocations', 'allocations', shortCount(totals('allocations')), totals('allocations'));
  box('sum-frees', 'frees', shortCount(totals('frees')), totals('frees'));
  if (reports.length === 1) box('sum-peak', 'peak', bytesText(totals('peakBytes')), totals('peakBytes'), 'bytes');
  else box('sum-processes', 'processes', countText(reports.length), reports.length);
  box('sum-lost', 'lost events', countText(lost), lost, 'events', lost > 0);
  byId('numbers').replaceChildren(...boxes);
  byId('losses').hidden = lost === 0;
  byId('losses').textContent = lost === 0 ? '' : countText(lost) + ' events were lost on the way: blocks whose free may be among them are not certain, and numbers may be too high.';
  const head = reports[0] && reports[0].session;
  byId('how').textContent = head ? 'Recorded by ' + (head.source || 'a later version') + (head.host ? ' on ' + head.host : '') + (head.startedAt ? ', from ' + head.startedAt : '')
    + (head.notSeen && head.notSeen.length ? '. Not seen: ' + head.notSeen.join('; ') : '') : '';
}

const idOf = (element, id) => Object.assign(element, { id });

// The state at the end of the range, each stack with what it was at its beginning; the same object for the same answers.
let lastGrown = {};

async function grown(now) {
  const [before, after] = await Promise.all(endQuestions(now).map((question) => once('stacks', question)));
  if (lastGrown.before !== before || lastGrown.after !== after) lastGrown = { before, after, data: sinceThen(before, after) };
  return lastGrown.data;
}

async function drawTab(now) {
  if (now.tab !== 'flame') byId('found').textContent = '';
  switch (now.tab) {
    case 'flame': {
      const data = now.from !== null && now.colors === 'growth' && !source.isCase ? await grown(now) : await once('stacks', blocksQuestion(now));
      if (now !== state) return;
      flameView.find = now.find.toLowerCase();
      flameView.show(data, now.flame, now.way, now.turn === 'allocators');
      break;
    }
    case 'stacks': {
      const data = await once('stacks', blocksQuestion(now));
      if (now === state) stackTable.show(data, now.find);
      break;
    }
    case 'shapes': {
      const question = blocksQuestion(now);
      delete question.freed;
      const data = await once('histograms', question);
      if (now === state) shapesView(byId('view-shapes'), data, now.from !== null && now.show === 'freed' ? 'of the whole recording: freed ones are not told apart here' : '');
      break;
    }
    case 'growth': {
      const diff = now.from === null ? null : await once('diff', growthQuestion(now));
      if (now === state) growthView(byId('view-growth'), diff, now.find);
      break;
    }
    default: {
      const [reports, lines] = await Promise.all([
        withWholeLeaks((top) => once('report', { ...momentQuestion(now), top }), LEAKS),
        timeline ? once('timeline', { session: now.session, 'group-by': 'stack', top: LEAKS }) : null,
      ]);
      const note = now.from !== null && now.show !== 'left' ? 'as of the end of the range' : now.to !== null && now.from === null ? 'as of that moment' : '';
      if (now === state) leaksView(byId('view-leaks'), reports, lines, now.find, note, source.isCase ? null : explaining(momentQuestion(now)));
    }
  }
}

// "about" is by what its answers are known: as long as it is the same, those of before may stand.
function explaining(moment) {
  return { about: JSON.stringify(moment), ask: (what, report) => source.explain({ ...moment, what, pid: report.process.tgid }) };
}

function controls() {
  const session = sessionOf(state);
  const ofTrace = isTrace(state);
  const shown = tabOf(state);
  for (const [tab] of [...TABS, ...TRACE_TABS]) byId('view-' + tab).hidden = tab !== shown;
  if (ofTrace) choice(byId('metrics'), drawnOf(session.tracer), tracePage.drawn(state, session.tracer), (draw) => set({ draw }));
  else choice(byId('metrics'), METRICS, state.metric, (metric) => set({ metric, by: METRICS.findIndex(([name]) => name === metric) > 1 ? 'process' : state.by }));
  choice(byId('tabs'), tabs(state), shown, (tab) => set({ tab }), 'tab');
  for (const id of ['by-box', 'timeline-box']) byId(id).hidden = ofTrace;
  for (const id of ['export', 'export-label']) if (byId(id)) byId(id).hidden = ofTrace;
  byId('trace-timeline-box').hidden = !ofTrace;
  byId('search').placeholder = ofTrace ? 'call, process, lock or function  ( / )' : 'function, module or file  ( / )';
  if (ofTrace) {
    byId('time').hidden = false;
    byId('found').textContent = '';
    timelineView.data = null;
  } else {
    tracePage.time.data = null;
  }
  byId('only').hidden = !ofTrace || !state.row;
  choice(byId('flame-metrics'), FLAME_METRICS, state.flame, (flame) => set({ flame }));
  choice(byId('flame-ways'), WAYS, state.way, (way) => set({ way }));
  choice(byId('flame-colors'), COLORS, state.colors, (colors) => set({ colors }));
  byId('flame-colors').hidden = state.from === null || source.isCase;
  choice(byId('flame-turns'), TURNS, state.turn, (turn) => set({ turn }));
  byId('group-by').value = state.by;
  byId('show').value = state.show;
  byId('show-box').hidden = ofTrace || state.from === null || source.isCase;
  byId('clear').hidden = state.to === null || source.isCase;
  if (document.activeElement !== byId('search')) byId('search').value = state.find;
  byId('live').hidden = !(isHeard && session && !session.ended);
  byId('session').value = state.session;
  byId('command').textContent = session ? session.command || '' : '';
  byId('command').title = byId('command').textContent;
  document.title = (session && session.command ? session.command.slice(0, 60) + ' – ' : '') + 'Unfreed';
}

function sessionLabel(session) {
  const when = session.startedAt ? session.startedAt.replace('T', ' ').slice(0, 19) : '';
  const name = (session.command || '').split(' ')[0].split('/').pop();
  return [when, session.host, name, session.id.slice(0, 8)].filter((part) => part).join('  ') + (session.ended ? '' : '  (open)');
}

function listSessions() {
  const find = byId('session-search').value.toLowerCase();
  const listed = sessions.filter((one) => one.id === state.session || (sessionLabel(one) + ' ' + (one.command || '')).toLowerCase().includes(find));
  const options = [...listed].reverse().map((one) => make('option', { value: one.id }, sessionLabel(one)));
  const named = (all) => [...all].map((option) => option.value + option.text).join('\n');
  if (named(options) !== named(byId('session').options)) byId('session').replaceChildren(...options); // who has it open goes on choosing
  byId('session').value = state.session;
  byId('session-search').hidden = sessions.length < 6;
}

async function loadSessions() {
  sessions = await source.sessions();
  if (sessions.length === 0) throw new Error('no session has been recorded there yet');
  if (!sessions.some((one) => one.id === state.session)) state = { ...state, session: sessions[sessions.length - 1].id };
  listSessions();
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  timelineView.draw();
  tracePage.time.draw();
  flameView.draw();
  if (state.tab === 'leaks' && sessions.length) refresh();
}

function toggleTheme() {
  const name = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  try { localStorage.setItem('unfreed.theme', name); } catch (e) { /* not kept */ }
  theme(name);
}

function firstTheme() {
  let name = null;
  try { name = localStorage.getItem('unfreed.theme'); } catch (e) { /* none is kept */ }
  const prefers = matchMedia('(prefers-color-scheme: dark)');
  document.documentElement.dataset.theme = name || (prefers.matches ? 'dark' : 'light');
  if (!name) prefers.addEventListener('change', () => theme(prefers.matches ? 'dark' : 'light'));
}

function bind() {
  byId('session').addEventListener('change', (event) => set({ session: event.target.value }));
  byId('session-search').addEventListener('input', listSessions);
  byId('group-by').addEventListener('change', (event) => set({ by: event.target.value, metric: event.target.value !== 'process' && state.metric !== 'count' ? 'bytes' : state.metric }));
  byId('show').addEventListener('change', (event) => set({ show: event.target.value }));
  byId('clear').addEventListener('click', () => set({ from: null, to: null }));
  byId('theme').addEventListener('click', toggleTheme);
  byId('help').addEventListener('click', () => byId('keys').showModal());
  byId('flame-back').addEventListener('click', () => flameView.zoomOut());
  byId('search').addEventListener('input', (event) => set({ find: event.target.value }));
  byId('export').addEventListener('change', async (event) => {
    const as = event.target.value;
    event.target.value = '';
    const names = { pprof: 'unfreed.pb.gz', folded: 'unfreed.folded', speedscope: 'unfreed.speedscope.json' };
    try {
      await source.download({ ...blocksQuestion(state), as }, names[as]);
    } catch (e) {
      trouble(e.message);
    }
  });
  addEventListener('hashchange', () => {
    if (new URLSearchParams(location.hash.slice(1)).has('token')) return location.reload();
    const session = state.session;
    state = { ...readState() };
    state.session = state.session || session;
    refresh();
  });
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId('keys').open) return;
    const typing = ['INPUT', 'SELECT', 'TEXTAREA'].includes(event.target.tagName);
    if (event.key === 'Escape') {
      if (typing) event.target.blur();
      else if (state.to !== null && !source.isCase) set({ from: null, to: null });
      return;
    }
    if (typing) return;
    const tab = tabs(state)[Number(event.key) - 1];
    if (tab) set({ tab: tab[0] });
    else if (event.key === '/') byId('search').focus();
    else if (event.key === 't') toggleTheme();
    else if (event.key === '?') byId('keys').showModal();
    else return;
    event.preventDefault();
  });
}

let isLoading = false;
let isOld = false;

// All that is shown, asked anew; what changes meanwhile is asked for behind it.
async function load() {
  isOld = true;
  if (isLoading) return;
  isLoading = true;
  while (isOld) {
    isOld = false;
    kept.clear();
    try {
      await loadSessions();
      await refresh();
    } catch (e) {
      trouble(e.message);
    }
  }
  isLoading = false;
}

// Begins to listen; done when somebody is heard, or nobody, or it takes long, as behind a proxy that keeps answers back. From then on no change
// goes unnoticed: what changed before who was late is heard is asked for then.
function listen() {
  if (source.isCase) return null;
  return new Promise((resolve) => {
    let isLate = false;
    const late = setTimeout(() => { isLate = true; resolve(); }, PATIENCE_MS);
    source.follow(load, (nowHeard, why) => {
      clearTimeout(late);
      isHeard = nowHeard;
      controls();
      if (why) trouble(why);
      if (nowHeard && isLate) load();
      isLate = false;
      resolve();
    });
  });
}

async function start() {
  firstTheme();
  bind();
  if (source.isCase) {
    Object.assign(state, source.question);
    timelineView.fixed = true;
    byId('tools').querySelectorAll('#export, label').forEach((element) => element.remove());
  }
  await listen();
  await load();
}

start();
