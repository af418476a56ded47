/**
 * Reads the text format 0.0.4 of Prometheus as strictly as it is written: whatever a
 * parser might take badly is an error here.
 */
export interface Metric {
  name: string;
  type: string;
  help: string;
  samples: {name: string; labels: Record<string, string>; value: number}[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleForm = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]\d+)?)|NaN|[+-]Inf)$/;
const labelForm = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;

export function parseMetrics(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  const seen = new Set<string>();
  let current: Metric | undefined;
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (!metricName.test(name) || metrics.has(name)) throw new Error(`bad or second metric: ${line}`);
      current = {name, type: '', help: rest, samples: []};
      metrics.set(name, current);
    } else if (kind === 'TYPE') {
      if (current?.name !== name || current.type !== '') throw new Error(`no place for a type: ${line}`);
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`no type: ${line}`);
      current.type = rest;
    } else {
      const sample = parseSample(line);
      const owner = current?.type === 'histogram' ? sample.name.replace(/_(bucket|sum|count)$/, '') : sample.name;
      if (owner !== current?.name || current.type === '') throw new Error(`a sample of no metric: ${line}`);
      const identity = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(identity)) throw new Error(`a second ${identity}`);
      seen.add(identity);
      current.samples.push(sample);
    }
  }
  for (const metric of metrics.values()) checkMetric(metric);
  return metrics;
}

function parseSample(line: string): Metric['samples'][number] {
  const [, name, labelText = '', value] = sampleForm.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = labelText; rest !== ''; ) {
    const [whole, label, text] = labelForm.exec(rest) ?? [];
    if (whole === undefined || label! in labels) throw new Error(`bad labels: ${line}`);
    labels[label!] = text!.replaceAll(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char));
    rest = rest.slice(whole.length);
  }
  return {name, labels, value: Number(value!.replace('Inf', 'Infinity'))};
}

function checkMetric({name, type, samples}: Metric): void {
  if (samples.length === 0) throw new Error(`${name} has no samples`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is no name for a ${type}`);
  if (type === 'counter' && samples.some(({value}) => !(value >= 0))) throw new Error(`${name} is below 0`);
  if (type === 'histogram') for (const histogram of histogramsOf(samples)) checkHistogram(name, histogram);
}

/** One for each set of labels besides the bounds. */
function histogramsOf(samples: Metric['samples']): Metric['samples'][] {
  const identity = ({labels: {le: _le, ...labels}}: Metric['samples'][number]) => JSON.stringify(labels);
  const identities = [...new Set(samples.map(identity))];
  return identities.map(each => samples.filter(sample => identity(sample) === each));
}

function checkHistogram(name: string, samples: Metric['samples']): void {
  const buckets = samples.filter(sample => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({labels}) => Number(labels.le!.replace('Inf', 'Infinity')));
  const rises = (numbers: number[]) => numbers.every((number, at) => at === 0 || number >= numbers[at - 1]!);
  const count = samples.find(sample => sample.name === `${name}_count`)?.value;
  if (!rises(bounds) || bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name} has bad bounds`);
  if (!rises(buckets.map(({value}) => value)) || buckets.at(-1)!.value !== count)
    throw new Error(`${name} is not summed`);
}
