/** Metrics, written in the text format 0.0.4 of Prometheus: for each its help, its type and its samples. */

export type Labels = Readonly<Record<string, string>>;

/** One with no value is left out. */
export interface Sample {
  labels?: Labels;
  value: number | undefined;
}

/** How many were at most so large, and not in a smaller bucket; the last bucket has no bound. */
export interface Bucket {
  most: number;
  count: number;
}

export interface Histogram {
  labels: Labels;
  buckets: readonly Bucket[];
  sum: number;
}

export class MetricsText {
  readonly #lines: string[] = [];

  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    this.gauges(name, help, [{labels, value}]);
  }

  gauges(name: string, help: string, samples: readonly Sample[]): void {
    this.#metric(name, 'gauge', help, samples);
  }

  counter(name: string, help: string, value: number): void {
    this.counters(name, help, [{value}]);
  }

  /** `name` ends in `_total`. */
  counters(name: string, help: string, samples: readonly Sample[]): void {
    this.#metric(name, 'counter', help, samples);
  }

  histograms(name: string, help: string, histograms: readonly Histogram[]): void {
    this.#begin(name, 'histogram', help);
    for (const {labels, buckets, sum} of histograms) {
      let count = 0;
      for (const bucket of buckets) {
        count += bucket.count;
        const le = bucket.most === Number.POSITIVE_INFINITY ? '+Inf' : String(bucket.most);
        this.#sample(`${name}_bucket`, {...labels, le}, count);
      }
      this.#sample(`${name}_sum`, labels, sum);
      this.#sample(`${name}_count`, labels, count);
    }
  }

  toString(): string {
    return this.#lines.join('');
  }

  #metric(name: string, type: string, help: string, samples: readonly Sample[]): void {
    if (samples.every(({value}) => value === undefined)) return;
    this.#begin(name, type, help);
    for (const {labels = {}, value} of samples) if (value !== undefined) this.#sample(name, labels, value);
  }

  #begin(name: string, type: string, help: string): void {
    this.#lines.push(
      `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`,
    );
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    this.#lines.push(`${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`);
  }
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
