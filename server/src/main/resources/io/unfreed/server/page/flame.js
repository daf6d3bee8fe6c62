// Flame graph and icicle on a canvas: what is narrower than half a pixel is not drawn, so that hundreds of thousands of frames stay fluid.

import { bytesText, countText, frameName, framePlace, framesWith, moduleName } from './format.js';
import { make, colorOf, isDark, sharpen, hashOf, tip, hideTip } from './dom.js';

export const FLAME_METRICS = [['bytes', 'Bytes'], ['count', 'Blocks'], ['allocations', 'Allocations'], ['temporary', 'Temporary'], ['allocatedBytes', 'Allocated bytes']];
const ROW = 19;
const LEAST_WIDTH = 0.5;
const LEAST_TEXT = 26;

// Of the window, as the style has it.
const HIGHEST = 0.7;

// One node per way through the stacks; frames of one function are one, whatever their lines.
export function flameTree(data, metric, isReversed) {
  const keys = new Map();
  const number = data.frames.map((frame) => {
    const key = frameName(frame) + '\n' + (frame.module || '');
    if (!keys.has(key)) keys.set(key, keys.size);
    return keys.get(key);
  });
  const node = (frame, parent) => ({ frame, parent, value: 0, was: 0, self: 0, children: null, stacks: 0 });
  const several = data.processes.length > 1;
  const root = node(-1, null);
  const child = (parent, key, frame) => {
    parent.children = parent.children || new Map();
    let found = parent.children.get(key);
    if (!found) {
      found = node(frame, parent);
      parent.children.set(key, found);
    }
    return found;
  };
  for (const stack of data.stacks) {
    const value = stack[metric];
    if (!(value > 0)) continue;
    const was = stack.was ? stack.was[metric] : 0;
    let at = root;
    at.value += value;
    at.was += was;
    at.stacks++;
    if (several) {
      at = child(at, 'process ' + stack.process, -2 - stack.process);
      at.value += value;
      at.was += was;
      at.stacks++;
    }
    const count = stack.frames.length;
    for (let i = 0; i < count; i++) {
      const frame = stack.frames[isReversed ? i : count - 1 - i];
      at = child(at, number[frame], frame);
      at.value += value;
      at.was += was;
      at.stacks++;
    }
    at.self += value;
  }
  // Stacks may be deeper than a function may call itself.
  for (const unsorted = [root]; unsorted.length;) {
    const parent = unsorted.pop();
    if (!parent.children) continue;
    parent.children = [...parent.children.values()].sort((a, b) => b.value - a.value || a.frame - b.frame);
    for (const each of parent.children) unsorted.push(each);
  }
  return root;
}

// What there is now, each stack with what it was before; what is gone has no width.
export function sinceThen(before, now) {
  const name = (data, stack) => data.processes[stack.process].incarnation + stack.stackId + stack.space;
  const then = new Map(before.stacks.map((stack) => [name(before, stack), stack]));
  return { ...now, hasGrowth: true, stacks: now.stacks.map((stack) => ({ ...stack, was: then.get(name(now, stack)) || null })) };
}

const sessionShown = (data) => (data.processes.length ? data.processes[0].session : null);

export class FlameView {
  constructor(canvas, told) {
    this.canvas = canvas;
    this.box = canvas.parentElement;
    this.rest = make('div');
    this.box.append(this.rest);
    this.told = told;
    this.find = '';
    this.way = 'icicle';
    this.bind();
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.box.addEventListener('scroll', () => this.draw());
  }

  show(data, metric, way, isReversed) {
    const isSame = this.data === data && this.metric === metric && this.isReversed === isReversed;
    const isOfSame = this.data && this.isReversed === isReversed && sessionShown(this.data) === sessionShown(data);
    const [zoomed, focused] = [this.zoom, this.focus].map((node) => (isOfSame && node ? this.namesTo(node) : []));
    this.data = data;
    this.metric = metric;
    this.way = way;
    this.isReversed = isReversed;
    if (!isSame) {
      this.root = flameTree(data, metric, isReversed);
      this.zoom = this.along(zoomed);
      this.focus = focused.length ? this.along(focused) : null;
    }
    this.draw();
  }

  // The way to a node by names: what is recorded goes on, and is drawn anew, under who looks at a part of it.
  namesTo(node) {
    const names = [];
    for (let at = node; at.parent; at = at.parent) names.unshift(this.name(at));
    return names;
  }

