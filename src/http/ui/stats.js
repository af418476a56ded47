/** The charts and figures: the server's statistics, asked for again and again; what is a rate follows from two answers. */
import {getStats} from './api.js';
import {Chart, roundUpBytes} from './chart.js';
import {byId, definitions, element} from './dom.js';
import {bytes, count, duration, percent, shortCount} from './format.js';

const pollMs = 2000;

const charts = {
  hitRatio: new Chart({title: 'Hit ratio', format: percent, most: 1}),
  rates: new Chart({title: 'Operations', format: perSecond}),
  memory: new Chart({title: 'Memory', format: bytes, round: roundUpBytes}),
  entries: new Chart({title: 'Entries', format: shortCount}),
  evictions: new Chart({title: 'Evictions', format: perSecond}),
  expiries: new Chart({title: 'Expiries', format: perSecond}),
};

/** Asks for ever; `onStats` gets each answer, `onTrouble` what went wrong, or undefined once all is well again. */
export function startStats({namespaceOf, onStats, onTrouble}) {
  byId('charts').append(...Object.values(charts).map(chart => chart.figure));
  let last;
  const poll = async () => {
    try {
      const answer = await getStats();
      onTrouble(undefined);
      onStats(answer);
      const now = {timeMs: Date.now(), name: namespaceOf(), start: answer.startTime, answer};
      now.stats = figuresOf(answer, now.name);
      if (last && (last.name !== now.name || last.start !== now.start)) {
        for (const chart of Object.values(charts)) chart.clear();
        last = undefined;
      }
      show(now, last);
      last = now;
    } catch (error) {
      onTrouble(error);
    }
    setTimeout(poll, pollMs);
  };
  poll();
}

/** A namespace's numbers; JSON has 64-bit numbers as texts, and leaves out what is 0. */
function figuresOf({namespaces}, name) {
  const {stats = {}} = namespaces.find(namespace => namespace.name === name) ?? {};
  const number = field => Number(stats[field] ?? 0);
  return {
    entries: number('entries'),
    maxEntries: number('maxEntries'),
    memory: number('memoryBytes'),
    maxMemory: number('maxMemoryBytes'),
    hits: number('hits'),
    misses: number('misses'),
    puts: number('puts'),
    deletes: number('deletes'),
    touches: number('touches'),
    conditionsLost: number('conditionsLost'),
    expirations: number('expirations'),
    evictions: number('evictionsEntries') + number('evictionsMemory'),
    purged: number('purged'),
  };
}

function show(now, last) {
  const {timeMs, stats, answer} = now;
  const seconds = last && (timeMs - last.timeMs) / 1000;
  const gained = field => (last ? stats[field] - last.stats[field] : undefined);
  const rate = field => (last ? gained(field) / seconds : undefined);
  const rateText = value => (value === undefined ? '–' : perSecond(value));

  const lookups = last && gained('hits') + gained('misses');
  const ratio = lookups ? gained('hits') / lookups : undefined;
  const all = stats.hits + stats.misses;
  const everText = all === 0 ? 'no lookups yet' : `${percent(stats.hits / all)} since the start`;
  charts.hitRatio.add(timeMs, [ratio], ratio === undefined ? '–' : percent(ratio), [everText]);

  const reads = last && lookups / seconds;
  const writes = rate('puts');
  charts.rates.add(timeMs, [reads, writes], rateText(last && reads + writes), [
    element('span', {class: 'first-name'}, `— lookups ${rateText(reads)}`),
    '  ',
    element('span', {class: 'second-name'}, `┄ puts ${rateText(writes)}`),
  ]);
  charts.memory.add(timeMs, [stats.memory], bytes(stats.memory), [
    `${percent(stats.memory / stats.maxMemory)} of ${bytes(stats.maxMemory)}`,
  ]);
  charts.entries.add(timeMs, [stats.entries], count(stats.entries), [
    `${percent(stats.entries / stats.maxEntries)} of ${shortCount(stats.maxEntries)}`,
  ]);
  const evicted = rate('evictions');
  charts.evictions.add(timeMs, [evicted], rateText(evicted), [`${count(stats.evictions)} since the start`]);
  const expired = rate('expirations');
  charts.expiries.add(timeMs, [expired], rateText(expired), [`${count(stats.expirations)} since the start`]);
  showFigures(stats, answer, now.name);
}

function showFigures(stats, {namespaces, watch}, name) {
  const {policy, defaultTtl, maxTtl} = namespaces.find(namespace => namespace.name === name) ?? {};
  byId('figures').replaceChildren(
    ...definitions([
      ['Hits', count(stats.hits)],
      ['Misses', count(stats.misses)],
      ['Puts', count(stats.puts)],
      ['Deletes', count(stats.deletes)],
      ['Touches', count(stats.touches)],
      ['Conditions lost', count(stats.conditionsLost)],
      ['Evictions', count(stats.evictions)],
      ['Expiries', count(stats.expirations)],
      ['Purged', count(stats.purged)],
      ['Policy', policy],
      ['Default TTL', ttlText(defaultTtl)],
      ['Longest TTL', ttlText(maxTtl)],
      ['Watchers', watch && count(Number(watch.watchers ?? 0))],
      ['Events sent to watchers', watch && count(Number(watch.eventsDelivered ?? 0))],
      ['Slowest watcher behind', watch && bytes(Number(watch.slowestLagBytes ?? 0))],
      ['History', watch ? bytes(Number(watch.historyBytes)) : 'off'],
    ]),
  );
}

function ttlText(ttl) {
  return ttl === undefined ? 'none' : duration(Number.parseFloat(ttl) * 1000);
}

function perSecond(value) {
  return `${shortCount(value)}/s`;
}
