// The recording over time: areas of what is outstanding, or bars of what happened, with marks, losses and a brush.

import { bytesText, shortCount, countText, durationText, momentText } from './format.js';
import { make, colorOf, sharpen, seriesColor, tip, hideTip } from './dom.js';

export const METRICS = [['bytes', 'Bytes'], ['count', 'Blocks'], ['allocations', 'Allocations/s'], ['frees', 'Frees/s']];
const PAD = { left: 66, right: 14, top: 12, bottom: 22 };
const GRIP = 5;
const KEY_PAUSE = 150;

function niceStep(most, steps) {
  const raw = most / steps;
  const power = 10 ** Math.floor(Math.log10(raw || 1));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw) || power * 10;
}

export class TimelineView {
  constructor(canvas, picked) {
    this.canvas = canvas;
    this.box = canvas.parentElement;
    this.picked = picked;
    this.selection = { from: null, to: null };
    this.fixed = false;
    this.bind();
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  show(data, metric) {
    this.data = data;
    this.metric = metric;
    this.draw();
  }

  select(from, to) {
    this.selection = { from, to };
    this.draw();
  }

  isRate() {
    return this.metric === 'allocations' || this.metric === 'frees';
  }

  // Lines in the order in which they are stacked; those of stacks have no rates.
  lines() {
    const data = this.data;
    const lines = [...data.groups];
    if (data.others.groups > 0) lines.push({ ...data.others, name: data.others.groups + ' others', isOthers: true });
    if (lines.some((line) => !line[this.metric])) return [{ name: 'all', ...data.all }];
    return lines;
  }

  value(line, slot) {
    const numbers = line[this.metric];
    if (!numbers) return 0;
    return this.isRate() ? (numbers[slot] * 1e9) / this.data.slotNanos : numbers[slot];
  }

  text(value) {
    return this.metric === 'bytes' ? bytesText(value) : shortCount(value) + (this.isRate() ? '/s' : '');
  }

  geometry() {
    const width = this.box.clientWidth;
    const height = this.box.clientHeight;
    return { width, height, left: PAD.left, right: width - PAD.right, top: PAD.top, bottom: height - PAD.bottom };
  }

  span() {
    return Math.max(1, this.data.lastNanos);
  }

  x(nanos, g) {
    return g.left + (nanos / this.span()) * (g.right - g.left);
  }

  nanos(x, g) {
    return Math.max(0, Math.min(this.span(), ((x - g.left) / (g.right - g.left)) * this.span()));
  }

  draw() {
    if (!this.data || !this.box.clientWidth) return;
    const g = this.geometry();
    const context = sharpen(this.canvas, g.width, g.height);
    context.clearRect(0, 0, g.width, g.height);
    const lines = this.lines();
    const slots = this.data.slots;
    const sums = new Float64Array(slots);
    for (const line of lines) for (let i = 0; i < slots; i++) sums[i] += this.value(line, i);
    let most = 0;
    for (const sum of sums) most = Math.max(most, sum);
    most = most || 1;
    const y = (value) => g.bottom - (value / (most * 1.06)) * (g.bottom - g.top);
    this.axes(context, g, most, y);
    const base = new Float64Array(slots);
    lines.forEach((line, index) => {
      context.beginPath();
      context.fillStyle = line.isOthers ? colorOf('--quiet') : seriesColor(index);
      context.globalAlpha = line.isOthers ? 0.35 : 0.85;
      const ends = [];
      for (let i = 0; i < slots; i++) {
        const from = this.x(i * this.data.slotNanos, g);
        const to = this.x(Math.min(this.span(), (i + 1) * this.data.slotNanos), g);
        const top = base[i] + this.value(line, i);
        if (i === 0) context.moveTo(from, y(base[0]));
        context.lineTo(from, y(top));
        context.lineTo(to, y(top));
        ends.push([from, to, base[i]]);
        base[i] = top;
      }
      for (const [from, to, low] of ends.reverse()) {
        context.lineTo(to, y(low));
        context.lineTo(from, y(low));
      }
      context.fill();
    });
    context.globalAlpha = 1;
    this.looks(context, g);
    this.losses(context, g);
    this.marks(context, g);
    this.brush(context, g);
    this.legend(lines);
  }

  axes(context, g, most, y) {
    context.font = '11.5px system-ui, sans-serif';
    context.fillStyle = colorOf('--quiet');
    context.strokeStyle = colorOf('--line');
    context.lineWidth = 1;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const step = niceStep(most, 4);
    for (let value = 0; value <= most * 1.06; value += step) {
      const at = Math.round(y(value)) + 0.5;
      context.beginPath();
      context.moveTo(g.left, at);
      context.lineTo(g.right, at);
      context.stroke();
      context.fillText(this.text(value), g.left - 8, at);
    }
    context.textBaseline = 'top';
    context.textAlign = 'center';
    const time = niceStep(this.span(), Math.max(2, Math.floor(g.width / 130)));
    for (let at = 0; at <= this.span(); at += time) {
      const x = this.x(at, g);
      if (x < g.right - 10 || at === 0) context.fillText(at === 0 ? '0' : momentText(at), x, g.bottom + 6);
    }
  }

  // What is known at moments only has a broken line under it.
  looks(context, g) {
    if (this.data.exactNanos >= this.data.lastNanos) return;
    context.strokeStyle = colorOf('--quiet');
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(this.x(this.data.exactNanos, g), g.bottom + 2.5);
    context.lineTo(g.right, g.bottom + 2.5);
    context.stroke();
    context.setLineDash([]);
  }

  losses(context, g) {
    const lost = this.data.all.lost || [];
    context.fillStyle = colorOf('--bad');
    for (let i = 0; i < lost.length; i++) {
      if (lost[i] > 0) {
        const x = this.x(i * this.data.slotNanos, g);
        const width = Math.max(3, this.x((i + 1) * this.data.slotNanos, g) - x);
        context.globalAlpha = 0.22;
        context.fillRect(x, g.top, width, g.bottom - g.top);
        context.globalAlpha = 1;
        context.fillRect(x, g.bottom, width, 4);
      }
    }
  }

  marks(context, g) {
    context.font = '11.5px system-ui, sans-serif';
    context.textAlign = 'left';
    context.textBaseline = 'top';
    let free = -Infinity;
    for (const mark of this.data.marks) {
      const x = Math.round(this.x(mark.sinceStartNanos, g)) + 0.5;
      context.strokeStyle = colorOf('--ink');
      context.setLineDash([3, 3]);
      context.beginPath();
      context.moveTo(x, g.top - 8);
      context.lineTo(x, g.bottom);
      context.stroke();
      context.setLineDash([]);
      const label = mark.label.length > 28 ? mark.label.slice(0, 27) + '…' : mark.label;
      if (x > free) {
        context.fillStyle = colorOf('--ink');
        context.fillText(label, x + 4, 0);
        free = x + context.measureText(label).width + 10;
      }
    }
  }

  brush(context, g) {
    const { from, to } = this.selection;
    if (to === null) return;
    context.fillStyle = colorOf('--card');
    context.strokeStyle = colorOf('--accent');
    context.lineWidth = 2;
    if (from !== null) {
      const left = this.x(from, g);
      const right = this.x(to, g);
      context.globalAlpha = 0.6;
      context.fillRect(g.left, g.top, left - g.left, g.bottom - g.top);
      context.fillRect(right, g.top, g.right - right, g.bottom - g.top);
      context.globalAlpha = 1;
      context.strokeRect(left, g.top, Math.max(1, right - left), g.bottom - g.top);
    } else {
      const x = this.x(to, g);
      context.beginPath();
      context.moveTo(x, g.top);
      context.lineTo(x, g.bottom);
      context.stroke();
    }
    context.lineWidth = 1;
  }

  legend(lines) {
    const end = this.data.slots - 1;
    document.getElementById('legend').replaceChildren(...(lines.length === 1 && lines[0].name === 'all' ? [] : lines.map((line, index) => {
      const swatch = make('i');
      swatch.style.background = line.isOthers ? colorOf('--quiet') : seriesColor(index);
      const name = make('span', { title: line.name }, line.name);
      return make('li', {}, swatch, name, make('b', {}, this.text(this.value(line, end))));
    })));
  }

  tipAt(event) {
    const g = this.geometry();
    const at = this.nanos(event.offsetX, g);
    const slot = Math.min(this.data.slots - 1, Math.floor(at / this.data.slotNanos));
    const all = this.data.all;
    const rate = (numbers) => shortCount((numbers[slot] * 1e9) / this.data.slotNanos) + '/s';
    const rows = [];
    if (all.bytes) rows.push(['outstanding', bytesText(all.bytes[slot]) + ' in ' + countText(all.count[slot])]);
    rows.push(['allocated', rate(all.allocations)], ['freed', rate(all.frees)]);
    if (all.lost[slot] > 0) rows.push(['lost', countText(all.lost[slot]) + ' events']);
    const width = (this.span() / Math.max(1, g.right - g.left)) * 5;
    for (const mark of this.data.marks) {
      if (Math.abs(mark.sinceStartNanos - at) <= width) rows.push(['mark', mark.label]);
    }
    if (at > this.data.exactNanos) rows.push(['between looks', 'spread evenly']);
    tip(event, make('b', {}, momentText(Math.round(at))),
      ...rows.map(([name, value]) => make('div', {}, make('span', {}, name), make('span', {}, value))));
  }

  bind() {
    let began = null;
    const canvas = this.canvas;
    canvas.addEventListener('pointerdown', (event) => {
      if (!this.data || this.fixed || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      began = event.offsetX;
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!this.data) return;
      if (began !== null && Math.abs(event.offsetX - began) > GRIP) {
        const g = this.geometry();
        const ends = [this.nanos(began, g), this.nanos(event.offsetX, g)].sort((a, b) => a - b);
        this.select(Math.round(ends[0]), Math.round(ends[1]));
      }
      this.tipAt(event);
    });
    canvas.addEventListener('pointerup', (event) => {
      if (began === null) return;
      const moved = Math.abs(event.offsetX - began) > GRIP;
      const at = Math.round(this.nanos(event.offsetX, this.geometry()));
      began = null;
      if (moved) this.picked(this.selection.from, this.selection.to);
      else this.picked(null, at);
    });
    canvas.addEventListener('pointerleave', hideTip);
    canvas.addEventListener('dblclick', () => !this.fixed && this.picked(null, null));
    canvas.addEventListener('keydown', (event) => this.key(event));
  }

  key(event) {
    if (!this.data || this.fixed || !['ArrowLeft', 'ArrowRight', 'Home', 'End', 'Escape'].includes(event.key)) return;
    event.preventDefault();
    if (event.key === 'Escape') return this.picked(null, null);
    const pick = (chosenFrom, chosenTo) => {
      // A key that is held asks once, when it is let go of.
      this.select(chosenFrom, chosenTo);
      document.body.classList.add('asking');
      clearTimeout(this.picking);
      this.picking = setTimeout(() => this.picked(chosenFrom, chosenTo), KEY_PAUSE);
    };
    const step = Math.max(1, Math.round(this.span() / 100)) * (event.key === 'ArrowLeft' ? -1 : 1);
    const now = this.selection.to === null ? this.span() : this.selection.to;
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? this.span() : Math.max(0, Math.min(this.span(), now + step));
    if (!event.shiftKey) return pick(null, to);
    const from = this.selection.from === null ? now : this.selection.from;
    if (from <= to) pick(from, to);
    else pick(to, from);
  }

  describe() {
    const { from, to } = this.selection;
    if (to === null) {
      const looked = this.data.exactNanos < this.data.lastNanos ? ', from ' + momentText(this.data.exactNanos) + ' on as of each look' : '';
      return 'whole recording, ' + durationText(this.span()) + looked;
    }
    if (from === null) return 'at ' + momentText(to);
    return momentText(from) + ' to ' + momentText(to) + ' (' + durationText(to - from) + ')';
  }
}
