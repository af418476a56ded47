/** Puts the page together from the document, and finds what is asked for in it. */
import {byId, element} from '../ui/dom.js';
import {methodPill, operationEntry} from './operation.js';
import {schemaEntry} from './schema.js';
import {blocks} from './text.js';

const methods = ['put', 'post', 'get', 'head', 'delete', 'options', 'patch', 'trace'];

try {
  const response = await fetch('openapi.json');
  if (!response.ok) throw new Error(`status ${response.status}`);
  show(await response.json());
} catch (error) {
  byId('trouble').hidden = false;
  byId('trouble').textContent = `The document could not be read (${error.message}).`;
}

function show(document) {
  const {info, tags, paths, components} = document;
  byId('version').textContent = `${info.version} on ${location.host}`;
  byId('about').append(...blocks(info.description));
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.filter(method => item[method]).map(method => ({method, path, operation: item[method]})),
  );
  for (const tag of tags) {
    const own = operations.filter(({operation}) => operation.tags.includes(tag.name));
    byId('operations').append(group(tag, own, document));
    byId('index').append(indexGroup(tag, own));
  }
  byId('schemas').append(...Object.entries(components.schemas).map(([name, schema]) => schemaEntry(name, schema)));
  byId('filter').addEventListener('input', () => filter(byId('filter').value));
  addEventListener('hashchange', openAsked);
  openAsked();
}

function group({name, description}, operations, document) {
  const entries = operations.map(each => operationEntry(each, document));
  return element('section', {class: 'group'}, element('h2', {}, name), ...blocks(description), ...entries);
}

function indexGroup({name}, operations) {
  const links = operations.map(({method, path, operation}) =>
    element(
      'li',
      {'data-of': operation.operationId},
      element('a', {href: `#${operation.operationId}`}, methodPill(method), element('span', {}, path)),
    ),
  );
  return element('details', {open: ''}, element('summary', {}, name), element('ul', {}, ...links));
}

/** Shows only the operations in which all these words are found. */
function filter(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const entry of document.querySelectorAll('.operation')) {
    const title = `${entry.id} ${entry.querySelector('summary').textContent}`.toLowerCase();
    const fits = words.every(word => title.includes(word));
    entry.hidden = !fits;
    document.querySelector(`[data-of="${entry.id}"]`).hidden = !fits;
  }
  for (const part of document.querySelectorAll('.group')) {
    part.hidden = part.querySelector('.operation:not([hidden])') === null;
  }
  byId('about').hidden = words.length > 0;
  byId('schemas').hidden = words.length > 0;
}

/** Unfolds what the address names. */
function openAsked() {
  const asked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!asked) return;
  asked.open = true;
  asked.scrollIntoView();
}
