import { configJsonSchema } from '../../src/config/schema/json-schema.ts';

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

const BEGIN = '<!-- written by scripts/write-schema.ts from the schema -->\n';
const END = '<!-- end of what is written -->\n';

/** docs/settings.md with its table written anew from the schema; the text around the table stays. Throws where its marks are missing. */
export function withSettingsTable(page: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error(`the page lacks ${from === -1 ? BEGIN : END}`);
  return `${page.slice(0, from)}${BEGIN}${table()}${page.slice(to)}`;
}

function table(): string {
  const rows = rowsOf(JSON.parse(configJsonSchema()) as Node, '');
  return ['| setting | default | what |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function rowsOf({ properties = {} }: Node, before: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const path = `${before}${name}`;
    if (node.properties !== undefined) return rowsOf(node, `${path}.`);
    return [row(path, node), ...(node.items === undefined ? [] : rowsOf(node.items, `${path}[].`))];
  });
}

function row(path: string, node: Node): string {
  const standard =
    node.default === undefined ? '' : `\`${typeof node.default === 'string' ? node.default : JSON.stringify(node.default)}\``;
  const choices = node.enum === undefined ? '' : ` One of ${node.enum.map((one) => `\`${String(one)}\``).join(', ')}.`;
  return `| \`${path}\` | ${standard} | ${`${node.description ?? ''}${choices}`.trim().replaceAll('|', '\\|')} |`;
}
