/** Elements, made without HTML: whatever text comes in stays text. */

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** An element with properties and children; a child may be a text, and what is undefined is left out. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (property.startsWith('on')) made.addEventListener(property.slice(2), value);
    else made.setAttribute(property, value);
  }
  made.append(...children.filter(child => child !== undefined));
  return made;
}

/** A list of names and what they mean, from pairs. */
export function definitions(pairs) {
  return pairs
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)));
}
