import type { OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { argument, optionOf } from '../matches/module.ts';
import { parseNumber } from '../numbers.ts';
import { badTargetArgument, note, type TargetModule } from './module.ts';

/** A target that changes nothing that a verdict could depend on. */
function noted(name: string, ...specs: readonly string[]): TargetModule {
  return { kind: 'target', name, options: options(...specs), lower: note };
}

/** syslog(3)'s levels; a beginning is enough. */
const LOG_LEVELS = ['alert', 'crit', 'debug', 'emerg', 'error', 'info', 'notice', 'panic', 'warning'];

const log: TargetModule = {
  kind: 'target',
  name: 'LOG',
  options: options(
    'log-level=1',
    'log-prefix=1',
    'log-tcp-sequence',
    'log-tcp-options',
    'log-ip-options',
    'log-uid',
    'log-macdecode',
  ),
  lower(use, context) {
    const level = optionOf(use, 'log-level');
    const text = level === undefined ? '0' : argument(level).text.toLowerCase();
    if (parseNumber(text, 7) !== undefined || LOG_LEVELS.some((name) => name.startsWith(text)))
      return note(use);
    const option = level as OptionUse;
    return badTargetArgument(
      context,
      option,
      argument(option),
      `a number from 0 to 7, or one of ${LOG_LEVELS.join(', ')}`,
    );
  },
};

/** The targets after which the next rule runs and nothing has changed that a condition could see. */
export const NOTED_TARGETS: readonly TargetModule[] = [
  log,
  noted('AUDIT', 'type=1'),
  noted('CHECKSUM', 'checksum-fill'),
  noted('CLASSIFY', 'set-class=1'),
  noted('CONNSECMARK', 'save', 'restore'),
  noted('IDLETIMER', 'timeout=1', 'label=1', 'alarm', 'send_nl_msg=1'),
  noted('LED', 'led-trigger-id=1', 'led-delay=1', 'led-always-blink'),
  noted('NFLOG', 'nflog-group=1', 'nflog-range=1', 'nflog-size=1', 'nflog-threshold=1', 'nflog-prefix=1'),
  noted('RATEEST', 'rateest-name=1', 'rateest-interval=1', 'rateest-ewmalog=1'),
  noted('SECMARK', 'selctx=1'),
  noted('TCPMSS', 'set-mss=1', 'clamp-mss-to-pmtu'),
  noted('TCPOPTSTRIP', 'strip-options=1'),
  noted('TEE', 'gateway=1', 'oif=1'),
  noted('TRACE'),
  noted('ULOG', 'ulog-nlgroup=1', 'ulog-cprange=1', 'ulog-qthreshold=1', 'ulog-prefix=1'),
];
