/** An operation as a line for a shell, from its examples. Nothing here touches the page. */

export function curlOf({method, path, operation, origin}) {
  const parameters = (operation.parameters ?? []).filter(({example}) => example !== undefined);
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const answers = Object.keys(operation.responses['200']?.content ?? {});
  const isStream = answers.includes('text/event-stream');
  const words = ['curl'];
  if (isStream) words.push('-N');
  if (method === 'head') words.push('-I');
  else if (method !== 'get') words.push('-X', method.toUpperCase());
  words.push(quote(origin + targetOf(path, parameters)));
  for (const {name, example} of ofKind(parameters, 'header'))
    words.push('-H', quote(`${name.toLowerCase()}: ${example}`));
  if (media?.example !== undefined) {
    words.push('-H', quote(`content-type: ${type}`), '-d', quote(textOf(media.example)));
  }
  return words.join(' ');
}

function targetOf(path, parameters) {
  const filled = ofKind(parameters, 'path').reduce(
    (target, {name, example}) => target.replace(`{${name}}`, encodeURIComponent(example)),
    path,
  );
  const query = ofKind(parameters, 'query').flatMap(({name, example}) => [example].flat().map(each => [name, each]));
  return query.length === 0 ? filled : `${filled}?${new URLSearchParams(query)}`;
}

function ofKind(parameters, kind) {
  return parameters.filter(parameter => parameter.in === kind);
}

export function textOf(example) {
  return typeof example === 'string' ? example : JSON.stringify(example);
}

/** One word of a shell, whatever is in it. */
function quote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
