import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Series {
  readonly name: string;
  /** A colour of tokens.css. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  /** What it shows, in a sentence: for those who see no picture. */
  readonly said: string;
  /** Seconds since the epoch. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** The steps that its scale may have. */
  readonly steps: readonly number[];
  /** Bars, one upon the other. */
  readonly stacked?: boolean;
}

const HEIGHT = 180;
const DAY_WIDTH = 64;
const HALF_A_DAY = 12 * 60 * 60;
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export function Chart(props: ChartProps) {
  const { title, said, series } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let plot = draw(props, element);
    const again = (): void => {
      plot.destroy();
      plot = draw(props, element);
    };
    const sizes = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    const theme = matchMedia('(prefers-color-scheme: dark)');
    sizes.observe(element);
    theme.addEventListener('change', again);
    return () => {
      sizes.disconnect();
      theme.removeEventListener('change', again);
      plot.destroy();
    };
  }, [props.at, props.series]);
  return (
    <section class="chart">
      <h2>{title}</h2>
      <p class="cut">{said}</p>
      <div ref={place} aria-hidden="true" class="plot" />
      {series.length > 1 && (
        <ul class="legend">
          {series.map(({ name, colour }) => (
            <li key={name}>
              <i data-colour={colour.slice(2)} />
              {name}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function draw({ at, series, format, steps, stacked = false }: ChartProps, element: HTMLElement): uPlot {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui' };
  const values = stacked ? stackedUp(series) : series.map((one) => [...one.values]);
  const bars = uPlot.paths.bars?.({ size: [0.6, 40], align: 0 });
  // Stacked bars are drawn from the highest sum down, so that each covers the one behind it up to its own height.
  const drawn = series.map((one, index) => ({ one, values: values[index] ?? [] }));
  if (stacked) drawn.reverse();
  return new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: true, range: (_, least, most) => [least - HALF_A_DAY, most + HALF_A_DAY] },
        y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          splits: ({ width }) => someOf(at, width / DAY_WIDTH),
          values: (_, splits) => splits.map((split) => day.format(split * 1000)),
          size: 28,
        },
        { ...axis, incrs: [...steps], values: (_, splits) => splits.map(format), size: 56 },
      ],
      series: [
        {},
        ...drawn.map(({ one }) => ({
          label: one.name,
          stroke: colour(one.colour),
          width: stacked ? 0 : 2,
          ...(stacked ? { fill: colour(one.colour), ...(bars === undefined ? {} : { paths: bars }), points: { show: false } } : {}),
        })),
      ],
    },
    [[...at], ...drawn.map((one) => one.values)] as uPlot.AlignedData,
    element,
  );
}

/** So many at most, evenly, the last among them. */
function someOf(at: readonly number[], most: number): number[] {
  const step = Math.max(1, Math.ceil(at.length / Math.max(1, most)));
  return at.filter((_, index) => (at.length - 1 - index) % step === 0);
}

/** Each upon those before it. */
function stackedUp(series: readonly Series[]): number[][] {
  const sums: number[] = [];
  return series.map(({ values }) =>
    values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return sums[index] ?? 0;
    }),
  );
}
