/** One entry: what it is, how long it still lives, its value as text, JSON or bytes, and what last happened to it. */
import {explain, getEntry, rawUrl, serverNowMs} from './api.js';
import {byId, definitions, element} from './dom.js';
import {bytes, count, duration, hexDump, isJson, moment, prettyJson, showKey, textOf} from './format.js';

/** Larger values are loaded only when that is asked for, and never shown whole. */
const loadBytesMost = 2 ** 20;
const showBytesMost = 2 ** 16;

export class Viewer {
  #place = byId('entry');
  /** Grows with each key, so that an answer for another is left aside. */
  #round = 0;

  async open(namespace, key) {
    const mine = ++this.#round;
    const title = element('h3', {tabindex: '-1'}, showKey(key));
    this.#place.replaceChildren(title, element('p', {class: 'quiet'}, 'loading …'));
    const parts = await this.#load(namespace, key, mine).catch(error => [
      element('p', {class: 'delete'}, error.message),
    ]);
    if (mine !== this.#round) return;
    this.#place.replaceChildren(title, ...parts);
    if (matchMedia('(max-width: 899px)').matches) byId('viewer').scrollIntoView({block: 'start'});
  }

  async #load(namespace, key, round) {
    const [head, why] = await Promise.all([
      getEntry({namespace, key, metadataOnly: true}),
      explain({namespace, key}).then(whyText, error => error.message),
    ]);
    const {entry} = head;
    if (!entry) return [element('p', {}, 'There is no entry under this key.'), facts([['Last change', why]])];
    const ttl = element('span');
    this.#countDown(ttl, entry.expireTime, round);
    const value = element('div');
    const size = element('span', {}, '…');
    const show = async () => showValue(value, size, await getEntry({namespace, key}));
    if (Number(entry.sizeBytes) <= loadBytesMost) await show();
    else value.append(element('p', {}, element('button', {type: 'button', onclick: show}, 'Load the value')));
    return [
      facts([
        ['Expires in', ttl],
        ['Value', size],
        ['Content type', entry.contentType || 'none'],
        ['Memory', bytes(Number(entry.sizeBytes))],
        ['Written', moment(new Date(entry.updateTime))],
        ['Revision', entry.revision],
        ['Last change', why],
      ]),
      value,
      element(
        'p',
        {},
        element('a', {href: rawUrl({namespace, key}), target: '_blank', rel: 'noopener'}, 'The value as it is'),
      ),
    ];
  }

  #countDown(place, expireTime, round) {
    if (expireTime === undefined) {
      place.textContent = 'never';
      return;
    }
    const expireMs = Date.parse(expireTime);
    const show = () => {
      const leftMs = expireMs - serverNowMs();
      place.textContent = leftMs > 0 ? duration(leftMs) : 'expired';
      place.title = moment(new Date(expireMs));
    };
    show();
    const timer = setInterval(() => (round === this.#round ? show() : clearInterval(timer)), 1000);
  }
}

function facts(pairs) {
  return element('dl', {}, ...definitions(pairs));
}

const forms = {
  JSON: value => prettyJson(textOf(value)),
  Text: value => textOf(value) ?? new TextDecoder().decode(value),
  Hex: hexDump,
};

/** Shows a value in the form that suits it; buttons show it in another. */
function showValue(place, size, {entry}) {
  if (!entry) {
    place.replaceChildren(element('p', {}, 'It is gone by now.'));
    return;
  }
  const whole = Uint8Array.from(atob(entry.value ?? ''), char => char.charCodeAt(0));
  size.textContent = `${count(whole.length)} bytes`;
  const isCut = whole.length > showBytesMost;
  const value = isCut ? whole.subarray(0, cutAt(whole)) : whole;
  const text = textOf(value);
  const suits = {JSON: !isCut && text !== undefined && isJson(text), Text: text !== undefined, Hex: true};
  const shown = element('pre', {tabindex: '0'});
  const buttons = Object.keys(forms).map(form =>
    element('button', {type: 'button', onclick: () => choose(form), ...(suits[form] ? {} : {disabled: ''})}, form),
  );
  const choose = form => {
    shown.textContent = forms[form](value);
    shown.className = form.toLowerCase();
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.textContent === form));
  };
  choose(Object.keys(suits).find(form => suits[form]));
  const note = isCut ? [element('span', {class: 'quiet'}, `the first ${bytes(value.length)}`)] : [];
  place.replaceChildren(element('div', {class: 'forms'}, ...buttons, ...note), shown);
}

/** Not within a character of UTF-8. */
function cutAt(bytesOfValue) {
  let at = showBytesMost;
  while (at > showBytesMost - 4 && (bytesOfValue[at] & 0xc0) === 0x80) at--;
  return at;
}

const happened = {
  EVENT_TYPE_PUT: 'put',
  EVENT_TYPE_TOUCH: 'touched',
  EVENT_TYPE_DELETE: 'deleted',
  EVENT_TYPE_EXPIRE: 'expired',
  EVENT_TYPE_EVICT: 'evicted',
  EVENT_TYPE_PURGE: 'purged',
};
const limits = {EVICTION_LIMIT_ENTRIES: ' for the limit on entries', EVICTION_LIMIT_MEMORY: ' for the limit on memory'};

function whyText({type, changeTime, evictionLimit, purgePrefix, historyStartTime}) {
  const ago = time => `${duration(serverNowMs() - Date.parse(time))} ago`;
  if (!type) return `none since ${moment(new Date(historyStartTime))}, when the history begins`;
  const prefix =
    type === 'EVENT_TYPE_PURGE' ? ` with ${purgePrefix ? `prefix ${showKey(purgePrefix)}` : 'everything'}` : '';
  return `${happened[type] ?? type}${limits[evictionLimit] ?? ''}${prefix}, ${ago(changeTime)}`;
}
