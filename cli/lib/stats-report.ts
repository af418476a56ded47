/** The server's statistics as a person reads them: its limits, then a column for each namespace. */
import {formatBytes, formatDuration} from '../../src/base/index.js';
import type {Duration} from '../../src/gen/google/protobuf/duration.js';
import type {CacheStats, GetStatsResponse} from '../../src/gen/krusty/cache/v1/admin_service.js';
import {formatMoment} from './json.js';
import {table} from './render.js';

export function statsReport(stats: GetStatsResponse): string {
  const server = table([
    ['version', stats.version],
    ['started', stats.startTime ? formatMoment(stats.startTime) : 'unknown'],
    ['revision', stats.revision.toString()],
    ['threads', String(stats.threads)],
    ['watchers', count(stats.watchers)],
    ['limits', `keys ${formatBytes(stats.maxKeyBytes)}, values ${formatBytes(stats.maxValueBytes)}`],
  ]);
  return `${server}\n${columns(namespaceColumns(stats))}`;
}

/** What each row shows of a namespace. */
const rows: readonly (readonly [string, (stats: CacheStats) => string])[] = [
  ['entries', stats => `${count(stats.entries)} / ${count(stats.maxEntries)}`],
  ['memory', stats => `${formatBytes(Number(stats.memoryBytes))} / ${formatBytes(Number(stats.maxMemoryBytes))}`],
  ['hits', stats => count(stats.hits)],
  ['misses', stats => count(stats.misses)],
  ['hit ratio', stats => (stats.hits + stats.misses > 0n ? `${(stats.hitRatio * 100).toFixed(1)} %` : '-')],
  ['puts', stats => count(stats.puts)],
  ['deletes', stats => count(stats.deletes)],
  ['touches', stats => count(stats.touches)],
  ['conditions lost', stats => count(stats.conditionsLost)],
  ['expired', stats => count(stats.expirations)],
  ['evicted, entries', stats => count(stats.evictionsEntries)],
  ['evicted, memory', stats => count(stats.evictionsMemory)],
  ['purged', stats => count(stats.purged)],
  ['expiry lag', stats => duration(stats.expiryLag, '-')],
];

function namespaceColumns(stats: GetStatsResponse): string[][] {
  const names = ['', ...rows.map(([name]) => name), 'default TTL', 'max TTL'];
  const spaces = stats.namespaces.map(space => [
    space.name,
    ...rows.map(([, show]) => (space.stats ? show(space.stats) : '')),
    duration(space.defaultTtl, 'none'),
    duration(space.maxTtl, 'none'),
  ]);
  const {total} = stats;
  if (spaces.length < 2 || !total) return [names, ...spaces];
  return [names, ['all', ...rows.map(([, show]) => show(total)), '', ''], ...spaces];
}

/** The first column to the left, the numbers to the right. */
function columns(cells: readonly (readonly string[])[]): string {
  const widths = cells.map(column => Math.max(...column.map(cell => cell.length)));
  const height = cells[0]?.length ?? 0;
  let text = '';
  for (let row = 0; row < height; row++) {
    const line = cells.map((column, index) => {
      const cell = column[row] ?? '';
      return index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!);
    });
    text += `${line.join('  ').trimEnd()}\n`;
  }
  return text;
}

function count(number: bigint): string {
  return number.toLocaleString('en');
}

function duration(value: Duration | undefined, none: string): string {
  return value ? formatDuration(Number(value.seconds) * 1000 + value.nanos / 1e6) : none;
}
