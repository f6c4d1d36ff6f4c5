const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const COUNTS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

export const SIZE_PATTERN = /^(\d+(?:\.\d+)?)(B|[kMGT]B|[KMGT]iB)$/;
export const COUNT_PATTERN = /^(\d+(?:\.\d+)?)([kMG])$/;

/** `2GiB` → 2147483648 bytes; null for anything that is not written as a size. */
export const parseSize = (text: string): number | null => withUnit(text, SIZE_PATTERN, BYTES);

/** `25M` → 25000000; null for anything that is not written as a count. */
export const parseCount = (text: string): number | null => withUnit(text, COUNT_PATTERN, COUNTS);

function withUnit(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | null {
  const [, number, unit] = pattern.exec(text) ?? [];
  const factor = units[unit ?? ''];
  return number === undefined || factor === undefined ? null : Math.round(Number(number) * factor);
}
