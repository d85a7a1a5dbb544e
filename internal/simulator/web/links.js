// Links to the bot: https://t.me/<bot>?start=<payload> and its other spellings.

const hosts = new Set(['t.me', 'telegram.me', 'telegram.dog']);

/**
 * botLink tells what a link to our bot asks for: {payload, url}; null for any other link. A share link
 * (t.me/share/url?url=...) counts as the link it shares.
 */
export function botLink(href, username) {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.protocol === 'tg:') {
    const action = url.host || url.pathname.replace(/^\/+/, '').split('?')[0];
    if (action === 'resolve') return forBot(url.searchParams.get('domain'), url, username);
    if (action === 'msg_url') return botLink(url.searchParams.get('url') ?? '', username);
    return null;
  }
  if (!/^https?:$/.test(url.protocol) || !hosts.has(url.host.replace(/^www\./, ''))) return null;
  if (url.pathname === '/share/url' || url.pathname === '/share') return botLink(url.searchParams.get('url') ?? '', username);
  return forBot(url.pathname.slice(1).replace(/\/$/, ''), url, username);
}

function forBot(name, url, username) {
  if (!name || name.toLowerCase() !== username.toLowerCase()) return null;
  return { payload: url.searchParams.get('start') ?? '', url: url.href };
}
