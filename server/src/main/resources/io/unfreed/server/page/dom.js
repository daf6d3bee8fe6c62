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

// By what an element is known among others of its box, whatever it shows.
function placeOf(element) {
  const row = element.closest('[data-row]');
  const { choice, sort } = element.dataset;
  return [element.tagName, row ? row.dataset.row : '', choice || sort || (element.tagName === 'BUTTON' ? element.textContent : '')].join('\n');
}

// What a box shows anew: what was scrolled stays where it was, and who goes by keys stays where he is.
export function redraw(box, ...children) {
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && placeOf(focused);
  const scrolled = [...box.querySelectorAll('.scroll')].map((one) => [one.scrollLeft, one.scrollTop]);
  box.replaceChildren(...children.filter((child) => child));
  box.querySelectorAll('.scroll').forEach((one, i) => one.scrollTo(...(scrolled[i] || [0, 0])));
  const again = focused && [...box.querySelectorAll(focused.tagName)].find((one) => placeOf(one) === place);
  if (again) again.focus({ preventScroll: true });
}

export function choice(box, options, current, pick, role) {
  redraw(box, ...options.map(([value, label]) => make('button', {
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

// Beside the pointer, and never beyond the window's edge.
export function tip(event, ...children) {
  const element = document.getElementById('tip');
  element.replaceChildren(...children.filter((child) => child));
  element.hidden = false;
  const right = document.documentElement.clientWidth - element.offsetWidth - 6;
  const below = event.clientY + 16;
  const fits = below + element.offsetHeight < window.innerHeight - 4;
  element.style.left = Math.max(0, Math.min(event.clientX + 14, right)) + 'px';
  element.style.top = Math.max(0, fits ? below : event.clientY - element.offsetHeight - 12) + 'px';
}

export function hideTip() {
  document.getElementById('tip').hidden = true;
}