  // As far as there is such a way.
  along(names) {
    let node = this.root;
    for (const name of names) {
      const next = (node.children || []).find((child) => this.name(child) === name);
      if (!next) break;
      node = next;
    }
    return node;
  }

  search(find) {
    this.find = find.toLowerCase();
    this.draw();
  }

  name(node) {
    if (node.frame === -1) return 'all';
    if (node.frame < -1) {
      const process = this.data.processes[-2 - node.frame];
      return (process.tgid === null ? '' : process.tgid + ' ') + (process.command || process.incarnation);
    }
    return frameName(this.data.frames[node.frame]);
  }

  value(number) {
    return this.metric.toLowerCase().includes('bytes') ? bytesText(number) : countText(number);
  }

  matches(node) {
    if (!this.find) return false;
    if (node.frame < 0) return this.name(node).toLowerCase().includes(this.find);
    return this.wanted[node.frame];
  }

  color(node, isMatch) {
    if (isMatch) return isDark() ? '#d24dbb' : '#e46bd0';
    if (this.data.hasGrowth) {
      const change = (node.value - node.was) / Math.max(node.value, node.was, 1);
      const strength = Math.round(70 * Math.min(1, Math.abs(change)));
      return `hsl(${change >= 0 ? 8 : 215} ${strength}% ${isDark() ? 32 + strength / 6 : 88 - strength / 3}%)`;
    }
    const module = node.frame < 0 ? '' : moduleName(this.data.frames[node.frame].module) || '?';
    if (module === '') return isDark() ? '#4a4541' : '#ddd6cc';
    const hash = hashOf(module);
    const shade = (hashOf(this.name(node)) % 12) - 6;
    const hue = 8 + (hash % 48) + (hash % 5 === 0 ? 170 : 0);
    return isDark() ? `hsl(${hue} 42% ${40 + shade / 2}%)` : `hsl(${hue} 72% ${72 + shade / 2}%)`;
  }

  // Where what can be seen is: the way to the zoomed node in full width, and below it what is wide enough.
  layout(width) {
    const boxes = [];
    const path = [];
    for (let node = this.zoom; node; node = node.parent) path.unshift(node);
    path.forEach((node, depth) => boxes.push({ node, depth, x: 0, width }));
    let deepest = path.length - 1;
    for (const open = this.zoom.value > 0 ? [boxes[boxes.length - 1]] : []; open.length;) {
      const below = open.pop();
      let at = below.x;
      for (const child of below.node.children || []) {
        const wide = (child.value / below.node.value) * below.width;
        if (wide < LEAST_WIDTH) break; // they are sorted
        const box = { node: child, depth: below.depth + 1, x: at, width: wide };
        boxes.push(box);
        open.push(box);
        deepest = Math.max(deepest, box.depth);
        at += wide;
      }
    }
    return { boxes, rows: deepest + 1 };
  }

  draw() {
    if (!this.data || !this.box.clientWidth) return;
    const width = this.box.clientWidth;
    this.wanted = framesWith(this.data.frames, this.find);
    const { boxes, rows } = this.layout(width);
    const whole = Math.max(rows * ROW, 4 * ROW);
    // No canvas is as high as a deep recursion: it is drawn as far as it is seen.
    const height = Math.min(whole, Math.ceil(HIGHEST * window.innerHeight));
    this.canvas.style.height = height + 'px';
    this.rest.style.height = whole - height + 'px';
    const top = this.box.scrollTop;
    const context = sharpen(this.canvas, width, height);
    context.clearRect(0, 0, width, height);
    context.font = '12px ' + (getComputedStyle(document.body).fontFamily || 'sans-serif');
    context.textBaseline = 'middle';
    const text = isDark() ? '#f3efe9' : '#241f1a';
    const path = new Set();
    for (let node = this.zoom.parent; node; node = node.parent) path.add(node);
    let found = 0;
    for (const box of boxes) {
      box.y = (this.way === 'icicle' ? box.depth * ROW : whole - (box.depth + 1) * ROW) - top;
      if (box.y + ROW < 0 || box.y > height) continue;
      const isMatch = this.matches(box.node);
      context.globalAlpha = path.has(box.node) ? 0.55 : this.find && !isMatch ? 0.5 : 1;
      context.fillStyle = this.color(box.node, isMatch);
      context.fillRect(box.x, box.y, Math.max(LEAST_WIDTH, box.width - (box.width > 3 ? 1 : 0)), ROW - 1);
      context.globalAlpha = 1;
      if (box.width > LEAST_TEXT) {
        context.fillStyle = text;
        context.fillText(this.fitting(context, box), box.x + 4, box.y + ROW / 2);
      }
      if (this.focus === box.node) {
        context.strokeStyle = colorOf('--ink');
        context.lineWidth = 2;
        context.strokeRect(box.x + 1, box.y + 1, Math.max(2, box.width - 3), ROW - 3);
      }
    }
    if (this.find) found = this.countFound();
    this.boxes = boxes;
    this.told({ zoomed: this.zoom !== this.root, found, drawn: boxes.length });
  }

