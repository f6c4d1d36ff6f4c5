/** Foreground colours by SGR code, on the dark ground of the picture. */
const COLOURS: Readonly<Record<number, string>> = {
  30: '#6e7681',
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  37: '#e6edf3',
  90: '#8b949e',
};
const [GROUND, INK, DIM] = ['#0d1117', '#e6edf3', '#8b949e'];
/** Pixels: a character's width and height, and the room around the text. */
const [WIDTH, HEIGHT, EDGE] = [7.8, 18, 14];

interface Style {
  readonly colour: number | null;
  readonly bold: boolean;
  readonly dim: boolean;
}
interface Span extends Style {
  /** Column from 0. */
  readonly at: number;
  readonly text: string;
}
const PLAIN: Style = { colour: null, bold: false, dim: false };

/** What a program wrote to a terminal of so many columns, as an SVG. Colours, bold and dim are kept, other escape sequences left out. */
export function terminalPicture(output: string, columns: number, title: string): string {
  const lines = output.trimEnd().split('\n').flatMap(cutter(columns));
  const [width, height] = [columns * WIDTH + 2 * EDGE, lines.length * HEIGHT + 2 * EDGE];
  const texts = lines.flatMap((line, n) => line.map((span) => draw(span, EDGE + (n + 0.75) * HEIGHT)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" role="img" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>
${texts.join('\n')}
</svg>
`;
}

/** Cuts a line into spans of one style each, and into several lines where it is longer than the terminal is wide. The style goes on. */
function cutter(columns: number): (line: string) => readonly (readonly Span[])[] {
  let style = PLAIN;
  return (line) => {
    const rows: Span[][] = [[]];
    let column = 0;
    for (const [, params, final, text = ''] of line.matchAll(/\u001b\[([\d;?]*)([a-zA-Z])|([^\u001b]+|\u001b)/g)) {
      if (final === 'm') style = (params ?? '').split(';').map(Number).reduce(styled, style);
      for (let rest = [...text.replaceAll(/[\u0000-\u001f\u007f]/g, '')]; rest.length > 0; ) {
        if (column === columns) [column] = [0, rows.push([])];
        const part = rest.splice(0, columns - column);
        rows.at(-1)?.push({ ...style, at: column, text: part.join('') });
        column += part.length;
      }
    }
    return rows;
  };
}

function styled(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: null };
  return code in COLOURS ? { ...style, colour: code } : style;
}

/** The length is set for each span: a font of another width moves nothing. */
function draw({ at, text, colour, bold, dim }: Span, y: number): string {
  if (text.trim() === '') return '';
  const fill = colour === null ? (dim ? DIM : INK) : COLOURS[colour];
  const weight = bold ? ' font-weight="700"' : '';
  const [x, length] = [round(EDGE + at * WIDTH), round([...text].length * WIDTH)];
  return `<text x="${x}" y="${round(y)}" fill="${fill}"${weight} textLength="${length}" xml:space="preserve">${escaped(text)}</text>`;
}

const round = (n: number): number => Math.round(n * 10) / 10;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
