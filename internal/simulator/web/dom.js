// Small tools to build the document: elements, icons, and sanitised message text.

const svgSpace = 'http://www.w3.org/2000/svg';

/**
 * h makes an element. Properties: class, dataset, on (listeners by event name), anything else is an
 * attribute (true: empty, false/null: left out). Children: nodes, strings, arrays; null is left out.
 */
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') el.className = value;
    else if (name === 'dataset') Object.assign(el.dataset, value);
    else if (name === 'on') for (const [event, fn] of Object.entries(value)) el.addEventListener(event, fn);
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return el;
}

/** icon draws a symbol of icons.svg; it says nothing to a screen reader. */
export function icon(name, className = 'icon') {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svgSpace, 'use');
  use.setAttribute('href', `assets/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, onClick, className = 'icon-button') {
  return h('button', { type: 'button', class: className, 'aria-label': label, title: label, on: { click: onClick } }, icon(name));
}

/** avatar is the round picture of somebody: initials on a colour of its own. */
export function avatar(initials, color, className = 'avatar') {
  return h('span', { class: className, 'aria-hidden': 'true', dataset: { color: String(color % 7) } }, initials);
}

const allowed = {
  B: [], I: [], U: [], S: [], CODE: ['class'], PRE: [], BLOCKQUOTE: ['class'], SPAN: ['class'],
  A: ['href', 'class', 'data-command'], TIME: ['datetime'],
};
const linkSchemes = new Set(['http:', 'https:', 'tg:', 'mailto:', 'tel:']);

/**
 * fragment turns the server's rendering of a text and its entities into nodes. The server escapes; this
 * second gate lets through only the elements and attributes that a message can have.
 */
export function fragment(html) {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const out = document.createDocumentFragment();
  copyAllowed(parsed.body, out);
  return out;
}

function copyAllowed(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      to.append(node.data);
      continue;
    }
    const attributes = node.nodeType === Node.ELEMENT_NODE ? allowed[node.tagName] : undefined;
    if (!attributes) {
      to.append(node.textContent);
      continue;
    }
    const el = document.createElement(node.tagName);
    for (const name of attributes) if (node.hasAttribute(name)) el.setAttribute(name, node.getAttribute(name));
    if (el.tagName === 'A') guardLink(el);
    copyAllowed(node, el);
    to.append(el);
  }
}

function guardLink(link) {
  if (link.dataset.command) {
    link.setAttribute('href', '#');
    return;
  }
  const href = link.getAttribute('href') ?? '';
  if (!URL.canParse(href) || !linkSchemes.has(new URL(href).protocol)) {
    link.removeAttribute('href');
    return;
  }
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
}
