import { configJsonSchema } from '../schema/json-schema.ts';
import { parseSource } from './source.ts';

/** A setting as a person reads it. */
export interface ShownSetting {
  /** `limits.run_time` */
  readonly path: string;
  /** As it is written; what comes from the environment by its name alone, an address without what may be secret in it. */
  readonly value: string;
  readonly from: 'tac8.yaml' | 'environment' | 'default';
  /** In tac8.yaml; null: it does not stand there. */
  readonly line: number | null;
  readonly about: string;
}

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
}

/** Every setting with where it comes from, of a file that was found to be right. */
export function shownSettings(text: string): readonly ShownSetting[] {
  const source = parseSource(text);
  const rows = (node: Node, written: unknown, path: readonly string[]): readonly ShownSetting[] =>
    Object.entries(node.properties ?? {}).flatMap(([name, inner]): readonly ShownSetting[] => {
      const here = [...path, name];
      const value = typeof written === 'object' && written !== null ? Reflect.get(written, name) : undefined;
      if (inner.properties !== undefined) return rows(inner, value, here);
      const about = inner.description ?? '';
      if (value === undefined || value === null)
        return [{ path: here.join('.'), value: told(inner.default), from: 'default', line: null, about }];
      const said = told(value);
      const from = /\$(?!\$)[A-Za-z_{]/.test(said) ? 'environment' : 'tac8.yaml';
      return [{ path: here.join('.'), value: said, from, line: source.locate(here).line, about }];
    });
  return rows(JSON.parse(configJsonSchema()) as Node, source.value ?? {}, []);
}

const MOST = 500;

function told(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s"'/@]*@)?([^\s"'/?#]+)[^\s"',}\]]*/gi, '$1$2/…').slice(0, MOST);
}