  // What is under frames that match, nothing twice.
  countFound() {
    let sum = 0;
    for (const open = [this.root]; open.length;) {
      const node = open.pop();
      if (this.matches(node)) sum += node.value;
      else for (const child of node.children || []) open.push(child);
    }
    return sum;
  }

  fitting(context, box) {
    const name = this.name(box.node);
    const room = box.width - 8;
    const most = Math.ceil(room / 4);
    let text = name.length > most ? name.slice(0, most) : name;
    if (context.measureText(text).width <= room) return text === name ? name : text + '…';
    while (text.length > 1 && context.measureText(text + '…').width > room) text = text.slice(0, -Math.max(1, text.length >> 4));
    return text + '…';
  }

  under(event) {
    return (this.boxes || []).find((box) => event.offsetX >= box.x && event.offsetX < box.x + Math.max(1, box.width) && event.offsetY >= box.y && event.offsetY < box.y + ROW);
  }

  zoomTo(node) {
    this.zoom = node;
    this.focus = node;
    this.draw();
    this.describe(node);
  }

  zoomOut() {
    if (this.zoom.parent) this.zoomTo(this.zoom.parent);
  }

  // Scrolls to where it is seen.
  reveal(node) {
    const box = this.boxes.find((one) => one.node === node);
    if (!box) return;
    const below = box.y + ROW - this.canvas.clientHeight;
    if (box.y < 0 || below > 0) this.box.scrollTop += box.y < 0 ? box.y : below;
  }

  describe(node) {
    document.getElementById('flame-name').textContent = node ? this.name(node) + '  ' + this.value(node.value) + ', ' + this.part(node) : '';
  }

  part(node) {
    return ((100 * node.value) / this.root.value).toFixed(1) + ' %';
  }

  tipFor(box, event) {
    const frame = box.node.frame >= 0 ? this.data.frames[box.node.frame] : null;
    const rows = [[this.value(box.node.value), this.part(box.node)], ['stacks', countText(box.node.stacks)]];
    if (this.data.hasGrowth) rows.push(['grew by', (box.node.value < box.node.was ? '' : '+') + this.value(box.node.value - box.node.was)]);
    if (box.node.self > 0 && box.node.self !== box.node.value) rows.push(['of its own', this.value(box.node.self)]);
    tip(event, make('b', {}, this.name(box.node)),
      frame ? make('span', { class: 'quiet' }, framePlace(frame) + (frame.module ? '  ' + frame.module : '')) : null,
      ...rows.map(([name, value]) => make('div', {}, make('span', {}, name), make('span', {}, value))));
  }

  bind() {
    this.canvas.addEventListener('pointermove', (event) => {
      const box = this.under(event);
      if (box) this.tipFor(box, event);
      else hideTip();
    });
    this.canvas.addEventListener('pointerleave', hideTip);
    this.canvas.addEventListener('click', (event) => {
      const box = this.under(event);
      if (box) this.zoomTo(box.node === this.zoom && box.node.parent ? box.node.parent : box.node);
      hideTip();
    });
    this.canvas.addEventListener('keydown', (event) => this.key(event));
  }

  key(event) {
    if (!this.root) return;
    const now = this.focus || this.zoom;
    const beside = (step) => {
      const all = now.parent ? now.parent.children : [now];
      return all[all.indexOf(now) + step];
    };
    const inward = () => (now.children || [])[0];
    const down = this.way === 'icicle';
    const next = {
      ArrowLeft: () => beside(-1), ArrowRight: () => beside(1),
      ArrowDown: () => (down ? inward() : now.parent), ArrowUp: () => (down ? now.parent : inward()),
    }[event.key];
    if (next) {
      this.focus = next() || now;
      this.draw();
      this.reveal(this.focus);
      this.describe(this.focus);
    } else if (event.key === 'Enter') {
      this.zoomTo(now);
    } else if (event.key === 'Escape' || event.key === 'Backspace') {
      this.zoomOut();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
