// The attach menu: things a person may send besides text. Samples are made here, so that a demo needs no files.

import { api } from './api.js';
import { h } from './dom.js';

const stickers = ['🐶', '🐱', '🐰', '🦜', '🐢', '🐹', '🐴', '🐄', '🐾', '❤️', '👍', '🎉'];
const imageTypes = 'image/png,image/jpeg';

export function attachItems(phone) {
  const { t, info } = phone;
  const send = (call) => () => phone.attempt(call());
  return [
    { label: t.myContact, icon: 'phone', run: () => phone.shareOwnContact() },
    { label: `${t.contact}…`, icon: 'person', run: () => contactForm(phone) },
    { label: t.photo, icon: 'photo', run: async () => phone.attempt(api.photo(info.id, await samplePhoto())) },
    { label: `${t.photoFile}…`, icon: 'disk', run: () => pick(imageTypes, (file) => phone.attempt(api.photo(info.id, file))) },
    { label: t.file, icon: 'file', run: send(() => api.document(info.id, sampleFile())) },
    { label: `${t.fileDisk}…`, icon: 'disk', run: () => pick('', (file) => phone.attempt(api.document(info.id, file))) },
    { label: `${t.sticker}…`, icon: 'sticker', run: () => stickerSheet(phone) },
    { label: t.voice, icon: 'mic', run: send(() => api.voice(info.id)) },
  ];
}

function pick(accept, onFile) {
  const input = h('input', { type: 'file', accept });
  input.addEventListener('change', () => input.files[0] && onFile(input.files[0]));
  input.click();
}

/** contactForm sends somebody else's contact, as if forwarded from the address book. */
function contactForm(phone) {
  const { t, info } = phone;
  const field = (label, name, extra = {}) => {
    const input = h('input', { name, autocomplete: 'off', dir: 'auto', maxlength: '64', ...extra });
    return { input, el: h('label', { class: 'field' }, h('span', {}, label), input) };
  };
  const first = field(t.firstName, 'first', { required: true });
  const last = field(t.lastName, 'last');
  const number = field(t.phoneNumber, 'phone', { type: 'tel', dir: 'ltr', required: true });
  const run = () => {
    const missing = [first, number].find(({ input }) => !input.value.trim());
    if (missing) {
      missing.input.setAttribute('aria-invalid', 'true');
      missing.input.focus();
      return false;
    }
    phone.attempt(api.contact(info.id, { first_name: first.input.value.trim(), last_name: last.input.value.trim(), phone: number.input.value.trim() }));
    return true;
  };
  phone.overlay.sheet({ title: t.sendContact, body: [first.el, last.el, number.el], actions: [{ label: t.cancel }, { label: t.send, main: true, run }] });
}

function stickerSheet(phone) {
  const { t, info } = phone;
  const grid = h('div', { class: 'stickers' }, stickers.map((emoji) =>
    h('button', { type: 'button', class: 'choice sticker-choice', 'aria-label': emoji, on: { click: () => { phone.overlay.close(); phone.attempt(api.sticker(info.id, emoji)); } } }, emoji)));
  phone.overlay.sheet({ title: t.chooseSticker, body: [grid], actions: [{ label: t.cancel }] });
}

/** samplePhoto paints a small picture of a paw on a meadow. */
async function samplePhoto() {
  const canvas = h('canvas', { width: '640', height: '420' });
  const c = canvas.getContext('2d');
  const sky = c.createLinearGradient(0, 0, 0, 420);
  sky.addColorStop(0, '#8fd0f0');
  sky.addColorStop(0.62, '#e9f6dc');
  sky.addColorStop(0.63, '#9fce7f');
  sky.addColorStop(1, '#6fae62');
  c.fillStyle = sky;
  c.fillRect(0, 0, 640, 420);
  c.fillStyle = '#fff3b0';
  c.beginPath();
  c.arc(530, 84, 42, 0, 2 * Math.PI);
  c.fill();
  c.fillStyle = '#6b4a35';
  for (const [x, y, rx, ry, angle] of [[232, 236, 28, 40, -0.4], [286, 176, 30, 44, -0.12], [356, 176, 30, 44, 0.14], [410, 238, 28, 40, 0.42], [321, 300, 76, 62, 0]]) {
    c.beginPath();
    c.ellipse(x, y, rx, ry, angle, 0, 2 * Math.PI);
    c.fill();
  }
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  return new File([blob], 'paw.png', { type: 'image/png' });
}

function sampleFile() {
  return new File(['Rex: rabies, 2026-03-01\nMimi: tricat, 2026-04-12\n'], 'vaccinations.txt', { type: 'text/plain' });
}
