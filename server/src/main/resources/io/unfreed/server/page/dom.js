// Elements are made here, and every recorded text gets into them as text: a name can draw nothing but itself.

export function make(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (name === 'class') element.className = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  for (const child of children) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

export function exact(tag, text, number, unit) {
  return make(tag, { 'data-value': number === null || number === undefined ? null : String(number), title: number === null || number === undefined ? 'not known' : number + (unit ? ' ' + unit : '') }, text);
}

export function choice(box, options, current, pick, role) {
  box.replaceChildren(...options.map(([value, label]) => make('button', {
    type: 'button', 'data-choice': value, role: role || null,
    [role === 'tab' ? 'aria-selected' : 'aria-pressed']: String(value === current), onclick: () => pick(value),
  }, label)));
}

// A text in which what was looked for is marked.
export function marked(text, find) {
  const span = make('span');
  const at = find ? text.toLowerCase().indexOf(find.toLowerCase()) : -1;
  if (at < 0) {
    span.textContent = text;
  } else {
    span.append(text.slice(0, at), make('mark', {}, text.slice(at, at + find.length)), text.slice(at + find.length));
  }
  return span;
}

export function colorOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function isDark() {
  return document.documentElement.dataset.theme === 'dark';
}

// A canvas as sharp as the screen; returns its context in CSS pixels.
export function sharpen(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

const HUES = [18, 205, 140, 275, 45, 330, 175, 95, 235];

export function seriesColor(index) {
  const hue = HUES[index % HUES.length];
  return isDark() ? `hsl(${hue} 55% 60%)` : `hsl(${hue} 58% 52%)`;
}

export function hashOf(text) {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}

export function tip(box, x, y, ...children) {
  const element = document.getElementById('tip');
  box.append(element);
  element.replaceChildren(...children);
  element.hidden = false;
  const room = box.clientWidth - element.offsetWidth - 4;
  element.style.left = Math.max(0, Math.min(x + 14, room)) + 'px';
  element.style.top = y + 16 + 'px';
}

export function hideTip() {
  document.getElementById('tip').hidden = true;
}
