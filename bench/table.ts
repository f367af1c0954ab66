import type { Figures } from './measure.ts';

/** What postern took: its time by the clock, least to greatest too, of the processor, and its memory. */
export function figureCells({ wall, cpu, memory }: Figures): string[] {
  return [
    seconds(wall.median),
    `${seconds(wall.least)}–${seconds(wall.greatest)}`,
    seconds(cpu.median),
    megabytes(memory.median),
  ];
}

/** A table in Markdown, its columns as wide as their widest cell; numbers stand at the right. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line), ''].join('\n');
}

/** `0.04 s`, `12.3 s` */
export function seconds(value: number): string {
  return `${value.toFixed(value < 1 ? 3 : 2)} s`;
}

/** `85 MB`, in millions of bytes. */
export function megabytes(bytes: number): string {
  return `${bytes < 1e6 ? (bytes / 1e6).toFixed(2) : Math.round(bytes / 1e6)} MB`;
}

/** `3.4 ×` */
export function times(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} ×` : '–';
}

/** 10000 as `10,000`. */
export function thousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
