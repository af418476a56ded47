/** The key browser: the keys under a prefix, a page at a time, sorted as far as they are known. */
import {listKeys, serverNowMs} from './api.js';
import {byId, element} from './dom.js';
import {bytes, count, duration, showKey} from './format.js';

/** A page may be short, even empty, and not be the last: so many are asked for at most before a person is. */
const pagesMost = 20;
const rowsLeast = 100;
const typingMs = 250;

/** `onOpen` gets the key that was chosen. Answers functions to list anew and to mark a key. */
export function startKeys({namespaceOf, onOpen, onPrefix}) {
  const list = byId('keys');
  const more = byId('more');
  const state = byId('keys-state');
  const prefix = byId('prefix');
  let entries = [];
  /** What is listed, which may be something else than what is being typed. */
  let target;
  let pageToken = '';
  let chosen;
  /** Grows with each new list, so that answers for an old one are left aside. */
  let round = 0;

  async function load(isNew) {
    const mine = isNew ? ++round : round;
    const known = isNew ? [] : entries;
    if (isNew) target = {namespace: namespaceOf(), prefix: prefix.value};
    let token = isNew ? '' : pageToken;
    state.textContent = 'loading …';
    more.disabled = true;
    try {
      const found = [];
      for (let page = 0; page < pagesMost && found.length < rowsLeast; page++) {
        const answer = await listKeys({...target, pageToken: token});
        if (mine !== round) return;
        found.push(...(answer.entries ?? []));
        token = answer.nextPageToken ?? '';
        if (token === '') break;
      }
      pageToken = token;
      entries = [...new Map([...known, ...found].map(entry => [entry.key, entry])).values()].sort(byKey);
      show();
    } catch (error) {
      if (mine === round) state.textContent = error.message;
    } finally {
      more.disabled = false;
    }
  }

  function show() {
    const nothing = element('li', {class: 'nothing'}, pageToken ? 'Nothing found so far.' : 'No keys here.');
    list.replaceChildren(...(entries.length > 0 ? entries.map(row) : [nothing]));
    more.hidden = pageToken === '';
    state.textContent = `${count(entries.length)}${pageToken ? ' so far' : ''}`;
  }

  function row({key, sizeBytes, expireTime}) {
    const ttl = expireTime && element('span', {class: 'quiet', title: 'expires in'}, ttlText(expireTime));
    if (ttl) ttl.dataset.expireTime = expireTime;
    const button = element(
      'button',
      {class: 'row', type: 'button', onclick: () => onOpen(key), 'aria-current': key === chosen},
      element('span', {class: 'key', title: showKey(key)}, showKey(key)),
      ttl,
      element('span', {class: 'quiet', title: 'memory that it takes'}, bytes(Number(sizeBytes))),
    );
    const item = element('li', {}, button);
    item.dataset.key = key;
    return item;
  }

  setInterval(() => {
    for (const ttl of list.querySelectorAll('[data-expire-time]')) ttl.textContent = ttlText(ttl.dataset.expireTime);
  }, 1000);

  let typing;
  prefix.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      load(true);
      onPrefix(prefix.value);
    }, typingMs);
  });
  byId('search').addEventListener('submit', event => {
    event.preventDefault();
    if (prefix.value !== '') onOpen(prefix.value);
  });
  byId('reload').addEventListener('click', () => load(true));
  more.addEventListener('click', () => load(false));

  return {
    reload: () => load(true),
    mark(key) {
      chosen = key;
      for (const item of list.children) {
        item.firstElementChild?.setAttribute('aria-current', String(item.dataset.key === key));
      }
    },
    prefix: () => prefix.value,
  };
}

function ttlText(expireTime) {
  const leftMs = Date.parse(expireTime) - serverNowMs();
  return leftMs > 0 ? duration(leftMs) : 'expired';
}

function byKey({key: one}, {key: other}) {
  return one < other ? -1 : 1;
}
