// The page's requests to the simulator. Addresses are relative, so that the page may be mounted anywhere.

const base = new URL('sim/', document.baseURI);

export const fileURL = (fileID) => new URL(`files/${encodeURIComponent(fileID)}`, base).href;
export const eventsURL = (after) => {
  const url = new URL('events', base);
  if (after) url.searchParams.set('after', after);
  return url.href;
};

async function request(path, init) {
  const response = await fetch(new URL(path, base), init);
  const body = response.headers.get('Content-Type')?.startsWith('application/json') ? await response.json() : null;
  if (!response.ok) throw Object.assign(new Error(body?.error ?? `${response.status} ${response.statusText}`), { status: response.status });
  return body;
}

const get = (path) => request(path, { headers: { Accept: 'application/json' } });
const post = (path, value) =>
  request(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) });

function upload(path, file) {
  const form = new FormData();
  form.set('file', file, file.name);
  return request(path, { method: 'POST', body: form });
}

export const api = {
  page: () => get('page'),
  clock: () => get('clock'),
  advance: (seconds) => post('clock', { advance_seconds: seconds }),
  next: () => post('clock', { next: true }),
  chat: (phone) => get(`phones/${phone}/chat`),
  send: (phone, text) => post(`phones/${phone}/send`, { text }),
  edit: (phone, messageID, text) => post(`phones/${phone}/edit`, { message_id: messageID, text }),
  remove: (phone, messageID) => post(`phones/${phone}/delete`, { message_id: messageID }),
  press: (phone, text) => post(`phones/${phone}/press`, { text }),
  tap: (phone, messageID, data) => post(`phones/${phone}/tap`, { message_id: messageID, data }),
  ownContact: (phone) => post(`phones/${phone}/contact`, { own: true }),
  contact: (phone, contact) => post(`phones/${phone}/contact`, contact),
  photo: (phone, file) => upload(`phones/${phone}/photo`, file),
  document: (phone, file) => upload(`phones/${phone}/document`, file),
  sticker: (phone, emoji) => post(`phones/${phone}/sticker`, { emoji }),
  voice: (phone) => post(`phones/${phone}/voice`, {}),
  block: (phone, blocked) => post(`phones/${phone}/block`, { blocked }),
  open: (phone, payload) => post(`phones/${phone}/open`, { payload }),
};
