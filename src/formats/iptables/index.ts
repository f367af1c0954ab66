import type { FormatReader } from '../reader.ts';
import { detectDump } from './detect.ts';
import { readDump } from './lower.ts';

/** Reads what iptables-save and ip6tables-save print, and what people hand to iptables-restore. */
export const iptablesReader: FormatReader = {
  formats: ['iptables-save', 'ip6tables-save'],
  detect: detectDump,
  read: readDump,
};
