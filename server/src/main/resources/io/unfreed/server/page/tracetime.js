// A trace over time: how much happened, and how long it took, between its ticks.

import { bytesText, shortCount, countText, durationText, momentText } from './format.js';
import { make, colorOf, sharpen, seriesColor, tip } from './dom.js';
import { OverTime } from './overtime.js';

const QUANTILES = [['p50Nanos', 'p50'], ['p95Nanos', 'p95'], ['p99Nanos', 'p99'], ['maxAtMostNanos', 'max']];
const DRAWN = {
  syscalls: [['rate', 'Calls/s'], ['latency', 'Latency']],
  locks: [['rate', 'Waits/s'], ['latency', 'Latency']],
  io: [['rate', 'Requests/s'], ['latency', 'Latency'], ['bytes', 'Bytes/s']],
  memory: [['held', 'Outstanding'], ['rate', 'Allocations, frees/s']],
};

export function drawnOf(tracer) {
  return DRAWN[tracer] || [['rate', 'Rate']];
}

export class TraceTime extends OverTime {
  span() {
    const ends = this.data.endNanos;
    return Math.max(1, ends.length ? ends[ends.length - 1] : 1);
  }

  slotRange(slot) {
    return [slot === 0 ? 0 : this.data.endNanos[slot - 1], this.data.endNanos[slot]];
  }

  seconds(slot) {
    const [from, to] = this.slotRange(slot);
    return Math.max(1, to - from) / 1e9;
  }

  // What is stated is stated at ticks: a range goes from one to another.
  snapped(from, to) {
    const ticks = [0, ...this.data.endNanos];
    if (ticks.length === 1) return [from, to];
    const nearest = (nanos) => ticks.reduce((best, tick, i) => (Math.abs(tick - nanos) < Math.abs(ticks[best] - nanos) ? i : best), 0);
    const last = Math.max(1, nearest(to));
    return from === null ? [null, ticks[last]] : [ticks[Math.min(nearest(from), last - 1)], ticks[last]];
  }

  stepped(now, isBack) {
    const ticks = this.data.endNanos;
    const further = isBack ? ticks.filter((tick) => tick < now).pop() : ticks.find((tick) => tick > now);
    return further === undefined ? now : further;
  }

  // Each with its values by slot, null where there is none.
  lines() {
    const data = this.data;
    const perSecond = (numbers) => (numbers || []).map((number, slot) => number / this.seconds(slot));
    switch (this.metric) {
      case 'latency':
        return QUANTILES.map(([name, label]) => ({ name: label, values: data[name] || [] }));
      case 'bytes':
        return [{ name: 'bytes', values: perSecond(data.bytes) }];
      case 'held':
        return [{ name: 'outstanding', values: data.outstandingBytes || [] }];
      default:
        return data.frees ? [{ name: 'allocations', values: perSecond(data.count) }, { name: 'frees', values: perSecond(data.frees) }] : [{ name: 'all', values: perSecond(data.count) }];
    }
  }

  text(value) {
    switch (this.metric) {
      case 'latency': return durationText(Math.round(value));
      case 'bytes': return bytesText(value) + '/s';
      case 'held': return bytesText(value);
      default: return rateText(value);
    }
  }

  draw() {
    if (!this.data || !this.box.clientWidth) return;
    const g = this.geometry();
    const context = sharpen(this.canvas, g.width, g.height);
    context.clearRect(0, 0, g.width, g.height);
    const lines = this.lines();
    const y = this.metric === 'latency' ? this.logarithmic(context, g, lines) : this.linear(context, g, lines);
    lines.forEach((line, index) => this.line(context, g, line.values, y, index, lines.length === 1));
    context.globalAlpha = 1;
    this.losses(context, g, this.data.lost);
    this.brush(context, g);
    this.legend(lines);
  }

  linear(context, g, lines) {
    let most = 0;
    for (const { values } of lines) for (const value of values) most = Math.max(most, value);
    most = most || 1;
    const y = (value) => g.bottom - (Math.max(0, value) / (most * 1.06)) * (g.bottom - g.top);
    this.axes(context, g, this.steps(most), y);
    return y;
  }

