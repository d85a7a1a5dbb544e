// The live connection: server-sent events, resumed where they stopped.

import { eventsURL } from './api.js';

const silence = 45_000; // The server says something every 15 s; three missed beats mean the line is dead.
const retryDelay = 1_500;

/**
 * listen calls onEvent with every event, and onState with 'live' or 'connecting'. A browser allows few
 * connections to one host, so a hidden tab hangs up and takes up the thread again when it is looked at.
 */
export function listen(onEvent, onState) {
  let source = null;
  let last = '';
  let watchdog = 0;
  let retry = 0;

  function hangUp() {
    clearTimeout(watchdog);
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  function alive() {
    clearTimeout(watchdog);
    watchdog = setTimeout(connect, silence);
  }

  function connect() {
    hangUp();
    onState('connecting');
    source = new EventSource(eventsURL(last));
    alive();
    source.onopen = () => {
      onState('live');
      alive();
    };
    source.onmessage = (message) => {
      if (message.lastEventId) last = message.lastEventId;
      alive();
      onEvent(JSON.parse(message.data));
    };
    source.onerror = () => {
      onState('connecting');
      // After an answer that is not a stream the browser gives up; we do not.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, retryDelay);
    };
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hangUp();
    else if (!source) connect();
  });
  connect();
}
