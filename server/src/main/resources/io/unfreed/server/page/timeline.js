// The recording over time: areas of what is outstanding, or bars of what happened, with marks, losses and a brush.

import { bytesText, shortCount, countText, momentText } from './format.js';
import { make, colorOf, sharpen, seriesColor, tip } from './dom.js';
import { OverTime } from './overtime.js';

export const METRICS = [['bytes', 'Bytes'], ['count', 'Blocks'], ['allocations', 'Allocations/s'], ['frees', 'Frees/s']];

export class TimelineView extends OverTime {
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

  span() {
    return Math.max(1, this.data.lastNanos);
  }

  slotRange(slot) {
    return [slot * this.data.slotNanos, (slot + 1) * this.data.slotNanos];
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
    this.axes(context, g, this.steps(most), y);
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
    this.losses(context, g, this.data.all.lost || []);
    this.marks(context, g);
    this.brush(context, g);
    this.legend(lines);
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

  describe() {
    const isLooked = this.selection.to === null && this.data.exactNanos < this.data.lastNanos;
    return super.describe() + (isLooked ? ', from ' + momentText(this.data.exactNanos) + ' on as of each look' : '');
  }
}
