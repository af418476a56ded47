/** A small chart of one or two lines over the last minutes, in SVG. */
import {element} from './dom.js';
import {duration} from './format.js';

/** As long as the page is open, within these. */
const spanMsLeast = 30_000;
const spanMsMost = 5 * 60_000;
const width = 300;
const height = 72;

export class Chart {
  #format;
  #most;
  #round;
  #points = [];
  #now = element('span', {class: 'now'});
  #note = element('div', {class: 'note'});
  #span = element('span');
  #top = element('span');
  #area = shape('path', {class: 'area'});
  #lines = [shape('path', {class: 'second'}), shape('path', {class: 'first'})];
  #picture = shape('svg', {viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img'});
  #title;

  /** `format` writes a value; the top of the scale is `most`, or what `round` makes of the largest value. */
  constructor({title, format, most, round = roundUp}) {
    this.#title = title;
    this.#format = format;
    this.#most = most;
    this.#round = round;
    this.#picture.append(this.#area, ...this.#lines);
    this.figure = element(
      'figure',
      {class: 'chart'},
      element('figcaption', {}, element('h2', {}, title), this.#now),
      this.#note,
      this.#picture,
      element('div', {class: 'scale'}, this.#span, this.#top),
    );
  }

  /** Adds a point; a value that is undefined leaves a hole. */
  add(timeMs, values, text, note) {
    this.#points.push({timeMs, values});
    while (this.#points[0].timeMs < timeMs - spanMsMost) this.#points.shift();
    this.#now.textContent = text;
    this.#note.replaceChildren(...note);
    this.#draw(timeMs);
  }

  clear() {
    this.#points = [];
  }

  #draw(timeMs) {
    const values = this.#points.flatMap(point => point.values).filter(value => value !== undefined);
    const spanMs = Math.max(spanMsLeast, timeMs - this.#points[0].timeMs);
    const most = this.#most ?? this.#round(Math.max(0, ...values));
    this.#span.textContent = `last ${duration(spanMs)}`;
    this.#top.textContent = `top ${this.#format(most)}`;
    const place = point => [width * (1 - (timeMs - point.timeMs) / spanMs), value => height * (1 - value / most)];
    const [second, first] = this.#lines;
    first.setAttribute('d', path(this.#points, 0, place));
    second.setAttribute('d', path(this.#points, 1, place));
    this.#area.setAttribute('d', area(this.#points, place));
    this.#picture.setAttribute('aria-label', `${this.#title}: ${this.#now.textContent}`);
  }
}

/** A line through one of the values of each point, with holes. */
function path(points, index, place) {
  let text = '';
  let isDown = false;
  for (const point of points) {
    const value = point.values[index];
    const [x, yOf] = place(point);
    if (value !== undefined) text += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${yOf(value).toFixed(1)}`;
    isDown = value !== undefined;
  }
  return text;
}

/** What lies under the first line, for each stretch without holes. */
function area(points, place) {
  let text = '';
  let lastX;
  for (const point of points) {
    const [x, yOf] = place(point);
    const [value] = point.values;
    if (value === undefined) {
      if (lastX !== undefined) text += `L${lastX} ${height}Z`;
      lastX = undefined;
      continue;
    }
    if (lastX === undefined) text += `M${x.toFixed(1)} ${height}`;
    lastX = x.toFixed(1);
    text += `L${lastX} ${yOf(value).toFixed(1)}`;
  }
  return lastX === undefined ? text : `${text}L${lastX} ${height}Z`;
}

/** 1, 2 or 5 times a power of ten, and not less than the value. */
function roundUp(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find(step => step * power >= value) * power;
}

/** The next power of two, for bytes. */
export function roundUpBytes(value) {
  return 2 ** Math.ceil(Math.log2(Math.max(1024, value)));
}

function shape(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
