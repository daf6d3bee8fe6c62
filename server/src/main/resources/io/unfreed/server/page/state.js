// What is looked at, as it stands in the address behind #: a link shows the same again.

const DEFAULTS = {
  session: '', from: null, to: null, show: 'live', tab: 'leaks', metric: 'bytes', by: 'process', find: '',
  flame: 'bytes', way: 'icicle', turn: 'callers', colors: 'module', draw: '', row: '',
};
const NUMBERS = ['from', 'to'];

export function readState() {
  const state = { ...DEFAULTS };
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(DEFAULTS)) {
    if (!hash.has(name)) continue;
    const value = hash.get(name);
    if (!NUMBERS.includes(name)) state[name] = value;
    else if (/^\d{1,19}$/.test(value)) state[name] = Number(value);
  }
  return state;
}

export function writeState(state) {
  const hash = new URLSearchParams();
  for (const [name, value] of Object.entries(DEFAULTS)) {
    if (state[name] !== value && state[name] !== null && state[name] !== '') hash.set(name, state[name]);
  }
  const text = hash.size ? '#' + hash : '';
  if (text !== location.hash) history.replaceState(null, '', location.pathname + location.search + text);
}

const atText = (nanos) => '+' + Math.round(nanos) + 'ns';

// The question about blocks: nothing chosen is the end, a moment is that moment, a range asks what was born or freed in it.
export function blocksQuestion(state) {
  const question = { session: state.session };
  if (state.to === null) return question;
  if (state.from === null) return { ...question, at: atText(state.to) };
  const range = atText(state.from) + '..' + atText(state.to);
  if (state.show === 'freed') return { ...question, freed: range };
  if (state.show === 'left') return { ...question, born: range };
  return { ...question, born: range, at: atText(state.to) };
}

// The moment alone, for what is judged as of a moment.
export function momentQuestion(state) {
  const question = { session: state.session };
  return state.to === null || (state.from !== null && state.show === 'left') ? question : { ...question, at: atText(state.to) };
}

// The states at both ends of the range, for what grew between them.
export function endQuestions(state) {
  return [state.from, state.to].map((nanos) => ({ session: state.session, at: atText(nanos) }));
}

export function growthQuestion(state) {
  return { session: state.session, at: atText(state.from) + '..' + atText(state.to), top: 200 };
}

// The stretch of a trace: nothing chosen is all of it, a moment what happened up to it.
export function duringText(state) {
  return (state.from === null ? '' : atText(state.from)) + '..' + (state.to === null ? '' : atText(state.to));
}
