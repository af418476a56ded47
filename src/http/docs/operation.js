/** One operation as an element: what it is for, how it is called, what it takes and what it answers. */
import {element} from '../ui/dom.js';
import {curlOf, textOf} from './curl.js';
import {fieldList, schemaBody} from './schema.js';
import {blocks, inline} from './text.js';

/** `document` is the whole, for what the operation refers to. */
export function operationEntry({method, path, operation}, document) {
  const {operationId, summary, description, parameters = [], requestBody, responses} = operation;
  return element(
    'details',
    {id: operationId, class: 'operation'},
    element(
      'summary',
      {},
      methodPill(method),
      ' ',
      element('code', {class: 'path'}, path),
      ' ',
      element('span', {class: 'words'}, ...inline(summary)),
    ),
    ...blocks(description),
    curlLine(curlOf({method, path, operation, origin: location.origin})),
    ...(parameters.length === 0 ? [] : [element('h4', {}, 'Parameters'), fieldList(parameters.map(rowOf))]),
    ...(requestBody
      ? [element('h4', {}, 'Body'), ...blocks(requestBody.description), ...contentParts(requestBody)]
      : []),
    element('h4', {}, 'Answers'),
    ...Object.entries(responses).map(([status, response]) => answer(status, resolve(response, document))),
  );
}

export function methodPill(method) {
  return element('span', {class: `method ${method}`}, method.toUpperCase());
}

function rowOf(parameter) {
  const {name, schema, description, required, in: place} = parameter;
  return {name, schema, description, isRequired: required, place, otherName: parameter['x-proto-name']};
}

function curlLine(line) {
  const button = element('button', {type: 'button', onclick: copy}, 'Copy');
  return element('div', {class: 'curl'}, element('pre', {}, line), button);

  async function copy() {
    try {
      await navigator.clipboard.writeText(line);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'The browser does not allow it';
    }
  }
}

function answer(status, response) {
  const title = [element('code', {}, status), ' ', ...inline(response.description)];
  const isFailure = !status.startsWith('2');
  const parts = isFailure ? [] : [...headerParts(response), ...contentParts(response)];
  return element('div', {class: 'answer'}, element('p', {}, ...title), ...parts);
}

function headerParts({headers = {}}) {
  const rows = Object.entries(headers).map(([name, {schema, description}]) => ({
    name,
    schema,
    description,
    place: 'header',
  }));
  return rows.length === 0 ? [] : [fieldList(rows)];
}

/** For each media type its schema and its example. */
function contentParts({content = {}}) {
  return Object.entries(content).flatMap(([type, media]) => {
    const item = media['x-item-schema'];
    return [
      element('p', {class: 'quiet'}, element('code', {}, type), item ? ', each part of it: ' : ''),
      ...schemaBody(item ?? media.schema),
      ...(media.example === undefined ? [] : [element('pre', {class: 'example'}, pretty(media.example))]),
    ];
  });
}

function pretty(example) {
  return typeof example === 'string' ? textOf(example) : JSON.stringify(example, undefined, 2);
}

function resolve(response, document) {
  const name = response.$ref?.split('/').at(-1);
  return name === undefined ? response : document.components.responses[name];
}
