import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Family, SpreadSample } from './families.ts';

/** The families in Prometheus' text format, one registry per page: nothing of an earlier one stays. Those without a value are left out. */
export function renderFamilies(families: readonly Family[]): Promise<string> {
  const registry = new Registry();
  for (const family of families) if (family.samples.length > 0) register(family, registry);
  return registry.metrics();
}

function register(family: Family, registry: Registry): void {
  const { name, help } = family;
  const labelNames = [...new Set(family.samples.flatMap(({ labels }) => Object.keys(labels)))];
  const options = { name, help, labelNames, registers: [registry] };
  switch (family.type) {
    case 'gauge': {
      const gauge = new Gauge(options);
      for (const { labels, value } of family.samples) gauge.set(labels, value);
      return;
    }
    case 'counter': {
      const counter = new Counter(options);
      for (const { labels, value } of family.samples) counter.inc(labels, value);
      return;
    }
    case 'histogram':
      new StoredHistogram(options, family.samples);
  }
}

type Options = { name: string; help: string; labelNames: string[]; registers: Registry[] };
type Values = Awaited<ReturnType<Histogram['get']>>;

/** prom-client's own one only counts what it is told one by one; this one tells what was counted elsewhere, before this daemon started too. */
class StoredHistogram extends Histogram {
  readonly #page: Values;
  constructor(options: Options, samples: readonly SpreadSample[]) {
    super(options);
    const values = samples.flatMap((sample) => linesOf(options.name, sample));
    // Its declarations have an enumeration for the type that the package itself lacks; what it writes is this word.
    this.#page = { name: options.name, help: options.help, type: 'histogram', aggregator: 'sum', values } as unknown as Values;
  }

  override get(): Promise<Values> {
    return Promise.resolve(this.#page);
  }

  /** What the registry asks, for the page. */
  getForPromString(): Promise<Values> {
    return this.get();
  }
}

function linesOf(name: string, { labels, bounds, counts, sum }: SpreadSample): Values['values'] {
  let total = 0;
  const buckets = counts.map((count, n) => {
    total += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[n] ?? '+Inf' }, value: total };
  });
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: total }];
}
