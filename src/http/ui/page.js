/** Puts the parts of the page together. */
import {serverNowMs} from './api.js';
import {byId, element} from './dom.js';
import {duration} from './format.js';
import {startKeys} from './keys.js';
import {startStats} from './stats.js';
import {Tail} from './tail.js';
import {Viewer} from './viewer.js';

const namespace = byId('namespace');
const namespaceOf = () => namespace.value || 'default';

const viewer = new Viewer();
const open = key => {
  keys.mark(key);
  viewer.open(namespaceOf(), key);
};
const tail = new Tail({onOpen: open});
const follow = () => tail.follow({namespace: namespaceOf(), prefix: keys.prefix()});
const keys = startKeys({namespaceOf, onOpen: open, onPrefix: follow});

namespace.addEventListener('change', () => {
  keys.reload();
  follow();
});

startStats({namespaceOf, onStats: showServer, onTrouble: showTrouble});
keys.reload();
follow();

function showServer({version, startTime, namespaces}) {
  const upMs = serverNowMs() - Date.parse(startTime);
  byId('server').textContent = `${version} on ${location.host}, up for ${duration(upMs)}`;
  const names = namespaces.map(({name}) => name);
  byId('namespace-choice').hidden = names.length < 2;
  if (names.length !== namespace.options.length) {
    namespace.replaceChildren(...names.map(name => element('option', {value: name}, name)));
  }
}

function showTrouble(error) {
  const trouble = byId('trouble');
  trouble.hidden = error === undefined;
  if (error) trouble.textContent = `No answer from the server (${error.message}). Trying again.`;
}
