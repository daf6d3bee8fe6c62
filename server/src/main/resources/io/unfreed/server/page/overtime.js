// What is drawn over time: axes, losses and a brush. What stands between them is drawn by who extends it.

import { durationText, momentText } from './format.js';
import { colorOf, hideTip } from './dom.js';

const PAD = { left: 66, right: 14, top: 12, bottom: 22 };
const GRIP = 5;
const KEY_PAUSE = 150;

function niceStep(most, steps) {
  const raw = most / steps;
  const power = 10 ** Math.floor(Math.log10(raw || 1));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw) || power * 10;
}

// Behind two minutes, from where on times are told in minutes, hours and days, whole ones of them.
const TIME_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400].map((seconds) => seconds * 1e9);

export function timeStep(span, steps) {
  const step = niceStep(span, steps);
  if (step < 60e9) return Math.max(1, step);
  return TIME_STEPS.find((nanos) => nanos >= span / steps) || niceStep(span / 86400e9, steps) * 86400e9;
}

// Of who extends it: "draw", "tipAt", "text" of a value, "span", the length of it all in nanoseconds, and "slotRange", when a slot begins and ends.
export class OverTime {
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

  geometry() {
    const width = this.box.clientWidth;
    const height = this.box.clientHeight;
    return { width, height, left: PAD.left, right: width - PAD.right, top: PAD.top, bottom: height - PAD.bottom };
  }

  x(nanos, g) {
    return g.left + (nanos / this.span()) * (g.right - g.left);
  }

  nanos(x, g) {
    return Math.max(0, Math.min(this.span(), ((x - g.left) / (g.right - g.left)) * this.span()));
  }

  // Values as they stand beside the lines at them, from 0 to the most.
  steps(most) {
    const step = niceStep(most, 4);
    const values = [];
    for (let value = 0; value <= most * 1.06; value += step) values.push(value);
    return values;
  }

  axes(context, g, values, y) {
    context.font = '11.5px system-ui, sans-serif';
    context.fillStyle = colorOf('--quiet');
    context.strokeStyle = colorOf('--line');
    context.lineWidth = 1;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const value of values) {
      const at = Math.round(y(value)) + 0.5;
      context.beginPath();
      context.moveTo(g.left, at);
      context.lineTo(g.right, at);
      context.stroke();
      context.fillText(this.text(value), g.left - 8, at);
    }
    context.textBaseline = 'top';
    context.textAlign = 'center';
    const time = timeStep(this.span(), Math.max(2, Math.floor(g.width / 130)));
    for (let at = 0; at <= this.span(); at += time) {
      const x = this.x(at, g);
      if (x < g.right - 10 || at === 0) context.fillText(at === 0 ? '0' : momentText(at), x, g.bottom + 6);
    }
  }

  losses(context, g, lost) {
    context.fillStyle = colorOf('--bad');
    for (let i = 0; i < lost.length; i++) {
      if (lost[i] > 0) {
        const [from, to] = this.slotRange(i);
        const x = this.x(from, g);
        const width = Math.max(3, this.x(to, g) - x);
        context.globalAlpha = 0.22;
        context.fillRect(x, g.top, width, g.bottom - g.top);
        context.globalAlpha = 1;
        context.fillRect(x, g.bottom, width, 4);
      }
    }
  }

  // What can be asked for is any moment, unless who extends it knows better.
  snapped(from, to) {
    return [from, to];
  }

  // The moment that a key goes to.
  stepped(now, isBack) {
    return now + Math.max(1, Math.round(this.span() / 100)) * (isBack ? -1 : 1);
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
        this.select(...this.snapped(Math.round(ends[0]), Math.round(ends[1])));
      }
      this.tipAt(event);
    });
    canvas.addEventListener('pointerup', (event) => {
      if (began === null) return;
      const moved = Math.abs(event.offsetX - began) > GRIP;
      const at = Math.round(this.nanos(event.offsetX, this.geometry()));
      began = null;
      if (moved) this.picked(this.selection.from, this.selection.to);
      else this.picked(...this.snapped(null, at));
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
    const now = this.selection.to === null ? this.span() : this.selection.to;
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? this.span() : Math.max(0, Math.min(this.span(), this.stepped(now, event.key === 'ArrowLeft')));
    if (!event.shiftKey) return pick(null, to);
    const from = this.selection.from === null ? now : this.selection.from;
    if (from <= to) pick(from, to);
    else pick(to, from);
  }

  describe() {
    const { from, to } = this.selection;
    if (to === null) return 'whole recording, ' + durationText(this.span() > 1 ? this.span() : 0);
    if (from === null) return 'at ' + momentText(to);
    return momentText(from) + ' to ' + momentText(to) + ' (' + durationText(to - from) + ')';
  }
}