  // From microseconds to minutes on one picture: a power of ten is as high as the next.
  logarithmic(context, g, lines) {
    const known = lines.flatMap(({ values }) => values.filter((value) => value > 0));
    const low = Math.floor(Math.log10(known.reduce((least, value) => Math.min(least, value), 1e6)));
    const high = Math.max(low + 1, Math.ceil(Math.log10(known.reduce((most, value) => Math.max(most, value), 1e3))));
    const y = (value) => g.bottom - ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (g.bottom - g.top);
    const step = Math.ceil((high - low) / 6);
    const values = [];
    for (let power = low; power <= high; power += step) values.push(10 ** power);
    this.axes(context, g, values, y);
    return y;
  }

  line(context, g, values, y, index, isFilled) {
    context.beginPath();
    let isDrawing = false;
    values.forEach((value, slot) => {
      const [from, to] = this.slotRange(slot);
      if (value === null) {
        isDrawing = false;
        return;
      }
      if (isDrawing) context.lineTo(this.x(from, g), y(value));
      else context.moveTo(this.x(from, g), y(value));
      context.lineTo(this.x(to, g), y(value));
      isDrawing = true;
    });
    context.strokeStyle = seriesColor(index);
    context.lineWidth = 1.8;
    context.globalAlpha = 1;
    context.stroke();
    context.lineWidth = 1;
    if (!isFilled) return;
    context.fillStyle = seriesColor(index);
    context.globalAlpha = 0.35;
    values.forEach((value, slot) => {
      const [from, to] = this.slotRange(slot);
      context.fillRect(this.x(from, g), y(value), this.x(to, g) - this.x(from, g), g.bottom - y(value));
    });
  }

  legend(lines) {
    document.getElementById('legend').replaceChildren(...(lines.length === 1 ? [] : lines.map((line, index) => {
      const swatch = make('i');
      swatch.style.background = seriesColor(index);
      return make('li', {}, swatch, make('span', {}, line.name));
    })));
  }

  tipAt(event) {
    const g = this.geometry();
    const at = this.nanos(event.offsetX, g);
    const found = this.data.endNanos.findIndex((end) => end >= at);
    const slot = found < 0 ? this.data.slots - 1 : found;
    if (slot < 0) return;
    const [from, to] = this.slotRange(slot);
    const rate = (number) => countText(number) + ', ' + rateText(number / this.seconds(slot));
    const rows = [];
    if (this.data.frees) {
      rows.push(['outstanding', bytesText(this.data.outstandingBytes[slot]) + ' in ' + countText(this.data.outstandingCount[slot])]);
      rows.push(['allocated', rate(this.data.count[slot])], ['freed', rate(this.data.frees[slot])]);
    } else {
      rows.push(['happened', rate(this.data.count[slot])]);
      for (const [name, label] of QUANTILES.slice(0, 3)) rows.push([label, durationText(this.data[name][slot])]);
      rows.push(['max', longestText(this.data.maxNanos[slot], this.data.maxAtMostNanos[slot])]);
    }
    if (this.data.lost[slot] > 0) rows.push(['lost', countText(this.data.lost[slot])]);
    if (this.data.missing[slot] > 0) rows.push(['statements missing before', countText(this.data.missing[slot])]);
    tip(event, make('b', {}, momentText(from) + ' to ' + momentText(to)),
      ...rows.map(([name, value]) => make('div', {}, make('span', {}, name), make('span', {}, value))));
  }
}

// Few things in a second are not none.
export function rateText(perSecond) {
  const isSmall = perSecond < 100 && !Number.isInteger(perSecond);
  return (isSmall ? perSecond.toPrecision(2) : shortCount(perSecond)) + '/s';
}

// The longest of a stretch is known only when none before was longer.
export function longestText(nanos, atMostNanos) {
  return nanos === null || nanos === undefined ? (atMostNanos === null || atMostNanos === undefined ? '–' : '≤ ' + durationText(atMostNanos)) : durationText(nanos);
}
