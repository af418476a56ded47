/** The live tail: changes under the prefix as they happen, through the server's own event stream. */
import {watchUrl} from './api.js';
import {byId, element} from './dom.js';
import {shortCount, showKey, timeOfDay} from './format.js';

const rowsMost = 200;
const rateMs = 1000;
const changes = ['put', 'touch', 'delete', 'expire', 'evict', 'purge'];

export class Tail {
  #list = byId('tail');
  #state = byId('tail-state');
  #pause = byId('tail-pause');
  #onOpen;
  #target;
  #source;
  #lastId = '';
  /** Newest first, not yet on the page: drawn once a frame, however many come. */
  #waiting = [];
  #seen = 0;

  /** `onOpen` gets the key of a row that was chosen. */
  constructor({onOpen}) {
    this.#onOpen = onOpen;
    this.#pause.addEventListener('click', () => (this.#source ? this.#stop() : this.#open(this.#lastId)));
    byId('tail-clear').addEventListener('click', () => this.#list.replaceChildren());
    setInterval(() => {
      byId('tail-rate').textContent = this.#seen > 0 ? `${shortCount((this.#seen * 1000) / rateMs)}/s` : '';
      this.#seen = 0;
    }, rateMs);
  }

  /** Follows what begins with a prefix, from now on. */
  follow(target) {
    this.#target = target;
    this.#open('');
  }

  #open(from) {
    this.#source?.close();
    const source = new EventSource(watchUrl({...this.#target, from}));
    this.#source = source;
    this.#pause.textContent = 'Pause';
    this.#tell('connecting', '');
    source.addEventListener('open', () => this.#tell('live', 'live'));
    source.addEventListener('error', () => this.#failed(source));
    for (const type of changes) source.addEventListener(type, event => this.#change(type, event));
    source.addEventListener('draining', () => this.#tell('server is going away', 'broken'));
    source.addEventListener('gap', event => {
      this.#add(notice(`some changes were missed: ${gapTexts[JSON.parse(event.data).reason] ?? 'not known why'}`));
      // What there is now is in the list of keys; the tail goes on with what happens.
      this.#open('');
    });
  }

  #stop() {
    this.#source.close();
    this.#source = undefined;
    this.#pause.textContent = 'Go on';
    this.#tell('paused', '');
  }

  /** The browser connects again by itself, unless the server has refused. */
  async #failed(source) {
    if (source !== this.#source) return;
    if (source.readyState !== EventSource.CLOSED) {
      this.#tell('connecting again', 'broken');
      return;
    }
    this.#stop();
    this.#tell('not available', 'broken');
    const response = await fetch(source.url).catch(() => undefined);
    if (response && !response.ok) this.#add(notice((await response.json()).message));
    else response?.body?.cancel();
  }

  #change(type, event) {
    this.#lastId = event.lastEventId || this.#lastId;
    this.#seen++;
    if (this.#waiting.length < rowsMost || this.#waiting.pop()) this.#add(this.#row(type, JSON.parse(event.data)));
  }

  #add(row) {
    if (this.#waiting.length === 0) requestAnimationFrame(() => this.#draw());
    this.#waiting.unshift(row);
  }

  #draw() {
    this.#list.prepend(...this.#waiting);
    this.#waiting = [];
    while (this.#list.children.length > rowsMost) this.#list.lastElementChild.remove();
  }

  #row(type, {key, prefix, evictionLimit}) {
    const name = key === undefined ? `${showKey(prefix)}…` : showKey(key);
    const parts = [
      element('span', {class: `what ${type}`}, type),
      element('span', {class: 'key'}, name),
      evictionLimit && element('span', {class: 'quiet'}, `limit on ${evictionLimit}`),
      element('span', {class: 'quiet'}, timeOfDay(new Date())),
    ];
    if (key === undefined) return element('li', {}, element('div', {class: 'row'}, ...parts));
    return element(
      'li',
      {},
      element('button', {class: 'row', type: 'button', onclick: () => this.#onOpen(key)}, ...parts),
    );
  }

  #tell(text, className) {
    this.#state.textContent = text;
    this.#state.className = `pill ${className}`;
  }
}

const gapTexts = {
  slowReader: 'this page read too slowly',
  trimmed: 'they are no longer in the history',
  restarted: 'the server began anew, empty',
  unknownId: 'the server does not know where this page was',
};

function notice(text) {
  return element('li', {class: 'nothing gap'}, text);
}
