/** What the page asks the server: the JSON routes, which are documented for everybody. */

/** How far the server's clock is ahead of this one, in milliseconds. */
let aheadMs = 0;

/** The time by the server's clock, in milliseconds since 1970. */
export function serverNowMs() {
  return Date.now() + aheadMs;
}

export function getStats() {
  return get('v1/stats', {});
}

export function listKeys({namespace, prefix, pageToken}) {
  const query = {prefix, pageToken, pageSize: 100, metadataOnly: true, view: 'ENTRY_VIEW_FULL'};
  return get(`${placeOf(namespace)}/entries`, query);
}

/** Looking does not count as use of the entry. */
export function getEntry({namespace, key, metadataOnly}) {
  const query = {peek: true, metadataOnly, view: 'ENTRY_VIEW_FULL'};
  return get(`${placeOf(namespace)}/entries/${segment(key)}`, query);
}

export function explain({namespace, key}) {
  return get(`${placeOf(namespace)}/entries/${segment(key)}:explain`, {});
}

/** Where the value is served as it is. */
export function rawUrl({namespace, key}) {
  return `raw/${encodeURIComponent(key)}?${new URLSearchParams({namespace})}`;
}

export function watchUrl({namespace, prefix, from}) {
  const query = new URLSearchParams({namespace, prefix, values: 'none'});
  if (from) query.set('from', from);
  return `watch?${query}`;
}

function placeOf(namespace) {
  return `v1/namespaces/${encodeURIComponent(namespace)}`;
}

/** Browsers take these two for steps in the path, however they are written. */
function segment(key) {
  if (key === '.' || key === '..') throw new Error(`The key "${key}" cannot be asked for by a browser.`);
  return encodeURIComponent(key);
}

async function get(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '' && value !== false) query.set(name, value);
  }
  const response = await fetch(`../${path}?${query}`, {headers: {accept: 'application/json'}});
  const apartMs = Date.parse(response.headers.get('date')) - Date.now();
  // The header has whole seconds.
  aheadMs = Math.abs(apartMs) > 2000 ? apartMs : 0;
  const body = await response.json();
  if (!response.ok) throw new Error(body.message);
  return body;
}
