// Numbers as people read them. The exact number is always a hover away (see dom.js).

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function bytesText(n) {
  if (n === null || n === undefined) return '–';
  let unit = 0;
  let value = Math.abs(n);
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = unit === 0 ? String(value) : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
  return (n < 0 ? '−' : '') + text + ' ' + UNITS[unit];
}

// For what comes in powers of two.
export function binaryText(n) {
  let value = n;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB', 'TiB']) {
    if (value < 1024) return value + ' ' + unit;
    value /= 1024;
  }
  return value + ' PiB';
}

export function countText(n) {
  if (n === null || n === undefined) return '–';
  const text = Math.abs(Math.round(n)).toString();
  return (n < 0 ? '−' : '') + text.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

export function shortCount(n) {
  const size = Math.abs(n);
  if (size < 10000) return countText(n);
  for (const [unit, name] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (size >= unit) return (n / unit).toFixed(size < 10 * unit ? 2 : size < 100 * unit ? 1 : 0) + ' ' + name;
  }
  return countText(n);
}

export function durationText(nanos) {
  if (nanos === null || nanos === undefined) return '–';
  if (nanos < 1e3) return nanos + ' ns';
  if (nanos < 1e6) return trimmed(nanos / 1e3) + ' µs';
  if (nanos < 1e9) return trimmed(nanos / 1e6) + ' ms';
  if (nanos < 120e9) return trimmed(nanos / 1e9) + ' s';
  const seconds = Math.round(nanos / 1e9);
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const from = parts.findIndex(([unit]) => seconds >= unit);
  let left = seconds;
  const said = [];
  for (const [unit, name] of parts.slice(from, from + 2)) {
    const many = Math.floor(left / unit);
    left -= many * unit;
    if (many > 0) said.push(many + ' ' + name);
  }
  return said.join(' ');
}

function trimmed(value) {
  const text = value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

export function momentText(nanos) {
  return '+' + durationText(nanos);
}

export function moduleName(path) {
  return path ? path.slice(path.lastIndexOf('/') + 1) : '';
}

export function frameName(frame) {
  if (frame.symbol) return frame.symbol;
  const address = frame.address || '??';
  return frame.module ? moduleName(frame.module) + '+' + address : address;
}

export function framePlace(frame) {
  const file = frame.file ? frame.file + (frame.line ? ':' + frame.line : '') : '';
  return (frame.module ? '[' + moduleName(frame.module) + ']' : '') + (file ? '  ' + file : '') + (frame.inlined ? '  (inlined)' : '');
}

// Of each frame whether what is looked for stands in its name, module or file; null when nothing is looked for. A frame is looked at once, however many stacks it is in.
export function framesWith(frames, find) {
  if (!find) return null;
  const text = find.toLowerCase();
  return frames.map((frame) => (frameName(frame) + '\n' + (frame.module || '') + '\n' + (frame.file || '')).toLowerCase().includes(text));
}
