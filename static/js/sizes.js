/* Sizes of files in words. */

const UNITS = [[1024 ** 3, "GB"], [1024 ** 2, "MB"], [1024, "kB"]];

/** “1,2 MB”, from bytes. */
export function inWords(bytes) {
  const [unit, name] = UNITS.find(([least]) => bytes >= least) ?? UNITS.at(-1);
  return `${(bytes / unit).toLocaleString("pt-BR", { maximumFractionDigits: unit > 1024 ? 1 : 0 })} ${name}`;
}
