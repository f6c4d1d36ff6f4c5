/*
 * What a stored value must look like, for every reader of the store: commands that answer at once are among them, and a library that does this
 * takes them longer to load than all that they do. Only what the store's shapes need; a person's settings are read by a library.
 */

export interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

export interface Shape {
  /** What keeps the value from having this shape; empty: it has it. */
  issues(value: unknown): readonly Issue[];
  nullable(): Shape;
  optional(): Shape;
  nullish(): Shape;
  /** Where the value fits so far, it must be so as well. */
  refine(isSo: (value: unknown) => boolean, message: string): Shape;
}

export interface ObjectShape extends Shape {
  readonly fields: Readonly<Record<string, Shape>>;
}

const FITS: readonly Issue[] = [];
const amiss = (message: string): readonly Issue[] => [{ path: [], message }];

function shape(issues: Shape['issues']): Shape {
  const or = (isToo: (value: unknown) => boolean): Shape => shape((value) => (isToo(value) ? FITS : issues(value)));
  return {
    issues,
    nullable: () => or((value) => value === null),
    optional: () => or((value) => value === undefined),
    nullish: () => or((value) => value === null || value === undefined),
    refine: (isSo, message) =>
      shape((value) => {
        const found = issues(value);
        return found.length > 0 || isSo(value) ? found : amiss(message);
      }),
  };
}

const expecting = (what: string, isSo: (value: unknown) => boolean): Shape =>
  shape((value) => (isSo(value) ? FITS : amiss(`expected ${what}, found ${kindOf(value)}`)));

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value);

export const anything = (): Shape => shape(() => FITS);
export const string = (): Shape => expecting('a text', (value) => typeof value === 'string');
/** Infinite ones, and what is none, are no numbers in JSON either. */
export const number = (): Shape => expecting('a number', Number.isFinite);
export const whole = (least: number): Shape =>
  expecting(`a whole number from ${least} on`, (value) => Number.isSafeInteger(value) && Number(value) >= least);
export const boolean = (): Shape => expecting('true or false', (value) => typeof value === 'boolean');
export const oneOf = (values: readonly unknown[]): Shape =>
  expecting(`one of ${values.map((value) => JSON.stringify(value)).join(', ')}`, (value) => values.includes(value));
export const literal = (value: unknown): Shape => oneOf([value]);

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** With what was found before; nothing is made where nothing is amiss, which is nearly always: `report` reads thousands of documents. */
const added = (before: readonly Issue[], step: string, issues: readonly Issue[]): readonly Issue[] =>
  issues.length === 0 ? before : [...before, ...issues.map(({ path, message }) => ({ path: [step, ...path], message }))];

/** Fields that a later version added are no fault. */
export function object(fields: Readonly<Record<string, Shape>>): ObjectShape {
  const named = Object.entries(fields);
  const own = shape((value) => {
    if (!isObject(value)) return amiss(`expected an object, found ${kindOf(value)}`);
    let found = FITS;
    for (const [name, field] of named) found = added(found, name, field.issues(Object.hasOwn(value, name) ? value[name] : undefined));
    return found;
  });
  return { ...own, fields };
}

export const array = (item: Shape): Shape =>
  shape((value) => {
    if (!Array.isArray(value)) return amiss(`expected a list, found ${kindOf(value)}`);
    let found = FITS;
    for (let n = 0; n < value.length; n += 1) found = added(found, String(n), item.issues(value[n]));
    return found;
  });

/** An object of any names with values of one shape. */
export const record = (item: Shape): Shape =>
  shape((value) => {
    if (!isObject(value)) return amiss(`expected an object, found ${kindOf(value)}`);
    let found = FITS;
    for (const name of Object.keys(value)) found = added(found, name, item.issues(value[name]));
    return found;
  });

/** Objects of several shapes, told apart by the field `by`. */
export function variants(by: string, shapes: readonly ObjectShape[]): Shape {
  const known = new Map<unknown, ObjectShape>();
  return shape((value) => {
    if (!isObject(value)) return amiss(`expected an object, found ${kindOf(value)}`);
    const name = value[by];
    const chosen = known.get(name) ?? shapes.find(({ fields }) => fields[by]?.issues(name).length === 0);
    if (chosen === undefined) return amissAt(by);
    known.set(name, chosen);
    return chosen.issues(value);
  });
}

const amissAt = (by: string): readonly Issue[] => added(FITS, by, amiss('is none of those that there are'));
